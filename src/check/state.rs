//! What all rules share while a sync is read.

use super::Rule;
use super::known::Known;
use super::notes::Notes;
use crate::store::SyncRun;

/// How much of the system a sync holds, which decides what may be missing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope {
    /// What its records name must be there.
    pub(super) closed: bool,
    /// All entitlements and grants are there.
    pub(super) access: bool,
}

impl Scope {
    /// Partial syncs name what other syncs hold, and unfinished ones what was still to come.
    pub(super) fn of(run: &SyncRun) -> Self {
        let full = matches!(run.kind.as_str(), "full" | "");
        let resources = run.kind == "resources_only";
        Self { closed: run.finished && (full || resources), access: run.finished && full }
    }
}

/// What all rules share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) scope: Scope,
    pub(super) notes: Notes,
    pub(super) known: Known,
}

impl State {
    pub(super) fn new(run: &SyncRun, chosen: &dyn Fn(&Rule) -> bool) -> Self {
        Self { scope: Scope::of(run), notes: Notes::new(chosen), known: Known::default() }
    }
}
