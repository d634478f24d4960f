//! Sync runs, and which of them a command reads.

use serde_json::Value;

use super::Error;
use crate::model::proto::c1::reader::v2::{CallStat, SyncStats};
use crate::model::time::Instant;

/// The type of sync that a file is read for.
pub(super) const FULL: &str = "full";

/// One collection of a system's records.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncRun {
    /// Its id, a KSUID.
    pub id: String,
    /// When it began.
    pub started_at: Option<Instant>,
    /// When it ended; `None` also for an end whose text is no time.
    pub ended_at: Option<Instant>,
    /// Whether it ended.
    pub finished: bool,
    /// The connector's checkpoint, often empty, sometimes long.
    pub token: String,
    /// `full`, `partial`, `resources_only`, `partial_upserts`, `partial_deletions`, or a word of the future.
    pub kind: String,
    /// The sync that a partial one builds on, else empty.
    pub parent_id: String,
    /// The counts that its writer kept with it.
    pub stats: Option<SyncStats>,
    /// Whether expansions stand in their own column rather than inside the grants.
    pub backfilled: bool,
}

/// Which sync to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SyncChoice {
    /// The newest finished full one; without any, the newest finished one.
    #[default]
    Newest,
    /// This one, finished or not.
    Id(String),
}

/// The sync that a choice leads to.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// It.
    pub run: &'a SyncRun,
    /// A newer finished sync of another type, which was passed over.
    pub passed_over: Option<&'a SyncRun>,
}

/// Applies `choice` to the syncs of `file`.
///
/// # Errors
/// [`Error::UnknownSync`], [`Error::NoFinishedSync`].
pub(super) fn choose<'a>(file: &str, runs: &'a [SyncRun], choice: &SyncChoice) -> Result<Chosen<'a>, Error> {
    match choice {
        SyncChoice::Id(id) => match runs.iter().find(|run| run.id == *id) {
            Some(run) => Ok(Chosen { run, passed_over: None }),
            None => Err(Error::UnknownSync {
                file: file.to_owned(),
                id: id.clone(),
                known: runs.iter().map(|run| run.id.clone()).collect(),
            }),
        },
        SyncChoice::Newest => newest_finished(runs).ok_or_else(|| Error::NoFinishedSync {
            file: file.to_owned(),
            unfinished: newest_first(runs).into_iter().map(|run| run.id.clone()).collect(),
        }),
    }
}

fn newest_finished(runs: &[SyncRun]) -> Option<Chosen<'_>> {
    let any = runs.iter().filter(|run| run.finished).max_by_key(|run| end(run))?;
    let run = full(runs).first().copied().unwrap_or(any);
    Some(Chosen { run, passed_over: Some(any).filter(|any| any.id != run.id) })
}

/// What finished syncs are sorted by. An end whose text is no time comes before all others.
fn end(run: &SyncRun) -> (Option<Instant>, &str) {
    (run.ended_at, &run.id)
}

/// The finished full ones, the newest first.
pub(super) fn full(runs: &[SyncRun]) -> Vec<&SyncRun> {
    let mut full: Vec<_> = runs.iter().filter(|run| run.finished && run.kind == FULL).collect();
    full.sort_by(|a, b| end(b).cmp(&end(a)));
    full
}

fn newest_first(runs: &[SyncRun]) -> Vec<&SyncRun> {
    let mut runs: Vec<_> = runs.iter().collect();
    runs.sort_by(|a, b| (b.started_at, &b.id).cmp(&(a.started_at, &a.id)));
    runs
}

/// Reads the `stats` column: a JSON object with snake_case keys and plain numbers.
///
/// `None` when it is not that, or counts no resource types: the reference does not trust such a cache either.
pub(super) fn parse_stats(text: &str) -> Option<SyncStats> {
    let object: Value = serde_json::from_str(text).ok()?;
    let number = |key: &str| object.get(key).and_then(Value::as_i64).unwrap_or(0);
    let map = |key: &str| entries(&object, key).filter_map(|(k, v)| Some((k.clone(), v.as_i64()?))).collect();
    let calls = |key: &str| entries(&object, key).map(|(k, v)| (k.clone(), call_stat(v))).collect();
    let stats = SyncStats {
        resource_types: number("resource_types"),
        resources: number("resources"),
        entitlements: number("entitlements"),
        grants: number("grants"),
        assets: number("assets"),
        resources_by_resource_type: map("resources_by_resource_type"),
        grants_by_resource_type: map("grants_by_resource_type"),
        entitlements_by_resource_type: map("entitlements_by_resource_type"),
        step_durations_ms: map("step_durations_ms"),
        connector_call_stats: calls("connector_call_stats"),
        session_store_stats: calls("session_store_stats"),
    };
    (stats.resource_types > 0).then_some(stats)
}

fn entries<'v>(object: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    object.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn call_stat(value: &Value) -> CallStat {
    let number = |key: &str| value.get(key).and_then(Value::as_i64).unwrap_or(0);
    CallStat {
        count: number("count"),
        total_ms: number("total_ms"),
        max_ms: number("max_ms"),
        errors: number("errors"),
        timeouts: number("timeouts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, kind: &str, ended: Option<&str>) -> SyncRun {
        SyncRun {
            id: id.into(),
            started_at: None,
            ended_at: ended.and_then(Instant::parse),
            finished: ended.is_some(),
            token: String::new(),
            kind: kind.into(),
            parent_id: String::new(),
            stats: None,
            backfilled: true,
        }
    }

    #[test]
    fn a_full_sync_is_preferred_to_a_newer_partial_one() {
        let runs = [
            run("a", "full", Some("2026-01-01 00:00:00")),
            run("b", "full", Some("2026-01-02 00:00:00")),
            run("c", "partial", Some("2026-01-03 00:00:00")),
            run("d", "full", None),
        ];
        let chosen = choose("f", &runs, &SyncChoice::Newest).unwrap();
        assert_eq!(chosen.run.id, "b");
        assert_eq!(chosen.passed_over.map(|run| run.id.as_str()), Some("c"));
        let chosen = choose("f", &runs[2..], &SyncChoice::Newest).unwrap();
        assert_eq!((chosen.run.id.as_str(), chosen.passed_over.is_none()), ("c", true));
    }

    #[test]
    fn equal_ends_fall_to_the_greater_id() {
        let runs =
            [run("b", "full", Some("2026-01-01 00:00:00")), run("a", "full", Some("2026-01-01 00:00:00"))];
        assert_eq!(choose("f", &runs, &SyncChoice::Newest).unwrap().run.id, "b");
    }

    #[test]
    fn an_unfinished_sync_must_be_named() {
        let runs = [run("d", "full", None)];
        let error = choose("f", &runs, &SyncChoice::Newest).unwrap_err();
        assert_eq!(error.to_string(), "f: it holds no finished sync, only unfinished: d");
        assert_eq!(choose("f", &runs, &SyncChoice::Id("d".into())).unwrap().run.id, "d");
        let error = choose("f", &runs, &SyncChoice::Id("x".into())).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("the file holds d"));
    }

    #[test]
    fn stats_without_types_are_no_stats() {
        assert!(parse_stats("{}").is_none());
        assert!(parse_stats("nonsense").is_none());
        let stats =
            parse_stats(r#"{"resource_types":2,"resources_by_resource_type":{"user":3,"x":"y"}}"#).unwrap();
        assert_eq!(stats.resources_by_resource_type, [("user".to_string(), 3)].into());
    }
}
