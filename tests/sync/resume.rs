//! Stopping cleanly, going on later, and what may not be gone on with.

use std::fs;
use std::time::{Duration, SystemTime};

use baton::store::SyncChoice;
use baton::sync::{Code, ConnectorError, Stop, Sync, SyncError};

use crate::connector::{Scripted, stop_at};
use crate::faults::undisturbed;
use crate::file;
use crate::time::TestClock;
use crate::world::World;

/// Runs a sync of `world` that fails at a call, and leaves its working database.
fn interrupted(world: &World, path: &std::path::Path, number: u64) {
    let fault = move |call: &crate::connector::Call| {
        let fails = call.number == number;
        if fails { Err(ConnectorError::new(Code::Internal, "a bug")) } else { Ok(()) }
    };
    let connector = Scripted::failing(world.clone(), Box::new(fault));
    Sync::new(&connector).clock(&TestClock::new()).run(path).unwrap_err();
}

#[test]
fn a_stop_saves_what_there_is_and_the_next_run_goes_on() {
    let world = World::new(4, 12);
    let expected = undisturbed(&world);
    for number in [1, 2, 7, 20, 30] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sync.c1z");
        let stop = Stop::new();
        let connector = Scripted::failing(world.clone(), stop_at(number, &stop));
        let error = Sync::new(&connector).stop(&stop).clock(&TestClock::new()).run(&path).unwrap_err();
        let SyncError::Stopped { sync_id: Some(id) } = error else { panic!("{error}") };
        assert_eq!(file::names(folder.path()), ["sync.c1z"], "the file is whole, and nothing lies beside it");
        let runs = file::runs(&path);
        assert_eq!((runs.len(), runs[0].finished, &runs[0].id), (1, false, &id));
        let part = file::read_sync(&path, &SyncChoice::Id(id.clone()));
        assert!(part.resources.iter().all(|(id, bytes)| expected.resources[id] == *bytes));

        let whole = Scripted::new(world.clone());
        let outcome = Sync::new(&whole).clock(&TestClock::new()).run(&path).unwrap();
        assert!(outcome.resumed);
        assert_eq!(outcome.sync_id, id);
        file::read(&path).assert_is(&expected, &format!("stopped at call {number}"));
        let counted = Scripted::new(world.clone());
        Sync::new(&counted).clock(&TestClock::new()).run(folder.path().join("whole.c1z")).unwrap();
        let both = connector.calls.get() + whole.calls.get();
        assert_eq!(both, counted.calls.get() + 1, "only validation is asked for twice");
    }
}

#[test]
fn a_stop_before_anything_is_begun_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stop = Stop::new();
    stop.request();
    let connector = Scripted::new(World::new(4, 12));
    let fault = |_: &crate::connector::Call| Err(ConnectorError::new(Code::Unavailable, "busy"));
    let failing = Scripted::failing(connector.world.clone(), Box::new(fault));
    let ended = Sync::new(&failing).stop(&stop).clock(&TestClock::new()).run(folder.path().join("sync.c1z"));
    assert!(matches!(ended, Err(SyncError::Stopped { sync_id: None })));
    assert_eq!(file::names(folder.path()), [""; 0]);
}

#[test]
fn a_fresh_run_discards_what_was_left() {
    let world = World::new(4, 12);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    interrupted(&world, &path, 20);
    assert_eq!(file::names(folder.path()), [".sync.c1z.sync"]);
    let connector = Scripted::new(world.clone());
    let outcome = Sync::new(&connector).fresh().clock(&TestClock::new()).run(&path).unwrap();
    assert!(!outcome.resumed);
    assert_eq!(file::runs(&path).len(), 1);
    file::read(&path).assert_is(&undisturbed(&world), "afterwards");

    // So does one after a clean stop: the unfinished sync goes.
    let stop = Stop::new();
    let connector = Scripted::failing(world.clone(), stop_at(15, &stop));
    Sync::new(&connector).stop(&stop).clock(&TestClock::new()).run(&path).unwrap_err();
    assert_eq!(file::runs(&path).len(), 2);
    let connector = Scripted::new(world);
    assert!(!Sync::new(&connector).fresh().clock(&TestClock::new()).run(&path).unwrap().resumed);
    assert!(file::runs(&path).iter().all(|run| run.finished));
}

#[test]
fn another_kind_of_sync_does_not_go_on_with_it() {
    let world = World::new(4, 12);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    interrupted(&world, &path, 20);
    let connector = Scripted::new(world);
    let error = Sync::new(&connector).resources_only().clock(&TestClock::new()).run(&path).unwrap_err();
    assert!(error.to_string().contains("a full sync is unfinished"), "{error}");
    assert_eq!(file::names(folder.path()), [".sync.c1z.sync"], "and it is still there");
}

#[test]
fn another_connector_does_not_go_on_with_it() {
    let mut world = World::new(4, 12);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    interrupted(&world, &path, 20);
    world.kinds.retain(|kind| kind.id != "folder");
    let error = Sync::new(&Scripted::new(world)).clock(&TestClock::new()).run(&path).unwrap_err();
    assert!(error.to_string().contains(r#"has the resource type "folder""#), "{error}");
}

#[test]
fn what_is_older_than_a_week_is_not_gone_on_with() {
    let world = World::new(4, 12);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    interrupted(&world, &path, 20);
    let later = TestClock::later(8 * 24);
    let outcome = Sync::new(&Scripted::new(world.clone())).clock(&later).run(&path).unwrap();
    assert!(!outcome.resumed);
    file::read(&path).assert_is(&undisturbed(&world), "afterwards");
    assert_eq!(file::runs(&path).len(), 1);
}

#[test]
fn a_target_that_somebody_else_wrote_meanwhile_is_not_overwritten() {
    let world = World::new(4, 12);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    interrupted(&world, &path, 20);
    // Another file takes the target's place: a sync that was begun later.
    let elsewhere = folder.path().join("elsewhere.c1z");
    let later = TestClock::later(1);
    Sync::new(&Scripted::new(World::new(9, 3))).clock(&later).run(&elsewhere).unwrap();
    fs::rename(&elsewhere, &path).unwrap();
    let before = fs::read(&path).unwrap();
    let error = Sync::new(&Scripted::new(world.clone())).clock(&later).run(&path).unwrap_err();
    assert!(matches!(error, SyncError::Store(_)), "{error}");
    assert!(error.hint().unwrap().contains("--fresh"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    Sync::new(&Scripted::new(world)).fresh().clock(&later).run(&path).unwrap();
    assert_eq!(file::runs(&path).len(), 2);
}

#[test]
fn times_follow_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    Sync::new(&Scripted::new(World::new(4, 3))).clock(&TestClock::at(at)).run(&path).unwrap();
    let run = &file::runs(&path)[0];
    let seconds = |time: Option<baton::model::time::Instant>| time.unwrap().to_proto().seconds;
    assert_eq!(seconds(run.started_at), 1_800_000_000);
    assert!(run.ended_at > run.started_at);
    let ksuid: baton::model::ksuid::Ksuid = run.id.parse().unwrap();
    assert_eq!(ksuid.seconds(), 1_800_000_000);
}
