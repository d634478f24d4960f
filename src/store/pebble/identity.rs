//! What an entitlement is keyed by: the resource that offers it, and what its id says beyond that resource.
//!
//! ```text
//! id                    resource       flag  tail
//! group:g1:member       group / g1     1     member         TYPE:ID: is cut off
//! any-other-text        group / g1     0     any-other-text
//! ```

use super::keys::{Space, push_parts};
use crate::model::keys::ResourceKey;

/// An entitlement, by what its key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity<'a> {
    resource: ResourceKey<'a>,
    /// `1` when the id starts with the resource.
    flag: &'static [u8],
    tail: &'a [u8],
}

impl<'a> Identity<'a> {
    /// The entitlement `id` that `resource` offers.
    pub(super) fn of(resource: ResourceKey<'a>, id: &'a [u8]) -> Self {
        let tail = id
            .strip_prefix(resource.kind)
            .and_then(|rest| rest.strip_prefix(b":"))
            .and_then(|rest| rest.strip_prefix(resource.id))
            .and_then(|rest| rest.strip_prefix(b":"));
        match tail {
            Some(tail) => Self { resource, flag: b"1", tail },
            None => Self { resource, flag: b"0", tail: id },
        }
    }

    /// Its four parts.
    pub(super) fn parts(&self) -> [&'a [u8]; 4] {
        [self.resource.kind, self.resource.id, self.flag, self.tail]
    }

    /// Its parts, encoded as in every key that holds them.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push_parts(&mut out, &self.parts());
        out
    }

    /// The key of its record.
    pub(super) fn key(&self) -> Vec<u8> {
        Space::Entitlements.key(&self.parts())
    }
}

/// Every way to read an id as `TYPE:ID:TAIL`. Any part may hold colons, so there can be many: `None` when there are
/// more than `most`.
pub(super) fn splits(id: &[u8], most: usize) -> Option<Vec<Identity<'_>>> {
    let colons: Vec<usize> =
        id.iter().enumerate().filter(|(_, byte)| **byte == b':').map(|(place, _)| place).collect();
    let count = colons.len().checked_sub(1).map_or(Some(0), |less| colons.len().checked_mul(less))? / 2;
    if count > most {
        return None;
    }
    let mut found = Vec::with_capacity(count);
    for (number, &first) in colons.iter().enumerate() {
        for &second in colons.iter().skip(number + 1) {
            let kind = id.get(..first).unwrap_or_default();
            let resource = id.get(first + 1..second).unwrap_or_default();
            found.push(Identity::of(ResourceKey { kind, id: resource }, id));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_starts_with_its_resource_is_cut() {
        let group = ResourceKey { kind: b"group", id: b"g:1" };
        for (id, flag, tail) in [
            (&b"group:g:1:member"[..], &b"1"[..], &b"member"[..]),
            (b"group:g:1:", b"1", b""),
            (b"group:g:1", b"0", b"group:g:1"),
            (b"opaque", b"0", b"opaque"),
            (b"groups:g:1:member", b"0", b"groups:g:1:member"),
        ] {
            assert_eq!(Identity::of(group, id).parts(), [b"group", &b"g:1"[..], flag, tail]);
        }
        let nobody = ResourceKey { kind: b"", id: b"" };
        assert_eq!(Identity::of(nobody, b"::x").parts(), [&b""[..], b"", b"1", b"x"]);
    }

    #[test]
    fn every_split_reads_as_the_id() {
        let parts = |id| splits(id, 10).map(|found| found.iter().map(Identity::parts).collect::<Vec<_>>());
        assert_eq!(
            parts(b"a:b:c:d"),
            Some(vec![
                [&b"a"[..], b"b", b"1", b"c:d"],
                [b"a", b"b:c", b"1", b"d"],
                [b"a:b", b"c", b"1", b"d"],
            ])
        );
        assert_eq!(parts(b"opaque"), Some(vec![]));
        assert_eq!(parts(b"a:b"), Some(vec![]));
        assert_eq!(parts(&[b':'; 5]).map(|found| found.len()), Some(10));
        assert_eq!(parts(&[b':'; 6]), None);
    }
}
