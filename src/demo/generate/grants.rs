//! The grants, encoded straight from links: what all grants of one entitlement share is encoded once.
//!
//! ```text
//! Grant   1 entitlement   of a direct grant its id and resource, as connectors write it; else the whole record
//!         2 principal     its id
//!         3 id            ENTITLEMENT:TYPE:ID
//!         4 annotations   GrantImmutable if inherited
//!         5 sources       if inherited, or if held both ways
//! ```

use prost::Message as _;

use super::groups::Edge;
use super::names;
use super::plan::{Plan, Principal};
use super::records::Types;
use super::sort::{Link, Source};
use crate::model::v2;
use crate::model::wire::push_bytes;
use crate::sync::build::annotations;

/// An entitlement as its grants repeat it.
#[derive(Debug, Default)]
struct Shared {
    number: Option<u32>,
    id: String,
    kind: String,
    resource: String,
    /// As direct grants have it.
    brief: Vec<u8>,
    /// As inherited grants have it.
    whole: Vec<u8>,
}

/// A grant, as its row holds it.
#[derive(Debug)]
pub(super) struct Encoded<'a> {
    pub(super) id: &'a str,
    pub(super) entitlement: &'a str,
    pub(super) resource_type: &'a str,
    pub(super) resource: &'a str,
    pub(super) principal_type: &'static str,
    pub(super) principal: &'a str,
    pub(super) data: &'a [u8],
    /// What it expands to.
    pub(super) expansion: Option<&'a [u8]>,
}

/// Encodes grants, one after the other in the same buffers.
#[derive(Debug)]
pub(super) struct Encoder<'p> {
    plan: &'p Plan,
    types: &'p Types,
    sync: u32,
    shared: Shared,
    immutable: Vec<u8>,
    id: String,
    principal: String,
    part: Vec<u8>,
    whole: Vec<u8>,
    data: Vec<u8>,
    expansion: Vec<u8>,
    edges: Vec<Edge>,
    sources: Vec<(String, bool)>,
}

impl<'p> Encoder<'p> {
    pub(super) fn new(plan: &'p Plan, types: &'p Types, sync: u32) -> Self {
        let immutable = annotations::any(&v2::GrantImmutable::default()).encode_to_vec();
        Self {
            plan,
            types,
            sync,
            shared: Shared::default(),
            immutable,
            id: String::new(),
            principal: String::new(),
            part: Vec::new(),
            whole: Vec::new(),
            data: Vec::new(),
            expansion: Vec::new(),
            edges: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// The grant that consists of these links, which differ in their source only.
    pub(super) fn encode(&mut self, link: Link, sources: &[Source]) -> Encoded<'_> {
        self.share(link.entitlement);
        let direct = sources.contains(&Source::OWN);
        let principal = self.plan.principal(link.principal);
        let principal_type = match principal {
            Principal::User(_) => "user",
            Principal::Group(_) => "group",
        };
        self.principal.clear();
        self.plan.push_principal(&mut self.principal, principal, self.sync);
        self.id.clear();
        for part in [&self.shared.id, ":", principal_type, ":", &self.principal] {
            self.id.push_str(part);
        }
        self.data.clear();
        push_bytes(&mut self.data, 1, if direct { &self.shared.brief } else { &self.shared.whole });
        push_resource(&mut self.part, &mut self.whole, principal_type, &self.principal);
        push_bytes(&mut self.data, 2, &self.whole);
        push_bytes(&mut self.data, 3, self.id.as_bytes());
        if !direct {
            push_bytes(&mut self.data, 4, &self.immutable);
        }
        if sources.iter().any(|source| *source != Source::OWN) {
            self.push_sources(sources);
        }
        let expands = match principal {
            Principal::Group(group) if direct => self.expand(group, link.entitlement),
            _ => false,
        };
        Encoded {
            id: &self.id,
            entitlement: &self.shared.id,
            resource_type: &self.shared.kind,
            resource: &self.shared.resource,
            principal_type,
            principal: &self.principal,
            data: &self.data,
            expansion: expands.then_some(&self.expansion),
        }
    }

    /// Gets what the grants of an entitlement share.
    fn share(&mut self, number: u32) {
        if self.shared.number == Some(number) {
            return;
        }
        let whole = self.plan.entitlement(self.types, self.plan.right(number));
        let brief =
            v2::Entitlement { id: whole.id.clone(), resource: whole.resource.clone(), ..Default::default() };
        let key = whole.resource.as_ref().and_then(|resource| resource.id.clone()).unwrap_or_default();
        self.shared = Shared {
            number: Some(number),
            brief: brief.encode_to_vec(),
            whole: whole.encode_to_vec(),
            id: whole.id,
            kind: key.resource_type,
            resource: key.resource,
        };
    }

    /// Where the grant comes from. Sorted by entitlement, with both fields of each entry there even if they
    /// are empty, as connectors write maps.
    fn push_sources(&mut self, sources: &[Source]) {
        self.sources.clear();
        for source in sources {
            self.sources.push(match source.as_group() {
                None => (self.shared.id.clone(), true),
                Some((group, directly)) => (member_of(group), directly),
            });
        }
        self.sources.sort_unstable();
        self.whole.clear();
        for (id, directly) in &self.sources {
            self.part.clear();
            push_bytes(&mut self.part, 1, id.as_bytes());
            push_bytes(&mut self.part, 2, if *directly { &[8, 1] } else { &[] });
            push_bytes(&mut self.whole, 1, &self.part);
        }
        push_bytes(&mut self.data, 5, &self.whole);
    }

    /// Notes what a grant to a group expands to.
    fn expand(&mut self, group: u32, entitlement: u32) -> bool {
        self.plan.edges(group, &mut self.edges);
        let Some(edge) = self.edges.iter().find(|edge| edge.to == entitlement) else { return false };
        let expandable = v2::GrantExpandable {
            entitlement_ids: vec![member_of(group)],
            shallow: edge.shallow,
            resource_type_ids: if edge.users_only { vec!["user".into()] } else { Vec::new() },
        };
        self.expansion = expandable.encode_to_vec();
        true
    }
}

/// The id of the entitlement that members of a group have.
fn member_of(group: u32) -> String {
    let mut id = String::from("group:");
    names::push_group(&mut id, group);
    id.push_str(":member");
    id
}

/// A resource that consists of its id.
fn push_resource(part: &mut Vec<u8>, whole: &mut Vec<u8>, kind: &str, id: &str) {
    part.clear();
    push_bytes(part, 1, kind.as_bytes());
    push_bytes(part, 2, id.as_bytes());
    whole.clear();
    push_bytes(whole, 1, part);
}
