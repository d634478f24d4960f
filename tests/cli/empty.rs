//! A sync without any record.

use crate::run::run;
use crate::shapes::{LISTS, List, columns};

fn lists() -> impl Iterator<Item = &'static List> {
    LISTS.iter().filter(|list| list.line != "syncs")
}

fn shown(list: &List, format: &str) -> String {
    run(&format!("{} -f empty.c1z -o {format}", list.line)).ok().stdout
}

#[test]
fn an_empty_list_is_an_empty_object_in_json() {
    for list in lists() {
        assert_eq!(shown(list, "json"), "{}\n", "{}", list.line);
    }
}

#[test]
fn an_empty_list_keeps_its_header_where_there_is_one() {
    for list in lists() {
        assert_eq!(shown(list, "csv"), format!("{}\n", columns(list.flat).join(",")));
        assert_eq!(shown(list, "tsv"), format!("{}\n", columns(list.flat).join("\t")));
        assert_eq!(shown(list, "table"), format!("{}\n", columns(list.table).join(" | ")));
        assert_eq!(shown(list, "md").lines().count(), 2);
        assert_eq!(shown(list, "wide").lines().count(), 1);
    }
}

#[test]
fn an_empty_list_is_nothing_in_formats_without_a_header() {
    for list in lists() {
        assert_eq!(shown(list, "ndjson"), "");
        assert_eq!(shown(list, "name"), "");
    }
}

#[test]
fn no_words_are_lost_about_an_empty_sync() {
    for list in lists() {
        assert_eq!(run(&format!("{} -f empty.c1z", list.line)).ok().stderr, "");
    }
}

#[test]
fn counts_of_an_empty_sync_are_zero() {
    assert_eq!(run("resources -f empty.c1z").ok().stdout, "Resource Type | Count\n");
    let stats = run("stats -f empty.c1z").ok().stdout;
    assert!(stats.lines().any(|line| line.split_whitespace().eq(["Grants", "|", "0"])), "{stats}");
    assert_eq!(run("stats -f empty.c1z -o csv").ok().stdout.lines().count(), 1);
    let sync = &run("syncs -f empty.c1z -o ndjson").ok().records()[0];
    assert_eq!([&sync["resources"], &sync["entitlements"], &sync["grants"]], [0, 0, 0]);
}

#[test]
fn an_empty_answer_to_a_filter_is_no_error() {
    let empty = run("grants -f company.c1z -p user/ada -t secret -o json").ok();
    assert_eq!((empty.stdout.as_str(), empty.stderr.as_str()), ("{}\n", ""));
}
