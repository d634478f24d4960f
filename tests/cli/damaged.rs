//! `damaged-rows.c1z`: what cannot be read is named, everything else is shown.

use crate::run::{Output, column, run, text};

fn read(line: &str) -> Output {
    run(&format!("{line} -f damaged-rows.c1z"))
}

/// Exit 2 and an error that says so, after all that could be read.
#[track_caller]
fn incomplete(output: &Output, rows: &[&str]) {
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert_eq!(output.said("error").len(), 1, "{}", output.stderr);
    for row in rows {
        assert!(output.said("error").iter().any(|line| line.contains(row)), "{row}: {}", output.stderr);
    }
}

#[test]
fn rows_that_do_not_parse_are_skipped_and_named() {
    let output = read("resources -o ndjson");
    incomplete(&output, &["v1_resources row 4", "v1_resources row 5"]);
    let records = output.records();
    assert_eq!(column(&records, "id"), ["g1", "u1", "u2", "empty", "latin-1", "bad-trait"]);

    let output = read("grants -o ndjson");
    incomplete(&output, &["v1_grants row 3"]);
    assert_eq!(column(&output.records(), "principal_id"), ["u1", "u2", "empty-grant"]);

    let output = read("entitlements -o ndjson");
    incomplete(&output, &["v1_entitlements row 2"]);
    assert_eq!(column(&output.records(), "id"), ["group:g1:member"]);

    let output = read("principals -o name");
    incomplete(&output, &["v1_grants row 3"]);
    assert_eq!(output.lines(), ["user/u1", "user/u2", "user/empty-grant"]);
}

#[test]
fn every_format_shows_the_same_good_rows() {
    for (format, more) in [("table", 1), ("wide", 1), ("csv", 1), ("tsv", 1), ("md", 2), ("name", 0)] {
        for (list, rows) in [("resources --all", 6), ("grants", 3), ("entitlements", 1)] {
            let output = read(&format!("{list} -o {format}"));
            assert_eq!((output.code, output.lines().len()), (2, rows + more), "{list} -o {format}");
            let sorted = read(&format!("{list} -o {format} --sort id"));
            assert_eq!((sorted.code, sorted.lines().len()), (2, rows + more), "{list} -o {format} --sort id");
        }
    }
    let json = read("resources -o json").json();
    assert_eq!(json["resources"].as_array().unwrap().len(), 6);
}

#[test]
fn damage_elsewhere_is_no_concern() {
    let types = read("resource-types -o name");
    assert_eq!((types.stdout.as_str(), types.code, types.stderr.as_str()), ("user\ngroup\n", 0, ""));
    assert_eq!(read("syncs").code, 0);
    assert_eq!(read("stats").code, 0);
    let one = read("grants -p user/u1 -o name").ok();
    assert_eq!(one.lines(), ["group:g1:member:user:u1"]);
    assert_eq!(read("grants --limit 2 -o name").ok().lines().len(), 2, "the damage lies behind the limit");
}

#[test]
fn a_row_without_bytes_is_known_by_its_columns() {
    let output = read("resources -p user/empty -o ndjson").ok();
    let record = &output.records()[0];
    assert_eq!((text(record, "type"), text(record, "id"), text(record, "name")), ("user", "empty", ""));
    let grant = &read("grants -o ndjson").records()[2];
    assert_eq!(text(grant, "entitlement_id"), "group:g1:member");
    assert_eq!(grant["missing"], serde_json::json!(["principal"]));
}

#[test]
fn text_that_is_not_utf_8_is_replaced_with_a_warning() {
    for format in ["table", "wide", "ndjson", "csv", "tsv", "md", "json"] {
        let output = read(&format!("resources -p user/latin-1 -o {format}")).ok();
        assert!(output.stdout.contains("Ren\u{fffd} and \u{fffd}"), "{format}");
        assert!(output.warning().contains("v1_resources row 7"), "{format}: {}", output.stderr);
    }
    assert_eq!(read("resources -p user/latin-1 -o name").ok().stderr, "", "nothing was replaced");
}

#[test]
fn text_that_is_not_utf_8_is_worth_a_warning_in_every_answer() {
    for line in ["access user/latin-1", "access user/latin-1 -o json"] {
        let output = read(line).ok();
        assert!(output.stdout.contains("Ren\u{fffd} and \u{fffd}"), "{line}");
        assert!(output.warning().contains("not UTF-8"), "{line}: {}", output.stderr);
    }
}

#[test]
fn a_payload_that_does_not_parse_is_kept_in_base64() {
    let output = read("resources -p user/bad-trait -o json").ok();
    let annotation = &output.json()["resources"][0]["resource"]["annotations"][0];
    assert_eq!(annotation["@type"], "type.googleapis.com/c1.connector.v2.UserTrait");
    assert_eq!(annotation["value"], "MgljdXQ=");
    assert!(output.warning().contains("v1_resources row 8"), "{}", output.stderr);
    assert_eq!(read("resources -p user/bad-trait -o csv").ok().lines().len(), 2);
}

#[test]
fn a_kept_payload_is_worth_a_warning_in_every_answer() {
    let output = read("access user/bad-trait -o json").ok();
    assert_eq!(output.json()["principal"]["annotations"][0]["value"], "MgljdXQ=");
    assert!(output.warning().contains("kept as it is stored"), "{}", output.stderr);
}

#[test]
fn a_payload_of_an_unknown_type_is_kept_without_a_word() {
    let output = run("resources -p robin -f company.c1z -o json").ok();
    let json = output.json();
    let annotations = json["resources"][0]["resource"]["annotations"].as_array().unwrap();
    let badge = annotations.iter().find(|any| any["@type"] == "type.googleapis.com/example.vendor.v1.Badge");
    assert_eq!(badge.unwrap()["value"], "CgRnb2xk");
    assert_eq!(output.stderr, "");
}

#[test]
fn counts_leave_out_what_cannot_be_read_and_say_so() {
    let output = read("resources");
    incomplete(&output, &["v1_resources row 4"]);
    let cells: Vec<Vec<&str>> =
        output.lines()[1..].iter().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(cells, [["group", "|", "1"], ["user", "|", "5"]]);
}

#[test]
fn quiet_keeps_the_error() {
    let output = read("grants -o name -q");
    assert_eq!(output.code, 2);
    assert_eq!(output.stderr.lines().count(), 1);
    assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
}

#[test]
fn a_damaged_row_is_named_once_however_often_it_is_met() {
    for command in ["entitlements", "resources"] {
        let output = read(&format!("{command} -e group:g1:broken -o name"));
        incomplete(&output, &["1 row that cannot be read, skipped: v1_entitlements row 2"]);
        assert_eq!(output.stderr.matches("v1_entitlements row 2").count(), 1, "{}", output.stderr);
    }
}

#[test]
fn what_is_damaged_is_not_said_to_be_absent() {
    let output = read("entitlements -e group:g1:broken -o name");
    incomplete(&output, &["v1_entitlements row 2"]);
    assert!(!output.stderr.contains("there is no entitlement"), "{}", output.stderr);
}
