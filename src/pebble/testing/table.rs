//! Writes tables of every format.

use super::columns::Widths;
use super::rows::RowBlockWriter;
use super::{columnar, internal_key, masked_crc, push_uvarint};

/// How blocks are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Snappy,
    Zstd,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: Vec<u8>,
    pub(crate) sequence: u64,
    pub(crate) kind: u8,
    pub(crate) value: Vec<u8>,
    pub(crate) obsolete: bool,
    /// Whether the value is said to lie elsewhere.
    pub(crate) external: bool,
}

impl Row {
    pub(crate) fn set(key: &[u8], sequence: u64, value: &[u8]) -> Self {
        Self::of(key, sequence, 1, value)
    }

    pub(crate) fn delete(key: &[u8], sequence: u64) -> Self {
        Self::of(key, sequence, 0, b"")
    }

    pub(crate) fn of(key: &[u8], sequence: u64, kind: u8, value: &[u8]) -> Self {
        let (key, value) = (key.to_vec(), value.to_vec());
        Self { key, sequence, kind, value, obsolete: false, external: false }
    }

    pub(crate) fn obsolete(self) -> Self {
        Self { obsolete: true, ..self }
    }

    pub(super) fn trailer(&self) -> u64 {
        self.sequence << 8 | u64::from(self.kind)
    }

    /// Key and value as they stand in a row block of this format.
    fn encode(&self, format: u32) -> (Vec<u8>, Vec<u8>) {
        let obsolete = if self.obsolete && format >= 4 { 0x40 } else { 0 };
        let key = internal_key(&self.key, self.sequence, self.kind | obsolete);
        let value = match (format, self.kind) {
            (3.., 1) => [&[if self.external { 0x80 } else { 0x20 }], &*self.value].concat(),
            _ => self.value.clone(),
        };
        (key, value)
    }
}

/// A range deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: Vec<u8>,
    pub(crate) end: Vec<u8>,
    pub(crate) sequence: u64,
}

impl Span {
    pub(crate) fn new(start: &[u8], end: &[u8], sequence: u64) -> Self {
        Self { start: start.to_vec(), end: end.to_vec(), sequence }
    }
}

/// How to write a table. Rows must be sorted by key, then newest first; spans by start, equal or apart.
#[derive(Debug, Clone)]
pub(crate) struct TableWriter {
    /// 1 to 7.
    pub(crate) format: u32,
    pub(crate) compression: Compression,
    /// Bytes of keys and values after which a data block ends.
    pub(crate) block_size: usize,
    /// Entries after which an index block ends; with more than one such block, the index has two levels.
    pub(crate) index_entries: usize,
    pub(crate) widths: Widths,
    /// Added to the attributes of format 7.
    pub(crate) attributes: u32,
    /// Put in the place of properties of these names, or added; None takes one away.
    pub(crate) properties: Vec<(&'static str, Option<Vec<u8>>)>,
    /// Added to the metaindex.
    pub(crate) metaindex: Vec<&'static str>,
}

impl TableWriter {
    pub(crate) fn new(format: u32) -> Self {
        Self {
            format,
            compression: Compression::None,
            block_size: 32 << 10,
            index_entries: usize::MAX,
            widths: Widths::default(),
            attributes: 0,
            properties: Vec::new(),
            metaindex: Vec::new(),
        }
    }

    fn is_columnar(&self) -> bool {
        self.format >= 5
    }

    /// Writes a table.
    pub(crate) fn write(&self, rows: &[Row], spans: &[Span]) -> Vec<u8> {
        let mut file = File { bytes: Vec::new() };
        let blocks = self.data_blocks(rows, &mut file);
        let (index, two_level) = self.index(&blocks, &mut file);
        let range_deletions = match spans.is_empty() {
            true => None,
            false => Some(file.push(&self.span_block(spans), Compression::None)),
        };
        let properties = self.properties(rows, spans, blocks.len(), two_level);
        let compression = if self.format >= 7 { self.compression } else { Compression::None };
        let properties = file.push(&self.pair_block(&properties, self.format >= 7), compression);
        let mut metaindex = vec![("rocksdb.properties".to_owned(), handle(properties))];
        metaindex.extend(range_deletions.map(|place| ("rocksdb.range_del2".to_owned(), handle(place))));
        metaindex.extend(self.metaindex.iter().map(|name| ((*name).to_owned(), handle(properties))));
        metaindex.sort();
        let metaindex = file.push(&self.pair_block(&metaindex, self.format >= 6), Compression::None);
        let mut attributes = self.attributes;
        attributes |= if rows.is_empty() { 0 } else { 128 };
        attributes |= if spans.is_empty() { 0 } else { 16 };
        attributes |= if two_level { 32 } else { 0 };
        file.bytes.extend(footer(self.format, metaindex, index, attributes));
        file.bytes
    }

    /// Writes the data blocks; gives separators and places.
    fn data_blocks(&self, rows: &[Row], file: &mut File) -> Vec<(Vec<u8>, u64, u64)> {
        let (mut blocks, mut start, mut size) = (Vec::new(), 0, 0);
        for (row, next) in rows.iter().zip(1..) {
            size += row.key.len() + row.value.len();
            if size < self.block_size && next < rows.len() {
                continue;
            }
            let place = file.push(&self.data_block(&rows[start..next]), self.compression);
            let separator = separator(&row.key, rows.get(next).map(|row| &*row.key));
            blocks.push((separator, place.0, place.1));
            (start, size) = (next, 0);
        }
        blocks
    }

    fn data_block(&self, rows: &[Row]) -> Vec<u8> {
        if self.is_columnar() {
            return columnar::data_block(rows, self.widths);
        }
        let mut block = RowBlockWriter::new(16, self.format >= 3);
        for row in rows {
            let (key, value) = row.encode(self.format);
            block.push(&key, &value);
        }
        block.finish()
    }

    /// Writes the index; gives its place and whether it has two levels.
    fn index(&self, blocks: &[(Vec<u8>, u64, u64)], file: &mut File) -> ((u64, u64), bool) {
        if blocks.len() <= self.index_entries {
            return (file.push(&self.index_block(blocks), self.compression), false);
        }
        let mut top = Vec::new();
        for leaf in blocks.chunks(self.index_entries) {
            let place = file.push(&self.index_block(leaf), self.compression);
            top.push((leaf.last().unwrap().0.clone(), place.0, place.1));
        }
        (file.push(&self.index_block(&top), self.compression), true)
    }

    fn index_block(&self, entries: &[(Vec<u8>, u64, u64)]) -> Vec<u8> {
        if self.is_columnar() {
            return columnar::index_block(entries, self.widths);
        }
        let mut block = RowBlockWriter::new(1, false);
        for (separator, offset, length) in entries {
            let value = [handle((*offset, *length)), vec![0, 2, b'x', b'y']].concat();
            block.push(&internal_key(separator, (1 << 56) - 1, 17), &value);
        }
        block.finish()
    }

    fn span_block(&self, spans: &[Span]) -> Vec<u8> {
        if self.is_columnar() {
            return columnar::span_block(spans, self.widths);
        }
        let mut block = RowBlockWriter::new(1, false);
        for span in spans {
            block.push(&internal_key(&span.start, span.sequence, 15), &span.end);
        }
        block.finish()
    }

    fn pair_block(&self, pairs: &[(String, Vec<u8>)], columnar: bool) -> Vec<u8> {
        if columnar {
            return columnar::pair_block(pairs, self.widths);
        }
        let mut block = RowBlockWriter::new(16, false);
        for (name, value) in pairs {
            block.push(name.as_bytes(), value);
        }
        block.finish()
    }

    fn properties(
        &self,
        rows: &[Row],
        spans: &[Span],
        blocks: usize,
        two_level: bool,
    ) -> Vec<(String, Vec<u8>)> {
        let number = |number: usize| {
            let mut out = Vec::new();
            push_uvarint(&mut out, number as u64);
            out
        };
        let deletions = rows.iter().filter(|row| matches!(row.kind, 0 | 7 | 23)).count();
        let mut all = vec![
            ("rocksdb.block.based.table.index.type", vec![if two_level { 2 } else { 0 }, 0, 0, 0]),
            ("rocksdb.comparator", b"leveldb.BytewiseComparator".to_vec()),
            ("rocksdb.deleted.keys", number(deletions + spans.len())),
            ("rocksdb.merge.operator", b"pebble.concatenate".to_vec()),
            ("rocksdb.num.data.blocks", number(blocks)),
            ("rocksdb.num.entries", number(rows.len() + spans.len())),
            ("rocksdb.num.range-deletions", number(spans.len())),
        ];
        if self.is_columnar() {
            let schema = b"DefaultKeySchema(leveldb.BytewiseComparator,16)".to_vec();
            all.push(("pebble.colblk.schema", schema));
        }
        for (name, value) in &self.properties {
            all.retain(|(other, _)| other != name);
            all.extend(value.as_ref().map(|value| (*name, value.clone())));
        }
        all.sort();
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A file that is being written.
struct File {
    bytes: Vec<u8>,
}

impl File {
    /// Adds a block; gives its offset and length.
    fn push(&mut self, block: &[u8], compression: Compression) -> (u64, u64) {
        let mut stored = Vec::new();
        let indicator = match compression {
            Compression::None => {
                stored.extend_from_slice(block);
                0
            }
            Compression::Snappy => {
                stored = snap::raw::Encoder::new().compress_vec(block).unwrap();
                1
            }
            Compression::Zstd => {
                push_uvarint(&mut stored, block.len() as u64);
                let mut frame = Vec::with_capacity(zstd_safe::compress_bound(block.len()));
                zstd_safe::compress(&mut frame, block, 1).unwrap();
                stored.extend(frame);
                7
            }
        };
        let offset = self.bytes.len();
        let length = stored.len();
        self.bytes.extend(stored);
        self.bytes.push(indicator);
        let crc = masked_crc(&self.bytes[offset..]);
        self.bytes.extend(crc.to_le_bytes());
        (offset as u64, length as u64)
    }
}

fn handle((offset, length): (u64, u64)) -> Vec<u8> {
    let mut out = Vec::new();
    push_uvarint(&mut out, offset);
    push_uvarint(&mut out, length);
    out
}

/// A key at or above `last` and below `next`; a short one if there is one.
fn separator(last: &[u8], next: Option<&[u8]>) -> Vec<u8> {
    let Some(next) = next else { return last.to_vec() };
    let same = last.iter().zip(next).take_while(|(a, b)| a == b).count();
    match (last.get(same), next.get(same)) {
        (Some(a), Some(b)) if a + 1 < *b => [&last[..same], &[a + 1]].concat(),
        _ => last.to_vec(),
    }
}

pub(crate) fn footer(format: u32, metaindex: (u64, u64), index: (u64, u64), attributes: u32) -> Vec<u8> {
    let mut out = vec![1];
    out.extend(handle(metaindex));
    out.extend(handle(index));
    out.resize(41, 0);
    if format >= 7 {
        out.extend(attributes.to_le_bytes());
    }
    let mut rest = format.to_le_bytes().to_vec();
    rest.extend([0xf0, 0x9f, 0xaa, 0xb3, 0xf0, 0x9f, 0xaa, 0xb3]);
    if format >= 6 {
        let crc = masked_crc(&[&*out, &rest].concat());
        out.extend(crc.to_le_bytes());
    }
    out.extend(rest);
    out
}
