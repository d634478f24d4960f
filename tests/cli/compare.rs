//! `baton principals compare`: who holds one entitlement and not another.

use serde_json::Value;

use crate::run::{FIRST, Output, SECOND, edited, run};

const ENG: &str = "-f company.c1z -e group:eng:member";

fn compare(words: &str) -> Output {
    run(&format!("principals compare {words}"))
}

fn ids(document: &Value, key: &str) -> Vec<String> {
    let rows = document.get(key).map(|rows| rows.as_array().unwrap().as_slice()).unwrap_or_default();
    let id = |row: &Value| row.pointer("/resource/id/resource").unwrap().as_str().unwrap().to_owned();
    rows.iter().map(id).collect()
}

#[test]
fn json_has_both_sides_and_their_difference_in_the_order_of_the_grants() {
    let output = compare(&format!("{ENG} --compare-entitlement org:acme/eu:member -o json")).ok();
    let document = output.json();
    let base = ["ada", "zoe", "dmitri", "taro", "robin", "dept/eng:jo smith", "xiaoming"];
    assert_eq!(ids(&document, "base"), base);
    let compared = ["zoe", "dmitri", "fatima", "taro", "xiaoming", "dept/eng:jo smith"];
    assert_eq!(ids(&document, "compared"), compared);
    assert_eq!(ids(&document, "missing"), ["ada", "robin"]);
    assert_eq!(ids(&document, "extra"), ["fatima"]);
    let order: Vec<usize> = ["\"missing\":", "\"extra\":", "\"base\":", "\"compared\":"]
        .iter()
        .map(|key| output.stdout.find(key).unwrap())
        .collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn lists_name_the_missing_then_the_extra() {
    let words = format!("{ENG} --compare-entitlement org:acme/eu:member");
    assert_eq!(compare(&format!("{words} -o name")).ok().lines(), ["user/ada", "user/robin", "user/fatima"]);
    let records = compare(&format!("{words} -o ndjson")).ok().records();
    let results: Vec<_> = records.iter().map(|record| record["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["missing", "missing", "extra"]);
}

#[test]
fn a_limit_counts_the_missing_and_the_extra_together() {
    let words = format!("{ENG} --compare-entitlement org:acme/eu:member -o name");
    assert_eq!(
        compare(&format!("{words} --limit 3")).ok().lines(),
        ["user/ada", "user/robin", "user/fatima"]
    );
    assert_eq!(compare(&format!("{words} --limit 2")).ok().lines(), ["user/ada", "user/robin"]);
    assert_eq!(compare(&format!("{words} --limit 1")).ok().lines(), ["user/ada"]);
    assert_eq!(compare(&format!("{words} --limit 0")).ok().stdout, "");
}

#[test]
fn the_same_holders_are_neither_missing_nor_extra() {
    let words = format!("{ENG} --compare-entitlement group:eng:member --exit-code");
    let document = compare(&format!("{words} -o json")).ok().json();
    assert_eq!(document.as_object().unwrap().keys().collect::<Vec<_>>(), ["base", "compared"]);
    let output = compare(&format!("{words} -o ndjson")).ok();
    assert_eq!(output.stdout, "");
}

#[test]
fn a_difference_is_exit_1_only_when_asked_for() {
    for format in ["json", "ndjson", "table"] {
        let words = format!("{ENG} --compare-entitlement org:acme:owner -o {format}");
        assert_eq!(compare(&words).code, 0);
        assert_eq!(compare(&format!("{words} --exit-code")).code, 1);
    }
    // One more on the right alone is a difference too.
    let words = "-f company.c1z -e org:acme:owner --compare-entitlement group:eng:member --exit-code";
    assert_eq!(compare(words).code, 1);
}

#[test]
fn two_syncs_of_one_file_can_be_compared() {
    let words = format!(
        "{ENG} --sync-id {FIRST} --compare-entitlement group:eng:member --compare-sync-id {SECOND} -o json"
    );
    let document = compare(&words).ok().json();
    assert_eq!(ids(&document, "missing"), [""; 0]);
    assert_eq!(ids(&document, "extra"), ["xiaoming"]);
    let words = format!("{ENG} --sync-id {FIRST} --compare-entitlement group:eng:member -o json");
    assert_eq!(ids(&compare(&words).ok().json(), "extra"), [""; 0], "one sync for both sides");
}

#[test]
fn the_second_side_can_be_another_file() {
    let words = "-f old-schema.c1z -e group:ops:member --compare-file company.c1z \
                 --compare-entitlement group:ops:member -o json";
    let document = compare(words).ok().json();
    assert_eq!(ids(&document, "missing"), ["robin"]);
    assert_eq!(ids(&document, "extra"), [""; 0]);
    let words = format!("{words} --compare-sync-id {FIRST} --exit-code");
    assert_eq!(ids(&compare(&words).ok().json(), "missing"), [""; 0]);
    let error = compare("-f company.c1z -e x --compare-file none.c1z --compare-entitlement y").failed();
    assert!(error.contains("none.c1z"), "{error}");
}

/// A copy of `company.c1z` in which `user/OLD` is `user/NEW`, with that login, and the address `address`.
fn renamed(old: &str, new: &str, address: &str) -> (tempfile::NamedTempFile, String) {
    // The lengths must stay, for they stand in the messages.
    assert_eq!((old.len(), format!("{old}@corp.example").len()), (new.len(), address.len()));
    let length = old.len();
    let ids = format!("char({length}) || '{old}', char({length}) || '{new}'");
    edited(&format!(
        "UPDATE v1_resources SET external_id = 'user:{new}', data = CAST(replace(replace(CAST(data AS TEXT), \
         '{old}@corp.example', '{address}'), {ids}) AS BLOB) WHERE external_id = 'user:{old}';
         UPDATE v1_grants SET principal_resource_id = '{new}', data = CAST(replace(CAST(data AS TEXT), {ids}) \
         AS BLOB) WHERE principal_resource_id = '{old}';"
    ))
}

#[test]
fn principals_with_other_ids_are_matched_by_address_in_any_case() {
    let (_file, path) = renamed("ada", "eve", "ADA@Corp.Example");
    let words = format!("-f company.c1z -e group:eng:owner --compare-file {path} --exit-code");
    let document = compare(&format!("{words} --compare-entitlement group:eng:owner -o json")).ok().json();
    assert_eq!(ids(&document, "base"), ["ada"]);
    assert_eq!(ids(&document, "compared"), ["eve"]);
}

#[test]
fn names_match_only_when_asked_for() {
    let (_file, path) = renamed("grace", "kimmy", "kimmy@corp.example");
    let words = format!(
        "-f company.c1z -e group:everyone:member --compare-file {path} \
         --compare-entitlement group:everyone:member -o json"
    );
    let document = compare(&words).ok().json();
    assert_eq!(ids(&document, "missing"), ["grace"]);
    assert_eq!(ids(&document, "extra"), ["kimmy"]);
    let document = compare(&format!("{words} --match name --exit-code")).ok().json();
    assert_eq!(ids(&document, "missing"), [""; 0]);
    assert_eq!(ids(&document, "extra"), [""; 0]);
}

#[test]
fn an_entitlement_that_no_sync_holds_is_worth_a_warning() {
    let words = "-f company.c1z -e group:eng:membr --compare-entitlement group:eng:member -o name";
    let output = compare(words).ok();
    assert!(output.warning().contains("group:eng:membr"), "{}", output.stderr);
    let words = "-f company.c1z -e group:eng:member --compare-entitlement group:eng:membr -o name";
    let output = compare(words).ok();
    assert!(output.warning().contains("group:eng:membr"), "{}", output.stderr);
}

#[test]
fn text_that_is_not_utf_8_is_worth_a_warning_in_every_format() {
    let (_file, path) = edited(
        "UPDATE v1_resources SET data = CAST(replace(CAST(data AS TEXT), 'Robin', CAST(x'ff' AS TEXT) || 'obin') \
         AS BLOB) WHERE external_id = 'user:robin';",
    );
    for format in ["ndjson", "csv", "table", "json"] {
        let words = "-e group:eng:member --compare-entitlement org:acme/eu:member";
        let output = compare(&format!("{words} -o {format} -f {path}")).ok();
        assert!(output.stdout.contains("\u{fffd}obin"), "{format}: {}", output.stdout);
        assert!(output.warning().contains("not UTF-8"), "{format}: {}", output.stderr);
    }
}

#[test]
fn one_file_passes_its_newer_sync_over_once() {
    let words = "-f partial-newest.c1z -e org:acme:owner --compare-entitlement group:eng:owner -o json";
    let output = compare(words).ok();
    let notes = output.said("note").into_iter().filter(|note| note.contains("--sync-id")).count();
    assert_eq!(notes, 1, "{}", output.stderr);
}

#[test]
fn both_entitlements_are_needed() {
    for words in [
        "-e group:eng:member",
        "--compare-entitlement group:eng:member",
        "-e '' --compare-entitlement x",
        "-e x --compare-entitlement ''",
        "-e x --compare-entitlement y --match colour",
    ] {
        compare(&format!("{words} -f company.c1z")).refused();
    }
    run("principals -e x compare -e x --compare-entitlement y -f company.c1z").refused();
}
