//! A sync that is killed at any moment goes on where it was, and ends with what an undisturbed one holds.
//!
//! A kill is a picture of the folder as it is on the disk at that moment: the next run finds exactly that, whatever the
//! run that was "killed" does afterwards.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use baton::store::SyncChoice;
use baton::sync::build;
use baton::sync::{Code, ConnectorError, Event, Observer, Sync, Target};

use crate::connector::Scripted;
use crate::faults::undisturbed;
use crate::file;
use crate::random::Random;
use crate::time::TestClock;
use crate::world::World;

/// Copies a folder's files as they are.
fn picture(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in file::names(from) {
        fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

/// Takes the picture at one of the events of a sync.
struct AtEvent<'a> {
    left: u64,
    from: &'a Path,
    to: &'a Path,
    taken: bool,
}

impl Observer for AtEvent<'_> {
    fn event(&mut self, _: &Event<'_>) {
        if self.left == 0 && !self.taken {
            picture(self.from, self.to);
            self.taken = true;
        }
        self.left = self.left.saturating_sub(1);
    }
}

/// Runs a sync in `folder` and kills it before its call of that number; `None` when it ended before that.
fn kill_at_call(world: &World, folder: &Path, number: u64, next: &Path) -> Option<()> {
    let killed = Cell::new(false);
    let fault = |call: &crate::connector::Call| {
        if call.number < number {
            return Ok(());
        }
        if !killed.replace(true) {
            picture(folder, next);
        }
        Err(ConnectorError::new(Code::Internal, "killed"))
    };
    let connector = Scripted::failing(world.clone(), Box::new(fault));
    let ended = Sync::new(&connector).clock(&TestClock::new()).run(folder.join("sync.c1z"));
    drop(connector);
    assert_eq!(ended.is_err(), killed.get());
    ended.is_err().then_some(())
}

fn kill_at_event(world: &World, folder: &Path, number: u64, next: &Path) -> Option<()> {
    let mut observer = AtEvent { left: number, from: folder, to: next, taken: false };
    let connector = Scripted::new(world.clone());
    Sync::new(&connector)
        .clock(&TestClock::later(1))
        .run_observed(folder.join("sync.c1z"), &mut observer)
        .unwrap();
    observer.taken.then_some(())
}

/// A chain of kills, each in the folder that the one before left, until a run ends. Returns the folder of that run and
/// how many kills there were.
fn killed_again_and_again(world: &World, seed: u64, root: &Path) -> (PathBuf, u64) {
    let mut random = Random::new(seed);
    let mut kills = 0;
    loop {
        let folder = root.join(kills.to_string());
        let next = root.join((kills + 1).to_string());
        fs::create_dir_all(&folder).unwrap();
        let number = random.below(40) as u64;
        let kill = if random.one_in(2) { kill_at_call } else { kill_at_event };
        if kill(world, &folder, number, &next).is_none() {
            return (folder, kills);
        }
        kills += 1;
    }
}

#[test]
fn two_hundred_kills_at_random_points_lose_and_duplicate_nothing() {
    let (mut kills, mut seed) = (0, 0);
    while kills < 200 {
        let world = World::new(seed, 6 + seed as usize % 20);
        let expected = undisturbed(&world);
        let root = tempfile::tempdir().unwrap();
        let (folder, more) = killed_again_and_again(&world, seed, root.path());
        // Reading fails when an id is there twice.
        file::read(&folder.join("sync.c1z")).assert_is(&expected, &format!("seed {seed}"));
        assert_eq!(file::names(&folder), ["sync.c1z"], "nothing is left lying around");
        assert_eq!(file::runs(&folder.join("sync.c1z")).len(), 1, "all runs are of one sync");
        kills += more;
        seed += 1;
    }
}

#[test]
fn a_kill_at_every_event_leaves_the_old_file_or_the_new_one() {
    let (before, after) = (World::new(1, 4), World::new(2, 5));
    let (old, new) = (undisturbed(&before), undisturbed(&after));
    for number in 0.. {
        let root = tempfile::tempdir().unwrap();
        let (first, second) = (root.path().join("first"), root.path().join("second"));
        fs::create_dir_all(&first).unwrap();
        let connector = Scripted::new(before.clone());
        Sync::new(&connector).clock(&TestClock::new()).run(first.join("sync.c1z")).unwrap();
        if kill_at_event(&after, &first, number, &second).is_none() {
            assert!(number > 30, "a sync has many events: {number}");
            break;
        }
        file::read(&second.join("sync.c1z"))
            .assert_is(&old, &format!("event {number}: the target is not touched"));
        let connector = Scripted::new(after.clone());
        Sync::new(&connector).clock(&TestClock::later(2)).run(second.join("sync.c1z")).unwrap();
        file::read(&second.join("sync.c1z")).assert_is(&new, &format!("event {number}"));
        assert_eq!(
            file::runs(&second.join("sync.c1z")).len(),
            2,
            "event {number}: the old sync stays beside it"
        );
    }
}

#[test]
fn a_partial_sync_that_is_killed_anywhere_goes_on_with_other_targets() {
    let world = World::new(6, 12);
    let target = |kind: &str, id: &str| Target { id: build::id(kind, id), parent: None };
    let places = world.all_resources().filter(|one| one.id.as_ref().unwrap().resource_type != "user");
    let places = places.filter(|one| one.id.as_ref().unwrap().resource_type != "group").count();
    for number in 0.. {
        let root = tempfile::tempdir().unwrap();
        let (first, second) = (root.path().join("first"), root.path().join("second"));
        fs::create_dir_all(&first).unwrap();
        let mut observer = AtEvent { left: number, from: &first, to: &second, taken: false };
        let connector = Scripted::new(world.clone());
        let clock = TestClock::later(1);
        let sync = Sync::new(&connector).targets([target("group", "g:1")]).clock(&clock);
        sync.run_observed(first.join("sync.c1z"), &mut observer).unwrap();
        if !observer.taken {
            assert!(number > 5, "{number}");
            break;
        }
        let path = second.join("sync.c1z");
        let connector = Scripted::new(world.clone());
        Sync::new(&connector)
            .targets([target("org", "acme")])
            .clock(&TestClock::later(2))
            .run(&path)
            .unwrap();
        let runs = file::runs(&path);
        let content = file::read_sync(&path, &SyncChoice::Id(runs.last().unwrap().id.clone()));
        let found = content.resources.keys().filter(|id| !id.starts_with("group/")).count();
        assert_eq!(found, places, "event {number}");
    }
}
