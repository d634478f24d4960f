//! What shows only in larger or odder systems, and what the stages leave in the file.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use baton::model::v2;
use baton::store::SyncChoice;
use baton::sync::build::{self, annotations};
use baton::sync::{
    Answer, Code, Connector, ConnectorError, Count, Event, Observer, Page, Request, ResourceSyncer, Stage,
    StaticEntitlements, Stop, Sync, SyncError,
};

use crate::connector::Scripted;
use crate::faults::undisturbed;
use crate::file;
use crate::records::{self, Listed};
use crate::time::TestClock;
use crate::world::{World, name};

/// A connector of folders within folders, which notes what it is asked for.
#[derive(Default)]
struct Folders {
    /// Folders, and what each contains; those of the first are the outermost ones.
    contents: Vec<(String, Vec<String>)>,
    /// Pages of what all folders offer.
    templates: Vec<&'static str>,
    asked: RefCell<Vec<String>>,
    /// The call that takes a while, and the one that fails.
    slow: Option<usize>,
    fails: Option<usize>,
}

impl Folders {
    fn wide(folders: usize) -> Self {
        let ids: Vec<String> = (0..folders).map(|n| format!("f{n}")).collect();
        let inner = ids.iter().map(|id| (id.clone(), vec![format!("{id}/in")]));
        let contents = std::iter::once((String::new(), ids.clone())).chain(inner).collect();
        Self { contents, ..Self::default() }
    }

    fn ask(&self, what: String) -> Answer<()> {
        let number = self.asked.borrow().len();
        self.asked.borrow_mut().push(what);
        if self.slow == Some(number) {
            std::thread::sleep(Duration::from_millis(400));
        }
        if self.fails == Some(number) { Err(ConnectorError::new(Code::Internal, "a bug")) } else { Ok(()) }
    }

    fn kind() -> v2::ResourceType {
        build::resource_type("Folder").skip_entitlements_and_grants().build()
    }
}

impl Connector for Folders {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        vec![Box::new(Syncer(self))]
    }
}

struct Syncer<'c>(&'c Folders);

impl ResourceSyncer for Syncer<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        Folders::kind()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, _: &Request<'_>) -> Answer<Page<v2::Resource>> {
        let parent = parent.map_or(String::new(), |id| id.resource.clone());
        self.0.ask(format!("list {parent}").trim_end().to_owned())?;
        let contents = self.0.contents.iter().find(|(id, _)| *id == parent);
        let folder = |id: &String| {
            let folder = build::resource(&Folders::kind(), id, id);
            let inner = self.0.contents.iter().any(|(other, _)| other == id);
            if inner { folder.child_type("folder").build() } else { folder.build() }
        };
        Ok(Page::last(contents.iter().flat_map(|(_, ids)| ids).map(folder)))
    }

    fn static_entitlements(&self) -> Option<&dyn StaticEntitlements> {
        (!self.0.templates.is_empty()).then_some(self)
    }
}

impl StaticEntitlements for Syncer<'_> {
    fn static_entitlements(&self, request: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        self.0.ask(format!("templates {}", request.token).trim_end().to_owned())?;
        let place: usize = request.token.parse().unwrap_or(0);
        let template = v2::Entitlement { slug: self.0.templates[place].into(), ..Default::default() };
        let next = if place + 1 < self.0.templates.len() { (place + 1).to_string() } else { String::new() };
        Ok(Page::then([template], next))
    }
}

#[test]
fn folders_that_contain_themselves_are_asked_for_once() {
    let inside = |id: &str, ids: &[&str]| (id.to_owned(), ids.iter().map(ToString::to_string).collect());
    let contents = vec![inside("", &["a"]), inside("a", &["a", "b"]), inside("b", &["a", "b"])];
    let folders = Folders { contents, ..Folders::default() };
    let folder = tempfile::tempdir().unwrap();
    let outcome = Sync::new(&folders).clock(&TestClock::new()).run(folder.path().join("sync.c1z")).unwrap();
    assert_eq!(outcome.stats.resources, 2);
    assert_eq!(*folders.asked.borrow(), ["list", "list a", "list b"]);
}

#[test]
fn templates_of_all_pages_are_applied_to_any_number_of_resources() {
    // More than are looked at together.
    let folders = || Folders { templates: vec!["read", "write", "own"], ..Folders::wide(1_100) };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let failing = Folders { fails: Some(1_102), ..folders() };
    Sync::new(&failing).clock(&TestClock::new()).run(&path).unwrap_err();
    assert_eq!(failing.asked.borrow().last().unwrap(), "templates 1");
    let rest = folders();
    let outcome = Sync::new(&rest).clock(&TestClock::new()).run(&path).unwrap();
    assert_eq!(*rest.asked.borrow(), ["templates 1", "templates 2"]);
    assert_eq!((outcome.stats.resources, outcome.stats.entitlements), (2_200, 6_600));
}

#[test]
fn a_large_plan_is_kept_from_time_to_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let failing = Folders { slow: Some(50), fails: Some(60), ..Folders::wide(1_000) };
    Sync::new(&failing).clock(&TestClock::new()).run(&path).unwrap_err();
    let rest = Folders::wide(1_000);
    let outcome = Sync::new(&rest).clock(&TestClock::new()).run(&path).unwrap();
    assert_eq!(outcome.stats.resources, 2_000);
    let (first, rest) = (failing.asked.borrow(), rest.asked.borrow());
    let all: BTreeSet<&String> = first.iter().chain(&*rest).collect();
    assert_eq!(all.len(), 1_001);
    assert!(
        rest.len() <= 1_001 - 51,
        "what came before the slow call is not asked for again: {}",
        rest.len()
    );
}

#[test]
fn what_was_left_out_is_counted_over_all_runs() {
    let mut world = World::new(4, 12);
    let users = world.resources.get_mut(&("user".to_owned(), String::new())).unwrap();
    users.insert(1, v2::Resource { id: None, ..users[0].clone() });
    let planet = build::resource(&build::resource_type("Planet").build(), "mars", "Mars").build();
    for list in world.entitlements.values_mut() {
        list.insert(0, build::assignment(&planet, "live").build());
    }
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.c1z");
    let connector = Scripted::new(world.clone());
    Sync::new(&connector).clock(&TestClock::new()).run(&whole).unwrap();
    let expected = file::runs(&whole).remove(0).token;
    assert!(expected.contains(r#""invalid_resources_observed":1"#), "{expected}");
    assert!(expected.contains(r#""needs_expansion":true"#), "{expected}");
    let calls = connector.calls.get();
    for number in (1..calls).step_by(7) {
        let path = folder.path().join(format!("{number}.c1z"));
        let fault = move |call: &crate::connector::Call| {
            let fails = call.number == number;
            if fails { Err(ConnectorError::new(Code::Internal, "a bug")) } else { Ok(()) }
        };
        let failing = Scripted::failing(world.clone(), Box::new(fault));
        Sync::new(&failing).clock(&TestClock::new()).run(&path).unwrap_err();
        Sync::new(&Scripted::new(world.clone())).clock(&TestClock::new()).run(&path).unwrap();
        assert_eq!(file::runs(&path).remove(0).token, expected, "call {number}");
    }
}

/// Asks for a stop when a stage has got somewhere.
struct StopIn(Stage, Stop);

impl Observer for StopIn {
    fn event(&mut self, event: &Event<'_>) {
        if matches!(event, Event::Progress(stage, _) if *stage == self.0) {
            self.1.request();
        }
    }
}

#[test]
fn a_stop_in_any_stage_leaves_an_unfinished_sync() {
    let world = World::new(4, 12);
    let expected = undisturbed(&world);
    for stage in
        [Stage::ResourceTypes, Stage::Resources, Stage::Entitlements, Stage::Grants, Stage::Expansion]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sync.c1z");
        let stop = Stop::new();
        let connector = Scripted::new(world.clone());
        let sync = Sync::new(&connector).stop(&stop);
        let ended = sync.clock(&TestClock::new()).run_observed(&path, &mut StopIn(stage, stop.clone()));
        let Err(SyncError::Stopped { sync_id: Some(id) }) = ended else { panic!("{stage:?}: {ended:?}") };
        assert!(!file::runs(&path)[0].finished, "{stage:?}");
        let part = file::read_sync(&path, &SyncChoice::Id(id.clone()));
        assert!(part.grants.len() < expected.grants.len(), "{stage:?}");
        let outcome = Sync::new(&connector).clock(&TestClock::new()).run(&path).unwrap();
        assert_eq!((outcome.sync_id, outcome.resumed), (id, true));
        file::read(&path).assert_is(&expected, &format!("{stage:?}"));
    }
}

/// Notes how each stage ended.
#[derive(Default)]
struct Ends(Vec<(Stage, Count)>);

impl Observer for Ends {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Finished(stage, count) = event {
            self.0.push((*stage, *count));
        }
    }
}

#[test]
fn stages_that_know_how_much_there_is_end_with_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut ends = Ends::default();
    let connector = Scripted::new(World::new(4, 12));
    let sync = Sync::new(&connector);
    sync.clock(&TestClock::new()).run_observed(folder.path().join("sync.c1z"), &mut ends).unwrap();
    let known = ends.0.iter().filter(|(_, count)| count.total.is_some());
    assert_eq!(known.clone().count(), 3, "entitlements, grants, expansion");
    known.for_each(|(stage, count)| assert_eq!(Some(count.done), count.total, "{stage:?}"));
}

#[test]
fn children_of_types_that_are_not_synced_are_not_asked_for() {
    let connector = Scripted::new(World::new(2, 12));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let types = ["org", "project"].map(String::from);
    Sync::new(&connector).types(types).clock(&TestClock::new()).run(&path).unwrap();
    assert!(connector.subjects.borrow().iter().any(|call| call.starts_with("list project org/acme")));
    assert!(connector.subjects.borrow().iter().all(|call| !call.starts_with("list folder")));
    assert!(
        file::read(&path)
            .resources
            .keys()
            .all(|id| name(&build::id("org", "acme")) == *id || id.starts_with("project/"))
    );
}

#[test]
fn an_exclusion_group_may_have_fifty_entitlements() {
    let mut listed = Listed::sound();
    let one = |n| build::assignment(&records::group("g"), format!("s{n}")).exclusion_group("x").build();
    listed.entitlements.extend((0..50).map(one));
    assert_eq!(listed.sync().unwrap().0.entitlements.len(), 51);
}

#[test]
fn validation_is_tried_five_times() {
    let fault = |_: &crate::connector::Call| Err(ConnectorError::new(Code::Unavailable, "busy"));
    let connector = Scripted::failing(World::new(4, 5), Box::new(fault));
    let folder = tempfile::tempdir().unwrap();
    let ended = Sync::new(&connector).clock(&TestClock::new()).run(folder.path().join("sync.c1z"));
    assert_eq!(ended.unwrap_err().to_string(), "validating: unavailable: busy");
    assert_eq!((connector.calls.get(), file::names(folder.path()).len()), (5, 0));
}

/// A connector that remembers something.
struct Remembering(Folders);

impl Connector for Remembering {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        vec![Box::new(Remember(Syncer(&self.0)))]
    }
}

struct Remember<'c>(Syncer<'c>);

impl ResourceSyncer for Remember<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        self.0.resource_type()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        request.session.set("secret", b"of no use any more")?;
        self.0.list(parent, request)
    }
}

#[test]
fn a_finished_sync_keeps_no_session_and_can_be_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    let clock = TestClock::new();
    Sync::new(&Remembering(Folders::wide(3))).clock(&clock).run(&path).unwrap();
    assert_eq!(file::query(&path, "SELECT count(*) FROM v1_connector_sessions"), ["0"]);
    assert_eq!(file::query(&path, "SELECT supports_diff FROM v1_sync_runs"), ["1"]);
    assert_eq!(file::query(&path, "SELECT grants_backfilled FROM v1_sync_runs"), ["1"]);
    // Four pages, each at a time of its own, after the start and before the end.
    let times = file::query(&path, "SELECT DISTINCT discovered_at FROM v1_resources ORDER BY 1");
    assert_eq!(times.len(), 4);
    let [start] = &file::query(&path, "SELECT started_at FROM v1_sync_runs")[..] else { panic!() };
    let [end] = &file::query(&path, "SELECT ended_at FROM v1_sync_runs")[..] else { panic!() };
    assert!(times.iter().all(|time| start < time && time < end), "{start} {times:?} {end}");
}

#[test]
fn every_trait_with_a_message_of_its_own_is_asked_for() {
    use build::Trait;
    let kinds = [
        (Trait::User, "user"),
        (Trait::Group, "group"),
        (Trait::Role, "role"),
        (Trait::App, "app"),
        (Trait::Secret, "secret"),
    ];
    for (one, word) in kinds {
        let mut world = World::new(4, 5);
        world.kinds = vec![build::resource_type("Thing").trait_(one).build()];
        let thing = build::resource(&world.kinds[0], "t", "T").build();
        world.resources.insert(("thing".into(), String::new()), vec![thing]);
        let folder = tempfile::tempdir().unwrap();
        let ended = Sync::new(&Scripted::new(world)).run(folder.path().join("sync.c1z"));
        let words = ended.unwrap_err().to_string();
        assert!(words.contains(&format!("has the trait {word}, and it has no ")), "{words}");
    }
}

#[test]
fn resources_that_come_with_grants_must_be_the_connectors_own_and_have_an_identity() {
    let bring = |edit: &dyn Fn(&mut v2::Resource)| {
        let mut listed = Listed::sound();
        listed.annotations = vec![annotations::any(&v2::InsertResourceGrants::default())];
        let mut brought = records::group("new");
        edit(&mut brought);
        let mut grant = build::grant(&records::group("new"), "member", &records::user("u")).build();
        grant.entitlement.as_mut().unwrap().resource = Some(brought);
        listed.grants = vec![grant];
        listed.sync()
    };
    assert_eq!(bring(&|_| {}).unwrap().0.grants.len(), 1);
    let (content, _, token) = bring(&|brought| brought.id = None).unwrap();
    assert_eq!((content.grants.len(), content.resources.len()), (0, 2));
    assert!(token.contains(r#""grants_dropped":1"#), "{token}");
    let foreign = bring(&|brought| annotations::append(&mut brought.annotations, &v2::BatonId::default()));
    assert!(foreign.unwrap_err().to_string().contains("it has a BatonID"));
}
