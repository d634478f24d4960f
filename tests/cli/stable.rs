//! Equal input, equal output.

use crate::run::{FIRST, SECOND, company, run};
use crate::shapes::{FORMATS, all};

const TABLES: [&str; 5] = ["resource-types", "resources", "entitlements", "grants", "principals"];

#[test]
fn the_same_question_has_the_same_answer() {
    for line in all().map(|list| list.line).chain([
        "access ada",
        "stats",
        "resources",
        "grants --sort resource_id",
        "diff",
    ]) {
        for format in FORMATS {
            let line = format!("{line} -o {format}");
            assert_eq!(company(&line), company(&line), "{line}");
        }
    }
}

#[test]
fn the_layout_of_a_file_does_not_show_in_its_records() {
    for table in TABLES {
        for format in ["csv", "ndjson"] {
            let old = run(&format!("{table} -o {format} -f old-schema.c1z")).ok();
            let new = company(&format!("{table} -o {format} --sync-id {FIRST}"));
            assert_eq!(old.stdout, new.stdout, "{table}");
        }
    }
}

#[test]
fn what_a_grant_leaves_to_its_columns_does_not_show_in_its_record() {
    for table in TABLES {
        for format in ["csv", "ndjson", "table", "wide"] {
            let slim = run(&format!("{table} -o {format} -f slim.c1z")).ok();
            let whole = company(&format!("{table} -o {format} --sync-id {SECOND}"));
            assert_eq!(slim.stdout, whole.stdout, "{table}");
        }
    }
}

#[test]
fn slim_grants_have_their_ids_in_json() {
    let document = run("grants -o json -f slim.c1z").ok().json();
    for row in document["grants"].as_array().unwrap() {
        for pointer in
            ["/grant/entitlement/id", "/grant/principal/id/resource", "/principal/id", "/entitlement/id"]
        {
            assert!(row.pointer(pointer).is_some(), "{pointer} of {}", row["grant"]["id"]);
        }
    }
}

#[test]
fn a_newer_finished_sync_of_the_same_file_changes_only_what_changed() {
    let read = |sync: &str| -> Vec<String> {
        let output = company(&format!("grants -o name --sync-id {sync}"));
        output.lines().into_iter().map(String::from).collect()
    };
    let (first, second) = (read(FIRST), read(SECOND));
    let gone: Vec<_> = first.iter().filter(|id| !second.contains(id)).collect();
    assert_eq!(gone, ["group:ops:member:user:robin"]);
    let come: Vec<_> = second.iter().filter(|id| !first.contains(id)).collect();
    assert_eq!(come, ["group:eng:member:user:xiaoming", "role:admin:assigned:user:xiaoming"]);
}
