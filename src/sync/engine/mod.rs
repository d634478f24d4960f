//! The engine: it drives a connector through the stages of a sync, and writes what it hears into a file.

mod begin;
mod call;
mod entitlements;
mod error;
mod expansion;
mod finish;
mod grants;
mod guard;
mod ingest;
mod invariants;
mod plan;
mod quality;
mod resources;
mod run;
mod scratch;
mod targets;
mod time;
mod token;

use std::path::Path;

pub use error::SyncError;

use super::clock::{Clock, Stop, SystemClock};
use super::contract::Connector;
use super::event::{Deaf, Event, Observer};
use super::registry::Registry;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::v2;
use crate::store::{OpenOptions, SyncKind};
use begin::Beginning;
use call::{Caller, NoAnswer};
use run::{Plan, Run};

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
    resources_only: bool,
    skip_grants: bool,
    keep: Option<usize>,
    clean_up: bool,
    fresh: bool,
    open: OpenOptions,
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
            resources_only: false,
            skip_grants: false,
            keep: None,
            clean_up: true,
            fresh: false,
            open: OpenOptions::default(),
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
        self
    }

    /// Neither entitlements nor grants.
    #[must_use]
    pub fn resources_only(mut self) -> Self {
        self.resources_only = true;
        self
    }

    /// Entitlements, but not who holds them.
    #[must_use]
    pub fn skip_grants(mut self) -> Self {
        self.skip_grants = true;
        self
    }

    /// How much memory and space the syncs that the file holds already may take while they are unpacked.
    #[must_use]
    pub fn open_with(mut self, options: OpenOptions) -> Self {
        self.open = options;
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
        let registry =
            Registry::of(self.connector).map_err(|source| run::failed("reading the types", source))?;
        let plan = self.plan(&registry)?;
        let mut caller = Caller::new(self.clock, self.stop.clone(), observer);
        match caller.call("validating", Some(VALIDATIONS), || self.connector.validate()) {
            Ok(()) => {}
            Err(NoAnswer::Failed(source)) => return Err(run::failed("validating", source)),
            Err(NoAnswer::Stopped) => return Err(SyncError::Stopped { sync_id: None }),
        }
        let beginning =
            begin::begin(target.as_ref(), &plan, self.open.clone(), self.fresh, self.clock.now())?;
        let keep = self.clean_up.then_some(self.keep.unwrap_or(KEEP));
        run_from(beginning, &plan, &registry, caller, keep)
    }

    /// What there is to do, checked against what the connector has.
    fn plan(&self, registry: &Registry<'_>) -> Result<Plan, SyncError> {
        for kind in &self.types {
            if !registry.resource_types().any(|known| known.id == *kind) {
                let known: Vec<&str> = registry.resource_types().map(|known| &*known.id).collect();
                return Err(SyncError::Options(format!(
                    "the connector has no resource type {kind:?}; it has {}",
                    known.join(", ")
                )));
            }
        }
        let mut targets: Vec<Target> = Vec::new();
        for target in &self.targets {
            let wanted = self.types.is_empty() || self.types.contains(&target.id.resource_type);
            if wanted && !targets.contains(target) {
                targets.push(target.clone());
            }
        }
        if targets.is_empty() && !self.targets.is_empty() {
            let types = self.types.join(", ");
            return Err(SyncError::Options(format!(
                "none of the resources asked for is of the types {types}"
            )));
        }
        let wanted = |kind: &str| self.types.is_empty() || self.types.iter().any(|wanted| wanted == kind);
        let kinds = registry.resource_types().map(|kind| kind.id.clone());
        Ok(Plan {
            kind: self.kind(),
            kinds: kinds.filter(|kind| !kind.is_empty() && wanted(kind)).collect(),
            targets,
            skip_entitlements: self.resources_only,
            skip_grants: self.skip_grants,
        })
    }

    fn kind(&self) -> SyncKind {
        match (self.targets.is_empty(), self.resources_only) {
            (false, _) => SyncKind::Partial,
            (true, true) => SyncKind::ResourcesOnly,
            (true, false) => SyncKind::Full,
        }
    }
}

/// How often a connector is asked whether its configuration is right, when it cannot tell for the moment.
const VALIDATIONS: u32 = 5;
/// Finished full syncs that a file keeps if nobody says otherwise.
const KEEP: usize = 2;

fn run_from<'r>(
    beginning: Beginning,
    plan: &'r Plan,
    registry: &'r Registry<'r>,
    caller: Caller<'r>,
    keep: Option<usize>,
) -> Result<Outcome, SyncError> {
    let (writer, resumed) = match beginning {
        Beginning::New(writer) => (writer, false),
        Beginning::Resumed(writer, run) => {
            let begun = run.started_at.map_or(0, |begun| begun.to_proto().seconds);
            caller.observer.event(&Event::Resumed { sync_id: &run.id, begun });
            (writer, true)
        }
        Beginning::Collected(writer, run) => {
            caller.observer.event(&Event::Saving);
            writer.save_beside()?;
            let stats = run.stats.unwrap_or_default();
            return Ok(Outcome { sync_id: run.id, resumed: true, stats, warnings: 0 });
        }
    };
    let mut run = Run::new(plan, registry, caller, writer, resumed)?;
    run.announce(resumed);
    match run.drive().and_then(|()| run.finish(keep)) {
        Ok(stats) => {
            let (sync_id, warnings) = (run.sync_id.clone(), run.caller.warnings());
            run.save()?;
            Ok(Outcome { sync_id, resumed, stats, warnings })
        }
        Err(stopped @ SyncError::Stopped { .. }) => {
            run.commit()?;
            run.save()?;
            Err(stopped)
        }
        // The working database stays as the last page left it.
        Err(error) => Err(error),
    }
}
