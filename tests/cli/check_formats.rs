//! The findings of `baton check` in every format.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::{check, findings};
use crate::parse::{csv, flat, table, tsv};
use crate::run::{call, column, fixture, run};

const COLUMNS: [&str; 7] = ["severity", "code", "record", "id", "message", "related", "place"];

#[test]
fn flat_formats_have_the_documented_columns_and_equal_values() {
    let findings = findings("");
    let mut expected = vec![COLUMNS.map(String::from).to_vec()];
    for finding in &findings {
        assert_eq!(finding.len(), COLUMNS.len());
        expected.push(COLUMNS.map(|name| flat(&finding[name])).to_vec());
    }
    assert_eq!(csv(&check("-o csv --raw-cells").stdout), expected);
    assert_eq!(tsv(&check("-o tsv").stdout), expected);
    assert_eq!(table(&check("-o wide").stdout).len(), expected.len());
    let names = check("-o name");
    assert_eq!(names.lines().len(), findings.len());
    assert!(names.lines().contains(&"user/ghost"));
}

#[test]
fn list_options_make_the_table_a_list() {
    let output = check("--columns code,id --sort id:desc --limit 3 --no-headers --severity error");
    assert_eq!(
        table(&output.stdout),
        [["grant-principal-missing", "user/ghost"], ["grant-entitlement-missing", "project:atlas:delete"]]
    );
    assert_eq!(check("--limit 2 -o csv").lines().len(), 3);
    assert_eq!(check("--limit 2 -o json").json()["findings"].as_array().unwrap().len(), 2);
    assert!(run("check --columns help").ok().stdout.contains("related"));
    assert!(run("check -f none.c1z --columns cod").failed().contains("did you mean code?"));
}

#[test]
fn json_is_one_document_with_findings_and_their_summary() {
    let output = check("-o json");
    assert_eq!(output.stdout.lines().count(), 1);
    let document = output.json();
    let flat = findings("");
    let listed = document["findings"].as_array().unwrap();
    assert_eq!(listed.len(), flat.len());
    for (finding, flat) in listed.iter().zip(&flat) {
        for key in ["severity", "code", "message"] {
            assert_eq!(finding[key], flat[key]);
        }
        assert_eq!(finding["records"][0]["kind"], flat["record"]);
        assert_eq!(finding["records"][0]["id"], flat["id"]);
    }
    let summary = &document["summary"];
    let of = |severity: &str| flat.iter().filter(|finding| finding["severity"] == severity).count();
    assert_eq!(summary["errors"], of("error"));
    assert_eq!(summary["warnings"], of("warning"));
    assert_eq!(summary["notes"], of("note"));
    assert_eq!(summary["records"]["grants"], 62);
    assert_eq!(summary["records"]["resources"], 29);
    let by_code: u64 =
        summary["byCode"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(by_code, flat.len() as u64);
    let none = check("--only resource-duplicate -o json").ok().json();
    assert_eq!(none["findings"], Value::Array(vec![]));
}

#[test]
fn the_table_groups_findings_and_ends_with_a_summary() {
    let text = check("").stdout;
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("error grant-entitlement-missing: "), "{text}");
    assert!(lines[1].starts_with("  ") && lines[1].contains("project:atlas:delete"), "{text}");
    assert!(lines[2].starts_with("  hint: "), "{text}");
    assert_eq!(lines[3], "");
    let words = lines.iter().filter_map(|line| line.split_once(' ')).map(|(word, _)| word);
    let severities: Vec<_> = words.filter(|word| ["error", "warning", "note"].contains(word)).collect();
    assert!(severities.is_sorted(), "errors come before warnings: {severities:?}");
    assert!(lines.last().unwrap().starts_with("2 errors, "), "{text}");
    let none = check("--only resource-duplicate").ok();
    assert_eq!(none.stdout, "no findings in 62 grants, 18 entitlements, 29 resources\n");
}

#[test]
fn colour_changes_no_text() {
    for words in ["", "--list"] {
        let coloured = check(&format!("{words} --color always")).stdout;
        assert!(coloured.contains("\u{1b}[1m"));
        let mut plain = String::new();
        for (place, part) in coloured.split('\u{1b}').enumerate() {
            plain.push_str(if place == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_eq!(plain, check(words).stdout);
    }
}

#[test]
fn foreign_text_is_shown_escaped() {
    for format in ["table", "wide", "md", "name"] {
        let text = check(&format!("-o {format} --severity note")).stdout;
        assert!(!text.contains('\u{1b}'), "{format}");
        assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{format}");
    }
    let table = check("--only name-control-character").stdout;
    assert!(table.contains("user/mallory"), "{table}");
}

#[test]
fn markdown_is_a_summary_and_a_section_for_each_code() {
    let text = check("-o md").stdout;
    assert!(text.starts_with("**2 errors, "), "{text}");
    let codes: BTreeSet<_> = column(&findings("--severity warning"), "code").into_iter().collect();
    assert_eq!(text.matches("<details").count(), codes.len());
    assert_eq!(text.matches("</details>").count(), codes.len());
    for code in codes {
        assert!(text.contains(&format!("<code>{code}</code>")), "{code}");
    }
    assert_eq!(text.matches("<details open>").count(), 2, "errors are unfolded");
}

/// What dashboards ask of a SARIF document; see the documentation of GitHub code scanning.
fn assert_sarif(document: &Value) {
    assert_eq!(document["version"], "2.1.0");
    assert!(document["$schema"].as_str().unwrap().contains("sarif-2.1.0"));
    let runs = document["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(driver["name"], "baton check");
    assert_eq!(driver["semanticVersion"], env!("CARGO_PKG_VERSION"));
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["/id", "/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"]
        {
            assert!(!rule.pointer(text).unwrap().as_str().unwrap().is_empty(), "{text}: {rule}");
        }
        assert!(rule["fullDescription"]["text"].as_str().unwrap().len() <= 1024);
        let level = rule.pointer("/defaultConfiguration/level").unwrap().as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level));
    }
    let ids: BTreeSet<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "ids are unique");
    for result in runs[0]["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert_eq!(result["level"], rules[index]["defaultConfiguration"]["level"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let location = &result["locations"][0];
        let uri = location.pointer("/physicalLocation/artifactLocation/uri").unwrap().as_str().unwrap();
        assert!(!uri.is_empty() && !uri.contains([' ', '\\']));
        assert_eq!(location.pointer("/physicalLocation/region/startLine").unwrap(), 1);
        let names = location["logicalLocations"].as_array().unwrap();
        assert!(names.iter().all(|name| name["fullyQualifiedName"].is_string()));
        let print = result.pointer("/partialFingerprints/primaryLocationLineHash").unwrap();
        assert!(print.as_str().unwrap().ends_with(":1"));
    }
}

fn results(document: &Value) -> &Vec<Value> {
    document["runs"][0]["results"].as_array().unwrap()
}

#[test]
fn sarif_is_what_dashboards_ask_for() {
    let document = check("-o sarif").json();
    assert_sarif(&document);
    let flat = findings("");
    assert_eq!(results(&document).len(), flat.len());
    for (result, finding) in results(&document).iter().zip(&flat) {
        assert_eq!(result["ruleId"], finding["code"]);
        assert_eq!(result["message"]["text"], finding["message"]);
        assert_eq!(result.pointer("/locations/0/logicalLocations/0/name").unwrap(), &finding["id"]);
    }
    assert_eq!(
        results(&document)[0].pointer("/locations/0/physicalLocation/artifactLocation/uri").unwrap(),
        "company.c1z"
    );
    assert_sarif(&check("-o sarif --only resource-duplicate").ok().json());
    let from_stdin = call("check -f - -o sarif").stdin(fixture("company.c1z")).run().json();
    assert_sarif(&from_stdin);
}

#[test]
fn fingerprints_are_unique_and_outlive_a_sync() {
    let prints = |words: &str| -> Vec<(String, String)> {
        let document = run(&format!("check -f company.c1z -o sarif {words}")).json();
        let of = |result: &Value| {
            let print = result.pointer("/partialFingerprints/primaryLocationLineHash").unwrap();
            (result["ruleId"].to_string(), print.as_str().unwrap().to_owned())
        };
        results(&document).iter().map(of).collect()
    };
    let second = prints("");
    let unique: BTreeSet<_> = second.iter().collect();
    assert_eq!(unique.len(), second.len());
    // Both days have the same dangling references.
    let words = format!("--severity error --sync-id {}", crate::run::FIRST);
    assert_eq!(prints(&words), prints("--severity error"));
}

#[test]
fn sarif_is_a_format_of_check_alone() {
    for command in ["grants", "resources", "stats", "syncs", "version"] {
        let error = run(&format!("{command} -f company.c1z -o sarif")).failed();
        assert!(error.contains("baton check") && error.contains("ndjson"), "{error}");
    }
    let error = call("grants -f company.c1z").env("BATON_OUTPUT_FORMAT", "sarif").run().failed();
    assert!(error.contains("baton check"), "{error}");
    let expected = check("-o sarif");
    assert_eq!(run("-o sarif -f company.c1z check"), expected);
    assert_eq!(call("check -f company.c1z").env("BATON_OUTPUT_FORMAT", "sarif").run(), expected);
    assert_eq!(
        call("check -f company.c1z -o csv").env("BATON_OUTPUT_FORMAT", "sarif").run(),
        check("-o csv")
    );
}
