//! The loop: take what is on top of the stack, do one page of it, store the page and the new stack together.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use super::call::{Caller, NoAnswer, is_gone};
use super::error::SyncError;
use super::guard::Guard;
use super::ingest::Scheduled;
use super::scratch::Scratch;
use super::token::{Action, Operation, State};
use super::{Target, time};
use crate::model::v2;
use crate::store::{Stored, SyncKind, Writer};
use crate::sync::build::annotations;
use crate::sync::contract::{Page, Request};
use crate::sync::error::{Answer, ConnectorError};
use crate::sync::event::{Count, Event, Stage};
use crate::sync::registry::Registry;

/// A stack of up to this many actions is written with every page.
const SMALL_STACK: usize = 256;
/// A larger one is written this often, or less often when writing it takes long: so that writing it costs less than
/// what it saves.
const COMMIT_EVERY: Duration = Duration::from_millis(250);
/// So many times as long as writing it took passes until it is written again.
const COMMIT_SHARE: u32 = 10;

/// What is left of an action, and what it brings about.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Its next page; empty when it is finished.
    pub(super) next: String,
    /// What is to be done before that.
    pub(super) children: Vec<Action>,
}

impl Step {
    /// Finished, and nothing follows from it.
    pub(super) fn done() -> Self {
        Self::default()
    }

    /// Goes on with a page.
    pub(super) fn then(next: String) -> Self {
        Self { next, children: Vec::new() }
    }
}

/// What the engine was asked to do.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) kind: SyncKind,
    /// The ids of the resource types that are collected.
    pub(super) kinds: BTreeSet<String>,
    pub(super) targets: Vec<Target>,
    pub(super) skip_entitlements: bool,
    pub(super) skip_grants: bool,
}

/// A sync that is running.
pub(super) struct Run<'r> {
    pub(super) plan: &'r Plan,
    pub(super) registry: &'r Registry<'r>,
    pub(super) caller: Caller<'r>,
    pub(super) writer: RefCell<Writer>,
    pub(super) sync_id: String,
    pub(super) state: State,
    /// The resource types that are stored: those that are collected.
    pub(super) types: BTreeMap<String, v2::ResourceType>,
    pub(super) scheduled: Scheduled,
    /// The lists of children that were asked for: type of the children, type and id of the parent.
    pub(super) asked: HashSet<(String, String, String)>,
    /// Resources that grants led to and that were asked for: type and id.
    pub(super) related: HashSet<(String, String)>,
    /// Records that came again as something else.
    pub(super) contradictions: u64,
    /// Resources stored by this process, unless it went on with the sync of another.
    pub(super) resources: Option<u64>,
    guards: HashMap<String, Guard>,
    stage: Option<Stage>,
    count: Count,
    committed: Instant,
    commit_took: Duration,
}

impl<'r> Run<'r> {
    pub(super) fn new(
        plan: &'r Plan,
        registry: &'r Registry<'r>,
        caller: Caller<'r>,
        writer: Writer,
        resumed: bool,
    ) -> Result<Self, SyncError> {
        let state = State::parse(writer.sync_token().unwrap_or_default());
        let mut run = Self {
            plan,
            registry,
            caller,
            sync_id: writer.sync_id().unwrap_or_default().to_owned(),
            writer: RefCell::new(writer),
            state,
            types: BTreeMap::new(),
            scheduled: Scheduled::new(),
            asked: HashSet::new(),
            related: HashSet::new(),
            contradictions: 0,
            resources: (!resumed).then_some(0),
            guards: HashMap::new(),
            stage: None,
            count: Count::default(),
            committed: Instant::now(),
            commit_took: Duration::ZERO,
        };
        if resumed {
            run.recall_types()?;
            run.must_ask_the_same()?;
            run.target_again();
        }
        Ok(run)
    }

    /// Says which sync it is.
    pub(super) fn announce(&mut self, resumed: bool) {
        if !resumed {
            let kind = self.plan.kind.word();
            self.caller.observer.event(&Event::Begun { sync_id: &self.sync_id, kind });
        }
    }

    /// Writes the file, and removes the working database.
    pub(super) fn save(self) -> Result<(), SyncError> {
        self.caller.observer.event(&Event::Saving);
        Ok(self.writer.into_inner().save_beside()?)
    }

    /// Does all that is to be done.
    pub(super) fn drive(&mut self) -> Result<(), SyncError> {
        while let Some(action) = self.state.top().cloned() {
            if self.caller.stop.requested() {
                return Err(self.stopped());
            }
            if let Some(last) = self.caller.too_many(self.state.completed_actions_count) {
                return Err(SyncError::TooManyWarnings {
                    warnings: self.caller.warnings(),
                    done: self.state.completed_actions_count,
                    last: last.to_owned(),
                });
            }
            self.enter(self.stage_of(&action));
            let now = time::instant(self.caller.clock.now())?;
            self.writer.get_mut().set_time(now);
            let step = self.step(&action)?;
            self.finish_page(&action, step)?;
        }
        self.leave();
        self.commit()
    }

    /// One page of one action.
    fn step(&mut self, action: &Action) -> Result<Step, SyncError> {
        match action.operation {
            Operation::Init => {
                self.state.note(self.plan);
                Ok(Step { children: self.roots(), ..Step::default() })
            }
            Operation::ListResourceTypes => self.resource_types(),
            Operation::ListResources => self.resources(action),
            Operation::ListStaticEntitlements => self.static_entitlements(action),
            Operation::ListEntitlements => self.entitlements(action),
            Operation::ListGrants => self.grants(action),
            Operation::GrantExpansion => self.expansion(),
            Operation::TargetedResourceSync => self.target(action),
            // Principals of other files are not looked up, and the rest is of other versions.
            Operation::ListExternalResources | Operation::Unknown => Ok(Step::done()),
        }
    }

    /// The actions of a whole sync.
    fn roots(&self) -> Vec<Action> {
        let mut operations = vec![Operation::ListResourceTypes];
        match self.plan.kind {
            SyncKind::Partial => {}
            SyncKind::ResourcesOnly => operations.push(Operation::ListResources),
            _ => {
                operations.push(Operation::ListResources);
                operations.push(Operation::ListStaticEntitlements);
                operations.push(Operation::ListEntitlements);
                if !self.plan.skip_grants {
                    operations.push(Operation::ListGrants);
                }
                operations.push(Operation::GrantExpansion);
            }
        }
        let targets = self.plan.targets.iter().map(Target::action);
        operations.into_iter().map(Action::new).chain(targets).collect()
    }

    /// A sync goes on with what it was begun with. What this run was asked to leave out is there already, and what the one
    /// before was asked to leave out would be missing without a word.
    fn must_ask_the_same(&self) -> Result<(), SyncError> {
        if !self.has_begun() {
            return Ok(());
        }
        let held: BTreeSet<&String> = self.types.keys().collect();
        let problem = if !held.is_empty() && !held.iter().copied().eq(&self.plan.kinds) {
            let words = |kinds: &mut dyn Iterator<Item = &String>| {
                kinds.map(String::as_str).collect::<Vec<_>>().join(", ")
            };
            let (was, would) = (words(&mut held.into_iter()), words(&mut self.plan.kinds.iter()));
            format!("is of the resource types {was}, and this would be one of {would}")
        } else if !self.state.skips_as(self.plan) {
            "leaves out other entitlements or grants than this would".to_owned()
        } else {
            return Ok(());
        };
        let id = &self.sync_id;
        Err(SyncError::Options(format!(
            "the unfinished sync {id} {problem}; finish it with the same flags, or discard it with --fresh"
        )))
    }

    fn has_begun(&self) -> bool {
        !self.state.actions().any(|action| action.operation == Operation::Init)
    }

    /// A partial sync that goes on is also for the targets of this time.
    fn target_again(&mut self) {
        if self.has_begun() && self.plan.kind == SyncKind::Partial {
            self.state.push_all(self.plan.targets.iter().map(Target::action));
            if self.state.actions().any(|action| action.operation == Operation::ListResourceTypes) {
                // Nothing is known about a resource before its type is.
                self.state.push(Action::new(Operation::ListResourceTypes));
            }
        }
    }

    /// Moves the stack on, and makes it last together with what was stored.
    fn finish_page(&mut self, action: &Action, step: Step) -> Result<(), SyncError> {
        self.state.advance(&action.id, &step.next);
        if step.next.is_empty() {
            self.guards.remove(&action.id);
            if action.has_subject() {
                self.count.done += 1;
            }
        }
        self.state.push_all(step.children.into_iter());
        let (stage, count) = (self.stage_of(action), self.count);
        self.caller.observer.event(&Event::Progress(stage, count));
        let pause = COMMIT_EVERY.max(self.commit_took * COMMIT_SHARE);
        if self.state.len() <= SMALL_STACK || self.committed.elapsed() >= pause {
            self.commit()?;
        }
        Ok(())
    }

    /// Makes everything so far last.
    pub(super) fn commit(&mut self) -> Result<(), SyncError> {
        let begun = Instant::now();
        let writer = self.writer.get_mut();
        writer.set_sync_token(&self.state.to_token())?;
        writer.commit()?;
        self.committed = Instant::now();
        self.commit_took = self.committed - begun;
        Ok(())
    }

    /// Asks the connector for the page of `action`. `None` when what was asked about is gone, which is a warning.
    pub(super) fn ask<T>(
        &mut self,
        action: &Action,
        what: &str,
        mut call: impl FnMut(&Request<'_>) -> Answer<Page<T>>,
    ) -> Result<Option<Page<T>>, SyncError> {
        let scratch = Scratch(&self.writer);
        let request = Request { token: &action.page_token, sync_id: &self.sync_id, session: &scratch };
        let page = match self.caller.call(what, None, || call(&request)) {
            Ok(page) => page,
            Err(NoAnswer::Stopped) => return Err(self.stopped()),
            Err(NoAnswer::Failed(error)) if is_gone(&error) => {
                self.caller.warn(format!("{what}: {error}"));
                return Ok(None);
            }
            Err(NoAnswer::Failed(source)) => return Err(failed(what, source)),
        };
        let guard = self.guards.entry(action.id.clone()).or_default();
        if !guard.admits(&action.page_token, &page.next) {
            return Err(SyncError::TokenCycle { call: what.to_owned(), token: page.next });
        }
        if annotations::has::<v2::EnqueuePageTokens>(&page.annotations) {
            let problem = "its page opens further lists (EnqueuePageTokens), which are not followed".into();
            return Err(SyncError::Record { call: what.to_owned(), problem });
        }
        Ok(Some(page))
    }

    /// Counts a record that was stored.
    pub(super) fn stored(&mut self, stored: Stored) {
        self.count.records += 1;
        if stored == Stored::KeysDiffer {
            self.contradictions += 1;
        }
    }

    /// What there is to do in this stage, where that is known.
    pub(super) fn expect(&mut self, total: Option<u64>) {
        self.count.total = total;
    }

    /// So much of it is done.
    pub(super) fn done(&mut self, done: u64) {
        self.count.done = done;
    }

    pub(super) fn count(&self) -> Count {
        self.count
    }

    /// Records that are collected belong to these types; a partial sync lets everything in.
    pub(super) fn filter(&self) -> Option<&Scheduled> {
        (self.plan.kind != SyncKind::Partial).then_some(&self.scheduled)
    }

    pub(super) fn stopped(&self) -> SyncError {
        SyncError::Stopped { sync_id: Some(self.sync_id.clone()) }
    }

    fn stage_of(&self, action: &Action) -> Stage {
        match action.operation {
            Operation::Init | Operation::ListResourceTypes | Operation::Unknown => Stage::ResourceTypes,
            _ if self.plan.kind == SyncKind::Partial => Stage::Targets,
            Operation::ListResources | Operation::ListExternalResources => Stage::Resources,
            Operation::ListStaticEntitlements => Stage::StaticEntitlements,
            Operation::ListEntitlements => Stage::Entitlements,
            Operation::ListGrants => Stage::Grants,
            Operation::GrantExpansion => Stage::Expansion,
            Operation::TargetedResourceSync => Stage::Targets,
        }
    }

    fn enter(&mut self, stage: Stage) {
        if self.stage == Some(stage) {
            return;
        }
        self.leave();
        self.stage = Some(stage);
        self.count = Count::default();
        if matches!(stage, Stage::Entitlements | Stage::Grants) {
            self.count.total = self.resources;
        }
        self.caller.observer.event(&Event::Entered(stage));
    }

    fn leave(&mut self) {
        if let Some(stage) = self.stage.take() {
            self.caller.observer.event(&Event::Finished(stage, self.count));
        }
    }
}

/// A call that failed for good.
pub(super) fn failed(what: &str, source: ConnectorError) -> SyncError {
    SyncError::Connector { call: what.to_owned(), source }
}
