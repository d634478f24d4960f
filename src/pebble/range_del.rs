//! Range deletions: spans of keys that are gone, up to a sequence number.
//!
//! A row is gone when any table has a span around its key with a sequence number *above* the row's. So of all spans
//! around a key only the newest counts, and a table's spans are kept as pieces that do not overlap, each with the
//! newest sequence number that holds there.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::block::{BlockFile, Buffer, Handle};
use super::columnar::SpanBlock;
use super::error::{Error, ErrorKind, Fault, Structure};
use super::internal_key::{self, Trailer};
use super::live_table::LiveTable;
use super::row_block::Entries;
use super::{MAX_BLOCK, MAX_ROWS};

/// Keys from `start` up to, not including, `end` are gone in rows older than `sequence`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: Box<[u8]>,
    pub(super) end: Box<[u8]>,
    pub(super) sequence: u64,
}

/// The spans of one file, in pieces that do not overlap, and how many rows they come from.
#[derive(Debug, Default)]
pub(super) struct Spans {
    pub(super) pieces: Vec<Span>,
    pub(super) rows: u64,
}

impl Spans {
    pub(super) fn read(file: &BlockFile<'_>, handle: Handle, columnar: bool) -> Result<Self, Error> {
        let mut buffer = Buffer::default();
        file.read(handle, Structure::RangeDeletions, &mut buffer)?;
        let rows = match columnar {
            true => Self::parse_columns(buffer.bytes()),
            false => Self::parse_rows(buffer.bytes()),
        };
        let rows = rows.map_err(|fault| fault.in_block(file.name, handle.offset))?;
        Ok(Self { rows: rows.len() as u64, pieces: pieces(rows) })
    }

    fn parse_columns(block: &[u8]) -> Result<Vec<Span>, Fault> {
        let mut rows = Rows::default();
        SpanBlock::parse(block)?.for_each(|(start, end, trailer)| rows.push(start, end, trailer))?;
        Ok(rows.spans)
    }

    fn parse_rows(block: &[u8]) -> Result<Vec<Span>, Fault> {
        let mut rows = Rows::default();
        let mut entries = Entries::new(block, Structure::RangeDeletions)?;
        while let Some((key, value)) = entries.next_entry()? {
            let (start, trailer) =
                internal_key::split(key).ok_or_else(|| Fault::cut(Structure::InternalKey, value.start))?;
            rows.push(start, block.get(value).unwrap_or_default(), trailer)?;
        }
        Ok(rows.spans)
    }
}

/// Spans as they are read, bounded by number and by the bytes of their keys.
#[derive(Default)]
struct Rows {
    spans: Vec<Span>,
    bytes: usize,
}

impl Rows {
    fn push(&mut self, start: &[u8], end: &[u8], trailer: Trailer) -> Result<(), Fault> {
        let structure = Structure::RangeDeletions;
        if !trailer.is_range_deletion() {
            let kind = trailer.effect().err().unwrap_or(ErrorKind::Kind(trailer.kind()));
            return Err(Fault { at: 0, kind });
        }
        if start >= end {
            return Err(Fault::malformed(structure, 0, "a span ends before it starts"));
        }
        self.bytes += start.len() + end.len();
        let (rows, bytes) = (self.spans.len() + 1, self.bytes);
        if rows > MAX_ROWS || bytes > MAX_BLOCK {
            let (declared, limit) = if rows > MAX_ROWS { (rows, MAX_ROWS) } else { (bytes, MAX_BLOCK) };
            let (declared, limit) = (declared as u64, limit as u64);
            return Err(Fault { at: 0, kind: ErrorKind::TooLarge { structure, declared, limit } });
        }
        self.spans.push(Span { start: start.into(), end: end.into(), sequence: trailer.sequence() });
        Ok(())
    }
}

/// Cuts spans into pieces that do not overlap, each with the newest sequence number.
///
/// Pebble writes them so already: spans are equal or apart. Then every span is one piece.
fn pieces(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| a.start.cmp(&b.start).then(b.sequence.cmp(&a.sequence)));
    let apart = |pair: &[Span]| matches!(pair, [a, b] if a.end <= b.start);
    if spans.windows(2).all(apart) {
        return spans;
    }
    let mut cover = Cover::default();
    for span in &spans {
        cover.add(Upcoming { spans: std::slice::from_ref(span), ..Upcoming::default() });
    }
    let mut starts: Vec<&[u8]> = spans.iter().flat_map(|span| [&*span.start, &*span.end]).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut pieces: Vec<Span> = Vec::new();
    for pair in starts.windows(2) {
        let [start, end] = *pair else { continue };
        cover.advance(start);
        let Some(sequence) = cover.sequence() else { continue };
        match pieces.last_mut() {
            Some(last) if *last.end == *start && last.sequence == sequence => last.end = end.into(),
            _ => pieces.push(Span { start: start.into(), end: end.into(), sequence }),
        }
    }
    pieces
}

/// The spans of one table, which may be a part of its file, that are still to come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Upcoming<'a> {
    spans: &'a [Span],
    lower: &'a [u8],
    upper: Option<&'a [u8]>,
    sequence: Option<u64>,
}

impl<'a> Upcoming<'a> {
    /// The spans of `table` that reach above `key`.
    pub(super) fn of(spans: &'a [Span], table: &'a LiveTable, key: &[u8]) -> Self {
        let lower = &*table.smallest.user_key;
        let from = spans.partition_point(|span| *span.end <= *key.max(lower));
        Self {
            spans: spans.get(from..).unwrap_or_default(),
            lower,
            upper: Some(&table.largest.user_key),
            sequence: table.synthetic_sequence(),
        }
    }

    /// The next span: start, end and sequence number.
    fn first(&self) -> Option<(&'a [u8], &'a [u8], u64)> {
        let span = self.spans.first()?;
        let start = span.start.as_ref().max(self.lower);
        let end = self.upper.map_or(span.end.as_ref(), |upper| upper.min(&span.end));
        (start < end).then_some((start, end, self.sequence.unwrap_or(span.sequence)))
    }

    /// The sequence number of the span around `key`.
    pub(super) fn around(&self, key: &[u8]) -> Option<u64> {
        let (start, end, sequence) = self.first()?;
        (start <= key && key < end).then_some(sequence)
    }

    fn rest(self) -> Self {
        Self { spans: self.spans.get(1..).unwrap_or_default(), ..self }
    }
}

/// Spans of which the first starts here.
#[derive(Debug)]
struct Waiting<'a> {
    start: &'a [u8],
    spans: Upcoming<'a>,
}

impl Ord for Waiting<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.start.cmp(other.start)
    }
}

impl PartialOrd for Waiting<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.start == other.start
    }
}

impl Eq for Waiting<'_> {}

/// A span that was entered. Ordered by sequence number.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entered<'a> {
    sequence: u64,
    end: &'a [u8],
}

/// What the spans of all tables say of the place that a scan has reached.
#[derive(Debug, Default)]
pub(super) struct Cover<'a> {
    waiting: BinaryHeap<Reverse<Waiting<'a>>>,
    /// The newest on top; those below it may have ended.
    entered: BinaryHeap<Entered<'a>>,
}

impl<'a> Cover<'a> {
    pub(super) fn add(&mut self, spans: Upcoming<'a>) {
        if let Some((start, _, _)) = spans.first() {
            self.waiting.push(Reverse(Waiting { start, spans }));
        }
    }

    /// Goes on to `key`; keys must not descend.
    pub(super) fn advance(&mut self, key: &[u8]) {
        while self.waiting.peek().is_some_and(|Reverse(waiting)| waiting.start <= key) {
            let Some(Reverse(Waiting { spans, .. })) = self.waiting.pop() else { break };
            if let Some((_, end, sequence)) = spans.first()
                && end > key
            {
                self.entered.push(Entered { sequence, end });
            }
            self.add(spans.rest());
        }
        while self.entered.peek().is_some_and(|entered| entered.end <= key) {
            self.entered.pop();
        }
    }

    /// The sequence number of the newest span here.
    pub(super) fn sequence(&self) -> Option<u64> {
        self.entered.peek().map(|entered| entered.sequence)
    }

    /// Up to where this holds.
    pub(super) fn boundary(&self) -> Option<&'a [u8]> {
        let start = self.waiting.peek().map(|Reverse(waiting)| waiting.start);
        let end = self.entered.peek().map(|entered| entered.end);
        match (start, end) {
            (Some(start), Some(end)) => Some(start.min(end)),
            (start, end) => start.or(end),
        }
    }
}
