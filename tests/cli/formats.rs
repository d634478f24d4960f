//! Every list in every format.

use serde_json::Value;

use crate::parse::{csv, flat, table, tsv};
use crate::run::{Record, company, records};
use crate::shapes::{FORMATS, LISTS, List, QUESTIONS, all, columns};

fn shown(list: &List, format: &str) -> String {
    company(&format!("{} -o {format}", list.line)).stdout
}

/// The rows that csv and tsv must have, header included.
fn expected(list: &List) -> Vec<Vec<String>> {
    let header = columns(list.flat).into_iter().map(String::from).collect();
    let row = |record: Record| columns(list.flat).into_iter().map(|name| flat(&record[name])).collect();
    std::iter::once(header).chain(records(list.line).into_iter().map(row)).collect()
}

#[test]
fn tables_have_the_documented_columns_and_a_line_for_each_record() {
    for list in all() {
        let text = shown(list, "table");
        let lines = table(&text);
        assert_eq!(lines[0], columns(list.table), "{}", list.line);
        assert_eq!(lines.len(), list.rows + 1, "{}", list.line);
        assert!(lines.iter().all(|cells| cells.len() == lines[0].len()), "{}", list.line);
    }
}

#[test]
fn the_first_line_is_the_header_without_rules_or_blanks_at_line_ends() {
    for list in all() {
        for line in shown(list, "table").lines() {
            assert_eq!(line, line.trim_end_matches(' '));
            assert!(!line.contains("---"), "{line}");
        }
    }
}

#[test]
fn console_is_another_name_for_the_table_which_is_the_default() {
    for list in all() {
        let table = shown(list, "table");
        assert_eq!(shown(list, "console"), table);
        assert_eq!(company(list.line).stdout, table);
    }
}

#[test]
fn wide_tables_add_columns() {
    for list in all() {
        let text = shown(list, "wide");
        let lines = table(&text);
        assert_eq!(lines.len(), list.rows + 1, "{}", list.line);
        for title in columns(list.table) {
            assert!(lines[0].contains(&title), "{}: {title}", list.line);
        }
        // The counts of `stats` have nothing to add.
        assert!(
            lines[0].len() > columns(list.table).len() || list.line.starts_with("stats"),
            "{}",
            list.line
        );
    }
}

#[test]
fn wide_grants_tell_ids_types_and_inheritance() {
    let text = company("grants -o wide").stdout;
    let lines = table(&text);
    let place = |title: &str| lines[0].iter().position(|&cell| cell == title).expect(title);
    let titles = ["Principal Type", "Principal ID", "Entitlement ID", "Resource Type", "Resource ID", "ID"];
    let keys = ["principal_type", "principal_id", "entitlement_id", "resource_type", "resource_id", "id"];
    let records = records("grants");
    for (cells, record) in lines[1..].iter().zip(&records) {
        for (title, key) in titles.into_iter().zip(keys) {
            assert_eq!(cells[place(title)], flat(&record[key]));
        }
        let inherited = if record["direct"] == true { "no" } else { "yes" };
        assert_eq!(cells[place("Inherited")], inherited);
    }
    assert!(records.iter().any(|record| record["direct"] == false));
}

#[test]
fn json_is_one_document_with_the_documented_keys() {
    for list in all() {
        let document = company(&format!("{} -o json", list.line)).json();
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        let mut expected = list.keys.to_vec();
        // The parser keeps keys sorted.
        expected.sort_unstable();
        assert_eq!(keys, expected, "{}", list.line);
    }
    for list in &LISTS {
        let document = company(&format!("{} -o json", list.line)).json();
        assert_eq!(document[list.keys[0]].as_array().unwrap().len(), list.rows, "{}", list.line);
    }
}

#[test]
fn json_elements_have_the_keys_of_the_reference() {
    for (line, pointer, keys) in [
        ("resource-types", "/resourceTypes/0", "resourceType"),
        ("resources", "/resources/1", "resource parent resourceType"),
        ("resources", "/resources/0", "resource resourceType"),
        ("entitlements", "/entitlements/0", "entitlement resource resourceType"),
        ("grants", "/grants/0", "entitlement grant principal resource resourceType"),
        ("principals", "/resources/0", "resource parent resourceType"),
        ("syncs", "/syncs/0", "id endedAt startedAt syncToken syncType"),
        ("syncs", "/syncs/1", "id endedAt parentSyncId startedAt syncToken syncType"),
        ("access ada", "/access/0", "entitlements resource resourceType"),
        ("stats", "/stats/resourcesByResourceType", "app group org project role secret user"),
    ] {
        let document = company(&format!("{line} -o json")).json();
        let found: Vec<&String> = document.pointer(pointer).unwrap().as_object().unwrap().keys().collect();
        let mut keys: Vec<&str> = keys.split(' ').collect();
        keys.sort_unstable();
        assert_eq!(found, keys, "{line} {pointer}");
    }
}

#[test]
fn json_is_compact() {
    for list in all() {
        let text = shown(list, "json");
        assert_eq!(text.lines().count(), 1, "{}", list.line);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text.trim_end().len(), value.to_string().len(), "{}: no blanks", list.line);
    }
}

#[test]
fn ndjson_lines_have_exactly_the_flat_columns_in_order() {
    for list in all() {
        let text = shown(list, "ndjson");
        assert_eq!(text.lines().count(), list.rows, "{}", list.line);
        for line in text.lines() {
            let record: Record = serde_json::from_str(line).unwrap();
            assert_eq!(record.len(), columns(list.flat).len(), "{line}");
            let mut rest = line;
            for name in columns(list.flat) {
                assert!(record.contains_key(name), "{line} lacks {name}");
                let key = format!("\"{name}\":");
                let place = rest.find(&key).unwrap_or_else(|| panic!("{name} comes too early in {line}"));
                rest = &rest[place + key.len()..];
            }
        }
    }
}

#[test]
fn csv_has_the_values_of_ndjson() {
    for list in all() {
        assert_eq!(csv(&shown(list, "csv --raw-cells")), expected(list), "{}", list.line);
    }
}

#[test]
fn tsv_has_the_values_of_ndjson() {
    for list in all() {
        assert_eq!(tsv(&shown(list, "tsv")), expected(list), "{}", list.line);
    }
}

#[test]
fn markdown_has_the_columns_of_the_table() {
    for list in all() {
        let text = shown(list, "md");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], format!("| {} |", columns(list.table).join(" | ")), "{}", list.line);
        assert_eq!(lines[1], format!("|{}", " --- |".repeat(columns(list.table).len())));
        assert_eq!(lines.len(), list.rows + 2, "{}", list.line);
        for line in lines {
            let bars = line.replace("\\|", "").matches('|').count();
            assert_eq!(bars, columns(list.table).len() + 1, "{line}");
        }
    }
}

#[test]
fn names_are_ids_with_the_type_before_those_of_resources() {
    for list in all() {
        let names: Vec<String> = shown(list, "name").lines().map(String::from).collect();
        let name = |record: &Record| match (record.get("type"), record.get("engine"), record.get("id")) {
            (Some(kind), None, Some(id)) => format!("{}/{}", flat(kind), flat(id)),
            (_, _, Some(id)) => flat(id),
            _ => flat(&record["resource_type"]),
        };
        assert_eq!(names, records(list.line).iter().map(name).collect::<Vec<_>>(), "{}", list.line);
    }
}

#[test]
fn one_line_end_ends_every_format() {
    for list in all() {
        for format in FORMATS {
            let text = shown(list, format);
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{} -o {format}", list.line);
        }
    }
    for line in ["access ada", "stats", "resources", "stats -o wide"] {
        let text = company(line).stdout;
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{line}");
    }
}

#[test]
fn lists_are_arrays_in_ndjson_and_joined_elsewhere() {
    let grants = records("grants -p ada -e role:admin:assigned");
    assert_eq!(grants[0]["sources"], serde_json::json!(["group:eng:member", "role:admin:assigned"]));
    let line = "grants -p ada -e role:admin:assigned --columns sources --no-headers";
    let joined = "group:eng:member;role:admin:assigned\n";
    assert_eq!(company(&format!("{line} -o csv")).stdout, joined);
    assert_eq!(company(&format!("{line} -o tsv")).stdout, joined);
}

#[test]
fn questions_list_as_many_records_as_they_name() {
    for list in &QUESTIONS {
        assert_eq!(records(list.line).len(), list.rows, "{}", list.line);
    }
}
