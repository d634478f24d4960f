//! The syncers of a connector by resource type.

use std::collections::{HashMap, HashSet};

use super::build::annotations;
use super::contract::{Connector, ResourceSyncer};
use super::error::{Answer, Code, ConnectorError};
use crate::model::v2;

/// A connector's syncers, in its own order, each with its type.
pub struct Registry<'c> {
    entries: Vec<Entry<'c>>,
    /// Places of entries, by the id of their type.
    places: HashMap<String, usize>,
}

struct Entry<'c> {
    kind: v2::ResourceType,
    syncer: Box<dyn ResourceSyncer + 'c>,
}

impl<'c> Registry<'c> {
    /// Asks the connector for its syncers, and each of them for its type.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] when two are of the same type, when a type says that it lists by type
    /// (`TypeScopedGrants`), and when two event feeds have the same id.
    pub fn of(connector: &'c dyn Connector) -> Answer<Self> {
        let (mut entries, mut places) = (Vec::new(), HashMap::new());
        for syncer in connector.syncers() {
            let kind = syncer.resource_type();
            if places.insert(kind.id.clone(), entries.len()).is_some() {
                let words = format!("the connector has two syncers for the resource type {:?}", kind.id);
                return Err(ConnectorError::new(Code::InvalidArgument, words));
            }
            // Its resources would be asked for one by one, and answer nothing.
            if annotations::has::<v2::TypeScopedGrants>(&kind.annotations)
                || annotations::has::<v2::TypeScopedEntitlements>(&kind.annotations)
            {
                let words = format!("the resource type {:?} lists entitlements or grants by type", kind.id);
                let words = format!("{words}, which no syncer can");
                return Err(ConnectorError::new(Code::InvalidArgument, words));
            }
            entries.push(Entry { kind, syncer });
        }
        let mut feeds = HashSet::new();
        for feed in connector.event_feeds() {
            let id = feed.metadata().id;
            if !feeds.insert(id.clone()) {
                let words = format!("the connector has two event feeds with the id {id:?}");
                return Err(ConnectorError::new(Code::InvalidArgument, words));
            }
        }
        Ok(Self { entries, places })
    }

    /// All resource types, in the connector's order.
    pub fn resource_types(&self) -> impl Iterator<Item = &v2::ResourceType> {
        self.entries.iter().map(|entry| &entry.kind)
    }

    /// All syncers with their types, in the connector's order.
    pub fn syncers(&self) -> impl Iterator<Item = (&v2::ResourceType, &(dyn ResourceSyncer + 'c))> {
        self.entries.iter().map(|entry| (&entry.kind, &*entry.syncer))
    }

    /// The syncer of a type.
    ///
    /// # Errors
    /// [`Code::NotFound`] when there is none.
    pub fn syncer(&self, kind: &str) -> Answer<&(dyn ResourceSyncer + 'c)> {
        let entry = self.places.get(kind).and_then(|&place| self.entries.get(place));
        entry.map(|entry| &*entry.syncer).ok_or_else(|| {
            ConnectorError::new(Code::NotFound, format!("the connector has no resource type {kind:?}"))
        })
    }
}

impl std::fmt::Debug for Registry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| &entry.kind.id)).finish()
    }
}
