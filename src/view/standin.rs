//! Stand-ins for records that others name and the sync lacks, as the reference tool makes them.

use crate::model::keys::{ResourceKey, push_text};
use crate::model::wire::push_bytes;

/// A resource with its id and a name that says that it is missing.
pub(super) fn resource(key: ResourceKey<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    push_bytes(&mut out, 1, &key.to_message());
    push_text(&mut out, 3, &[b"MISSING RESOURCE (", key.kind, b":", key.id, b")"].concat());
    out
}

/// A resource type with its id and a name that says that it is missing.
pub(super) fn resource_type(id: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_text(&mut out, 1, id);
    push_text(&mut out, 2, &[b"MISSING RESOURCE TYPE (", id, b")"].concat());
    out
}

/// An entitlement with its id and a name that says that it is missing. It has no resource.
pub(super) fn entitlement(id: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_text(&mut out, 2, id);
    push_text(&mut out, 3, &[b"MISSING ENTITLEMENT (", id, b")"].concat());
    out
}
