//! What a resource can be beside a user: groups, roles, applications, secrets, and what a trait shares with its resource.

use prost::Name;
use prost_types::{Struct, Timestamp};

use crate::model::v2::{self, app_trait, secret_trait};

/// What a trait says that its resource has a field for as well.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shared {
    /// Facts without a field of their own.
    pub profile: Option<Struct>,
    /// Its picture.
    pub icon: Option<v2::AssetRef>,
    /// Whether it is in use.
    pub status: Option<v2::Status>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}

/// A message that says what a resource is.
pub trait ResourceTrait: Name {
    /// What the resource is to say as well, where it says nothing of its own.
    fn shared(&self) -> Shared {
        Shared::default()
    }
}

impl ResourceTrait for v2::UserTrait {
    fn shared(&self) -> Shared {
        let status = self.status.as_ref();
        Shared {
            profile: self.profile.clone(),
            icon: self.icon.clone(),
            status: status.map(|s| v2::Status { status: s.status, details: s.details.clone() }),
            created_at: self.created_at,
        }
    }
}

impl ResourceTrait for v2::GroupTrait {
    fn shared(&self) -> Shared {
        Shared { profile: self.profile.clone(), icon: self.icon.clone(), ..Shared::default() }
    }
}

impl ResourceTrait for v2::RoleTrait {
    fn shared(&self) -> Shared {
        Shared { profile: self.profile.clone(), ..Shared::default() }
    }
}

impl ResourceTrait for v2::AppTrait {
    fn shared(&self) -> Shared {
        Shared { profile: self.profile.clone(), icon: self.icon.clone(), ..Shared::default() }
    }
}

impl ResourceTrait for v2::SecretTrait {
    fn shared(&self) -> Shared {
        Shared { profile: self.profile.clone(), created_at: self.created_at, ..Shared::default() }
    }
}

impl ResourceTrait for v2::AgentTrait {
    fn shared(&self) -> Shared {
        // The numbers mean the same; zero says nothing.
        let status = (self.status != 0).then(|| v2::Status { status: self.status, ..Default::default() });
        Shared { profile: self.profile.clone(), status, ..Shared::default() }
    }
}

impl ResourceTrait for v2::SecurityInsightTrait {}
impl ResourceTrait for v2::ScopeBindingTrait {}
impl ResourceTrait for v2::VendorTrait {}
impl ResourceTrait for v2::VendorAgreementTrait {}
impl ResourceTrait for v2::LicenseProfileTrait {}
impl ResourceTrait for v2::ManagedDeviceTrait {}
impl ResourceTrait for v2::NonHumanIdentityTrait {}

/// A builder around a message, and the way from one to the other.
macro_rules! builder {
    ($(#[$doc:meta])* $begin:ident, $builder:ident, $message:ty) => {
        $(#[$doc])*
        pub fn $begin() -> $builder {
            $builder { message: Default::default() }
        }

        #[doc = concat!("Makes the trait that [`", stringify!($begin), "`](", stringify!($begin), "()) begins.")]
        #[derive(Debug, Clone)]
        #[must_use = "nothing is made before it is given to a resource"]
        pub struct $builder {
            message: $message,
        }

        impl From<$message> for $builder {
            fn from(message: $message) -> Self {
                Self { message }
            }
        }

        impl From<$builder> for $message {
            fn from(builder: $builder) -> Self {
                builder.message
            }
        }

        impl $builder {
            /// Facts without a field of their own; see [`profile`](super::profile()).
            pub fn profile(mut self, profile: Struct) -> Self {
                self.message.profile = Some(profile);
                self
            }
        }
    };
}

builder! {
    /// Begins a group.
    ///
    /// ```
    /// use baton::sync::build;
    /// let synced = build::group().source("entra_id", "microsoft365Group");
    /// ```
    group, GroupBuilder, v2::GroupTrait
}

impl GroupBuilder {
    /// The asset with its picture.
    pub fn icon(mut self, asset: impl Into<String>) -> Self {
        self.message.icon = Some(v2::AssetRef { id: asset.into() });
        self
    }

    /// Which kind of group it is in the system: a common word for it, and the system's own.
    pub fn source(mut self, kind: impl Into<String>, raw: impl Into<String>) -> Self {
        self.message.group_source_type = kind.into();
        self.message.raw_group_source_type = raw.into();
        self
    }
}

builder! {
    /// Begins a role.
    role, RoleBuilder, v2::RoleTrait
}

impl RoleBuilder {
    /// When the role applies: the kind of conditions, and each in the language of the system.
    pub fn conditions<E: Into<String>>(
        mut self,
        kind: impl Into<String>,
        expressions: impl IntoIterator<Item = E>,
    ) -> Self {
        let conditions = expressions.into_iter();
        let conditions =
            conditions.map(|expression| v2::RoleScopeCondition { expression: expression.into() });
        let conditions = v2::RoleScopeConditions { r#type: kind.into(), conditions: conditions.collect() };
        self.message.role_scope_conditions = Some(conditions);
        self
    }
}

builder! {
    /// Begins an application.
    ///
    /// ```
    /// use baton::sync::build::{self, AppFlag};
    /// let wiki = build::app().help_url("https://wiki.example.com").flag(AppFlag::Saml);
    /// ```
    app, AppBuilder, v2::AppTrait
}

impl AppBuilder {
    /// Where people find help; an address that starts with `https://`.
    pub fn help_url(mut self, url: impl Into<String>) -> Self {
        self.message.help_url = url.into();
        self
    }

    /// The asset with its small picture.
    pub fn icon(mut self, asset: impl Into<String>) -> Self {
        self.message.icon = Some(v2::AssetRef { id: asset.into() });
        self
    }

    /// The asset with its large picture.
    pub fn logo(mut self, asset: impl Into<String>) -> Self {
        self.message.logo = Some(v2::AssetRef { id: asset.into() });
        self
    }

    /// Something that is true of it; there may be several.
    pub fn flag(mut self, flag: app_trait::AppFlag) -> Self {
        if !self.message.flags.contains(&i32::from(flag)) {
            self.message.flags.push(flag.into());
        }
        self
    }

    /// Which kind of application it is in the system: a common word for it, and the system's own.
    pub fn source(mut self, kind: impl Into<String>, raw: impl Into<String>) -> Self {
        self.message.app_source_type = kind.into();
        self.message.raw_app_source_type = raw.into();
        self
    }
}

builder! {
    /// Begins a secret, such as an API key.
    ///
    /// ```
    /// use baton::sync::build::{self, CredentialType};
    /// let ada = build::id("user", 7);
    /// let key = build::secret().identity(&ada).credential(CredentialType::StaticSecret, "API key");
    /// ```
    secret, SecretBuilder, v2::SecretTrait
}

impl SecretBuilder {
    /// When it was made.
    pub fn created_at(mut self, time: impl Into<Timestamp>) -> Self {
        self.message.created_at = Some(time.into());
        self
    }

    /// When it stops to work.
    pub fn expires_at(mut self, time: impl Into<Timestamp>) -> Self {
        self.message.expires_at = Some(time.into());
        self
    }

    /// When somebody used it.
    pub fn last_used_at(mut self, time: impl Into<Timestamp>) -> Self {
        self.message.last_used_at = Some(time.into());
        self
    }

    /// Who made it.
    pub fn created_by(mut self, creator: &v2::ResourceId) -> Self {
        self.message.created_by_id = Some(creator.clone());
        self
    }

    /// Who signs in with it.
    pub fn identity(mut self, identity: &v2::ResourceId) -> Self {
        self.message.identity_id = Some(identity.clone());
        self
    }

    /// What it is, and the system's words for that.
    pub fn credential(mut self, kind: secret_trait::CredentialType, detail: impl Into<String>) -> Self {
        self.message.set_credential_type(kind);
        self.message.credential_detail = detail.into();
        self
    }
}
