//! `-o md`: a table of GitHub's Markdown.
//!
//! ```text
//! | ID | Name |⏎
//! | --- | --- |⏎
//! | u1 | Ada \| Co |⏎
//! ```
//!
//! Columns are not padded: that would need every row before the first. What Markdown or HTML would take as markup is
//! escaped, so that a comment calls nobody and links nowhere; a line end becomes `<br>`, and what does not print is
//! shown as in tables.

use std::io::{self, Write};

use super::text::push_human;
use super::{Column, Format, Options, Row, RowError};
use crate::model::protojson::Notes;
use crate::model::visible::visible;

pub(super) struct Md<'w> {
    out: &'w mut dyn Write,
    columns: Vec<usize>,
    /// The header lines, until they have left with the first row.
    header: String,
    line: String,
}

impl<'w> Md<'w> {
    pub(super) fn new(
        columns: &[(usize, &'static Column)],
        options: &Options,
        out: &'w mut dyn Write,
    ) -> Self {
        let mut header = String::new();
        if options.header {
            header.push('|');
            for (_, column) in columns {
                header.push(' ');
                push_md(&mut header, column.title);
                header.push_str(" |");
            }
            header.push_str("\n|");
            header.push_str(&" --- |".repeat(columns.len()));
            header.push('\n');
        }
        let columns = columns.iter().map(|&(place, _)| place).collect();
        Self { out, columns, header, line: String::new() }
    }
}

impl Format for Md<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        let mut notes = Notes::default();
        self.line.clear();
        self.line.push_str(&self.header);
        self.header.clear();
        self.line.push('|');
        for &column in &self.columns {
            self.line.push(' ');
            push_human(&mut self.line, &row.cell(column), &mut notes, push_md);
            self.line.push_str(" |");
        }
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())?;
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(self.header.as_bytes())?;
        self.header.clear();
        self.out.flush()
    }
}

/// Appends text such that a Markdown table shows it as it is, on one line.
pub fn push_md(out: &mut String, text: &str) {
    for (place, line) in text.split('\n').enumerate() {
        if place > 0 {
            out.push_str("<br>");
        }
        push_literal(out, &visible(line.strip_suffix('\r').unwrap_or(line)));
    }
}

/// Appends text such that Markdown shows it as it is.
fn push_literal(out: &mut String, text: &str) {
    let mut before = ' ';
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let after = rest.clone().next().unwrap_or(' ');
        match character {
            '<' => out.push_str("&lt;"),
            '&' if after == '#' || after.is_ascii_alphanumeric() => out.push_str("&amp;"),
            '|' | '`' | '*' | '~' | '[' | '$' => {
                out.push('\\');
                out.push(character);
            }
            // Between letters, as in `read_only`, an underscore is no markup.
            '_' if !(before.is_alphanumeric() && after.is_alphanumeric()) => out.push_str("\\_"),
            // GitHub would call people, link issues and link addresses; what nobody sees keeps it from that.
            '@' if !before.is_alphanumeric() && after.is_alphanumeric() => out.push_str("@&#8203;"),
            '#' if after.is_ascii_digit() => out.push_str("#&#8203;"),
            ':' if rest.as_str().starts_with("//") => out.push_str("\\:"),
            // Elsewhere a backslash escapes nothing.
            '\\' if after.is_ascii_punctuation() => out.push_str("\\\\"),
            other => out.push(other),
        }
        before = character;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::OutputFormat::Md;
    use super::super::testing::{TestRow, any_bytes, print, print_with, time};
    use super::super::{Cell, Options};

    fn cell(text: &str) -> String {
        let options = Options { header: false, columns: Some(vec![0]), ..Options::default() };
        let printed = print_with(Md, &options, &[TestRow::new(text)]).0;
        printed.strip_prefix("| ").unwrap().strip_suffix(" |\n").unwrap().to_owned()
    }

    #[test]
    fn a_table_with_its_header() {
        let row = TestRow::new("u1")
            .cell(1, Cell::List(vec![b"a".into(), b"b".into()]))
            .cell(2, Cell::Int(3))
            .cell(4, Cell::Time(time("2026-11-22 11:40:59.5")));
        assert_eq!(
            print(Md, &[row]),
            "| ID | Tags | Count | At | Note |\n| --- | --- | --- | --- | --- |\n\
             | u1 | a, b | 3 | 2026-11-22T11:40:59Z |  |\n"
        );
    }

    #[test]
    fn an_empty_table_is_a_header() {
        assert_eq!(print(Md, &[]).lines().count(), 2);
    }

    #[test]
    fn markup_is_shown_as_text() {
        for (text, shown) in [
            ("a|b", "a\\|b"),
            ("a\\|b", "a\\\\\\|b"),
            ("one\r\ntwo\n", "one<br>two<br>"),
            ("a\rb\u{1b}", "a\\rb\\x1b"),
            ("<script>", "&lt;script>"),
            ("&lt; & co", "&amp;lt; & co"),
            ("`x` *y* ~z~ [l](u)", "\\`x\\` \\*y\\* \\~z\\~ \\[l](u)"),
            ("read_only _x_", "read_only \\_x\\_"),
            ("CORP\\ada", "CORP\\ada"),
            ("@corp/team (@ada) ada@corp @ noon", "@&#8203;corp/team (@&#8203;ada) ada@corp @ noon"),
            ("#7 corp/repo#12 C# #x", "#&#8203;7 corp/repo#&#8203;12 C# #x"),
            ("see https://corp.example: app:x", "see https\\://corp.example: app:x"),
        ] {
            assert_eq!(cell(text), shown, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_stays_in_its_cell(id in any_bytes(), note in any_bytes()) {
            let options = Options { header: false, columns: Some(vec![0, 5]), ..Options::default() };
            let row = TestRow::new(id).cell(5, Cell::Text(note.into()));
            let printed = print_with(Md, &options, &[row]).0;
            prop_assert_eq!(printed.lines().count(), 1);
            let bars = printed.match_indices('|').filter(|&(at, _)| at == 0 || !printed[..at].ends_with('\\'));
            prop_assert_eq!(bars.count(), 3);
            prop_assert!(!printed.replace("<br>", "").contains('<'));
        }
    }
}
