//! v3 files with any rows: the plainest of containers around the plainest of tables, so that mutations reach the rows.
//!
//! A table in the oldest format with one block, which holds the rows as they are; a manifest with one edit; both in a
//! tar that is not compressed. All checksums are right.

use std::collections::BTreeMap;

/// Rows as a stream of bytes: length of the key, one byte; length of the value, two; both.
pub(crate) fn stream(rows: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (key, value) in rows {
        out.push(key.len() as u8);
        out.extend((value.len() as u16).to_le_bytes());
        out.extend(key);
        out.extend(value);
    }
    out
}

/// The rows of a stream, as far as it goes.
fn rows(mut stream: &[u8]) -> BTreeMap<&[u8], &[u8]> {
    let mut rows = BTreeMap::new();
    while let Some((head, rest)) = stream.split_first_chunk::<3>() {
        let (key, value) = (usize::from(head[0]), usize::from(u16::from_le_bytes([head[1], head[2]])));
        let Some((row, after)) = rest.split_at_checked(key + value) else { break };
        let (key, value) = row.split_at(key);
        rows.insert(key, value);
        stream = after;
    }
    rows
}

/// A file whose database has the rows of a stream.
pub(crate) fn file(stream: &[u8]) -> Vec<u8> {
    let rows = rows(stream);
    let files = match (rows.first_key_value(), rows.last_key_value()) {
        (Some((first, _)), Some((last, _))) => database_of(&table(&rows), first, last),
        _ => directory(&head(), Vec::new()),
    };
    let manifest = b"\x0a\x07pebble3\x20\x02";
    let mut out = [&b"C1Z3\0\0\0\0"[..], &[manifest.len() as u8], manifest].concat();
    files.iter().for_each(|(name, content)| push_tar(&mut out, name, content));
    out.resize(out.len() + 1024, 0);
    out
}

type Files = Vec<(String, Vec<u8>)>;

/// The files of a database with one table, whose keys lie between `first` and `last`.
pub(crate) fn database_of(table: &[u8], first: &[u8], last: &[u8]) -> Files {
    let mut edit = head();
    edit.extend([100, 6, 2]);
    push_number(&mut edit, table.len() as u64);
    for key in [first, last] {
        let key = [key, &ROW].concat();
        push_number(&mut edit, key.len() as u64);
        edit.extend(key);
    }
    edit.extend([0, 0]);
    directory(&edit, vec![("000002.sst".into(), table.to_vec())])
}

/// What a manifest begins with.
fn head() -> Vec<u8> {
    [&string(1, b"leveldb.BytewiseComparator")[..], &[3, 3, 4, 10]].concat()
}

/// The files of a database of this edit and these tables.
fn directory(edit: &[u8], tables: Files) -> Files {
    let markers = ["marker.format-version.000001.013", "marker.manifest.000001.MANIFEST-000001"];
    let markers = markers.map(|name| (name.to_owned(), Vec::new()));
    let manifest = ("MANIFEST-000001".to_owned(), record(edit));
    markers.into_iter().chain(tables).chain([manifest]).collect()
}

/// What stands behind the key of a row that sets a value, with the sequence number 0.
const ROW: [u8; 8] = [1, 0, 0, 0, 0, 0, 0, 0];
/// What stands behind a separator.
const SEPARATOR: [u8; 8] = [0x11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn string(tag: u8, text: &[u8]) -> Vec<u8> {
    [&[tag, text.len() as u8], text].concat()
}

fn masked(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// A log of one record, in as many pieces as its blocks need.
fn record(edit: &[u8]) -> Vec<u8> {
    let room = 32768 - 7;
    let mut out = Vec::new();
    let pieces = edit.chunks(room).count();
    for (number, piece) in edit.chunks(room).enumerate() {
        let kind = match (number == 0, number + 1 == pieces) {
            (true, true) => 1,
            (true, false) => 2,
            (false, false) => 3,
            (false, true) => 4,
        };
        let checked = [&[kind], piece].concat();
        out.extend(masked(&checked));
        out.extend((piece.len() as u16).to_le_bytes());
        out.extend(checked);
    }
    out
}

/// A block in which every key is written whole.
fn block<'a>(rows: impl Iterator<Item = (Vec<u8>, &'a [u8])>) -> Vec<u8> {
    let (mut out, mut restarts) = (Vec::new(), Vec::new());
    for (key, value) in rows {
        restarts.push(out.len() as u32);
        out.push(0);
        push_number(&mut out, key.len() as u64);
        push_number(&mut out, value.len() as u64);
        out.extend(key);
        out.extend(value);
    }
    restarts.iter().for_each(|restart| out.extend(restart.to_le_bytes()));
    out.extend((restarts.len() as u32).to_le_bytes());
    out
}

/// Appends a block with its checksum; gives its handle.
fn push_block(out: &mut Vec<u8>, block: &[u8]) -> Vec<u8> {
    let mut handle = Vec::new();
    push_number(&mut handle, out.len() as u64);
    push_number(&mut handle, block.len() as u64);
    let stored = [block, &[0]].concat();
    let checksum = masked(&stored);
    out.extend(stored);
    out.extend(checksum);
    handle
}

fn table(rows: &BTreeMap<&[u8], &[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    let data = block(rows.iter().map(|(key, value)| ([*key, &ROW].concat(), *value)));
    let data = push_block(&mut out, &data);
    let last = rows.last_key_value().map_or(&[][..], |(key, _)| *key);
    let index = block(std::iter::once(([last, &SEPARATOR].concat(), &*data)));
    let index = push_block(&mut out, &index);
    let properties = [
        (&b"rocksdb.block.based.table.index.type"[..], &[0; 4][..]),
        (b"rocksdb.comparator", b"leveldb.BytewiseComparator"),
        (b"rocksdb.merge.operator", b"pebble.concatenate"),
    ];
    let properties = block(properties.into_iter().map(|(name, value)| (name.to_vec(), value)));
    let properties = push_block(&mut out, &properties);
    let metaindex = block(std::iter::once((b"rocksdb.properties".to_vec(), &*properties)));
    let metaindex = push_block(&mut out, &metaindex);
    let mut footer = [&[1], &*metaindex, &index].concat();
    footer.resize(41, 0);
    footer.extend([1, 0, 0, 0]);
    footer.extend(b"\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3");
    [out, footer].concat()
}

pub(crate) fn push_tar(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend(header);
    out.extend(content);
    out.resize(out.len() + content.len().next_multiple_of(512) - content.len(), 0);
}
