//! Revoking a grant.

use serde::Serialize;

use super::grant::provisioner;
use super::lookup::Known;
use super::{Context, outcome, patiently, together};
use crate::runner::config::Config;
use crate::runner::flags::Provisioning;
use crate::sync::{Registry, Removed};
use crate::ui::CommandError;

/// Take this grant back.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct Revoke {
    grant: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    outcome: &'static str,
    grant_id: &'a str,
}

impl Revoke {
    pub(super) fn choose(flags: &Provisioning, config: &Config) -> Result<Option<Self>, CommandError> {
        Ok(together(config, [&flags.revoke])?.map(|[grant]| Self { grant }))
    }

    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let known = Known::open(context)?;
        let grant = known.newest()?.grant(&self.grant)?;
        let registry = Registry::of(context.connector)?;
        let entitlement = grant.entitlement.clone().unwrap_or_default();
        let provisioner = provisioner(&registry, &entitlement)?;
        let outcome = match patiently(context, || provisioner.revoke(&grant))? {
            Removed::Now => {
                log::info!("Revoked {}; the next sync shows it", self.grant);
                "revoked"
            }
            Removed::Already => {
                log::info!("Already revoked: {}", self.grant);
                "already-revoked"
            }
        };
        outcome::print(context.out, &Outcome { outcome, grant_id: &self.grant })
    }
}
