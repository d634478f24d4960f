//! Index blocks: separators and handles.

use super::{Encoding, Header, Slices, Uints};
use crate::pebble::block::Handle;
use crate::pebble::error::{Fault, Structure};

const COLUMNS: &[Encoding] = &[Encoding::Slices, Encoding::Uints, Encoding::Uints, Encoding::Slices];

/// Where the columns of an index block stand.
#[derive(Debug)]
pub(in crate::pebble) struct IndexBlock<'b> {
    block: &'b [u8],
    rows: usize,
    separators: Slices,
    offsets: Uints,
    lengths: Uints,
}

impl<'b> IndexBlock<'b> {
    pub(in crate::pebble) fn parse(block: &'b [u8]) -> Result<Self, Fault> {
        let header = Header::parse(block, false, COLUMNS, Structure::Index)?;
        let rows = header.rows;
        Ok(Self {
            block,
            rows,
            separators: header.slices(0, rows)?,
            offsets: header.uints(1, rows)?,
            lengths: header.uints(2, rows)?,
        })
    }

    /// Calls `each` with every separator and its handle, in order.
    pub(in crate::pebble) fn for_each(
        &self,
        mut each: impl FnMut(&'b [u8], Handle) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for row in 0..self.rows {
            let handle = || {
                let (offset, length) =
                    (self.offsets.get(self.block, row)?, self.lengths.get(self.block, row)?);
                Some((self.separators.get(self.block, row)?, Handle { offset, length }))
            };
            let outside = || Fault::malformed(Structure::Index, 0, "a separator is outside of its column");
            let (separator, handle) = handle().ok_or_else(outside)?;
            each(separator, handle)?;
        }
        Ok(())
    }
}
