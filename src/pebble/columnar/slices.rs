//! Columns of byte strings.
//!
//! ```text
//! slices := (nothing, if there are none)
//!         | uints of n + 1 offsets  data        slice i is data[offset i .. offset i + 1]
//! ```

use std::ops::Range;

use super::{Column, Uints};
use crate::pebble::error::Fault;

/// A column of byte strings.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::pebble) struct Slices {
    offsets: Uints,
    data: usize,
    end: usize,
}

impl Slices {
    pub(super) fn parse(column: &mut Column<'_>, count: usize) -> Result<Self, Fault> {
        if count == 0 {
            return Ok(Self::default());
        }
        let offsets = Uints::parse_offsets(column, count + 1)?;
        Ok(Self { offsets, data: column.at, end: column.bytes.len() })
    }

    /// Where slice `row` stands in the block; None when the offsets are no range of the column.
    #[inline(always)]
    pub(in crate::pebble) fn range(&self, block: &[u8], row: usize) -> Option<Range<usize>> {
        let start = self.data + self.offsets.offset(block, row)?;
        let end = self.data + self.offsets.offset(block, row + 1)?;
        (start <= end && end <= self.end).then_some(start..end)
    }

    #[inline(always)]
    pub(in crate::pebble) fn get<'b>(&self, block: &'b [u8], row: usize) -> Option<&'b [u8]> {
        block.get(self.range(block, row)?)
    }
}
