//! The sync runs, and whether they agree with the records.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::report::{Count, Layer, SyncCounts};
use super::sqlite::Tallies;
use super::words::count;
use crate::model::ksuid::Ksuid;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::store::{SyncRun, Tables, Tally, differences};

/// Looks at the sync runs of a SQLite database. `whole`: whether all records could be read, so that counts must agree.
pub(super) fn sqlite(
    tables: &Tables,
    tallies: &Tallies,
    whole: bool,
    findings: &mut Findings,
) -> Vec<SyncCounts> {
    let mut known: BTreeSet<&[u8]> = BTreeSet::new();
    let mut found = Vec::new();
    for run in tables.runs() {
        if !known.insert(run.id.as_bytes()) {
            findings.bad(Layer::Sync, None, format!("sync {}", run.id), "another sync run has this id too");
            continue;
        }
        of_run(run, findings);
        let tally = tallies.get(run.id.as_bytes()).cloned().unwrap_or_default();
        if let Some(kept) = run.stats.as_ref().filter(|_| whole) {
            for line in differences(kept, &tally.sqlite_stats(&run.kind)) {
                findings.bad(Layer::Sync, None, format!("sync {}", run.id), line);
            }
        }
        found.push(counts(run, &tally));
    }
    for (id, tally) in tallies.iter().filter(|(id, _)| !known.contains(id.as_slice())) {
        let id = String::from_utf8_lossy(id).into_owned();
        let records = tally.readable.iter().chain(&tally.damaged).sum();
        let message =
            format!("{} of it, but no sync run, so that nobody reads them", count(records, "record"));
        findings.bad(Layer::Sync, None, format!("sync {id}"), message);
        found.push(SyncCounts { id, counts: of_tally(tally, None), ..SyncCounts::default() });
    }
    found
}

/// What is wrong with a sync run by itself.
pub(super) fn of_run(run: &SyncRun, findings: &mut Findings) {
    let place = format!("sync {}", run.id);
    if let Err(error) = run.id.parse::<Ksuid>() {
        findings.bad(Layer::Sync, None, &*place, format!("its id is no KSUID: {error}"));
    }
    if run.started_at.is_none() {
        findings.bad(Layer::Sync, None, &*place, "its start is no time");
    }
    match (run.finished, run.started_at, run.ended_at) {
        (false, _, _) => findings.odd(Layer::Sync, None, place, "it did not end"),
        (true, _, None) => findings.bad(Layer::Sync, None, place, "its end is no time"),
        (true, Some(start), Some(end)) if end < start => {
            findings.odd(Layer::Sync, None, place, "it ended before it started");
        }
        _ => {}
    }
}

/// The counts of a sync run and its records.
pub(super) fn counts(run: &SyncRun, tally: &Tally) -> SyncCounts {
    SyncCounts {
        id: run.id.clone(),
        kind: run.kind.clone(),
        known: true,
        finished: run.finished,
        counts: of_tally(tally, run.stats.as_ref()),
    }
}

fn of_tally(tally: &Tally, kept: Option<&SyncStats>) -> [Count; 5] {
    let kept =
        kept.map(|kept| [kept.resource_types, kept.resources, kept.entitlements, kept.grants, kept.assets]);
    std::array::from_fn(|family| {
        let number = |counts: &[u64; 5]| counts.get(family).copied().unwrap_or(0);
        Count {
            readable: number(&tally.readable),
            damaged: number(&tally.damaged),
            stated: kept.and_then(|kept| u64::try_from(*kept.get(family)?).ok()),
        }
    })
}

/// Adds what a file states of the records of a sync.
pub(super) fn state(counts: &mut SyncCounts, stated: &SyncStats) {
    let stated = of_tally(&Tally::default(), Some(stated));
    for (count, stated) in counts.counts.iter_mut().zip(stated) {
        count.stated = count.stated.or(stated.stated);
    }
}

/// Records without a sync run.
pub(super) fn unknown(tally: &Tally) -> SyncCounts {
    SyncCounts { counts: of_tally(tally, None), ..SyncCounts::default() }
}
