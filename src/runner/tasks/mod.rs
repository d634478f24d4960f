//! What one run of a connector does: a sync, or one of the other tasks.

mod account;
mod actions;
mod delete;
mod events;
mod grant;
pub(super) mod json;
mod lookup;
mod outcome;
mod revoke;
mod rotate;
mod secrets;
mod sync;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::config::Config;
use super::field::Field;
use super::flags::Common;
use super::value::Value;
use crate::store::OpenOptions;
use crate::sync::{Answer, Clock, Code, Connector, ConnectorError, Registry, ResourceSyncer, Stop};
use crate::ui::{Board, CommandError};

/// What a task works with.
pub(super) struct Context<'a> {
    /// The connector.
    pub(super) connector: &'a dyn Connector,
    /// The `.c1z` that a sync writes and the other tasks look things up in.
    pub(super) file: PathBuf,
    /// How it is opened.
    pub(super) open: OpenOptions,
    /// Where bars are shown.
    pub(super) board: &'a Board,
    /// Whether they are.
    pub(super) bars: bool,
    /// Whether somebody wants it to stop.
    pub(super) stop: &'a Stop,
    /// What it waits by.
    pub(super) clock: &'a dyn Clock,
    /// Where the outcome goes.
    pub(super) out: &'a mut dyn Write,
}

/// The tasks.
#[derive(Debug, PartialEq)]
pub(super) enum Task {
    Sync(sync::Sync),
    Grant(grant::Grant),
    Revoke(revoke::Revoke),
    CreateAccount(account::CreateAccount),
    Delete(delete::Delete),
    Rotate(rotate::Rotate),
    Events(events::Events),
    Invoke(actions::Invoke),
    ListActions,
}

impl Task {
    /// The task that the flags ask for.
    ///
    /// # Errors
    /// A usage error when they ask for two, or do not say all that one needs.
    pub(super) fn choose(common: &Common, config: &Config) -> Result<Self, CommandError> {
        let (provision, ask) = (&common.provision, &common.ask);
        let choices = [
            grant::Grant::choose(provision, config)?.map(Self::Grant),
            revoke::Revoke::choose(provision, config)?.map(Self::Revoke),
            events::Events::choose(ask, config)?.map(Self::Events),
            account::CreateAccount::choose(provision, config)?.map(Self::CreateAccount),
            actions::Invoke::choose(ask, config)?.map(Self::Invoke),
            config.get(&ask.list_actions).then_some(Self::ListActions),
            delete::Delete::choose(provision, config)?.map(Self::Delete),
            rotate::Rotate::choose(provision, config)?.map(Self::Rotate),
        ];
        let mut chosen = choices.into_iter().flatten().peekable();
        if !matches!(chosen.peek(), Some(Self::CreateAccount(_) | Self::Rotate(_))) {
            refuse_alone(config, &provision.show_secrets, "--create-account-login or --rotate-credentials")?;
        }
        match (chosen.next(), chosen.next()) {
            (Some(first), Some(second)) => Err(CommandError::usage(format!(
                "one run does one task: {} or {}",
                first.flag(),
                second.flag()
            ))),
            (Some(task), None) => Ok(task),
            (None, _) => sync::Sync::choose(common, config).map(Self::Sync),
        }
    }

    /// The flag that asks for the task.
    fn flag(&self) -> &'static str {
        match self {
            Self::Sync(_) => "a sync",
            Self::Grant(_) => "--grant-entitlement",
            Self::Revoke(_) => "--revoke-grant",
            Self::CreateAccount(_) => "--create-account-login",
            Self::Delete(_) => "--delete-resource",
            Self::Rotate(_) => "--rotate-credentials",
            Self::Events(_) => "--event-feed",
            Self::Invoke(_) => "--invoke-action",
            Self::ListActions => "--list-action-schemas",
        }
    }

    /// Does it.
    ///
    /// # Errors
    /// Why it could not be done.
    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        match self {
            Self::Sync(task) => task.run(context),
            Self::Grant(task) => task.run(context),
            Self::Revoke(task) => task.run(context),
            Self::CreateAccount(task) => task.run(context),
            Self::Delete(task) => task.run(context),
            Self::Rotate(task) => task.run(context),
            Self::Events(task) => task.run(context),
            Self::Invoke(task) => task.run(context),
            Self::ListActions => actions::list(context),
        }
    }
}

/// The texts of fields that belong together; `None` when none of them is given.
///
/// # Errors
/// A usage error that names those that are missing.
fn together<const N: usize>(
    config: &Config,
    fields: [&Field<String>; N],
) -> Result<Option<[String; N]>, CommandError> {
    let Some(given) = fields.iter().find(|field| config.is_given(field)) else { return Ok(None) };
    let missing: Vec<String> = fields
        .iter()
        .filter(|field| config.find(field).is_none())
        .map(|field| format!("--{}", field.spec().name))
        .collect();
    if missing.is_empty() {
        return Ok(Some(fields.map(|field| config.get(field))));
    }
    if missing.contains(&format!("--{}", given.spec().name)) {
        return Err(CommandError::usage(format!("{} is empty", config.origin(given))));
    }
    Err(CommandError::usage(format!("{} needs {}", config.origin(given), missing.join(" and "))))
}

/// Refuses fields that say more about a task which is not asked for; `wanted` are the flags that would.
fn refuse_alone<T: Value>(config: &Config, field: &Field<T>, wanted: &str) -> Result<(), CommandError> {
    match config.is_given(field) {
        true => Err(CommandError::usage(format!("{} needs {wanted}", config.origin(field)))),
        false => Ok(()),
    }
}

/// The syncer of a type that somebody named.
///
/// # Errors
/// When the connector has no such type; with the types that it has.
fn syncer<'r, 'c>(
    registry: &'r Registry<'c>,
    kind: &str,
) -> Result<&'r (dyn ResourceSyncer + 'c), CommandError> {
    registry.syncer(kind).map_err(|error| {
        let known: Vec<&str> = registry.resource_types().map(|kind| &*kind.id).collect();
        CommandError::from(error).hint(format!("it has {}", known.join(", ")))
    })
}

/// What a connector does not do.
fn unable(words: impl Into<String>) -> CommandError {
    ConnectorError::new(Code::Unimplemented, words).into()
}

/// How often a change is tried while the system cannot be reached.
const ATTEMPTS: u32 = 3;
/// How long after the first failure the second attempt comes; later ones after multiples of it.
const WAIT: Duration = Duration::from_secs(15);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);

/// Calls the connector, and again a little later when the failure may pass. Only for calls that may come twice.
fn patiently<T>(context: &Context<'_>, mut call: impl FnMut() -> Answer<T>) -> Result<T, CommandError> {
    let mut attempt = 1;
    loop {
        let error = match call() {
            Ok(answer) => return Ok(answer),
            Err(error) if error.code().is_transient() && attempt < ATTEMPTS => error,
            Err(error) => return Err(error.into()),
        };
        let asked =
            error.rate_limit().and_then(|limit| limit.reset_at.duration_since(context.clock.now()).ok());
        let wait = asked.unwrap_or(WAIT * attempt).min(LONGEST);
        let (words, wait_seconds) = (error.to_string(), wait.as_secs());
        log::warn!(error = &*words, attempt, wait_seconds; "Trying again after a while");
        context.clock.wait(wait, context.stop);
        if context.stop.requested() {
            return Err(CommandError::interrupted(format!("stopped while waiting to try again: {error}")));
        }
        attempt += 1;
    }
}
