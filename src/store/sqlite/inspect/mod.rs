//! Looking at the database below its records, and reading what is left of a damaged one.

mod layout;
mod pages;
mod records;
mod sound;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;

use rusqlite::types::ValueRef;

use super::super::lost::Lost;
use super::super::sync::{SyncRun, parse_stats};
use super::schema::Table;
use crate::c1z::Image;
use crate::model::time::Instant;
use layout::Layout;
use pages::{Pages, Walk};
pub(crate) use records::Judge;
pub use records::RowFault;
pub use sound::DatabaseFault;

/// The tables of a database that may be damaged.
pub struct Tables {
    image: Bytes,
    layouts: Vec<Layout>,
    facts: Vec<TableFacts>,
    runs: Vec<SyncRun>,
    wrong: Vec<Lost>,
}

/// The bytes of a database: its own, or, for SQLite to read in place, lent for good.
enum Bytes {
    Owned(Image),
    Lent(&'static [u8]),
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFacts {
    /// Its name: one of the seven `v1_` tables.
    pub name: &'static str,
    /// Its columns, `id` included, in their order.
    pub columns: Vec<String>,
}

/// A row, as it stands in a table.
#[derive(Debug)]
pub struct RawRow<'a> {
    /// Its row id.
    pub id: i64,
    /// Its values, in the order of [`TableFacts::columns`].
    pub values: &'a [ValueRef<'a>],
    /// Where it stands in the database, in bytes.
    pub offset: u64,
}

impl Tables {
    /// The tables in `image`, which may be damaged or cut off.
    pub(crate) fn open(image: Image) -> Self {
        let (layouts, wrong) = match Pages::of(&image) {
            Some(pages) => layout::read(pages),
            None => (Vec::new(), Vec::new()),
        };
        let facts = layouts.iter().map(|layout| TableFacts {
            name: layout.name,
            columns: layout.columns.iter().map(|column| column.name.clone()).collect(),
        });
        let facts = facts.collect();
        let image = match image.len() > super::connection::COPIED {
            true => Bytes::Lent(image.lend()),
            false => Bytes::Owned(image),
        };
        let mut tables = Self { image, layouts, facts, runs: Vec::new(), wrong };
        tables.runs = tables.read_runs();
        tables
    }

    /// The tables of ours that are there, and can be read at all.
    #[must_use]
    pub fn tables(&self) -> &[TableFacts] {
        &self.facts
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableFacts> {
        self.facts.iter().find(|table| table.name == name)
    }

    /// The sync runs that can be read.
    #[must_use]
    pub fn runs(&self) -> &[SyncRun] {
        &self.runs
    }

    /// Hands every row of a table that can be read to `f`, in the order of row ids. What could not be read is returned.
    pub fn rows(&self, table: &TableFacts, f: &mut dyn FnMut(&RawRow<'_>)) -> Vec<Lost> {
        let layout = self.layouts.iter().find(|layout| layout.name == table.name);
        let Some((layout, pages)) = layout.zip(Pages::of(&self.image)) else { return Vec::new() };
        let mut damaged = Vec::new();
        let mut lost = Walk::new(pages, layout.name).rows(layout.root, &mut |leaf| {
            let Some(mut values) = values::values(leaf.payload) else {
                return damaged.push(Lost {
                    place: format!("{} row {}", layout.name, leaf.row),
                    offset: Some(leaf.offset),
                    message: "its values do not fit into it".into(),
                });
            };
            for column in layout.columns.iter().skip(values.len()) {
                values.push(ValueRef::from(&column.default));
            }
            values.truncate(layout.columns.len());
            for (value, column) in values.iter_mut().zip(&layout.columns) {
                if column.row_id {
                    *value = ValueRef::Integer(leaf.row);
                }
            }
            f(&RawRow { id: leaf.row, values: &values, offset: leaf.offset });
        });
        lost.extend(damaged);
        lost
    }

    /// What is wrong with the schema.
    pub(crate) fn wrong(&self) -> &[Lost] {
        &self.wrong
    }

    /// Columns that every release has written, and that a table lacks.
    pub(crate) fn missing_columns(&self) -> Vec<(&'static str, &'static str)> {
        let tables = Table::ALL.into_iter().filter_map(|table| Some((table, self.table(table.name())?)));
        let lacks = tables.flat_map(|(table, facts)| {
            let has = |name: &str| facts.columns.iter().any(|column| column.eq_ignore_ascii_case(name));
            let missing = table.required().iter().filter(move |name| !has(name));
            missing.map(move |name| (table.name(), *name))
        });
        lacks.collect()
    }

    fn bytes(&self) -> &[u8] {
        &self.image
    }

    fn read_runs(&self) -> Vec<SyncRun> {
        let Some(table) = self.table("v1_sync_runs") else { return Vec::new() };
        let place = |name: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        let places = [
            "sync_id",
            "started_at",
            "ended_at",
            "sync_token",
            "sync_type",
            "parent_sync_id",
            "stats",
            "grants_backfilled",
        ]
        .map(place);
        let mut runs = Vec::new();
        self.rows(table, &mut |row| {
            let [id, started, ended, token, kind, parent, stats, backfilled] =
                places.map(|place| place.and_then(|place| row.values.get(place)).copied());
            let text = |value: Option<ValueRef<'_>>| match value {
                Some(ValueRef::Text(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
                _ => None,
            };
            let ended = text(ended);
            runs.push(SyncRun {
                id: text(id).unwrap_or_default(),
                started_at: text(started).as_deref().and_then(Instant::parse),
                ended_at: ended.as_deref().and_then(Instant::parse),
                finished: ended.is_some(),
                token: text(token).unwrap_or_default(),
                kind: text(kind).unwrap_or_else(|| super::super::sync::FULL.into()),
                parent_id: text(parent).unwrap_or_default(),
                stats: text(stats).as_deref().and_then(parse_stats),
                backfilled: matches!(backfilled, Some(ValueRef::Integer(flag)) if flag != 0),
            });
        });
        runs
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(image) => image,
            Self::Lent(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("facts", &self.facts).finish_non_exhaustive()
    }
}
