//! `baton resources` counts until it is asked for a list.

use std::collections::BTreeMap;

use crate::parse::table;
use crate::run::{company, records, run, text};

#[test]
fn without_a_filter_the_table_counts_by_type() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for record in records("resources") {
        *counts.entry(text(&record, "type").to_owned()).or_default() += 1;
    }
    let output = company("resources");
    let lines = table(&output.stdout);
    assert_eq!(lines[0], ["Resource Type", "Count"]);
    let expected: Vec<_> = counts.into_iter().map(|(kind, count)| vec![kind, count.to_string()]).collect();
    assert_eq!(lines[1..], expected);
    assert_eq!(company("resources -o console"), output);
}

#[test]
fn counts_stand_at_the_right() {
    let text = company("resources").stdout;
    let lengths: Vec<usize> = text.lines().map(str::len).collect();
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{text}");
}

#[test]
fn counts_can_do_without_a_header() {
    let all = company("resources").stdout;
    let bare = company("resources --no-headers").stdout;
    assert_eq!(table(&bare), table(&all)[1..]);
}

#[test]
fn any_list_option_lists() {
    for option in
        ["--all", "-t user", "--limit 99", "--sort id", "--columns id,name", "-p ada", "-e org:acme:owner"]
    {
        let text = company(&format!("resources {option}")).stdout;
        assert!(text.starts_with("ID"), "{option}: {text}");
    }
}

#[test]
fn all_other_formats_list() {
    let formats = ["json", "ndjson", "csv", "tsv", "md", "name", "wide"];
    for format in formats {
        let plain = company(&format!("resources -o {format}"));
        assert_eq!(plain, company(&format!("resources --all -o {format}")), "{format}");
        assert!(plain.stdout.contains("Ada Lovelace") || plain.stdout.contains("user/ada"), "{format}");
    }
}

#[test]
fn a_pipe_hears_no_hint() {
    assert_eq!(company("resources").stderr, "");
}

#[test]
fn counts_are_those_of_the_chosen_sync() {
    let text = run("resources -f partial-newest.c1z --sync-id 3AM5rv3Ef1x9Bwp7Ad9WKYvku6I").ok().stdout;
    let counts: Vec<_> =
        table(&text)[1..].iter().filter(|cells| cells[1] != "0").map(|c| c.join(" ")).collect();
    assert_eq!(counts, ["group 1", "user 4"]);
}
