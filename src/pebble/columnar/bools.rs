//! Columns of truth values.
//!
//! ```text
//! bools := 1                                        all are false
//!        | 0  padding to 8  word(8)…  summary(8)…   bit i of word j is row 64 j + i; the summary is not read
//! ```

use super::Column;
use crate::pebble::error::Fault;

/// A column of truth values; None when all are false.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bools {
    words: Option<usize>,
}

impl Bools {
    pub(super) fn parse(column: &mut Column<'_>, rows: usize) -> Result<Self, Fault> {
        if rows == 0 {
            return Ok(Self::default());
        }
        match column.u8()? {
            0 => {
                column.align(8)?;
                Ok(Self { words: Some(column.skip(rows.div_ceil(64) * 8)?) })
            }
            1 => Ok(Self { words: None }),
            _ => Err(column.malformed("truth values have an impossible encoding")),
        }
    }

    #[inline(always)]
    pub(super) fn get(&self, block: &[u8], row: usize) -> bool {
        // A little-endian word has its bits in the order of its bytes.
        self.words
            .is_some_and(|words| block.get(words + row / 8).is_some_and(|byte| byte >> (row % 8) & 1 != 0))
    }
}
