//! `-o tsv`: columns between tabs, one line a row, and a header of column names.
//!
//! Tabs, line ends and backslashes of a text are written `\t`, `\n`, `\r` and `\\`, so that `cut` and `awk` can rely
//! on the tabs and lines they see. There is no other quoting, and no guard against formulas.

use std::io::{self, Write};

use super::text::push_plain;
use super::{Cell, Column, Format, Options, Row, RowError};
use crate::model::protojson::{Notes, mend};

pub(super) struct Tsv<'w> {
    out: &'w mut dyn Write,
    columns: Vec<usize>,
    /// The header line, until it has left with the first row.
    header: Vec<u8>,
    line: Vec<u8>,
}

impl<'w> Tsv<'w> {
    pub(super) fn new(
        columns: &[(usize, &'static Column)],
        options: &Options,
        out: &'w mut dyn Write,
    ) -> Self {
        let mut header = Vec::new();
        if options.header {
            let names: Vec<_> = columns.iter().map(|(_, column)| column.name).collect();
            header.extend_from_slice(names.join("\t").as_bytes());
            header.push(b'\n');
        }
        let columns = columns.iter().map(|&(place, _)| place).collect();
        Self { out, columns, header, line: Vec::new() }
    }
}

impl Format for Tsv<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        let mut notes = Notes::default();
        self.line.clear();
        self.line.append(&mut self.header);
        for (place, &column) in self.columns.iter().enumerate() {
            if place > 0 {
                self.line.push(b'\t');
            }
            push_cell(&mut self.line, &row.cell(column));
        }
        self.line.push(b'\n');
        notes.replaced_text = mend(&mut self.line, 0);
        self.out.write_all(&self.line)?;
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(&self.header)?;
        self.header.clear();
        self.out.flush()
    }
}

fn push_cell(out: &mut Vec<u8>, cell: &Cell<'_>) {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => push_text(out, text),
        Cell::List(texts) => {
            for (place, text) in texts.iter().enumerate() {
                if place > 0 {
                    out.push(b';');
                }
                push_text(out, text);
            }
        }
        Cell::Bool(_) | Cell::Int(_) | Cell::Time(_) => push_plain(out, cell),
    }
}

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    let special = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b'\\');
    // Without an early end the compiler looks at sixteen bytes at once.
    if !text.iter().fold(false, |found, byte| found | special(byte)) {
        out.extend_from_slice(text);
        return;
    }
    for part in text.split_inclusive(special) {
        let (plain, escape): (_, &[u8]) = match part {
            [plain @ .., b'\t'] => (plain, b"\\t"),
            [plain @ .., b'\n'] => (plain, b"\\n"),
            [plain @ .., b'\r'] => (plain, b"\\r"),
            [plain @ .., b'\\'] => (plain, b"\\\\"),
            plain => (plain, b""),
        };
        out.extend_from_slice(plain);
        out.extend_from_slice(escape);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::OutputFormat::Tsv;
    use super::super::testing::{TestRow, any_bytes, lossy, print, print_with, time};
    use super::super::{Cell, Options};

    #[test]
    fn every_kind_of_value() {
        let row = TestRow::new("a\tb\nc\rd\\e")
            .cell(1, Cell::List(vec![b"x".into(), b"y".into()]))
            .cell(2, Cell::Int(3))
            .cell(3, Cell::Bool(true))
            .cell(4, Cell::Time(time("2026-11-22 11:40:59")))
            .cell(5, Cell::Text(b"=1+1".into()));
        assert_eq!(
            print(Tsv, &[row]),
            "id\ttags\tcount\tok\tat\tnote\na\\tb\\nc\\rd\\\\e\tx;y\t3\ttrue\t2026-11-22T11:40:59Z\t=1+1\n"
        );
    }

    #[test]
    fn the_header_stands_alone_or_not_at_all() {
        assert_eq!(print(Tsv, &[]), "id\ttags\tcount\tok\tat\tnote\n");
        let options = Options { header: false, columns: Some(vec![0]), ..Options::default() };
        assert_eq!(print_with(Tsv, &options, &[TestRow::new("a")]).0, "a\n");
        assert_eq!(print_with(Tsv, &options, &[]).0, "");
    }

    proptest! {
        #[test]
        fn escapes_can_be_undone(id in any_bytes()) {
            let options = Options { header: false, columns: Some(vec![0, 5]), ..Options::default() };
            let (printed, notes) = print_with(Tsv, &options, &[TestRow::new(id.clone())]);
            let (field, rest) = printed.split_once('\t').unwrap();
            prop_assert_eq!(rest, "\n");
            let mut text = String::new();
            let mut rest = field.chars();
            while let Some(character) = rest.next() {
                text.push(match character {
                    '\\' => match rest.next() {
                        Some('t') => '\t',
                        Some('n') => '\n',
                        Some('r') => '\r',
                        other => other.unwrap(),
                    },
                    other => other,
                });
            }
            prop_assert_eq!(text, lossy(&id));
            prop_assert_eq!(notes.replaced_text, std::str::from_utf8(&id).is_err());
        }
    }
}
