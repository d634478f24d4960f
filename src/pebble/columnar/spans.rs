//! Blocks of spans: the range deletions of a table.
//!
//! Span i reaches from boundary i up to boundary i + 1 and owns the rows from the first row of boundary i up to that
//! of boundary i + 1. It may own none, and then nothing is deleted there.

use super::{Encoding, Header, Slices, Uints};
use crate::pebble::error::{ErrorKind, Fault, Structure};
use crate::pebble::internal_key::Trailer;

const COLUMNS: &[Encoding] =
    &[Encoding::Slices, Encoding::Uints, Encoding::Uints, Encoding::Slices, Encoding::Slices];
const STRUCTURE: Structure = Structure::RangeDeletions;

/// Where the columns of a block of spans stand.
#[derive(Debug)]
pub(in crate::pebble) struct SpanBlock<'b> {
    block: &'b [u8],
    boundaries: usize,
    rows: usize,
    keys: Slices,
    first_rows: Uints,
    trailers: Uints,
}

/// Range, and trailer of one of its rows.
pub(in crate::pebble) type SpanRow<'b> = (&'b [u8], &'b [u8], Trailer);

impl<'b> SpanBlock<'b> {
    pub(in crate::pebble) fn parse(block: &'b [u8]) -> Result<Self, Fault> {
        let header = Header::parse(block, true, COLUMNS, STRUCTURE)?;
        let boundaries = header.own as usize;
        if boundaries > block.len() {
            let (declared, limit) = (boundaries as u64, block.len() as u64);
            return Err(Fault { at: 0, kind: ErrorKind::TooLarge { structure: STRUCTURE, declared, limit } });
        }
        Ok(Self {
            block,
            boundaries,
            rows: header.rows,
            keys: header.slices(0, boundaries)?,
            first_rows: header.uints(1, boundaries)?,
            trailers: header.uints(2, header.rows)?,
        })
    }

    /// Calls `each` with every row, in order.
    pub(in crate::pebble) fn for_each(
        &self,
        mut each: impl FnMut(SpanRow<'b>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let malformed = |detail| Fault::malformed(STRUCTURE, 0, detail);
        let mut first = 0;
        if self.boundaries > 0 && self.first_rows.get(self.block, 0) != Some(0) {
            return Err(malformed("a row belongs to no span"));
        }
        for boundary in 1..self.boundaries {
            let keys = self.keys.get(self.block, boundary - 1).zip(self.keys.get(self.block, boundary));
            let (start, end) = keys.ok_or_else(|| malformed("a boundary is outside of its column"))?;
            let end_row = self.first_rows.get(self.block, boundary).and_then(|row| usize::try_from(row).ok());
            let end_row = end_row.filter(|row| (first..=self.rows).contains(row));
            let end_row = end_row.ok_or_else(|| malformed("the rows of a span are outside"))?;
            for row in first..end_row {
                let trailer = self.trailers.get(self.block, row).map(Trailer::new);
                each((start, end, trailer.ok_or_else(|| malformed("a row is outside"))?))?;
            }
            first = end_row;
        }
        match first == self.rows {
            true => Ok(()),
            false => Err(malformed("a row belongs to no span")),
        }
    }
}
