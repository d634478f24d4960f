//! Index blocks: which data block may hold a key.
//!
//! The separator of a block is at or above its last key and below the first key of the next block; only two versions of
//! one key may stand on both sides. In a two-level index the entries of the top block point to index blocks of the
//! same form.
//!
//! In row blocks keys are internal keys and values are handles, which block properties may follow; in columnar blocks
//! separators are user keys.

use super::block::Handle;
use super::bytes::Reader;
use super::columnar::IndexBlock;
use super::error::{ErrorKind, Fault, Structure};
use super::internal_key;
use super::row_block::Entries;
use super::{MAX_BLOCK, MAX_ROWS};

const STRUCTURE: Structure = Structure::Index;

/// The entries of an index block.
#[derive(Debug, Default)]
pub(super) struct Index {
    keys: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Where the separator ends among the keys; it starts where the one before ends.
    key_end: u32,
    handle: Handle,
}

impl Index {
    pub(super) fn parse(block: &[u8], columnar: bool) -> Result<Self, Fault> {
        let mut index = Self::default();
        if columnar {
            IndexBlock::parse(block)?.for_each(|separator, handle| index.push(separator, handle))?;
            return Ok(index);
        }
        let mut entries = Entries::new(block, STRUCTURE)?;
        while let Some((key, value)) = entries.next_entry()? {
            let (separator, _) =
                internal_key::split(key).ok_or_else(|| Fault::cut(Structure::InternalKey, value.start))?;
            let handle =
                Handle::read(&mut Reader::new(block.get(value).unwrap_or_default(), Structure::Handle))?;
            index.push(separator, handle)?;
        }
        Ok(index)
    }

    fn push(&mut self, separator: &[u8], handle: Handle) -> Result<(), Fault> {
        if let Some(last) = self.len().checked_sub(1) {
            let before = self.entries.get(last).map_or(0, |entry| entry.handle.end());
            if handle.offset < before {
                return Err(Fault::malformed(STRUCTURE, 0, "two entries point to the same bytes"));
            }
            if self.separator(last).is_some_and(|before| separator < before) {
                return Err(Fault { at: 0, kind: ErrorKind::Order });
            }
        }
        let (keys, entries) = (self.keys.len() + separator.len(), self.len() + 1);
        if keys > MAX_BLOCK || entries > MAX_ROWS {
            let (declared, limit) = if keys > MAX_BLOCK { (keys, MAX_BLOCK) } else { (entries, MAX_ROWS) };
            let (declared, limit) = (declared as u64, limit as u64);
            return Err(Fault { at: 0, kind: ErrorKind::TooLarge { structure: STRUCTURE, declared, limit } });
        }
        self.keys.extend_from_slice(separator);
        self.entries.push(Entry { key_end: keys as u32, handle });
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn held(&self) -> usize {
        self.keys.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    pub(super) fn handle(&self, entry: usize) -> Option<Handle> {
        self.entries.get(entry).map(|entry| entry.handle)
    }

    pub(super) fn separator(&self, entry: usize) -> Option<&[u8]> {
        let start = match entry.checked_sub(1) {
            Some(before) => self.entries.get(before)?.key_end,
            None => 0,
        };
        self.keys.get(start as usize..self.entries.get(entry)?.key_end as usize)
    }

    /// The first entry whose block may hold `key` or a key above it.
    pub(super) fn find(&self, key: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.separator(middle) {
                Some(separator) if separator < key => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}
