//! Grants.

use prost::Name;
use prost_types::Struct;

use super::annotations;
use super::ids::{AsResource, entitlement_id, grant_id};
use crate::model::v2::{self, resource_type::Trait};

/// Begins the grant of an entitlement to a principal. The entitlement is named as where it began
/// ([`assignment`](super::assignment) and the like); its resource and the principal may each be just an id. No sync
/// accepts a grant whose principal has none.
///
/// ```
/// use baton::sync::build;
/// let (docs, eng) = (build::id("folder", "docs"), build::id("group", "eng"));
/// // Whoever is a member of the group may read the folder.
/// let grant = build::grant(&docs, "reader", &eng).expandable(["group:eng:member"]).build();
/// assert_eq!(grant.id, "folder:docs:reader:group:eng");
/// ```
pub fn grant(resource: &impl AsResource, entitlement: &str, principal: &impl AsResource) -> GrantBuilder {
    let entitlement = v2::Entitlement {
        id: resource.resource_id().map(|id| entitlement_id(id, entitlement)).unwrap_or_default(),
        resource: Some(resource.to_resource()),
        ..Default::default()
    };
    let id = principal.resource_id().map(|id| grant_id(&entitlement.id, id));
    let grant = v2::Grant {
        id: id.unwrap_or_default(),
        entitlement: Some(entitlement),
        principal: Some(principal.to_resource()),
        ..Default::default()
    };
    GrantBuilder { grant, expandable: v2::GrantExpandable::default() }
}

/// Makes a grant.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before `build`"]
pub struct GrantBuilder {
    grant: v2::Grant,
    expandable: v2::GrantExpandable,
}

impl GrantBuilder {
    /// Whoever holds one of these entitlements, named by their ids, inherits the one of this grant.
    pub fn expandable<E: Into<String>>(mut self, entitlements: impl IntoIterator<Item = E>) -> Self {
        for entitlement in entitlements {
            let id = entitlement.into();
            if !self.expandable.entitlement_ids.contains(&id) {
                self.expandable.entitlement_ids.push(id);
            }
        }
        self
    }

    /// Only those inherit who hold such an entitlement directly, and not those who inherit it themselves. Says nothing
    /// without [`expandable`](Self::expandable).
    pub fn shallow(mut self) -> Self {
        self.expandable.shallow = true;
        self
    }

    /// Only resources of these types inherit. Says nothing without [`expandable`](Self::expandable).
    pub fn expands_only_to<K: Into<String>>(mut self, kinds: impl IntoIterator<Item = K>) -> Self {
        self.expandable.resource_type_ids = kinds.into_iter().map(Into::into).collect();
        self
    }

    /// Nobody can revoke it, because it follows from something else.
    pub fn immutable(self) -> Self {
        self.mark(&v2::GrantImmutable::default())
    }

    /// Facts about it; see [`profile`](super::profile()). Another call replaces them.
    pub fn metadata(self, metadata: Struct) -> Self {
        self.mark(&v2::GrantMetadata { metadata: Some(metadata) })
    }

    /// Its resource was not listed as such, and is to be stored with the grant.
    pub fn insert_resource(self) -> Self {
        self.mark(&v2::InsertResourceGrants {})
    }

    /// It is for those principals of another file that have the trait, and the value under the key of their profile.
    pub fn match_external(self, kind: Trait, key: impl Into<String>, value: impl Into<String>) -> Self {
        let resource_type = kind.into();
        self.mark(&v2::ExternalResourceMatch { resource_type, key: key.into(), value: value.into() })
    }

    /// It is for all principals of another file that have the trait.
    pub fn match_external_all(self, kind: Trait) -> Self {
        self.mark(&v2::ExternalResourceMatchAll { resource_type: kind.into() })
    }

    /// It is for the principal of another file that has this id.
    pub fn match_external_id(self, id: impl Into<String>) -> Self {
        self.mark(&v2::ExternalResourceMatchId { id: id.into() })
    }

    /// Anything else.
    pub fn annotation<M: Name>(mut self, message: &M) -> Self {
        annotations::append(&mut self.grant.annotations, message);
        self
    }

    /// The grant. How it expands is its last annotation.
    #[must_use]
    pub fn build(mut self) -> v2::Grant {
        if !self.expandable.entitlement_ids.is_empty() {
            annotations::update(&mut self.grant.annotations, &self.expandable);
        }
        self.grant
    }

    fn mark<M: Name>(mut self, message: &M) -> Self {
        annotations::update(&mut self.grant.annotations, message);
        self
    }
}
