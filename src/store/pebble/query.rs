//! From a filter to the keys that can hold what it admits.
//!
//! | layout | what narrows a scan |
//! |---|---|
//! | structured | type and resource, by the start of the keys; an entitlement, by its parts of them; a principal, by the index that leads to its grants |
//! | legacy | type and resource of resources; an entitlement, by its id; a principal, by the index |
//!
//! Whatever is read is then compared with the filter, so keys only have to hold enough.

use super::super::Error;
use super::super::record::{EntitlementFilter, GrantFilter, ResourceFilter};
use super::identity::Identity;
use super::keys::{Space, above};
use super::{Engine, Layout};
use crate::model::keys::ResourceKey;

/// Keys from `lower` up to, not including, `upper`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) lower: Vec<u8>,
    pub(super) upper: Option<Vec<u8>>,
}

impl Range {
    /// All keys that start with `prefix`.
    pub(super) fn of(prefix: Vec<u8>) -> Self {
        Self { upper: above(&prefix), lower: prefix }
    }
}

/// Which rows are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    /// The records in some ranges, which ascend.
    Ranges(Vec<Range>),
    /// The records that the rows of an index lead to.
    Index(Space, Range),
    /// The records with these keys.
    Keys(Vec<Vec<u8>>),
}

impl Path {
    fn range(prefix: Vec<u8>) -> Self {
        Self::Ranges(vec![Range::of(prefix)])
    }
}

/// Which of them are wanted.
#[derive(Debug, Default)]
pub(in super::super) struct Wanted {
    kind: Option<Vec<u8>>,
    resource: Option<Key>,
    parent: Option<Key>,
    id: Option<Vec<u8>>,
    principal: Option<Key>,
}

/// A [`ResourceKey`] with texts of its own.
#[derive(Debug)]
struct Key {
    kind: Vec<u8>,
    id: Vec<u8>,
}

impl Key {
    fn of(key: ResourceKey<'_>) -> Self {
        Self { kind: key.kind.to_vec(), id: key.id.to_vec() }
    }

    fn is(&self, key: ResourceKey<'_>) -> bool {
        self.kind == key.kind && self.id == key.id
    }
}

impl Wanted {
    /// A resource, or the one that offers an entitlement.
    pub(super) fn resource(&self, key: ResourceKey<'_>) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == key.kind)
            && self.resource.as_ref().is_none_or(|wanted| wanted.is(key))
    }

    pub(super) fn parent(&self, parent: Option<ResourceKey<'_>>) -> bool {
        self.parent.as_ref().is_none_or(|wanted| parent.is_some_and(|parent| wanted.is(parent)))
    }

    /// The id of a resource type or of an entitlement.
    pub(super) fn id(&self, id: &[u8]) -> bool {
        self.id.as_ref().is_none_or(|wanted| *wanted == id)
    }

    pub(super) fn principal(&self, principal: ResourceKey<'_>) -> bool {
        self.principal.as_ref().is_none_or(|wanted| wanted.is(principal))
    }
}

/// Where to read, and what to take of it.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) path: Path,
    pub(super) wanted: Wanted,
    /// It is about all records, or all of a type.
    pub(super) wide: bool,
}

/// The record with a key; `None` for a key of another space.
pub(super) fn with_key(space: Space, key: &[u8]) -> Option<Query> {
    space.parts(key)?;
    Some(Query { path: Path::Keys(vec![key.to_vec()]), wanted: Wanted::default(), wide: false })
}

pub(super) fn resource_types() -> Query {
    Query { path: Path::range(Space::ResourceTypes.prefix(&[])), wanted: Wanted::default(), wide: true }
}

pub(super) fn resource_type(id: &[u8]) -> Query {
    let wanted = Wanted { id: Some(id.to_vec()), ..Wanted::default() };
    Query { path: Path::Keys(vec![Space::ResourceTypes.key(&[id])]), wanted, wide: false }
}

pub(super) fn resources(filter: &ResourceFilter<'_>) -> Query {
    let kind = filter.kind.map(str::as_bytes);
    let path = match (filter.key, filter.parent, kind) {
        (Some(key), _, _) => Path::Keys(vec![Space::Resources.key(&[key.kind, key.id])]),
        (None, Some(parent), Some(kind)) => index(Space::Children, parent, &[kind]),
        (None, Some(parent), None) => index(Space::Children, parent, &[]),
        (None, None, Some(kind)) => Path::range(Space::Resources.prefix(&[kind])),
        (None, None, None) => Path::range(Space::Resources.prefix(&[])),
    };
    let wanted = Wanted {
        kind: kind.map(<[u8]>::to_vec),
        resource: filter.key.map(Key::of),
        parent: filter.parent.map(Key::of),
        ..Wanted::default()
    };
    Query { path, wanted, wide: filter.key.is_none() && filter.parent.is_none() }
}

/// The rows of an index for `key`, narrowed to those that go on with `more`.
fn index(index: Space, key: ResourceKey<'_>, more: &[&[u8]]) -> Path {
    let parts = [&[key.kind, key.id], more].concat();
    Path::Index(index, Range::of(index.prefix(&parts)))
}

pub(super) fn entitlements(engine: &Engine, filter: &EntitlementFilter<'_>) -> Result<Query, Error> {
    let (kind, id) = (filter.kind.map(str::as_bytes), filter.id.map(str::as_bytes));
    let path = match (engine.layout()?, id, filter.resource) {
        (Layout::Structured, Some(id), Some(resource)) => Path::Keys(vec![Identity::of(resource, id).key()]),
        (Layout::Structured, None, resource) => narrowed(Space::Entitlements, kind, resource),
        (_, Some(id), _) => called(engine, id)?,
        (Layout::Legacy, None, _) => Path::range(Space::Entitlements.prefix(&[])),
    };
    let wanted = Wanted {
        kind: kind.map(<[u8]>::to_vec),
        resource: filter.resource.map(Key::of),
        id: id.map(<[u8]>::to_vec),
        ..Wanted::default()
    };
    Ok(Query { path, wanted, wide: filter.resource.is_none() && filter.id.is_none() })
}

/// The keys that an entitlement with this id can have.
fn called(engine: &Engine, id: &[u8]) -> Result<Path, Error> {
    let key = |parts: &Vec<u8>| [Space::Entitlements.prefix(&[]), parts.clone()].concat();
    Ok(Path::Keys(match engine.layout()? {
        Layout::Legacy => vec![Space::Entitlements.key(&[id])],
        Layout::Structured => engine.entitlements_called(id)?.iter().map(key).collect(),
    }))
}

/// The keys that start with a resource, or with a type.
fn narrowed(space: Space, kind: Option<&[u8]>, resource: Option<ResourceKey<'_>>) -> Path {
    Path::range(match (resource, kind) {
        (Some(key), _) => space.prefix(&[key.kind, key.id]),
        (None, Some(kind)) => space.prefix(&[kind]),
        (None, None) => space.prefix(&[]),
    })
}

/// All entitlements with an id.
pub(super) fn entitlements_with(engine: &Engine, id: &[u8]) -> Result<Query, Error> {
    let wanted = Wanted { id: Some(id.to_vec()), ..Wanted::default() };
    Ok(Query { path: called(engine, id)?, wanted, wide: false })
}

/// An entitlement of a resource.
pub(super) fn entitlement_of(resource: ResourceKey<'_>, id: &[u8]) -> Query {
    let wanted = Wanted { resource: Some(Key::of(resource)), id: Some(id.to_vec()), ..Wanted::default() };
    Query { path: Path::Keys(vec![Identity::of(resource, id).key()]), wanted, wide: false }
}

pub(super) fn grants(engine: &Engine, filter: &GrantFilter<'_>) -> Result<Query, Error> {
    let (kind, id) = (filter.kind.map(str::as_bytes), filter.entitlement.map(str::as_bytes));
    let path = match engine.layout()? {
        Layout::Legacy => legacy_grants(engine, filter)?,
        Layout::Structured => structured_grants(engine, filter)?,
    };
    let wanted = Wanted {
        kind: kind.map(<[u8]>::to_vec),
        resource: filter.resource.map(Key::of),
        id: id.map(<[u8]>::to_vec),
        principal: filter.principal.map(Key::of),
        ..Wanted::default()
    };
    Ok(Query { path, wanted, wide: filter.resource.is_none() && filter.entitlement.is_none() })
}

fn legacy_grants(engine: &Engine, filter: &GrantFilter<'_>) -> Result<Path, Error> {
    Ok(match filter.principal {
        Some(principal) if engine.has_principal_index()? => index(Space::LegacyByPrincipal, principal, &[]),
        _ => Path::range(Space::Grants.prefix(&[])),
    })
}

fn structured_grants(engine: &Engine, filter: &GrantFilter<'_>) -> Result<Path, Error> {
    let kind = filter.kind.map(str::as_bytes);
    let entitlements = match (filter.entitlement.map(str::as_bytes), filter.resource) {
        (Some(id), Some(resource)) => vec![Identity::of(resource, id).encoded()],
        // When no entitlement is called that, there may still be grants of it.
        (Some(id), None) => engine.entitlements_called(id)?,
        (None, _) => Vec::new(),
    };
    if !entitlements.is_empty() {
        return Ok(of_entitlements(&entitlements, filter.principal));
    }
    let Some(principal) = filter.principal else {
        return Ok(narrowed(Space::Grants, kind, filter.resource));
    };
    if !engine.has_principal_index()? {
        return Ok(narrowed(Space::Grants, kind, filter.resource));
    }
    Ok(match (filter.resource, kind) {
        (Some(resource), _) => index(Space::ByPrincipal, principal, &[resource.kind, resource.id]),
        (None, Some(kind)) => index(Space::ByPrincipal, principal, &[kind]),
        (None, None) => index(Space::ByPrincipal, principal, &[]),
    })
}

/// The grants of entitlements, whose parts are given, to all or to one.
fn of_entitlements(entitlements: &[Vec<u8>], principal: Option<ResourceKey<'_>>) -> Path {
    let prefix = |parts: &Vec<u8>| [Space::Grants.prefix(&[]), parts.clone(), vec![0]].concat();
    match principal {
        None => Path::Ranges(entitlements.iter().map(|parts| Range::of(prefix(parts))).collect()),
        Some(principal) => {
            let holder = Space::Grants.key(&[principal.kind, principal.id]);
            let holder = Space::Grants.parts(&holder).unwrap_or_default();
            Path::Keys(entitlements.iter().map(|parts| [&*prefix(parts), holder].concat()).collect())
        }
    }
}
