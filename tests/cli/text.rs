//! Text of foreign systems: never sent raw to a terminal, always whole in machine formats.

use unicode_width::UnicodeWidthStr as _;

use crate::parse::{csv, tsv};
use crate::run::{company, records, run};
use crate::shapes::all;

const MALLORY: &str = "Mallory \u{1b}[31mRed\u{1b}[0m\nsecond line\tafter a tab";
const FORMULA: &str = "=HYPERLINK(\"https://corp.example\",\"click\")";

#[test]
fn nothing_in_a_file_controls_the_terminal() {
    let questions = ["access mallory", "access mallory --limit 9", "stats", "resources", "principals"];
    for line in all().map(|list| list.line).chain(questions) {
        for format in ["table", "wide", "md"] {
            let text = company(&format!("{line} -o {format}")).stdout;
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{line} -o {format}");
        }
    }
}

#[test]
fn what_does_not_print_is_shown_escaped_on_one_line() {
    let table = company("resources -p mallory --columns name --no-headers").stdout;
    assert_eq!(table, "Mallory \\x1b[31mRed\\x1b[0m\\nsecond line\\tafter a tab\n");
}

#[test]
fn machine_formats_keep_the_true_text() {
    let line = "resources -p mallory --columns name --no-headers";
    assert_eq!(records("resources -p mallory")[0]["name"], MALLORY);
    let json = company("resources -p mallory -o json").json();
    assert_eq!(json["resources"][0]["resource"]["displayName"], MALLORY);
    assert_eq!(csv(&company(&format!("{line} -o csv")).stdout), [[MALLORY]]);
    let text = company(&format!("{line} -o tsv")).stdout;
    assert_eq!(text.lines().count(), 1);
    assert_eq!(tsv(&text), [[MALLORY]]);
}

#[test]
fn words_on_standard_error_are_as_safe() {
    for line in ["grants -p '\u{1b}[2J\u{7}'", "grants --sync-id '\u{1b}[2J'", "grants --columns '\u{1b}[2J'"]
    {
        let error = run(&format!("{line} -f company.c1z")).failed();
        assert!(error.contains("\\x1b[2J"), "{error}");
        assert!(!error.chars().any(|c| c.is_control() && c != '\n'), "{error}");
    }
    let output = company("grants -t '\u{1b}[2J'");
    assert!(output.warning().contains("\\x1b[2J"), "{}", output.stderr);
    let error = run("grants -f 'no\u{1b}[2J\nfile.c1z'").failed();
    assert!(!error.contains('\u{1b}'), "{error}");
}

#[test]
fn formulas_are_made_text_in_csv_alone() {
    let line = "resources -p formula --columns name --no-headers -o";
    let guarded = csv(&company(&format!("{line} csv")).stdout);
    assert_eq!(guarded, [[format!("'{FORMULA}")]]);
    assert_eq!(csv(&company(&format!("{line} csv --raw-cells")).stdout), [[FORMULA]]);
    assert_eq!(tsv(&company(&format!("{line} tsv")).stdout), [[FORMULA]]);
    assert_eq!(company(&format!("{line} table")).stdout, format!("{FORMULA}\n"));
    assert_eq!(records("resources -p formula")[0]["name"], FORMULA);
}

#[test]
fn the_guard_touches_nothing_but_formulas() {
    for list in all() {
        let guarded = company(&format!("{} -o csv", list.line)).stdout;
        let raw = company(&format!("{} -o csv --raw-cells", list.line)).stdout;
        assert_eq!(guarded.replace("'=", "="), raw, "{}", list.line);
    }
}

#[test]
fn columns_are_aligned_whatever_the_script() {
    for line in ["resources --all", "resources --all -o wide", "grants", "grants -o wide", "principals"] {
        let text = company(line).stdout;
        // The bars of a line, in columns of the terminal.
        let bars = |line: &str| -> Vec<usize> {
            line.match_indices(" |").map(|(place, _)| line[..place].width()).collect()
        };
        let header = bars(text.lines().next().unwrap());
        assert!(!header.is_empty());
        for row in text.lines() {
            assert_eq!(bars(row), header, "{row}");
        }
    }
}

#[test]
fn ids_and_names_are_never_shortened() {
    for list in all() {
        let text = company(&format!("{} -o wide", list.line)).stdout;
        for name in company(&format!("{} -o name", list.line)).lines() {
            // Resources and principals have their type in front.
            let typed = list.flat.contains("parent_type");
            let id = if typed { name.split_once('/').unwrap().1 } else { name };
            assert!(text.contains(id), "{}: {id}", list.line);
        }
    }
}

#[test]
fn markdown_is_not_led_astray() {
    let row = company("resources -p mallory -o md --no-headers").stdout;
    assert_eq!(row.lines().count(), 1, "{row}");
    assert!(row.contains("<br>second line"), "{row}");
}
