//! `baton resource-types`

use super::Answer;
use super::args::{ListArgs, SyncArgs};
use super::output::Plan;
use super::session::Session;
use crate::ui::CommandError;
use crate::view::{RESOURCE_TYPES, View};

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
    let Some(plan) = Plan::new(session, &RESOURCE_TYPES, &args.list)? else { return Ok(Answer::Yes) };
    let reader = session.open()?;
    let snapshot = session.choose(&reader, &args.sync.choice())?;
    let view = View::new(snapshot, plan.need());
    plan.write(session, &reader, |sink| view.resource_types(sink))?;
    session.close(&reader, Answer::Yes)
}
