//! Tables, tested.

use proptest::prelude::*;

use super::super::OutputFormat::{Table, Wide};
use super::super::testing::{SHAPE, TestRow, any_bytes, feed, print, print_with, time};
use super::super::{Cell, Options, format};
use super::*;

fn text(text: &str) -> Cell<'static> {
    Cell::Text(text.as_bytes().to_vec().into())
}

/// Columns id, count and note.
fn options() -> Options {
    Options { columns: Some(vec![0, 2, 5]), ..Options::default() }
}

#[test]
fn every_kind_of_value() {
    let row = TestRow::new("é")
        .cell(1, Cell::List(vec![b"a".into(), b"b\n".into()]))
        .cell(2, Cell::Int(3))
        .cell(3, Cell::Bool(true))
        .cell(4, Cell::Time(time("2026-11-22 11:40:59.5")))
        .cell(5, text("x"));
    let expected = "\
        ID | Tags   | Count | OK  | At                   | Note\n\
        é  | a, b\\n |     3 | yes | 2026-11-22T11:40:59Z | x\n";
    assert_eq!(print(Wide, &[row]), expected);
}

#[test]
fn an_empty_table_is_its_header() {
    assert_eq!(print(Table, &[]), "ID | Tags | Count | At | Note\n");
    assert_eq!(print_with(Table, &Options { header: false, ..Options::default() }, &[]).0, "");
    let colour = Options { colour: true, ..options() };
    assert_eq!(print_with(Table, &colour, &[]).0, "\u{1b}[1mID | Count | Note\u{1b}[0m\n");
}

#[test]
fn wide_characters_take_two_columns() {
    let rows =
        ["日本", "👩\u{200d}💻", "שלום", "abcd", "e\u{301}"].map(|id| TestRow::new(id).cell(5, text("x")));
    let expected = "\
        ID   | Count | Note\n\
        日本 |       | x\n\
        👩\u{200d}💻   |       | x\n\
        שלום |       | x\n\
        abcd |       | x\n\
        e\u{301}    |       | x\n";
    assert_eq!(print_with(Table, &options(), &rows).0, expected);
}

#[test]
fn nothing_reaches_the_terminal() {
    let row = TestRow::new("\u{1b}[2J\r\u{202e}a\u{9b}").cell(5, text("\0\t"));
    let expected = "ID                     | Count | Note\n\\x1b[2J\\r\\u{202e}a\\x9b |       | \\x00\\t\n";
    assert_eq!(print_with(Table, &options(), &[row]).0, expected);
}

#[test]
fn numbers_stand_at_the_right_unless_text_is_among_them() {
    let options = Options { columns: Some(vec![2, 0]), ..Options::default() };
    let number = |id, count| TestRow::new(id).cell(2, Cell::Int(count));
    let rows = [number("a", 5), TestRow::new("b"), number("c", 1_234_567)];
    let expected = "  Count | ID\n      5 | a\n        | b\n1234567 | c\n";
    assert_eq!(print_with(Table, &options, &rows).0, expected);
    let rows = [number("a", 5), TestRow::new("b").cell(2, text("many"))];
    assert_eq!(print_with(Table, &options, &rows).0, "Count | ID\n5     | a\nmany  | b\n");
}

#[test]
fn only_some_columns_are_cut() {
    let long = "x".repeat(80);
    let row = || TestRow::new(long.clone()).cell(5, text(&long));
    let printed = print_with(Table, &options(), &[row()]).0;
    let line = printed.lines().nth(1).unwrap();
    assert_eq!(line, format!("{long} |       | {}…", "x".repeat(59)));

    let narrow = Options { width: Some(110), ..options() };
    let printed = print_with(Table, &narrow, &[row()]).0;
    assert_eq!(width(printed.lines().nth(1).unwrap()), 110);

    let hopeless = Options { width: Some(40), ..options() };
    let printed = print_with(Table, &hopeless, &[row()]).0;
    assert!(printed.ends_with(&format!("{long} |       | {}…\n", "x".repeat(11))));
}

#[test]
fn cutting_keeps_within_the_limit() {
    for (given, shown) in [
        ("日本語日本語日本", "日本語日本…"),
        ("0123456789ab", "0123456789ab"),
        ("0123456789abc", "0123456789a…"),
        ("0123456789👩\u{200d}💻", "0123456789👩\u{200d}💻"),
        ("012345678👩\u{200d}💻ab", "012345678👩…"),
    ] {
        let narrow = Options { columns: Some(vec![5]), width: Some(1), header: false, ..Options::default() };
        let printed = print_with(Table, &narrow, &[TestRow::new("").cell(5, text(given))]).0;
        assert_eq!(printed, format!("{shown}\n"));
    }
}

#[test]
fn rows_leave_after_the_window() {
    let mut out = Vec::new();
    let mut table = format(Table, &SHAPE, &options(), &mut out);
    for _ in 0..WINDOW_ROWS {
        table.row(&TestRow::new("a")).unwrap();
    }
    drop(table);
    assert_eq!(out.split(|&byte| byte == b'\n').count(), WINDOW_ROWS + 2);

    let mut out = Vec::new();
    let mut table = format(Table, &SHAPE, &options(), &mut out);
    table.row(&TestRow::new("a".repeat(WINDOW_BYTES))).unwrap();
    drop(table);
    assert!(!out.is_empty());
}

#[test]
fn later_values_push_their_line() {
    let mut rows = vec![TestRow::new("a").cell(5, text("x")); WINDOW_ROWS];
    rows.push(TestRow::new("longer").cell(5, text(&"y".repeat(70))));
    rows.push(TestRow::new("b").cell(5, text("z")));
    let printed = print_with(Table, &options(), &rows).0;
    let expected = format!("longer |       | {}…\nb  |       | z\n", "y".repeat(59));
    assert!(printed.ends_with(&expected), "{printed}");
}

#[test]
fn one_huge_value_does_not_widen_every_line() {
    let rows = [TestRow::new("a".repeat(10_000)), TestRow::new("b").cell(5, text("x"))];
    let printed = print_with(Table, &options(), &rows).0;
    assert_eq!(printed.lines().nth(2).unwrap().len(), WIDEST + 3 + 5 + 3 + 1);
}

/// Whether ` |` stands in every line where the column before it ends.
fn separated(line: &str, at: usize) -> bool {
    line.char_indices().any(|(place, _)| width(&line[..place]) == at && line[place..].starts_with(" |"))
}

proptest! {
    #[test]
    fn any_text_makes_straight_columns(
        cells in prop::collection::vec((any_bytes(), any_bytes()), 1..6),
        terminal in prop::option::of(0_usize..100),
    ) {
        let options = Options { columns: Some(vec![5, 0, 2]), width: terminal, ..Options::default() };
        let rows: Vec<_> = cells
            .iter()
            .map(|(id, note)| {
                TestRow::new(id.clone()).cell(5, Cell::Text(note.clone().into())).cell(2, Cell::Int(1))
            })
            .collect();
        let mut out = Vec::new();
        feed(&mut *format(Table, &SHAPE, &options, &mut out), &rows);
        let printed = String::from_utf8(out).unwrap();
        prop_assert_eq!(printed.lines().count(), rows.len() + 1);
        prop_assert!(!printed.chars().any(|c| c.is_control() && c != '\n'));
        prop_assert!(!printed.contains(" \n"));

        let header = printed.lines().next().unwrap();
        let first = header.find(" |").unwrap();
        let second = header.rfind(" |").unwrap();
        for line in printed.lines() {
            prop_assert!(separated(line, first) && separated(line, second), "{}", printed);
        }
    }
}
