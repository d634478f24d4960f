//! Columns of sorted keys that share prefixes.
//!
//! ```text
//! prefixes := shift(1)  uints of rows + bundles + 1 offsets  data       bundles of 2^shift rows; shift is 4
//!
//! data     := block prefix   bundle prefix, suffix, suffix, …   bundle prefix, suffix, …
//!             ^0        ^offset 0      ^offset 1                 each ends at the next offset
//!
//! key      := block prefix, prefix of its bundle, its suffix
//! ```
//!
//! A row that is not the first of its bundle and has an empty suffix has the key of the row before it.

use std::cmp::Ordering;

use super::{Column, Uints};
use crate::pebble::error::Fault;

/// Bundles of more rows than two to this are refused: the key of a row may have to be looked for through all of them.
const MAX_SHIFT: u8 = 6;

/// A column of sorted keys.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Prefixes {
    offsets: Uints,
    shift: u8,
    data: usize,
    end: usize,
    prefix_end: usize,
}

/// Where a key is put together.
#[derive(Debug, Default)]
pub(in crate::pebble) struct Assembly {
    pub(in crate::pebble) key: Vec<u8>,
    /// Length of the part that all keys of the bundle have.
    stem: usize,
}

impl Assembly {
    /// Whether this is the part of the key behind the stem. Neighbours mostly differ in their last byte.
    #[inline(always)]
    fn ends_with(&self, suffix: &[u8]) -> bool {
        self.key.last() == suffix.last() && self.key.get(self.stem..) == Some(suffix)
    }
}

impl Prefixes {
    pub(super) fn parse(column: &mut Column<'_>, rows: usize) -> Result<Self, Fault> {
        let Some(last) = rows.checked_sub(1) else { return Ok(Self::default()) };
        let shift = column.u8()?;
        if shift > MAX_SHIFT {
            return Err(column.malformed("bundles of keys are too large"));
        }
        let bundles = 1 + (last >> shift);
        let offsets = Uints::parse_offsets(column, rows + bundles + 1)?;
        let (data, end) = (column.at, column.bytes.len());
        let block_prefix = offsets.offset(column.bytes, 0).map(|length| data + length);
        let prefix_end = block_prefix.filter(|prefix_end| *prefix_end <= end);
        let prefix_end = prefix_end.ok_or_else(|| column.malformed("the prefix of all keys is outside"))?;
        Ok(Self { offsets, shift, data, end, prefix_end })
    }

    #[inline(always)]
    fn slice<'b>(&self, block: &'b [u8], index: usize) -> Option<&'b [u8]> {
        let start = self.data + self.offsets.offset(block, index)?;
        let end = self.data + self.offsets.offset(block, index + 1)?;
        if end > self.end { None } else { block.get(start..end) }
    }

    fn block_prefix<'b>(&self, block: &'b [u8]) -> Option<&'b [u8]> {
        block.get(self.data..self.prefix_end)
    }

    fn bundle_prefix<'b>(&self, block: &'b [u8], bundle: usize) -> Option<&'b [u8]> {
        self.slice(block, (bundle << self.shift) + bundle)
    }

    #[inline(always)]
    fn suffix<'b>(&self, block: &'b [u8], row: usize) -> Option<&'b [u8]> {
        self.slice(block, row + (row >> self.shift) + 1)
    }

    #[inline(always)]
    fn starts_bundle(&self, row: usize) -> bool {
        row & ((1 << self.shift) - 1) == 0
    }

    /// The suffix of the key of `row`, which may stand with a row before it.
    fn own_suffix<'b>(&self, block: &'b [u8], row: usize) -> Option<&'b [u8]> {
        let mut row = row;
        loop {
            let suffix = self.suffix(block, row)?;
            if !suffix.is_empty() || self.starts_bundle(row) {
                return Some(suffix);
            }
            row -= 1;
        }
    }

    fn parts<'b>(&self, block: &'b [u8], row: usize) -> Option<[&'b [u8]; 3]> {
        let bundle = self.bundle_prefix(block, row >> self.shift)?;
        Some([self.block_prefix(block)?, bundle, self.own_suffix(block, row)?])
    }

    /// Compares the key of `row` with `key`.
    pub(super) fn compare(&self, block: &[u8], row: usize, key: &[u8]) -> Option<Ordering> {
        let mut rest = key;
        for part in self.parts(block, row)? {
            let (head, tail) = rest.split_at(part.len().min(rest.len()));
            match part.cmp(head) {
                Ordering::Equal => rest = tail,
                unequal => return Some(unequal),
            }
        }
        Some(if rest.is_empty() { Ordering::Equal } else { Ordering::Less })
    }

    /// Puts the key of `row` together.
    pub(super) fn place(&self, block: &[u8], row: usize, assembly: &mut Assembly) -> Option<()> {
        let [block_prefix, bundle, suffix] = self.parts(block, row)?;
        assembly.key.clear();
        assembly.key.extend_from_slice(block_prefix);
        assembly.key.extend_from_slice(bundle);
        assembly.stem = assembly.key.len();
        assembly.key.extend_from_slice(suffix);
        Some(())
    }

    /// Turns the key of the row before `row` into that of `row`; gives whether they differ.
    #[inline(always)]
    pub(super) fn step(&self, block: &[u8], row: usize, assembly: &mut Assembly) -> Option<bool> {
        if self.starts_bundle(row) {
            return self.step_into_bundle(block, row, assembly);
        }
        let suffix = self.suffix(block, row)?;
        if suffix.is_empty() || assembly.ends_with(suffix) {
            return Some(false);
        }
        assembly.key.truncate(assembly.stem);
        assembly.key.extend_from_slice(suffix);
        Some(true)
    }

    fn step_into_bundle(&self, block: &[u8], row: usize, assembly: &mut Assembly) -> Option<bool> {
        let order = self.compare(block, row, &assembly.key)?;
        self.place(block, row, assembly)?;
        (order != Ordering::Less).then_some(order == Ordering::Greater)
    }
}
