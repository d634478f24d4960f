//! Keys: a family of records, then a tuple of texts.
//!
//! ```text
//! 03 FAMILY 00 part 00 part 00 part        a record
//! 03 07 INDEX 00 part 00 part …            an index row, whose value is empty
//! 03 06                                    the sync run
//! 03 ff NAME                               what the engine notes about itself
//! ```
//!
//! Inside a part the byte 00 stands as `01 01` and 01 as `01 02`, so that keys sort as the lists of their parts do. A
//! prefix that ends with the 00 behind a part holds exactly the keys with that part.

use std::borrow::Cow;

use crate::model::visible::visible;

/// The first byte of every key.
const FORMAT: u8 = 0x03;
/// Between parts.
const END: u8 = 0x00;
/// In front of what stands for a byte that a part may not hold.
const ESCAPE: u8 = 0x01;
/// The family of indexes.
const INDEX: u8 = 0x07;

/// The sync run.
pub(super) const SYNC_RUN: &[u8] = &[FORMAT, 0x06];
/// Which keyspace this is, a big-endian number.
pub(super) const KEYSPACE_VERSION: &[u8] = b"\x03\xffkeyspace_version";
/// How entitlements and grants are keyed, a big-endian number.
pub(super) const ID_FORMAT: &[u8] = b"\x03\xffgrant_entitlement_id_format";
/// There while the index of grants by principal may lack some.
pub(super) const BY_PRINCIPAL_PENDING: &[u8] = b"\x03\xffdeferred_grant_idx_pending";
/// The counts of the sync.
pub(super) const STATS: &[u8] = b"\x03\xffstats\x00";

/// A kind of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Space {
    /// One part: id.
    ResourceTypes,
    /// Two parts: type, id.
    Resources,
    /// Four parts: type and id of the resource, and [`super::identity::Identity`].
    Entitlements,
    /// Six parts: those of the entitlement, type and id of the principal.
    Grants,
    /// One part: id.
    Assets,
    /// Four parts: those of a parent, those of a child.
    Children,
    /// Six parts: type and id of a principal, those of the entitlement.
    ByPrincipal,
    /// Three parts, among the same keys in the layout before: type and id of a principal, the id of the grant.
    LegacyByPrincipal,
}

impl Space {
    fn head(self) -> &'static [u8] {
        match self {
            Self::ResourceTypes => &[FORMAT, 0x01, END],
            Self::Resources => &[FORMAT, 0x02, END],
            Self::Entitlements => &[FORMAT, 0x03, END],
            Self::Grants => &[FORMAT, 0x04, END],
            Self::Assets => &[FORMAT, 0x05, END],
            Self::Children => &[FORMAT, INDEX, 0x01, END],
            Self::ByPrincipal | Self::LegacyByPrincipal => &[FORMAT, INDEX, 0x04, END],
        }
    }

    /// The key with these parts.
    pub(super) fn key(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut key = self.head().to_vec();
        push_parts(&mut key, parts);
        key
    }

    /// What all keys start with whose first parts are these.
    pub(super) fn prefix(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut prefix = self.key(parts);
        if !parts.is_empty() {
            prefix.push(END);
        }
        prefix
    }

    /// The encoded parts of a key; `None` for a key of another space.
    pub(super) fn parts(self, key: &[u8]) -> Option<&[u8]> {
        key.strip_prefix(self.head())
    }
}

/// Appends parts with separators between them.
pub(super) fn push_parts(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            out.push(END);
        }
        push_escaped(out, part);
    }
}

fn push_escaped(out: &mut Vec<u8>, part: &[u8]) {
    for &byte in part {
        match byte {
            END => out.extend_from_slice(&[ESCAPE, 1]),
            ESCAPE => out.extend_from_slice(&[ESCAPE, 2]),
            other => out.push(other),
        }
    }
}

/// The text of an encoded part; `None` when it holds an escape that stands for nothing.
pub(super) fn unescape(part: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !part.contains(&ESCAPE) {
        return Some(Cow::Borrowed(part));
    }
    let mut text = Vec::with_capacity(part.len());
    let mut bytes = part.iter();
    while let Some(&byte) = bytes.next() {
        text.push(match byte {
            ESCAPE => match bytes.next() {
                Some(1) => END,
                Some(2) => ESCAPE,
                _ => return None,
            },
            other => other,
        });
    }
    Some(Cow::Owned(text))
}

/// The first key above all that start with `prefix`; `None` when there can be none.
pub(super) fn above(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut above = prefix.get(..=last)?.to_vec();
    *above.last_mut()? += 1;
    Some(above)
}

/// Splits encoded parts behind the first `count` of them; `None` when there are no more than that.
pub(super) fn split(parts: &[u8], count: usize) -> Option<(&[u8], &[u8])> {
    let mut ends = parts.iter().enumerate().filter(|(_, byte)| **byte == END);
    let (end, _) = ends.nth(count.checked_sub(1)?)?;
    Some((parts.get(..end)?, parts.get(end + 1..)?))
}

/// The key of the record that an index row leads to: into `out`, false when the row leads nowhere.
pub(super) fn target(index: Space, key: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((named, rest)) = index.parts(key).and_then(|parts| split(parts, 2)) else { return false };
    out.clear();
    match index {
        Space::Children => {
            out.extend_from_slice(Space::Resources.head());
            out.extend_from_slice(rest);
        }
        Space::ByPrincipal => {
            out.extend_from_slice(Space::Grants.head());
            out.extend_from_slice(rest);
            out.push(END);
            out.extend_from_slice(named);
        }
        Space::LegacyByPrincipal => {
            out.extend_from_slice(Space::Grants.head());
            out.extend_from_slice(rest);
        }
        _ => return false,
    }
    true
}

/// A key for people: its parts, separated by `|`.
pub(crate) fn shown(key: &[u8]) -> String {
    let tuple = key.iter().position(|byte| *byte == END).and_then(|head| key.get(head + 1..)).unwrap_or(key);
    let parts = tuple.split(|byte| *byte == END);
    let parts = parts.map(|part| unescape(part).unwrap_or(Cow::Borrowed(part)));
    let parts: Vec<String> =
        parts.map(|part| visible(&String::from_utf8_lossy(&part)).into_owned()).collect();
    parts.join("|")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_as_other_writers_make_them() {
        let key = Space::Grants.key(&[b"group", b"g\0\x01x", b"1", b"admin", b"group", b"g1"]);
        assert_eq!(key, b"\x03\x04\0group\0g\x01\x01\x01\x02x\x001\0admin\0group\0g1");
        assert_eq!(Space::Resources.prefix(&[b"user"]), b"\x03\x02\0user\0");
        assert_eq!(Space::ResourceTypes.prefix(&[]), b"\x03\x01\0");
        assert_eq!(shown(&key), "group|g\\x00\\x01x|1|admin|group|g1");
    }

    #[test]
    fn an_index_row_leads_to_its_record() {
        let mut key = Vec::new();
        assert!(target(Space::Children, b"\x03\x07\x01\0user\0u0\0user\0u1", &mut key));
        assert_eq!(key, b"\x03\x02\0user\0u1");
        let row = b"\x03\x07\x04\0group\0g1\0group\0g\x01\x01\x01\x02x\x001\0admin";
        assert!(target(Space::ByPrincipal, row, &mut key));
        assert_eq!(key, b"\x03\x04\0group\0g\x01\x01\x01\x02x\x001\0admin\0group\0g1");
        assert!(!target(Space::ByPrincipal, b"\x03\x07\x04\0group\0g1", &mut key));
        assert!(!target(Space::Children, row, &mut key));
    }

    #[test]
    fn an_escape_must_stand_for_something() {
        for part in [&b"\x01"[..], b"a\x01\x03", b"\x01\x01\x01"] {
            assert_eq!(unescape(part), None);
        }
        // Undoing one escape after the other would make another text of this.
        assert_eq!(unescape(b"\x01\x02\x01\x01").as_deref(), Some(&b"\x01\0"[..]));
    }

    #[test]
    fn nothing_is_above_the_last_prefix() {
        assert_eq!(above(b"\x03\xff").as_deref(), Some(&b"\x04"[..]));
        assert_eq!(above(b"\xff\xff"), None);
        assert_eq!(above(b""), None);
    }

    fn part() -> impl Strategy<Value = Vec<u8>> {
        vec(prop_oneof![Just(0), Just(1), Just(2), Just(0xff), any::<u8>()], 0..5)
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_parts(a in vec(part(), 1..4), b in vec(part(), 1..4)) {
            let encode = |parts: &[Vec<u8>]| {
                Space::Grants.key(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
            };
            prop_assert_eq!(encode(&a).cmp(&encode(&b)), a.cmp(&b));
        }

        #[test]
        fn parts_come_back(parts in vec(part(), 1..4)) {
            let key = Space::Grants.key(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let encoded = Space::Grants.parts(&key).unwrap();
            let back: Option<Vec<_>> =
                encoded.split(|byte| *byte == END).map(|part| unescape(part).map(Cow::into_owned)).collect();
            prop_assert_eq!(back, Some(parts));
        }

        #[test]
        fn a_prefix_holds_the_keys_with_its_parts(key in vec(part(), 2..4), prefix in vec(part(), 1..2)) {
            let slices = |parts: &[Vec<u8>]| Space::Grants.key(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let bounds = Space::Grants.prefix(&prefix.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let inside = slices(&key) >= bounds && above(&bounds).is_none_or(|above| slices(&key) < above);
            prop_assert_eq!(inside, key.starts_with(&prefix));
        }
    }
}
