//! Grants that name what the sync does not hold.

use serde_json::json;

use crate::parse::csv;
use crate::run::{PARTIAL, Record, company, edited, records, run, text};

fn grant<'r>(records: &'r [Record], id: &str) -> &'r Record {
    records.iter().find(|record| text(record, "id") == id).unwrap()
}

const TO_GHOST: &str = "group:ops:member:user:ghost";
const OF_DELETE: &str = "project:atlas:delete:user:zoe";

#[test]
fn json_has_the_stand_ins_of_the_reference() {
    let document = company("grants -o json").json();
    let find = |id: &str| {
        let grants = document["grants"].as_array().unwrap();
        grants.iter().find(|row| row["grant"]["id"] == id).unwrap().clone()
    };
    assert_eq!(
        find(TO_GHOST)["principal"],
        json!({"id": {"resourceType": "user", "resource": "ghost"}, "displayName": "MISSING RESOURCE (user:ghost)"})
    );
    assert_eq!(
        find(OF_DELETE)["entitlement"],
        json!({"id": "project:atlas:delete", "displayName": "MISSING ENTITLEMENT (project:atlas:delete)"})
    );
    assert_eq!(find(OF_DELETE)["resource"]["displayName"], "Atlas");
}

#[test]
fn ndjson_and_csv_say_what_is_missing() {
    let records = records("grants");
    assert_eq!(grant(&records, TO_GHOST)["missing"], json!(["principal"]));
    assert_eq!(grant(&records, OF_DELETE)["missing"], json!(["entitlement"]));
    assert!(grant(&records, TO_GHOST)["principal_name"].is_null());
    assert!(grant(&records, OF_DELETE)["entitlement_slug"].is_null());
    assert_eq!(records.iter().filter(|record| record["missing"] != json!([])).count(), 2);
    let lines = csv(&company("grants --columns id,missing -o csv").stdout);
    assert!(lines.contains(&vec![TO_GHOST.into(), "principal".into()]));
    assert!(lines.contains(&vec![OF_DELETE.into(), "entitlement".into()]));
}

#[test]
fn tables_show_ids() {
    let cells = |line: &str| {
        let text = company(&format!("{line} --no-headers")).stdout;
        text.split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(cells("grants -p user/ghost"), ["ghost", "member", "Operations"]);
    assert_eq!(
        cells("grants -e project:atlas:delete"),
        ["zoe@corp.example", "project:atlas:delete", "Atlas"]
    );
    let principals = company("principals").stdout;
    assert!(principals.lines().any(|line| line.split_whitespace().eq(["ghost", "|", "|", "User", "|", "-"])));
}

#[test]
fn one_warning_names_what_is_missing_and_all_is_well() {
    for format in ["table", "wide", "json", "ndjson", "csv", "tsv", "md"] {
        let output = company(&format!("grants -o {format}"));
        let warning = output.warning();
        assert!(
            warning.contains("user/ghost") && warning.contains("project:atlas:delete"),
            "{format}: {warning}"
        );
    }
    assert!(company("principals -o json").warning().contains("user/ghost"));
}

#[test]
fn a_missing_principal_is_still_a_principal() {
    let document = company("principals -o json").json();
    let ghost = document["resources"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(ghost["resource"]["displayName"], "MISSING RESOURCE (user:ghost)");
    assert_eq!(ghost["resourceType"]["displayName"], "User");
    let ghost = records("principals").pop().unwrap();
    assert_eq!((text(&ghost, "type"), text(&ghost, "id")), ("user", "ghost"));
    assert!(ghost["name"].is_null());
}

#[test]
fn a_missing_parent_is_shown_by_its_id() {
    let line = format!("resources -t user --sync-id {PARTIAL}");
    let output = company(&line);
    assert!(
        output.lines()[1..]
            .iter()
            .all(|line| line.contains("| acme (org)") || line.contains("| acme/eu (org)"))
    );
    assert!(output.warning().contains("org/acme"), "{}", output.stderr);
    let json = company(&format!("{line} -o json")).json();
    assert_eq!(json["resources"][0]["parent"]["displayName"], "MISSING RESOURCE (org:acme)");
    let records = company(&format!("{line} -o ndjson")).records();
    assert_eq!(text(&records[0], "parent_id"), "acme");
}

#[test]
fn a_missing_resource_type_is_shown_by_its_id() {
    let (_file, path) = edited("DELETE FROM v1_resource_types WHERE external_id = 'role';");
    let output = run(&format!("grants -e role:admin:assigned --limit 1 -o json -f {path}")).ok();
    assert_eq!(
        output.json()["grants"][0]["resourceType"],
        json!({"id": "role", "displayName": "MISSING RESOURCE TYPE (role)"})
    );
    assert!(output.warning().contains("resource type role"), "{}", output.stderr);
    let output = run(&format!("grants -e role:admin:assigned --limit 1 -o ndjson -f {path}")).ok();
    assert_eq!(output.records()[0]["missing"], json!(["resource_type"]));
    let output = run(&format!("resources -p role/admin -f {path}")).ok();
    assert_eq!(output.lines()[1].split(" | ").nth(2).map(str::trim), Some("role"));
    assert_eq!(run(&format!("resources -f {path}")).ok().lines().len(), 8, "its resources are counted");
}

#[test]
fn a_missing_entitlement_that_somebody_holds_is_worth_a_warning() {
    let output = company("entitlements -p zoe -o name");
    assert!(output.warning().contains("project:atlas:delete"), "{}", output.stderr);
}
