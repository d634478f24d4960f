//! The sync, which is what a connector does unless it is asked for something else.

use super::Context;
use crate::runner::config::Config;
use crate::runner::flags::Common;
use crate::runner::progress::Teller;
use crate::sync::{self, Target, bid};
use crate::ui::CommandError;

/// Sync into the file.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct Sync {
    types: Vec<String>,
    targets: Vec<Target>,
    resources_only: bool,
    skip_grants: bool,
    fresh: bool,
    keep: Option<usize>,
    keep_all: bool,
}

impl Sync {
    pub(super) fn choose(common: &Common, config: &Config) -> Result<Self, CommandError> {
        if config.get(&common.file).as_os_str() == "-" {
            let words = format!(
                "{} -: a sync is written to a file, which the next one goes on from",
                config.origin(&common.file)
            );
            return Err(CommandError::usage(words));
        }
        let flags = &common.sync;
        let mut targets = Vec::new();
        for text in config.get(&flags.resources) {
            let target = bid::resource(&text).map_err(|error| {
                CommandError::usage(format!("{}: {error}", config.origin(&flags.resources)))
                    .hint("a resource is named as bid:r:TYPE/ID, with a \\ before each of \\ / : in a part")
            })?;
            targets.push(target);
        }
        if config.get(&flags.skip_grants) && targets.is_empty() {
            let words = format!("{} needs --sync-resources", config.origin(&flags.skip_grants));
            return Err(CommandError::usage(words));
        }
        Ok(Self {
            types: config.get(&flags.types),
            targets,
            resources_only: config.get(&flags.resources_only),
            skip_grants: config.get(&flags.skip_grants),
            fresh: config.get(&flags.fresh),
            keep: config.find(&flags.keep).and_then(|keep| keep.try_into().ok()),
            keep_all: config.get(&flags.keep_all),
        })
    }

    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let file = context.file.clone();
        let mut teller = Teller::new(context.board, context.clock, context.bars);
        let outcome = self.prepare(context).run_observed(&file, &mut teller)?;
        drop(teller);
        let (sync_id, stats, name) = (&*outcome.sync_id, &outcome.stats, file.display().to_string());
        log::info!(
            file = &*name,
            sync_id,
            resource_types = stats.resource_types,
            resources = stats.resources,
            entitlements = stats.entitlements,
            grants = stats.grants,
            warnings = outcome.warnings;
            "Sync complete."
        );
        Ok(())
    }

    fn prepare<'a>(self, context: &Context<'a>) -> sync::Sync<'a> {
        let mut prepared = sync::Sync::new(context.connector)
            .types(self.types)
            .targets(self.targets)
            .open_with(context.open.clone())
            .stop(context.stop)
            .clock(context.clock);
        if self.resources_only {
            prepared = prepared.resources_only();
        }
        if self.skip_grants {
            prepared = prepared.skip_grants();
        }
        if self.fresh {
            prepared = prepared.fresh();
        }
        if let Some(keep) = self.keep {
            prepared = prepared.keep(keep);
        }
        if self.keep_all {
            prepared = prepared.keep_all();
        }
        prepared
    }
}
