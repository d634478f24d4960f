//! Ids, each kept once and known by a number.

use std::hash::BuildHasher as _;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

/// Ids that belong to an owner: resources to their type, by its number. Where there are no owners, 0 is.
#[derive(Debug, Default)]
pub(super) struct Interner {
    bytes: Vec<u8>,
    /// The owner of each id, and where its bytes end.
    list: Vec<(u32, usize)>,
    /// Places in `list`.
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Interner {
    /// The number of an id, and whether it is new. Numbers rise from 0, without gaps.
    pub(super) fn intern(&mut self, owner: u32, id: &[u8]) -> (u32, bool) {
        let Self { bytes, list, places, hasher } = self;
        let is_it = |&at: &u32| entry(bytes, list, at) == (owner, id);
        let rehash = |&at: &u32| hasher.hash_one(entry(bytes, list, at));
        match places.entry(hasher.hash_one((owner, id)), is_it, rehash) {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(free) => {
                let at = list.len() as u32;
                free.insert(at);
                bytes.extend_from_slice(id);
                list.push((owner, bytes.len()));
                (at, true)
            }
        }
    }

    /// The number of an id that is known.
    pub(super) fn find(&self, owner: u32, id: &[u8]) -> Option<u32> {
        let is_it = |&at: &u32| entry(&self.bytes, &self.list, at) == (owner, id);
        self.places.find(self.hasher.hash_one((owner, id)), is_it).copied()
    }

    /// The owner and the id behind a number; nothing behind one that was never given out.
    pub(super) fn get(&self, number: u32) -> (u32, &[u8]) {
        entry(&self.bytes, &self.list, number)
    }
}

fn entry<'a>(bytes: &'a [u8], list: &[(u32, usize)], at: u32) -> (u32, &'a [u8]) {
    let at = at as usize;
    let Some(&(owner, end)) = list.get(at) else { return (0, &[]) };
    let start = at.checked_sub(1).and_then(|before| list.get(before)).map_or(0, |(_, end)| *end);
    (owner, bytes.get(start..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_number_for_each_owner() {
        let mut ids = Interner::default();
        assert_eq!(ids.intern(0, b"a"), (0, true));
        assert_eq!(ids.intern(1, b"a"), (1, true));
        assert_eq!(ids.intern(0, b""), (2, true));
        assert_eq!(ids.intern(0, b"a"), (0, false));
        assert_eq!(ids.find(1, b"a"), Some(1));
        assert_eq!(ids.find(1, b""), None);
        assert_eq!((ids.get(1), ids.get(2), ids.get(9)), ((1, &b"a"[..]), (0, &b""[..]), (0, &b""[..])));
    }

    #[test]
    fn numbers_stay_when_it_grows() {
        let mut ids = Interner::default();
        for number in 0..10_000_u32 {
            assert_eq!(ids.intern(number % 7, format!("id-{number}").as_bytes()), (number, true));
        }
        for number in 0..10_000_u32 {
            assert_eq!(ids.find(number % 7, format!("id-{number}").as_bytes()), Some(number));
        }
    }
}
