//! A record of any kind, as the comparison sees it.

use super::Records;
use crate::model::keys::ResourceKey;
use crate::store::{
    Entitlement, EntitlementFilter, Entitlements, Error, Grant, GrantFilter, Grants, Place, Read, Resource,
    ResourceFilter, ResourceType, ResourceTypes, Resources, Scan, Snapshot,
};

/// A record of any kind, lent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Record<'a> {
    ResourceType(ResourceType<'a>),
    Resource(Resource<'a>),
    Entitlement(Entitlement<'a>),
    Grant(Grant<'a>),
}

impl<'a> Record<'a> {
    /// By what it is found on the other side; only resources need a type for it.
    #[inline]
    pub(super) fn key(&self) -> ResourceKey<'a> {
        let of = |id| ResourceKey { kind: &[], id };
        match self {
            Self::ResourceType(kind) => of(kind.id),
            Self::Resource(resource) => resource.key,
            Self::Entitlement(entitlement) => of(entitlement.id),
            Self::Grant(grant) => of(grant.id),
        }
    }

    pub(super) fn records(&self) -> Records {
        match self {
            Self::ResourceType(_) => Records::ResourceTypes,
            Self::Resource(_) => Records::Resources,
            Self::Entitlement(_) => Records::Entitlements,
            Self::Grant(_) => Records::Grants,
        }
    }

    /// The whole record.
    #[inline]
    pub(super) fn message(&self) -> &'a [u8] {
        match self {
            Self::ResourceType(kind) => kind.message,
            Self::Resource(resource) => resource.message,
            Self::Entitlement(entitlement) => entitlement.message,
            Self::Grant(grant) => grant.message,
        }
    }

    /// What is stored beside the message.
    #[inline]
    pub(super) fn expansion(&self) -> &'a [u8] {
        match self {
            Self::Grant(grant) => grant.expansion,
            _ => &[],
        }
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place<'a> {
        match self {
            Self::ResourceType(kind) => kind.place,
            Self::Resource(resource) => resource.place,
            Self::Entitlement(entitlement) => entitlement.place,
            Self::Grant(grant) => grant.place,
        }
    }
}

/// What a scan can leave to the store.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Narrow<'o> {
    pub(super) kind: Option<&'o str>,
    pub(super) principal: Option<ResourceKey<'o>>,
}

/// A kind of record that is compared.
pub(super) trait Family: Read {
    const RECORDS: Records;

    fn scan<'r>(snapshot: Snapshot<'r>, narrow: Narrow<'_>) -> Result<Scan<'r, Self>, Error>
    where
        Self: Sized;

    fn record(record: Self::Record<'_>) -> Record<'_>;
}

impl Family for ResourceTypes {
    const RECORDS: Records = Records::ResourceTypes;

    fn scan<'r>(snapshot: Snapshot<'r>, _: Narrow<'_>) -> Result<Scan<'r, Self>, Error> {
        snapshot.resource_types()
    }

    fn record(record: Self::Record<'_>) -> Record<'_> {
        Record::ResourceType(record)
    }
}

impl Family for Resources {
    const RECORDS: Records = Records::Resources;

    fn scan<'r>(snapshot: Snapshot<'r>, narrow: Narrow<'_>) -> Result<Scan<'r, Self>, Error> {
        snapshot.resources(&ResourceFilter { kind: narrow.kind, key: narrow.principal, parent: None })
    }

    fn record(record: Self::Record<'_>) -> Record<'_> {
        Record::Resource(record)
    }
}

impl Family for Entitlements {
    const RECORDS: Records = Records::Entitlements;

    fn scan<'r>(snapshot: Snapshot<'r>, narrow: Narrow<'_>) -> Result<Scan<'r, Self>, Error> {
        snapshot.entitlements(&EntitlementFilter { kind: narrow.kind, ..Default::default() })
    }

    fn record(record: Self::Record<'_>) -> Record<'_> {
        Record::Entitlement(record)
    }
}

impl Family for Grants {
    const RECORDS: Records = Records::Grants;

    fn scan<'r>(snapshot: Snapshot<'r>, narrow: Narrow<'_>) -> Result<Scan<'r, Self>, Error> {
        snapshot.grants(&GrantFilter { kind: narrow.kind, principal: narrow.principal, ..Default::default() })
    }

    fn record(record: Self::Record<'_>) -> Record<'_> {
        Record::Grant(record)
    }
}
