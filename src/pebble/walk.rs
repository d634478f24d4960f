//! The way through a table's index, from data block to data block.

use std::sync::Arc;

use super::block::{BlockFile, Handle};
use super::cache::Cache;
use super::error::{Error, ErrorKind, Fault, Structure};
use super::index::Index;
use super::table::Table;

/// A table that was opened, with its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenTable<'a> {
    pub(super) file: BlockFile<'a>,
    pub(super) table: &'a Table,
    /// Which of the database's files it is.
    pub(super) number: usize,
    pub(super) cache: &'a Cache,
    /// Whether damaged blocks are passed over.
    pub(super) lenient: bool,
}

impl OpenTable<'_> {
    fn leaf(&self, handle: Handle) -> Result<Arc<Index>, Error> {
        if let Some(leaf) = self.cache.leaf(self.number, handle.offset) {
            return Ok(leaf);
        }
        let leaf = Arc::new(Table::read_index(&self.file, handle, self.table.footer.is_columnar())?);
        self.cache.keep_leaf(self.number, handle.offset, &leaf);
        Ok(leaf)
    }

    pub(super) fn malformed(&self, handle: Handle, detail: &'static str) -> Error {
        Fault::malformed(Structure::DataBlock, 0, detail).in_block(self.file.name, handle.offset)
    }
}

/// A place between two data blocks of a table.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) open: OpenTable<'a>,
    /// Of a two-level index: the block that is walked.
    leaf: Option<Arc<Index>>,
    /// Of a two-level index: the next entry of its top.
    next_leaf: usize,
    /// The next entry of the index, or of the leaf.
    next: usize,
    /// Where the next data block may start: none is read twice.
    floor: u64,
}

impl<'a> Walk<'a> {
    /// Before the first block that may hold `key` or a key above it.
    pub(super) fn to(open: OpenTable<'a>, key: &[u8]) -> Result<Self, Error> {
        let mut walk = Self { open, leaf: None, next_leaf: 0, next: 0, floor: 0 };
        let found = open.table.index.find(key);
        if !open.table.two_level {
            walk.next = found;
            return Ok(walk);
        }
        walk.next_leaf = found;
        if walk.enter_leaf()? {
            walk.next = walk.entries().find(key);
        }
        Ok(walk)
    }

    fn entries(&self) -> &Index {
        match &self.leaf {
            Some(leaf) => leaf,
            None => &self.open.table.index,
        }
    }

    fn enter_leaf(&mut self) -> Result<bool, Error> {
        let Some(handle) = self.open.table.index.handle(self.next_leaf) else { return Ok(false) };
        self.next_leaf += 1;
        self.leaf = Some(self.open.leaf(handle)?);
        self.next = 0;
        Ok(true)
    }

    /// The next data block.
    pub(super) fn next_block(&mut self) -> Result<Option<Handle>, Error> {
        // Before its first leaf, a two-level index has nothing to give.
        let ready = self.leaf.is_some() || !self.open.table.two_level;
        let mut found = if ready { self.entries().handle(self.next) } else { None };
        while found.is_none() && self.open.table.two_level {
            if !self.enter_leaf()? {
                break;
            }
            found = self.entries().handle(self.next);
        }
        let Some(handle) = found else { return Ok(None) };
        self.next += 1;
        if handle.offset < self.floor {
            let kind = Fault::malformed(Structure::Index, 0, "two entries point to the same bytes").kind;
            return Err(Error::new(self.open.file.name, handle.offset, kind));
        }
        self.floor = handle.end();
        Ok(Some(handle))
    }

    /// The separator behind the block that was given last, if that is known.
    pub(super) fn separator(&self) -> Option<&[u8]> {
        self.entries().separator(self.next.checked_sub(1)?)
    }

    /// Whether the block that was given last is the last one.
    pub(super) fn is_at_end(&self) -> bool {
        let top = &self.open.table.index;
        self.next >= self.entries().len() && (!self.open.table.two_level || self.next_leaf >= top.len())
    }

    pub(super) fn error(&self, handle: Handle, kind: ErrorKind) -> Error {
        self.open.file.error(handle, kind)
    }
}
