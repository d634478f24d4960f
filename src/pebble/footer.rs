//! Footers: the last bytes of a table.
//!
//! ```text
//! format 1 to 5 (53 bytes)   checksum type(1)  metaindex handle  index handle  zeros to 41
//!                            format(4)  magic(8)
//! format 6      (57 bytes)   … zeros to 41  crc(4)  format(4)  magic(8)
//! format 7      (61 bytes)   … zeros to 41  attributes(4)  crc(4)  format(4)  magic(8)
//!
//!   magic        f0 9f aa b3 f0 9f aa b3
//!   crc          masked CRC32C of all other bytes of the footer
//!   attributes   1 value blocks   2 4 8 range keys   16 range deletions   32 two-level index   64 blob values
//!                128 rows
//! ```

use super::block::{Handle, checksum};
use super::bytes::Reader;
use super::error::{Error, ErrorKind, Fault, Feature, Structure};

const MAGIC: [u8; 8] = [0xf0, 0x9f, 0xaa, 0xb3, 0xf0, 0x9f, 0xaa, 0xb3];
const LEVELDB: [u8; 8] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
const ROCKSDB: [u8; 8] = [0xf7, 0xcf, 0xf4, 0x85, 0xb7, 0x41, 0xe2, 0x88];

/// Checksum type and handles.
const HEAD: usize = 41;
const CRC32C: u8 = 1;
/// The last table format that is known.
pub const MAX_TABLE_FORMAT: u32 = 7;

const RANGE_KEYS: u32 = 2 | 4 | 8;
const RANGE_DELETIONS: u32 = 16;
const TWO_LEVEL_INDEX: u32 = 32;
const BLOB_VALUES: u32 = 64;

/// What the end of a table says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Footer {
    pub(super) format: u32,
    pub(super) metaindex: Handle,
    pub(super) index: Handle,
    attributes: Option<u32>,
}

impl Footer {
    /// Reads the footer of a whole file.
    pub(super) fn read(name: &str, file: &[u8], verify: bool) -> Result<Self, Error> {
        let length = file.len() as u64;
        let at_end = |back: u64, kind| Error::new(name, length.saturating_sub(back), kind);
        let (before, magic) =
            file.split_last_chunk::<8>().ok_or_else(|| at_end(0, ErrorKind::Cut(Structure::Footer)))?;
        match *magic {
            MAGIC => {}
            LEVELDB => return Err(at_end(8, ErrorKind::Unsupported(Feature::ForeignTable("LevelDB")))),
            ROCKSDB => return Err(at_end(8, ErrorKind::Unsupported(Feature::ForeignTable("RocksDB")))),
            _ => return Err(at_end(8, ErrorKind::Magic)),
        }
        let (_, format) =
            before.split_last_chunk::<4>().ok_or_else(|| at_end(8, ErrorKind::Cut(Structure::Footer)))?;
        let format = u32::from_le_bytes(*format);
        let size = match format {
            1..=5 => HEAD + 12,
            6 => HEAD + 16,
            7 => HEAD + 20,
            _ => return Err(at_end(12, ErrorKind::Unsupported(Feature::TableFormat(format)))),
        };
        let start = file.len().checked_sub(size);
        let start = start.ok_or_else(|| at_end(12, ErrorKind::Cut(Structure::Footer)))?;
        let bytes = file.get(start..).unwrap_or_default();
        Self::parse(bytes, format, verify).map_err(|fault| fault.within(name, start as u64))
    }

    fn parse(bytes: &[u8], format: u32, verify: bool) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes, Structure::Footer);
        let checksum_type = reader.u8()?;
        let (metaindex, index) = (Handle::read(&mut reader)?, Handle::read(&mut reader)?);
        let mut tail = Reader::starting(bytes, HEAD, Structure::Footer);
        let attributes = if format >= 7 { Some(tail.u32()?) } else { None };
        if format >= 6 {
            let at = tail.position();
            let stored = tail.u32()?;
            let (before, after) = (bytes.get(..at), bytes.get(at + 4..));
            let computed = checksum::of_both(before.unwrap_or_default(), after.unwrap_or_default());
            if verify && stored != computed {
                let kind = ErrorKind::Checksum { structure: Structure::Footer, stored, computed };
                return Err(Fault { at, kind });
            }
        }
        if checksum_type != CRC32C {
            return Err(Fault::unsupported(0, Feature::ChecksumType(checksum_type)));
        }
        let footer = Self { format, metaindex, index, attributes };
        footer.refuse()?;
        Ok(footer)
    }

    /// Refuses tables with what is not read.
    fn refuse(&self) -> Result<(), Fault> {
        let attributes = self.attributes.unwrap_or(0);
        match attributes {
            _ if attributes & RANGE_KEYS != 0 => Err(Fault::unsupported(HEAD, Feature::RangeKeys)),
            _ if attributes & BLOB_VALUES != 0 => Err(Fault::unsupported(HEAD, Feature::BlobFiles)),
            _ => Ok(()),
        }
    }

    /// Whether the attributes, if there are any, say the same as the properties.
    pub(super) fn agrees(&self, two_level: bool, range_deletions: bool) -> bool {
        self.attributes.is_none_or(|attributes| {
            (attributes & TWO_LEVEL_INDEX != 0) == two_level
                && (attributes & RANGE_DELETIONS != 0) == range_deletions
        })
    }

    /// Whether data, index and range-deletion blocks are columnar.
    pub(super) fn is_columnar(&self) -> bool {
        self.format >= 5
    }

    pub(super) fn has_columnar_metaindex(&self) -> bool {
        self.format >= 6
    }

    pub(super) fn has_columnar_properties(&self) -> bool {
        self.format >= 7
    }
}
