//! `-o table` and `-o wide`: aligned columns for people.
//!
//! ```text
//! ID | Display Name | Count⏎          no rule, no box, no blanks at the end of a line
//! g1 | Platform     |     3⏎          columns of numbers stand at the right
//! ```
//!
//! A first window of rows decides how wide the columns are; then every row leaves at once. A later value that is
//! wider pushes the rest of its line to the right: no text is lost for the sake of order. Only columns that say so
//! are cut, and further where the window would not fit the terminal.

use std::io::{self, Write};

use unicode_width::UnicodeWidthChar as _;

use super::text::{push_human, width};
use super::{Cell, Column, Format, Options, Row, RowError};
use crate::model::protojson::Notes;
use crate::model::visible::push_visible;

/// The window ends after this many rows or bytes, whichever comes first.
const WINDOW_ROWS: usize = 500;
const WINDOW_BYTES: usize = 256 << 10;
/// Columns that may be cut are this wide at most, and never narrower than [`NARROWEST`] for a terminal's sake.
const CUT: usize = 60;
const NARROWEST: usize = 12;
/// One value beyond this pads no other line: a single huge id would make every line as long.
const WIDEST: usize = 256;

/// What stands between two columns.
const SEPARATOR: &str = " | ";

pub(super) struct Table<'w> {
    out: &'w mut dyn Write,
    columns: Vec<Layout>,
    header: bool,
    colour: bool,
    terminal: Option<usize>,
    /// Rows that wait for the widths; `None` once these are known.
    window: Option<Vec<Line>>,
    window_bytes: usize,
    /// The row at hand, and the line it makes.
    row: Line,
    line: String,
}

/// A column and how it is laid out.
struct Layout {
    place: usize,
    column: &'static Column,
    width: usize,
    limit: usize,
    numbers: usize,
    others: usize,
}

impl Layout {
    /// Takes a cell of the window into account.
    fn learn(&mut self, cell: &Cell<'_>, width: usize) {
        self.width = self.width.max(width);
        match cell {
            Cell::Empty => {}
            Cell::Text(text) if text.is_empty() => {}
            Cell::Int(_) => self.numbers += 1,
            _ => self.others += 1,
        }
    }

    fn title_width(&self, header: bool) -> usize {
        if header { width(self.column.title) } else { 0 }
    }

    /// How wide the column is when cut columns end at `limit`; the title is never cut.
    fn width_within(&self, limit: usize, header: bool) -> usize {
        if self.column.cut { self.width.min(limit.max(self.title_width(header))) } else { self.width }
    }

    fn at_right(&self) -> bool {
        self.numbers > 0 && self.others == 0
    }
}

/// The cells of one row, one after the other.
#[derive(Debug, Default)]
struct Line {
    text: String,
    cells: Vec<Place>,
}

/// Where a cell ends in its line, and how wide it is.
#[derive(Debug, Clone, Copy)]
struct Place {
    end: usize,
    width: usize,
}

impl<'w> Table<'w> {
    pub(super) fn new(
        columns: &[(usize, &'static Column)],
        options: &Options,
        out: &'w mut dyn Write,
    ) -> Self {
        let layout = |&(place, column): &(usize, &'static Column)| {
            let limit = if column.cut { CUT } else { usize::MAX };
            let width = if options.header { width(column.title) } else { 0 };
            Layout { place, column, width, limit, numbers: 0, others: 0 }
        };
        Self {
            out,
            columns: columns.iter().map(layout).collect(),
            header: options.header,
            colour: options.colour,
            terminal: options.width,
            window: Some(Vec::new()),
            window_bytes: 0,
            row: Line::default(),
            line: String::new(),
        }
    }

    /// Reads a row into the line at hand.
    fn read(&mut self, row: &dyn Row) -> Notes {
        let mut notes = Notes::default();
        let learning = self.window.is_some();
        self.row.text.clear();
        self.row.cells.clear();
        for column in &mut self.columns {
            let start = self.row.text.len();
            let cell = row.cell(column.place);
            push_human(&mut self.row.text, &cell, &mut notes, push_visible);
            let whole = width(self.row.text.get(start..).unwrap_or_default());
            let width = cut(&mut self.row.text, start, column.limit, whole);
            self.row.cells.push(Place { end: self.row.text.len(), width });
            if learning {
                column.learn(&cell, width);
            }
        }
        notes
    }

    /// Fixes the widths and writes what has waited.
    fn settle(&mut self) -> io::Result<()> {
        let Some(window) = self.window.take() else { return Ok(()) };
        let limit = self.cut_limit();
        for column in self.columns.iter_mut().filter(|column| column.column.cut) {
            column.width = column.width_within(limit, self.header);
            column.limit = limit;
        }
        self.write_header()?;
        window.iter().try_for_each(|row| self.write(row))
    }

    /// The widest limit for cut columns with which the window fits the terminal.
    fn cut_limit(&self) -> usize {
        let Some(terminal) = self.terminal else { return CUT };
        let fits = |&limit: &usize| {
            let widths = self.columns.iter().map(|column| column.width_within(limit, self.header));
            widths.map(|width| width + SEPARATOR.len()).sum::<usize>() <= terminal + SEPARATOR.len()
        };
        (NARROWEST..=CUT).rev().find(fits).unwrap_or(NARROWEST)
    }

    fn write_header(&mut self) -> io::Result<()> {
        if !self.header {
            return Ok(());
        }
        let mut titles = Line::default();
        for column in &self.columns {
            titles.text.push_str(column.column.title);
            titles.cells.push(Place { end: titles.text.len(), width: width(column.column.title) });
        }
        self.lay_out(&titles, false);
        write_header(self.out, self.line.trim_end(), self.colour)
    }

    fn write(&mut self, row: &Line) -> io::Result<()> {
        self.lay_out(row, true);
        self.out.write_all(self.line.as_bytes())
    }

    /// Makes the line of a row: its cells cut and padded, no blanks at the end.
    fn lay_out(&mut self, row: &Line, cutting: bool) {
        self.line.clear();
        let mut start = 0;
        for (number, (column, cell)) in self.columns.iter().zip(&row.cells).enumerate() {
            if number > 0 {
                self.line.push_str(SEPARATOR);
            }
            let from = self.line.len();
            self.line.push_str(row.text.get(start..cell.end).unwrap_or_default());
            start = cell.end;
            let cell_width =
                if cutting { cut(&mut self.line, from, column.limit, cell.width) } else { cell.width };
            let padding = column.width.min(WIDEST).saturating_sub(cell_width);
            if column.at_right() {
                self.line.insert_str(from, &" ".repeat(padding));
            } else {
                self.line.extend(std::iter::repeat_n(' ', padding));
            }
        }
        let end = self.line.trim_end_matches(' ').len();
        self.line.truncate(end);
        self.line.push('\n');
    }
}

impl Format for Table<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        let notes = self.read(row);
        let row = std::mem::take(&mut self.row);
        if let Some(window) = &mut self.window {
            self.window_bytes += row.text.len();
            window.push(row);
            if window.len() >= WINDOW_ROWS || self.window_bytes >= WINDOW_BYTES {
                self.settle()?;
            }
        } else {
            self.write(&row)?;
            // Its buffers serve the next row.
            self.row = row;
        }
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.settle()?;
        self.out.flush()
    }
}

/// Writes a header line, bold where colour is wanted.
pub(super) fn write_header(out: &mut dyn Write, line: &str, colour: bool) -> io::Result<()> {
    let bold = if colour { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    out.write_all(format!("{bold}{line}{bold:#}\n").as_bytes())
}

/// Shortens what stands behind `start`, `wide` columns of it, to at most `limit`; returns its new width.
fn cut(text: &mut String, start: usize, limit: usize, wide: usize) -> usize {
    if wide <= limit {
        return wide;
    }
    let mut room = limit.saturating_sub(1);
    let mut end = start;
    for character in text.get(start..).unwrap_or_default().chars() {
        let Some(left) = room.checked_sub(character.width().unwrap_or(0)) else { break };
        room = left;
        end += character.len_utf8();
    }
    text.truncate(end);
    // A sequence can be wider than its characters, and a joiner has nothing left to join.
    while text.len() > start
        && (text.ends_with('\u{200d}') || width(text.get(start..).unwrap_or_default()) >= limit)
    {
        text.pop();
    }
    text.push('…');
    width(text.get(start..).unwrap_or_default())
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
