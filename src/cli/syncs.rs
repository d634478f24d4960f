//! `baton syncs`

use super::Answer;
use super::args::{ListArgs, SyncArgs};
use super::output::Plan;
use super::session::Session;
use crate::store::{Place, Reader, SyncRun};
use crate::ui::CommandError;
use crate::view::{Error, SYNCS, Sink, SyncRow};

/// List sync runs, finished or not
///
/// Times of older files are the wall clock of the host that ran the connector, shown as if it were UTC.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton syncs
  baton syncs -o csv                       with the counts of each
  baton grants --sync-id \"$(baton syncs -o name | head -1)\"")]
pub(super) struct Args {
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    sync: SyncArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let Some(plan) = Plan::new(session, &SYNCS, &args.list)? else { return Ok(Answer::Yes) };
    let reader = session.open()?;
    if args.sync.id().is_some() {
        reader.choose(&args.sync.choice())?;
    }
    let counts = SYNCS.columns.iter().enumerate().any(|(place, column)| {
        matches!(column.name, "resources" | "entitlements" | "grants") && plan.shows(place)
    });
    plan.write(session, &reader, |sink| {
        let wanted = |run: &&SyncRun| args.sync.id().is_none_or(|id| id == run.id);
        list(&reader, reader.runs().iter().filter(wanted), counts, sink)
    })?;
    session.close(&reader, Answer::Yes)
}

fn list<'r>(
    reader: &'r Reader,
    runs: impl Iterator<Item = &'r SyncRun>,
    counts: bool,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    for (row, run) in (1..).zip(runs) {
        let stats = match &run.stats {
            Some(stats) => Some(stats.clone()),
            None if counts => Some(reader.at(run).count()?),
            None => None,
        };
        let place = Place::Row { table: "sync runs", row };
        if sink.row(&SyncRow::new(run, reader.engine(), stats), place)?.is_break() {
            break;
        }
    }
    Ok(())
}
