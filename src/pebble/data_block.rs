//! A data block of either kind, and walking over its rows.

use std::cmp::Ordering;
use std::ops::Range;

use super::columnar::{Assembly, ColumnBlock};
use super::error::Fault;
use super::internal_key::Trailer;
use super::row_block::RowBlock;

/// A data block; its bytes are kept elsewhere, and handed in. None means that they contradict the format.
#[derive(Debug)]
pub(super) enum DataBlock {
    Rows(RowBlock),
    Columns(ColumnBlock),
}

impl DataBlock {
    /// A block without rows, for tables of this kind.
    pub(super) fn empty(columnar: bool) -> Self {
        if columnar { Self::Columns(ColumnBlock::default()) } else { Self::Rows(RowBlock::default()) }
    }

    /// Reads a block in the place of what was here.
    pub(super) fn parse(&mut self, block: &[u8], format: u32) -> Result<(), Fault> {
        match self {
            Self::Rows(rows) => rows.parse(block, format)?,
            Self::Columns(columns) => *columns = ColumnBlock::parse(block)?,
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Columns(columns) => columns.len(),
        }
    }

    /// Bytes held besides those of the block.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.held(),
            Self::Columns(_) => 0,
        }
    }

    pub(super) fn compare(&self, block: &[u8], row: usize, key: &[u8]) -> Option<Ordering> {
        match self {
            Self::Rows(rows) => rows.compare(row, key),
            Self::Columns(columns) => columns.compare(block, row, key),
        }
    }

    /// Puts the key of `row` together.
    pub(super) fn place(&self, block: &[u8], row: usize, assembly: &mut Assembly) -> Option<()> {
        match self {
            Self::Rows(rows) => {
                assembly.key.clear();
                assembly.key.extend_from_slice(rows.key(row)?);
                Some(())
            }
            Self::Columns(columns) => columns.place(block, row, assembly),
        }
    }

    /// Turns the key of the row before `row` into that of `row`; gives whether they differ.
    #[inline(always)]
    pub(super) fn step(&self, block: &[u8], row: usize, assembly: &mut Assembly) -> Option<bool> {
        match self {
            Self::Rows(rows) => {
                let key = rows.key(row)?;
                if *assembly.key == *key {
                    return Some(false);
                }
                assembly.key.clear();
                assembly.key.extend_from_slice(key);
                Some(true)
            }
            Self::Columns(columns) => columns.step(block, row, assembly),
        }
    }

    #[inline(always)]
    pub(super) fn trailer(&self, block: &[u8], row: usize) -> Option<Trailer> {
        match self {
            Self::Rows(rows) => rows.trailer(row),
            Self::Columns(columns) => columns.trailer(block, row),
        }
    }

    /// Whether the row counts for nothing: a newer one or a range deletion of the same table hides it.
    #[inline(always)]
    pub(super) fn is_obsolete(&self, block: &[u8], row: usize) -> bool {
        match self {
            Self::Rows(rows) => rows.is_obsolete(row),
            Self::Columns(columns) => columns.is_obsolete(block, row),
        }
    }

    /// Whether the value lies outside of the block.
    #[inline(always)]
    pub(super) fn is_external(&self, block: &[u8], row: usize) -> bool {
        match self {
            Self::Rows(rows) => rows.is_external(row),
            Self::Columns(columns) => columns.is_external(block, row),
        }
    }

    /// Where the value stands in the block.
    #[inline(always)]
    pub(super) fn value(&self, block: &[u8], row: usize) -> Option<Range<usize>> {
        match self {
            Self::Rows(rows) => rows.value(row),
            Self::Columns(columns) => columns.value(block, row),
        }
    }

    /// The first of the rows from `low` up to `high` that is not below `bound`; `high` if all are.
    pub(super) fn search(&self, block: &[u8], low: usize, high: usize, bound: Bound<'_>) -> Option<usize> {
        let (mut low, mut high) = (low, high);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.is_below(block, middle, bound)? {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Some(low)
    }

    /// The same, for a bound that may be close to `low`, or beyond `high`.
    pub(super) fn gallop(&self, block: &[u8], low: usize, high: usize, bound: Bound<'_>) -> Option<usize> {
        let Some(last) = high.checked_sub(1).filter(|last| low <= *last) else { return Some(high) };
        if !self.is_below(block, low, bound)? {
            return Some(low);
        }
        if self.is_below(block, last, bound)? {
            return Some(high);
        }
        let (mut low, mut step) = (low, 1);
        while low + step < last {
            if !self.is_below(block, low + step, bound)? {
                return self.search(block, low + 1, low + step, bound);
            }
            low += step;
            step *= 2;
        }
        self.search(block, low + 1, last, bound)
    }

    fn is_below(&self, block: &[u8], row: usize, bound: Bound<'_>) -> Option<bool> {
        let order = self.compare(block, row, bound.key)?;
        Some(order == Ordering::Less || bound.inclusive && order == Ordering::Equal)
    }
}

/// Where a range of keys ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound<'a> {
    pub(super) key: &'a [u8],
    /// Whether the key itself is still inside.
    pub(super) inclusive: bool,
}

impl<'a> Bound<'a> {
    pub(super) fn below(key: &'a [u8]) -> Self {
        Self { key, inclusive: false }
    }
}
