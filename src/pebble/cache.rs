//! The blocks that look-ups used last.
//!
//! Look-ups come in bunches that are near each other; what one has decoded serves the next. Scans keep the block that
//! they are in, and do not fill the cache with blocks that they leave for good.

use std::sync::{Arc, Mutex, PoisonError};

use super::data_block::DataBlock;
use super::index::Index;

/// Blocks held, and bytes that they may hold together.
const BLOCKS: usize = 256;
const BYTES: usize = 8 << 20;

/// A data block that was read and checked.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) block: DataBlock,
    /// The decoded bytes; None when they stand in the file as they are.
    pub(super) bytes: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
enum Kept {
    Data(Arc<Decoded>),
    Leaf(Arc<Index>),
}

#[derive(Debug)]
struct Entry {
    file: usize,
    offset: u64,
    bytes: usize,
    kept: Kept,
}

/// Blocks, the one used last at the end.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Vec<Entry>>);

impl Cache {
    fn get(&self, file: usize, offset: u64) -> Option<Kept> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = entries.iter().rposition(|entry| entry.offset == offset && entry.file == file)?;
        // Most look-ups want what the one before wanted.
        if found + 1 < entries.len() {
            let entry = entries.remove(found);
            entries.push(entry);
        }
        entries.last().map(|entry| entry.kept.clone())
    }

    fn keep(&self, file: usize, offset: u64, bytes: usize, kept: Kept) {
        if bytes > BYTES / 4 {
            return;
        }
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(Entry { file, offset, bytes, kept });
        let mut held: usize = entries.iter().map(|entry| entry.bytes).sum();
        let mut drops = entries.len().saturating_sub(BLOCKS);
        held -= entries.iter().take(drops).map(|entry| entry.bytes).sum::<usize>();
        while held > BYTES {
            held -= entries.get(drops).map_or(held, |entry| entry.bytes);
            drops += 1;
        }
        entries.drain(..drops);
    }

    pub(super) fn data(&self, file: usize, offset: u64) -> Option<Arc<Decoded>> {
        match self.get(file, offset)? {
            Kept::Data(data) => Some(data),
            Kept::Leaf(_) => None,
        }
    }

    pub(super) fn keep_data(&self, file: usize, offset: u64, data: &Arc<Decoded>) {
        let bytes = data.bytes.as_ref().map_or(0, Vec::len) + data.block.held();
        self.keep(file, offset, bytes, Kept::Data(Arc::clone(data)));
    }

    pub(super) fn leaf(&self, file: usize, offset: u64) -> Option<Arc<Index>> {
        match self.get(file, offset)? {
            Kept::Leaf(leaf) => Some(leaf),
            Kept::Data(_) => None,
        }
    }

    pub(super) fn keep_leaf(&self, file: usize, offset: u64, leaf: &Arc<Index>) {
        self.keep(file, offset, leaf.held(), Kept::Leaf(Arc::clone(leaf)));
    }
}
