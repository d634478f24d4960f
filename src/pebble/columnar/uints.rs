//! Columns of unsigned numbers.
//!
//! ```text
//! uints := (nothing, if there are no rows)
//!        | encoding(1)  [base(8)]  padding  number(w)…
//!
//!   encoding   7      base is there and is added to every number, wrapping
//!              6…0    width w of a number: 0, 1, 2, 4 or 8 bytes; of 0 bytes, all are 0
//! ```

use super::Column;
use crate::pebble::error::Fault;

const BASE: u8 = 0x80;

/// A column of numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::pebble) struct Uints {
    base: u64,
    width: u8,
    start: usize,
}

impl Uints {
    pub(super) fn parse(column: &mut Column<'_>, count: usize) -> Result<Self, Fault> {
        if count == 0 {
            return Ok(Self::default());
        }
        let encoding = column.u8()?;
        let width = encoding & !BASE;
        if !matches!(width, 0 | 1 | 2 | 4 | 8) {
            return Err(column.malformed("numbers have an impossible width"));
        }
        let base = if encoding & BASE != 0 { column.u64()? } else { 0 };
        if width > 0 {
            column.align(usize::from(width))?;
        }
        let length = count.checked_mul(usize::from(width)).ok_or_else(|| column.cut())?;
        let start = column.skip(length)?;
        Ok(Self { base, width, start })
    }

    /// Numbers that are offsets: without a base, and of at most 32 bits.
    pub(super) fn parse_offsets(column: &mut Column<'_>, count: usize) -> Result<Self, Fault> {
        let offsets = Self::parse(column, count)?;
        match offsets.base == 0 && offsets.width <= 4 {
            true => Ok(offsets),
            false => Err(column.malformed("offsets have an impossible encoding")),
        }
    }

    #[inline(always)]
    fn stored(&self, block: &[u8], row: usize) -> Option<u64> {
        let width = usize::from(self.width);
        let bytes = block.get(self.start + row * width..)?;
        Some(match self.width {
            0 => 0,
            1 => u64::from(*bytes.first()?),
            2 => u64::from(u16::from_le_bytes(*bytes.first_chunk()?)),
            4 => u64::from(u32::from_le_bytes(*bytes.first_chunk()?)),
            _ => u64::from_le_bytes(*bytes.first_chunk()?),
        })
    }

    #[inline(always)]
    pub(in crate::pebble) fn get(&self, block: &[u8], row: usize) -> Option<u64> {
        self.stored(block, row).map(|stored| stored.wrapping_add(self.base))
    }

    #[inline(always)]
    pub(super) fn offset(&self, block: &[u8], row: usize) -> Option<usize> {
        self.stored(block, row).map(|stored| stored as usize)
    }
}
