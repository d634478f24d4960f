//! Where a record stands in its file, for those who are told that something is odd about it.

use std::fmt;

use super::pebble;

/// Where a record stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place<'a> {
    /// A row of a SQLite table, or of a list that is none.
    Row {
        /// The table.
        table: &'static str,
        /// The row id in it.
        row: i64,
    },
    /// A row of a Pebble database.
    Key {
        /// Which records these are.
        family: &'static str,
        /// The whole key.
        key: &'a [u8],
    },
}

impl Place<'_> {
    /// The same place, for longer than its record is lent.
    #[must_use]
    pub fn keep(self) -> KeptPlace {
        KeptPlace(match self {
            Place::Row { table, row } => Kept::Row { table, row },
            Place::Key { family, key } => Kept::Key { family, key: key.into() },
        })
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Row { table, row } => write!(f, "{table} row {row}"),
            Place::Key { family, key } => write!(f, "{family} key {}", pebble::shown(key)),
        }
    }
}

/// A [`Place`] that owns what it says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeptPlace(Kept);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kept {
    Row { table: &'static str, row: i64 },
    Key { family: &'static str, key: Box<[u8]> },
}

impl KeptPlace {
    /// The place.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        match &self.0 {
            Kept::Row { table, row } => Place::Row { table, row: *row },
            Kept::Key { family, key } => Place::Key { family, key },
        }
    }

    /// Bytes that it takes beside its own.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.0 {
            Kept::Row { .. } => 0,
            Kept::Key { key, .. } => key.len(),
        }
    }
}
