//! Columnar blocks: everything in tables of the formats 5 to 7 but the properties of 5 and 6 and the metaindex of 5.
//!
//! ```text
//! block  := own(0 or 4)  version(1) = 1  columns(2)  rows(4)  entry(5)…  column…  00       numbers are little-endian
//! entry  := type(1)  offset(4)                  one for each column; a column ends where the next one starts
//!
//!   own      data blocks: length of the longest key; blocks of spans: number of boundaries; others: nothing
//!   type     1 bools   2 uints   3 slices   4 prefixes, the four encodings of the modules here
//!   offset   from the start of the block, its own header included
//! ```
//!
//! Numbers are aligned to their width, counted from the start of the block; the padding lies inside the column.
//!
//! | block | columns |
//! |---|---|
//! | data | keys (prefixes), suffixes (slices, all empty), trailers (uints), new prefix (bools, not read), values (slices), value is elsewhere (bools), row is obsolete (bools) |
//! | index | separators (slices), offsets (uints), lengths (uints), block properties (slices, not read) |
//! | spans | boundaries (slices), first row of each boundary (uints), and for each row: trailer (uints), suffix (slices), value (slices) |
//! | pairs | keys (slices), values (slices) |
//!
//! A block is described by numbers that say where things stand in its bytes; whoever asks brings the bytes along.

mod bools;
mod data;
mod index;
mod pairs;
mod prefixes;
mod slices;
mod spans;
mod uints;

use super::MAX_ROWS;
use super::bytes::Reader;
use super::error::{ErrorKind, Fault, Structure};

use bools::Bools;
pub(super) use data::ColumnBlock;
pub(super) use index::IndexBlock;
pub(super) use pairs::Pairs;
pub(super) use prefixes::Assembly;
use prefixes::Prefixes;
use slices::Slices;
pub(super) use spans::SpanBlock;
use uints::Uints;

const VERSION: u8 = 1;
const ENTRY: usize = 5;

/// Which encoding a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Encoding {
    Bools = 1,
    Uints = 2,
    Slices = 3,
    Prefixes = 4,
}

/// The header of a columnar block.
#[derive(Debug)]
struct Header<'b> {
    block: &'b [u8],
    /// The block's own number, if it has one.
    own: u32,
    rows: usize,
    entries: usize,
    columns: &'static [Encoding],
    structure: Structure,
}

impl<'b> Header<'b> {
    /// Reads the header of a block that must have these columns.
    fn parse(
        block: &'b [u8],
        has_own: bool,
        columns: &'static [Encoding],
        structure: Structure,
    ) -> Result<Self, Fault> {
        let mut reader = Reader::new(block, structure);
        let own = if has_own { reader.u32()? } else { 0 };
        if reader.u8()? != VERSION {
            return Err(reader.malformed("its version is not 1"));
        }
        if usize::from(reader.u16()?) != columns.len() {
            return Err(reader.malformed("it has another number of columns"));
        }
        let at = reader.position();
        let rows = reader.u32()? as usize;
        // Rows of one key differ in their trailers and others in their keys, so each takes a byte at least.
        let limit = MAX_ROWS.min(block.len());
        if rows > limit {
            let kind = ErrorKind::TooLarge { structure, declared: rows as u64, limit: limit as u64 };
            return Err(Fault { at, kind });
        }
        Ok(Self { block, own, rows, entries: reader.position(), columns, structure })
    }

    fn entry(&self, index: usize) -> Result<(u8, usize), Fault> {
        let mut reader = Reader::starting(self.block, self.entries + ENTRY * index, self.structure);
        Ok((reader.u8()?, reader.u32()? as usize))
    }

    /// The column `index`, from its start to its end.
    fn column(&self, index: usize) -> Result<Column<'b>, Fault> {
        let (encoding, start) = self.entry(index)?;
        let at = self.entries + ENTRY * index;
        let malformed = |detail| Err(Fault::malformed(self.structure, at, detail));
        if self.columns.get(index).is_none_or(|expected| *expected as u8 != encoding) {
            return malformed("a column has another type");
        }
        let end = match index + 1 < self.columns.len() {
            true => self.entry(index + 1)?.1,
            false => self.block.len().saturating_sub(1),
        };
        if start < self.entries + ENTRY * self.columns.len() || start > end || end >= self.block.len() {
            return malformed("a column has no place in its block");
        }
        let bytes = self.block.get(..end).unwrap_or_default();
        Ok(Column { bytes, at: start, structure: self.structure })
    }

    fn bools(&self, index: usize) -> Result<Bools, Fault> {
        Bools::parse(&mut self.column(index)?, self.rows)
    }

    fn uints(&self, index: usize, count: usize) -> Result<Uints, Fault> {
        Uints::parse(&mut self.column(index)?, count)
    }

    fn slices(&self, index: usize, count: usize) -> Result<Slices, Fault> {
        Slices::parse(&mut self.column(index)?, count)
    }

    fn prefixes(&self, index: usize) -> Result<Prefixes, Fault> {
        Prefixes::parse(&mut self.column(index)?, self.rows)
    }
}

/// The bytes of a block up to the end of a column, and how far they are read.
struct Column<'b> {
    bytes: &'b [u8],
    at: usize,
    structure: Structure,
}

impl Column<'_> {
    fn cut(&self) -> Fault {
        Fault::cut(self.structure, self.at)
    }

    fn malformed(&self, detail: &'static str) -> Fault {
        Fault::malformed(self.structure, self.at, detail)
    }

    fn u8(&mut self) -> Result<u8, Fault> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.cut())?;
        self.at += 1;
        Ok(byte)
    }

    fn u64(&mut self) -> Result<u64, Fault> {
        let start = self.skip(8)?;
        let bytes = self.bytes.get(start..).and_then(|rest| rest.first_chunk::<8>());
        bytes.map(|bytes| u64::from_le_bytes(*bytes)).ok_or_else(|| self.cut())
    }

    fn align(&mut self, width: usize) -> Result<(), Fault> {
        let end = self.at.checked_next_multiple_of(width).ok_or_else(|| self.cut())?;
        self.skip(end - self.at).map(drop)
    }

    /// Passes over `length` bytes, which must be there; gives where they start.
    fn skip(&mut self, length: usize) -> Result<usize, Fault> {
        let start = self.at;
        let end = start.checked_add(length).filter(|end| *end <= self.bytes.len());
        self.at = end.ok_or_else(|| self.cut())?;
        Ok(start)
    }
}
