//! What a sync tells, for those who wait: a bar at a terminal, and lines in the log.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::sync::{Clock, Count, Event, Observer, Stage};
use crate::ui::{Bar, Board, thousands};

/// A stage that takes longer than this says how far it is, and again after as long.
const PACE: Duration = Duration::from_secs(10);

/// Turns events into a bar and lines.
pub(super) struct Teller<'a> {
    clock: &'a dyn Clock,
    board: &'a Board,
    bar: Option<Bar>,
    bars: bool,
    spoke: BTreeMap<Stage, SystemTime>,
}

impl<'a> Teller<'a> {
    /// `bars`: whether a person at a terminal wants to see bars.
    pub(super) fn new(board: &'a Board, clock: &'a dyn Clock, bars: bool) -> Self {
        Self { clock, board, bar: None, bars: bars && board.is_live(), spoke: BTreeMap::new() }
    }

    fn progress(&mut self, stage: Stage, count: Count) {
        let Count { records, done, total } = count;
        log::debug!(stage = stage.word(), records, done; "Stored a page");
        if let Some(bar) = &mut self.bar {
            let words = match total {
                Some(_) => format!("{}, {} {}", pieces(stage), thousands(records), stage.word()),
                None => format!("syncing {}: {}", stage.word(), thousands(records)),
            };
            return bar.update(&words, done, total);
        }
        let now = self.clock.now();
        let spoke = *self.spoke.entry(stage).or_insert(now);
        if now.duration_since(spoke).is_ok_and(|silence| silence >= PACE) {
            self.spoke.insert(stage, now);
            match (total, percent(done, total)) {
                (Some(total), Some(percent_complete)) => {
                    log::info!(synced = done, total, percent_complete, records; "{}", doing(stage));
                }
                _ => log::info!(synced = done, records; "{}", doing(stage)),
            }
        }
    }
}

impl Observer for Teller<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match *event {
            Event::Begun { sync_id, kind } => log::info!(sync_id, sync_type = kind; "Sync begun"),
            Event::Resumed { sync_id, begun } => {
                let started_at = Timestamp::from_second(begun).unwrap_or_default().to_string();
                log::info!(sync_id, started_at = &*started_at; "Sync resumed");
            }
            Event::Entered(stage) => {
                self.bar = self.bars.then(|| self.board.bar());
                self.spoke.insert(stage, self.clock.now());
                log::debug!("{}", doing(stage));
            }
            Event::Progress(stage, count) => self.progress(stage, count),
            Event::Finished(stage, count) => {
                self.bar = None;
                // Most connectors have none, and need not hear of it.
                let level = match stage {
                    Stage::StaticEntitlements if count.records == 0 => log::Level::Debug,
                    _ => log::Level::Info,
                };
                log::log!(level, count = count.records; "{}", done(stage));
            }
            Event::Retrying { call, error, attempt, wait } => {
                let (error, wait_seconds) = (error.to_string(), wait.as_secs());
                log::warn!(call, error = &*error, attempt, wait_seconds; "Trying again after a while");
            }
            Event::Warning(words) => log::warn!("{words}"),
            Event::CleanedUp { sync_ids } => {
                let ids = sync_ids.join(",");
                log::info!(sync_ids = &*ids; "Removed earlier syncs");
            }
            Event::Saving => {
                self.bar = None;
                log::debug!("Saving the file");
            }
        }
    }
}

/// What a stage does, in the words that operators of connectors look for.
fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::ResourceTypes => "Syncing resource types",
        Stage::Resources => "Syncing resources",
        Stage::StaticEntitlements => "Syncing static entitlements",
        Stage::Entitlements => "Syncing entitlements",
        Stage::Grants => "Syncing grants",
        Stage::Expansion => "Expanding grants",
        Stage::Targets => "Syncing targeted resources",
    }
}

/// What a stage goes through.
fn pieces(stage: Stage) -> &'static str {
    match stage {
        Stage::ResourceTypes | Stage::StaticEntitlements => "types",
        Stage::Resources => "lists",
        Stage::Entitlements | Stage::Grants | Stage::Targets => "resources",
        Stage::Expansion => "entitlements",
    }
}

/// What a stage has done.
fn done(stage: Stage) -> &'static str {
    match stage {
        Stage::ResourceTypes => "Synced resource types",
        Stage::Resources => "Synced resources",
        Stage::StaticEntitlements => "Synced static entitlements",
        Stage::Entitlements => "Synced entitlements",
        Stage::Grants => "Synced grants",
        Stage::Expansion => "Expanded grants",
        Stage::Targets => "Synced targeted resources",
    }
}

fn percent(done: u64, total: Option<u64>) -> Option<u64> {
    done.saturating_mul(100).checked_div(total?)
}

#[cfg(test)]
mod tests;
