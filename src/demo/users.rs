//! Users: people and programs that can sign in.

use super::state::{Kind, NewUser, User};
use super::{Demo, invalid, link, object_id, time};
use crate::model::time::Instant;
use crate::model::v2;
use crate::model::v2::CapabilityDetailCredentialOption as Choice;
use crate::model::v2::connector_account_creation_schema::{Field, StringField, field};
use crate::sync::build::{self, AccountType, Status, Trait};
use crate::sync::{
    AccountManager, AccountOutcome, Actions, Answer, Code, ConnectorError, CredentialChoices,
    CredentialRotator, Credentials, NewAccount, Page, Removed, Request, ResourceDeleter, ResourceSyncer,
    Secret, Targeted,
};

/// The type. Users hold things, and offer nothing.
pub(super) fn resource_type() -> v2::ResourceType {
    build::resource_type("User")
        .trait_(Trait::User)
        .description("People and programs that can sign in")
        .skip_entitlements_and_grants()
        .build()
}

pub(super) struct Users<'d>(pub(super) &'d Demo);

impl ResourceSyncer for Users<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        resource_type()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        match parent {
            None => self.0.objects(request, resource),
            Some(_) => Ok(Page::default()),
        }
    }

    fn targeted(&self) -> Option<&dyn Targeted> {
        Some(self)
    }

    fn account_manager(&self) -> Option<&dyn AccountManager> {
        Some(self)
    }

    fn deleter(&self) -> Option<&dyn ResourceDeleter> {
        Some(self)
    }

    fn rotator(&self) -> Option<&dyn CredentialRotator> {
        Some(self)
    }

    fn actions(&self) -> Option<&dyn Actions> {
        Some(self)
    }
}

fn resource(user: &User) -> v2::Resource {
    let status = match &user.disabled_because {
        None => (Status::Enabled, ""),
        Some(reason) => (Status::Disabled, reason.as_str()),
    };
    let account = if user.service { AccountType::Service } else { AccountType::Human };
    let mut details = build::user()
        .login(&user.login)
        .email(user.email.as_deref().unwrap_or_default())
        .account_type(account)
        .status(status.0, status.1)
        .profile(profile(user))
        .created_at(time(user.created_at));
    if let Some(seconds) = user.last_login {
        details = details.last_login(time(seconds));
    }
    build::resource(&resource_type(), &user.id, &user.name)
        .raw_id(&user.id)
        .external_link(link(Kind::User, &user.id))
        .user(details)
        .build()
}

/// What has no field of its own; only what there is.
fn profile(user: &User) -> prost_types::Struct {
    let title = (!user.title.is_empty()).then(|| ("title", user.title.as_str().into()));
    let password = user.password_set_at.map(|seconds| ("password_set_at", text(seconds).into()));
    build::profile(title.into_iter().chain(password))
}

/// A time as text, for profiles have none.
fn text(seconds: i64) -> String {
    Instant::new(seconds, 0).map(|instant| instant.to_string()).unwrap_or_default()
}

impl Targeted for Users<'_> {
    fn get(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        self.0.state.get(object_id(Kind::User, id)?).map(|user| resource(&user))
    }
}

impl ResourceDeleter for Users<'_> {
    fn delete(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<Removed> {
        self.0.state.delete(Kind::User, object_id(Kind::User, id)?)
    }
}

/// What people are asked for when they want an account.
pub(super) fn account_schema() -> v2::ConnectorAccountCreationSchema {
    let text = |order, display_name: &str, description: &str, required| Field {
        display_name: display_name.into(),
        description: description.into(),
        required,
        order,
        field: Some(field::Field::StringField(StringField::default())),
        ..Default::default()
    };
    let fields = [
        ("login", text(1, "Login", "What they type to sign in", true)),
        ("email", text(2, "E-mail", "Their address", true)),
        ("name", text(3, "Name", "Their name, instead of the login", false)),
    ];
    let field_map = fields.into_iter().map(|(key, field)| (key.to_owned(), field)).collect();
    v2::ConnectorAccountCreationSchema { field_map }
}

impl AccountManager for Users<'_> {
    fn credential_choices(&self) -> CredentialChoices {
        passwords()
    }

    fn create_account(&self, account: &v2::AccountInfo, credentials: &Credentials) -> Answer<NewAccount> {
        let login = wanted(&account.login, "a login")?;
        let new = NewUser {
            login,
            email: wanted(address(account), "an e-mail address")?,
            name: name(account).unwrap_or(login),
            password: matches!(credentials, Credentials::Password(_)),
        };
        let (user, created) = self.0.state.create_user(&new)?;
        if !created {
            return Ok(NewAccount { outcome: AccountOutcome::Exists(resource(&user)), secrets: Vec::new() });
        }
        Ok(NewAccount { outcome: AccountOutcome::Created(resource(&user)), secrets: told(credentials) })
    }
}

fn wanted<'a>(value: &'a str, what: &str) -> Answer<&'a str> {
    if value.is_empty() { Err(invalid(format!("an account needs {what}"))) } else { Ok(value) }
}

/// The primary address, else the first.
fn address(account: &v2::AccountInfo) -> &str {
    let primary = account.emails.iter().find(|email| email.is_primary);
    primary.or(account.emails.first()).map_or("", |email| &email.address)
}

fn name(account: &v2::AccountInfo) -> Option<&str> {
    let value = account.profile.as_ref()?.fields.get("name")?;
    match value.kind.as_ref()? {
        prost_types::value::Kind::StringValue(name) if !name.is_empty() => Some(name),
        _ => None,
    }
}

impl CredentialRotator for Users<'_> {
    fn credential_choices(&self) -> CredentialChoices {
        passwords()
    }

    fn rotate(&self, id: &v2::ResourceId, credentials: &Credentials) -> Answer<Vec<Secret>> {
        let id = object_id(Kind::User, id)?;
        if self.0.state.get::<User>(id)?.service {
            let words = format!("the service account {id:?} signs in with keys, and has no password");
            return Err(ConnectorError::new(Code::FailedPrecondition, words));
        }
        self.0.state.set_password(id, matches!(credentials, Credentials::Password(_)))?;
        Ok(told(credentials))
    }
}

fn passwords() -> CredentialChoices {
    CredentialChoices {
        supported: vec![Choice::NoPassword, Choice::RandomPassword],
        preferred: Choice::RandomPassword,
    }
}

/// What the owner of an account has to be told.
fn told(credentials: &Credentials) -> Vec<Secret> {
    match credentials {
        Credentials::NoPassword => Vec::new(),
        Credentials::Password(password) => vec![Secret {
            name: "password".into(),
            description: "For signing in".into(),
            value: password.clone().into_bytes(),
        }],
    }
}
