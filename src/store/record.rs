//! The one currency of the store: a borrowed record, key columns plus the bytes of its message.

use super::place::Place;
use crate::model::keys::ResourceKey;

/// A resource type. `message` is a `c1.connector.v2.ResourceType`.
#[derive(Debug, Clone, Copy)]
pub struct ResourceType<'a> {
    /// Its id.
    pub id: &'a [u8],
    /// The whole record.
    pub message: &'a [u8],
    /// Where it stands.
    pub place: Place<'a>,
}

/// A resource. `message` is a `c1.connector.v2.Resource`.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// Its type and id.
    pub key: ResourceKey<'a>,
    /// Type and id of the resource that it belongs to.
    pub parent: Option<ResourceKey<'a>>,
    /// The whole record.
    pub message: &'a [u8],
    /// Where it stands.
    pub place: Place<'a>,
}

/// An entitlement. `message` is a `c1.connector.v2.Entitlement`.
#[derive(Debug, Clone, Copy)]
pub struct Entitlement<'a> {
    /// Its id.
    pub id: &'a [u8],
    /// The resource that offers it.
    pub resource: ResourceKey<'a>,
    /// The whole record.
    pub message: &'a [u8],
    /// Where it stands.
    pub place: Place<'a>,
}

/// A grant. `message` is a `c1.connector.v2.Grant` with its entitlement and principal filled in, however slim the
/// row is. Whether it repeats the expansion depends on the engine, and JSON follows it in that.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// Its id.
    pub id: &'a [u8],
    /// The id of the entitlement that is granted.
    pub entitlement: &'a [u8],
    /// The resource that offers the entitlement.
    pub resource: ResourceKey<'a>,
    /// Who holds it.
    pub principal: ResourceKey<'a>,
    /// The `c1.connector.v2.GrantSources` of an inherited grant, else empty.
    pub sources: &'a [u8],
    /// The `c1.connector.v2.GrantExpandable` of an expandable grant, else empty.
    pub expansion: &'a [u8],
    /// The whole record.
    pub message: &'a [u8],
    /// Where it stands.
    pub place: Place<'a>,
}

/// The four kinds of records, as types that scans are generic over.
pub trait Family {
    /// What a scan yields.
    type Record<'a>;
}

/// All resource types.
#[derive(Debug)]
pub enum ResourceTypes {}
/// Resources.
#[derive(Debug)]
pub enum Resources {}
/// Entitlements.
#[derive(Debug)]
pub enum Entitlements {}
/// Grants.
#[derive(Debug)]
pub enum Grants {}

impl Family for ResourceTypes {
    type Record<'a> = ResourceType<'a>;
}
impl Family for Resources {
    type Record<'a> = Resource<'a>;
}
impl Family for Entitlements {
    type Record<'a> = Entitlement<'a>;
}
impl Family for Grants {
    type Record<'a> = Grant<'a>;
}

/// Which resources; all conditions hold together.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceFilter<'a> {
    /// Of this type.
    pub kind: Option<&'a str>,
    /// This one.
    pub key: Option<ResourceKey<'a>>,
    /// The children of this one.
    pub parent: Option<ResourceKey<'a>>,
}

/// Which entitlements; all conditions hold together.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntitlementFilter<'a> {
    /// Offered by resources of this type.
    pub kind: Option<&'a str>,
    /// Offered by this resource.
    pub resource: Option<ResourceKey<'a>>,
    /// This one.
    pub id: Option<&'a str>,
}

/// Which grants; all conditions hold together.
#[derive(Debug, Clone, Copy, Default)]
pub struct GrantFilter<'a> {
    /// Of entitlements offered by resources of this type.
    pub kind: Option<&'a str>,
    /// Of entitlements offered by this resource.
    pub resource: Option<ResourceKey<'a>>,
    /// Of this entitlement.
    pub entitlement: Option<&'a str>,
    /// To this principal.
    pub principal: Option<ResourceKey<'a>>,
}
