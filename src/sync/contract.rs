//! The two traits that every connector has, and what their calls take and return.

use prost_types::Any;

use super::actions::{Actions, EventFeed};
use super::error::Answer;
use super::provision::{
    AccountManager, CredentialRotator, Provisioner, ResourceDeleter, ResourceManager, StaticEntitlements,
    Targeted,
};
use super::session::Session;
use crate::model::v2;

/// A connector: it knows one system, and what is in it.
pub trait Connector {
    /// Its name and looks. Capabilities are filled in from the traits that it implements.
    ///
    /// # Errors
    /// What the system says, where that must be asked.
    fn metadata(&self) -> Answer<v2::ConnectorMetadata>;

    /// Checks configuration and credentials before anything is synced.
    ///
    /// # Errors
    /// What is wrong with them.
    fn validate(&self) -> Answer<()> {
        Ok(())
    }

    /// One syncer for each resource type, in the order in which they shall be listed.
    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>>;

    /// Actions that belong to no resource type.
    fn actions(&self) -> Option<&dyn Actions> {
        None
    }

    /// Streams of what happens in the system.
    fn event_feeds(&self) -> Vec<Box<dyn EventFeed + '_>> {
        Vec::new()
    }
}

/// Knows the resources of one type. Every list comes in pages.
///
/// The engine calls these methods stage by stage: all resources of all types first, then all entitlements, then all
/// grants. Within a stage no order is promised.
pub trait ResourceSyncer {
    /// The type; asked more than once.
    fn resource_type(&self) -> v2::ResourceType;

    /// A page of the resources of this type: those without a parent, or the children of `parent`.
    ///
    /// It is asked for children only of resources with a `ChildResourceType` annotation that names this type.
    ///
    /// # Errors
    /// Transient ones are tried again, [`Code::NotFound`](super::Code::NotFound) gives up on this list with
    /// a warning, everything else stops the sync. The same holds for the two calls below.
    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>>;

    /// A page of what `resource` offers.
    ///
    /// # Errors
    /// As for [`ResourceSyncer::list`].
    fn entitlements(&self, resource: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        let _ = (resource, request);
        Ok(Page::default())
    }

    /// A page of who holds what `resource` offers.
    ///
    /// # Errors
    /// As for [`ResourceSyncer::list`].
    fn grants(&self, resource: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Grant>> {
        let _ = (resource, request);
        Ok(Page::default())
    }

    /// Entitlements that all resources of the type offer alike.
    fn static_entitlements(&self) -> Option<&dyn StaticEntitlements> {
        None
    }

    /// Fetches single resources, for syncs of a few of them.
    fn targeted(&self) -> Option<&dyn Targeted> {
        None
    }

    /// Grants and revokes the entitlements of these resources.
    fn provisioner(&self) -> Option<&dyn Provisioner> {
        None
    }

    /// Creates accounts, which are resources of this type.
    fn account_manager(&self) -> Option<&dyn AccountManager> {
        None
    }

    /// Creates and deletes resources of this type.
    fn manager(&self) -> Option<&dyn ResourceManager> {
        None
    }

    /// Deletes resources of this type, for types whose resources cannot be created.
    fn deleter(&self) -> Option<&dyn ResourceDeleter> {
        None
    }

    /// Replaces the credentials of resources of this type.
    fn rotator(&self) -> Option<&dyn CredentialRotator> {
        None
    }

    /// Actions on resources of this type.
    fn actions(&self) -> Option<&dyn Actions> {
        None
    }
}

/// What a listing call is given beside its subject.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Which page: empty for the first, else what the page before named as the next.
    pub token: &'a str,
    /// The id of the sync that asks.
    pub sync_id: &'a str,
    /// A place for what calls of the same sync want to know from each other.
    pub session: &'a dyn Session,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The records, in any number.
    pub items: Vec<T>,
    /// The token of the page after this one; empty for the last. The engine does not look into it.
    pub next: String,
    /// Words to the engine about the page as a whole.
    pub annotations: Vec<Any>,
}

impl<T> Page<T> {
    /// The last page, or the only one.
    pub fn last(items: impl IntoIterator<Item = T>) -> Self {
        Self { items: items.into_iter().collect(), next: String::new(), annotations: Vec::new() }
    }

    /// A page after which the one of the token `next` comes; an empty `next` makes it the last.
    pub fn then(items: impl IntoIterator<Item = T>, next: impl Into<String>) -> Self {
        Self { next: next.into(), ..Self::last(items) }
    }
}

/// Nothing, and nothing after it.
impl<T> Default for Page<T> {
    fn default() -> Self {
        Self::last([])
    }
}
