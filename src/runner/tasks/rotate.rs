//! Replacing credentials.

use serde::Serialize;

use super::lookup::name;
use super::outcome::{self, Named};
use super::secrets::{self, Shown};
use super::{Context, syncer, together, unable};
use crate::model::v2;
use crate::runner::config::Config;
use crate::runner::flags::Provisioning;
use crate::sync::Registry;
use crate::ui::CommandError;

/// Replace the credentials of this resource.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct Rotate {
    id: v2::ResourceId,
    show_secrets: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    outcome: &'static str,
    resource: Named<'a>,
    secrets: Vec<Shown<'a>>,
}

impl Rotate {
    pub(super) fn choose(flags: &Provisioning, config: &Config) -> Result<Option<Self>, CommandError> {
        let fields = [&flags.rotate, &flags.rotate_type];
        Ok(together(config, fields)?.map(|[resource, resource_type]| Self {
            id: v2::ResourceId { resource_type, resource, ..Default::default() },
            show_secrets: config.get(&flags.show_secrets),
        }))
    }

    /// Once only: a second call after one whose answer was lost would make yet other credentials.
    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let registry = Registry::of(context.connector)?;
        let kind = &self.id.resource_type;
        let rotator = syncer(&registry, kind)?.rotator().ok_or_else(|| {
            unable(format!("the connector does not rotate credentials of resources of the type {kind:?}"))
        })?;
        let credentials = secrets::choose(&rotator.credential_choices())?;
        let secrets = rotator.rotate(&self.id, &credentials)?;
        log::info!("Rotated the credentials of {}", name(&self.id));
        let outcome = Outcome {
            outcome: "rotated",
            resource: Named::of(&self.id),
            secrets: secrets::shown(&secrets, self.show_secrets),
        };
        outcome::print(context.out, &outcome)?;
        secrets::mention(&secrets, self.show_secrets);
        Ok(())
    }
}
