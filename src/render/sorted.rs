//! `--sort COLUMN[:desc]`: rows in the order of a column.
//!
//! The one format that keeps rows: what the inner format will ask of each, and no more than the limit needs.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::io::{self, Write};

use super::{Cell, Format, Options, OutputFormat, Row, RowError, Shape, UnknownColumn, format};
use crate::model::protojson::Notes;
use crate::model::wire::Malformed;

/// The column that rows are sorted by, and which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// The place of the column.
    pub column: usize,
    /// Whether the greatest comes first. Empty values come last either way.
    pub descending: bool,
}

/// Why `--sort` was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SortError {
    /// The shape has no such column.
    #[error(transparent)]
    Column(#[from] UnknownColumn),
    /// What follows the colon is no direction.
    #[error("unknown direction '{0}'; after the column stands :asc or :desc")]
    Direction(String),
}

impl SortKey {
    /// Reads `COLUMN`, `COLUMN:asc` or `COLUMN:desc`.
    ///
    /// # Errors
    /// [`SortError`] when the column or the direction is unknown.
    pub fn parse(shape: &Shape, text: &str) -> Result<Self, SortError> {
        let (name, direction) = text.split_once(':').unwrap_or((text, "asc"));
        let descending = match direction {
            "asc" => false,
            "desc" => true,
            other => return Err(SortError::Direction(other.to_owned())),
        };
        Ok(Self { column: shape.place(name)?, descending })
    }
}

/// A format that writes its rows at the end, sorted. Equal rows keep the order in which they came.
///
/// Memory grows with the rows, or with twice the limit.
pub struct Sorted<'w> {
    inner: Box<dyn Format + 'w>,
    kind: OutputFormat,
    columns: Vec<usize>,
    key: SortKey,
    limit: usize,
    rows: Vec<OwnedRow>,
}

impl<'w> Sorted<'w> {
    /// Sorts what [`format()`] of the same arguments then writes; `limit` counts rows after sorting.
    pub fn new(
        kind: OutputFormat,
        shape: &'static Shape,
        options: &Options,
        key: SortKey,
        limit: Option<usize>,
        out: &'w mut dyn Write,
    ) -> Self {
        Self {
            inner: format(kind, shape, options, out),
            kind,
            columns: options.columns(kind, shape).to_vec(),
            key,
            limit: limit.unwrap_or(usize::MAX),
            rows: Vec::new(),
        }
    }

    fn sort(&mut self) {
        let descending = self.key.descending;
        self.rows.sort_by(|a, b| compare(&a.key, &b.key, descending));
        self.rows.truncate(self.limit);
    }
}

impl Format for Sorted<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        let (row, notes) = OwnedRow::read(row, self.kind, &self.columns, self.key.column)?;
        self.rows.push(row);
        if self.rows.len() >= self.limit.saturating_mul(2).max(1000) {
            self.sort();
        }
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.sort();
        for row in std::mem::take(&mut self.rows) {
            match self.inner.row(&row) {
                // Its notes were told when it came, and its JSON was made then.
                Ok(_) | Err(RowError::Malformed(_)) => {}
                Err(RowError::Io(error)) => return Err(error),
            }
        }
        self.inner.finish()
    }
}

/// What the inner format will ask of a row, copied.
#[derive(Debug)]
struct OwnedRow {
    key: Cell<'static>,
    cells: Vec<(usize, Cell<'static>)>,
    name: Vec<u8>,
    json: Vec<u8>,
}

impl OwnedRow {
    fn read(
        row: &dyn Row,
        kind: OutputFormat,
        columns: &[usize],
        key: usize,
    ) -> Result<(Self, Notes), Malformed> {
        let mut notes = Notes::default();
        let (mut name, mut json) = (Vec::new(), Vec::new());
        match kind {
            OutputFormat::Json => notes = row.json(&mut json)?,
            OutputFormat::Name => {
                name = row.name().into_owned();
                notes.replaced_text = !is_utf8(&name);
            }
            _ => {}
        }
        let cells: Vec<_> = columns.iter().map(|&place| (place, row.cell(place).into_owned())).collect();
        notes.replaced_text |= cells.iter().any(|(_, cell)| match cell {
            Cell::Text(text) => !is_utf8(text),
            Cell::List(texts) => !texts.iter().all(|text| is_utf8(text)),
            _ => false,
        });
        Ok((Self { key: row.cell(key).into_owned(), cells, name, json }, notes))
    }
}

fn is_utf8(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok()
}

impl Row for OwnedRow {
    fn cell(&self, column: usize) -> Cell<'_> {
        let cell = self.cells.iter().find(|(place, _)| *place == column);
        cell.map_or(Cell::Empty, |(_, cell)| cell.as_borrowed())
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.name)
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        out.extend_from_slice(&self.json);
        Ok(Notes::default())
    }
}

/// Values in order, empty ones last in either direction.
fn compare(a: &Cell<'_>, b: &Cell<'_>, descending: bool) -> Ordering {
    is_empty(a).cmp(&is_empty(b)).then_with(|| {
        let order = compare_values(a, b);
        if descending { order.reverse() } else { order }
    })
}

fn is_empty(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.is_empty(),
        Cell::List(texts) => texts.is_empty(),
        _ => false,
    }
}

fn compare_values(a: &Cell<'_>, b: &Cell<'_>) -> Ordering {
    match (a, b) {
        (Cell::Text(a), Cell::Text(b)) => compare_texts(a, b),
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
        (Cell::Int(a), Cell::Int(b)) => a.cmp(b),
        (Cell::Time(a), Cell::Time(b)) => a.cmp(b),
        (Cell::List(a), Cell::List(b)) => {
            let orders = a.iter().zip(b).map(|(a, b)| compare_texts(a, b));
            orders.fold(Ordering::Equal, Ordering::then).then(a.len().cmp(&b.len()))
        }
        // A column holds one kind of value; were it otherwise, kinds would stand together.
        (a, b) => kind_of(a).cmp(&kind_of(b)),
    }
}

fn kind_of(cell: &Cell<'_>) -> u8 {
    match cell {
        Cell::Bool(_) => 0,
        Cell::Int(_) => 1,
        Cell::Time(_) => 2,
        Cell::Text(_) => 3,
        Cell::List(_) => 4,
        Cell::Empty => 5,
    }
}

/// By letters first, whatever their case, then by bytes, so that the order is total.
fn compare_texts(a: &[u8], b: &[u8]) -> Ordering {
    let letters = a.iter().map(u8::to_ascii_lowercase).cmp(b.iter().map(u8::to_ascii_lowercase));
    letters.then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::super::OutputFormat::{Csv, Json, Name, Table};
    use super::super::testing::{SHAPE, TestRow, feed, time};
    use super::*;

    fn sorted(kind: OutputFormat, key: &str, limit: Option<usize>, rows: &[TestRow]) -> String {
        let mut out = Vec::new();
        let options = Options { header: false, columns: Some(vec![0]), ..Options::default() };
        let key = SortKey::parse(&SHAPE, key).unwrap();
        feed(&mut Sorted::new(kind, &SHAPE, &options, key, limit, &mut out), rows);
        String::from_utf8(out).unwrap()
    }

    fn names(key: &str, limit: Option<usize>, rows: &[TestRow]) -> String {
        sorted(Name, key, limit, rows).lines().collect::<Vec<_>>().join(" ")
    }

    fn numbered(id: &str, count: i64) -> TestRow {
        TestRow::new(id).cell(2, Cell::Int(count))
    }

    #[test]
    fn text_by_letters_then_by_bytes() {
        let rows = ["b", "a", "B", "", "A", "é", "ab"].map(TestRow::new);
        assert_eq!(names("id", None, &rows), "A a ab B b é ");
        assert_eq!(names("id:desc", None, &rows), "é b B ab a A ");
    }

    #[test]
    fn values_by_size_and_empty_ones_last() {
        let rows = [numbered("a", 10), TestRow::new("none"), numbered("b", -3), numbered("c", 9)];
        assert_eq!(names("count", None, &rows), "b c a none");
        assert_eq!(names("count:desc", None, &rows), "a c b none");
        let at = |id, text| TestRow::new(id).cell(4, Cell::Time(time(text)));
        assert_eq!(names("at:asc", None, &[at("new", "2026-01-02"), at("old", "2025-01-02")]), "old new");
        let yes = |id, yes| TestRow::new(id).cell(3, Cell::Bool(yes));
        assert_eq!(names("ok", None, &[yes("t", true), yes("f", false)]), "f t");
        let tags = |id, tags: &[&'static str]| {
            TestRow::new(id).cell(1, Cell::List(tags.iter().map(|tag| tag.as_bytes().into()).collect()))
        };
        let rows = [tags("none", &[]), tags("ab", &["a", "b"]), tags("b", &["b"]), tags("a", &["a"])];
        assert_eq!(names("tags", None, &rows), "a ab b none");
    }

    #[test]
    fn equal_rows_keep_their_order_under_any_limit() {
        let rows: Vec<_> = (0..5000).map(|n| numbered(&n.to_string(), i64::from(n % 2))).collect();
        assert_eq!(names("count", Some(3), &rows), "0 2 4");
        assert_eq!(names("count:desc", Some(3), &rows), "1 3 5");
        assert_eq!(names("count", Some(0), &rows), "");
        assert_eq!(names("count", Some(2600), &rows).split(' ').nth(2500), Some("1"));
    }

    #[test]
    fn rows_bring_what_their_format_needs() {
        let rows = [TestRow::new("b").json("2"), TestRow::new("x").malformed(), TestRow::new("a").json("1")];
        assert_eq!(sorted(Json, "id", None, &rows), "{\"things\":[1,2]}\n");
        assert_eq!(sorted(Csv, "id", None, &rows), "a\nb\nx\n");
        assert_eq!(sorted(Table, "id", None, &rows), "a\nb\nx\n");
    }

    #[test]
    fn replaced_text_is_noted() {
        let mut out = Vec::new();
        let key = SortKey { column: 0, descending: false };
        let mut format = Sorted::new(Csv, &SHAPE, &Options::default(), key, None, &mut out);
        assert!(format.row(&TestRow::new(b"\xff".to_vec())).unwrap().replaced_text);
        assert!(!format.row(&TestRow::new("a")).unwrap().replaced_text);
    }

    #[test]
    fn what_is_no_key() {
        assert!(matches!(SortKey::parse(&SHAPE, "size"), Err(SortError::Column(_))));
        assert!(matches!(SortKey::parse(&SHAPE, "id:up"), Err(SortError::Direction(_))));
    }
}
