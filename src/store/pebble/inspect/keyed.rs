//! What of a record decides the key that it stands under, and the rows of indexes that lead to it.

use super::super::super::record::{Entitlements, Grants, ResourceTypes, Resources};
use super::super::identity::Identity;
use super::super::keys::Space;
use super::super::stamps::Layout;
use super::super::translate::Translate;
use super::indexes::Indexes;
use crate::model::facts;

/// What of a kind of records decides its key and its place in indexes.
pub(super) trait Judged: Translate {
    /// The message that it becomes.
    const MESSAGE: &'static [u8];

    /// The key that it belongs under.
    fn key(record: &Self::Record<'_>, layout: Layout) -> Vec<u8>;

    /// The type that it is counted under.
    fn kind<'a>(record: &Self::Record<'a>) -> Option<&'a [u8]>;

    /// Says which rows of indexes follow from it.
    fn indexed(_: &Self::Record<'_>, _: Layout, _: &mut Indexes) {}
}

impl Judged for ResourceTypes {
    const MESSAGE: &'static [u8] = b"c1.connector.v2.ResourceType";

    fn key(record: &Self::Record<'_>, _: Layout) -> Vec<u8> {
        Space::ResourceTypes.key(&[record.id])
    }

    fn kind<'a>(record: &Self::Record<'a>) -> Option<&'a [u8]> {
        Some(record.id)
    }
}

impl Judged for Resources {
    const MESSAGE: &'static [u8] = b"c1.connector.v2.Resource";

    fn key(record: &Self::Record<'_>, _: Layout) -> Vec<u8> {
        Space::Resources.key(&[record.key.kind, record.key.id])
    }

    fn kind<'a>(record: &Self::Record<'a>) -> Option<&'a [u8]> {
        Some(record.key.kind)
    }

    fn indexed(record: &Self::Record<'_>, _: Layout, indexes: &mut Indexes) {
        if let Some(parent) = record.parent {
            let parts = [parent.kind, parent.id, record.key.kind, record.key.id];
            indexes.children.expect(&Space::Children.key(&parts));
        }
    }
}

impl Judged for Entitlements {
    const MESSAGE: &'static [u8] = b"c1.connector.v2.Entitlement";

    fn key(record: &Self::Record<'_>, layout: Layout) -> Vec<u8> {
        match layout {
            Layout::Structured => Identity::of(record.resource, record.id).key(),
            Layout::Legacy => Space::Entitlements.key(&[record.id]),
        }
    }

    fn kind<'a>(record: &Self::Record<'a>) -> Option<&'a [u8]> {
        Some(record.resource.kind)
    }
}

impl Judged for Grants {
    const MESSAGE: &'static [u8] = b"c1.connector.v2.Grant";

    fn key(record: &Self::Record<'_>, layout: Layout) -> Vec<u8> {
        let [kind, id, flag, tail] = Identity::of(record.resource, record.entitlement).parts();
        match layout {
            Layout::Structured => {
                Space::Grants.key(&[kind, id, flag, tail, record.principal.kind, record.principal.id])
            }
            Layout::Legacy => Space::Grants.key(&[record.id]),
        }
    }

    fn kind<'a>(record: &Self::Record<'a>) -> Option<&'a [u8]> {
        Some(record.resource.kind)
    }

    fn indexed(record: &Self::Record<'_>, layout: Layout, indexes: &mut Indexes) {
        let holder = record.principal;
        let [kind, id, flag, tail] = Identity::of(record.resource, record.entitlement).parts();
        let row = match layout {
            Layout::Structured => Space::ByPrincipal.key(&[holder.kind, holder.id, kind, id, flag, tail]),
            Layout::Legacy => Space::LegacyByPrincipal.key(&[holder.kind, holder.id, record.id]),
        };
        indexes.by_principal.expect(&row);
        let sources = facts::expandable_ids(record.expansion).unwrap_or_default();
        if layout == Layout::Structured && sources.iter().any(|id| !id.trim_ascii().is_empty()) {
            let grant = Space::Grants.key(&[kind, id, flag, tail, holder.kind, holder.id]);
            let parts = Space::Grants.parts(&grant).unwrap_or_default();
            indexes.expandable.expect(&[b"\x03\x07\x05\0", parts].concat());
        }
    }
}
