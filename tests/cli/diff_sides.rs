//! `baton diff`: which files and which of their syncs are compared.

use crate::run::{FIRST, Output, PARTIAL, SECOND, call, edited, fixture, run};

fn diff(words: &str) -> Output {
    run(&format!("diff {words} -o name"))
}

#[test]
fn one_file_is_compared_by_its_two_newest_full_syncs() {
    let expected = diff("-f company.c1z").ok();
    assert_eq!(expected.lines().len(), 5);
    for words in [
        "company.c1z".to_owned(),
        format!("-f company.c1z --from {FIRST} --to {SECOND}"),
        format!("company.c1z --from {FIRST}"),
        format!("company.c1z --to {SECOND}"),
        format!("company.c1z company.c1z --from {FIRST}"),
        format!("company.c1z company.c1z --from {FIRST} --to {SECOND}"),
    ] {
        assert_eq!(diff(&words).ok(), expected, "{words}");
    }
    let by_variable = call("diff -o name").env("BATON_FILE", "company.c1z").run();
    assert_eq!(by_variable.ok(), expected);
}

#[test]
fn any_sync_can_be_named() {
    // The partial sync holds one group and who is in it.
    let partial = diff(&format!("company.c1z --from {PARTIAL} --to {SECOND}")).ok();
    assert!(partial.lines().contains(&"+ resource group/eng"), "{}", partial.stdout);
    let before = diff(&format!("company.c1z --to {PARTIAL}")).ok();
    assert_eq!(before, diff(&format!("company.c1z --from {FIRST} --to {PARTIAL}")).ok());
    let output = diff(&format!("company.c1z --from {SECOND}")).ok();
    assert_eq!(output.stdout, "");
    assert!(output.said("note").contains(&format!("both sides are the sync {SECOND}").as_str()));
    assert!(!diff(&format!("unfinished.c1z company.c1z --from {FIRST}")).ok().stdout.is_empty());
    for option in ["--from", "--to"] {
        for files in ["company.c1z", "company.c1z generated.c1z"] {
            let error = diff(&format!("{files} {option} nope")).failed();
            assert!(error.contains("there is no sync nope"), "{error}");
        }
    }
}

#[test]
fn standard_input_can_be_one_side() {
    let with = |words: &str| call(&format!("diff {words} -o name")).stdin(fixture("company.c1z")).run();
    assert_eq!(with("-").ok(), diff("company.c1z").ok());
    assert_eq!(with("-f -").ok(), diff("company.c1z").ok());
    assert_eq!(with("old-schema.c1z -").ok(), diff("old-schema.c1z company.c1z").ok());
    assert_eq!(with("- old-schema.c1z").ok(), diff("company.c1z old-schema.c1z").ok());
    let error = with("- -").failed();
    assert!(error.contains("only once"), "{error}");
}

#[test]
fn one_sync_is_not_enough() {
    for file in ["old-schema.c1z", "slim.c1z", "empty.c1z"] {
        let error = diff(&format!("-f {file}")).failed();
        assert!(error.contains("one finished full sync, 3A"), "{error}");
        assert!(error.contains("hint: name a second file: baton diff OLD NEW"), "{error}");
    }
    let error = diff("partial-newest.c1z").failed();
    assert!(error.contains(&format!("the partial sync {PARTIAL}; choose with --from and --to")), "{error}");
    let error = diff("unfinished.c1z").failed();
    assert!(error.contains("no finished full sync"), "{error}");
    assert!(error.contains(&format!("the unfinished full sync {FIRST}")), "{error}");
    let error = diff(&format!("company.c1z --to {FIRST}")).failed();
    assert!(error.contains("no finished full sync before that"), "{error}");
    let error = diff("unfinished.c1z company.c1z").failed();
    assert!(error.contains(&format!("--from {FIRST}")), "{error}");
    let error = diff("company.c1z unfinished.c1z").failed();
    assert!(error.contains(&format!("--to {FIRST}")), "{error}");
}

#[test]
fn a_newer_sync_that_is_passed_over_is_told_with_the_option_that_names_it() {
    let output = diff("company.c1z partial-newest.c1z").ok();
    let notes = output.said("note");
    assert_eq!(notes.len(), 1, "{}", output.stderr);
    assert!(notes[0].contains(&format!("--to {PARTIAL}")), "{notes:?}");
    assert_eq!(output.lines().len(), 5);
    // In one file too.
    let (_file, path) = edited(&format!(
        "UPDATE v1_sync_runs SET ended_at = '2030-01-01 00:00:00' WHERE sync_id = '{PARTIAL}';"
    ));
    let output = diff(&path).ok();
    assert_eq!(output.stdout, diff("company.c1z").ok().stdout);
    assert!(output.said("note")[0].contains(&format!("--to {PARTIAL}")), "{}", output.stderr);
    assert_eq!(diff(&format!("{path} --to {PARTIAL}")).ok().stderr, "");
}

#[test]
fn files_that_cannot_be_told_apart_are_refused() {
    for words in [
        "-f company.c1z generated.c1z",
        "-f company.c1z company.c1z generated.c1z",
        "company.c1z generated.c1z slim.c1z",
        "company.c1z --sync-id x",
    ] {
        diff(words).failed();
    }
    assert!(diff("company.c1z --sync-id x").failed().contains("--from and --to"));
    let error = diff("company.c1z none.c1z").failed();
    assert!(error.contains("none.c1z"), "{error}");
}

#[test]
fn older_syncs_do_not_matter() {
    let (_file, path) = edited(&format!(
        "CREATE TEMP TABLE run AS SELECT * FROM v1_sync_runs WHERE sync_id = '{FIRST}';
         UPDATE run SET id = NULL, sync_id = '1AAAAAAAAAAAAAAAAAAAAAAAAAA',
             started_at = '2020-01-01 00:00:00', ended_at = '2020-01-01 01:00:00';
         INSERT INTO v1_sync_runs SELECT * FROM run;"
    ));
    assert_eq!(diff(&path).ok().stdout, diff("company.c1z").ok().stdout);
    let oldest = diff(&format!("{path} --to {FIRST}")).ok();
    assert!(oldest.lines().iter().all(|line| line.starts_with("+ ")), "{}", oldest.stdout);
}
