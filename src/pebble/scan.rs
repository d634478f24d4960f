//! A scan: the rows of all tables within bounds, merged.
//!
//! ```text
//!   waiting tables        by their first key; opened when the scan comes there
//!   heap of cursors       the one with the first key on top; of one key, the newest row
//!   current cursor        in front of them all
//!
//!   run of the current cursor: the rows of its block before
//!     · the key on top of the heap
//!     · the first key of the next waiting table
//!     · the next start or end of a range deletion
//! ```
//!
//! Within a run nothing but the current block is looked at. Where tables do not overlap, a run is a whole block, and
//! the scan goes as fast as one cursor.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::mem;
use std::ops::Range;
use std::sync::Arc;

use super::block::Budget;
use super::cursor::Cursor;
use super::database::Database;
use super::error::{Error, ErrorKind};
use super::range_del::{Cover, Upcoming};

/// The visible rows of a range, in the order of their keys.
///
/// Keys and values are lent until the next call. After an error, nothing more is given.
#[derive(Debug)]
pub struct Scan<'a> {
    database: &'a Database<'a>,
    lower: Arc<[u8]>,
    upper: Option<Arc<[u8]>>,
    from: Arc<[u8]>,
    /// Tables that were not reached, the next one last.
    waiting: Vec<usize>,
    heap: BinaryHeap<Head<'a>>,
    current: Option<Head<'a>>,
    /// The run of the current cursor ends before this row of its block.
    run_end: usize,
    cover: Cover<'a>,
    /// Older rows are deleted here.
    covered: u64,
    /// The last key that was dealt with.
    done: Option<Vec<u8>>,
    budget: Budget,
}

/// A cursor, ordered for a heap: the first key is the greatest, and of one key the newest row.
#[derive(Debug)]
struct Head<'a>(Box<Cursor<'a>>);

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.key().cmp(self.0.key()).then_with(|| self.0.age().cmp(&other.0.age()))
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head<'_> {}

impl<'a> Scan<'a> {
    pub(super) fn new(database: &'a Database<'a>, lower: &[u8], upper: Option<&[u8]>) -> Self {
        let lower: Arc<[u8]> = lower.into();
        let mut scan = Self {
            database,
            from: Arc::clone(&lower),
            lower,
            upper: upper.map(Arc::from),
            waiting: Vec::new(),
            heap: BinaryHeap::new(),
            current: None,
            run_end: 0,
            cover: Cover::default(),
            covered: 0,
            done: None,
            budget: Budget::default(),
        };
        scan.start();
        scan
    }

    /// Goes on at the first row at or above `key`, before or behind where the scan is; never below its lower bound.
    pub fn seek(&mut self, key: &[u8]) {
        self.from = if *key > *self.lower { key.into() } else { Arc::clone(&self.lower) };
        self.start();
    }

    fn start(&mut self) {
        self.stop();
        self.waiting = self.database.overlapping(&self.from, self.upper.as_deref());
    }

    fn stop(&mut self) {
        self.waiting.clear();
        self.heap.clear();
        self.current = None;
        self.done = None;
        self.cover = Cover::default();
    }

    /// The next row: its key and its value.
    ///
    /// # Errors
    ///
    /// What is wrong with the tables on the way.
    #[expect(clippy::should_implement_trait, reason = "rows are lent, which iterators cannot")]
    #[expect(clippy::type_complexity, reason = "a key and a value, if there is a row")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<(&[u8], &[u8])>, Error> {
        match self.advance() {
            Ok(Some(value)) => {
                let row = self.current.as_ref().map(|Head(cursor)| (cursor.key(), cursor.bytes(value)));
                Ok(row)
            }
            Ok(None) => Ok(None),
            Err(error) => {
                self.stop();
                Err(error)
            }
        }
    }

    /// Goes to the next visible row; gives where its value stands in its block.
    #[inline]
    fn advance(&mut self) -> Result<Option<Range<usize>>, Error> {
        loop {
            let more = match &mut self.current {
                Some(Head(cursor)) => cursor.advance(self.run_end)?,
                None => false,
            };
            if !more && !self.turn()? {
                return Ok(None);
            }
            if let Some(Head(cursor)) = &self.current
                && cursor.is_visible(self.covered)?
            {
                return cursor.value().map(Some);
            }
        }
    }

    /// Ends the run and starts the next one, on a key that no run had.
    fn turn(&mut self) -> Result<bool, Error> {
        let mut head = self.leave()?;
        let current = loop {
            self.open_due(&mut head)?;
            let Some(Head(mut cursor)) = head.take() else { return Ok(false) };
            match self.done.as_deref().map(|done| cursor.key().cmp(done)) {
                Some(Ordering::Less) => return Err(cursor.error(ErrorKind::Order)),
                // An older row of a key that is dealt with.
                Some(Ordering::Equal) => {
                    if cursor.forward()? {
                        head = Some(Head(cursor));
                    }
                }
                _ => break cursor,
            }
        };
        self.cover.advance(current.key());
        self.covered = self.cover.sequence().unwrap_or(0);
        let top = self.heap.peek().map(|Head(cursor)| cursor.key());
        let table = self.waiting.last().map(|table| self.database.first_key(*table));
        let mut end = current.end();
        for bound in [top, table, self.cover.boundary()].into_iter().flatten() {
            end = current.rows_below(bound, end)?;
        }
        self.run_end = end;
        self.current = Some(Head(current));
        Ok(true)
    }

    /// Leaves the run: the current cursor, on the next key of its table.
    fn leave(&mut self) -> Result<Option<Head<'a>>, Error> {
        let Some(Head(mut cursor)) = self.current.take() else { return Ok(None) };
        let done = self.done.get_or_insert_default();
        done.clear();
        done.extend_from_slice(cursor.key());
        Ok(cursor.forward()?.then_some(Head(cursor)))
    }

    /// Opens the tables that start at or before the first key, and makes `head` the cursor with that key.
    fn open_due(&mut self, head: &mut Option<Head<'a>>) -> Result<(), Error> {
        loop {
            self.exchange(head);
            let Some(&table) = self.waiting.last() else { return Ok(()) };
            let first = self.database.first_key(table);
            if head.as_ref().is_some_and(|Head(cursor)| cursor.key() < first) {
                return Ok(());
            }
            self.database.announce(&self.waiting);
            self.waiting.pop();
            match self.open_table(table) {
                Err(_) if self.database.is_lenient() => {}
                opened => opened?,
            }
        }
    }

    fn open_table(&mut self, table: usize) -> Result<(), Error> {
        let open = self.database.open_table(table)?;
        let live = self.database.live(table);
        open.table.check_spans(open.file.name, live)?;
        self.cover.add(Upcoming::of(&open.table.spans.pieces, live, &self.from));
        let cursor = Cursor::open(open, live, &self.from, self.upper.as_ref(), &self.budget)?;
        self.heap.extend(cursor.map(|cursor| Head(Box::new(cursor))));
        Ok(())
    }

    /// Makes `head` the first of itself and the heap.
    fn exchange(&mut self, head: &mut Option<Head<'a>>) {
        match (self.heap.peek_mut(), head) {
            (Some(mut top), Some(head)) if *head < *top => mem::swap(&mut *top, head),
            (Some(top), head @ None) => *head = Some(PeekMut::pop(top)),
            _ => {}
        }
    }
}
