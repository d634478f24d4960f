//! The sync run of a file. There is one at most: its row is the truth, the manifest in front of the file repeats it
//! and has its counts.

use prost::Message as _;

use super::super::Error;
use super::super::sync::SyncRun;
use super::Engine;
use super::keys::{STATS, SYNC_RUN};
use crate::model::ksuid::Ksuid;
use crate::model::proto::c1::c1z::v3::C1zManifestV3;
use crate::model::proto::c1::reader::v2::{CallStat, SyncStats};
use crate::model::proto::c1::storage::v3::{self, SyncStatsRecord, SyncType};
use crate::model::time::Instant;
use crate::model::wire::{Fields, Malformed, Value};

/// The sync run, if the store has one.
pub(super) fn read(engine: &Engine, manifest: &[u8]) -> Result<Option<SyncRun>, Error> {
    let Some(row) = engine.get(SYNC_RUN)? else { return Ok(None) };
    let damaged = |problem: String| Error::SyncRun { file: engine.file.clone(), problem };
    let mut run = run(&row).map_err(|error| damaged(error.to_string()))?;
    if let Err(error) = run.id.parse::<Ksuid>() {
        return Err(damaged(format!("its id is {:?}, and {error}", run.id)));
    }
    run.stats = match told(manifest, &run.id) {
        Some(stats) => Some(stats),
        None if run.finished => kept(engine, &run.id)?,
        None => None,
    };
    Ok(Some(run))
}

/// Reads a `SyncRunRecord`. Texts may be no UTF-8.
pub(super) fn run(row: &[u8]) -> Result<SyncRun, Malformed> {
    let mut run = SyncRun {
        id: String::new(),
        started_at: None,
        ended_at: None,
        finished: false,
        token: String::new(),
        kind: String::new(),
        parent_id: String::new(),
        stats: None,
        backfilled: true,
    };
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let mut walk = Fields::of(row);
    while let Some((number, value)) = walk.next_field()? {
        match (number, value) {
            (1, Value::Bytes(bytes)) => run.id = text(bytes),
            (2, Value::Varint(number)) => run.kind = kind(number),
            (3, Value::Bytes(bytes)) => run.parent_id = text(bytes),
            (4, Value::Bytes(time)) => run.started_at = Instant::read(time)?,
            (5, Value::Bytes(time)) => (run.ended_at, run.finished) = (Instant::read(time)?, true),
            (6, Value::Bytes(bytes)) => run.token = text(bytes),
            _ => {}
        }
    }
    Ok(run)
}

/// The word for a type of sync; a number for one of the future, nothing for one that is not told.
fn kind(number: u64) -> String {
    let kind = i32::try_from(number).ok().and_then(|number| SyncType::try_from(number).ok());
    match kind {
        Some(SyncType::Unspecified) => String::new(),
        Some(kind) => kind.as_str_name().trim_start_matches("SYNC_TYPE_").to_ascii_lowercase(),
        None => number.to_string(),
    }
}

/// The counts in the manifest. One that does not parse has none: it only repeats what is told elsewhere.
pub(super) fn told(manifest: &[u8], id: &str) -> Option<SyncStats> {
    let manifest = C1zManifestV3::decode(manifest).ok()?;
    let summary = manifest.sync_runs.into_iter().find(|summary| summary.sync_id == id)?;
    summary.stats.map(stats)
}

/// The counts in the database.
fn kept(engine: &Engine, id: &str) -> Result<Option<SyncStats>, Error> {
    let row = engine.get(STATS)?;
    let record = row.and_then(|row| SyncStatsRecord::decode(&*row).ok());
    Ok(record.filter(|record| record.sync_id == id).map(stats))
}

pub(super) fn stats(record: SyncStatsRecord) -> SyncStats {
    let calls = |calls: std::collections::BTreeMap<String, v3::CallStat>| {
        calls.into_iter().map(|(name, call)| (name, call_stat(&call))).collect()
    };
    SyncStats {
        resource_types: record.resource_types,
        resources: record.resources,
        entitlements: record.entitlements,
        grants: record.grants,
        assets: record.assets,
        resources_by_resource_type: record.resources_by_resource_type,
        grants_by_resource_type: record.grants_by_entitlement_resource_type,
        entitlements_by_resource_type: record.entitlements_by_resource_type,
        step_durations_ms: record.step_durations_ms,
        connector_call_stats: calls(record.connector_call_stats),
        session_store_stats: calls(record.session_store_stats),
    }
}

fn call_stat(call: &v3::CallStat) -> CallStat {
    CallStat {
        count: call.count,
        total_ms: call.total_ms,
        max_ms: call.max_ms,
        errors: call.errors,
        timeouts: call.timeouts,
    }
}
