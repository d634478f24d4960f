//! Stopping cleanly, going on later, and what may not be gone on with.

use std::fs;
use std::time::{Duration, SystemTime};

use baton::model::v2;
use baton::store::{BesideOptions, NewSync, SyncChoice, SyncKind, Writer};
use baton::sync::build::{self, annotations};
use baton::sync::{Code, ConnectorError, Event, Observer, Stop, Sync, SyncError, Target};

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
fn a_partial_sync_that_was_stopped_goes_on_as_its_hint_says() {
    let world = World::new(6, 12);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let target = |kind: &str, id: &str| Target { id: build::id(kind, id), parent: None };
    let stop = Stop::new();
    let connector = Scripted::failing(world.clone(), stop_at(2, &stop));
    let sync = Sync::new(&connector).targets([target("org", "acme"), target("group", "g:0")]).stop(&stop);
    let error = sync.clock(&TestClock::new()).run(&path).unwrap_err();
    let SyncError::Stopped { sync_id: Some(id) } = &error else { panic!("{error}") };
    assert!(error.hint().unwrap().ends_with(&format!("the next run goes on with sync {id}")));
    let connector = Scripted::new(world.clone());
    let sync = Sync::new(&connector).targets([target("group", "g:1")]);
    let outcome = sync.clock(&TestClock::new()).run(&path).unwrap();
    assert_eq!((&outcome.sync_id, outcome.resumed), (id, true));
    assert_eq!(file::runs(&path).len(), 1);
    let held = file::read(&path).resources;
    for name in ["org/acme", "project/p0", "group/g:0", "group/g:1"] {
        assert!(held.contains_key(name), "{name} not in {:?}", held.keys());
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
fn what_contradicts_itself_takes_a_fresh_run_once_the_connector_is_mended() {
    let mut world = World::new(4, 12);
    let sound = world.clone();
    for list in world.entitlements.values_mut() {
        let group = v2::EntitlementExclusionGroup { exclusion_group_id: "x".into(), ..Default::default() };
        list.iter_mut().for_each(|one| annotations::append(&mut one.annotations, &group));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    for world in [&world, &sound] {
        let error = Sync::new(&Scripted::new(world.clone())).clock(&TestClock::new()).run(&path).unwrap_err();
        assert!(matches!(error, SyncError::Invariant(_)), "{error}");
        assert!(error.hint().unwrap().contains("--fresh"), "{error}");
    }
    Sync::new(&Scripted::new(sound.clone())).fresh().clock(&TestClock::new()).run(&path).unwrap();
    file::read(&path).assert_is(&undisturbed(&sound), "afterwards");
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

/// What lies in the folder of `path` when a full sync of `world` has ended but is not saved yet.
fn ended(world: &World, path: &std::path::Path) {
    struct Copies<'a>(&'a std::path::Path, &'a std::path::Path);
    impl Observer for Copies<'_> {
        fn event(&mut self, event: &Event<'_>) {
            if matches!(event, Event::Saving) {
                for name in file::names(self.0) {
                    fs::copy(self.0.join(&name), self.1.join(&name)).unwrap();
                }
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut copies = Copies(folder.path(), path.parent().unwrap());
    let connector = Scripted::new(world.clone());
    let sync = Sync::new(&connector);
    sync.clock(&TestClock::new()).run_observed(folder.path().join("sync.c1z"), &mut copies).unwrap();
}

type Asked = for<'a> fn(Sync<'a>) -> Sync<'a>;
/// How a sync is asked for, after how many hours, and what syncs there are then: kind, and whether it is finished.
type Question = (Asked, u64, Vec<(String, bool)>);

#[test]
fn a_sync_that_ended_unsaved_is_no_answer_to_another_question() {
    let world = World::new(4, 12);
    let kinds = |path: &std::path::Path| -> Vec<(String, bool)> {
        file::runs(path).into_iter().map(|run| (run.kind, run.finished)).collect()
    };
    let (full, both) =
        (("full".to_owned(), true), |kind: &str| vec![("full".to_owned(), true), (kind.to_owned(), true)]);
    let questions: [Question; 5] = [
        (|sync| sync, 0, vec![full]),
        (|sync| sync, 8 * 24, both("full")),
        (|sync| sync.types(["user".to_owned()]), 0, both("full")),
        (|sync| sync.resources_only(), 0, both("resources_only")),
        (|sync| sync.targets([Target { id: build::id("group", "g:1"), parent: None }]), 0, both("partial")),
    ];
    for (question, later, expected) in questions {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sync.c1z");
        ended(&world, &path);
        assert_eq!(file::names(folder.path())[0], ".sync.c1z.sync");
        let connector = Scripted::new(world.clone());
        let clock = TestClock::later(later);
        let outcome = question(Sync::new(&connector)).clock(&clock).run(&path).unwrap();
        assert_eq!(kinds(&path), expected);
        assert_eq!(outcome.sync_id, file::runs(&path).last().unwrap().id);
        assert_eq!(outcome.resumed, expected.len() == 1);
    }
}

#[test]
fn other_flags_do_not_go_on_with_it() {
    let world = World::new(4, 12);
    let some = || ["user", "group"].map(String::from);
    for number in [2, 10, 40] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sync.c1z");
        interrupted(&world, &path, number);
        let connector = Scripted::new(world.clone());
        let ended = Sync::new(&connector).types(some()).clock(&TestClock::new()).run(&path);
        let words = ended.unwrap_err().to_string();
        assert!(
            words.contains("is of the resource types folder, group, org, project, user, and this would be"),
            "{words}"
        );
        assert!(
            words.contains("one of group, user; finish it with the same flags, or discard it"),
            "{words}"
        );
        let ended = Sync::new(&connector).skip_grants().clock(&TestClock::new()).run(&path);
        let words = ended.unwrap_err().to_string();
        assert!(words.contains("leaves out other entitlements or grants"), "{words}");
        assert!(Sync::new(&connector).clock(&TestClock::new()).run(&path).unwrap().resumed);
    }
}

#[test]
fn a_plan_that_another_program_has_begun_loses_no_resource() {
    let mut world = World::new(4, 12);
    world.kinds.retain(|kind| kind.id == "group");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let (mut writer, _) = Writer::beside(&path, &BesideOptions::default(), &mut |_, _| {}).unwrap();
    let begun = baton::model::time::Instant::new(1_769_225_600, 0).unwrap();
    writer.begin_sync(NewSync::new("38geNUXuC9jAWn1ACGSt1sJZsVu", SyncKind::Full, begun)).unwrap();
    writer.put_resource_type(&world.kinds[0]).unwrap();
    for group in &world.resources[&("group".to_owned(), String::new())] {
        writer.put_resource(group).unwrap();
    }
    // The token of a page is the row that it begins with.
    let token = r#"{"actions_map":{"0000000002":{"id":"0000000002","operation":"list-grants","page_token":"2"}},"action_order":["0000000002"],"current_action_id":7,"completed_actions_count":1,"ingest_quality":{},"version":1}"#;
    writer.set_sync_token(token).unwrap();
    writer.commit().unwrap();
    drop(writer);
    let connector = Scripted::new(world);
    Sync::new(&connector).clock(&TestClock::new()).run(&path).unwrap();
    let asked = connector.subjects.borrow();
    let asked: Vec<_> =
        asked.iter().filter(|call| call.starts_with("grants ") && !call.contains('@')).collect();
    assert_eq!(asked, ["grants group/g:1", "grants group/g:2", "grants group/g:3", "grants group/g:4"]);
}
