//! What is logged, how, and where.

use serde_json::Value;

use crate::run::{Desk, output};

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

fn messages(text: &str) -> Vec<String> {
    objects(text).iter().map(|object| object["msg"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn without_a_terminal_every_line_is_an_object() {
    let desk = Desk::new();
    let done = output(desk.bare_command(&[]));
    assert_eq!(
        messages(&done.stderr),
        [
            "Sync begun",
            "Synced resource types",
            "Synced resources",
            "Synced entitlements",
            "Synced grants",
            "Expanded grants",
            "Sync complete.",
        ]
    );
    let last = objects(&done.stderr).pop().unwrap();
    assert_eq!(last["level"], "info");
    assert!(last["ts"].as_f64().unwrap() > 1.7e9);
    assert_eq!((&last["file"], &last["grants"]), (&"sync.c1z".into(), &36.into()));
}

#[test]
fn errors_are_objects_too_where_lines_are() {
    let desk = Desk::new();
    let done = output(desk.bare_command(&["--revoke-grant", "x"]));
    assert_eq!((done.code, &*done.stdout), (2, ""));
    let error = objects(&done.stderr).pop().unwrap();
    assert_eq!(error["level"], "error");
    assert_eq!(error["msg"], "sync.c1z: there is no such file");
    assert!(error["hint"].as_str().unwrap().ends_with("sync first"));
}

#[test]
fn lines_for_people_have_time_level_message_and_fields() {
    let done = Desk::new().demo(&[]);
    let line = done.stderr.lines().find(|line| line.contains("Synced grants")).unwrap();
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.len() == 20 && time.ends_with('Z'), "{line}");
    assert_eq!(rest, "INFO  Synced grants count=34");
}

#[test]
fn the_level_decides_what_is_logged() {
    let log = |level: &str| Desk::new().demo(&["--log-level", level]).stderr;
    assert_eq!(log("warn"), "");
    assert_eq!(log("error"), "");
    let debug = log("debug");
    assert!(debug.contains("DEBUG Stored a page stage=grants "), "{debug}");
    assert!(!log("info").contains("DEBUG"));
}

#[test]
fn a_log_file_is_appended_to_and_errors_stay_visible() {
    let desk = Desk::new();
    let words = ["--log-path", "a.log"];
    let log = || std::fs::read_to_string(desk.file("a.log")).unwrap();
    let mut command = desk.bare_command(&words);
    command.env("BATON_LOG_LEVEL", "info");
    let done = output(command);
    assert_eq!((done.code, &*done.stderr), (0, ""));
    assert_eq!(messages(&log()).last().unwrap(), "Sync complete.");

    let done = output(desk.bare_command(&[&words[..], &["--revoke-grant", "x"]].concat()));
    assert!(done.stderr.starts_with("error: sync.c1z: there is no grant x\n"), "{}", done.stderr);
    let messages = messages(&log());
    assert_eq!(messages.last().unwrap(), "sync.c1z: there is no grant x");
    assert!(messages.contains(&"Sync complete.".to_owned()));
}

#[test]
fn a_log_may_go_to_several_places() {
    let desk = Desk::new();
    let done = output(desk.bare_command(&["--log-path", "a.log,stdout", "--log-path", "stderr"]));
    assert_eq!(messages(&done.stdout).last().unwrap(), "Sync complete.");
    assert_eq!(done.stdout, done.stderr.clone());
    assert_eq!(
        std::fs::read_to_string(desk.file("a.log")).unwrap().lines().count(),
        done.stderr.lines().count()
    );
    let error = desk.demo(&["--log-path", "no/such/a.log"]).trouble();
    assert!(error.starts_with("error: --log-path no/such/a.log: "), "{error}");
}
