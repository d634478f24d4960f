//! `baton check`: what is looked for, what is shown, and how it ends.

use std::collections::BTreeSet;
use std::process::Command;

use crate::run::{Output, Record, call, column, edited, fixture, run, temporary, text};

/// The company has faults of every severity.
pub(crate) fn check(words: &str) -> Output {
    run(&format!("check -f company.c1z {words}"))
}

/// The findings, one by one.
pub(crate) fn findings(words: &str) -> Vec<Record> {
    check(&format!("{words} -o ndjson --fail-on never")).ok().records()
}

fn codes(records: &[Record]) -> BTreeSet<String> {
    column(records, "code").into_iter().collect()
}

fn with_severity(records: &[Record], severity: &str) -> usize {
    records.iter().filter(|record| record["severity"] == severity).count()
}

/// Every rule, as `--list` knows it.
fn rules() -> Vec<Record> {
    run("check --list -o ndjson").ok().records()
}

#[test]
fn dangling_references_of_the_company_are_errors() {
    let errors = findings("--severity error");
    let found: Vec<_> = errors
        .iter()
        .map(|record| (text(record, "code"), text(record, "record"), text(record, "id")))
        .collect();
    assert_eq!(
        found,
        [
            ("grant-entitlement-missing", "entitlement", "project:atlas:delete"),
            ("grant-principal-missing", "resource", "user/ghost"),
        ]
    );
    assert_eq!(errors[1]["related"][0], "grant group:ops:member:user:ghost");
}

#[test]
fn each_severity_is_found() {
    let all = findings("");
    for severity in ["error", "warning", "note"] {
        assert!(with_severity(&all, severity) > 0, "{severity}");
    }
    let at_least = |level: &str| findings(&format!("--severity {level}")).len();
    assert_eq!(at_least("note"), all.len());
    assert_eq!(at_least("warning"), with_severity(&all, "warning") + with_severity(&all, "error"));
    assert_eq!(at_least("error"), with_severity(&all, "error"));
}

#[test]
fn a_finding_comes_after_those_of_the_rules_before_its_own() {
    let order: Vec<String> = column(&rules(), "code");
    let places: Vec<_> = column(&findings(""), "code")
        .into_iter()
        .map(|code| order.iter().position(|known| *known == code).expect("a code that is listed"))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn equal_files_give_equal_answers() {
    for format in ["table", "wide", "json", "ndjson", "csv", "md", "sarif"] {
        let words = format!("-o {format} --severity note");
        assert_eq!(check(&words), check(&words), "{format}");
    }
}

#[test]
fn codes_are_chosen_by_name_and_by_pattern() {
    let all = codes(&findings(""));
    let grants: BTreeSet<_> = all.iter().filter(|code| code.starts_with("grant-")).cloned().collect();
    assert!(grants.len() > 1 && grants.len() < all.len());
    assert_eq!(codes(&findings("--only grant-*")), grants);
    assert_eq!(codes(&findings("--skip grant-*")), all.difference(&grants).cloned().collect());
    let two = "grant-principal-missing,name-control-character";
    assert_eq!(codes(&findings(&format!("--only {two}"))).len(), 2);
    let repeated = "--only grant-principal-missing --only name-control-character";
    assert_eq!(findings(repeated), findings(&format!("--only {two}")));
    assert_eq!(findings("--only 'grant-principal-missing, name-control-character'"), findings(repeated));
    assert_eq!(codes(&findings("--only *-missing --skip *-principal-*")).len(), {
        let missing = all.iter().filter(|code| code.ends_with("-missing") && !code.contains("-principal-"));
        missing.count()
    });
}

#[test]
fn an_unknown_code_is_refused_before_the_file_is_opened() {
    for option in ["--only", "--skip"] {
        let error = run(&format!("check -f none.c1z {option} grant-princpal-missing")).failed();
        assert!(error.contains("'grant-princpal-missing'"), "{error}");
        assert!(error.contains("hint: did you mean grant-principal-missing"), "{error}");
        assert!(error.contains("--list"), "{error}");
        run(&format!("check -f none.c1z {option} gront-*")).failed();
        run(&format!("check -f none.c1z {option} ''")).failed();
    }
    let error = run("check -f none.c1z --only grant-twice --skip grant-*").failed();
    assert!(error.contains("no code is left"), "{error}");
    let error = run("check -f none.c1z --severity fatal").refused();
    assert!(error.contains("warning"), "{error}");
}

#[test]
fn findings_that_count_are_exit_1() {
    for (words, code) in [
        ("", 1),
        ("--fail-on error", 1),
        ("--fail-on never", 0),
        ("--skip *-missing", 0),
        ("--skip *-missing --fail-on warning", 1),
        ("--severity warning --skip *-missing --fail-on note", 1),
        ("--only name-control-character", 0),
        ("--only name-control-character --fail-on warning", 1),
        ("--only disabled-account-grant --fail-on warning", 0),
        ("--only disabled-account-grant --fail-on note", 1),
        ("--only resource-duplicate --fail-on note", 0),
    ] {
        for format in ["table", "json", "csv", "sarif", "md", "name --limit 0"] {
            let output = check(&format!("{words} -o {format}"));
            assert_eq!(output.code, code, "{words} -o {format}: {}", output.stderr);
        }
    }
}

#[test]
fn an_empty_sync_and_a_bad_file() {
    let output = run("check -f empty.c1z --fail-on never").ok();
    assert!(output.stdout.contains("in 0 grants, 0 entitlements, 0 resources\n"), "{}", output.stdout);
    assert!(run("check -f none.c1z").failed().contains("none.c1z"));
    assert!(run("check -f unfinished.c1z").failed().contains("--sync-id"));
}

#[test]
fn a_sync_can_be_chosen() {
    let unfinished = format!("check -f unfinished.c1z --sync-id {} -o ndjson", crate::run::FIRST);
    assert!(codes(&run(&unfinished).ok().records()).contains("sync-unfinished"));
    let document = run(&format!("check -f company.c1z --sync-id {} -o json", crate::run::FIRST)).json();
    assert_eq!(document["summary"]["syncId"], crate::run::FIRST);
}

#[test]
fn rows_that_cannot_be_read_are_exit_2_after_the_findings() {
    let output = run("check -f damaged-rows.c1z -o ndjson --fail-on never");
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(!output.records().is_empty());
    assert!(output.stderr.contains("that cannot be read, skipped"), "{}", output.stderr);
    let output = run("check -f damaged-rows.c1z -o sarif");
    assert_eq!(output.code, 2);
    assert_eq!(output.json()["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn the_demo_makes_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_baton-demo")).current_dir(folder.path()).output().unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let output = call("check --severity error").dir(folder.path()).run().ok();
    assert!(output.stdout.starts_with("no findings in "), "{}", output.stdout);
    run("check -f generated.c1z").ok();
}

#[test]
fn people_see_no_more_of_a_code_than_they_read() {
    let (_file, path) = edited(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
         INSERT INTO v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id,
             principal_resource_id, external_id, data, sync_id, discovered_at)
         SELECT resource_type_id, resource_id, entitlement_id, 'user', 'gone' || i, external_id || i, x'', sync_id,
             discovered_at FROM v1_grants, n WHERE external_id = 'group:ops:member:user:ghost';",
    );
    let ghosts = |words: &str| {
        let line = format!("check -f {path} --only grant-principal-missing --fail-on never {words}");
        run(&line).ok()
    };
    let table = ghosts("").stdout;
    assert_eq!(table.matches(", which is not in the sync\n").count(), 20);
    let all = ghosts("-o csv").lines().len() - 1;
    assert!(all > 1000, "{all}");
    assert!(table.contains(&format!("  … and {} more\n", grouped(all - 20))), "{table}");
    assert!(
        table.ends_with("resources\n") && table.contains(&format!("\n{} errors in ", grouped(all))),
        "{table}"
    );
    assert_eq!(ghosts("-o ndjson --max-per-code 7").lines().len(), 7);
    assert_eq!(
        ghosts("--max-per-code 0").stdout.lines().nth(1),
        Some(&*format!("  {} findings", grouped(all)))
    );
    assert_eq!(ghosts("-o json --max-per-code 3").json()["summary"]["errors"], all);
    assert_eq!(ghosts("-o md").stdout.matches(", which is not in the sync |").count(), 20);
    assert_eq!(ghosts("-o sarif").json()["runs"][0]["results"].as_array().unwrap().len(), all);
}

fn grouped(number: usize) -> String {
    let digits = number.to_string();
    match digits.len().checked_sub(3) {
        Some(0) | None => digits,
        Some(place) => format!("{},{}", &digits[..place], &digits[place..]),
    }
}

#[test]
fn notes_wait_in_the_table_until_they_are_asked_for() {
    let all = findings("");
    let (notes, warnings) = (with_severity(&all, "note"), with_severity(&all, "warning"));
    for format in ["table", "md"] {
        let words = format!("--fail-on never -o {format}");
        let few = check(&words).ok().stdout;
        assert!(few.contains(&format!("{notes} notes not shown, --severity note shows them")), "{few}");
        assert!(few.contains(&format!("2 errors, {warnings} warnings, {notes} notes in 62 grants")), "{few}");
        assert!(!few.contains("disabled-account-grant"), "{few}");
        for asked in ["--severity note", "--only *", "--fail-on note"] {
            let many = check(&format!("{words} {asked}").replacen("--fail-on never ", "", 1)).stdout;
            assert!(
                many.contains("disabled-account-grant") && !many.contains("notes not shown"),
                "{asked}: {many}"
            );
        }
    }
}

#[test]
fn all_codes_are_listed_without_a_file() {
    let rules = rules();
    assert!(rules.len() > 40);
    for rule in &rules {
        assert!(["error", "warning", "note"].contains(&text(rule, "severity")));
        assert!(!text(rule, "title").is_empty() && !text(rule, "advice").is_empty());
    }
    let folder = tempfile::tempdir().unwrap();
    for format in ["table", "wide", "json", "csv", "tsv", "md", "name"] {
        let output = call(&format!("check --list -o {format}")).dir(folder.path()).run().ok();
        for rule in &rules {
            assert!(output.stdout.contains(text(rule, "code")), "{format}: {}", text(rule, "code"));
        }
        assert_eq!(output.stderr, "");
    }
    assert_eq!(run("check --list -o json").json()["rules"].as_array().unwrap().len(), rules.len());
    assert_eq!(run("check --list -o name --only parent-*").ok().lines().len(), 3);
    assert_eq!(
        run("check --list -o csv --columns code --no-headers --only grant-twice").ok().stdout,
        "grant-twice\n"
    );
    run("check --list -o sarif").failed();
}

#[test]
fn standard_input_is_checked_as_well() {
    let words = "check -f - -o csv";
    assert_eq!(call(words).stdin(fixture("company.c1z")).run().stdout, check("-o csv").stdout);
    let (_file, path) = temporary(&fixture("company.c1z"));
    assert_eq!(run(&format!("check -f {path} -o csv")).stdout, check("-o csv").stdout);
}
