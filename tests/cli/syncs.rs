//! Which sync is read, and `baton syncs`.

use crate::run::{FIRST, Output, PARTIAL, Record, SECOND, column, company, run};

const READING: [&str; 8] = [
    "resource-types",
    "resources",
    "entitlements",
    "grants",
    "principals",
    "principals compare -e x --compare-entitlement y",
    "access user/ada",
    "stats",
];

#[test]
fn syncs_lists_every_run_with_its_counts() {
    let records = company("syncs -o ndjson").records();
    assert_eq!(column(&records, "id"), [FIRST, PARTIAL, SECOND]);
    assert_eq!(column(&records, "type"), ["full", "partial", "full"]);
    assert_eq!(column(&records, "parent_id"), ["", FIRST, ""]);
    assert_eq!(column(&records, "engine"), ["sqlite"; 3]);
    let times = ["2026-03-01T06:00:03.250Z", "2026-03-01T18:30:01.750Z", "2026-03-02T06:00:02.123456789Z"];
    assert_eq!(column(&records, "ended_at"), times);
    for sync in &records {
        let count = |command: &str| {
            let line = format!("{command} --sync-id {} -o name", sync["id"].as_str().unwrap());
            company(&line).lines().len()
        };
        for what in ["resources", "entitlements", "grants"] {
            assert_eq!(sync[what], count(what), "{what} of {sync:?}");
        }
    }
}

#[test]
fn syncs_of_files_without_kept_counts_are_counted() {
    let sync: &Record = &run("syncs -f old-schema.c1z -o ndjson").ok().records()[0];
    assert_eq!([&sync["resources"], &sync["entitlements"], &sync["grants"]], [29, 18, 61]);
    assert_eq!(sync["type"], "full");
}

#[test]
fn one_sync_can_be_listed() {
    assert_eq!(company(&format!("syncs --sync-id {PARTIAL} -o name")).lines(), [PARTIAL]);
}

#[test]
fn the_newest_full_sync_is_read() {
    let grants = company("grants -o name");
    assert_eq!(grants, company(&format!("grants -o name --sync-id {SECOND}")));
    assert_ne!(grants.stdout, company(&format!("grants -o name --sync-id {FIRST}")).stdout);
    assert!(!grants.stderr.contains(PARTIAL), "an older partial sync is not worth a word");
}

#[test]
fn a_newer_partial_sync_is_passed_over_with_one_line() {
    for command in ["resource-types", "resources", "entitlements", "stats", "access user/ada"] {
        let output = run(&format!("{command} -f partial-newest.c1z")).ok();
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
        for word in [FIRST, "partial", &format!("--sync-id {PARTIAL}")] {
            assert!(output.stderr.contains(word), "{}", output.stderr);
        }
        let chosen = run(&format!("{command} -f partial-newest.c1z --sync-id {FIRST}")).ok();
        assert_eq!((chosen.stdout, chosen.stderr), (output.stdout, String::new()), "{command}");
    }
    assert_eq!(run("resources -f partial-newest.c1z -q").ok().stderr, "");
    assert_eq!(run("syncs -f partial-newest.c1z").ok().stderr, "", "nothing is chosen");
}

#[test]
fn a_partial_sync_is_read_when_it_is_named() {
    let grants = company(&format!("grants --sync-id {PARTIAL} -o name"));
    let users = ["svc:deploy", "grace", "mallory", "robin", "ghost"];
    assert_eq!(grants.lines(), users.map(|user| format!("group:ops:member:user:{user}")));
    let stats = company(&format!("stats --sync-id {PARTIAL} -o json")).json();
    assert_eq!((&stats["syncType"], &stats["parentSyncId"]), (&"partial".into(), &FIRST.into()));
}

#[test]
fn syncs_never_mix() {
    for (sync, grants) in [(FIRST, 61), (PARTIAL, 5), (SECOND, 62)] {
        let output = company(&format!("grants --sync-id {sync} -o name"));
        assert_eq!(output.lines().len(), grants);
    }
    let name =
        |sync: &str| company(&format!("resources -p group/eng --columns name -o csv --sync-id {sync}"));
    assert_eq!(name(FIRST).lines()[1], "Engineering");
    assert_eq!(name(SECOND).lines()[1], "Engineering & Design");
}

#[test]
fn an_unknown_sync_is_an_error_that_lists_those_there_are() {
    for command in READING.iter().chain(&["syncs"]) {
        for id in ["nonsense", "3AKceuN98XJyPGy2v9g2l5uSogX"] {
            let error = run(&format!("{command} --sync-id {id} -f company.c1z")).failed();
            for word in [id, FIRST, PARTIAL, SECOND] {
                assert!(error.contains(word), "{command}: {error}");
            }
        }
    }
}

#[test]
fn without_a_finished_sync_every_reading_command_is_refused() {
    for command in READING {
        let error = run(&format!("{command} -f unfinished.c1z")).failed();
        for word in ["unfinished", FIRST, "--sync-id"] {
            assert!(error.contains(word), "{command}: {error}");
        }
    }
    for format in ["json", "ndjson", "csv", "name"] {
        run(&format!("grants -f unfinished.c1z -o {format}")).failed();
    }
}

#[test]
fn unfinished_syncs_are_listed_without_an_end() {
    let output = run("syncs -f unfinished.c1z -o ndjson").ok();
    let sync = &output.records()[0];
    assert_eq!((&sync["id"], &sync["ended_at"]), (&FIRST.into(), &serde_json::Value::Null));
    let json = run("syncs -f unfinished.c1z -o json").ok().json();
    assert!(json["syncs"][0].get("endedAt").is_none());
    assert_eq!(output.stderr, "");
}

#[test]
fn an_unfinished_sync_is_read_when_it_is_named() {
    let read =
        |command: &str| -> Output { run(&format!("{command} -f unfinished.c1z --sync-id {FIRST}")).ok() };
    assert_eq!(read("resources -o name").lines().len(), 29);
    assert_eq!(read("entitlements -o name").lines().len(), 18);
    assert_eq!(read("grants -o json").stdout, "{}\n");
    assert_eq!(read("access user/ada").stdout, "ada@corp.example (User)\n");
    assert_eq!(read("stats -o json").json()["stats"]["resources"], "29");
}
