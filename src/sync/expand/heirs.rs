//! Who inherits at one node, and from which entitlements.

use std::hash::BuildHasher as _;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::graph::{Edge, Node};
use super::{ExpandError, ExpandStore, Flaw, read_grants};
use crate::model::keys::{ResourceKey, ResourceKeys};
use crate::model::wire::{Fields, Malformed, Value};

/// The principals that pass to a node. All its entitlements inherit the same.
#[derive(Default)]
pub(super) struct Heirs {
    /// The entitlements that they come from, sorted.
    sources: Vec<String>,
    list: Vec<Heir>,
    /// Places in `list`, by type and id.
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Places in `list`, sorted by type and id.
    order: Vec<u32>,
}

/// A principal that inherits.
pub(super) struct Heir {
    kind: Box<[u8]>,
    id: Box<[u8]>,
    /// Its `c1.connector.v2.Resource`, as in the first grant that passed.
    pub(super) principal: Box<[u8]>,
    /// Places in the sources, ascending, and whether the principal holds that one by itself.
    from: Vec<(u32, bool)>,
}

impl Heir {
    fn key(&self) -> ResourceKey<'_> {
        ResourceKey { kind: &self.kind, id: &self.id }
    }
}

impl Heirs {
    /// Reads the grants of all entitlements that `node` inherits from.
    pub(super) fn of<S: ExpandStore>(
        node: &Node,
        nodes: &[Node],
        store: &mut S,
    ) -> Result<Self, ExpandError<S::Error>> {
        let mut heirs = Self::default();
        for ((source, edge), place) in node.sources(nodes).into_iter().zip(0..) {
            read_grants(store, source, |message| heirs.admit(message, source, place, edge))?;
            heirs.sources.push(source.to_owned());
        }
        heirs.order = (0..heirs.list.len() as u32).collect();
        let list = &heirs.list;
        heirs.order.sort_unstable_by_key(|&at| list.get(at as usize).map(Heir::key));
        Ok(heirs)
    }

    /// Takes in the principal of a grant on the source at `place`, if it passes.
    fn admit(&mut self, message: &[u8], source: &str, place: u32, edge: &Edge) -> Result<(), Flaw> {
        let Some(row) = Row::read(message)? else { return Ok(()) };
        let direct = row.is_direct(source)?;
        if !edge.passes(row.key.kind, direct) {
            return Ok(());
        }
        let at = self.place_of(&row);
        if let Some(Heir { from, .. }) = self.list.get_mut(at as usize) {
            match from.last_mut() {
                Some((last, known)) if *last == place => *known |= direct,
                _ => from.push((place, direct)),
            }
        }
        Ok(())
    }

    /// The place of a principal, which is at the end if it is new.
    fn place_of(&mut self, row: &Row<'_>) -> u32 {
        let Self { list, places, hasher, .. } = self;
        let is_it = |&at: &u32| list.get(at as usize).is_some_and(|heir| heir.key() == row.key);
        let rehash = |&at: &u32| list.get(at as usize).map_or(0, |heir| hasher.hash_one(heir.key()));
        match places.entry(hasher.hash_one(row.key), is_it, rehash) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let at = list.len() as u32;
                free.insert(at);
                list.push(Heir {
                    kind: row.key.kind.into(),
                    id: row.key.id.into(),
                    principal: row.principal.into(),
                    from: Vec::new(),
                });
                at
            }
        }
    }

    /// Whether nobody inherits.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many inherit.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The place of a principal.
    pub(super) fn find(&self, key: ResourceKey<'_>) -> Option<usize> {
        let is_it = |&at: &u32| self.list.get(at as usize).is_some_and(|heir| heir.key() == key);
        self.places.find(self.hasher.hash_one(key), is_it).map(|&at| at as usize)
    }

    /// The heir at a place.
    pub(super) fn get(&self, place: usize) -> Option<&Heir> {
        self.list.get(place)
    }

    /// All heirs and their places, sorted by type and id.
    pub(super) fn sorted(&self) -> impl Iterator<Item = (usize, &Heir)> {
        self.order.iter().filter_map(|&at| Some((at as usize, self.list.get(at as usize)?)))
    }

    /// The entitlements that `heir` inherits from, and whether it holds them by itself.
    pub(super) fn sources<'a>(&'a self, heir: &'a Heir) -> impl Iterator<Item = (&'a str, bool)> {
        heir.from
            .iter()
            .filter_map(|&(place, direct)| Some((self.sources.get(place as usize)?.as_str(), direct)))
    }
}

/// What expansion looks at in a stored grant.
pub(super) struct Row<'a> {
    /// The `c1.connector.v2.Resource`.
    principal: &'a [u8],
    /// Its type and id.
    pub(super) key: ResourceKey<'a>,
    /// The `c1.connector.v2.GrantSources`.
    pub(super) sources: &'a [u8],
}

impl<'a> Row<'a> {
    /// Reads a `c1.connector.v2.Grant`; `None` if its principal has no id.
    pub(super) fn read(message: &'a [u8]) -> Result<Option<Self>, Malformed> {
        let (mut principal, mut sources): (&[u8], &[u8]) = (&[], &[]);
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (2, Value::Bytes(resource)) => principal = resource,
                (5, Value::Bytes(message)) => sources = message,
                _ => {}
            }
        }
        let key = ResourceKeys::read(principal)?.key;
        Ok(key.map(|key| Self { principal, key, sources }))
    }

    /// Whether the principal holds the entitlement of the grant by itself: the grant has no sources, or the entitlement
    /// is one of them.
    fn is_direct(&self, entitlement: &str) -> Result<bool, Malformed> {
        let mut any = false;
        let mut walk = Fields::of(self.sources);
        while let Some((number, value)) = walk.next_field()? {
            let (1, Value::Bytes(entry)) = (number, value) else { continue };
            any = true;
            if entry_key(entry)? == entitlement.as_bytes() {
                return Ok(true);
            }
        }
        Ok(!any)
    }
}

/// The key of an entry of a map.
fn entry_key(entry: &[u8]) -> Result<&[u8], Malformed> {
    let mut key: &[u8] = &[];
    let mut walk = Fields::of(entry);
    while let Some((number, value)) = walk.next_field()? {
        if let (1, Value::Bytes(text)) = (number, value) {
            key = text;
        }
    }
    Ok(key)
}
