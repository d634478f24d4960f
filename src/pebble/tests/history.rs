//! Random histories: whatever was written, deleted, ingested, moved and cut, a reader sees what a sorted map has.
//!
//! A small model of a store takes operations and spreads their rows over tables as Pebble does: a flush writes new
//! tables of level 0, a compaction merges all tables into tables of level 6 that do not overlap, an ingestion
//! adds one whose rows get their sequence number from the manifest, and may before cut a range out of all others, of
//! which virtual tables remain.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::pebble::testing::{Compression, Edit, Random, TableEdit, bounds, internal_key};

const LAST: u64 = (1 << 56) - 1;

#[derive(Debug, Clone)]
enum Operation {
    Set(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>, u8),
    DeleteRange(Vec<u8>, Vec<u8>),
    Flush,
    Compact,
    Ingest(Vec<u8>, Vec<u8>, Vec<Vec<u8>>),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    let head = prop_oneof![Just(&b""[..]), Just(&b"k"[..]), Just(&b"key\0x"[..]), Just(&b"\xff"[..])];
    (head, proptest::collection::vec(prop_oneof![Just(0), Just(b'a'), Just(b'b'), Just(255)], 0..3))
        .prop_map(|(head, tail)| [head, &tail].concat())
}

fn range() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    (key(), key()).prop_filter_map("empty", |(a, b)| match a.cmp(&b) {
        std::cmp::Ordering::Less => Some((a, b)),
        std::cmp::Ordering::Greater => Some((b, a)),
        std::cmp::Ordering::Equal => None,
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    let value = proptest::collection::vec(any::<u8>(), 0..4);
    prop_oneof![
        12 => (key(), value).prop_map(|(key, value)| Operation::Set(key, value)),
        3 => (key(), prop_oneof![Just(0), Just(7), Just(23)]).prop_map(|(key, kind)| Operation::Delete(key, kind)),
        2 => range().prop_map(|(start, end)| Operation::DeleteRange(start, end)),
        3 => Just(Operation::Flush),
        1 => Just(Operation::Compact),
        2 => (range(), proptest::collection::vec(key(), 0..8))
            .prop_map(|((start, end), keys)| Operation::Ingest(start, end, keys)),
    ]
}

/// A live table of the model.
#[derive(Debug, Clone)]
struct Live {
    edit: TableEdit,
    rows: Vec<Row>,
    spans: Vec<Span>,
}

impl Live {
    fn smallest(&self) -> &[u8] {
        &self.edit.smallest[..self.edit.smallest.len() - 8]
    }

    fn largest(&self) -> (&[u8], bool) {
        let (key, trailer) = self.edit.largest.split_at(self.edit.largest.len() - 8);
        (key, trailer != (LAST << 8 | 15).to_le_bytes())
    }

    /// Rows and spans within the bounds, with the sequence numbers that count.
    fn visible(&self) -> (Vec<Row>, Vec<Span>) {
        let (largest, inclusive) = self.largest();
        let inside = |key: &[u8]| key >= self.smallest() && (key < largest || inclusive && key == largest);
        let (least, most) = self.edit.sequences;
        let sequence = |own| if least == most && most > 0 { most } else { own };
        let rows = self.rows.iter().filter(|row| inside(&row.key) && !row.obsolete);
        let rows = rows.map(|row| Row { sequence: sequence(row.sequence), ..row.clone() });
        let spans = self.spans.iter().map(|span| {
            let (start, end) = (span.start.as_slice().max(self.smallest()), span.end.as_slice().min(largest));
            Span::new(start, end, sequence(span.sequence))
        });
        (rows.collect(), spans.filter(|span| span.start < span.end).collect())
    }
}

struct Store {
    random: Random,
    writer: DatabaseWriter,
    tables: Vec<Live>,
    rows: Vec<Row>,
    spans: Vec<Span>,
    sequence: u64,
    model: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// Cuts spans so that any two are equal or apart, as Pebble does.
fn fragments(spans: &[Span]) -> Vec<Span> {
    let mut cuts: Vec<&[u8]> = spans.iter().flat_map(|span| [&*span.start, &*span.end]).collect();
    cuts.sort();
    cuts.dedup();
    let mut pieces = Vec::new();
    for pair in cuts.windows(2) {
        let mut around: Vec<_> =
            spans.iter().filter(|span| *span.start <= *pair[0] && *pair[1] <= *span.end).collect();
        around.sort_by_key(|span| std::cmp::Reverse(span.sequence));
        pieces.extend(around.iter().map(|span| Span::new(pair[0], pair[1], span.sequence)));
    }
    pieces
}

impl Store {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            writer: DatabaseWriter::new(),
            tables: Vec::new(),
            rows: Vec::new(),
            spans: Vec::new(),
            sequence: 10,
            model: BTreeMap::new(),
        }
    }

    fn apply(&mut self, operation: Operation) {
        self.sequence += 1;
        let sequence = self.sequence;
        match operation {
            Operation::Set(key, value) => {
                let kind = self.random.of(&[1, 1, 18]);
                self.rows.push(Row::of(&key, sequence, kind, &value));
                self.model.insert(key, value);
            }
            Operation::Delete(key, kind) => {
                self.rows.push(Row::of(&key, sequence, kind, if kind == 23 { b"\x05" } else { b"" }));
                self.model.remove(&key);
            }
            Operation::DeleteRange(start, end) => {
                self.model.retain(|key, _| !(&start <= key && key < &end));
                self.spans.push(Span { start, end, sequence });
            }
            Operation::Flush => self.flush(),
            Operation::Compact => self.compact(),
            Operation::Ingest(start, end, keys) => self.ingest(&start, &end, keys),
        }
    }

    fn table_writer(&mut self) -> TableWriter {
        let random = &mut self.random;
        let mut writer = TableWriter::new(random.of(&[1, 2, 3, 4, 5, 6, 7, 7, 7]));
        writer.compression = random.of(&[Compression::None, Compression::Snappy, Compression::Zstd]);
        writer.block_size = random.of(&[1, 8, 40, 1000]);
        writer.index_entries = random.of(&[1, 2, 1000]);
        writer.widths.least = random.of(&[0, 1, 4]);
        writer.widths.delta = random.one_in(2);
        writer
    }

    /// Writes tables with these rows and spans, cut at a few keys.
    fn write(&mut self, level: u8, mut rows: Vec<Row>, spans: &[Span]) {
        rows.sort_by(|a, b| a.key.cmp(&b.key).then(b.sequence.cmp(&a.sequence)));
        let mut cuts: Vec<Vec<u8>> = Vec::new();
        for row in &rows {
            if self.random.one_in(6) {
                cuts.push(row.key.clone());
            }
        }
        cuts.dedup();
        let mut lower: Option<Vec<u8>> = None;
        for upper in cuts.into_iter().map(Some).chain([None]) {
            let inside = |key: &[u8]| {
                lower.as_ref().is_none_or(|lower| **lower <= *key)
                    && upper.as_ref().is_none_or(|upper| *key < **upper)
            };
            let rows: Vec<Row> = rows.iter().filter(|row| inside(&row.key)).cloned().collect();
            let spans: Vec<Span> = spans
                .iter()
                .map(|span| {
                    let start = lower.as_ref().map_or(&span.start, |lower| lower.max(&span.start));
                    let end = upper.as_ref().map_or(&span.end, |upper| upper.min(&span.end));
                    Span::new(start, end, span.sequence)
                })
                .filter(|span| span.start < span.end)
                .collect();
            lower = upper;
            if !rows.is_empty() || !spans.is_empty() {
                self.write_one(level, rows, &fragments(&spans));
            }
        }
    }

    fn write_one(&mut self, level: u8, mut rows: Vec<Row>, spans: &[Span]) {
        let writer = self.table_writer();
        // A newer row of the same table hides an older one.
        for index in 1..rows.len() {
            if rows[index - 1].key == rows[index].key && self.random.one_in(2) {
                rows[index].obsolete = true;
            }
        }
        let (number, size) = self.writer.write_file(&writer, &rows, spans);
        let (smallest, largest) = bounds(&rows, spans);
        let sequences = rows.iter().map(|row| row.sequence).chain(spans.iter().map(|span| span.sequence));
        let sequences: Vec<u64> = sequences.collect();
        let sequences = (*sequences.iter().min().unwrap(), *sequences.iter().max().unwrap());
        let edit =
            TableEdit { level, number, size: size as u64, smallest, largest, sequences, backing: None };
        self.writer.edits.push(Edit::default().add(&edit));
        // In older formats nothing says that a row is obsolete; it is hidden all the same.
        self.tables.push(Live { edit, rows, spans: spans.to_vec() });
    }

    fn flush(&mut self) {
        let (rows, spans) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.spans));
        self.write(0, rows, &spans);
    }

    fn remove_all(&mut self) -> Vec<Live> {
        let tables = std::mem::take(&mut self.tables);
        let mut edit = Edit::default();
        for table in &tables {
            edit = edit.remove(table.edit.level, table.edit.number);
        }
        self.writer.edits.push(edit);
        tables
    }

    /// Merges all tables. Some rows that are hidden stay, some sequence numbers become 0.
    fn compact(&mut self) {
        let (mut rows, mut spans) = (Vec::new(), Vec::new());
        for table in self.remove_all() {
            let (more, cut) = table.visible();
            rows.extend(more);
            spans.extend(cut);
        }
        let hidden = |row: &Row| {
            spans
                .iter()
                .any(|span| span.start <= row.key && row.key < span.end && span.sequence > row.sequence)
        };
        rows.retain(|row| !hidden(row));
        rows.sort_by(|a, b| a.key.cmp(&b.key).then(b.sequence.cmp(&a.sequence)));
        let keep = self.random.one_in(3);
        if !keep {
            rows.dedup_by(|later, first| later.key == first.key);
            rows.retain(|row| matches!(row.kind, 1 | 18));
            for row in &mut rows {
                if self.random.one_in(2) {
                    row.sequence = 0;
                }
            }
        }
        self.write(6, rows, if keep { &spans } else { &[] });
    }

    /// Adds a table that was written apart, to all others or in the place of a range of theirs.
    fn ingest(&mut self, start: &[u8], end: &[u8], mut keys: Vec<Vec<u8>>) {
        self.flush();
        self.sequence += 1;
        let (sequence, instead) = (self.sequence, self.random.one_in(2));
        if instead {
            self.excise(start, end);
        }
        let deletes = self.random.one_in(3);
        if instead || deletes {
            self.model.retain(|key, _| !(*start <= **key && **key < *end));
        }
        let spans = if deletes { vec![Span::new(start, end, 0)] } else { Vec::new() };
        keys.retain(|key| start <= &**key && &**key < end);
        keys.sort();
        keys.dedup();
        if keys.is_empty() && spans.is_empty() {
            return;
        }
        let writer = self.table_writer();
        let rows: Vec<Row> = keys.into_iter().flat_map(|key| self.ingested_rows(key, &writer)).collect();
        let (number, size) = self.writer.write_file(&writer, &rows, &spans);
        let (smallest, largest) = bounds(&rows, &spans);
        let (level, size) = (if instead { 6 } else { 0 }, size as u64);
        let edit = TableEdit {
            level,
            number,
            size,
            smallest,
            largest,
            sequences: (sequence, sequence),
            backing: None,
        };
        self.writer.edits.push(Edit::default().add(&edit));
        self.tables.push(Live { edit, rows, spans });
    }

    /// The rows of one key in an ingested table.
    fn ingested_rows(&mut self, key: Vec<u8>, writer: &TableWriter) -> Vec<Row> {
        if self.random.one_in(5) {
            self.model.remove(&key);
            return vec![Row::delete(&key, 1)];
        }
        let value = vec![self.random.next() as u8];
        let mut rows = vec![Row::set(&key, 1, &value)];
        if writer.format >= 4 && self.random.one_in(3) {
            rows.push(Row::set(&key, 0, b"hidden").obsolete());
        }
        self.model.insert(key, value);
        rows
    }

    /// Cuts a range out of all tables: parts of them remain.
    fn excise(&mut self, start: &[u8], end: &[u8]) {
        for table in std::mem::take(&mut self.tables) {
            let (largest, inclusive) = table.largest();
            let apart = end <= table.smallest() || largest < start || largest == start && !inclusive;
            if apart {
                self.tables.push(table);
                continue;
            }
            let mut edit = Edit::default().remove(table.edit.level, table.edit.number);
            let file = table.edit.backing.unwrap_or(table.edit.number);
            if table.edit.backing.is_none() {
                edit = edit.backing(file, table.edit.size);
            }
            for part in [self.left_of(&table, start), self.right_of(&table, end)].into_iter().flatten() {
                let number = self.writer.next_number();
                let part = TableEdit { number, backing: Some(file), size: 1, ..part };
                edit = edit.add(&part);
                self.tables.push(Live { edit: part, ..table.clone() });
            }
            self.writer.edits.push(edit);
        }
    }

    /// What is left of a table below a cut: nothing, or bounds that are tight or loose.
    fn left_of(&mut self, table: &Live, cut: &[u8]) -> Option<TableEdit> {
        let (rows, spans) = table.visible();
        let row = rows.iter().map(|row| &row.key).filter(|key| key.as_slice() < cut).max();
        let span =
            spans.iter().filter(|span| *span.start < *cut).map(|span| span.end.as_slice().min(cut)).max();
        let largest = match (row, span) {
            (None, None) => return None,
            (Some(row), span) if span.is_none_or(|end| end <= row.as_slice()) && self.random.one_in(2) => {
                internal_key(row, 5, 1)
            }
            (row, span) => {
                let tight = span.filter(|end| row.is_none_or(|row| **row < **end));
                let loose = self.random.one_in(2);
                internal_key(tight.filter(|_| !loose).unwrap_or(cut), LAST, 15)
            }
        };
        Some(TableEdit { largest, ..table.edit.clone() })
    }

    fn right_of(&mut self, table: &Live, cut: &[u8]) -> Option<TableEdit> {
        let (rows, spans) = table.visible();
        let row = rows.iter().map(|row| &*row.key).filter(|key| cut <= *key).min();
        let span =
            spans.iter().filter(|span| cut < &*span.end).map(|span| span.start.as_slice().max(cut)).min();
        let tight = row.into_iter().chain(span).min()?;
        let smallest = internal_key(if self.random.one_in(2) { tight } else { cut }, 5, 1);
        Some(TableEdit { smallest, ..table.edit.clone() })
    }
}

fn assert_same(
    directory: &MemoryDirectory,
    model: &BTreeMap<Vec<u8>, Vec<u8>>,
    random: &mut Random,
    keys: &[Vec<u8>],
) {
    let expected: Vec<Pair> = model.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let database = Database::open(directory).unwrap();
    assert_eq!(collect(&database, b"", None).unwrap(), expected);
    for key in keys {
        assert_eq!(database.get(key).unwrap().as_deref(), model.get(key).map(|value| &**value), "{key:?}");
    }
    let mut scan = database.scan(b"", None);
    for _ in 0..20 {
        let (a, b) = (&keys[random.below(keys.len())], &keys[random.below(keys.len())]);
        let (lower, upper) = (a.min(b), a.max(b));
        let range: Vec<Pair> = model
            .range(lower.clone()..upper.clone())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        assert_eq!(collect(&database, lower, Some(upper)).unwrap(), range, "{lower:?} to {upper:?}");
        scan.seek(a);
        for (key, value) in model.range(a.clone()..).take(random.below(5)) {
            assert_eq!(scan.next().unwrap(), Some((&**key, &**value)));
        }
    }
    for table in database.tables() {
        let found = database.check(table);
        assert!(found.faults.is_empty(), "{:?}", found.faults);
    }
}

fn run(operations: Vec<Operation>, seed: u64) {
    let mut store = Store::new(seed);
    let mut keys: Vec<Vec<u8>> = vec![b"".to_vec(), b"zz".to_vec()];
    for operation in operations {
        match &operation {
            Operation::Set(key, _) | Operation::Delete(key, _) => keys.push(key.clone()),
            Operation::DeleteRange(start, end) => keys.extend([start.clone(), end.clone()]),
            Operation::Ingest(start, end, more) => {
                keys.extend([start.clone(), end.clone()].iter().chain(more).cloned())
            }
            Operation::Flush | Operation::Compact => {}
        }
        store.apply(operation);
    }
    store.flush();
    keys.sort();
    keys.dedup();
    let directory = store.writer.finish();
    assert_same(&directory, &store.model, &mut store.random, &keys);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_sees_what_a_sorted_map_has(
        operations in proptest::collection::vec(operation(), 1..120),
        seed in any::<u64>(),
    ) {
        run(operations, seed);
    }
}
