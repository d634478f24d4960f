//! The waiting room: records of one side whose counterpart has not been met yet.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use hashbrown::{Equivalent, HashMap};

use crate::model::keys::ResourceKey;
use crate::store::KeptPlace;

/// A [`ResourceKey`] with texts of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The type, then the id.
    text: Box<[u8]>,
    kind: usize,
}

impl Name {
    pub(super) fn of(key: ResourceKey<'_>) -> Self {
        Self { text: [key.kind, key.id].concat().into(), kind: key.kind.len() }
    }

    pub(super) fn key(&self) -> ResourceKey<'_> {
        let (kind, id) = self.text.split_at_checked(self.kind).unwrap_or_default();
        ResourceKey { kind, id }
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Lent(self.key()).hash(state);
    }
}

/// A key to look a [`Name`] up by.
struct Lent<'a>(ResourceKey<'a>);

impl Hash for Lent<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.0.kind.len());
        state.write(self.0.kind);
        state.write(self.0.id);
    }
}

impl Equivalent<Name> for Lent<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        self.0 == name.key()
    }
}

/// A keyed hash of a name, equal on both sides.
pub(super) fn hash_of(state: &RandomState, key: ResourceKey<'_>) -> u64 {
    state.hash_one(Lent(key))
}

/// A record that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    /// How many records of its side were read before it.
    pub(super) number: u64,
    /// What it holds, as a keyed hash.
    pub(super) digest: [u64; 2],
    pub(super) place: KeptPlace,
}

/// What one that waits takes beside its name and its place's own bytes: the entry of a table that is three quarters
/// full on average, and what an allocator takes.
const OVERHEAD: usize = 4 * (size_of::<(Name, Waiting)>() + 1) / 3 + 32;

/// The records of one side that wait.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// The first of each name.
    waiting: HashMap<Name, Waiting, RandomState>,
    /// Those behind it; nearly always none.
    more: HashMap<Name, VecDeque<Waiting>, RandomState>,
    size: usize,
    /// The number of the one that came last.
    newest: Option<u64>,
}

impl Room {
    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn holds(&self, key: ResourceKey<'_>) -> bool {
        !self.waiting.is_empty() && self.waiting.contains_key(&Lent(key))
    }

    /// Whether `one` came last of all that ever waited here.
    pub(super) fn is_newest(&self, one: &Waiting) -> bool {
        self.newest == Some(one.number)
    }

    /// Adds one behind those with its name.
    pub(super) fn push(&mut self, key: ResourceKey<'_>, one: Waiting) {
        self.newest = Some(one.number);
        self.size += size(key, &one);
        if self.holds(key) {
            self.more.entry(Name::of(key)).or_default().push_back(one);
        } else {
            self.waiting.insert(Name::of(key), one);
        }
    }

    /// Takes the first of those with a name.
    pub(super) fn take(&mut self, key: ResourceKey<'_>) -> Option<Waiting> {
        if self.waiting.is_empty() {
            return None;
        }
        let one = match self.next_of(key) {
            Some(next) => self.waiting.insert(Name::of(key), next)?,
            None => self.waiting.remove(&Lent(key))?,
        };
        self.size = self.size.saturating_sub(size(key, &one));
        Some(one)
    }

    /// The one behind the first of a name.
    fn next_of(&mut self, key: ResourceKey<'_>) -> Option<Waiting> {
        if self.more.is_empty() {
            return None;
        }
        let queue = self.more.get_mut(&Lent(key))?;
        let next = queue.pop_front();
        if queue.is_empty() {
            self.more.remove(&Lent(key));
        }
        next
    }

    /// All that are left, in no order.
    pub(super) fn into_left(self) -> impl Iterator<Item = (Name, Waiting)> {
        let more = self.more.into_iter().flat_map(|(name, queue)| {
            queue.into_iter().map(move |one| (name.clone(), one)).collect::<Vec<_>>()
        });
        self.waiting.into_iter().chain(more)
    }
}

fn size(key: ResourceKey<'_>, one: &Waiting) -> usize {
    OVERHEAD + key.kind.len() + key.id.len() + one.place.size()
}
