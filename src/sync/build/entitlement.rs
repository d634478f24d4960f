//! Entitlements.

use prost::Name;

use super::annotations;
use super::ids::{AsResource, entitlement_id};
use crate::model::v2::{self, entitlement::PurposeValue};

/// Begins an entitlement that makes its holder a part of the resource, such as the membership of a group.
///
/// ```
/// use baton::sync::build;
/// let eng = build::id("group", "eng");
/// let member = build::assignment(&eng, "member").display_name("Engineering Member").build();
/// assert_eq!((member.id.as_str(), member.slug.as_str()), ("group:eng:member", "member"));
/// ```
pub fn assignment(resource: &impl AsResource, name: impl Into<String>) -> EntitlementBuilder {
    entitlement(resource, name.into(), PurposeValue::Assignment)
}

/// Begins an entitlement that lets its holder do something with the resource.
pub fn permission(resource: &impl AsResource, name: impl Into<String>) -> EntitlementBuilder {
    entitlement(resource, name.into(), PurposeValue::Permission)
}

/// Begins an entitlement that makes its holder responsible for the resource.
pub fn ownership(resource: &impl AsResource, name: impl Into<String>) -> EntitlementBuilder {
    entitlement(resource, name.into(), PurposeValue::Ownership)
}

fn entitlement(resource: &impl AsResource, name: String, purpose: PurposeValue) -> EntitlementBuilder {
    let id = resource.resource_id().map(|id| entitlement_id(id, &name));
    let entitlement = v2::Entitlement {
        resource: Some(resource.to_resource()),
        id: id.unwrap_or_default(),
        display_name: name.clone(),
        purpose: purpose.into(),
        slug: name,
        ..Default::default()
    };
    EntitlementBuilder { entitlement }
}

/// Makes an entitlement. Its id comes from the resource and the name that it began with, its display name and its slug
/// are that name until something else is said.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before `build`"]
pub struct EntitlementBuilder {
    entitlement: v2::Entitlement,
}

impl EntitlementBuilder {
    /// Its name, for people.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.entitlement.display_name = name.into();
        self
    }

    /// What its holder has, for people.
    pub fn description(mut self, words: impl Into<String>) -> Self {
        self.entitlement.description = words.into();
        self
    }

    /// Another short name. The id stays, so grants go on with the name that the entitlement began with.
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.entitlement.slug = slug.into();
        self
    }

    /// The types whose resources may hold it. Another call replaces the list.
    pub fn grantable_to<'k>(mut self, kinds: impl IntoIterator<Item = &'k v2::ResourceType>) -> Self {
        self.entitlement.grantable_to = kinds.into_iter().cloned().collect();
        self
    }

    /// Nobody can grant or revoke it.
    pub fn immutable(self) -> Self {
        self.mark(&v2::EntitlementImmutable::default())
    }

    /// It belongs to a group of entitlements, of which a principal may hold only one. An entitlement is in one such
    /// group at most, so that another of these calls replaces the one before.
    pub fn exclusion_group(self, group: impl Into<String>) -> Self {
        self.exclusion(group.into(), 0, false)
    }

    /// As [`exclusion_group`](Self::exclusion_group), with its place among the others.
    pub fn exclusion_group_at(self, group: impl Into<String>, order: u32) -> Self {
        self.exclusion(group.into(), order, false)
    }

    /// As [`exclusion_group`](Self::exclusion_group), and it is the one to hold when nothing else is asked for.
    pub fn exclusion_group_default(self, group: impl Into<String>) -> Self {
        self.exclusion(group.into(), 0, true)
    }

    /// Anything else.
    pub fn annotation<M: Name>(mut self, message: &M) -> Self {
        annotations::append(&mut self.entitlement.annotations, message);
        self
    }

    /// The entitlement.
    #[must_use]
    pub fn build(self) -> v2::Entitlement {
        self.entitlement
    }

    fn exclusion(self, exclusion_group_id: String, order: u32, is_default: bool) -> Self {
        self.mark(&v2::EntitlementExclusionGroup {
            exclusion_group_id,
            order,
            is_default,
            ..Default::default()
        })
    }

    fn mark<M: Name>(mut self, message: &M) -> Self {
        annotations::update(&mut self.entitlement.annotations, message);
        self
    }
}
