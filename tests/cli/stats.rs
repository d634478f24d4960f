//! `baton stats`.

use crate::parse::{csv, table};
use crate::run::{FIRST, SECOND, company, edited, run};

#[test]
fn json_is_the_sync_run_with_its_counts() {
    let document = company("stats -o json").json();
    assert_eq!(document["id"], SECOND);
    assert_eq!(document["syncType"], "full");
    assert_eq!(document["startedAt"], "2026-03-02T06:00:00.250Z");
    assert_eq!(document["endedAt"], "2026-03-02T06:00:02.123456789Z");
    let stats = &document["stats"];
    for (key, count) in [
        ("resourceTypes", "7"),
        ("resources", "29"),
        ("entitlements", "18"),
        ("grants", "62"),
        ("assets", "1"),
    ] {
        assert_eq!(stats[key], count, "counts are strings, as in the reference: {key}");
    }
    assert_eq!(stats["grantsByResourceType"]["group"], "19");
    assert_eq!(stats["entitlementsByResourceType"]["project"], "6");
}

#[test]
fn the_table_tells_the_sync_its_totals_and_its_types() {
    let text = company("stats").stdout;
    let parts: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(parts.len(), 3, "{text}");
    let fields = table(parts[0]);
    assert_eq!(fields[0], ["Field", "Value"]);
    for pair in [["Engine", "sqlite"], ["Sync ID", SECOND], ["Sync Type", "full"], ["Duration", "1.9s"]] {
        assert!(fields.iter().any(|cells| *cells == pair), "{pair:?}");
    }
    let totals = table(parts[1]);
    let expected = [
        ["Type", "Count"],
        ["Resource Types", "7"],
        ["Resources", "29"],
        ["Entitlements", "18"],
        ["Grants", "62"],
        ["Assets", "1"],
    ];
    assert_eq!(totals, expected);
    let types = table(parts[2]);
    assert_eq!(types[0], ["Resource Type", "Resources", "Entitlements", "Grants"]);
    assert_eq!(types[1..], csv(&company("stats -o csv").stdout)[1..]);
}

#[test]
fn csv_counts_by_type() {
    let lines = csv(&company("stats -o csv").stdout);
    assert_eq!(lines[0], ["resource_type", "resources", "entitlements", "grants"]);
    assert_eq!(lines[2], ["group", "4", "5", "19"]);
    for (place, command) in [(1, "resources"), (2, "entitlements"), (3, "grants")] {
        for line in &lines[1..] {
            let listed = company(&format!("{command} -t {} -o name", line[0])).lines().len();
            assert_eq!(line[place], listed.to_string(), "{command} of {}", line[0]);
        }
    }
}

#[test]
fn a_long_token_is_cut_in_the_table_and_whole_elsewhere() {
    let token = company("stats -o json").json()["syncToken"].as_str().unwrap().to_owned();
    assert!(!company("stats").stdout.contains(&token));
    assert!(company("stats -o wide").stdout.contains(&token));
}

#[test]
fn files_without_kept_counts_are_counted() {
    let old = run("stats -f old-schema.c1z -o csv").ok();
    assert_eq!(old.stdout, company(&format!("stats --sync-id {FIRST} -o csv")).stdout);
    assert_eq!(old.stderr, "");
}

#[test]
fn recount_finds_nothing_where_the_counts_are_right() {
    for file in ["company.c1z", "slim.c1z", "old-schema.c1z", "damaged-rows.c1z"] {
        for format in ["json", "csv", "table"] {
            let kept = run(&format!("stats -f {file} -o {format}")).ok();
            assert_eq!(run(&format!("stats -f {file} -o {format} --recount")), kept, "{file}");
        }
    }
}

#[test]
fn recount_names_each_count_that_differs() {
    let (_file, path) = edited(
        "DELETE FROM v1_grants WHERE external_id IN ('app:wiki:access:user:zoe', 'org:acme:owner:user:ada');",
    );
    let kept = run(&format!("stats -f {path} -o json")).ok();
    assert_eq!((&kept.json()["stats"]["grants"], kept.stderr.as_str()), (&"62".into(), ""));
    let counted = run(&format!("stats -f {path} -o json --recount")).ok();
    assert_eq!(counted.json()["stats"]["grants"], "60");
    assert_eq!(counted.json()["stats"]["grantsByResourceType"]["org"], "20");
    let warnings = counted.said("warning");
    assert_eq!(warnings.len(), 3, "{}", counted.stderr);
    for (warning, what) in warnings.into_iter().zip(["grants is 62", "type app is 3", "type org is 21"]) {
        assert!(warning.contains(what), "{warning}");
    }
}

#[test]
fn tables_can_do_without_headers() {
    let text = company("stats --no-headers").stdout;
    for header in ["Field ", "Type ", "Resource Type "] {
        assert!(!text.lines().any(|line| line.starts_with(header)), "{text}");
    }
}
