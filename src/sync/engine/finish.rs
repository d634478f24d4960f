//! The end of a sync: what must hold is checked, what was odd is said, old syncs go, and the file is written.

use super::error::SyncError;
use super::invariants;
use super::quality::{Reason, counted};
use super::run::Run;
use super::time;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::store::SyncKind;
use crate::sync::event::Event;

impl Run<'_> {
    /// Ends the sync. `keep` is how many finished full syncs the file holds from now on; `None` keeps all.
    pub(super) fn finish(&mut self, keep: Option<usize>) -> Result<SyncStats, SyncError> {
        invariants::exclusion_groups(self.writer.get_mut())?;
        self.say_what_was_odd()?;
        let now = time::instant(self.caller.clock.now())?;
        let token = self.state.to_token();
        let writer = self.writer.get_mut();
        writer.session_clear("")?;
        if let Some(keep) = keep {
            let removed = writer.clean_up(keep)?;
            if !removed.is_empty() {
                self.caller.observer.event(&Event::CleanedUp { sync_ids: &removed });
            }
        }
        writer.set_sync_token(&token)?;
        let stats = writer.end_sync(now)?;
        writer.commit()?;
        Ok(stats)
    }

    fn say_what_was_odd(&mut self) -> Result<(), SyncError> {
        self.caller.summarise();
        let mut lines = self.state.ingest_quality.lines();
        // A partial sync holds only a part of what it refers to.
        if self.plan.kind == SyncKind::Full {
            let dangling = invariants::dangling(self.writer.get_mut())?;
            if !dangling.is_empty() {
                self.state.ingest_quality.flag(Reason::InvalidDataRetained);
            }
            lines.extend(dangling);
        }
        if self.contradictions > 0 {
            lines.push(format!(
                "{} came again under the same id, but with another parent, resource, entitlement or principal; \
                 filters find what came first",
                counted(self.contradictions, "record")
            ));
        }
        for line in lines {
            self.caller.tell(line);
        }
        Ok(())
    }
}
