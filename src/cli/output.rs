//! From the options of a list to the format that writes it.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::args::ListArgs;
use super::session::Session;
use crate::model::protojson::Notes;
use crate::render::{
    Format, Options, OutputFormat, Row, RowError, Shape, SortKey, Sorted, format, small_table,
};
use crate::store::{Place, Reader};
use crate::ui::{CommandError, Ui};
use crate::view::{Need, Sink};

/// How a list will be shown; checked before a file is opened.
#[derive(Debug)]
pub(super) struct Plan {
    shape: &'static Shape,
    format: OutputFormat,
    options: Options,
    sort: Option<SortKey>,
    limit: Option<usize>,
}

impl Plan {
    /// Reads the options of a list; `None` when they asked for the list of columns, which is then written.
    pub(super) fn new(
        session: &Session,
        shape: &'static Shape,
        args: &ListArgs,
    ) -> Result<Option<Self>, CommandError> {
        if args.columns.as_deref() == Some("help") {
            write_columns(&session.ui, shape)?;
            return Ok(None);
        }
        let usage = |error: &dyn std::fmt::Display| CommandError::usage(error.to_string());
        let columns =
            args.columns.as_deref().map(|names| shape.pick(names)).transpose().map_err(|e| usage(&e))?;
        let sort = args
            .sort
            .as_deref()
            .map(|text| SortKey::parse(shape, text))
            .transpose()
            .map_err(|e| usage(&e))?;
        let options = Options {
            columns,
            header: !args.no_headers,
            raw_cells: args.raw_cells,
            colour: session.ui.stdout_colour(),
            width: session.ui.width(),
        };
        Ok(Some(Self { shape, format: session.format(), options, sort, limit: args.limit }))
    }

    /// What the rows will be asked for.
    pub(super) fn need(&self) -> Need {
        let json = self.format == OutputFormat::Json;
        let cells = self.sort.is_some() || !matches!(self.format, OutputFormat::Json | OutputFormat::Name);
        Need { cells, json }
    }

    /// Whether a column will be shown, or sorted by.
    pub(super) fn shows(&self, column: usize) -> bool {
        self.sort.is_some_and(|key| key.column == column)
            || self.options.columns(self.format, self.shape).contains(&column)
    }

    /// Writes a list: `fill` hands its rows to the sink. Returns how many there were.
    pub(super) fn write<E: Into<CommandError>>(
        &self,
        session: &Session,
        reader: &Reader,
        fill: impl FnOnce(&mut dyn Sink) -> Result<(), E>,
    ) -> Result<usize, CommandError> {
        let mut stdout = session.ui.stdout();
        let rows = self.write_to(&mut stdout, reader, fill)?;
        stdout.flush()?;
        Ok(rows)
    }

    /// [`Plan::write`] into any stream.
    pub(super) fn write_to<E: Into<CommandError>>(
        &self,
        out: &mut dyn Write,
        reader: &Reader,
        fill: impl FnOnce(&mut dyn Sink) -> Result<(), E>,
    ) -> Result<usize, CommandError> {
        let format: Box<dyn Format + '_> = match self.sort {
            Some(key) => Box::new(Sorted::new(self.format, self.shape, &self.options, key, self.limit, out)),
            None => format(self.format, self.shape, &self.options, out),
        };
        // Sorting needs all rows, so there the limit counts afterwards.
        let limit = if self.sort.is_some() { usize::MAX } else { self.limit.unwrap_or(usize::MAX) };
        let mut rows = Rows { format, reader, limit, count: 0 };
        if limit > 0
            && let Err(error) = fill(&mut rows)
        {
            // What came before the error is shown whole; an error before the first row leaves the output empty.
            if rows.count > 0 {
                rows.format.finish()?;
            }
            return Err(error.into());
        }
        rows.format.finish()?;
        Ok(rows.count)
    }
}

/// Hands rows to a format and remembers what was odd about them.
struct Rows<'w> {
    format: Box<dyn Format + 'w>,
    reader: &'w Reader,
    limit: usize,
    count: usize,
}

impl Sink for Rows<'_> {
    fn row(&mut self, row: &dyn Row, place: Place<'_>) -> io::Result<ControlFlow<()>> {
        if self.count >= self.limit {
            return Ok(ControlFlow::Break(()));
        }
        match self.format.row(row) {
            Ok(notes) => {
                self.count += 1;
                note(self.reader, place, notes);
            }
            Err(RowError::Malformed(error)) => self.reader.problems().damaged(place, &error.to_string()),
            Err(RowError::Io(error)) => return Err(error),
        }
        Ok(if self.count < self.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }
}

/// Remembers what was odd about a row.
pub(super) fn note(reader: &Reader, place: Place<'_>, notes: Notes) {
    if notes.replaced_text {
        reader.problems().replaced_text(place);
    }
    if notes.kept_payload {
        reader.problems().kept_payload(place);
    }
}

/// `--columns help`: every column, and where it is shown without being asked for.
fn write_columns(ui: &Ui, shape: &Shape) -> Result<(), CommandError> {
    let shown = |columns: &[usize], place: usize| if columns.contains(&place) { "yes" } else { "" };
    let rows: Vec<Vec<String>> = shape
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            [
                column.name,
                column.title,
                shown(shape.table, place),
                shown(shape.wide, place),
                shown(shape.flat, place),
            ]
            .map(String::from)
            .to_vec()
        })
        .collect();
    let mut stdout = ui.stdout();
    let header = ["Column", "Title", "table, md", "wide", "ndjson, csv, tsv"];
    small_table(&mut stdout, &header, &rows, &[], ui.stdout_colour())?;
    stdout.flush()?;
    Ok(())
}
