//! From stored grants to the graph.

use std::str;

use hashbrown::HashMap;
use prost::Message as _;

use super::graph::{Edge, Graph};
use super::{ExpandError, ExpandStore, Expandable, Flaw, Report};
use crate::model::keys::{GrantKeys, ResourceKey};
use crate::model::v2;

/// Reads which grants expand, and joins the entitlements that they name. Those that do not exist are counted in
/// `report`.
pub(super) fn graph<S: ExpandStore>(
    store: &mut S,
    report: &mut Report,
) -> Result<Graph, ExpandError<S::Error>> {
    let mut graph = Graph::new();
    let mut owners = Owners::default();
    for wish in wishes(store)? {
        for source in &wish.sources {
            match owners.of(source, store)? {
                None => report.dropped_edges.add(source),
                Some(owner) if owner.is(&wish.principal) => {
                    graph.add_edge(source, &wish.destination, &wish.edge);
                }
                Some(owner) => return Err(foreign(&wish, source, owner)),
            }
        }
    }
    Ok(graph)
}

/// What an expandable grant wants.
struct Wish {
    grant: String,
    destination: String,
    principal: Owner,
    sources: Vec<String>,
    edge: Edge,
}

/// All wishes, in the order of storage. They are read before they are looked into, since a store that lends a grant
/// cannot be asked for an entitlement meanwhile.
fn wishes<S: ExpandStore>(store: &mut S) -> Result<Vec<Wish>, ExpandError<S::Error>> {
    let mut wishes = Vec::new();
    let mut outcome = Ok(());
    let read = store.expandable_grants(&mut |expandable| {
        if outcome.is_ok() {
            outcome = Wish::read(expandable).map(|wish| wishes.push(wish));
        }
    });
    read.map_err(ExpandError::Store)?;
    outcome.map_err(|source| ExpandError::Malformed { what: "an expandable grant".into(), source })?;
    Ok(wishes)
}

impl Wish {
    fn read(expandable: Expandable<'_>) -> Result<Self, Flaw> {
        let keys = GrantKeys::read(expandable.grant)?;
        let entitlement = keys.entitlement.and_then(|entitlement| entitlement.id).unwrap_or_default();
        let from = v2::GrantExpandable::decode(expandable.expandable)?;
        let mut sources = from.entitlement_ids;
        sources.retain(|id| !id.trim().is_empty());
        Ok(Self {
            grant: String::from_utf8_lossy(keys.id.unwrap_or_default()).into_owned(),
            destination: str::from_utf8(entitlement)?.to_owned(),
            principal: Owner::of(keys.principal),
            sources,
            edge: Edge::new(from.shallow, from.resource_type_ids),
        })
    }
}

/// The type and the id of a resource, if there is one.
#[derive(PartialEq, Eq)]
struct Owner(Option<(Vec<u8>, Vec<u8>)>);

impl Owner {
    fn of(key: Option<ResourceKey<'_>>) -> Self {
        Self(key.map(|key| (key.kind.to_vec(), key.id.to_vec())))
    }

    /// Whether both are the same, and there is one.
    fn is(&self, other: &Self) -> bool {
        self.0.is_some() && self == other
    }

    /// The name in messages.
    fn name(&self) -> String {
        let Some((kind, id)) = &self.0 else { return String::new() };
        format!("{}/{}", String::from_utf8_lossy(kind), String::from_utf8_lossy(id))
    }
}

/// The resources of entitlements, each looked up once.
#[derive(Default)]
struct Owners(HashMap<String, Option<Owner>>);

impl Owners {
    /// `None` when there is no such entitlement.
    fn of<S: ExpandStore>(
        &mut self,
        entitlement: &str,
        store: &mut S,
    ) -> Result<Option<&Owner>, ExpandError<S::Error>> {
        if !self.0.contains_key(entitlement) {
            let row = store.entitlement(entitlement).map_err(ExpandError::Store)?;
            let owner = row.map(|row| {
                let id = row.resource.and_then(|resource| resource.id);
                Owner(id.map(|id| (id.resource_type.into_bytes(), id.resource.into_bytes())))
            });
            self.0.insert(entitlement.to_owned(), owner);
        }
        Ok(self.0.get(entitlement).and_then(Option::as_ref))
    }
}

fn foreign<E>(wish: &Wish, source: &str, owner: &Owner) -> ExpandError<E> {
    ExpandError::Foreign {
        grant: wish.grant.clone(),
        source_id: source.to_owned(),
        resource: owner.name(),
        principal: wish.principal.name(),
    }
}
