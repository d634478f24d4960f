//! A writer whose working database lies beside its target, where a killed process leaves it for the next.
//!
//! ```text
//! target   working database      what is written into
//! no       no                    an empty database
//! yes      no                    a copy of the target's database
//! either   yes, with more in it  the working database, if it belongs to the target
//! yes      yes, saved already    a copy of the target's database
//! ```

use std::path::Path;

use super::error::{WriteError, sqlite};
use super::migrate;
use super::spot::{self, Spot, Turn, Wait};
use super::working::Working;
use super::{OpenSync, SyncKind, Writer, opening};
use crate::c1z::{self, Format, Image, OpenOptions, Payload, Source};
use crate::store::sync::SyncRun;

/// How to begin beside a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BesideOptions {
    /// Discard the working database that an earlier process has left.
    pub fresh: bool,
    /// What the target may ask for.
    pub open: OpenOptions,
}

/// What there was to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the file will be a new one.
    Nothing,
    /// The target, whose syncs are kept.
    Target,
    /// The working database of a process that was killed, or failed. Its last sync may have ended: then it only waits
    /// to be saved.
    Working,
}

impl Writer {
    /// Goes on with the file at `target`, or starts it. `observer` hears how much of the target was read.
    ///
    /// The working database `.NAME.sync` lies beside the target (behind symbolic links). What was put into it before
    /// the last [`Writer::commit`] survives whatever happens to the process; [`Writer::save_beside`] moves it into the
    /// target. Only one process can have it.
    ///
    /// # Errors
    /// [`WriteError::InUse`]; [`WriteError::Unusable`] and [`WriteError::Foreign`] for a working database that is not
    /// one or belongs to another file; [`WriteError::Open`] and [`WriteError::Inextensible`] for a target that syncs
    /// cannot be added to; [`WriteError::File`]. The target is never changed.
    pub fn beside(
        target: &Path,
        options: &BesideOptions,
        observer: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(Self, Found), WriteError> {
        let spot = Spot::of(target)?;
        let mut turn = Turn::take(&spot, Wait::No)?;
        let left = left(&spot, &turn, options.fresh)?;
        spot.sweep()?;
        // Asked before the target is read: what is written later is noticed.
        let stamp = spot.stamp()?;
        let held = match stamp {
            Some(_) => unpack(&spot, &mut turn, &options.open, observer)?,
            None => Vec::new(),
        };
        if let Some(mut working) = left {
            match goes_on(&spot, &working, &held)? {
                true => {
                    working.belongs_to(stamp);
                    return Ok((Self::of(working), Found::Working));
                }
                false => working.discard_in(&turn)?,
            }
        }
        match stamp {
            Some(_) => opening::prepare(&turn).map_err(|fault| inextensible(&spot, &fault.to_string()))?,
            None => opening::fill_empty(&mut turn)?,
        }
        let mut working = Working::new(&spot, turn)?;
        working.belongs_to(stamp);
        Ok((Self::of(working), if stamp.is_some() { Found::Target } else { Found::Nothing }))
    }

    /// Ends the transaction and begins the next: what was put so far survives a kill. A writer without a target stays
    /// in its one transaction.
    ///
    /// # Errors
    /// [`WriteError::RolledBack`], [`WriteError::Sqlite`].
    pub fn commit(&mut self) -> Result<(), WriteError> {
        self.working.commit()
    }

    /// Every sync run of the file, finished or not, in storage order.
    ///
    /// # Errors
    /// [`WriteError::Reading`]
    pub fn runs(&self) -> Result<Vec<SyncRun>, WriteError> {
        self.working.runs()
    }

    /// Opens a sync that has not ended: the records to come belong to it. The clock is set to its start.
    ///
    /// # Errors
    /// [`WriteError::SyncOpen`], [`WriteError::UnknownSync`], [`WriteError::Ended`], [`WriteError::UnknownKind`].
    pub fn resume_sync(&mut self, id: &str) -> Result<(), WriteError> {
        if let Some(open) = &self.sync {
            return Err(WriteError::SyncOpen { id: open.id.clone() });
        }
        let Some(run) = self.runs()?.into_iter().find(|run| run.id == id) else {
            return Err(WriteError::UnknownSync { id: id.to_owned() });
        };
        if run.finished {
            return Err(WriteError::Ended { id: run.id });
        }
        let Some(kind) = SyncKind::of(&run.kind) else {
            return Err(WriteError::UnknownKind { id: run.id, kind: run.kind });
        };
        let failed = sqlite("going on with a sync");
        if !run.backfilled {
            migrate::move_expansions(self.connection(), id).map_err(&failed)?;
        }
        if let Some(start) = run.started_at {
            self.set_time(start);
        }
        self.sync = Some(OpenSync { id: run.id, kind, token: run.token });
        // What an earlier program may have found out about the sync holds no longer.
        let nothing = "stats = NULL, ingest_invariant_generation = '', ingest_invariant_coverage = '',
            ingest_invariant_mode = '', grants_backfilled = ?2";
        self.update_sync("going on with a sync", nothing, 1)
    }

    /// The id of the open sync.
    #[must_use]
    pub fn sync_id(&self) -> Option<&str> {
        self.sync.as_ref().map(|sync| sync.id.as_str())
    }

    /// The checkpoint of the open sync.
    #[must_use]
    pub fn sync_token(&self) -> Option<&str> {
        self.sync.as_ref().map(|sync| sync.token.as_str())
    }

    /// Saves the file at its target, whole or not at all, and removes the working database. A sync that is still open
    /// stays unfinished.
    ///
    /// # Errors
    /// [`WriteError::NoTarget`] when the writer was not made by [`Writer::beside`]; [`WriteError::Changed`],
    /// [`WriteError::Save`], [`WriteError::RolledBack`], [`WriteError::Sqlite`]. The target is as it was then, and the
    /// working database stays for the next attempt.
    pub fn save_beside(self) -> Result<(), WriteError> {
        self.working.save_beside()
    }

    /// Removes the working database, with all that the target does not hold. The target is left alone.
    ///
    /// # Errors
    /// [`WriteError::File`]
    pub fn discard(self) -> Result<(), WriteError> {
        self.working.discard()
    }

    pub(super) fn of(working: Working) -> Self {
        Self { working, sync: None, time: String::new() }
    }
}

/// The working database that there is, unless it is to be discarded.
fn left(spot: &Spot, turn: &Turn, fresh: bool) -> Result<Option<Working>, WriteError> {
    match Working::left(spot) {
        Ok(Some(working)) if fresh => working.discard_in(turn).map(|()| None),
        Err(WriteError::Unusable { .. }) if fresh && spot.has_working()? => {
            spot.remove_working().map(|()| None)
        }
        left => left,
    }
}

/// Unpacks the target into the file of `turn`, and gives the runs that it has.
fn unpack(
    spot: &Spot,
    turn: &mut Turn,
    options: &OpenOptions,
    observer: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<SyncRun>, WriteError> {
    let image = open(spot, options, observer)?;
    if image.is_empty() {
        opening::fill_empty(turn)?;
    }
    opening::fill(turn, &image)?;
    drop(image);
    opening::runs_in(turn).map_err(|fault| inextensible(spot, &fault.to_string()))
}

/// Opens the target, if it is what a sync can be added to.
fn open(
    spot: &Spot,
    options: &OpenOptions,
    observer: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Image, WriteError> {
    let source = Source::from(&*spot.target);
    let opened = c1z::open(&source, options, observer).map_err(WriteError::Open)?;
    // What is wrapped otherwise can be read, but a connector did not write it.
    if opened.envelope.gzip {
        return Err(inextensible(spot, "it is wrapped in gzip"));
    }
    match (opened.envelope.format, opened.payload) {
        (Format::V1, Payload::Sqlite(image)) => Ok(image),
        (_, Payload::Sqlite(_)) => Err(inextensible(spot, "it is a database and no c1z file")),
        (_, Payload::Archive(_)) => {
            Err(inextensible(spot, "it is a v3 file, to which no sync can be added yet"))
        }
    }
}

fn inextensible(spot: &Spot, problem: &str) -> WriteError {
    WriteError::Inextensible { target: spot.target.clone(), problem: problem.to_owned() }
}

/// Whether there is more in the working database than in the target, which holds the runs `held`.
///
/// # Errors
/// [`WriteError::Foreign`] when it does not belong to the target.
fn goes_on(spot: &Spot, working: &Working, held: &[SyncRun]) -> Result<bool, WriteError> {
    let runs = working.runs()?;
    // Of those that began at the same time the one stored last.
    let Some(newest) = runs.iter().max_by_key(|run| run.started_at) else { return Ok(false) };
    let is_held = |run: &SyncRun| held.iter().any(|other| is_same(run, other));
    let has_more = !newest.finished || !runs.iter().all(is_held);
    // Finished syncs go when another one ends, and not before.
    let may_lack = |run: &SyncRun| {
        let has_ended = runs.iter().any(|known| known.finished && !is_held(known));
        run.started_at < newest.started_at && (has_ended || !has_more || !run.finished)
    };
    for run in held {
        let problem = match runs.iter().find(|known| known.id == run.id) {
            Some(known) if is_later(known, run) => continue,
            Some(_) => format!("the sync {} is another one", run.id),
            None if may_lack(run) => continue,
            None if run.started_at < newest.started_at => {
                format!("it holds the sync {}, which was not there when that one began", run.id)
            }
            None => format!("it holds the sync {}, which began later", run.id),
        };
        let working = spot::name(&spot.working);
        return Err(WriteError::Foreign { target: spot.target.clone(), working, problem });
    }
    Ok(has_more)
}

/// Whether two states of a sync differ in nothing that can be seen from outside.
fn is_same(run: &SyncRun, other: &SyncRun) -> bool {
    run.id == other.id && run.finished == other.finished && (run.finished || run.token == other.token)
}

/// Whether `known` is `held`, or what became of it.
fn is_later(known: &SyncRun, held: &SyncRun) -> bool {
    let same_end = known.finished == held.finished && known.ended_at == held.ended_at;
    known.started_at == held.started_at && (same_end || known.finished && !held.finished)
}
