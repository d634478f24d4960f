//! Small tables whose rows are all known, such as counts: the look of `-o table`.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentLineStyle, Table, TableStyle};

use super::table::write_header;
use crate::model::visible::visible;

/// Header line, ` | ` between columns, no rules, no box.
const LOOK: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('|'))
    .content_lines(ContentLineStyle::none().junction('|'));

/// Writes a table of plain text, without a header when that is empty. `numbers` are the places of columns that stand at the right; the header is bold
/// when `colour` is true. What does not print is shown escaped.
///
/// # Errors
/// When the output cannot be written.
pub fn small_table(
    out: &mut dyn Write,
    header: &[&str],
    rows: &[Vec<String>],
    numbers: &[usize],
    colour: bool,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(LOOK);
    if !header.is_empty() {
        table.set_header(header.iter().map(|title| visible(title)));
    }
    table.add_rows(rows.iter().map(|row| row.iter().map(|text| visible(text))));
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((u16::from(place > 0), 1));
        if numbers.contains(&place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut lines = table.lines();
    if !header.is_empty()
        && let Some(line) = lines.next()
    {
        write_header(out, line.trim_end_matches(' '), colour)?;
    }
    lines.try_for_each(|line| out.write_all(format!("{}\n", line.trim_end_matches(' ')).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(rows: &[&[&str]], colour: bool) -> String {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|&text| text.to_owned()).collect()).collect();
        let mut out = Vec::new();
        small_table(&mut out, &["Resource Type", "Count"], &rows, &[1], colour).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn looks_like_every_table() {
        assert_eq!(
            print(&[&["user", "12"], &["組", "1234567"], &["a\nb\u{1b}", ""]], false),
            "Resource Type |   Count\nuser          |      12\n組            | 1234567\na\\nb\\x1b      |\n"
        );
    }

    #[test]
    fn an_empty_table_is_its_header() {
        assert_eq!(print(&[], false), "Resource Type | Count\n");
        assert_eq!(print(&[], true), "\u{1b}[1mResource Type | Count\u{1b}[0m\n");
    }

    #[test]
    fn long_text_stays_on_one_line() {
        let long = "word ".repeat(100);
        assert_eq!(print(&[&[&long, "1"]], false).lines().count(), 2);
    }
}
