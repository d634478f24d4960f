//! Row blocks: everything in tables of the formats 1 to 4, the metaindex up to 5, the properties up to 6.
//!
//! ```text
//! block := entry…  restart(4)…  count(4)        restarts are offsets of entries whose shared part is 0; all LE
//! entry := uvarint shared, uvarint unshared, uvarint length, unshared key bytes, value(length)
//! key   := the first `shared` bytes of the key before, then the unshared bytes
//! ```
//!
//! Keys of data, index and range-deletion blocks are internal keys, those of metaindex and properties are plain. In
//! format 4 bit 6 of the kind says that the row is obsolete. From format 3 on, the value of a SET starts with one
//! byte: 00 in its top two bits means that the value follows, else it lies elsewhere; the top bit of a restart is a
//! flag.
//!
//! Keys are put together once, when the block is read; then its rows are reached in any order.

use std::cmp::Ordering;
use std::ops::Range;

use super::bytes::Reader;
use super::error::{ErrorKind, Fault, Structure};
use super::internal_key::{self, Trailer};
use super::{MAX_BLOCK, MAX_ROWS};

const OBSOLETE: u64 = 0x40;
/// Top bits of the byte before a value: where the value is.
const ELSEWHERE: u8 = 0xc0;
/// The first formats with these bits and bytes.
const WITH_VALUE_PREFIX: u32 = 3;
const WITH_OBSOLETE_BIT: u32 = 4;

/// The entries of a row block, in order.
#[derive(Debug)]
pub(super) struct Entries<'b> {
    reader: Reader<'b>,
    key: Vec<u8>,
    structure: Structure,
}

/// Where a value stands in its block.
type Span = Range<usize>;

impl<'b> Entries<'b> {
    pub(super) fn new(block: &'b [u8], structure: Structure) -> Result<Self, Fault> {
        let (before, count) =
            block.split_last_chunk::<4>().ok_or_else(|| Fault::cut(structure, block.len()))?;
        let restarts = (u32::from_le_bytes(*count) as usize).checked_mul(4);
        let end = restarts.and_then(|length| before.len().checked_sub(length));
        let entries = end.and_then(|end| before.get(..end));
        let entries = entries.ok_or_else(|| Fault::cut(structure, before.len()))?;
        Ok(Self { reader: Reader::new(entries, structure), key: Vec::new(), structure })
    }

    /// The next key and where its value stands.
    pub(super) fn next_entry(&mut self) -> Result<Option<(&[u8], Span)>, Fault> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let start = self.reader.position();
        let (shared, unshared) = (self.reader.length()?, self.reader.length()?);
        let length = self.reader.length()?;
        if shared > self.key.len() {
            return Err(Fault::malformed(self.structure, start, "a key shares more than there is"));
        }
        let rest = self.reader.take(unshared)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(rest);
        let value = self.reader.position();
        self.reader.take(length)?;
        Ok(Some((&self.key, value..value + length)))
    }
}

/// A data block, with its keys put together.
#[derive(Debug, Default)]
pub(super) struct RowBlock {
    keys: Vec<u8>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// Where the key ends among the keys; it starts where the one before ends.
    key_end: u32,
    value_start: u32,
    value_end: u32,
    place: Place,
    trailer: Trailer,
}

/// What the row says besides its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Here,
    Elsewhere,
    Obsolete,
}

impl RowBlock {
    /// Reads a block of a table of this format in the place of what was here.
    pub(super) fn parse(&mut self, block: &[u8], format: u32) -> Result<(), Fault> {
        let structure = Structure::DataBlock;
        self.keys.clear();
        self.rows.clear();
        let mut entries = Entries::new(block, structure)?;
        while let Some((key, value)) = entries.next_entry()? {
            let (user_key, trailer) =
                internal_key::split(key).ok_or_else(|| Fault::cut(Structure::InternalKey, value.start))?;
            self.keys.extend_from_slice(user_key);
            let (keys, rows) = (self.keys.len(), self.rows.len() + 1);
            if keys > MAX_BLOCK || rows > MAX_ROWS {
                let (declared, limit) = if keys > MAX_BLOCK { (keys, MAX_BLOCK) } else { (rows, MAX_ROWS) };
                let kind = ErrorKind::TooLarge { structure, declared: declared as u64, limit: limit as u64 };
                return Err(Fault { at: value.start, kind });
            }
            let row = Row::new(keys, value.clone(), trailer, format, block)
                .ok_or_else(|| Fault::malformed(structure, value.start, "a value has no prefix byte"))?;
            self.rows.push(row);
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.keys.capacity() + self.rows.capacity() * size_of::<Row>()
    }

    pub(super) fn key(&self, row: usize) -> Option<&[u8]> {
        let start = match row.checked_sub(1) {
            Some(before) => self.rows.get(before)?.key_end,
            None => 0,
        };
        self.keys.get(start as usize..self.rows.get(row)?.key_end as usize)
    }

    pub(super) fn compare(&self, row: usize, key: &[u8]) -> Option<Ordering> {
        self.key(row).map(|found| found.cmp(key))
    }

    pub(super) fn trailer(&self, row: usize) -> Option<Trailer> {
        self.rows.get(row).map(|row| row.trailer)
    }

    pub(super) fn is_obsolete(&self, row: usize) -> bool {
        self.rows.get(row).is_some_and(|row| row.place == Place::Obsolete)
    }

    pub(super) fn is_external(&self, row: usize) -> bool {
        self.rows.get(row).is_some_and(|row| row.place == Place::Elsewhere)
    }

    pub(super) fn value(&self, row: usize) -> Option<Span> {
        self.rows.get(row).map(|row| row.value_start as usize..row.value_end as usize)
    }
}

impl Row {
    fn new(keys: usize, value: Span, trailer: Trailer, format: u32, block: &[u8]) -> Option<Self> {
        let (mut trailer, mut start, mut place) = (trailer, value.start, Place::Here);
        let obsolete = format >= WITH_OBSOLETE_BIT && trailer.has(OBSOLETE);
        if obsolete {
            trailer = trailer.without(OBSOLETE);
        }
        if format >= WITH_VALUE_PREFIX && trailer.is_set() {
            let prefix = *block.get(value.clone())?.first()?;
            if prefix & ELSEWHERE != 0 {
                place = Place::Elsewhere;
            }
            start += 1;
        }
        if obsolete {
            place = Place::Obsolete;
        }
        Some(Self {
            key_end: keys as u32,
            value_start: start as u32,
            value_end: value.end as u32,
            place,
            trailer,
        })
    }
}
