//! The sync run itself: whether it ended, and whether its counts are those of its records.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use super::notes::{counted, text};
use super::rules::Code;
use super::state::State;
use super::{Checked, Record, RecordKind};
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::store::{Error, Snapshot};

/// Differences that are told.
const TOLD: usize = 5;

fn record(snapshot: Snapshot<'_>) -> Record {
    Record { kind: RecordKind::Sync, id: snapshot.run().id.clone() }
}

/// Whether the sync ended, and holds anything.
pub(super) fn ended(state: &mut State, snapshot: Snapshot<'_>, checked: &Checked) {
    let (run, record) = (snapshot.run(), record(snapshot));
    if !run.finished {
        let message = format!("sync {} has no end", run.id);
        state.notes.add(Code::SyncUnfinished, &[record], &message, None);
    } else if state.scope.closed && checked.resources == 0 {
        let message = format!("sync {} holds no resource", run.id);
        state.notes.add(Code::SyncEmpty, &[record], &message, None);
    } else if state.scope.access && checked.grants == 0 && state.known.offers_any() {
        let message =
            format!("sync {} holds {} and no grant", run.id, counted(checked.entitlements, "entitlement"));
        state.notes.add(Code::SyncGrantless, &[record], &message, None);
    }
}

/// Compares the kept counts with the records. `assets` is how many there are, if that is known.
///
/// The records are counted while they are read. Only if that makes a difference, the reader counts them its own way, in
/// which rows that cannot be read count as well.
///
/// # Errors
/// [`Error`] when the file is damaged.
pub(super) fn counts(
    state: &mut State,
    snapshot: Snapshot<'_>,
    checked: &Checked,
    assets: Option<u64>,
) -> Result<(), Error> {
    let Some(kept) = &snapshot.run().stats else { return Ok(()) };
    if !state.notes.wants(Code::StatsMismatch) || !snapshot.run().finished {
        return Ok(());
    }
    let seen = seen(&state.known, kept, checked, snapshot, assets);
    if differences(kept, &seen).is_empty() {
        return Ok(());
    }
    let counted = snapshot.count()?;
    let differences = differences(kept, &counted);
    if !differences.is_empty() {
        let told: Vec<_> = differences.iter().take(TOLD).map(String::as_str).collect();
        let more = if differences.len() > TOLD { " and others" } else { "" };
        let message = format!("the kept counts are not those of the records: {}{more}", told.join(", "));
        state.notes.add(Code::StatsMismatch, &[record(snapshot)], &message, None);
    }
    Ok(())
}

/// The counts of what was read, by the rules of the engine.
fn seen(
    known: &Known,
    kept: &SyncStats,
    checked: &Checked,
    snapshot: Snapshot<'_>,
    assets: Option<u64>,
) -> SyncStats {
    // A SQLite file counts resources of the types that it declares, and of these all.
    let declared_only = snapshot.reader().engine() == "sqlite";
    let of = |family: usize| {
        (0..known.kinds.len() as u32).map(move |kind| {
            let count = known.counts(kind).get(family).copied().unwrap_or(0);
            (kind, (text(known.kind_id(kind)), count as i64))
        })
    };
    let some = |family: usize| of(family).map(|(_, entry)| entry).filter(|(_, count)| *count > 0).collect();
    let resources: BTreeMap<String, i64> = match declared_only {
        true => of(0).filter(|(kind, _)| known.has_kind(*kind)).map(|(_, entry)| entry).collect(),
        false => some(0),
    };
    let mut stats = SyncStats {
        resource_types: checked.resource_types as i64,
        resources: resources.values().sum(),
        resources_by_resource_type: resources,
        assets: assets.map_or(kept.assets, |count| count as i64),
        ..SyncStats::default()
    };
    if !(declared_only && snapshot.run().kind == "resources_only") {
        stats.entitlements = checked.entitlements as i64;
        stats.grants = checked.grants as i64;
        stats.entitlements_by_resource_type = some(1);
        stats.grants_by_resource_type = some(2);
    }
    stats
}

/// `3 grants are kept, there are 4` for each count that differs. What is 0 may be left out.
fn differences(kept: &SyncStats, counted: &SyncStats) -> Vec<String> {
    let totals = [
        ("resource types", kept.resource_types, counted.resource_types),
        ("resources", kept.resources, counted.resources),
        ("entitlements", kept.entitlements, counted.entitlements),
        ("grants", kept.grants, counted.grants),
        ("assets", kept.assets, counted.assets),
    ];
    let totals = totals.into_iter().map(|(what, kept, counted)| (what.to_owned(), kept, counted));
    let maps = [
        ("resources", &kept.resources_by_resource_type, &counted.resources_by_resource_type),
        ("entitlements", &kept.entitlements_by_resource_type, &counted.entitlements_by_resource_type),
        ("grants", &kept.grants_by_resource_type, &counted.grants_by_resource_type),
    ];
    let by_type = maps.into_iter().flat_map(|(what, kept, counted)| {
        let ids: BTreeSet<&String> = kept.keys().chain(counted.keys()).collect();
        ids.into_iter().map(move |id| {
            let count = |counts: &BTreeMap<String, i64>| counts.get(id).copied().unwrap_or(0);
            (format!("{what} of type {id}"), count(kept), count(counted))
        })
    });
    let differ = totals.chain(by_type).filter(|(_, kept, counted)| kept != counted);
    differ.map(|(what, kept, counted)| format!("{kept} {what} are kept and there are {counted}")).collect()
}
