//! The last stage: who inherits what.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::error::SyncError;
use super::run::{Run, Step};
use crate::model::v2;
use crate::store::WriteError;
use crate::sync::event::{Event, Stage};
use crate::sync::expand::{self, ExpandError, ExpandStore, Expandable, Missing};

/// Destinations are many and small, so several of them make one transaction.
const COMMIT_EVERY: Duration = Duration::from_millis(250);

impl Run<'_> {
    /// Expands all grants. Interrupted, it begins again: what is written already is found written.
    pub(super) fn expansion(&mut self) -> Result<Step, SyncError> {
        self.writer.get_mut().set_supports_diff()?;
        let mut store = Working { run: self, committed: Instant::now() };
        let report = expand::expand(&mut store).map_err(|error| match error {
            ExpandError::Store(error) => SyncError::Store(error),
            other => SyncError::Record { call: "expanding grants".to_owned(), problem: other.to_string() },
        })?;
        if report.stopped {
            return Err(self.stopped());
        }
        self.warn_of(&report.dropped_edges, "grants expand from an entitlement that does not exist");
        self.warn_of(&report.skipped_destinations, "entitlements would be inherited, but do not exist");
        Ok(Step::done())
    }

    fn warn_of(&mut self, missing: &Missing, what: &str) {
        if missing.count > 0 {
            self.caller.warn(format!("{} {what}, such as {}", missing.count, missing.examples.join(", ")));
        }
    }
}

/// The working database, as expansion sees it.
struct Working<'a, 'r> {
    run: &'a mut Run<'r>,
    committed: Instant,
}

impl ExpandStore for Working<'_, '_> {
    type Error = WriteError;

    fn expandable_grants(&mut self, each: &mut dyn FnMut(Expandable<'_>)) -> Result<(), WriteError> {
        let writer = self.run.writer.get_mut();
        writer.expandable_grants(&mut |grant, expandable| each(Expandable { grant, expandable }))
    }

    fn entitlement(&mut self, id: &str) -> Result<Option<v2::Entitlement>, WriteError> {
        self.run.writer.get_mut().entitlement(id)
    }

    fn grants_of(&mut self, entitlement: &str, each: &mut dyn FnMut(&[u8])) -> Result<(), WriteError> {
        self.run.writer.get_mut().grants_of(entitlement, each)
    }

    fn put(&mut self, grant: &v2::Grant) -> Result<(), WriteError> {
        let stored = self.run.writer.get_mut().put_expanded_grant(grant)?;
        self.run.stored(stored);
        Ok(())
    }

    fn destination_done(&mut self, done: usize, total: usize) -> Result<ControlFlow<()>, WriteError> {
        self.run.expect(Some(total as u64));
        self.run.done(done as u64);
        self.run.caller.observer.event(&Event::Progress(Stage::Expansion, self.run.count()));
        if self.committed.elapsed() >= COMMIT_EVERY {
            self.run.writer.get_mut().commit()?;
            self.committed = Instant::now();
        }
        let stop = self.run.caller.stop.requested();
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
