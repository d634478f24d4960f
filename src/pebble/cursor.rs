//! A cursor: the rows of one table within bounds, the newest of each key, in order.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use super::block::{Budget, Buffer, Claim, Handle};
use super::columnar::Assembly;
use super::data_block::{Bound, DataBlock};
use super::error::{Error, ErrorKind, Feature, Structure};
use super::internal_key::{Effect, Trailer};
use super::live_table::LiveTable;
use super::walk::{OpenTable, Walk};

/// Where the rows of a cursor end.
#[derive(Debug, Clone)]
struct Upper {
    key: Arc<[u8]>,
    inclusive: bool,
}

impl Upper {
    fn bound(&self) -> Bound<'_> {
        Bound { key: &self.key, inclusive: self.inclusive }
    }

    /// Whether no key at or above `separator` is inside. Versions of the separator itself may still come.
    fn is_passed(&self, separator: &[u8]) -> bool {
        *separator > *self.key || !self.inclusive && *separator == *self.key
    }
}

/// A place in one table. Rows that are obsolete, or older than another row of the table, are passed over.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    live: &'a LiveTable,
    synthetic: Option<u64>,
    upper: Option<Upper>,
    walk: Walk<'a>,

    buffer: Buffer<'a>,
    block: DataBlock,
    claim: Claim,
    handle: Handle,
    /// Rows of the block that are below the upper bound.
    end: usize,
    /// Whether the bound lies in this block.
    ends_here: bool,

    row: usize,
    assembly: Assembly,
    trailer: Trailer,
    /// Whether a row of this key was given.
    taken: bool,
}

impl<'a> Cursor<'a> {
    /// A cursor on the first row at or above `from`; None when there is none below `upper`.
    pub(super) fn open(
        open: OpenTable<'a>,
        live: &'a LiveTable,
        from: &[u8],
        upper: Option<&Arc<[u8]>>,
        budget: &Budget,
    ) -> Result<Option<Self>, Error> {
        let smallest = &*live.smallest.user_key;
        // Of a table that is its whole file, bounds are not cut at, but checked.
        let from = if live.backing.is_some() { from.max(smallest) } else { from };
        let mut cursor = Self {
            live,
            synthetic: live.synthetic_sequence(),
            upper: Self::upper(live, upper),
            walk: Walk::to(open, from)?,
            buffer: Buffer::within(budget),
            block: DataBlock::empty(open.table.footer.is_columnar()),
            claim: Claim::on(budget),
            handle: Handle { offset: 0, length: 0 },
            end: 0,
            ends_here: false,
            row: 0,
            assembly: Assembly::default(),
            trailer: Trailer::new(0),
            taken: false,
        };
        if !cursor.seek(from)? {
            return Ok(None);
        }
        if *cursor.key() < *smallest && from <= smallest {
            return Err(cursor.error(ErrorKind::OutOfBounds));
        }
        Ok(Some(cursor))
    }

    /// The bound of the scan, or that of a virtual table if it comes first.
    fn upper(live: &LiveTable, upper: Option<&Arc<[u8]>>) -> Option<Upper> {
        let largest = Bound { key: &live.largest.user_key, inclusive: !live.largest.is_exclusive() };
        let scan = upper.filter(|key| live.reaches(key));
        match (scan, live.backing) {
            (Some(key), _) => Some(Upper { key: Arc::clone(key), inclusive: false }),
            (None, Some(_)) => Some(Upper { key: largest.key.into(), inclusive: largest.inclusive }),
            (None, None) => None,
        }
    }

    fn seek(&mut self, from: &[u8]) -> Result<bool, Error> {
        loop {
            if !self.load()? {
                return Ok(false);
            }
            let row = self.block.search(self.buffer.bytes(), 0, self.end, Bound::below(from));
            let row = row.ok_or_else(|| self.malformed())?;
            if row < self.end {
                self.place(row)?;
                return Ok(self.is_taken_now()? || self.forward()?);
            }
        }
    }

    /// Reads the next block that may hold rows below the upper bound.
    fn load(&mut self) -> Result<bool, Error> {
        loop {
            let passed = self.upper.as_ref().zip(self.walk.separator());
            if self.ends_here || passed.is_some_and(|(upper, separator)| upper.is_passed(separator)) {
                return Ok(false);
            }
            let open = self.walk.open;
            let next = match self.walk.next_block() {
                Err(_) if open.lenient => continue,
                next => next?,
            };
            let Some(handle) = next else { return Ok(false) };
            self.handle = handle;
            match self.read(handle) {
                Err(_) if open.lenient => continue,
                read => read?,
            }
            let held = self.claim.hold(self.block.held(), Structure::DataBlock);
            held.map_err(|kind| self.walk.error(handle, kind))?;
            let rows = self.block.len();
            let Some(last) = rows.checked_sub(1) else { continue };
            self.end = match &self.upper {
                Some(upper) => {
                    let end = self.block.gallop(self.buffer.bytes(), 0, rows, upper.bound());
                    end.ok_or_else(|| self.malformed())?
                }
                None if self.walk.is_at_end() => {
                    self.check_last(last)?;
                    rows
                }
                None => rows,
            };
            self.ends_here = self.end < rows;
            return Ok(self.end > 0);
        }
    }

    fn read(&mut self, handle: Handle) -> Result<(), Error> {
        let open = self.walk.open;
        open.file.read(handle, Structure::DataBlock, &mut self.buffer)?;
        let parsed = self.block.parse(self.buffer.bytes(), open.table.footer.format);
        parsed.map_err(|fault| fault.in_block(open.file.name, handle.offset))?;
        if open.lenient && !self.is_sound().unwrap_or(false) {
            return Err(self.malformed());
        }
        Ok(())
    }

    /// Looks at every row of the block, so that none of them stops a scan that passes over damaged blocks.
    fn is_sound(&self) -> Option<bool> {
        let bytes = self.buffer.bytes();
        let (mut row_key, mut last) = (Assembly::default(), None);
        for row in 0..self.block.len() {
            self.block.place(bytes, row, &mut row_key)?;
            let (key, trailer) = (&row_key.key, self.block.trailer(bytes, row)?);
            let behind = match &last {
                None => *self.assembly.key <= **key,
                Some((before, older)) => match Vec::cmp(before, key) {
                    Ordering::Less => true,
                    Ordering::Equal => trailer < *older,
                    Ordering::Greater => false,
                },
            };
            let inside = self.live.backing.is_some() || self.live.contains(key);
            let whole = self.block.value(bytes, row).is_some_and(|range| range.end <= bytes.len());
            let known = trailer.effect().is_ok() && !self.block.is_external(bytes, row);
            if !(behind && inside && whole && known) {
                return Some(false);
            }
            last = Some((key.clone(), trailer));
        }
        Some(true)
    }

    /// The last row of a table may not be above what the manifest says.
    fn check_last(&self, last: usize) -> Result<(), Error> {
        let largest = &self.live.largest;
        let order = self.block.compare(self.buffer.bytes(), last, &largest.user_key);
        match order.ok_or_else(|| self.malformed())? {
            Ordering::Less => Ok(()),
            Ordering::Equal if !largest.is_exclusive() => Ok(()),
            _ => Err(self.error(ErrorKind::OutOfBounds)),
        }
    }

    /// Goes to a row of the block that is no neighbour of the one before.
    fn place(&mut self, row: usize) -> Result<(), Error> {
        let placed = self.block.place(self.buffer.bytes(), row, &mut self.assembly);
        self.row = row;
        placed.ok_or_else(|| self.malformed())
    }

    /// Takes the row that the cursor is on, if it counts.
    #[inline(always)]
    fn is_taken_now(&mut self) -> Result<bool, Error> {
        let bytes = self.buffer.bytes();
        if self.block.is_obsolete(bytes, self.row) {
            return Ok(false);
        }
        self.trailer = self.block.trailer(bytes, self.row).ok_or_else(|| self.malformed())?;
        self.taken = true;
        Ok(true)
    }

    /// Goes to the next key that has a row below row `limit` of this block.
    #[inline]
    pub(super) fn advance(&mut self, limit: usize) -> Result<bool, Error> {
        while self.row + 1 < limit {
            self.row += 1;
            let differs = self.block.step(self.buffer.bytes(), self.row, &mut self.assembly);
            if differs.ok_or_else(|| self.malformed())? {
                self.taken = false;
            } else if self.taken {
                continue;
            }
            if self.is_taken_now()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes to the next key.
    pub(super) fn forward(&mut self) -> Result<bool, Error> {
        loop {
            if self.advance(self.end)? {
                return Ok(true);
            }
            if !self.load()? {
                return Ok(false);
            }
            if self.enter()? {
                return Ok(true);
            }
        }
    }

    /// Goes to the first row of a block.
    fn enter(&mut self) -> Result<bool, Error> {
        let order = self.block.compare(self.buffer.bytes(), 0, &self.assembly.key);
        match order.ok_or_else(|| self.malformed())? {
            Ordering::Less => return Err(self.error(ErrorKind::Order)),
            Ordering::Equal => {}
            Ordering::Greater => self.taken = false,
        }
        self.place(0)?;
        if self.taken { Ok(false) } else { self.is_taken_now() }
    }

    #[inline(always)]
    pub(super) fn key(&self) -> &[u8] {
        &self.assembly.key
    }

    #[inline(always)]
    pub(super) fn sequence(&self) -> u64 {
        self.synthetic.unwrap_or(self.trailer.sequence())
    }

    /// The order of rows of one key: the newest first.
    pub(super) fn age(&self) -> Trailer {
        self.trailer.with_sequence(self.sequence())
    }

    /// Whether the row has a value that no span with the sequence number `covered` deletes.
    #[inline(always)]
    pub(super) fn is_visible(&self, covered: u64) -> Result<bool, Error> {
        match self.trailer.effect() {
            Ok(Effect::Value) => Ok(covered <= self.sequence()),
            Ok(Effect::Gone) => Ok(false),
            Err(kind) => Err(self.error(kind)),
        }
    }

    /// Where the value stands in its block.
    #[inline(always)]
    pub(super) fn value(&self) -> Result<Range<usize>, Error> {
        let bytes = self.buffer.bytes();
        if self.block.is_external(bytes, self.row) {
            return Err(self.error(ErrorKind::Unsupported(Feature::ValueBlocks)));
        }
        let range = self.block.value(bytes, self.row);
        range.filter(|range| range.end <= bytes.len()).ok_or_else(|| self.malformed())
    }

    /// A part of the block.
    #[inline(always)]
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.bytes().get(range).unwrap_or_default()
    }

    /// Up to which row of this block, from the next one on, keys are below `bound`; at most `end`.
    pub(super) fn rows_below(&self, bound: &[u8], end: usize) -> Result<usize, Error> {
        let found = self.block.gallop(self.buffer.bytes(), self.row + 1, end, Bound::below(bound));
        found.ok_or_else(|| self.malformed())
    }

    /// Rows of this block that are within the bounds.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    #[cold]
    fn malformed(&self) -> Error {
        self.walk.open.malformed(self.handle, "a row is outside of its column, or out of order")
    }

    #[cold]
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        self.walk.error(self.handle, kind)
    }
}
