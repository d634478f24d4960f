//! Version edits: the records of a manifest, each of which changes the set of live tables.
//!
//! ```text
//! edit := (tag fields)*            n = uvarint, b = uvarint length and that many bytes, k = b holding an internal key
//!
//!     1  b                                 name of the comparer
//!     2  n                                 number of the oldest log that may hold rows
//!     3  n                                 the next file number
//!     4  n                                 the last sequence number
//!     5  n level, b key                    where compactions go on
//!     6  n level, n table                  takes a table away
//!     7  n level, n table, n size, k smallest, k largest                             adds a table
//!   100  as 7, then n and n: smallest and largest sequence number
//!   102  n level, n table, n path, n size, k, k, n, n
//!   103  as 100, then extras
//!   105  n file, n size                    a file of which virtual tables are parts
//!   106  n file                            no longer
//!
//! extras := (tag fields)* 1
//!     2 b, 6 b, other tags below 64: b     may be passed over
//!    66  n file                            the table is virtual: the part of this file within its bounds
//! ```
//!
//! Everything else is refused: range keys (104), blob files (107, 108, extra 69), column families (200 to 203), other
//! paths (102 and 65), synthetic prefixes and suffixes (67, 68), and what is not known.

use super::bytes::Reader;
use super::error::{Fault, Feature, Structure};
use super::internal_key::InternalKey;
use super::live_table::LiveTable;

/// The deepest level.
pub const MAX_LEVEL: u8 = 6;

const END: u64 = 1;
const VIRTUAL: u64 = 66;
/// Extras with this bit may not be passed over by those who do not know them.
const MUST_KNOW: u64 = 64;

/// One record of a manifest.
#[derive(Debug, Default)]
pub(super) struct VersionEdit {
    pub(super) comparer: Option<String>,
    pub(super) oldest_log: Option<u64>,
    pub(super) next_file: Option<u64>,
    pub(super) last_sequence: Option<u64>,
    /// Level and number.
    pub(super) removed: Vec<(u8, u64)>,
    pub(super) added: Vec<LiveTable>,
    /// File and size.
    pub(super) backings: Vec<(u64, u64)>,
    pub(super) removed_backings: Vec<u64>,
}

impl VersionEdit {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes, Structure::VersionEdit);
        let mut edit = Self::default();
        while !reader.is_empty() {
            let start = reader.position();
            let tag = reader.uvarint()?;
            edit.field(start, tag, &mut reader)?;
        }
        Ok(edit)
    }

    fn field(&mut self, start: usize, tag: u64, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let refuse = |feature| Err(Fault::unsupported(start, feature));
        match tag {
            1 => self.comparer = Some(String::from_utf8_lossy(reader.string()?).into_owned()),
            2 => self.oldest_log = Some(reader.uvarint()?),
            3 => self.next_file = Some(reader.uvarint()?),
            4 => self.last_sequence = Some(reader.uvarint()?),
            5 => {
                level(reader)?;
                reader.string()?;
            }
            6 => self.removed.push((level(reader)?, reader.uvarint()?)),
            7 | 100 | 103 => self.added.push(table(tag, reader)?),
            9 => drop(reader.uvarint()?),
            105 => self.backings.push((reader.uvarint()?, reader.uvarint()?)),
            106 => self.removed_backings.push(reader.uvarint()?),
            104 => return refuse(Feature::RangeKeys),
            107 | 108 => return refuse(Feature::BlobFiles),
            tag => return refuse(Feature::EditTag(tag)),
        }
        Ok(())
    }
}

fn level(reader: &mut Reader<'_>) -> Result<u8, Fault> {
    let fault = reader.malformed("a level is above 6");
    let level = u8::try_from(reader.uvarint()?).ok().filter(|level| *level <= MAX_LEVEL);
    level.ok_or(fault)
}

fn table(tag: u64, reader: &mut Reader<'_>) -> Result<LiveTable, Fault> {
    let level = level(reader)?;
    let (number, size) = (reader.uvarint()?, reader.uvarint()?);
    let (smallest, largest) = (bound(reader)?, bound(reader)?);
    let sequences = match tag {
        7 => None,
        _ => Some((reader.uvarint()?, reader.uvarint()?)),
    };
    if smallest.user_key > largest.user_key {
        return Err(reader.malformed("the bounds of a table are the wrong way round"));
    }
    if sequences.is_some_and(|(smallest, largest)| smallest > largest) {
        return Err(reader.malformed("the sequence numbers of a table are the wrong way round"));
    }
    let backing = if tag == 103 { extras(reader)? } else { None };
    Ok(LiveTable { level, number, backing, size, smallest, largest, sequences })
}

fn bound(reader: &mut Reader<'_>) -> Result<InternalKey, Fault> {
    let start = reader.position();
    InternalKey::parse(reader.string()?, start)
}

/// Reads what is said of a table beyond its bounds; gives the file that backs it if it is virtual.
fn extras(reader: &mut Reader<'_>) -> Result<Option<u64>, Fault> {
    let mut backing = None;
    loop {
        let start = reader.position();
        let refuse = |feature| Err(Fault::unsupported(start, feature));
        match reader.uvarint()? {
            END => return Ok(backing),
            VIRTUAL => backing = Some(reader.uvarint()?),
            67 => return refuse(Feature::SyntheticPrefix),
            68 => return refuse(Feature::SyntheticSuffix),
            69 => {
                reader.uvarint()?;
                if reader.uvarint()? > 0 {
                    return refuse(Feature::BlobFiles);
                }
            }
            tag if tag & MUST_KNOW != 0 => return refuse(Feature::TableTag(tag)),
            _ => drop(reader.string()?),
        }
    }
}
