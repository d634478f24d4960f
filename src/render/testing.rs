//! Rows for the tests of formats.

use std::borrow::Cow;

use proptest::prelude::*;

use super::{Cell, Column, Format, Options, OutputFormat, Row, RowError, Shape, format};
use crate::model::protojson::Notes;
use crate::model::time::Instant;
use crate::model::wire::{Malformed, Reason};

const fn column(name: &'static str, title: &'static str) -> Column {
    Column { name, title, cut: false }
}

pub(super) static SHAPE: Shape = Shape {
    key: "things",
    columns: &[
        column("id", "ID"),
        column("tags", "Tags"),
        column("count", "Count"),
        column("ok", "OK"),
        column("at", "At"),
        Column { name: "note", title: "Note", cut: true },
    ],
    flat: &[0, 1, 2, 3, 4, 5],
    table: &[0, 1, 2, 4, 5],
    wide: &[0, 1, 2, 3, 4, 5],
};

/// A row whose id is also its name.
#[derive(Debug, Clone)]
pub(super) struct TestRow {
    cells: Vec<Cell<'static>>,
    json: Result<&'static str, Malformed>,
}

impl TestRow {
    pub(super) fn new(id: impl Into<Vec<u8>>) -> Self {
        let mut cells = vec![Cell::Empty; SHAPE.columns.len()];
        cells[0] = Cell::Text(Cow::Owned(id.into()));
        Self { cells, json: Ok("{}") }
    }

    pub(super) fn cell(mut self, column: usize, cell: Cell<'static>) -> Self {
        self.cells[column] = cell;
        self
    }

    pub(super) fn json(mut self, json: &'static str) -> Self {
        self.json = Ok(json);
        self
    }

    pub(super) fn malformed(mut self) -> Self {
        self.json = Err(Reason::Truncated.into());
        self
    }
}

impl Row for TestRow {
    fn cell(&self, column: usize) -> Cell<'_> {
        self.cells[column].clone()
    }

    fn name(&self) -> Cow<'_, [u8]> {
        match &self.cells[0] {
            Cell::Text(text) => Cow::Borrowed(text),
            _ => Cow::Borrowed(b""),
        }
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        out.extend_from_slice(self.json?.as_bytes());
        Ok(Notes::default())
    }
}

pub(super) fn time(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// What a format prints; malformed rows are passed over, as commands do.
pub(super) fn print(kind: OutputFormat, rows: &[TestRow]) -> String {
    print_with(kind, &Options::default(), rows).0
}

pub(super) fn print_with(kind: OutputFormat, options: &Options, rows: &[TestRow]) -> (String, Notes) {
    let mut out = Vec::new();
    let notes = feed(&mut *format(kind, &SHAPE, options, &mut out), rows);
    (String::from_utf8(out).unwrap(), notes)
}

pub(super) fn feed(format: &mut dyn Format, rows: &[TestRow]) -> Notes {
    let mut notes = Notes::default();
    for row in rows {
        match format.row(row) {
            Ok(more) => notes.replaced_text |= more.replaced_text,
            Err(RowError::Malformed(_)) => {}
            Err(RowError::Io(error)) => panic!("{error}"),
        }
    }
    format.finish().unwrap();
    notes
}

pub(super) fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Text that is hard to print, sometimes no UTF-8.
pub(super) fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[ -~]{0,5}".prop_map(String::into_bytes),
        any::<char>().prop_map(|character| character.to_string().into_bytes()),
        prop::sample::select(vec![
            "\n",
            "\r",
            "\t",
            "\0",
            "\\",
            "\"",
            ",",
            "|",
            "=",
            "\u{1b}[31m",
            "\u{202e}",
            "\u{2066}",
            "\u{2028}",
            "\u{200b}",
            "\u{200d}",
            "👩\u{200d}💻",
            "❤\u{fe0f}",
            "日本",
            "שלום",
            "e\u{301}",
            "\u{85}",
            "\u{fe0f}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..3),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}
