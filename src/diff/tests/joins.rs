//! Who is joined with whom, however both sides are ordered and however little room there is.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::diff::Field;
use crate::diff::join::{Judge, Open, Walk, Which, join};
use crate::diff::record::Record;
use crate::store::{Error, KeptPlace, Place, ResourceType};

/// A name and what the record holds.
type Item = (u8, u8);

/// A side, with how often it was walked.
struct Side {
    items: Vec<Item>,
    walks: usize,
}

impl Side {
    fn new(items: &[Item]) -> Self {
        Self { items: items.to_vec(), walks: 0 }
    }
}

struct Rows<'s> {
    items: &'s [Item],
    next: usize,
}

impl Open for Side {
    type Walk<'s> = Rows<'s>;

    fn open(&mut self) -> Result<Rows<'_>, Error> {
        self.walks += 1;
        Ok(Rows { items: &self.items, next: 0 })
    }
}

impl Walk for Rows<'_> {
    fn next<R>(&mut self, f: impl FnOnce(&Record<'_>) -> R) -> Result<Option<R>, Error> {
        let Some((name, content)) = self.items.get(self.next) else { return Ok(None) };
        self.next += 1;
        let place = place(self.next);
        let record = ResourceType { id: &[*name], message: &[*content], place };
        Ok(Some(f(&Record::ResourceType(record))))
    }
}

fn place(number: usize) -> Place<'static> {
    Place::Row { table: "rows", row: number as i64 }
}

/// Records are the same when they hold the same.
#[derive(Default)]
struct Same {
    digests: Cell<usize>,
}

impl Judge for Same {
    fn differences(&self, old: &Record<'_>, new: &Record<'_>) -> Option<Vec<Field>> {
        (old.message() != new.message()).then(Vec::new)
    }

    fn digest(&self, _: Which, record: &Record<'_>) -> [u64; 2] {
        self.digests.set(self.digests.get() + 1);
        [u64::from(record.message()[0]), 0]
    }
}

/// A name, and the places on both sides.
type Found = (u8, Option<KeptPlace>, Option<KeptPlace>);

fn joined(old: &[Item], new: &[Item], room: usize) -> Vec<Found> {
    let mut met = join(&mut Side::new(old), &mut Side::new(new), &Same::default(), room).unwrap();
    met.sort_by(|a, b| a.order().cmp(&b.order()));
    met.into_iter().map(|met| (met.name.key().id[0], met.old, met.new)).collect()
}

/// The same by the book: the first of a name with the first of that name, and so on.
fn expected(old: &[Item], new: &[Item]) -> Vec<Found> {
    let by_name = |items: &[Item]| {
        let mut names: BTreeMap<u8, Vec<(u8, KeptPlace)>> = BTreeMap::new();
        for (number, (name, content)) in items.iter().enumerate() {
            names.entry(*name).or_default().push((*content, place(number + 1).keep()));
        }
        names
    };
    let (old, new) = (by_name(old), by_name(new));
    let mut found = Vec::new();
    for name in 0..=u8::MAX {
        let start = found.len();
        let (a, b) =
            (old.get(&name).cloned().unwrap_or_default(), new.get(&name).cloned().unwrap_or_default());
        for pair in 0..a.len().max(b.len()) {
            match (a.get(pair), b.get(pair)) {
                (Some(a), Some(b)) if a.0 == b.0 => {}
                (a, b) => found.push((name, a.map(|a| a.1.clone()), b.map(|b| b.1.clone()))),
            }
        }
        // Created, deleted, modified.
        let kind = |found: &Found| match found {
            (_, None, _) => 0,
            (_, _, None) => 1,
            _ => 2,
        };
        found[start..].sort_by_key(kind);
    }
    found
}

fn distinct(names: impl IntoIterator<Item = u8>) -> Vec<Item> {
    names.into_iter().map(|name| (name, name)).collect()
}

/// How many records were hashed, because they could not be compared at once.
fn hashed(old: &[Item], new: &[Item]) -> usize {
    let judge = Same::default();
    join(&mut Side::new(old), &mut Side::new(new), &judge, usize::MAX).unwrap();
    judge.digests.get()
}

#[test]
fn one_more_does_not_displace_what_follows() {
    let all = distinct(0..200);
    for gone in [1, 3, 20] {
        let mut some = all.clone();
        some.drain(100..100 + gone);
        for (old, new) in [(&all, &some), (&some, &all)] {
            assert_eq!(joined(old, new, usize::MAX), expected(old, new));
            // Those without a counterpart, and about as many of the other side until it is known.
            assert!(hashed(old, new) <= 4 * gone + 4, "{gone}: {}", hashed(old, new));
        }
    }
}

#[test]
fn changes_all_over_leave_the_rest_in_step() {
    let old = distinct(0..250);
    let new: Vec<Item> = old.iter().copied().filter(|(name, _)| name % 10 != 3).collect();
    let (old, new) = (
        old.into_iter().filter(|(name, _)| name % 10 != 7).collect::<Vec<_>>(),
        new.into_iter().map(|(name, content)| (name, content / 50)).collect::<Vec<_>>(),
    );
    assert_eq!(joined(&old, &new, usize::MAX), expected(&old, &new));
    assert!(hashed(&old, &new) <= 50 * 6, "{}", hashed(&old, &new));
}

#[test]
fn what_moved_does_not_keep_the_rest_waiting() {
    let old = distinct(0..200);
    let mut new = old.clone();
    let moved = new.remove(10);
    new.push(moved);
    assert_eq!(joined(&old, &new, usize::MAX), []);
    assert!(hashed(&old, &new) <= 8, "{}", hashed(&old, &new));
}

#[test]
fn equal_names_are_paired_as_they_come() {
    // The second x of the old side stands where the first of the new one does.
    let old = [(b'x', 1), (b'p', 0), (b'x', 2)];
    let new = [(b'q', 0), (b'r', 0), (b'x', 1), (b'x', 2)];
    let found = joined(&old, &new, usize::MAX);
    assert!(found.iter().all(|(name, ..)| *name != b'x'), "{found:?}");
}

#[test]
fn little_room_takes_more_walks() {
    let old = distinct(0..=255);
    let new = distinct((0..=255).rev());
    let walks = |room| {
        let (mut a, mut b) = (Side::new(&old), Side::new(&new));
        assert!(join(&mut a, &mut b, &Same::default(), room).unwrap().is_empty());
        assert_eq!(a.walks, b.walks);
        a.walks
    };
    assert_eq!(walks(usize::MAX), 1);
    let (some, more) = (walks(20_000), walks(4_000));
    assert!(1 < some && some < more, "{some} {more}");
    // A room that holds nothing is given up in the end.
    assert!(walks(0) < 200);
}

fn side() -> impl Strategy<Value = Vec<Item>> {
    vec((0_u8..12, 0_u8..3), 0..30)
}

/// A sequence of names that are all different, and what is made of it.
fn edited() -> impl Strategy<Value = (Vec<Item>, Vec<Item>)> {
    let edits = vec((0_usize..200, 0_u8..4, any::<u8>()), 0..20);
    (0_u8..120, edits).prop_map(|(count, edits)| {
        let old = distinct(0..count);
        let mut new = old.clone();
        for (at, how, content) in edits {
            let at = at % (new.len() + 1);
            match how {
                0 => new.insert(at, (content | 128, content)),
                1 if at < new.len() => drop(new.remove(at)),
                2 if at < new.len() => new[at].1 = content,
                _ if at < new.len() => {
                    let (len, moved) = (new.len(), new.remove(at));
                    new.insert(usize::from(content) % len, moved);
                }
                _ => {}
            }
        }
        (old, new)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_two_sides_are_joined_by_the_book(
        old in side(),
        new in side(),
        room in prop_oneof![Just(usize::MAX), Just(0), Just(700), Just(2_000)],
    ) {
        prop_assert_eq!(joined(&old, &new, room), expected(&old, &new));
    }

    #[test]
    fn edited_sides_are_joined_by_the_book(
        (old, new) in edited(),
        room in prop_oneof![Just(usize::MAX), Just(1_000)],
    ) {
        prop_assert_eq!(joined(&old, &new, room), expected(&old, &new));
        prop_assert_eq!(joined(&new, &old, room), expected(&new, &old));
    }

    #[test]
    fn order_alone_is_no_difference(
        names in Just((0..100).collect::<Vec<u8>>()).prop_shuffle(),
        room in prop_oneof![Just(usize::MAX), Just(3_000)],
    ) {
        prop_assert_eq!(joined(&distinct(0..100), &distinct(names), room), vec![]);
    }
}
