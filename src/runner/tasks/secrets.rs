//! New passwords and keys: how they are chosen, and when they are shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::model::v2::CapabilityDetailCredentialOption as Choice;
use crate::sync::{CredentialChoices, Credentials, Secret, password};
use crate::ui::CommandError;

/// Characters of a password that we make up.
const LENGTH: usize = 20;

/// The credentials that a connector prefers, or else others that it supports and we can make up.
///
/// # Errors
/// When there are none; when the system gives no random numbers.
pub(super) fn choose(choices: &CredentialChoices) -> Result<Credentials, CommandError> {
    let wanted = std::iter::once(choices.preferred).chain(choices.supported.iter().copied());
    for choice in wanted {
        match choice {
            Choice::RandomPassword => return Ok(Credentials::Password(password::random(LENGTH, &[])?)),
            Choice::NoPassword => return Ok(Credentials::NoPassword),
            _ => {}
        }
    }
    Err(CommandError::trouble("the connector wants credentials that cannot be made up here")
        .hint("it supports neither a random password nor none at all"))
}

/// A secret as outcomes have it.
#[derive(Debug, Serialize)]
pub(super) struct Shown<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    /// The secret, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    /// The secret, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// The secrets, with their values only if `show`.
pub(super) fn shown(secrets: &[Secret], show: bool) -> Vec<Shown<'_>> {
    let one = |secret| {
        let Secret { name, description, value }: &Secret = secret;
        let text = std::str::from_utf8(value).ok();
        let base64 = (show && text.is_none()).then(|| STANDARD.encode(value));
        Shown { name, description, value: text.filter(|_| show), base64 }
    };
    secrets.iter().map(one).collect()
}

/// Says that there are secrets which were not shown.
pub(super) fn mention(secrets: &[Secret], show: bool) {
    if show || secrets.is_empty() {
        return;
    }
    let names: Vec<&str> = secrets.iter().map(|secret| &*secret.name).collect();
    log::warn!("Not shown, and not told again: {}; --show-secrets prints such secrets", names.join(", "));
}
