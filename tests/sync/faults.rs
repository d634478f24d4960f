//! Calls that fail for a while change nothing; calls that fail for good stop the sync and keep what there is.

use std::time::{Duration, SystemTime};

use baton::sync::{Code, ConnectorError, Event, Observer, RateLimit, Sync, SyncError};

use crate::connector::Scripted;
use crate::file;
use crate::random;
use crate::time::TestClock;
use crate::world::World;

/// What a sync of `world` holds when nothing goes wrong.
pub(crate) fn undisturbed(world: &World) -> file::Content {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    Sync::new(&Scripted::new(world.clone())).clock(&TestClock::new()).run(&path).unwrap();
    assert_eq!(file::names(folder.path()), ["sync.c1z"]);
    file::read(&path)
}

/// What the system itself says must be in the file.
#[track_caller]
pub(crate) fn assert_holds(content: &file::Content, world: &World) {
    let ids = |count: usize, content: usize| assert_eq!(count, content);
    ids(world.kinds.len(), content.types.len());
    ids(world.all_resources().count(), content.resources.len());
    ids(world.entitlements.values().flatten().count(), content.entitlements.len());
    for resource in world.all_resources() {
        let bytes = prost::Message::encode_to_vec(resource);
        assert_eq!(content.resources[&crate::world::name(resource.id.as_ref().unwrap())], bytes);
    }
    let held: std::collections::BTreeSet<String> = content.grants.keys().cloned().collect();
    assert_eq!(held, world.grant_ids());
}

#[test]
fn an_undisturbed_sync_holds_the_system() {
    for seed in 0..20 {
        let world = World::new(seed, 5 + seed as usize * 3);
        assert_holds(&undisturbed(&world), &world);
    }
}

#[test]
fn transient_failures_change_nothing() {
    for seed in 0..20 {
        let world = World::new(seed, 20);
        let expected = undisturbed(&world);
        let fault = move |call: &crate::connector::Call| {
            let failures = random::of(seed, &format!("{} {}", call.subject, call.token)) % 4;
            let code =
                if call.attempt.is_multiple_of(2) { Code::Unavailable } else { Code::DeadlineExceeded };
            if u64::from(call.attempt) < failures { Err(ConnectorError::new(code, "busy")) } else { Ok(()) }
        };
        let connector = Scripted::failing(world, Box::new(fault));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sync.c1z");
        let clock = TestClock::new();
        Sync::new(&connector).clock(&clock).run(&path).unwrap();
        assert!(clock.waited.get() > Duration::from_secs(10), "it waited between attempts");
        file::read(&path).assert_is(&expected, &format!("seed {seed}"));
    }
}

#[test]
fn a_permanent_failure_at_any_call_stops_the_sync_and_loses_nothing() {
    let world = World::new(3, 8);
    let expected = undisturbed(&world);
    let counted = Scripted::new(world.clone());
    let folder = tempfile::tempdir().unwrap();
    Sync::new(&counted).clock(&TestClock::new()).run(folder.path().join("sync.c1z")).unwrap();
    for number in 0..counted.calls.get() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sync.c1z");
        let fault = move |call: &crate::connector::Call| {
            let fails = call.number == number;
            if fails { Err(ConnectorError::new(Code::PermissionDenied, "not you")) } else { Ok(()) }
        };
        let failing = Scripted::failing(world.clone(), Box::new(fault));
        let error = Sync::new(&failing).clock(&TestClock::new()).run(&path).unwrap_err();
        let words = error.to_string();
        assert!(words.ends_with("permission denied: not you"), "{words}");
        assert!(matches!(error, SyncError::Connector { .. }));
        assert!(!path.exists(), "an error writes no file");

        let whole = Scripted::new(world.clone());
        let outcome = Sync::new(&whole).clock(&TestClock::new()).run(&path).unwrap();
        assert_eq!(outcome.resumed, number > 0, "call {number}: validation comes before anything is begun");
        file::read(&path).assert_is(&expected, &format!("call {number}"));
        assert_eq!(file::names(folder.path()), ["sync.c1z"]);
        if number > 1 {
            let (first, second) = (failing.calls.get() - 2, whole.calls.get() - 1);
            assert_eq!(first + second, counted.calls.get() - 1, "no call that was answered is made again");
        }
    }
}

/// Notes how long the engine waits.
#[derive(Default)]
struct Waits(Vec<Duration>);

impl Observer for Waits {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Retrying { wait, .. } = event {
            self.0.push(*wait);
        }
    }
}

#[test]
fn rate_limits_are_heeded() {
    let world = World::new(1, 3);
    let fault = |call: &crate::connector::Call| {
        if call.subject != "list user" || !call.token.is_empty() || call.attempt > 0 {
            return Ok(());
        }
        // The clock of this test has hardly moved.
        let reset_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_225_630);
        let limit = RateLimit { remaining: 0, reset_at };
        Err(ConnectorError::new(Code::Unavailable, "slow down").limited(limit))
    };
    let connector = Scripted::failing(world, Box::new(fault));
    let folder = tempfile::tempdir().unwrap();
    let mut waits = Waits::default();
    Sync::new(&connector)
        .clock(&TestClock::new())
        .run_observed(folder.path().join("sync.c1z"), &mut waits)
        .unwrap();
    assert!(!waits.0.is_empty());
    for wait in waits.0 {
        assert!(
            (29.0..=37.5).contains(&wait.as_secs_f64()),
            "until the reset, and a little jitter: {wait:?}"
        );
    }
}

#[test]
fn what_is_gone_is_a_warning() {
    let world = World::new(5, 20);
    let gone = "grants group/g:1";
    let fault = move |call: &crate::connector::Call| {
        let fails = call.subject == gone;
        if fails { Err(ConnectorError::new(Code::NotFound, "no such group")) } else { Ok(()) }
    };
    let connector = Scripted::failing(world.clone(), Box::new(fault));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let outcome = Sync::new(&connector).clock(&TestClock::new()).run(&path).unwrap();
    assert_eq!(outcome.warnings, 1);
    let mut without = world;
    without.grants.remove("group/g:1");
    assert_holds(&file::read(&path), &without);
}

#[test]
fn too_many_warnings_stop_the_sync() {
    let fault = |call: &crate::connector::Call| {
        let fails = call.subject.starts_with("grants");
        if fails { Err(ConnectorError::new(Code::NotFound, "nothing is there")) } else { Ok(()) }
    };
    let connector = Scripted::failing(World::new(5, 60), Box::new(fault));
    let folder = tempfile::tempdir().unwrap();
    let error = Sync::new(&connector).clock(&TestClock::new()).run(folder.path().join("s.c1z")).unwrap_err();
    let SyncError::TooManyWarnings { warnings, done, last } = error else { panic!("{error}") };
    assert!(warnings > 10 && warnings * 10 > done, "{warnings} of {done}");
    assert!(last.contains("nothing is there"), "{last}");
}
