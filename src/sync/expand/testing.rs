//! A sync in memory, and a short notation for one.
//!
//! ```text
//! user:u in a                          user:u has the entitlement of group a, which is group:a:member
//! user:u in a/owner                    another entitlement of that group, group:a:owner
//! group:a in b by a                    so has group:a that of b, and so have all members of a
//! group:a in b by a shallow for user   but only those that are in a by themselves, and users
//! user:u in b from a=true b=false      what an earlier expansion left
//! user:u in b as x                     the id of the grant is x
//! user:u in b annotated                it has an annotation; also: immutable
//! ```

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use prost::Message as _;
use prost_types::Any;

use super::{ExpandStore, Expandable};
use crate::model::v2;
use crate::model::v2::grant_sources::GrantSource;

/// What a store says that takes no more grants.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("full")]
pub(crate) struct Full;

/// A grant and what it expands from, in bytes.
type Row = (Vec<u8>, Option<Vec<u8>>);

/// Entitlements and grants of one sync.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) entitlements: HashMap<String, v2::Entitlement>,
    /// In the order of storage.
    pub(crate) rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    by_entitlement: HashMap<String, Vec<usize>>,
    /// The ids of the grants that were put, in order.
    pub(crate) puts: Vec<String>,
    /// How many grants can be put before it is full.
    pub(crate) room: Option<usize>,
    /// Asks to stop when that many destinations are done.
    pub(crate) stop_after: Option<usize>,
    /// How often the grants of each entitlement were read.
    pub(crate) reads: BTreeMap<String, usize>,
    /// What the store was told about destinations.
    pub(crate) done: Vec<(usize, usize)>,
}

impl Memory {
    /// What the lines say. Groups exist when they are named.
    pub(crate) fn of<T: AsRef<str>>(lines: &[T]) -> Self {
        let mut memory = Self::default();
        for line in lines {
            memory.line(line.as_ref());
        }
        memory
    }

    /// Adds what a line says.
    pub(crate) fn line(&mut self, line: &str) {
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
                ("annotated" | "immutable", _) => grant.annotations.push(annotation(word)),
                ("by" | "for" | "from" | "as", _) => mode = word,
                (id, "as") => grant.id = id.into(),
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

    /// Makes sure that a group exists; returns the id of its entitlement.
    fn group(&mut self, name: &str) -> String {
        let id = member_of(name);
        if !self.entitlements.contains_key(&id) {
            self.entitlements.insert(id.clone(), entitlement(name));
        }
        id
    }

    /// Forgets the entitlement of a group, but not the grants on it.
    pub(crate) fn forget(&mut self, name: &str) {
        self.entitlements.remove(&member_of(name));
    }

    /// Stores a grant as a connector would.
    pub(crate) fn insert(&mut self, grant: &v2::Grant, expandable: Option<&v2::GrantExpandable>) {
        let at = self.place(grant);
        self.rows[at] = (grant.encode_to_vec(), expandable.map(prost::Message::encode_to_vec));
    }

    /// The place of a grant, which keeps the keys that it had first.
    fn place(&mut self, grant: &v2::Grant) -> usize {
        if let Some(&at) = self.by_id.get(&grant.id) {
            return at;
        }
        let at = self.rows.len();
        self.rows.push(Row::default());
        self.by_id.insert(grant.id.clone(), at);
        self.by_entitlement.entry(grant.entitlement.as_ref().unwrap().id.clone()).or_default().push(at);
        at
    }

    /// All grants, in the order of storage.
    pub(crate) fn grants(&self) -> impl Iterator<Item = v2::Grant> {
        self.rows.iter().map(|(grant, _)| v2::Grant::decode(&**grant).unwrap())
    }

    /// All grants as lines, sorted: `user:u in b from a=true immutable`.
    pub(crate) fn show(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.grants().map(|grant| show(&grant)).collect();
        lines.sort();
        lines
    }
}

/// The id of an entitlement of a group.
pub(crate) fn member_of(group: &str) -> String {
    let (group, slug) = group.split_once('/').unwrap_or((group, "member"));
    format!("group:{group}:{slug}")
}

fn annotation(word: &str) -> Any {
    let name = if word == "immutable" { "GrantImmutable" } else { "GrantMetadata" };
    Any { type_url: format!("type.googleapis.com/c1.connector.v2.{name}"), value: Vec::new() }
}

/// A resource by `type:id`.
pub(crate) fn resource(name: &str) -> v2::Resource {
    let (kind, id) = name.split_once(':').unwrap();
    let id = v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() };
    v2::Resource { id: Some(id), display_name: format!("the {name}"), ..Default::default() }
}

/// An entitlement of a group.
pub(crate) fn entitlement(group: &str) -> v2::Entitlement {
    let (owner, slug) = group.split_once('/').unwrap_or((group, "member"));
    v2::Entitlement {
        id: member_of(group),
        resource: Some(resource(&format!("group:{owner}"))),
        slug: slug.into(),
        display_name: format!("{slug} of {owner}"),
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

fn group_of(entitlement: &str) -> String {
    let name = entitlement.strip_prefix("group:").unwrap();
    name.strip_suffix(":member").map_or_else(|| name.replace(':', "/"), str::to_owned)
}

/// A grant as a line, without what it expands from.
pub(crate) fn show(grant: &v2::Grant) -> String {
    let key = grant.principal.as_ref().unwrap().id.as_ref().unwrap();
    let entitlement = &grant.entitlement.as_ref().unwrap().id;
    let principal = format!("{}:{}", key.resource_type, key.resource);
    let mut line = format!("{principal} in {}", group_of(entitlement));
    if grant.id != format!("{entitlement}:{principal}") {
        line += &format!(" as {}", grant.id);
    }
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
    type Error = Full;

    fn expandable_grants(&mut self, each: &mut dyn FnMut(Expandable<'_>)) -> Result<(), Full> {
        for (grant, expandable) in &self.rows {
            if let Some(expandable) = expandable {
                each(Expandable { grant, expandable });
            }
        }
        Ok(())
    }

    fn entitlement(&mut self, id: &str) -> Result<Option<v2::Entitlement>, Full> {
        Ok(self.entitlements.get(id).cloned())
    }

    fn grants_of(&mut self, entitlement: &str, each: &mut dyn FnMut(&[u8])) -> Result<(), Full> {
        *self.reads.entry(entitlement.to_owned()).or_default() += 1;
        for &at in self.by_entitlement.get(entitlement).into_iter().flatten() {
            each(&self.rows[at].0);
        }
        Ok(())
    }

    fn put(&mut self, grant: &v2::Grant) -> Result<(), Full> {
        if self.room == Some(self.puts.len()) {
            return Err(Full);
        }
        self.puts.push(grant.id.clone());
        let at = self.place(grant);
        self.rows[at].0 = grant.encode_to_vec();
        Ok(())
    }

    fn destination_done(&mut self, done: usize, total: usize) -> Result<ControlFlow<()>, Full> {
        self.done.push((done, total));
        Ok(if self.stop_after == Some(done) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
