//! The README is true: its examples are run, and its columns are those of the program.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panic")]

use std::process::Command;

const README: &str = include_str!("../README.md");

/// Runs a command line of the README; `baton` is the built one.
fn run(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let output = Command::new(env!("CARGO_BIN_EXE_baton"))
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("BATON_FILE")
        .env_remove("BATON_OUTPUT_FORMAT")
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The blocks of a language, without their fences.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn console_examples_print_what_they_show() {
    let mut examples = 0;
    for block in blocks("console") {
        for example in block.split("$ ").skip(1) {
            let (line, shown) = example.split_once('\n').unwrap();
            assert_eq!(run(line).trim_end(), shown.trim_end(), "{line}");
            examples += 1;
        }
    }
    assert!(examples >= 3, "the README has examples");
}

#[test]
fn the_table_of_columns_is_complete() {
    for (record, command) in [
        ("resource type", "resource-types"),
        ("resource, principal", "resources"),
        ("resource, principal", "principals"),
        ("entitlement", "entitlements"),
        ("grant", "grants"),
        ("sync", "syncs"),
        ("finding", "check --fail-on never"),
    ] {
        let start = format!("| {record} | ");
        let documented = README.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
        let printed = run(&format!("baton {command} -f testdata/company.c1z -o csv --limit 0"));
        assert_eq!(documented.trim_end_matches(" |"), printed.trim_end().replace(',', ", "), "{command}");
    }
}

#[test]
fn every_command_is_listed() {
    let help = run("baton --help");
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    for command in commands.lines().filter_map(|line| line.split_whitespace().next()) {
        assert!(command == "help" || README.contains(&format!("`{command}")), "{command}");
    }
}

/// The words of a command line, where single quotes hold blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars() {
        match sign {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(sign),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn examples_of_the_demo_work_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let lines = blocks("sh").into_iter().flat_map(str::lines).filter(|line| line.starts_with("baton-demo "));
    let mut examples = 0;
    for line in lines {
        // As it stands, but of a size that a test has time for.
        let line = line.replace("--users 100000", "--users 100");
        let mut command = Command::new(env!("CARGO_BIN_EXE_baton-demo"));
        let output = command.args(&words(&line)[1..]).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        examples += 1;
    }
    assert!(examples >= 8, "the README has examples");
}
