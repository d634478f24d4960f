//! The differences between two syncs, made visible: one file per form.
//!
//! # `-o ndjson`
//!
//! One change a line, as an object:
//!
//! ```text
//! {"change":"created","record":"grant","id":…,"principal_type":…,…}⏎
//! {"change":"modified","record":"resource","type":…,"id":…,…,"fields":[{"path":…,"old":…,"new":…},…]}⏎
//! ```
//!
//! | member | value |
//! |---|---|
//! | `change` | `created`, `deleted` or `modified` |
//! | `record` | `grant`, `resource`, `entitlement` or `resource_type` |
//! | then | the columns that lists have of such a record, on its new side; on its old side when it was deleted |
//! | `fields` | of a modified record: each field that differs, by its path, with both values; null for an absent one |
//!
//! # `-o csv` and `-o tsv`
//!
//! One change a row, with the columns of [`CHANGES`] whatever record it is: a column that means nothing there is empty.
//! `fields` holds `path: old → new` for each field that differs, `;` between them.

mod access;
mod cells;
mod flat;
mod json;
mod lines;
mod md;
mod name;
mod ndjson;
mod stat;
mod survey;
mod words;

use std::io::{self, Write};
use std::ops::ControlFlow;

pub use flat::CHANGES;
pub use stat::STAT;
pub use survey::{Class, Subject, Survey, Turn};

use super::{Change, Kind, Records};
use crate::model::protojson::Notes;
use crate::render::{Options, OutputFormat, Row, RowError};
use crate::store::{Place, Reader, Snapshot};
use crate::view::{Error, Need, Sink, View};

/// Two syncs, joined, and what changed from one to the other.
#[derive(Debug)]
pub struct Difference<'r> {
    changes: Vec<Change>,
    old: View<'r>,
    new: View<'r>,
}

/// Which of the two syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

impl<'r> Difference<'r> {
    /// `changes` from `old` to `new`, as [`compare`](super::compare) found them.
    #[must_use]
    pub fn new(changes: Vec<Change>, old: Snapshot<'r>, new: Snapshot<'r>) -> Self {
        let need = Need { cells: true, json: false };
        Self { changes, old: View::new(old, need), new: View::new(new, need) }
    }

    /// All changes.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// One side of a change: where its record stands, and the sync that it stands in.
    fn side<'c>(&self, change: &'c Change, side: Side) -> Option<(&View<'r>, Place<'c>)> {
        let (view, place) = match side {
            Side::Old => (&self.old, &change.old),
            Side::New => (&self.new, &change.new),
        };
        Some((view, place.as_ref()?.place()))
    }

    /// The new side, or the old one of what was deleted.
    fn latest<'c>(&self, change: &'c Change) -> Option<(&View<'r>, Place<'c>)> {
        self.side(change, Side::New).or_else(|| self.side(change, Side::Old))
    }

    /// Hands the joined row of the latest side to `write`.
    fn row(&self, change: &Change, write: WriteRow<'_>) -> Result<(), Error> {
        self.latest(change).map_or(Ok(()), |(view, place)| joined(view, change.records, place, write))
    }

    /// Hands the joined row of one side to `write`, if it has one.
    fn row_of(&self, change: &Change, side: Side, write: WriteRow<'_>) -> Result<(), Error> {
        self.side(change, side).map_or(Ok(()), |(view, place)| joined(view, change.records, place, write))
    }
}

/// Writes one row, as [`Format::row`](crate::render::Format::row) does.
type WriteRow<'w> = &'w mut dyn FnMut(&dyn Row) -> Result<Notes, RowError>;

fn joined(view: &View<'_>, records: Records, place: Place<'_>, write: WriteRow<'_>) -> Result<(), Error> {
    let mut sink = Rows { reader: view.snapshot().reader(), write };
    let _ = match records {
        Records::ResourceTypes => view.resource_type_at(place, &mut sink)?,
        Records::Resources => view.resource_at(place, &mut sink)?,
        Records::Entitlements => view.entitlement_at(place, &mut sink)?,
        Records::Grants => view.grant_at(place, &mut sink)?,
    };
    Ok(())
}

/// Hands rows on and notes what was odd about them.
struct Rows<'w> {
    reader: &'w Reader,
    write: WriteRow<'w>,
}

impl Sink for Rows<'_> {
    fn row(&mut self, row: &dyn Row, place: Place<'_>) -> io::Result<ControlFlow<()>> {
        match (self.write)(row) {
            Ok(notes) => note(self.reader, place, notes),
            Err(RowError::Malformed(error)) => self.reader.problems().damaged(place, &error.to_string()),
            Err(RowError::Io(error)) => return Err(error),
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn note(reader: &Reader, place: Place<'_>, notes: Notes) {
    if notes.replaced_text {
        reader.problems().replaced_text(place);
    }
    if notes.kept_payload {
        reader.problems().kept_payload(place);
    }
}

/// How differences are shown.
#[derive(Debug, Clone)]
pub struct Show {
    /// The form.
    pub format: OutputFormat,
    /// Counts by resource type instead of the changes.
    pub stat: bool,
    /// Of tables, csv and tsv.
    pub options: Options,
    /// How many rows a section of Markdown has; without it as many as fit a comment, 0 for all.
    pub max_rows: Option<usize>,
}

impl Show {
    /// Writes what changed. Each form leaves `out` empty when it fails before the first change.
    ///
    /// # Errors
    /// [`Error`]
    pub fn write(&self, out: &mut dyn Write, difference: &Difference<'_>) -> Result<(), Error> {
        let survey = || Survey::of(difference);
        match self.format {
            format if self.stat => stat::write(out, difference, &survey()?, format, &self.options)?,
            OutputFormat::Table | OutputFormat::Wide => {
                let look =
                    lines::Look { wide: self.format == OutputFormat::Wide, colour: self.options.colour };
                access::write(out, difference, &survey()?, look)?;
            }
            OutputFormat::Json => json::write(out, difference)?,
            OutputFormat::Ndjson => ndjson::write(out, difference)?,
            OutputFormat::Csv | OutputFormat::Tsv => {
                flat::write(out, difference, self.format, &self.options)?
            }
            OutputFormat::Md => md::write(out, difference, &survey()?, self.max_rows)?,
            OutputFormat::Name => name::write(out, difference)?,
        }
        Ok(out.flush()?)
    }
}

/// `created`, `deleted`, `modified`.
fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Created => "created",
        Kind::Deleted => "deleted",
        Kind::Modified => "modified",
    }
}

/// One of these records, as machine formats name it.
fn record_word(records: Records) -> &'static str {
    match records {
        Records::ResourceTypes => "resource_type",
        Records::Resources => "resource",
        Records::Entitlements => "entitlement",
        Records::Grants => "grant",
    }
}
