//! `baton resources`

use std::collections::BTreeMap;
use std::io::Write as _;

use super::Answer;
use super::records::RecordArgs;
use super::session::Session;
use crate::render::{OutputFormat, small_table};
use crate::store::{ResourceFilter, Snapshot};
use crate::ui::CommandError;
use crate::view::RESOURCES;

/// List resources: users, groups, roles, apps …; without a filter, count them by type
///
/// Filters combine. -t is the resource's own type, -t with -r the children of that resource, -e the resource that
/// offers an entitlement, -p the principal itself. All formats but the table list every resource.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton resources                          how many there are of each type
  baton resources -t user -o csv           every user, for a spreadsheet
  baton resources -t org -r o1             what belongs to the organisation o1
  baton resources --all --sort last_login --columns type,name,last_login")]
pub(super) struct Args {
    /// List the resources rather than counting them
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    records: RecordArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    if args.counts(session.format()) {
        return count(session, &args.records);
    }
    args.records.list(session, &RESOURCES, |view, filter, sink| view.resources(filter, sink))
}

impl Args {
    /// Whether counts are wanted: a plain table of everything would be too long to read.
    fn counts(&self, format: OutputFormat) -> bool {
        format == OutputFormat::Table
            && !self.all
            && !self.records.list.asks_for_rows()
            && self.records.kind.resource_type.is_none()
            && self.records.entitlement.entitlement.is_none()
            && self.records.principal.principal.is_none()
    }
}

fn count(session: &Session, args: &RecordArgs) -> Result<Answer, CommandError> {
    let reader = session.open()?;
    let snapshot = session.choose(&reader, &args.sync.choice())?;
    write_counts(session, snapshot, !args.list.no_headers)?;
    session.ui.hint("list them with -t TYPE or --all");
    session.close(&reader, Answer::Yes)
}

fn write_counts(session: &Session, snapshot: Snapshot<'_>, header: bool) -> Result<(), CommandError> {
    let rows: Vec<Vec<String>> =
        counts(snapshot)?.into_iter().map(|(kind, count)| vec![kind, count.to_string()]).collect();
    let mut stdout = session.ui.stdout();
    let titles: &[&str] = if header { &["Resource Type", "Count"] } else { &[] };
    small_table(&mut stdout, titles, &rows, &[1], session.ui.stdout_colour())?;
    stdout.flush()?;
    Ok(())
}

/// Resources by the id of their type; a declared type without any counts 0.
fn counts(snapshot: Snapshot<'_>) -> Result<BTreeMap<String, u64>, CommandError> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut counts = BTreeMap::new();
    let mut scan = snapshot.resource_types()?;
    let mut rows = scan.rows()?;
    while rows.next(|kind| counts.insert(text(kind.id), 0))?.is_some() {}
    let mut scan = snapshot.resources(&ResourceFilter::default())?;
    let mut rows = scan.rows()?;
    while rows.next(|resource| *counts.entry(text(resource.key.kind)).or_insert(0) += 1)?.is_some() {}
    Ok(counts)
}
