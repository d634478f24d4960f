//! `baton resource-types`

use super::args::{ListArgs, SyncArgs};
use super::session::Session;
use super::{Answer, records};
use crate::ui::CommandError;
use crate::view::{Filter, RESOURCE_TYPES, View};

/// List resource types
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton resource-types
  baton resource-types -o name             ids, for -t of other commands")]
pub(super) struct Args {
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    sync: SyncArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let everything = |_: &View<'_>| Ok(Filter::default());
    records::list(session, &RESOURCE_TYPES, &args.list, &args.sync, everything, |view, _, sink| {
        view.resource_types(sink)
    })
}
