//! The index of an archive of frames.
//!
//! ```text
//! payload   frame frame … frame       one after the other; any number, none at all too
//! index     a protobuf message        total sizes and one entry per file
//! footer    28 bytes                  the last of the file; numbers are big-endian
//!
//! footer    0   8  position of the index in the file
//!           8   4  its length, at most 64 MiB
//!          12   8  its XXH64
//!          20   8  43 31 5a 49 44 58 31 00  "C1ZIDX1\0"
//!
//! index     1  message, repeated  entry
//!           2  int64              decoded bytes of all files
//!           3  int64              bytes of all frames
//!           4  fixed64            XXH64 of the manifest; 0 means not recorded
//!
//! entry     1  string             name
//!           2  int64              position of the frame in the file
//!           3  int64              bytes of the frame
//!           4  int64              decoded bytes
//!           5  fixed64            XXH64 of them
//!           6  bytes              SHA-256 of them, which is for writers
//! ```
//!
//! The seed of each hash is 0. The checks come in the order of the reference, so that a file with several faults gets
//! the same verdict.

use super::super::error::{ErrorKind, Layer};
use super::directory::{Directory, Entry};
use super::fault::{EntryFault, Fault, NameFault};
use super::head::Head;
use super::raw::Raw;
use super::wire::{Fields, Malformed, Value};
use super::{MAX_INDEX, hash, name};

const FOOTER: u64 = 28;
const END_MARK: &[u8] = b"C1ZIDX1\0";
const SHA256: usize = 32;

/// What an index says.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub directory: Directory,
    /// Position of the index: the end of the frames.
    pub start: u64,
    /// Decoded bytes of all files, as the index states them.
    pub raw_total: u64,
    /// Bytes of all frames, as the index states them.
    pub stored_total: u64,
}

/// An entry as it stands there.
struct Found<'a> {
    /// Position in the file.
    at: u64,
    name: &'a [u8],
    start: i64,
    stored: i64,
    size: i64,
    hash: u64,
    sha256: usize,
}

impl Index {
    /// Reads and checks footer and index.
    pub(super) fn read(raw: &Raw, head: &Head) -> Result<Self, ErrorKind> {
        let (size, payload) = (raw.size(), head.payload());
        let footer = match size.checked_sub(FOOTER) {
            Some(footer) if footer >= payload => footer,
            _ => return Err(ErrorKind::Truncated { offset: size, layer: Layer::Footer }),
        };
        let bytes = raw.bytes(footer, FOOTER, Layer::Footer)?;
        let place = Place::of(&bytes, footer, payload)?;
        let bytes = raw.bytes(place.start, place.length, Layer::Index)?;
        if hash(&bytes) != place.hash {
            return Err(Fault::IndexHash { offset: place.start }.into());
        }
        let listed = list(&bytes, place.start);
        let (mut index, found, manifest_hash) = listed.map_err(|offset| Fault::Index { offset })?;
        if manifest_hash != 0 && manifest_hash != hash(&head.manifest) {
            return Err(Fault::ManifestHash.into());
        }
        let places: Vec<u64> = found.iter().map(|found| found.at).collect();
        let entries: Result<Vec<_>, _> =
            found.into_iter().map(|found| found.check(payload, place.start)).collect();
        index.directory = Directory::of(entries?).map_err(|place| {
            let offset = places.get(place).copied().unwrap_or_default();
            Fault::Name { offset, packed: false, fault: NameFault::Duplicate }
        })?;
        Ok(index)
    }
}

impl Index {
    /// What can be read of an index that is damaged, or whose footer is. `end` is where the frames end.
    pub(super) fn salvage(raw: &Raw, head: &Head, end: u64) -> Result<Self, ErrorKind> {
        let payload = head.payload();
        let footer = raw.size().saturating_sub(FOOTER).max(payload);
        let place = raw.bytes(footer, raw.size() - footer, Layer::Footer).ok();
        let place = place.and_then(|bytes| Place::of(&bytes, footer, payload).ok());
        let (start, length) = match place {
            Some(place) => (place.start, place.length),
            None => (end, raw.size().saturating_sub(end).min(MAX_INDEX)),
        };
        let bytes = raw.bytes(start, length, Layer::Index)?;
        let mut index = Self { start, ..Self::default() };
        let mut entries = Vec::new();
        for field in Fields::of(&bytes).map_while(Result::ok) {
            match (field.number, field.value) {
                (1, Value::Bytes(entry)) => {
                    let found = Found::read(entry, start + field.at as u64).ok();
                    entries.extend(found.and_then(|found| found.check(payload, start).ok()));
                }
                (2, Value::Varint(total)) => index.raw_total = total,
                (3, Value::Varint(total)) => index.stored_total = total,
                _ => {}
            }
        }
        index.directory = Directory::of_first(entries);
        Ok(index)
    }
}

/// What a footer says.
struct Place {
    start: u64,
    length: u64,
    hash: u64,
}

impl Place {
    /// Reads the footer, which stands at `offset`.
    fn of(footer: &[u8], offset: u64, payload: u64) -> Result<Self, Fault> {
        let number = |from: usize, to: usize| {
            let bytes = footer.get(from..to).unwrap_or_default();
            bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
        };
        if footer.get(20..) != Some(END_MARK) {
            return Err(Fault::EndMark { offset: offset + 20 });
        }
        let place = Self { start: number(0, 8), length: number(8, 12), hash: number(12, 20) };
        let Self { start, length, .. } = place;
        if start < payload || start.checked_add(length) != Some(offset) {
            return Err(Fault::IndexPlace { offset, start, length });
        }
        if length > MAX_INDEX {
            return Err(Fault::IndexTooLarge { offset, declared: length });
        }
        Ok(place)
    }
}

/// The index without its entries, the entries unchecked, and the hash of the manifest; or the position in the file of
/// what is malformed.
fn list(bytes: &[u8], start: u64) -> Result<(Index, Vec<Found<'_>>, u64), u64> {
    let mut index = Index { start, ..Index::default() };
    let (mut entries, mut manifest_hash) = (Vec::new(), 0);
    for field in Fields::of(bytes) {
        let field = field.map_err(|malformed| start + malformed.at as u64)?;
        match (field.number, field.value) {
            (1, Value::Bytes(entry)) => {
                let at = start + field.at as u64;
                let found = Found::read(entry, at).map_err(|malformed| at + malformed.at as u64)?;
                entries.push(found);
            }
            (2, Value::Varint(total)) => index.raw_total = total,
            (3, Value::Varint(total)) => index.stored_total = total,
            (4, Value::Fixed64(hash)) => manifest_hash = hash,
            _ => {}
        }
    }
    Ok((index, entries, manifest_hash))
}

impl<'a> Found<'a> {
    fn read(entry: &'a [u8], at: u64) -> Result<Self, Malformed> {
        let mut found = Self { at, name: b"", start: 0, stored: 0, size: 0, hash: 0, sha256: 0 };
        for field in Fields::of(entry) {
            let field = field?;
            match (field.number, field.value) {
                (1, Value::Bytes(name)) => found.name = name,
                (2, Value::Varint(number)) => found.start = number.cast_signed(),
                (3, Value::Varint(number)) => found.stored = number.cast_signed(),
                (4, Value::Varint(number)) => found.size = number.cast_signed(),
                (5, Value::Fixed64(hash)) => found.hash = hash,
                (6, Value::Bytes(sha256)) => found.sha256 = sha256.len(),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The entry, if its frame lies between the start of the payload and that of the index.
    fn check(self, payload: u64, index: u64) -> Result<Entry, Fault> {
        let offset = self.at;
        let name = name::of_file(self.name).map_err(|fault| Fault::Name { offset, packed: false, fault })?;
        let wrong = |fault| Fault::Entry { offset, name: name.clone(), fault };
        let size = u64::try_from(self.size).map_err(|_| wrong(EntryFault::NegativeSize))?;
        let Some(stored) = u64::try_from(self.stored).ok().filter(|stored| *stored > 0) else {
            return Err(wrong(EntryFault::NoFrame));
        };
        let place = u64::try_from(self.start).ok().filter(|start| {
            let end = start.checked_add(stored);
            *start >= payload && end.is_some_and(|end| end <= index)
        });
        let Some(start) = place else {
            return Err(wrong(EntryFault::Place { start: self.start, length: self.stored }));
        };
        if self.sha256 != SHA256 {
            return Err(wrong(EntryFault::Sha256 { length: self.sha256 }));
        }
        Ok(Entry { name, offset: start, stored, size, hash: self.hash })
    }
}
