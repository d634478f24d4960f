//! Resources.

use prost::Name;
use prost_types::{Any, Struct, Timestamp};

use super::annotations;
use super::ids::{ObjectId, id};
use super::traits::{ResourceTrait, Shared};
use crate::model::facts::Status;
use crate::model::v2;

/// Begins a resource of a type, with the id that it has in the system.
///
/// ```
/// use baton::sync::build::{self, Trait};
/// let project = build::resource_type("Project").build();
/// let org = build::id("org", "acme");
/// let site = build::resource(&project, 12, "Web Site").parent(&org).description("www").build();
/// assert_eq!(site.id, Some(build::id("project", "12")));
/// ```
pub fn resource(
    kind: &v2::ResourceType,
    object: impl Into<ObjectId>,
    name: impl Into<String>,
) -> ResourceBuilder {
    let id = Some(id(&kind.id, object));
    ResourceBuilder::from(v2::Resource { id, display_name: name.into(), ..Default::default() })
}

/// Makes a resource, or changes one that is there (`ResourceBuilder::from`).
///
/// Annotations keep the order of the calls; traits follow all of them.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before `build`"]
pub struct ResourceBuilder {
    resource: v2::Resource,
    traits: Vec<(Any, Shared)>,
}

impl From<v2::Resource> for ResourceBuilder {
    fn from(resource: v2::Resource) -> Self {
        Self { resource, traits: Vec::new() }
    }
}

impl ResourceBuilder {
    /// The resource that it is a part of.
    pub fn parent(mut self, parent: &v2::ResourceId) -> Self {
        self.resource.parent_resource_id = Some(parent.clone());
        self
    }

    /// What it is, for people.
    pub fn description(mut self, words: impl Into<String>) -> Self {
        self.resource.description = words.into();
        self
    }

    /// Facts without a field of their own; see [`profile`](super::profile()).
    pub fn profile(mut self, profile: Struct) -> Self {
        self.resource.profile = Some(profile);
        self
    }

    /// The asset with its picture.
    pub fn icon(mut self, asset: impl Into<String>) -> Self {
        self.resource.icon = Some(v2::AssetRef { id: asset.into() });
        self
    }

    /// Whether it is in use, and why not. That of a user, said in its trait, comes here by itself.
    pub fn status(mut self, status: Status, details: impl Into<String>) -> Self {
        self.resource.status = Some(v2::Status { status: number(status), details: details.into() });
        self
    }

    /// When it was made, in the system.
    pub fn created_at(mut self, time: impl Into<Timestamp>) -> Self {
        self.resource.created_at = Some(time.into());
        self
    }

    /// The id by which the system itself knows it, where that is another one.
    pub fn raw_id(self, id: impl Into<String>) -> Self {
        self.mark(&v2::RawId { id: id.into() })
    }

    /// Where people find it; an address that starts with `https://`.
    pub fn external_link(self, url: impl Into<String>) -> Self {
        self.mark(&v2::ExternalLink { url: url.into() })
    }

    /// Other ids that it is known by: up to 100, of up to 256 bytes each; equal ones count once.
    pub fn aliases<A: Into<String>>(self, aliases: impl IntoIterator<Item = A>) -> Self {
        let mut ids: Vec<String> = Vec::new();
        for alias in aliases {
            let alias = alias.into();
            if !ids.contains(&alias) {
                ids.push(alias);
            }
        }
        if ids.is_empty() { self } else { self.mark(&v2::Aliases { ids }) }
    }

    /// It has children of the type with this id, and the syncer of that type is asked for them. May be said for
    /// several types.
    pub fn child_type(self, kind: impl Into<String>) -> Self {
        self.annotation(&v2::ChildResourceType { resource_type_id: kind.into() })
    }

    /// It offers nothing, and is not asked for entitlements.
    pub fn skip_entitlements(self) -> Self {
        self.mark(&v2::SkipEntitlements {})
    }

    /// Nobody holds anything of it, and it is not asked for grants.
    pub fn skip_grants(self) -> Self {
        self.mark(&v2::SkipGrants {})
    }

    /// It is asked neither for entitlements nor for grants.
    pub fn skip_entitlements_and_grants(self) -> Self {
        self.mark(&v2::SkipEntitlementsAndGrants {})
    }

    /// Anything else.
    pub fn annotation<M: Name>(mut self, message: &M) -> Self {
        annotations::append(&mut self.resource.annotations, message);
        self
    }

    /// It is a user: [`user`](super::user()).
    pub fn user(self, user: impl Into<v2::UserTrait>) -> Self {
        self.with_trait::<v2::UserTrait>(user)
    }

    /// It is a group: [`group`](super::group()).
    pub fn group(self, group: impl Into<v2::GroupTrait>) -> Self {
        self.with_trait::<v2::GroupTrait>(group)
    }

    /// It is a role: [`role`](super::role()).
    pub fn role(self, role: impl Into<v2::RoleTrait>) -> Self {
        self.with_trait::<v2::RoleTrait>(role)
    }

    /// It is an application: [`app`](super::app()).
    pub fn app(self, app: impl Into<v2::AppTrait>) -> Self {
        self.with_trait::<v2::AppTrait>(app)
    }

    /// It is a secret: [`secret`](super::secret()).
    pub fn secret(self, secret: impl Into<v2::SecretTrait>) -> Self {
        self.with_trait::<v2::SecretTrait>(secret)
    }

    /// It is what the message says, such as a [`v2::ManagedDeviceTrait`]. It replaces a trait of the same kind.
    pub fn with_trait<T: ResourceTrait>(mut self, item: impl Into<T>) -> Self {
        let item = item.into();
        let any = annotations::any(&item);
        self.traits.retain(|(other, _)| other.type_url != any.type_url);
        self.traits.push((any, item.shared()));
        self
    }

    /// The resource.
    #[must_use]
    pub fn build(mut self) -> v2::Resource {
        for (any, shared) in self.traits {
            annotations::replace(&mut self.resource.annotations, any);
            fill(&mut self.resource, shared);
        }
        self.resource
    }

    fn mark<M: Name>(mut self, message: &M) -> Self {
        annotations::update(&mut self.resource.annotations, message);
        self
    }
}

/// Readers look at the resource first and at its trait second; so what the trait says is said twice.
fn fill(resource: &mut v2::Resource, shared: Shared) {
    resource.profile = resource.profile.take().or(shared.profile);
    resource.icon = resource.icon.take().or(shared.icon);
    resource.status = resource.status.take().or(shared.status);
    resource.created_at = resource.created_at.take().or(shared.created_at);
}

/// The number of a status, which is the same in every message that has one.
pub(super) fn number(status: Status) -> i32 {
    match status {
        Status::Enabled => 1,
        Status::Disabled => 2,
        Status::Deleted => 3,
    }
}
