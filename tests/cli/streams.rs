//! Pipes that close, disks that are full.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, pipe};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use crate::run::{call, edited};

/// Every way to write to standard output.
const LINES: [&str; 32] = [
    "grants -f company.c1z",
    "grants -f company.c1z -o wide",
    "grants -f company.c1z -o json",
    "grants -f company.c1z -o ndjson",
    "grants -f company.c1z -o csv",
    "grants -f company.c1z -o tsv",
    "grants -f company.c1z -o md",
    "grants -f company.c1z -o name",
    "grants -f company.c1z --sort id",
    "grants -f damaged-rows.c1z",
    "resources -f company.c1z",
    "access ada -f company.c1z",
    "access ada -f company.c1z -o json",
    "stats -f company.c1z",
    "stats -f company.c1z -o json",
    "principals compare -e role:admin:assigned --compare-entitlement group:eng:member -o json -f company.c1z",
    "grants --columns help",
    "diff -f generated.c1z",
    "diff -f generated.c1z --stat",
    "diff -f generated.c1z -o json",
    "diff -f generated.c1z -o ndjson",
    "diff -f generated.c1z -o csv",
    "diff -f generated.c1z -o md",
    "check -f company.c1z",
    "check -f company.c1z -o json",
    "check -f company.c1z -o ndjson",
    "check -f company.c1z -o sarif",
    "check -f company.c1z -o md",
    "check --list",
    "verify -f company.c1z",
    "verify -f company.c1z -o json",
    "completion bash",
];

/// What the argument parser prints.
const HELP: [&str; 5] = ["version", "--version", "--help", "help grants", "grants -h"];

#[test]
fn a_pipe_that_nobody_reads_is_no_error() {
    for line in LINES.iter().chain(&HELP) {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = call(line).command().stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
    }
}

#[test]
fn a_reader_may_leave_after_the_first_line() {
    // Many more grants than a pipe holds.
    let (_file, path) = edited(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         INSERT INTO v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id,
             principal_resource_id, external_id, data, sync_id, discovered_at)
         SELECT resource_type_id, resource_id, entitlement_id, principal_resource_type_id, principal_resource_id,
             external_id || i, x'', sync_id, discovered_at FROM v1_grants, n;",
    );
    for (format, first) in
        [("table", "Principal"), ("ndjson", "{\"id\":"), ("csv", "id,"), ("json", "{\"grants\":")]
    {
        let line = format!("grants -f {path} -o {format}");
        let (reader, writer) = pipe().unwrap();
        let mut command = call(&line).command();
        let mut child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        // It holds the other end of the pipe.
        drop(command);
        let mut start = vec![0; first.len()];
        let mut reader = BufReader::new(reader);
        reader.read_exact(&mut start).unwrap();
        assert_eq!(String::from_utf8_lossy(&start), first);
        if format != "json" {
            reader.skip_until(b'\n').unwrap();
        }
        drop(reader);
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{format}: {stderr}");
        assert_eq!(stderr, "", "{format}");
    }
}

/// Exit 2 and an error when nothing can be written.
#[cfg(target_os = "linux")]
fn fails_on_a_full_disk(line: &str) {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = call(line).command().stdout(full).stderr(Stdio::piped()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
    assert!(stderr.lines().any(|line| line.starts_with("error: ")), "{line}: {stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    LINES.iter().for_each(|line| fails_on_a_full_disk(line));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_for_help_too() {
    HELP.iter().for_each(|line| fails_on_a_full_disk(line));
}

#[test]
fn a_closed_standard_input_is_an_error() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" grants -f - <&-", env!("CARGO_BIN_EXE_baton")]);
    let output = shell.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(output.stdout.is_empty());
    assert!(stderr.starts_with("error: standard input: "), "{stderr}");
}

#[test]
fn words_that_are_not_utf_8_are_refused_without_a_panic() {
    for before in ["grants -f company.c1z -p", "grants -f company.c1z -o", "access", "grants -f"] {
        let mut command = call(before).command();
        let output = command.arg(OsStr::from_bytes(b"\xff\xfe")).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{before}: {stderr}");
        assert!(stderr.starts_with("error: "), "{before}: {stderr}");
        assert!(output.stdout.is_empty());
    }
}
