//! Looking at tables for their own sake: what they say of themselves, and whether it is true.

use std::cmp::Ordering;

use super::block::{Buffer, Handle};
use super::columnar::Assembly;
use super::data_block::DataBlock;
use super::database::Database;
use super::error::{Error, ErrorKind, Feature, Structure};
use super::internal_key::{Effect, Trailer};
use super::live_table::LiveTable;
use super::properties::Properties;
use super::walk::{OpenTable, Walk};

/// After so many faults of one table, the rest of it is not looked at.
pub const MAX_FAULTS: usize = 100;

/// What a table's file says of itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Description<'a> {
    /// 1 to 7; from 5 on tables are columnar.
    pub format: u32,
    /// Whether the index has two levels.
    pub two_level_index: bool,
    /// What else it says.
    pub properties: &'a Properties,
    /// The range deletions of the file, newest only where they overlap, before they are cut to the bounds of a virtual
    /// table.
    pub range_deletions: Vec<RangeDeletion<'a>>,
}

/// Keys from `start` up to, not including, `end` are gone in rows older than `sequence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "said above")]
pub struct RangeDeletion<'a> {
    pub start: &'a [u8],
    pub end: &'a [u8],
    pub sequence: u64,
}

/// Where a block stands in its file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "said above")]
pub struct BlockPlace {
    pub offset: u64,
    /// Without the five bytes of its trailer.
    pub length: u64,
}

/// What a full reading of a table's file came to. It is the same for all virtual tables of one file.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Checkup {
    /// Data blocks that could be read.
    pub data_blocks: u64,
    /// Their rows.
    pub rows: u64,
    /// Those of the rows that delete.
    pub deletions: u64,
    /// Those of the rows that newer ones or range deletions of the same table hide.
    pub obsolete: u64,
    /// Range deletions.
    pub range_deletions: u64,
    /// What is wrong, at most [`MAX_FAULTS`].
    pub faults: Vec<Error>,
    /// Where keys are lost with it.
    pub gaps: Vec<Gap>,
}

/// Keys that may have been in what cannot be read: above `after` (at it too, when versions of one key stand on both
/// sides), up to and with `last`; without an end when it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "said above")]
pub struct Gap {
    pub after: Vec<u8>,
    pub last: Option<Vec<u8>>,
}

impl Gap {
    /// All keys of a table.
    #[must_use]
    pub fn of(table: &LiveTable) -> Self {
        Self { after: table.smallest.user_key.to_vec(), last: Some(table.largest.user_key.to_vec()) }
    }

    /// Whether the key may have been there.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        *self.after <= *key && self.last.as_ref().is_none_or(|last| key <= &**last)
    }

    /// The part of it that is within the bounds of a table.
    fn within(self, table: &LiveTable) -> Self {
        let whole = Self::of(table);
        let last = match (self.last, whole.last) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { after: self.after.max(whole.after), last }
    }
}

impl Database<'_> {
    /// What the file of a live table says of itself.
    ///
    /// # Errors
    ///
    /// A file that is missing, damaged at its end or its index, or not supported.
    pub fn describe(&self, table: &LiveTable) -> Result<Description<'_>, Error> {
        let open = self.open_table(self.number_of(table)?)?;
        let pieces = open.table.spans.pieces.iter();
        Ok(Description {
            format: open.table.footer.format,
            two_level_index: open.table.two_level,
            properties: &open.table.properties,
            range_deletions: pieces
                .map(|span| RangeDeletion { start: &span.start, end: &span.end, sequence: span.sequence })
                .collect(),
        })
    }

    /// Where the data blocks of a live table's file stand, in order.
    ///
    /// # Errors
    ///
    /// As [`Database::describe`].
    pub fn data_blocks(&self, table: &LiveTable) -> Result<Vec<BlockPlace>, Error> {
        let mut walk = Walk::to(self.open_table(self.number_of(table)?)?, b"")?;
        let mut places = Vec::new();
        while let Some(handle) = walk.next_block()? {
            places.push(BlockPlace { offset: handle.offset, length: handle.length });
        }
        Ok(places)
    }

    /// Reads the whole file of a live table: every checksum, the order of keys within and between blocks, the bounds,
    /// and the counts that it states.
    #[must_use]
    pub fn check(&self, table: &LiveTable) -> Checkup {
        let mut check = Check::default();
        match self.number_of(table).and_then(|number| self.open_table(number)) {
            Ok(open) => check.table(open, table),
            Err(error) => {
                check.found.faults.push(error);
                check.found.gaps.push(Gap::of(table));
            }
        }
        let gaps = std::mem::take(&mut check.found.gaps);
        let gaps = gaps.into_iter().map(|gap| gap.within(table));
        check.found.gaps =
            gaps.filter(|gap| gap.last.as_ref().is_none_or(|last| gap.after <= *last)).collect();
        check.found
    }

    fn number_of(&self, table: &LiveTable) -> Result<usize, Error> {
        let number = self.tables().iter().position(|other| other == table);
        number.ok_or_else(|| Error::new(table.file_name(), None, ErrorKind::Missing))
    }
}

/// A check on its way through a table.
#[derive(Debug, Default)]
struct Check {
    found: Checkup,
    /// The row before.
    last: Option<(Vec<u8>, Trailer)>,
    /// The separator before.
    separator: Option<Vec<u8>>,
}

impl Check {
    fn fault(&mut self, fault: Error) {
        self.found.faults.push(fault);
    }

    /// From the block before on, up to `last` or to the end.
    fn gap(&mut self, last: Option<&[u8]>) {
        let after = self.separator.clone().unwrap_or_default();
        self.found.gaps.push(Gap { after, last: last.map(<[u8]>::to_vec) });
    }

    fn is_full(&self) -> bool {
        self.found.faults.len() >= MAX_FAULTS
    }

    fn table(&mut self, open: OpenTable<'_>, live: &LiveTable) {
        self.found.range_deletions = open.table.spans.rows;
        if let Err(fault) = open.table.check_spans(open.file.name, live) {
            self.fault(fault);
        }
        let mut walk = match Walk::to(open, b"") {
            Ok(walk) => walk,
            Err(fault) => {
                self.gap(None);
                return self.fault(fault);
            }
        };
        let mut buffer = Buffer::default();
        while !self.is_full() {
            match walk.next_block() {
                Ok(None) => break,
                Ok(Some(handle)) => self.block(open, live, &walk, handle, &mut buffer),
                Err(fault) => {
                    self.gap(None);
                    self.fault(fault);
                }
            }
        }
        if self.is_full() {
            self.gap(None);
        }
        // Counts of a table of which parts could not be read say nothing.
        if self.found.faults.is_empty() {
            self.counts(open);
        }
    }

    fn block<'a>(
        &mut self,
        open: OpenTable<'a>,
        live: &LiveTable,
        walk: &Walk<'a>,
        handle: Handle,
        buffer: &mut Buffer<'a>,
    ) {
        if let Err(fault) = open.file.read(handle, Structure::DataBlock, buffer) {
            self.gap(walk.separator());
            self.separator = walk.separator().map(<[u8]>::to_vec);
            return self.fault(fault);
        }
        let mut block = DataBlock::empty(open.table.footer.is_columnar());
        if let Err(fault) = block.parse(buffer.bytes(), open.table.footer.format) {
            self.gap(walk.separator());
            return self.fault(fault.in_block(open.file.name, handle.offset));
        }
        self.found.data_blocks += 1;
        if let Err(kind) = self.rows(&block, buffer.bytes(), live, walk.separator()) {
            self.gap(walk.separator());
            self.fault(open.file.error(handle, kind));
        }
        self.separator = walk.separator().map(<[u8]>::to_vec);
    }

    /// Looks at every row of a block, up to the first fault.
    fn rows(
        &mut self,
        block: &DataBlock,
        bytes: &[u8],
        live: &LiveTable,
        separator: Option<&[u8]>,
    ) -> Result<(), ErrorKind> {
        let structure = Structure::DataBlock;
        let malformed = || ErrorKind::Malformed { structure, detail: "a row is outside of its column" };
        let mut assembly = Assembly::default();
        for row in 0..block.len() {
            block.place(bytes, row, &mut assembly).ok_or_else(malformed)?;
            let trailer = block.trailer(bytes, row).ok_or_else(malformed)?;
            let value = block.value(bytes, row).and_then(|range| bytes.get(range));
            value.ok_or_else(malformed)?;
            let (key, obsolete) = (&*assembly.key, block.is_obsolete(bytes, row));
            self.key(key, trailer, live, separator)?;
            let fresh = self.last.as_ref().is_none_or(|(last, _)| *last != key);
            let effect = trailer.effect()?;
            if block.is_external(bytes, row) && fresh && !obsolete {
                return Err(ErrorKind::Unsupported(Feature::ValueBlocks));
            }
            self.found.rows += 1;
            self.found.deletions += u64::from(effect == Effect::Gone);
            self.found.obsolete += u64::from(obsolete);
            self.last = Some((std::mem::take(&mut assembly.key), trailer));
        }
        Ok(())
    }

    /// Order, separators, bounds and sequence numbers.
    fn key(
        &self,
        key: &[u8],
        trailer: Trailer,
        live: &LiveTable,
        separator: Option<&[u8]>,
    ) -> Result<(), ErrorKind> {
        let ascends = self.last.as_ref().is_none_or(|(last, older)| match (**last).cmp(key) {
            Ordering::Less => true,
            Ordering::Equal => trailer < *older,
            Ordering::Greater => false,
        });
        // Versions of one key may stand on both sides of a separator.
        let before = self.separator.as_deref().is_none_or(|separator| separator <= key);
        if !ascends || !before || separator.is_some_and(|separator| key > separator) {
            return Err(ErrorKind::Order);
        }
        let whole = live.backing.is_none();
        if whole && !live.contains(key) {
            return Err(ErrorKind::OutOfBounds);
        }
        match live.sequences {
            Some((smallest, largest)) if whole && live.synthetic_sequence().is_none() => {
                match (smallest..=largest).contains(&trailer.sequence()) {
                    true => Ok(()),
                    false => Err(ErrorKind::OutOfBounds),
                }
            }
            _ => Ok(()),
        }
    }

    fn counts(&mut self, open: OpenTable<'_>) {
        let found = &self.found;
        let counts = [
            ("rocksdb.num.entries", found.rows + found.range_deletions),
            ("rocksdb.deleted.keys", found.deletions + found.range_deletions),
            ("rocksdb.num.range-deletions", found.range_deletions),
            ("rocksdb.num.data.blocks", found.data_blocks),
        ];
        let wrong = counts.into_iter().filter_map(|(property, found)| {
            let stated = open.table.properties.stated(property).filter(|stated| *stated != found)?;
            Some(Error::new(open.file.name, None, ErrorKind::Count { property, stated, found }))
        });
        let wrong: Vec<Error> = wrong.collect();
        self.found.faults.extend(wrong);
    }
}
