//! `-o csv`: RFC 4180 with `,`, lines ended by LF, and a header of column names.
//!
//! ```text
//! id,name,sources⏎
//! u1,"Park, Ada",a;b⏎
//! u2,'=1+1,⏎                    a formula, made text
//! ```
//!
//! A spreadsheet runs cells that look like formulas, and names come from foreign systems; such a text gets a `'` in
//! front unless raw cells are asked for (CWE-1236). Numbers are ours and stay as they are.

use std::io::{self, Write};

use super::text::{push_plain, utf8};
use super::{Cell, Column, Format, Options, Row, RowError};
use crate::model::protojson::Notes;

pub(super) struct Csv<'w> {
    out: &'w mut dyn Write,
    columns: Vec<usize>,
    raw_cells: bool,
    /// The header line, until it has left with the first row.
    header: Vec<u8>,
    record: Record,
    plain: Vec<u8>,
}

impl<'w> Csv<'w> {
    pub(super) fn new(
        columns: &[(usize, &'static Column)],
        options: &Options,
        out: &'w mut dyn Write,
    ) -> Self {
        let mut record = Record::default();
        let mut header = Vec::new();
        if options.header {
            columns.iter().for_each(|(_, column)| record.field(column.name.as_bytes()));
            header.extend_from_slice(record.end());
        }
        let columns = columns.iter().map(|&(place, _)| place).collect();
        Self { out, columns, raw_cells: options.raw_cells, header, record, plain: Vec::new() }
    }

    fn write_header(&mut self) -> io::Result<()> {
        if !self.header.is_empty() {
            self.out.write_all(&self.header)?;
            self.header.clear();
        }
        Ok(())
    }
}

impl Format for Csv<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        let mut notes = Notes::default();
        for &column in &self.columns {
            match row.cell(column) {
                Cell::Empty => self.record.field(b""),
                Cell::Text(text) => push_text(&mut self.record, &text, self.raw_cells),
                Cell::List(texts) if texts.is_empty() => self.record.field(b""),
                Cell::List(texts) => push_text(&mut self.record, &texts.join(&b';'), self.raw_cells),
                cell => {
                    self.plain.clear();
                    push_plain(&mut self.plain, &cell);
                    self.record.field(&self.plain);
                }
            }
        }
        self.write_header()?;
        // Delimiters are ASCII, so that the record is UTF-8 when every cell is; it takes less to look once.
        self.out.write_all(utf8(self.record.end(), &mut notes).as_bytes())?;
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.write_header()?;
        self.out.flush()
    }
}

fn push_text(record: &mut Record, text: &[u8], raw: bool) {
    match text.first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\0') if !raw => {
            record.field(&[b"'", text].concat())
        }
        _ => record.field(text),
    }
}

/// The record at hand.
///
/// Quoting by hand takes a quarter of the instructions that `csv-core` does, and csv is what long lists are exported
/// as; the tests read the output back with `csv-core`.
#[derive(Default)]
struct Record {
    line: Vec<u8>,
    open: bool,
    ended: bool,
}

impl Record {
    fn field(&mut self, text: &[u8]) {
        if std::mem::take(&mut self.ended) {
            self.line.clear();
        }
        if std::mem::replace(&mut self.open, true) {
            self.line.push(b',');
        }
        // Readers drop U+FEFF at the very start of a file as a byte order mark, unless it is quoted.
        let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
        // Without an early end the compiler looks at sixteen bytes at once.
        if text.iter().fold(false, |found, byte| found | special(byte))
            || text.starts_with("\u{feff}".as_bytes())
        {
            self.quoted(text);
        } else {
            self.line.extend_from_slice(text);
        }
    }

    fn quoted(&mut self, text: &[u8]) {
        self.line.push(b'"');
        for part in text.split_inclusive(|&byte| byte == b'"') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\"") {
                self.line.push(b'"');
            }
        }
        self.line.push(b'"');
    }

    /// The finished record; the next field begins another.
    fn end(&mut self) -> &[u8] {
        // A line with nothing on it would be no record.
        if self.line.is_empty() {
            self.line.extend_from_slice(b"\"\"");
        }
        self.line.push(b'\n');
        self.open = false;
        self.ended = true;
        &self.line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::OutputFormat::Csv;
    use super::super::testing::{TestRow, any_bytes, lossy, print, print_with, time};
    use super::super::{Cell, Options};

    const HEADER: &str = "id,tags,count,ok,at,note\n";

    fn field(text: &str, raw_cells: bool) -> String {
        let options = Options { header: false, raw_cells, columns: Some(vec![0]), ..Options::default() };
        print_with(Csv, &options, &[TestRow::new(text)]).0
    }

    #[test]
    fn every_kind_of_value() {
        let row = TestRow::new("a \"b\", c")
            .cell(1, Cell::List(vec![b"x".into(), b"y,z".into()]))
            .cell(2, Cell::Int(-3))
            .cell(3, Cell::Bool(true))
            .cell(4, Cell::Time(time("2026-11-22 11:40:59.5")));
        let line = "\"a \"\"b\"\", c\",\"x;y,z\",-3,true,2026-11-22T11:40:59.500Z,\n";
        assert_eq!(print(Csv, &[row]), format!("{HEADER}{line}"));
    }

    #[test]
    fn the_header_stands_alone_or_not_at_all() {
        assert_eq!(print(Csv, &[]), HEADER);
        let options = Options { header: false, ..Options::default() };
        assert_eq!(print_with(Csv, &options, &[]).0, "");
    }

    #[test]
    fn formulas_become_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\0x"] {
            assert_eq!(field(text, false), format!("'{text}\n"));
            assert_eq!(field(text, true), format!("{text}\n"));
        }
        assert_eq!(field("\r=1", false), "\"'\r=1\"\n");
        assert_eq!(field("=HYPERLINK(\"x\",1)", false), "\"'=HYPERLINK(\"\"x\"\",1)\"\n");
        assert_eq!(field("a=1", false), "a=1\n");
    }

    #[test]
    fn a_guarded_list() {
        let options = Options { header: false, columns: Some(vec![1]), ..Options::default() };
        let row = TestRow::new("").cell(1, Cell::List(vec![b"=1".into(), b"b".into()]));
        assert_eq!(print_with(Csv, &options, &[row]).0, "'=1;b\n");
    }

    #[test]
    fn a_record_of_one_empty_field_is_no_empty_line() {
        assert_eq!(field("", false), "\"\"\n");
    }

    #[test]
    fn replaced_text_is_noted() {
        let (printed, notes) = print_with(Csv, &Options::default(), &[TestRow::new(b"a\xff".to_vec())]);
        assert_eq!(printed, format!("{HEADER}a\u{fffd},,,,,\n"));
        assert!(notes.replaced_text);
    }

    /// The records of a CSV text, as `csv-core` reads them.
    fn parse(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv_core::Reader::new();
        let (mut input, mut field, mut records) = (text.as_bytes(), vec![0; text.len() + 1], vec![vec![]]);
        let mut length = 0;
        loop {
            let (result, read, written) = reader.read_field(input, &mut field[length..]);
            input = &input[read..];
            length += written;
            match result {
                csv_core::ReadFieldResult::Field { record_end } => {
                    let text = String::from_utf8(field[..length].to_vec()).unwrap();
                    records.last_mut().unwrap().push(text);
                    length = 0;
                    if record_end {
                        records.push(vec![]);
                    }
                }
                csv_core::ReadFieldResult::End => break,
                _ => {}
            }
        }
        records.pop();
        records
    }

    proptest! {
        #[test]
        fn a_reader_gets_back_what_was_written(ids in prop::collection::vec((any_bytes(), any_bytes()), 1..5)) {
            let options = Options { header: false, raw_cells: true, columns: Some(vec![0, 5]), ..Options::default() };
            let rows: Vec<_> = ids
                .iter()
                .map(|(id, note)| TestRow::new(id.clone()).cell(5, Cell::Text(note.clone().into())))
                .collect();
            let parsed = parse(&print_with(Csv, &options, &rows).0);
            let expected: Vec<_> = ids.iter().map(|(id, note)| vec![lossy(id), lossy(note)]).collect();
            prop_assert_eq!(parsed, expected);
        }
    }
}
