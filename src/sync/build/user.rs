//! Users: people, service accounts, and whatever else signs in.

use prost_types::{Struct, Timestamp};

use super::resource::number;
use crate::model::facts::Status;
use crate::model::v2::{self, user_trait};

/// Begins a user: an enabled human, until something else is said.
///
/// ```
/// use baton::sync::build::{self, AccountType, Status};
/// let bot = build::user()
///     .login("deploy-bot")
///     .account_type(AccountType::Service)
///     .status(Status::Disabled, "replaced by CI");
/// ```
pub fn user() -> UserBuilder {
    let mut user = v2::UserTrait::default();
    user.set_account_type(user_trait::AccountType::Human);
    UserBuilder::from(user).status(Status::Enabled, "")
}

/// Makes the trait of users, or changes one that is there (`UserBuilder::from`), which then gets no defaults.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before it is given to a resource"]
pub struct UserBuilder {
    user: v2::UserTrait,
}

impl From<v2::UserTrait> for UserBuilder {
    fn from(user: v2::UserTrait) -> Self {
        Self { user }
    }
}

impl From<UserBuilder> for v2::UserTrait {
    fn from(builder: UserBuilder) -> Self {
        builder.user
    }
}

impl UserBuilder {
    /// An e-mail address. The first one is the primary. An empty one says nothing.
    pub fn email(self, address: impl Into<String>) -> Self {
        let primary = !self.user.emails.iter().any(|email| email.is_primary);
        self.push_email(address.into(), primary)
    }

    /// An e-mail address that is not the primary. An empty one says nothing.
    pub fn email_secondary(self, address: impl Into<String>) -> Self {
        self.push_email(address.into(), false)
    }

    /// What they type to sign in. An empty one says nothing.
    pub fn login(mut self, login: impl Into<String>) -> Self {
        let login = login.into();
        if !login.is_empty() {
            self.user.login = login;
        }
        self
    }

    /// Other logins of the same user.
    pub fn aliases<A: Into<String>>(mut self, logins: impl IntoIterator<Item = A>) -> Self {
        self.user.login_aliases.extend(logins.into_iter().map(Into::into));
        self
    }

    /// Whether the account is in use, and why not.
    pub fn status(mut self, status: Status, details: impl Into<String>) -> Self {
        self.user.status = Some(user_trait::Status { status: number(status), details: details.into() });
        self
    }

    /// Who signs in with it.
    pub fn account_type(mut self, kind: user_trait::AccountType) -> Self {
        self.user.set_account_type(kind);
        self
    }

    /// Facts without a field of their own; see [`profile`](super::profile()).
    pub fn profile(mut self, profile: Struct) -> Self {
        self.user.profile = Some(profile);
        self
    }

    /// The asset with their picture.
    pub fn icon(mut self, asset: impl Into<String>) -> Self {
        self.user.icon = Some(v2::AssetRef { id: asset.into() });
        self
    }

    /// When the account was made.
    pub fn created_at(mut self, time: impl Into<Timestamp>) -> Self {
        self.user.created_at = Some(time.into());
        self
    }

    /// When somebody signed in with it.
    pub fn last_login(mut self, time: impl Into<Timestamp>) -> Self {
        self.user.last_login = Some(time.into());
        self
    }

    /// Whether a second factor is asked for.
    pub fn mfa(mut self, enabled: bool) -> Self {
        self.user.mfa_status = Some(user_trait::MfaStatus { mfa_enabled: enabled });
        self
    }

    /// Whether they sign in through an identity provider.
    pub fn sso(mut self, enabled: bool) -> Self {
        self.user.sso_status = Some(user_trait::SsoStatus { sso_enabled: enabled });
        self
    }

    /// Their number in the books of the employer; there may be several.
    pub fn employee_id(mut self, id: impl Into<String>) -> Self {
        self.user.employee_ids.push(id.into());
        self
    }

    /// Their name in parts; see [`split_name`].
    pub fn name(mut self, given: impl Into<String>, family: impl Into<String>) -> Self {
        let mut name = self.user.structured_name.take().unwrap_or_default();
        name.given_name = given.into();
        name.family_name = family.into();
        self.user.structured_name = Some(name);
        self
    }

    fn push_email(mut self, address: String, is_primary: bool) -> Self {
        if !address.is_empty() {
            self.user.emails.push(user_trait::Email { address, is_primary });
        }
        self
    }
}

/// Cuts a full name at its first space, for systems that know no parts.
///
/// ```
/// use baton::sync::build;
/// assert_eq!(build::split_name("Ada King Lovelace"), ("Ada", "King Lovelace"));
/// assert_eq!(build::split_name("Cher"), ("Cher", ""));
/// ```
#[must_use]
pub fn split_name(full: &str) -> (&str, &str) {
    full.split_once(' ').unwrap_or((full, ""))
}
