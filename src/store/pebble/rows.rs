//! The rows that a path leads to, in the order of their keys.

use super::keys::{Space, target};
use super::query::{Path, Range};
use crate::pebble::{Database, Error, Scan};

/// A walk along a path.
#[derive(Debug)]
pub(super) struct Rows<'d> {
    database: &'d Database<'static>,
    path: &'d Path,
    /// The next range or key of the path.
    next: usize,
    scan: Option<Scan<'d>>,
    key: Vec<u8>,
}

impl<'d> Rows<'d> {
    pub(super) fn new(database: &'d Database<'static>, path: &'d Path) -> Self {
        Self { database, path, next: 0, scan: None, key: Vec::new() }
    }

    /// Hands the key and the value of the next row to `f`; `None` after the last one.
    pub(super) fn next<R>(&mut self, f: impl FnOnce(&[u8], &[u8]) -> R) -> Result<Option<R>, Error> {
        match self.path {
            Path::Ranges(ranges) => self.next_of_ranges(ranges, f),
            Path::Index(index, range) => self.next_of_index(*index, range, f),
            Path::Keys(keys) => self.next_of_keys(keys, f),
        }
    }

    fn next_of_ranges<R>(
        &mut self,
        ranges: &[Range],
        f: impl FnOnce(&[u8], &[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        loop {
            if let Some(scan) = &mut self.scan
                && let Some((key, value)) = scan.next()?
            {
                return Ok(Some(f(key, value)));
            }
            let Some(range) = ranges.get(self.next) else { return Ok(None) };
            self.next += 1;
            self.scan = Some(self.database.scan(&range.lower, range.upper.as_deref()));
        }
    }

    /// A row that leads to no record is passed over.
    fn next_of_index<R>(
        &mut self,
        index: Space,
        range: &Range,
        f: impl FnOnce(&[u8], &[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        let scan = self.scan.get_or_insert_with(|| self.database.scan(&range.lower, range.upper.as_deref()));
        while let Some((row, _)) = scan.next()? {
            if target(index, row, &mut self.key)
                && let Some(value) = self.database.get(&self.key)?
            {
                return Ok(Some(f(&self.key, &value)));
            }
        }
        Ok(None)
    }

    fn next_of_keys<R>(
        &mut self,
        keys: &[Vec<u8>],
        f: impl FnOnce(&[u8], &[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        while let Some(key) = keys.get(self.next) {
            self.next += 1;
            if let Some(value) = self.database.get(key)? {
                return Ok(Some(f(key, &value)));
            }
        }
        Ok(None)
    }
}
