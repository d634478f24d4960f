//! Creating an account.

use prost_types::value::Kind;
use prost_types::{Struct, Value};
use serde::Serialize;

use super::json;
use super::outcome::{self, Named};
use super::secrets::{self, Shown};
use super::{Context, refuse_alone, syncer, unable};
use crate::model::v2::{AccountInfo, Resource, account_info::Email};
use crate::runner::config::Config;
use crate::runner::flags::Provisioning;
use crate::sync::{AccountManager, AccountOutcome, Registry};
use crate::ui::CommandError;

/// Create this account.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct CreateAccount {
    info: AccountInfo,
    kind: Option<String>,
    show_secrets: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    secrets: Vec<Shown<'a>>,
}

impl CreateAccount {
    pub(super) fn choose(flags: &Provisioning, config: &Config) -> Result<Option<Self>, CommandError> {
        let (login, email) = (config.find(&flags.account_login), config.find(&flags.account_email));
        let profile = match config.find(&flags.account_profile) {
            Some(text) => Some(json::object(&config.origin(&flags.account_profile), &text)?),
            None => None,
        };
        if login.is_none() && profile.is_none() {
            let wanted = "--create-account-login or --create-account-profile";
            for field in [&flags.account_login, &flags.account_profile] {
                if config.is_given(field) {
                    return Err(CommandError::usage(format!("{} is empty", config.origin(field))));
                }
            }
            refuse_alone(config, &flags.account_email, wanted)?;
            refuse_alone(config, &flags.account_type, wanted)?;
            return Ok(None);
        }
        let info = account_info(login, email, profile.unwrap_or_default());
        let kind = config.find(&flags.account_type);
        Ok(Some(Self { info, kind, show_secrets: config.get(&flags.show_secrets) }))
    }

    /// Once only: a second call after one whose answer was lost would make a second account.
    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let registry = Registry::of(context.connector)?;
        let manager = manager(&registry, self.kind.as_deref())?;
        let credentials = secrets::choose(&manager.credential_choices())?;
        let account = manager.create_account(&self.info, &credentials)?;
        let (outcome, resource, message) = match &account.outcome {
            AccountOutcome::Created(resource) => ("created", Some(resource), None),
            AccountOutcome::Exists(resource) => ("already-exists", Some(resource), None),
            AccountOutcome::ActionRequired(words) => ("action-required", None, Some(&**words)),
            AccountOutcome::InProgress => ("in-progress", None, None),
        };
        tell(&account.outcome);
        let outcome = Outcome {
            outcome,
            resource: resource.and_then(|resource| resource.id.as_ref()).map(Named::of),
            display_name: resource.map(|resource| &*resource.display_name),
            message,
            secrets: secrets::shown(&account.secrets, self.show_secrets),
        };
        outcome::print(context.out, &outcome)?;
        secrets::mention(&account.secrets, self.show_secrets);
        Ok(())
    }
}

fn tell(outcome: &AccountOutcome) {
    let label = |resource: &Resource| match &resource.id {
        Some(id) => format!("{} ({})", super::lookup::name(id), resource.display_name),
        None => resource.display_name.clone(),
    };
    match outcome {
        AccountOutcome::Created(resource) => {
            log::info!("Created {}; the next sync shows it", label(resource));
        }
        AccountOutcome::Exists(resource) => log::info!("Already there: {}", label(resource)),
        AccountOutcome::ActionRequired(words) => log::warn!("Something is to be done first: {words}"),
        AccountOutcome::InProgress => log::info!("The system is still creating the account"),
    }
}

/// Login and address stand both in fields of their own and in the profile, wherever they were said.
fn account_info(login: Option<String>, email: Option<String>, mut profile: Struct) -> AccountInfo {
    let mut share = |key: &str, said: Option<String>| {
        let text = said.or_else(|| match profile.fields.get(key).and_then(|value| value.kind.as_ref()) {
            Some(Kind::StringValue(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        });
        if let Some(text) = &text {
            let value = Value { kind: Some(Kind::StringValue(text.clone())) };
            profile.fields.entry(key.to_owned()).or_insert(value);
        }
        text
    };
    let login = share("login", login).unwrap_or_default();
    let email = share("email", email);
    let emails = email.into_iter().map(|address| Email { address, is_primary: true }).collect();
    AccountInfo { emails, login, profile: Some(profile), ..AccountInfo::default() }
}

/// The manager of a type; or else the only one, or that of the type `user`.
///
/// # Errors
/// When there is none, and when there are several to choose from.
fn manager<'r>(
    registry: &'r Registry<'_>,
    kind: Option<&str>,
) -> Result<&'r dyn AccountManager, CommandError> {
    if let Some(kind) = kind {
        let manager = syncer(registry, kind)?.account_manager();
        return manager
            .ok_or_else(|| unable(format!("the connector does not create accounts of the type {kind:?}")));
    }
    let managers: Vec<_> = registry
        .syncers()
        .filter_map(|(kind, syncer)| Some((&*kind.id, syncer.account_manager()?)))
        .collect();
    match managers[..] {
        [] => Err(unable("the connector does not create accounts")),
        [(_, manager)] => Ok(manager),
        _ => {
            let user = managers.iter().find(|(kind, _)| *kind == "user");
            user.map(|(_, manager)| *manager).ok_or_else(|| {
                let kinds: Vec<&str> = managers.iter().map(|(kind, _)| *kind).collect();
                CommandError::usage("the connector has several kinds of accounts")
                    .hint(format!("choose with --create-account-resource-type: {}", kinds.join(", ")))
            })
        }
    }
}
