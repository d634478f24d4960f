//! `baton stats`

use std::collections::BTreeSet;
use std::io::Write as _;

use super::Answer;
use super::args::{ListArgs, SyncArgs};
use super::output::Plan;
use super::session::Session;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::time::Instant;
use crate::render::{OutputFormat, small_table};
use crate::store::{Place, Snapshot, SyncRun};
use crate::ui::CommandError;
use crate::view::{STATS, Sink, StatsRow, push_sync_run};

/// Show a sync run and its counts
///
/// The counts are those that the writer kept with the sync; files without them are counted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton stats
  baton stats -o json | jq -r .stats.grants
  baton stats -o csv                       the counts by resource type")]
pub(super) struct Args {
    /// Count the records, and say where the kept counts differ
    #[arg(long)]
    recount: bool,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    sync: SyncArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let Some(plan) = Plan::new(session, &STATS, &args.list)? else { return Ok(Answer::Yes) };
    let reader = session.open()?;
    let snapshot = session.choose(&reader, &args.sync.choice())?;
    let stats = stats(session, snapshot, args.recount)?;
    match session.format() {
        OutputFormat::Json => write_json(session, snapshot.run(), stats)?,
        OutputFormat::Table | OutputFormat::Wide if !args.list.asks_for_rows() => {
            write_tables(session, snapshot, &stats, !args.list.no_headers)?;
        }
        _ => drop(plan.write(session, &reader, |sink| list(&stats, sink))?),
    }
    session.close(&reader, Answer::Yes)
}

fn stats(session: &Session, snapshot: Snapshot<'_>, recount: bool) -> Result<SyncStats, CommandError> {
    match &snapshot.run().stats {
        Some(kept) if !recount => Ok(kept.clone()),
        None => Ok(snapshot.count()?),
        Some(kept) => {
            let mut counted = snapshot.count()?;
            for line in differences(kept, &counted) {
                session.ui.warn(&line);
            }
            // What cannot be counted is kept.
            counted.step_durations_ms.clone_from(&kept.step_durations_ms);
            counted.connector_call_stats.clone_from(&kept.connector_call_stats);
            counted.session_store_stats.clone_from(&kept.session_store_stats);
            Ok(counted)
        }
    }
}

/// One line for each count that differs.
fn differences(kept: &SyncStats, counted: &SyncStats) -> Vec<String> {
    let totals = [
        ("resource types", kept.resource_types, counted.resource_types),
        ("resources", kept.resources, counted.resources),
        ("entitlements", kept.entitlements, counted.entitlements),
        ("grants", kept.grants, counted.grants),
        ("assets", kept.assets, counted.assets),
    ];
    let totals = totals.into_iter().map(|(what, kept, counted)| (what.to_owned(), kept, counted));
    let by_type = types(kept).union(&types(counted)).copied().collect::<Vec<_>>();
    let by_type = by_type.into_iter().flat_map(|id| {
        let (kept, counted) = (row(kept, id), row(counted, id));
        ["resources", "entitlements", "grants"]
            .into_iter()
            .zip(kept.counts.into_iter().zip(counted.counts))
            .map(move |(what, (kept, counted))| (format!("{what} of type {id}"), kept, counted))
    });
    totals
        .chain(by_type)
        .filter(|(_, kept, counted)| kept != counted)
        .map(|(what, kept, counted)| format!("the kept count of {what} is {kept}, there are {counted}"))
        .collect()
}

/// Every resource type that any count names.
fn types(stats: &SyncStats) -> BTreeSet<&str> {
    [&stats.resources_by_resource_type, &stats.entitlements_by_resource_type, &stats.grants_by_resource_type]
        .into_iter()
        .flat_map(|counts| counts.keys().map(String::as_str))
        .collect()
}

fn row<'a>(stats: &SyncStats, id: &'a str) -> StatsRow<'a> {
    let count = |counts: &std::collections::BTreeMap<String, i64>| counts.get(id).copied().unwrap_or(0);
    StatsRow {
        resource_type: id,
        counts: [
            count(&stats.resources_by_resource_type),
            count(&stats.entitlements_by_resource_type),
            count(&stats.grants_by_resource_type),
        ],
    }
}

fn list(stats: &SyncStats, sink: &mut dyn Sink) -> Result<(), CommandError> {
    for (number, id) in (1..).zip(types(stats)) {
        if sink.row(&row(stats, id), Place::Row { table: "stats", row: number })?.is_break() {
            break;
        }
    }
    Ok(())
}

fn write_json(session: &Session, run: &SyncRun, stats: SyncStats) -> Result<(), CommandError> {
    let mut json = Vec::new();
    push_sync_run(&mut json, run, stats).map_err(|error| CommandError::trouble(error.to_string()))?;
    json.push(b'\n');
    let mut stdout = session.ui.stdout();
    stdout.write_all(&json)?;
    Ok(stdout.flush()?)
}

fn write_tables(
    session: &Session,
    snapshot: Snapshot<'_>,
    stats: &SyncStats,
    header: bool,
) -> Result<(), CommandError> {
    let titles = |titles: &'static [&'static str]| if header { titles } else { &[] };
    let pair = |(name, value): (&str, String)| vec![name.to_owned(), value];
    let fields: Vec<_> = fields(snapshot, session.format()).into_iter().map(pair).collect();
    let totals: Vec<_> = [
        ("Resource Types", stats.resource_types),
        ("Resources", stats.resources),
        ("Entitlements", stats.entitlements),
        ("Grants", stats.grants),
        ("Assets", stats.assets),
    ]
    .into_iter()
    .filter(|(name, count)| *name != "Assets" || *count > 0)
    .map(|(name, count)| pair((name, count.to_string())))
    .collect();
    let by_type: Vec<Vec<String>> = types(stats)
        .into_iter()
        .map(|id| {
            let counts = row(stats, id).counts.map(|count| count.to_string());
            std::iter::once(id.to_owned()).chain(counts).collect()
        })
        .collect();
    let colour = session.ui.stdout_colour();
    let mut stdout = session.ui.stdout();
    small_table(&mut stdout, titles(&["Field", "Value"]), &fields, &[], colour)?;
    stdout.write_all(b"\n")?;
    small_table(&mut stdout, titles(&["Type", "Count"]), &totals, &[1], colour)?;
    if !by_type.is_empty() {
        stdout.write_all(b"\n")?;
        let header = titles(&["Resource Type", "Resources", "Entitlements", "Grants"]);
        small_table(&mut stdout, header, &by_type, &[1, 2, 3], colour)?;
    }
    Ok(stdout.flush()?)
}

fn fields(snapshot: Snapshot<'_>, format: OutputFormat) -> Vec<(&'static str, String)> {
    let run = snapshot.run();
    let time = |instant: Option<Instant>| instant.map_or_else(|| "-".into(), Instant::to_seconds_text);
    let duration = match (run.started_at, run.ended_at) {
        (Some(start), Some(end)) => duration(end.since(start).as_secs_f64()),
        _ => "-".into(),
    };
    vec![
        ("Engine", snapshot.reader().engine().to_owned()),
        ("Sync ID", run.id.clone()),
        ("Sync Type", run.kind.clone()),
        ("Parent Sync ID", run.parent_id.clone()),
        ("Started At", time(run.started_at)),
        ("Ended At", time(run.ended_at)),
        ("Duration", duration),
        ("Sync Token", if format == OutputFormat::Wide { run.token.clone() } else { shortened(&run.token) }),
    ]
}

/// `2h3m`, `2m11s`, `4.6s`, `64ms`.
fn duration(seconds: f64) -> String {
    let whole = seconds.abs().round() as u64;
    let sign = if seconds < 0.0 { "-" } else { "" };
    match whole {
        3600.. => format!("{sign}{}h{}m{}s", whole / 3600, whole / 60 % 60, whole % 60),
        60.. => format!("{sign}{}m{}s", whole / 60, whole % 60),
        _ if seconds.abs() >= 1.0 => format!("{seconds:.1}s"),
        _ => format!("{:.0}ms", seconds * 1000.0),
    }
}

/// A token may be a long JSON text; `-o wide` and `-o json` show all of it.
fn shortened(token: &str) -> String {
    const MOST: usize = 60;
    match token.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", token.get(..end).unwrap_or_default()),
        None => token.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (seconds, shown) in [
            (0.0, "0ms"),
            (0.064, "64ms"),
            (4.55, "4.5s"),
            (131.2, "2m11s"),
            (7321.0, "2h2m1s"),
            (-90.0, "-1m30s"),
        ] {
            assert_eq!(duration(seconds), shown);
        }
    }

    #[test]
    fn differences_are_named() {
        let kept = SyncStats {
            grants: 3,
            grants_by_resource_type: [("app".into(), 3)].into(),
            ..Default::default()
        };
        let counted = SyncStats {
            grants: 2,
            grants_by_resource_type: [("app".into(), 2)].into(),
            ..Default::default()
        };
        assert_eq!(
            differences(&kept, &counted),
            [
                "the kept count of grants is 3, there are 2",
                "the kept count of grants of type app is 3, there are 2"
            ]
        );
        assert!(differences(&kept, &kept).is_empty());
    }
}
