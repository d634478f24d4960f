//! The engine: it drives a connector through the stages of a sync, and writes what it hears into a file.

mod error;

use std::path::Path;

pub use error::SyncError;

use super::clock::{Clock, Stop, SystemClock};
use super::contract::Connector;
use super::event::{Deaf, Observer};
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::v2;
use crate::store::SyncKind;

/// A resource that a partial sync is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its type and id.
    pub id: v2::ResourceId,
    /// Its parent, where that is known.
    pub parent: Option<v2::ResourceId>,
}

/// How an ended sync came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The id of the sync.
    pub sync_id: String,
    /// Whether it goes on from an earlier run.
    pub resumed: bool,
    /// What it holds.
    pub stats: SyncStats,
    /// How many warnings there were.
    pub warnings: u64,
}

/// A sync to run.
pub struct Sync<'a> {
    connector: &'a dyn Connector,
    types: Vec<String>,
    targets: Vec<Target>,
    kind: SyncKind,
    keep: Option<usize>,
    clean_up: bool,
    fresh: bool,
    stop: Stop,
    clock: &'a dyn Clock,
}

impl<'a> Sync<'a> {
    /// A full sync of all that the connector knows.
    #[must_use]
    pub fn new(connector: &'a dyn Connector) -> Self {
        Self {
            connector,
            types: Vec::new(),
            targets: Vec::new(),
            kind: SyncKind::Full,
            keep: None,
            clean_up: true,
            fresh: false,
            stop: Stop::new(),
            clock: &SystemClock,
        }
    }

    /// Only these resource types; none means all.
    #[must_use]
    pub fn types(mut self, types: impl IntoIterator<Item = String>) -> Self {
        self.types = types.into_iter().collect();
        self
    }

    /// Only these resources and what belongs to them: a partial sync, unless there are none.
    #[must_use]
    pub fn targets(mut self, targets: impl IntoIterator<Item = Target>) -> Self {
        self.targets = targets.into_iter().collect();
        if !self.targets.is_empty() {
            self.kind = SyncKind::Partial;
        }
        self
    }

    /// Neither entitlements nor grants.
    #[must_use]
    pub fn resources_only(mut self) -> Self {
        self.kind = SyncKind::ResourcesOnly;
        self
    }

    /// How many finished full syncs the file keeps, this one included; two if nobody says.
    #[must_use]
    pub fn keep(mut self, syncs: usize) -> Self {
        self.keep = Some(syncs);
        self
    }

    /// Keeps all earlier syncs.
    #[must_use]
    pub fn keep_all(mut self) -> Self {
        self.clean_up = false;
        self
    }

    /// Discards what a killed or stopped sync left, instead of going on with it.
    #[must_use]
    pub fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// Hears from elsewhere that it shall stop.
    #[must_use]
    pub fn stop(mut self, stop: &Stop) -> Self {
        self.stop = stop.clone();
        self
    }

    /// Goes by another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: &'a dyn Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Runs the sync, and saves it at `target` together with the syncs that are there already.
    ///
    /// # Errors
    /// As for [`Sync::run_observed`].
    pub fn run(self, target: impl AsRef<Path>) -> Result<Outcome, SyncError> {
        self.run_observed(target, &mut Deaf)
    }

    /// As [`Sync::run`], telling `observer` what happens.
    ///
    /// # Errors
    /// Every [`SyncError`]; the target is then what it was, except after [`SyncError::Stopped`].
    pub fn run_observed(
        self,
        target: impl AsRef<Path>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, SyncError> {
        let _ = (target, observer);
        Err(SyncError::Options("the engine is being built".into()))
    }
}
