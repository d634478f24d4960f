//! Data blocks: rows as columns.

use std::cmp::Ordering;
use std::ops::Range;

use super::prefixes::Assembly;
use super::{Bools, Encoding, Header, Prefixes, Slices, Uints};
use crate::pebble::error::{Fault, Structure};
use crate::pebble::internal_key::Trailer;

const COLUMNS: &[Encoding] = &[
    Encoding::Prefixes,
    Encoding::Slices,
    Encoding::Uints,
    Encoding::Bools,
    Encoding::Slices,
    Encoding::Bools,
    Encoding::Bools,
];

/// Where the columns of a data block stand.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::pebble) struct ColumnBlock {
    rows: usize,
    keys: Prefixes,
    trailers: Uints,
    values: Slices,
    external: Bools,
    obsolete: Bools,
}

impl ColumnBlock {
    pub(in crate::pebble) fn parse(block: &[u8]) -> Result<Self, Fault> {
        let header = Header::parse(block, true, COLUMNS, Structure::DataBlock)?;
        let rows = header.rows;
        let suffixes = header.slices(1, rows)?;
        let last = rows.checked_sub(1);
        let all = last.map_or(Some(0..0), |last| {
            Some(suffixes.range(block, 0)?.start..suffixes.range(block, last)?.end)
        });
        // The comparer knows no suffixes, so the key schema puts nothing there.
        if all.is_none_or(|range| !range.is_empty()) {
            return Err(Fault::malformed(Structure::DataBlock, 0, "a key has a suffix"));
        }
        // Says where keys change, which the keys say themselves.
        header.bools(3)?;
        Ok(Self {
            rows,
            keys: header.prefixes(0)?,
            trailers: header.uints(2, rows)?,
            values: header.slices(4, rows)?,
            external: header.bools(5)?,
            obsolete: header.bools(6)?,
        })
    }

    pub(in crate::pebble) fn len(&self) -> usize {
        self.rows
    }

    pub(in crate::pebble) fn compare(&self, block: &[u8], row: usize, key: &[u8]) -> Option<Ordering> {
        self.keys.compare(block, row, key)
    }

    pub(in crate::pebble) fn place(&self, block: &[u8], row: usize, assembly: &mut Assembly) -> Option<()> {
        self.keys.place(block, row, assembly)
    }

    #[inline(always)]
    pub(in crate::pebble) fn step(&self, block: &[u8], row: usize, assembly: &mut Assembly) -> Option<bool> {
        self.keys.step(block, row, assembly)
    }

    #[inline(always)]
    pub(in crate::pebble) fn trailer(&self, block: &[u8], row: usize) -> Option<Trailer> {
        self.trailers.get(block, row).map(Trailer::new)
    }

    #[inline(always)]
    pub(in crate::pebble) fn is_obsolete(&self, block: &[u8], row: usize) -> bool {
        self.obsolete.get(block, row)
    }

    #[inline(always)]
    pub(in crate::pebble) fn is_external(&self, block: &[u8], row: usize) -> bool {
        self.external.get(block, row)
    }

    #[inline(always)]
    pub(in crate::pebble) fn value(&self, block: &[u8], row: usize) -> Option<Range<usize>> {
        self.values.range(block, row)
    }
}
