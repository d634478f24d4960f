//! `--limit`, `--sort`, `--columns`, `--no-headers`.

use crate::parse::table;
use crate::run::{company, names, records, run, text};
use crate::shapes::{LISTS, all, columns};

#[test]
fn a_limit_keeps_the_first_rows_in_every_format() {
    for list in &LISTS {
        let all = records(list.line);
        assert_eq!(records(&format!("{} --limit 3", list.line)), all[..3], "{}", list.line);
        for (format, more) in [("table", 1), ("wide", 1), ("csv", 1), ("tsv", 1), ("md", 2), ("name", 0)] {
            let output = company(&format!("{} --limit 3 -o {format}", list.line));
            assert_eq!(output.lines().len(), 3 + more, "{} -o {format}", list.line);
        }
        let json = company(&format!("{} --limit 3 -o json", list.line)).json();
        assert_eq!(json[list.keys[0]].as_array().unwrap().len(), 3, "{}", list.line);
        assert_eq!(records(&format!("{} --limit 999", list.line)).len(), list.rows);
    }
}

#[test]
fn a_limit_of_nothing_is_an_empty_answer() {
    for list in &LISTS {
        let shown = |format: &str| company(&format!("{} --limit 0 -o {format}", list.line));
        assert_eq!(shown("json").stdout, "{}\n");
        assert_eq!(shown("csv").stdout, format!("{}\n", columns(list.flat).join(",")));
        assert_eq!(shown("table").stdout, format!("{}\n", columns(list.table).join(" | ")));
        assert_eq!(shown("ndjson").stdout, "");
        assert_eq!(shown("ndjson").stderr, "");
    }
}

#[test]
fn what_is_no_limit_is_refused() {
    for limit in ["x", "-1", "1.5", "''"] {
        run(&format!("grants --limit={limit} -f company.c1z")).refused();
    }
}

#[test]
fn rows_are_sorted_by_a_column_in_either_direction() {
    let by = |words: &str| names(&format!("resources -t group {words}"));
    assert_eq!(
        by("--sort name"),
        ["group/ext/all:odd id", "group/eng", "group/everyone", "group/ops"],
        "Contractors, Engineering & Design, Everyone, Operations"
    );
    assert_eq!(by("--sort name:asc"), by("--sort name"));
    assert_eq!(by("--sort name:desc --limit 2"), ["group/ops", "group/everyone"]);
}

#[test]
fn sorting_keeps_every_row_and_puts_empty_values_last() {
    for direction in ["", ":desc"] {
        let mut sorted = records(&format!("resources --sort last_login{direction}"));
        let times: Vec<&str> = sorted.iter().map(|record| text(record, "last_login")).collect();
        let mut expected = vec!["2026-02-28T17:45:10.123456789Z", "2026-03-01T05:59:59Z"];
        if direction == ":desc" {
            expected.reverse();
        }
        assert_eq!(times[..2], expected);
        assert!(times[2..].iter().all(|time| time.is_empty()));
        let mut all = records("resources");
        let key = |record: &crate::run::Record| format!("{record:?}");
        sorted.sort_by_key(key);
        all.sort_by_key(key);
        assert_eq!(sorted, all);
    }
}

#[test]
fn numbers_sort_by_size() {
    let grants: Vec<i64> =
        records("stats --sort grants:desc").iter().map(|record| record["grants"].as_i64().unwrap()).collect();
    assert_eq!(grants, [21, 19, 14, 5, 3, 0, 0]);
}

#[test]
fn every_format_sorts_alike() {
    let expected = names("grants --sort id --limit 5");
    let column = |format: &str| {
        let line = format!("grants --sort id --limit 5 --columns id --no-headers -o {format}");
        company(&line)
            .lines()
            .into_iter()
            .map(|line| line.trim_matches(['|', ' ']).to_owned())
            .collect::<Vec<_>>()
    };
    for format in ["table", "wide", "csv", "tsv", "md"] {
        assert_eq!(column(format), expected, "{format}");
    }
    let json = company("grants --sort id --limit 5 -o json").json();
    let ids: Vec<_> =
        json["grants"].as_array().unwrap().iter().map(|row| row["grant"]["id"].clone()).collect();
    assert_eq!(ids, expected);
}

#[test]
fn a_sort_that_makes_no_sense_is_refused_with_what_there_is() {
    let error = run("grants --sort nmae -f company.c1z").failed();
    for name in columns(LISTS[3].flat) {
        assert!(error.contains(name), "{name}: {error}");
    }
    let error = run("grants --sort id:up -f company.c1z").failed();
    assert!(error.contains(":desc"), "{error}");
    run("grants --sort nmae -f missing.c1z").failed();
}

#[test]
fn columns_are_shown_in_the_order_that_was_asked_for() {
    for format in ["csv", "ndjson"] {
        let output = company(&format!("grants --columns missing,id,direct --limit 1 -o {format}"));
        let order: Vec<_> = ["missing", "id", "direct"].iter().map(|name| output.stdout.find(name)).collect();
        assert!(order.is_sorted() && order[0].is_some(), "{}", output.stdout);
    }
    let output = company("resources -t group --columns name,id");
    assert_eq!(table(&output.stdout)[..2], [["Display Name", "ID"], ["Engineering & Design", "eng"]]);
}

#[test]
fn every_flat_column_can_be_asked_for_in_every_list() {
    for list in all() {
        let everything = columns(list.flat).join(",");
        for format in ["ndjson", "csv --raw-cells", "tsv"] {
            let picked = company(&format!("{} --columns {everything} -o {format}", list.line));
            assert_eq!(picked, company(&format!("{} -o {format}", list.line)), "{} -o {format}", list.line);
        }
    }
}

#[test]
fn columns_can_be_listed_without_a_file() {
    for list in all() {
        let output = run(&format!("{} --columns help -f missing.c1z", list.line)).ok();
        let lines = table(&output.stdout);
        for name in columns(list.flat) {
            assert!(lines.iter().any(|cells| cells[0] == name), "{}: {name}", list.line);
        }
        for title in columns(list.table) {
            assert!(lines.iter().any(|cells| cells[1] == title), "{}: {title}", list.line);
        }
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn an_unknown_column_is_refused_with_a_suggestion_and_the_list() {
    let error = run("resources --columns id,emial -f company.c1z").failed();
    assert!(error.contains("'emial'") && error.contains("did you mean email?"), "{error}");
    for name in columns(LISTS[1].flat) {
        assert!(error.contains(name), "{name}: {error}");
    }
    run("grants --columns id,,direct -f company.c1z").failed();
    run("grants --columns '' -f company.c1z").refused();
}

#[test]
fn headers_can_be_left_out() {
    for list in all() {
        for (format, header) in [("table", 1), ("wide", 1), ("csv", 1), ("tsv", 1), ("md", 2)] {
            let whole = company(&format!("{} -o {format}", list.line));
            let bare = company(&format!("{} -o {format} --no-headers", list.line));
            assert_eq!(bare.lines().len() + header, whole.lines().len(), "{} -o {format}", list.line);
            if format != "table" && format != "wide" {
                assert_eq!(bare.lines(), whole.lines()[header..], "{} -o {format}", list.line);
            } else {
                assert_eq!(table(&bare.stdout), table(&whole.stdout)[header..], "{} -o {format}", list.line);
            }
        }
    }
}

#[test]
fn formats_without_a_header_do_not_mind() {
    for format in ["json", "ndjson", "name"] {
        let bare = company(&format!("grants -o {format} --no-headers"));
        assert_eq!(bare, company(&format!("grants -o {format}")));
    }
}
