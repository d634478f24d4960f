//! Where a sync begins: anew, or where an earlier run left off.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::error::SyncError;
use super::run::Plan;
use super::time;
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
    let open_again = |fresh| {
        let options = BesideOptions { fresh, open: open.clone() };
        Writer::beside(target, &options, &mut |_, _| {})
    };
    let (mut writer, mut found) = open_again(fresh)?;
    let now = time::instant(now)?;
    let runs = writer.runs()?;
    let candidate = newest(runs.iter().filter(|run| !run.finished && run.kind == plan.kind.word()));
    let stale = candidate.is_some_and(|run| is_stale(run, now));
    if found == Found::Working {
        match candidate {
            Some(run) if !stale => return resume(writer, run.clone()),
            None => return collected(writer, &runs, plan),
            Some(_) => {
                drop(writer);
                (writer, found) = open_again(true)?;
            }
        }
    } else if let Some(run) = candidate {
        // A partial sync is of certain resources, and this one may be of others.
        if !fresh && !stale && plan.kind != SyncKind::Partial {
            return resume(writer, run.clone());
        }
        if fresh {
            writer.remove_sync(&run.id)?;
        }
    }
    debug_assert!(found != Found::Working);
    let runs = writer.runs()?;
    writer.begin_sync(new_sync(plan.kind, &runs, now)?)?;
    writer.commit()?;
    Ok(Beginning::New(writer))
}

fn resume(mut writer: Writer, run: SyncRun) -> Result<Beginning, SyncError> {
    writer.resume_sync(&run.id)?;
    Ok(Beginning::Resumed(writer, run))
}

/// The working database of a sync that ended, but was not saved any more; or one of another kind of sync.
fn collected(writer: Writer, runs: &[SyncRun], plan: &Plan) -> Result<Beginning, SyncError> {
    let Some(last) = newest(runs.iter()) else {
        return Err(SyncError::Options("the working database holds no sync; --fresh discards it".into()));
    };
    if !last.finished {
        return Err(SyncError::Options(format!(
            "a {} sync is unfinished, and this would be a {} one; finish it first, or discard it with --fresh",
            last.kind,
            plan.kind.word()
        )));
    }
    let last = last.clone();
    Ok(Beginning::Collected(writer, last))
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
