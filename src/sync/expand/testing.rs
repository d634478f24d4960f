//! A sync in memory, and a short notation for one.
//!
//! ```text
//! user:u in a                          user:u has the entitlement of group a, which is group:a:member
//! group:a in b by a                    so has group:a that of b, and so have all members of a
//! group:a in b by a shallow for user   but only those that are in a by themselves, and users
//! user:u in b from a=true b=false      what an earlier expansion left
//! ```

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow;

use prost::Message as _;

use super::{ExpandStore, Expandable};
use crate::model::v2;
use crate::model::v2::grant_sources::GrantSource;

/// Entitlements and grants of one sync.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    entitlements: BTreeMap<String, v2::Entitlement>,
    /// In the order of storage; the bytes of grants, and those of what they expand from.
    rows: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    by_id: BTreeMap<String, usize>,
    by_entitlement: BTreeMap<String, Vec<usize>>,
    /// The ids of the grants that were put, in order.
    pub(crate) puts: Vec<String>,
    /// Asks to stop when that many destinations are done.
    pub(crate) stop_after: Option<usize>,
    /// How often the grants of each entitlement were read.
    pub(crate) reads: BTreeMap<String, usize>,
}

impl Memory {
    /// What the lines say. Groups exist when they are named.
    pub(crate) fn of(lines: &[&str]) -> Self {
        let mut memory = Self::default();
        for line in lines {
            memory.line(line);
        }
        memory
    }

    fn line(&mut self, line: &str) {
        let mut words = line.split(' ');
        let principal = words.next().unwrap();
        assert_eq!(words.next(), Some("in"), "{line}");
        let group = words.next().unwrap();
        let mut grant = grant(group, principal);
        let mut expandable = v2::GrantExpandable::default();
        let mut mode = "";
        for word in words {
            match (word, mode) {
                ("shallow", _) => expandable.shallow = true,
                ("by" | "for" | "from", _) => mode = word,
                (group, "by") => expandable.entitlement_ids.push(self.group(group)),
                (kind, "for") => expandable.resource_type_ids.push(kind.into()),
                (source, "from") => {
                    let (group, is_direct) = source.split_once('=').unwrap();
                    let source = GrantSource { is_direct: is_direct.parse().unwrap() };
                    let sources = &mut grant.sources.get_or_insert_default().sources;
                    sources.insert(member_of(group), source);
                }
                _ => panic!("{line}"),
            }
        }
        self.group(group);
        let expands = !expandable.entitlement_ids.is_empty();
        self.insert(&grant, expands.then_some(&expandable));
    }

    /// Makes sure that a group exists; returns its entitlement.
    pub(crate) fn group(&mut self, name: &str) -> String {
        let entitlement = entitlement(name);
        let id = entitlement.id.clone();
        self.entitlements.insert(id.clone(), entitlement);
        id
    }

    /// Forgets the entitlement of a group, but not the grants on it.
    pub(crate) fn forget(&mut self, name: &str) {
        self.entitlements.remove(&member_of(name));
    }

    /// Stores a grant as a connector would.
    pub(crate) fn insert(&mut self, grant: &v2::Grant, expandable: Option<&v2::GrantExpandable>) {
        let expansion = expandable.map(prost::Message::encode_to_vec);
        if let Some(&at) = self.by_id.get(&grant.id) {
            self.rows[at] = (grant.encode_to_vec(), expansion);
            return;
        }
        let at = self.rows.len();
        self.rows.push((grant.encode_to_vec(), expansion));
        self.by_id.insert(grant.id.clone(), at);
        self.by_entitlement.entry(grant.entitlement.as_ref().unwrap().id.clone()).or_default().push(at);
    }

    /// All grants, in the order of storage.
    pub(crate) fn grants(&self) -> impl Iterator<Item = v2::Grant> {
        self.rows.iter().map(|(grant, _)| v2::Grant::decode(&**grant).unwrap())
    }

    /// All grants, sorted: `b user:u from a=true immutable`.
    pub(crate) fn show(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.grants().map(|grant| show(&grant)).collect();
        lines.sort();
        lines
    }

    /// All grants by id, as bytes.
    pub(crate) fn content(&self) -> BTreeMap<&str, &(Vec<u8>, Option<Vec<u8>>)> {
        self.by_id.iter().map(|(id, &at)| (id.as_str(), &self.rows[at])).collect()
    }
}

/// The id of the entitlement of a group.
pub(crate) fn member_of(group: &str) -> String {
    format!("group:{group}:member")
}

/// A resource by `type:id`.
pub(crate) fn resource(name: &str) -> v2::Resource {
    let (kind, id) = name.split_once(':').unwrap();
    let id = v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() };
    v2::Resource { id: Some(id), display_name: format!("the {name}"), ..Default::default() }
}

/// The entitlement of a group.
pub(crate) fn entitlement(group: &str) -> v2::Entitlement {
    v2::Entitlement {
        id: member_of(group),
        resource: Some(resource(&format!("group:{group}"))),
        slug: "member".into(),
        display_name: format!("in {group}"),
        ..Default::default()
    }
}

/// A grant on the entitlement of a group, with the slim entitlement that connectors put into grants.
pub(crate) fn grant(group: &str, principal: &str) -> v2::Grant {
    let whole = entitlement(group);
    v2::Grant {
        id: format!("{}:{principal}", whole.id),
        entitlement: Some(v2::Entitlement { id: whole.id, resource: whole.resource, ..Default::default() }),
        principal: Some(resource(principal)),
        ..Default::default()
    }
}

fn group_of(entitlement: &str) -> &str {
    entitlement.strip_prefix("group:").and_then(|rest| rest.strip_suffix(":member")).unwrap_or(entitlement)
}

fn show(grant: &v2::Grant) -> String {
    let key = grant.principal.as_ref().unwrap().id.as_ref().unwrap();
    let group = group_of(&grant.entitlement.as_ref().unwrap().id);
    let mut line = format!("{}:{} in {group}", key.resource_type, key.resource);
    let sources = grant.sources.iter().flat_map(|sources| &sources.sources);
    for (place, (source, GrantSource { is_direct })) in sources.enumerate() {
        line += if place == 0 { " from " } else { " " };
        line += &format!("{}={is_direct}", group_of(source));
    }
    for annotation in &grant.annotations {
        let name = annotation.type_url.strip_prefix("type.googleapis.com/c1.connector.v2.").unwrap();
        assert!(annotation.value.is_empty());
        line += if name == "GrantImmutable" { " immutable" } else { " annotated" };
    }
    line
}

impl ExpandStore for Memory {
    type Error = Infallible;

    fn expandable_grants(&mut self, each: &mut dyn FnMut(Expandable<'_>)) -> Result<(), Infallible> {
        for (grant, expandable) in &self.rows {
            if let Some(expandable) = expandable {
                each(Expandable { grant, expandable });
            }
        }
        Ok(())
    }

    fn entitlement(&mut self, id: &str) -> Result<Option<v2::Entitlement>, Infallible> {
        Ok(self.entitlements.get(id).cloned())
    }

    fn grants_of(&mut self, entitlement: &str, each: &mut dyn FnMut(&[u8])) -> Result<(), Infallible> {
        *self.reads.entry(entitlement.to_owned()).or_default() += 1;
        for &at in self.by_entitlement.get(entitlement).into_iter().flatten() {
            each(&self.rows[at].0);
        }
        Ok(())
    }

    fn put(&mut self, grant: &v2::Grant) -> Result<(), Infallible> {
        self.puts.push(grant.id.clone());
        let expandable = self.by_id.get(&grant.id).and_then(|&at| self.rows[at].1.clone());
        let expandable = expandable.map(|bytes| v2::GrantExpandable::decode(&*bytes).unwrap());
        self.insert(grant, expandable.as_ref());
        Ok(())
    }

    fn destination_done(&mut self, done: usize, _: usize) -> Result<ControlFlow<()>, Infallible> {
        Ok(if self.stop_after == Some(done) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
