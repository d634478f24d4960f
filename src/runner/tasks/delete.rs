//! Deleting a resource.

use serde::Serialize;

use super::lookup::name;
use super::outcome::{self, Named};
use super::{Context, patiently, syncer, together, unable};
use crate::model::v2;
use crate::runner::config::Config;
use crate::runner::flags::Provisioning;
use crate::sync::{Registry, Removed, ResourceDeleter};
use crate::ui::CommandError;

/// Delete this resource.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct Delete {
    id: v2::ResourceId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    outcome: &'static str,
    resource: Named<'a>,
}

impl Delete {
    pub(super) fn choose(flags: &Provisioning, config: &Config) -> Result<Option<Self>, CommandError> {
        Ok(together(config, [&flags.delete, &flags.delete_type])?.map(|[resource, resource_type]| Self {
            id: v2::ResourceId { resource_type, resource, ..Default::default() },
        }))
    }

    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let registry = Registry::of(context.connector)?;
        let kind = &self.id.resource_type;
        let syncer = syncer(&registry, kind)?;
        let manager = syncer.manager().map(|manager| manager as &dyn ResourceDeleter);
        let deleter = manager
            .or_else(|| syncer.deleter())
            .ok_or_else(|| unable(format!("the connector does not delete resources of the type {kind:?}")))?;
        let outcome = match patiently(context, || deleter.delete(&self.id, None))? {
            Removed::Now => {
                log::info!("Deleted {}; the next sync shows it", name(&self.id));
                "deleted"
            }
            Removed::Already => {
                log::info!("Already gone: {}", name(&self.id));
                "already-gone"
            }
        };
        outcome::print(context.out, &Outcome { outcome, resource: Named::of(&self.id) })
    }
}
