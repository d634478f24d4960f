//! Granting an entitlement.

use serde::Serialize;

use super::lookup::{Known, name};
use super::outcome::{self, Named};
use super::{Context, patiently, syncer, together, unable};
use crate::model::v2;
use crate::runner::config::Config;
use crate::runner::flags::Provisioning;
use crate::sync::{Granted, Provisioner, Registry};
use crate::ui::CommandError;

/// Give this entitlement to this principal.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct Grant {
    entitlement: String,
    principal: v2::ResourceId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    outcome: &'static str,
    entitlement_id: &'a str,
    principal: Named<'a>,
    /// What came of it, as far as the system says.
    grant_ids: Vec<String>,
}

impl Grant {
    pub(super) fn choose(flags: &Provisioning, config: &Config) -> Result<Option<Self>, CommandError> {
        let fields = [&flags.grant_entitlement, &flags.grant_principal, &flags.grant_principal_type];
        Ok(together(config, fields)?.map(|[entitlement, resource, resource_type]| {
            let principal = v2::ResourceId { resource_type, resource, ..Default::default() };
            Self { entitlement, principal }
        }))
    }

    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let known = Known::open(context)?;
        let newest = known.newest()?;
        let entitlement = newest.entitlement(&self.entitlement)?;
        let principal = newest.resource(&self.principal)?;
        let registry = Registry::of(context.connector)?;
        let provisioner = provisioner(&registry, &entitlement)?;
        let granted = patiently(context, || provisioner.grant(&principal, &entitlement))?;
        let holder = name(&self.principal);
        let (outcome, grants) = match granted {
            Granted::Now(grants) => {
                log::info!("Granted {} to {holder}; the next sync shows it", self.entitlement);
                ("granted", grants)
            }
            Granted::Already => {
                log::info!("Already granted: {holder} has {}", self.entitlement);
                ("already-granted", Vec::new())
            }
        };
        let outcome = Outcome {
            outcome,
            entitlement_id: &self.entitlement,
            principal: Named::of(&self.principal),
            grant_ids: grants.into_iter().map(|grant| grant.id).collect(),
        };
        outcome::print(context.out, &outcome)
    }
}

/// Who grants and revokes an entitlement: the syncer of its resource's type.
///
/// # Errors
/// For a type that the connector does not have, and for one that it only reads.
pub(super) fn provisioner<'r>(
    registry: &'r Registry<'_>,
    entitlement: &v2::Entitlement,
) -> Result<&'r dyn Provisioner, CommandError> {
    let id = entitlement.resource.as_ref().and_then(|resource| resource.id.as_ref());
    let kind = id.map_or("", |id| &*id.resource_type);
    syncer(registry, kind)?.provisioner().ok_or_else(|| {
        unable(format!("the connector does not grant or revoke what resources of the type {kind:?} offer"))
    })
}
