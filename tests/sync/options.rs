//! What can be asked of a sync: some types, some resources, less of everything, how many syncs stay.

use std::cell::RefCell;

use baton::model::v2;
use baton::sync::build;
use baton::sync::{Answer, Connector, Page, Request, ResourceSyncer, Session, Sync, SyncError, Target};

use crate::connector::Scripted;
use crate::file;
use crate::time::TestClock;
use crate::world::World;

struct Folder {
    folder: tempfile::TempDir,
    clock: TestClock,
}

impl Folder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: TestClock::new() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("sync.c1z")
    }
}

#[test]
fn only_some_types_are_synced() {
    let (folder, world) = (Folder::new(), World::new(2, 12));
    let connector = Scripted::new(world.clone());
    let types = ["group", "user"].map(String::from);
    Sync::new(&connector).types(types).clock(&folder.clock).run(folder.path()).unwrap();
    let content = file::read(&folder.path());
    assert_eq!(content.types.keys().collect::<Vec<_>>(), ["group", "user"]);
    assert!(content.resources.keys().all(|id| id.starts_with("user/") || id.starts_with("group/")));
    let held = world.grant_ids();
    let expected: Vec<_> = held.iter().filter(|id| id.starts_with("group:")).collect();
    assert_eq!(content.grants.keys().collect::<Vec<_>>(), expected);
    assert_eq!(file::runs(&folder.path())[0].kind, "full");
}

#[test]
fn an_unknown_type_is_an_error_before_anything_is_asked() {
    let folder = Folder::new();
    let connector = Scripted::new(World::new(2, 5));
    let error = Sync::new(&connector).types(["planet".into()]).run(folder.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"the connector has no resource type "planet"; it has org, user, group, project, folder"#
    );
    assert_eq!(connector.calls.get(), 0);
}

#[test]
fn a_sync_of_resources_only_asks_for_nothing_else() {
    let (folder, world) = (Folder::new(), World::new(2, 12));
    let connector = Scripted::new(world.clone());
    Sync::new(&connector).resources_only().clock(&folder.clock).run(folder.path()).unwrap();
    let content = file::read(&folder.path());
    assert_eq!(content.resources.len(), world.all_resources().count());
    assert!(content.entitlements.is_empty() && content.grants.is_empty());
    assert!(connector.subjects.borrow().iter().all(|call| call == "validate" || call.starts_with("list ")));
    assert_eq!(file::runs(&folder.path())[0].kind, "resources_only");
}

#[test]
fn grants_can_be_left_out() {
    let (folder, world) = (Folder::new(), World::new(2, 12));
    Sync::new(&Scripted::new(world)).skip_grants().clock(&folder.clock).run(folder.path()).unwrap();
    let content = file::read(&folder.path());
    assert!(!content.entitlements.is_empty() && content.grants.is_empty());
}

fn target(kind: &str, id: &str) -> Target {
    Target { id: build::id(kind, id), parent: None }
}

#[test]
fn targets_bring_their_children_entitlements_grants_and_what_those_are_of() {
    let (folder, world) = (Folder::new(), World::new(6, 12));
    Sync::new(&Scripted::new(world.clone())).clock(&folder.clock).run(folder.path()).unwrap();
    let full = file::runs(&folder.path()).remove(0);

    let connector = Scripted::new(world.clone());
    let targets = [target("org", "acme"), target("group", "g:1"), target("group", "g:1")];
    let outcome = Sync::new(&connector).targets(targets).clock(&folder.clock).run(folder.path()).unwrap();
    let runs = file::runs(&folder.path());
    let partial = runs.iter().find(|run| run.id == outcome.sync_id).unwrap();
    assert_eq!((&*partial.kind, &partial.parent_id), ("partial", &full.id));

    let content = file::read_sync(&folder.path(), &baton::store::SyncChoice::Id(outcome.sync_id));
    assert_eq!(content.types.len(), 5, "all types, so that every id can be read");
    let places = |kind: &str| content.resources.keys().filter(|id| id.starts_with(kind)).count();
    let all = |kind: &str| {
        world.all_resources().filter(|one| one.id.as_ref().unwrap().resource_type == kind).count()
    };
    assert_eq!((places("project/"), places("folder/")), (all("project"), all("folder")));
    assert_eq!((places("group/"), places("user/")), (1, 0));
    assert_eq!(content.entitlements.keys().collect::<Vec<_>>(), ["group:g:1:member"]);
    let own = world.grants.get("group/g:1").map_or(0, Vec::len);
    assert_eq!(content.grants.len(), own, "what was there is not expanded");
    let asked = connector.subjects.borrow().iter().filter(|call| **call == "get group/g:1").count();
    assert_eq!(asked, 1, "a target that is named twice is fetched once");
}

#[test]
fn targets_that_are_gone_or_cannot_be_fetched_are_warnings() {
    let (folder, world) = (Folder::new(), World::new(6, 12));
    let targets = || [target("group", "nobody"), target("group", "g:0"), target("planet", "mars")];
    let sync = |connector: &Scripted<'_>| {
        Sync::new(connector).targets(targets()).clock(&folder.clock).run(folder.path()).unwrap()
    };
    let outcome = sync(&Scripted::new(world.clone()));
    assert_eq!((outcome.warnings, outcome.stats.resources), (2, 1));
    let mut untargeted = Scripted::new(world);
    untargeted.targeted = false;
    let outcome = sync(&untargeted);
    assert_eq!((outcome.warnings, outcome.stats.resources), (3, 0));
}

#[test]
fn targets_of_types_that_are_not_synced_are_left_out_unless_they_are_all() {
    let (folder, connector) = (Folder::new(), Scripted::new(World::new(6, 12)));
    let targets = [target("group", "g:0"), target("user", "u1")];
    let sync = Sync::new(&connector).targets(targets).types(["user".into()]);
    assert_eq!(sync.clock(&folder.clock).run(folder.path()).unwrap().stats.resources, 1);
    let sync = Sync::new(&connector).targets([target("group", "g:0")]).types(["user".into()]);
    let error = sync.clock(&folder.clock).run(folder.path()).unwrap_err();
    assert_eq!(error.to_string(), "none of the resources asked for is of the types user");
    assert_eq!(file::runs(&folder.path()).len(), 1);
}

#[test]
fn a_partial_sync_keeps_grants_to_whomever() {
    let (folder, world) = (Folder::new(), World::new(6, 12));
    let own = world.grants["project/p0"].len();
    let connector = Scripted::new(world);
    let sync = Sync::new(&connector).targets([target("project", "p0")]).types(["project".into()]);
    assert_eq!(sync.clock(&folder.clock).run(folder.path()).unwrap().stats.grants, own as i64);
}

#[test]
fn what_the_grants_of_a_target_are_of_is_fetched_once() {
    let folder = Folder::new();
    let mut world = World::new(6, 12);
    // A system that tells of memberships where it tells of users.
    world.kinds.iter_mut().for_each(|kind| kind.annotations.clear());
    let of =
        |group: &str| build::grant(&build::id("group", group), "member", &build::id("user", "u0")).build();
    let two =
        |group: &str| build::grant(&build::id("group", group), "owner", &build::id("user", "u0")).build();
    world.grants.insert("user/u0".into(), vec![of("g:0"), two("g:0"), of("nobody"), two("nobody")]);
    let connector = Scripted::new(world);
    let sync = Sync::new(&connector).targets([target("user", "u0")]).clock(&folder.clock);
    let outcome = sync.run(folder.path()).unwrap();
    assert_eq!((outcome.stats.resources, outcome.stats.grants, outcome.warnings), (2, 4, 1));
    let asked = connector.subjects.borrow();
    let got: Vec<_> = asked.iter().filter(|call| call.starts_with("get ")).collect();
    assert_eq!(got, ["get user/u0", "get group/g:0", "get group/nobody"]);
}

#[test]
fn of_targets_too_only_the_resources_may_be_synced() {
    let (folder, world) = (Folder::new(), World::new(6, 12));
    let connector = Scripted::new(world);
    let sync = Sync::new(&connector).targets([target("group", "g:0")]).resources_only();
    let outcome = sync.clock(&folder.clock).run(folder.path()).unwrap();
    assert_eq!(*connector.subjects.borrow(), ["validate", "get group/g:0"]);
    assert_eq!((outcome.stats.resources, file::runs(&folder.path())[0].kind.as_str()), (1, "partial"));
}

#[test]
fn as_many_syncs_stay_as_are_asked_for() {
    let (folder, world) = (Folder::new(), World::new(2, 5));
    let connector = Scripted::new(world);
    let mut ids = Vec::new();
    for _ in 0..4 {
        let outcome = Sync::new(&connector).clock(&folder.clock).run(folder.path()).unwrap();
        ids.push(outcome.sync_id);
    }
    let held = || file::runs(&folder.path()).into_iter().map(|run| run.id).collect::<Vec<_>>();
    assert_eq!(held(), ids[2..], "two, when nobody says");
    ids.push(Sync::new(&connector).keep_all().clock(&folder.clock).run(folder.path()).unwrap().sync_id);
    assert_eq!(held(), ids[2..]);
    ids.push(Sync::new(&connector).keep(1).clock(&folder.clock).run(folder.path()).unwrap().sync_id);
    assert_eq!(held(), ids[5..]);
}

/// A connector that counts in its session.
struct Counting {
    seen: RefCell<Vec<String>>,
}

impl Connector for Counting {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        vec![Box::new(Counter(self))]
    }
}

struct Counter<'c>(&'c Counting);

impl Counter<'_> {
    fn count(&self, session: &dyn Session) -> Answer<String> {
        let text = session.get("count")?.map(|bytes| String::from_utf8(bytes).unwrap());
        let next = text.map_or(1, |text| text.parse::<u32>().unwrap() + 1).to_string();
        session.set("count", next.as_bytes())?;
        self.0.seen.borrow_mut().push(next.clone());
        Ok(next)
    }
}

impl ResourceSyncer for Counter<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        build::resource_type("Thing").build()
    }

    fn list(&self, _: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        let count = self.count(request.session)?;
        let thing = build::resource(&self.resource_type(), &*count, &*count).build();
        Ok(Page::then([thing], if count == "5" { "" } else { &*count }))
    }

    fn entitlements(&self, _: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        let session = request.session;
        session.set("a/1", b"x")?;
        session.set("a/2", b"y")?;
        session.set("b", b"z")?;
        let keys = |prefix| Ok(session.page(prefix, "")?.into_iter().map(|(key, _)| key).collect::<Vec<_>>());
        assert_eq!(keys("a/")?, ["a/1", "a/2"]);
        assert_eq!(session.page("a/", "a/1")?, [("a/2".to_owned(), b"y".to_vec())]);
        session.clear("a/")?;
        session.delete("b")?;
        assert_eq!(keys("")?, ["count"]);
        assert!(session.get("").is_err() && session.set(&"k".repeat(513), b"").is_err());
        Ok(Page::default())
    }
}

#[test]
fn the_session_lasts_as_long_as_the_sync() {
    let folder = Folder::new();
    let connector = Counting { seen: RefCell::default() };
    for _ in 0..2 {
        connector.seen.borrow_mut().clear();
        let outcome = Sync::new(&connector).clock(&folder.clock).run(folder.path()).unwrap();
        assert_eq!(outcome.stats.resources, 5);
        assert_eq!(*connector.seen.borrow(), ["1", "2", "3", "4", "5"], "each sync begins with an empty one");
    }
}

/// A connector with two syncers for one type.
struct Twice;

impl Connector for Twice {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        let counting = Box::leak(Box::new(Counting { seen: RefCell::default() }));
        vec![Box::new(Counter(counting)), Box::new(Counter(counting))]
    }
}

#[test]
fn two_syncers_for_one_type_are_an_error() {
    let folder = Folder::new();
    let error = Sync::new(&Twice).run(folder.path()).unwrap_err();
    assert!(matches!(error, SyncError::Connector { .. }));
    assert!(error.to_string().contains(r#"two syncers for the resource type "thing""#), "{error}");
}
