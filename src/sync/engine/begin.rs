//! Where a sync begins: anew, or where an earlier run left off.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::error::SyncError;
use super::run::Plan;
use super::time;
use super::token::State;
use crate::model::time::Instant;
use crate::store::{BesideOptions, Found, NewSync, OpenOptions, SyncKind, SyncRun, Writer};

/// A sync that was begun earlier than this is not gone on with: the system has changed too much.
const STALE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How a sync begins.
pub(super) enum Beginning {
    /// With nothing collected.
    New(Writer),
    /// With what an earlier run of it collected.
    Resumed(Writer, SyncRun),
    /// With nothing left to do but to save it.
    Collected(Writer, SyncRun),
}

/// Opens the file at `target`, or what a killed sync left beside it.
pub(super) fn begin(
    target: &Path,
    plan: &Plan,
    open: OpenOptions,
    fresh: bool,
    now: SystemTime,
) -> Result<Beginning, SyncError> {
    let options = BesideOptions { fresh, open };
    let (mut writer, found) = Writer::beside(target, &options, &mut |_, _| {})?;
    let now = time::instant(now)?;
    let runs = writer.runs()?;
    let candidate = newest(runs.iter().filter(|run| !run.finished && run.kind == plan.kind.word()));
    if found == Found::Working {
        if let Some(run) = candidate.filter(|run| !is_stale(run, now)) {
            return resume(writer, run.clone());
        }
        match newest(runs.iter()) {
            Some(last) if is_answer(last, plan, now) => {
                return Ok(Beginning::Collected(writer, last.clone()));
            }
            // The answer to another question: it is saved together with the one to come.
            Some(last) if last.finished => {}
            Some(last) if is_stale(last, now) => writer.remove_sync(&last.id)?,
            Some(last) => return Err(another_kind(last, plan)),
            None => {}
        }
    } else if let Some(run) = candidate {
        if !fresh && !is_stale(run, now) {
            return resume(writer, run.clone());
        }
        if fresh {
            writer.remove_sync(&run.id)?;
        }
    }
    let runs = writer.runs()?;
    writer.begin_sync(new_sync(plan.kind, &runs, now)?)?;
    writer.commit()?;
    Ok(Beginning::New(writer))
}

fn resume(mut writer: Writer, run: SyncRun) -> Result<Beginning, SyncError> {
    writer.resume_sync(&run.id)?;
    Ok(Beginning::Resumed(writer, run))
}

/// Whether a sync, which ended but was not saved any more, is what this one would be.
fn is_answer(last: &SyncRun, plan: &Plan, now: Instant) -> bool {
    // A partial one may have been of other resources.
    let same_kind = last.kind == plan.kind.word() && plan.kind != SyncKind::Partial;
    let same_skips = State::parse(&last.token).skips_as(plan);
    let same_types =
        last.stats.as_ref().is_some_and(|stats| stats.resources_by_resource_type.keys().eq(&plan.kinds));
    last.finished && same_kind && same_skips && same_types && !is_stale(last, now)
}

fn another_kind(last: &SyncRun, plan: &Plan) -> SyncError {
    SyncError::Options(format!(
        "a {} sync is unfinished, and this would be a {} one; finish it first, or discard it with --fresh",
        last.kind,
        plan.kind.word()
    ))
}

fn newest<'a>(runs: impl Iterator<Item = &'a SyncRun>) -> Option<&'a SyncRun> {
    runs.max_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)))
}

fn is_stale(run: &SyncRun, now: Instant) -> bool {
    let age = run.started_at.map(|begun| now.since(begun));
    age.is_none_or(|age| age.as_secs() > STALE.as_secs().cast_signed())
}

/// A sync with a new id. A partial one builds on the newest full one.
fn new_sync(kind: SyncKind, runs: &[SyncRun], now: Instant) -> Result<NewSync, SyncError> {
    let mut new = NewSync::new(time::sync_id(now)?, kind, now);
    if kind == SyncKind::Partial {
        let full = runs.iter().filter(|run| run.finished && run.kind == SyncKind::Full.word());
        let latest = full.max_by(|a, b| (a.ended_at, &a.id).cmp(&(b.ended_at, &b.id)));
        new.parent_id = latest.map(|run| run.id.clone()).unwrap_or_default();
    }
    Ok(new)
}
