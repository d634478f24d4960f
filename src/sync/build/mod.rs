//! Builders for the records that a connector hands out.
//!
//! The records are plain messages ([`v2`](crate::model::v2)), and may be made by hand. These builders make them with
//! the ids, the defaults and the annotations that everybody expects.
//!
//! ```
//! use baton::sync::build::{self, Trait};
//!
//! let group = build::resource_type("Group").trait_(Trait::Group).build();
//! let user = build::resource_type("User").trait_(Trait::User).skip_entitlements_and_grants().build();
//!
//! let eng = build::resource(&group, "eng", "Engineering").description("Who builds it").build();
//! let ada = build::resource(&user, 7, "Ada Lovelace")
//!     .user(build::user().email("ada@example.com").login("ada").name("Ada", "Lovelace"))
//!     .build();
//!
//! let member = build::assignment(&eng, "member").display_name("Member").grantable_to([&user]).build();
//! assert_eq!(member.id, "group:eng:member");
//!
//! let grant = build::grant(&eng, "member", &ada).build();
//! assert_eq!(grant.id, "group:eng:member:user:7");
//! ```
//!
//! No builder fails. What would be wrong in any system, such as a record without an id, stops the sync that is given it;
//! the lengths that services demand of texts are not checked.

pub mod annotations;
mod entitlement;
mod grant;
mod ids;
mod kind;
mod resource;
#[cfg(test)]
mod tests;
mod traits;
mod user;
mod value;

pub use entitlement::{EntitlementBuilder, assignment, ownership, permission};
pub use grant::{GrantBuilder, grant};
pub use ids::{AsResource, ObjectId, entitlement_id, grant_id, id};
pub use kind::{ResourceTypeBuilder, resource_type};
pub use resource::{ResourceBuilder, resource};
pub use traits::{
    AppBuilder, GroupBuilder, ResourceTrait, RoleBuilder, SecretBuilder, Shared, app, group, role, secret,
};
pub use user::{UserBuilder, split_name, user};
pub use value::{Value, profile};

pub use crate::model::facts::Status;
pub use crate::model::v2::app_trait::AppFlag;
pub use crate::model::v2::entitlement::PurposeValue as Purpose;
pub use crate::model::v2::resource_type::Trait;
pub use crate::model::v2::secret_trait::CredentialType;
pub use crate::model::v2::user_trait::AccountType;
