//! Processes that are killed.
//!
//! A test starts this program again with only [`child`] in it, and kills it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::*;

const TASK: &str = "BATON_TEST_KILLED_TASK";
const TARGET: &str = "BATON_TEST_KILLED_TARGET";

fn spawn(task: &str, target: &Path) -> Child {
    let name = concat!(module_path!(), "::child").split_once("::").unwrap().1;
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .envs([(TASK, task.as_ref()), (TARGET, target.as_os_str())])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the child says so a number of times, and says how long it took from the first time to the last.
fn wait_for(child: &mut Child, word: &str, times: usize) -> Duration {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let mut said = lines.map(Result::unwrap).filter(|line| line.contains(word));
    said.next().expect("the child ended early");
    let first = std::time::Instant::now();
    assert_eq!(said.take(times - 1).count(), times - 1, "the child ended early");
    first.elapsed()
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn child() {
    let (Ok(task), Some(target)) = (std::env::var(TASK), std::env::var_os(TARGET)) else { return };
    match task.as_str() {
        "stop" => stop(target.as_ref()),
        _ => sync_for_ever(target.as_ref()),
    }
}

/// Commits some records and not some others, and waits.
fn stop(target: &Path) {
    let (mut writer, _) = beside(target);
    writer.begin_sync(full(SYNC)).unwrap();
    for number in 0..300 {
        writer.put_resource(&resource("user", &format!("{number}"))).unwrap();
    }
    writer.set_sync_token("committed").unwrap();
    writer.commit().unwrap();
    // More than the cache holds back.
    for number in 0..30_000 {
        writer.put_resource(&resource("group", &format!("{number}"))).unwrap();
    }
    writer.set_sync_token("lost").unwrap();
    println!("ready");
    std::thread::sleep(Duration::from_secs(60));
}

/// Syncs, goes on with what there is, and saves, again and again.
fn sync_for_ever(target: &Path) {
    for number in 0.. {
        let (mut writer, _) = beside(target);
        let runs = writer.runs().unwrap();
        match runs.iter().find(|run| !run.finished) {
            Some(run) => writer.resume_sync(&run.id).unwrap(),
            None => {
                let last = runs.last().and_then(|run| run.id.parse::<u32>().ok()).unwrap_or(0);
                let began = Instant::new(i64::from(last), 0).unwrap();
                writer.begin_sync(NewSync::new((last + 1).to_string(), SyncKind::Full, began)).unwrap();
            }
        }
        for page in 0..5 {
            for number in 0..100 {
                writer.put_resource(&resource("user", &format!("{page}-{number}"))).unwrap();
            }
            writer.commit().unwrap();
        }
        writer.clean_up(2).unwrap();
        writer.end_sync(start()).unwrap();
        writer.commit().unwrap();
        writer.save_beside().unwrap();
        println!("saved {number}");
    }
}

#[test]
fn what_a_killed_process_committed_is_gone_on_with() {
    let (directory, target) = nowhere();
    let mut child = spawn("stop", &target);
    wait_for(&mut child, "ready", 1);
    assert!(matches!(refused(&target), WriteError::InUse { .. }));
    assert!(matches!(fresh(&target), Err(WriteError::InUse { .. })));
    kill(child);
    assert_eq!(names(directory.path()), [".a.c1z.sync", ".a.c1z.sync-wal"]);
    let (mut writer, found) = beside(&target);
    assert_eq!(found, Found::Working);
    writer.resume_sync(SYNC).unwrap();
    assert_eq!(writer.sync_token(), Some("committed"));
    assert_eq!(writer.resources_page(0, 1000).unwrap().len(), 300);
    assert_eq!(rows(&writer, "PRAGMA integrity_check"), ["ok"]);
    writer.end_sync(start()).unwrap();
    writer.save_beside().unwrap();
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

/// How many moments of a sync a process is killed at.
const ROUNDS: u32 = 10;

#[test]
fn a_kill_at_any_moment_leaves_a_whole_target_and_what_goes_on() {
    let (directory, target) = nowhere();
    let expected = ["", ".sync", ".sync-journal", ".sync-wal", ".sync.new", ".sync.tmp"];
    let mut newest = 0;
    for round in 0..ROUNDS {
        let mut child = spawn("sync", &target);
        let takes = wait_for(&mut child, "saved", 3) / 2;
        std::thread::sleep(takes * round / ROUNDS);
        kill(child);
        for name in names(directory.path()) {
            let known = name == "a.c1z" || expected.iter().any(|suffix| name == format!(".a.c1z{suffix}"));
            assert!(known, "{name}");
        }
        // What is at the target was saved as a whole.
        let reader = read(&target);
        let last = reader.runs().last().unwrap();
        let id: u32 = last.id.parse().unwrap();
        assert!(last.finished && id > newest, "{id} after {newest}");
        newest = id;
        assert_eq!(reader.at(last).count().unwrap(), last.stats.clone().unwrap_or_default());
        // And what lies beside it can be gone on with.
        let (writer, _) = beside(&target);
        assert_eq!(rows(&writer, "PRAGMA quick_check"), ["ok"]);
        let left = names(directory.path());
        assert!(left.iter().all(|name| !name.ends_with(".new") && !name.ends_with(".tmp")), "{left:?}");
    }
}
