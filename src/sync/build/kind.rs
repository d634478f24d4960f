//! Resource types.

use prost::Name;

use super::annotations;
use crate::model::v2::{self, resource_type::Trait};

/// Begins a resource type. Its id is the name in lower case with dashes for spaces, until
/// [`id`](ResourceTypeBuilder::id) says otherwise.
///
/// ```
/// use baton::sync::build::{self, Trait};
/// let kind = build::resource_type("Service Account").trait_(Trait::User).build();
/// assert_eq!(kind.id, "service-account");
/// ```
pub fn resource_type(name: impl Into<String>) -> ResourceTypeBuilder {
    let display_name = name.into();
    // Letter by letter, as in the reference: a letter's case must not depend on its neighbours.
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let id = display_name.chars().map(|c| if c == ' ' { '-' } else { lower(c) }).collect();
    ResourceTypeBuilder { kind: v2::ResourceType { id, display_name, ..Default::default() } }
}

/// Makes a resource type.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before `build`"]
pub struct ResourceTypeBuilder {
    kind: v2::ResourceType,
}

impl ResourceTypeBuilder {
    /// Another id than the one made from the name.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.kind.id = id.into();
        self
    }

    /// What its resources are; a type may have several traits.
    pub fn trait_(mut self, item: Trait) -> Self {
        if !self.kind.traits.contains(&i32::from(item)) {
            self.kind.traits.push(item.into());
        }
        self
    }

    /// What it is, for people.
    pub fn description(mut self, words: impl Into<String>) -> Self {
        self.kind.description = words.into();
        self
    }

    /// Its resources offer nothing, and are not asked for entitlements. Grants are still asked for.
    pub fn skip_entitlements(self) -> Self {
        self.mark(&v2::SkipEntitlements {})
    }

    /// Its resources are asked neither for entitlements nor for grants.
    pub fn skip_entitlements_and_grants(self) -> Self {
        self.mark(&v2::SkipEntitlementsAndGrants {})
    }

    /// It is synced only when it is asked for by name.
    pub fn opt_in_required(self) -> Self {
        self.mark(&v2::OptInRequired {})
    }

    /// It is on its way out.
    pub fn deprecated(self) -> Self {
        self.mark(&v2::Deprecated {})
    }

    /// Large changes from one sync to the next are normal for it.
    pub fn skip_sync_anomaly_detection(self) -> Self {
        self.mark(&v2::SkipSyncAnomalyDetection {})
    }

    /// What the connector must be allowed to do in the system to sync it. Another call replaces the list.
    pub fn permissions<P: Into<String>>(self, permissions: impl IntoIterator<Item = P>) -> Self {
        let permissions = permissions.into_iter();
        let permissions =
            permissions.map(|permission| v2::CapabilityPermission { permission: permission.into() });
        self.mark(&v2::CapabilityPermissions { permissions: permissions.collect() })
    }

    /// Its resources are known from elsewhere, and the connector only refers to them.
    pub fn sourced_externally(mut self) -> Self {
        self.kind.sourced_externally = true;
        self
    }

    /// Anything else.
    pub fn annotation<M: Name>(mut self, message: &M) -> Self {
        annotations::append(&mut self.kind.annotations, message);
        self
    }

    /// The resource type.
    #[must_use]
    pub fn build(self) -> v2::ResourceType {
        self.kind
    }

    fn mark<M: Name>(mut self, message: &M) -> Self {
        annotations::update(&mut self.kind.annotations, message);
        self
    }
}
