//! Output formats: rows come one by one, and leave one by one.
//!
//! A question offers its answer as [`Row`]s of one [`Shape`]; a [`Format`] writes them. No format keeps a row after
//! it has written it, so memory does not grow with the length of a list.

mod csv;
mod json;
mod kind;
mod md;
mod name;
mod ndjson;
mod small;
mod sorted;
mod table;
#[cfg(test)]
mod testing;
mod text;
mod tree;
mod tsv;

use std::borrow::Cow;
use std::io::{self, Write};

pub use kind::{OutputFormat, UnknownColumn, UnknownFormat};
pub use md::push_md;
pub use ndjson::Members;
pub use small::small_table;
pub use sorted::{SortError, SortKey, Sorted};
pub use text::{push_human, width};
pub use tree::write_tree;

use crate::model::protojson::Notes;
use crate::model::time::Instant;
use crate::model::wire::Malformed;

/// One column that rows of a shape can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name in machine formats and in `--columns`: lower case, words joined by `_`.
    pub name: &'static str,
    /// The header in tables.
    pub title: &'static str,
    /// Tables may cut long values: descriptions and tokens, never ids or names.
    pub cut: bool,
}

/// What the rows of one list look like.
#[derive(Debug)]
pub struct Shape {
    /// The key of the list in JSON, such as `grants`.
    pub key: &'static str,
    /// Every column, in the order of `--columns help`.
    pub columns: &'static [Column],
    /// The columns of ndjson, csv and tsv, as places in `columns`.
    pub flat: &'static [usize],
    /// The columns of a table.
    pub table: &'static [usize],
    /// The columns of a wide table.
    pub wide: &'static [usize],
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing known: null in ndjson, empty elsewhere.
    Empty,
    /// Text as the file has it; it need not be UTF-8. Empty text counts as [`Cell::Empty`].
    Text(Cow<'a, [u8]>),
    /// Yes or no.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A point in time.
    Time(Instant),
    /// Several texts: an array in ndjson, joined with `;` in csv and tsv, with `, ` in tables.
    List(Vec<Cow<'a, [u8]>>),
}

impl Cell<'_> {
    /// The same value, without owning its text.
    #[must_use]
    pub fn as_borrowed(&self) -> Cell<'_> {
        match self {
            Cell::Empty => Cell::Empty,
            Cell::Text(text) => Cell::Text(Cow::Borrowed(text)),
            Cell::Bool(yes) => Cell::Bool(*yes),
            Cell::Int(number) => Cell::Int(*number),
            Cell::Time(instant) => Cell::Time(*instant),
            Cell::List(texts) => Cell::List(texts.iter().map(|text| Cow::Borrowed(&**text)).collect()),
        }
    }

    /// The same value, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Cell::Empty => Cell::Empty,
            Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Cell::Bool(yes) => Cell::Bool(yes),
            Cell::Int(number) => Cell::Int(number),
            Cell::Time(instant) => Cell::Time(instant),
            Cell::List(texts) => {
                Cell::List(texts.into_iter().map(|text| Cow::Owned(text.into_owned())).collect())
            }
        }
    }
}

/// One record of a list.
pub trait Row {
    /// The value of the column at this place in the shape's columns.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// What `-o name` prints.
    fn name(&self) -> Cow<'_, [u8]>;

    /// Appends the record as the reference tool's JSON; `out` is unchanged on error.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes of a record do not parse.
    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed>;
}

/// Why a row was not written.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The output cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The record cannot be shown; nothing of it was written, and the next row may be.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Writes rows of one shape.
///
/// Nothing is written before the first row, so that an error before it leaves the output empty. A row that fails
/// leaves nothing behind either.
pub trait Format {
    /// Writes one row, or keeps it until widths are known.
    ///
    /// # Errors
    /// [`RowError`]; after [`RowError::Malformed`] the next row may be written.
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError>;

    /// Writes what stands after the last row, and what was kept; flushes the output.
    ///
    /// # Errors
    /// When the output cannot be written.
    fn finish(&mut self) -> io::Result<()>;
}

/// How rows are shown, apart from the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The columns to show, as [`Shape::pick`] finds them; the format's own otherwise. `json` and `name` have none.
    pub columns: Option<Vec<usize>>,
    /// Whether a header stands above the rows of table, csv, tsv and md.
    pub header: bool,
    /// Whether csv leaves texts alone that a spreadsheet would run as formulas.
    pub raw_cells: bool,
    /// Whether tables may use colour.
    pub colour: bool,
    /// The width of the terminal that a table is for.
    pub width: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { columns: None, header: true, raw_cells: false, colour: false, width: None }
    }
}

impl Options {
    /// The places of the columns that a format shows.
    #[must_use]
    pub fn columns<'a>(&'a self, kind: OutputFormat, shape: &Shape) -> &'a [usize] {
        match kind {
            OutputFormat::Json | OutputFormat::Name => &[],
            kind => self.columns.as_deref().unwrap_or_else(|| shape.default_columns(kind)),
        }
    }
}

/// A writer of the given format. `out` should be buffered: every row is one write.
pub fn format<'w>(
    kind: OutputFormat,
    shape: &'static Shape,
    options: &Options,
    out: &'w mut dyn Write,
) -> Box<dyn Format + 'w> {
    let columns = shape.at(options.columns(kind, shape));
    match kind {
        OutputFormat::Table | OutputFormat::Wide => Box::new(table::Table::new(&columns, options, out)),
        OutputFormat::Json => Box::new(json::Json::new(shape, out)),
        OutputFormat::Ndjson => Box::new(ndjson::Ndjson::new(&columns, out)),
        OutputFormat::Csv => Box::new(csv::Csv::new(&columns, options, out)),
        OutputFormat::Tsv => Box::new(tsv::Tsv::new(&columns, options, out)),
        OutputFormat::Md => Box::new(md::Md::new(&columns, options, out)),
        OutputFormat::Name => Box::new(name::Name::new(out)),
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{SHAPE, TestRow};
    use super::*;

    fn kinds() -> impl Iterator<Item = OutputFormat> {
        OutputFormat::NAMES.into_iter().map(|name| name.parse().unwrap())
    }

    #[test]
    fn nothing_is_written_before_the_first_row() {
        let mut out = Vec::new();
        for kind in kinds() {
            drop(format(kind, &SHAPE, &Options::default(), &mut out));
            let key = SortKey { column: 0, descending: false };
            let mut sorted = Sorted::new(kind, &SHAPE, &Options::default(), key, None, &mut out);
            sorted.row(&TestRow::new("a")).unwrap();
        }
        let mut json = format(OutputFormat::Json, &SHAPE, &Options::default(), &mut out);
        json.row(&TestRow::new("").malformed()).unwrap_err();
        drop(json);
        assert_eq!(out, b"");
    }

    #[test]
    fn a_full_disk_is_an_error() {
        for kind in kinds() {
            let mut full: &mut [u8] = &mut [];
            let mut format = format(kind, &SHAPE, &Options::default(), &mut full);
            let written = format.row(&TestRow::new("a")).map_err(|error| error.to_string());
            let finished = format.finish().map_err(|error| error.to_string());
            assert!(written.is_err() || finished.is_err(), "{kind}");
        }
    }

    #[test]
    fn places_that_a_shape_does_not_have_are_passed_over() {
        let options = Options { columns: Some(vec![99, 0]), ..Options::default() };
        let mut out = Vec::new();
        format(OutputFormat::Csv, &SHAPE, &options, &mut out).row(&TestRow::new("a")).unwrap();
        assert_eq!(out, b"id\na\n");
    }
}
