//! `-o ndjson`: one flat object a line.
//!
//! ```text
//! {"id":"u1","name":null,"sources":["a","b"],"direct":true,"last_login":"2026-11-22T11:40:59Z"}⏎
//! ```
//!
//! Every line has every chosen column, in the order chosen; null where nothing is known.

use std::io::{self, Write};

use super::text::push_plain;
use super::{Cell, Column, Format, Row, RowError, Shape};
use crate::model::protojson::{Notes, mend, push_string};

pub(super) struct Ndjson<'w> {
    out: &'w mut dyn Write,
    members: Members,
    line: Vec<u8>,
}

impl<'w> Ndjson<'w> {
    pub(super) fn new(columns: &[(usize, &'static Column)], out: &'w mut dyn Write) -> Self {
        Self { out, members: Members::of(columns), line: Vec::new() }
    }
}

impl Format for Ndjson<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        let mut notes = Notes::default();
        self.line.clear();
        self.line.push(b'{');
        self.members.push(&mut self.line, row);
        self.line.extend_from_slice(b"}\n");
        notes.replaced_text = mend(&mut self.line, 0);
        self.out.write_all(&self.line)?;
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Columns as members of a JSON object, for lines that hold more than a row.
#[derive(Debug)]
pub struct Members {
    /// A column's place, and the bytes before its value: `"id":` or `,"name":`.
    columns: Vec<(usize, Vec<u8>)>,
}

impl Members {
    /// The flat columns of a shape.
    #[must_use]
    pub fn flat(shape: &'static Shape) -> Self {
        Self::of(&shape.at(shape.flat))
    }

    fn of(columns: &[(usize, &'static Column)]) -> Self {
        let key = |(number, &(place, column)): (usize, &(usize, &'static Column))| {
            let mut key = if number == 0 { Vec::new() } else { vec![b','] };
            push_string(&mut key, column.name.as_bytes());
            key.push(b':');
            (place, key)
        };
        Self { columns: columns.iter().enumerate().map(key).collect() }
    }

    /// Appends `"id":"u1","name":null`; what is no UTF-8 is left to [`mend`].
    pub fn push(&self, out: &mut Vec<u8>, row: &dyn Row) {
        for (place, key) in &self.columns {
            out.extend_from_slice(key);
            push_value(out, &row.cell(*place));
        }
    }
}

fn push_value(out: &mut Vec<u8>, cell: &Cell<'_>) {
    match cell {
        Cell::Empty => out.extend_from_slice(b"null"),
        Cell::Text(text) if text.is_empty() => out.extend_from_slice(b"null"),
        Cell::Text(text) => push_string(out, text),
        Cell::Bool(_) | Cell::Int(_) => push_plain(out, cell),
        Cell::Time(_) => {
            out.push(b'"');
            push_plain(out, cell);
            out.push(b'"');
        }
        Cell::List(texts) => {
            out.push(b'[');
            for (place, text) in texts.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                push_string(out, text);
            }
            out.push(b']');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::OutputFormat::Ndjson;
    use super::super::testing::{TestRow, any_bytes, lossy, print, time};
    use super::super::{Cell, Options};

    #[test]
    fn every_kind_of_value() {
        let row = TestRow::new("é\"\\\n")
            .cell(1, Cell::List(vec![b"a".into(), b"".into()]))
            .cell(2, Cell::Int(-7))
            .cell(3, Cell::Bool(false))
            .cell(4, Cell::Time(time("2026-11-22 11:40:59.5")));
        let line = r#"{"id":"é\"\\\n","tags":["a",""],"count":-7,"ok":false,"at":"2026-11-22T11:40:59.500Z","note":null}"#;
        assert_eq!(print(Ndjson, &[row]), format!("{line}\n"));
    }

    #[test]
    fn empty_text_is_null_and_an_empty_list_a_list() {
        let row = TestRow::new("").cell(1, Cell::List(vec![]));
        let line: Value = serde_json::from_str(&print(Ndjson, &[row])).unwrap();
        assert_eq!(line, json!({"id":null,"tags":[],"count":null,"ok":null,"at":null,"note":null}));
    }

    #[test]
    fn chosen_columns_in_their_order() {
        let options = Options { columns: Some(vec![2, 0]), ..Options::default() };
        let rows = [TestRow::new("a").cell(2, Cell::Int(1))];
        assert_eq!(
            super::super::testing::print_with(Ndjson, &options, &rows).0,
            "{\"count\":1,\"id\":\"a\"}\n"
        );
    }

    proptest! {
        #[test]
        fn every_line_parses(id in any_bytes(), tag in any_bytes(), count: i64) {
            let row = TestRow::new(id.clone())
                .cell(1, Cell::List(vec![tag.clone().into()]))
                .cell(2, Cell::Int(count));
            let printed = print(Ndjson, &[row]);
            prop_assert_eq!(printed.matches('\n').count(), 1);
            let line: Value = serde_json::from_str(&printed).unwrap();
            let id = if id.is_empty() { Value::Null } else { json!(lossy(&id)) };
            prop_assert_eq!(&line["id"], &id);
            prop_assert_eq!(&line["tags"][0], &json!(lossy(&tag)));
            prop_assert_eq!(&line["count"], &json!(count));
        }
    }
}
