//! Walking records, whichever engine they come from.

use super::Error;
use super::record::{Entitlements, Grants, ResourceTypes, Resources};
use super::{pebble, sqlite};

/// A kind of record that both engines read.
#[expect(private_bounds, reason = "the kinds of records are known")]
pub(crate) trait Read: sqlite::ReadRow + pebble::Translate {}

impl Read for ResourceTypes {}
impl Read for Resources {}
impl Read for Entitlements {}
impl Read for Grants {}

/// A prepared scan over one kind of record; [`Scan::rows`] walks it.
#[derive(Debug)]
#[expect(private_bounds, reason = "the kinds of records are known")]
pub struct Scan<'r, F: Read>(Prepared<'r, F>);

#[derive(Debug)]
enum Prepared<'r, F: Read> {
    Sqlite(sqlite::Scan<'r, F>),
    Pebble(pebble::Scan<'r, F>),
}

#[expect(private_bounds, reason = "the kinds of records are known")]
impl<'r, F: Read> Scan<'r, F> {
    pub(super) fn sqlite(scan: sqlite::Scan<'r, F>) -> Self {
        Self(Prepared::Sqlite(scan))
    }

    pub(super) fn pebble(scan: pebble::Scan<'r, F>) -> Self {
        Self(Prepared::Pebble(scan))
    }

    /// Starts the walk at the first record.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when SQLite refuses.
    pub fn rows(&mut self) -> Result<Cursor<'_, F>, Error> {
        Ok(Cursor(match &mut self.0 {
            Prepared::Sqlite(scan) => Walk::Sqlite(scan.rows()?),
            Prepared::Pebble(scan) => Walk::Pebble(scan.rows()),
        }))
    }
}

/// A walk over records, in storage order. Rows that cannot be read are passed over and remembered.
#[derive(Debug)]
#[expect(private_bounds, reason = "the kinds of records are known")]
pub struct Cursor<'s, F: Read>(Walk<'s, F>);

#[derive(Debug)]
enum Walk<'s, F: Read> {
    Sqlite(sqlite::Cursor<'s, F>),
    Pebble(pebble::Cursor<'s, F>),
}

#[expect(private_bounds, reason = "the kinds of records are known")]
impl<F: Read> Cursor<'_, F> {
    /// Hands the next record to `f`; `None` after the last one.
    ///
    /// The record is lent for the call only.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn next<R>(&mut self, f: impl FnOnce(F::Record<'_>) -> R) -> Result<Option<R>, Error> {
        match &mut self.0 {
            Walk::Sqlite(cursor) => cursor.next(f),
            Walk::Pebble(cursor) => cursor.next(f),
        }
    }
}
