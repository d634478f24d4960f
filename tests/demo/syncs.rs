//! Syncs, and what `baton` reads of them.

use std::collections::BTreeMap;

use crate::run::{Desk, output};

/// How many resources of each type there are.
fn counts(desk: &Desk) -> String {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for name in desk.resources() {
        *counts.entry(name.split_once('/').unwrap().0.to_owned()).or_default() += 1;
    }
    counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_built_in_data_is_synced_without_any_words() {
    let desk = Desk::new();
    let done = output(desk.bare_command(&[]));
    assert_eq!((done.code, &*done.stdout), (0, ""), "{}", done.stderr);
    assert_eq!(desk.files(), ["sync.c1z"]);
    assert_eq!(counts(&desk), "group 2, org 1, project 2, role 3, secret 1, user 7");
    let grants = desk.grants();
    assert_eq!(grants.len(), 36);
    assert!(grants.contains("group:platform:member:user:nadia"));
}

#[test]
fn nothing_is_wrong_with_the_built_in_data() {
    let desk = Desk::synced();
    assert_eq!(desk.baton("check --severity warning -o ndjson"), "");
}

#[test]
fn inherited_grants_name_their_source() {
    let desk = Desk::synced();
    let line = desk.baton("grants -e role:auditor:assignment -p user/ruben -o ndjson");
    let grant: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(grant["direct"], false);
    assert_eq!(grant["sources"], serde_json::json!(["group:field:member"]));
}

#[test]
fn the_file_is_named_by_flag_then_variable() {
    let desk = Desk::new();
    desk.demo(&["-f", "a.c1z"]).ok();
    let mut command = desk.demo_command(&[]);
    command.env("BATON_FILE", "b.c1z");
    output(command).ok();
    let mut command = desk.demo_command(&["--file=c.c1z"]);
    command.env("BATON_FILE", "b.c1z");
    output(command).ok();
    assert_eq!(desk.files(), ["a.c1z", "b.c1z", "c.c1z", "demo.db"]);
}

#[test]
fn a_file_keeps_two_syncs_unless_told_otherwise() {
    let desk = Desk::new();
    let syncs = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = desk.demo_command(words);
        command.envs(variables.iter().copied());
        output(command).ok();
        desk.baton("syncs -o name").lines().count()
    };
    assert_eq!(syncs(&[], &[]), 1);
    assert_eq!(syncs(&[], &[]), 2);
    assert_eq!(syncs(&[], &[]), 2);
    assert_eq!(syncs(&["--keep-syncs", "3"], &[]), 3);
    assert_eq!(syncs(&[], &[("BATON_KEEP_SYNC_COUNT", "4")]), 4);
    assert_eq!(syncs(&[], &[("BATON_SKIP_CLEANUP", "1")]), 5);
    assert_eq!(syncs(&["--keep-syncs=1"], &[("BATON_KEEP_SYNC_COUNT", "4")]), 1);
}

#[test]
fn only_the_named_types_are_synced() {
    let desk = Desk::new();
    desk.demo(&["--sync-resource-types", "user,group"]).ok();
    assert_eq!(counts(&desk), "group 2, user 7");
    let error = desk.demo(&["--sync-resource-types", "usr"]).trouble();
    assert!(error.contains("user, group, role, org, project, secret"), "{error}");
}

#[test]
fn only_the_named_resources_are_synced() {
    let desk = Desk::synced();
    desk.demo(&["--sync-resources", "bid:r:group/field"]).ok();
    let line = desk.baton("syncs -o ndjson");
    let partial = line.lines().find(|line| line.contains("\"partial\"")).unwrap();
    let partial: serde_json::Value = serde_json::from_str(partial).unwrap();
    let id = partial["id"].as_str().unwrap();
    let grants = desk.baton(&format!("grants --sync-id {id} -o name"));
    assert!(grants.lines().count() == 3, "{grants}");
    assert!(grants.lines().all(|line| line.starts_with("group:field:")), "{grants}");
    desk.demo(&["-f", "less.c1z", "--sync-resources", "bid:r:group/field", "--skip-grants"]).ok();
    assert_eq!(desk.baton("grants -f less.c1z -o name"), "");
    assert_eq!(desk.baton("entitlements -f less.c1z -o name").lines().count(), 2);
}

#[test]
fn entitlements_and_grants_may_be_left_out() {
    let desk = Desk::new();
    desk.demo(&["--skip-entitlements-and-grants"]).ok();
    assert_eq!(desk.resources().len(), 16);
    assert_eq!(desk.baton("entitlements -o name"), "");
}

#[test]
fn a_file_that_is_something_else_is_not_touched() {
    let desk = Desk::new();
    std::fs::write(desk.file("sync.c1z"), "my thesis").unwrap();
    let error = desk.demo(&[]).trouble();
    assert!(error.starts_with("error: "), "{error}");
    assert_eq!(std::fs::read(desk.file("sync.c1z")).unwrap(), b"my thesis");
    let error = desk.demo(&["-f", "no/such/folder/x.c1z"]).trouble();
    assert!(error.contains("no/such/folder"), "{error}");
}
