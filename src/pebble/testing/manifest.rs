//! Writes version edits and record logs.

use super::{internal_key, masked_crc, push_string, push_uvarint};

/// A version edit that is being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit(pub(crate) Vec<u8>);

/// What an edit says of a table that it adds.
#[derive(Debug, Clone)]
pub(crate) struct TableEdit {
    pub(crate) level: u8,
    pub(crate) number: u64,
    pub(crate) size: u64,
    /// Internal keys.
    pub(crate) smallest: Vec<u8>,
    pub(crate) largest: Vec<u8>,
    pub(crate) sequences: (u64, u64),
    pub(crate) backing: Option<u64>,
}

impl TableEdit {
    /// A table of level 0 with these bounds, and rows with these sequence numbers.
    pub(crate) fn new(number: u64, size: usize, smallest: &[u8], largest: &[u8]) -> Self {
        Self {
            level: 0,
            number,
            size: size as u64,
            smallest: internal_key(smallest, 0, 1),
            largest: internal_key(largest, 0, 1),
            sequences: (0, 1000),
            backing: None,
        }
    }
}

impl Edit {
    pub(crate) fn numbers(mut self, tag: u64, numbers: &[u64]) -> Self {
        push_uvarint(&mut self.0, tag);
        numbers.iter().for_each(|number| push_uvarint(&mut self.0, *number));
        self
    }

    pub(crate) fn string(mut self, bytes: &[u8]) -> Self {
        push_string(&mut self.0, bytes);
        self
    }

    /// The first edit of a manifest.
    pub(crate) fn first() -> Self {
        Self::default().numbers(1, &[]).string(b"leveldb.BytewiseComparator")
    }

    pub(crate) fn remove(self, level: u8, number: u64) -> Self {
        self.numbers(6, &[u64::from(level), number])
    }

    pub(crate) fn backing(self, file: u64, size: u64) -> Self {
        self.numbers(105, &[file, size])
    }

    /// Adds a table under tag 103.
    pub(crate) fn add(self, table: &TableEdit) -> Self {
        let (smallest, largest) = table.sequences;
        let edit = self
            .numbers(103, &[u64::from(table.level), table.number, table.size])
            .string(&table.smallest)
            .string(&table.largest)
            .numbers(smallest, &[largest])
            .numbers(6, &[])
            .string(&[0xb9, 0xa1, 0x8b, 0xd8, 6]);
        match table.backing {
            Some(file) => edit.numbers(66, &[file, 1]),
            None => edit.numbers(1, &[]),
        }
    }
}

/// A log of these edits.
pub(crate) fn log(edits: &[Edit]) -> Vec<u8> {
    let records: Vec<&[u8]> = edits.iter().map(|edit| &*edit.0).collect();
    write_log(&records)
}

/// A log of these records.
pub(crate) fn write_log(records: &[&[u8]]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for record in records {
        let (mut rest, mut first) = (*record, true);
        loop {
            let room = 32768 - out.len() % 32768;
            if room < 7 {
                out.resize(out.len() + room, 0);
                continue;
            }
            let (part, after) = rest.split_at(rest.len().min(room - 7));
            let kind = match (first, after.is_empty()) {
                (true, true) => 1,
                (true, false) => 2,
                (false, false) => 3,
                (false, true) => 4,
            };
            let checked = [&[kind], part].concat();
            out.extend(masked_crc(&checked).to_le_bytes());
            out.extend((part.len() as u16).to_le_bytes());
            out.extend(checked);
            (rest, first) = (after, false);
            if rest.is_empty() {
                break;
            }
        }
    }
    out
}
