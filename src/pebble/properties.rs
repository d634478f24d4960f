//! The metaindex and the properties of a table.
//!
//! Both are lists of names and byte strings: row blocks with plain keys in older formats, blocks of pairs in newer
//! ones. In the metaindex the strings are handles. In the properties numbers are uvarints, truth values `0` or `1`,
//! and the type of the index is four bytes, little-endian; numbers that are 0 may be left out.

use std::collections::BTreeMap;

use super::block::Handle;
use super::bytes::Reader;
use super::columnar::Pairs;
use super::error::{ErrorKind, Fault, Feature, Structure};
use super::manifest::COMPARER;
use super::row_block::Entries;

/// The only way to merge values that is known, although no value is ever merged.
pub(super) const MERGER: &str = "pebble.concatenate";
/// The only cut of keys into columns that is known.
const KEY_SCHEMA: &str = "DefaultKeySchema(leveldb.BytewiseComparator,16)";

/// Reads a list of names and byte strings.
fn pairs<'b>(
    block: &'b [u8],
    columnar: bool,
    structure: Structure,
    mut each: impl FnMut(&[u8], &'b [u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if columnar {
        for pair in Pairs::parse(block, structure)?.iter() {
            let (name, value) = pair?;
            each(name, value)?;
        }
        return Ok(());
    }
    let mut entries = Entries::new(block, structure)?;
    while let Some((name, value)) = entries.next_entry()? {
        each(name, block.get(value).unwrap_or_default())?;
    }
    Ok(())
}

/// Where a table keeps what is neither row nor index.
#[derive(Debug)]
pub(super) struct Metaindex {
    pub(super) properties: Handle,
    pub(super) range_deletions: Option<Handle>,
}

impl Metaindex {
    pub(super) fn parse(block: &[u8], columnar: bool) -> Result<Self, Fault> {
        let (mut properties, mut range_deletions) = (None, None);
        pairs(block, columnar, Structure::Metaindex, |name, value| {
            let found = match name {
                b"rocksdb.properties" => &mut properties,
                b"rocksdb.range_del2" => &mut range_deletions,
                b"pebble.range_key" => return Err(Fault::unsupported(0, Feature::RangeKeys)),
                b"pebble.blob_ref_index" => return Err(Fault::unsupported(0, Feature::BlobFiles)),
                // Filters say nothing that the rows do not, and value blocks hold old values only.
                _ => return Ok(()),
            };
            *found = Some(Handle::read(&mut Reader::new(value, Structure::Metaindex))?);
            Ok(())
        })?;
        let missing = || Fault::malformed(Structure::Metaindex, 0, "it does not name the properties");
        Ok(Self { properties: properties.ok_or_else(missing)?, range_deletions })
    }
}

/// What a table says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    all: BTreeMap<String, Vec<u8>>,
}

impl Properties {
    pub(super) fn parse(block: &[u8], columnar: bool) -> Result<Self, Fault> {
        let mut all = BTreeMap::new();
        pairs(block, columnar, Structure::Properties, |name, value| {
            all.insert(String::from_utf8_lossy(name).into_owned(), value.to_vec());
            Ok(())
        })?;
        Ok(Self { all })
    }

    /// Every property: its name and its bytes, ordered by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.all.iter().map(|(name, value)| (&**name, &**value))
    }

    /// A property that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// A property that is a number; 0 when it is not there.
    #[must_use]
    pub fn number(&self, name: &str) -> u64 {
        self.stated(name).unwrap_or(0)
    }

    /// A property that is a number, if it is there and is one.
    pub(super) fn stated(&self, name: &str) -> Option<u64> {
        Reader::new(self.all.get(name)?, Structure::Properties).uvarint().ok()
    }

    /// Rows and range deletions.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.number("rocksdb.num.entries")
    }

    /// Rows that delete, and range deletions.
    #[must_use]
    pub fn deletions(&self) -> u64 {
        self.number("rocksdb.deleted.keys")
    }

    /// Range deletions.
    #[must_use]
    pub fn range_deletions(&self) -> u64 {
        self.number("rocksdb.num.range-deletions")
    }

    /// Data blocks.
    #[must_use]
    pub fn data_blocks(&self) -> u64 {
        self.number("rocksdb.num.data.blocks")
    }

    /// Whether the index has two levels.
    pub(super) fn two_level(&self) -> Result<bool, Fault> {
        let malformed = || Fault::malformed(Structure::Properties, 0, "the type of the index is impossible");
        match self.all.get("rocksdb.block.based.table.index.type").map(|value| &**value) {
            None | Some([0, 0, 0, 0]) => Ok(false),
            Some([2, 0, 0, 0]) => Ok(true),
            Some(_) => Err(malformed()),
        }
    }

    /// Refuses tables with another order of keys, or with what is not read.
    pub(super) fn refuse(&self, columnar: bool) -> Result<(), ErrorKind> {
        let refuse = |feature| Err(ErrorKind::Unsupported(feature));
        let text = |name| self.all.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
        if let Some(name) = text("rocksdb.comparator").filter(|name| !name.is_empty() && name != COMPARER) {
            return refuse(Feature::Comparer(name));
        }
        let merger = text("rocksdb.merge.operator");
        if let Some(name) = merger.filter(|name| !matches!(&**name, "" | "nullptr" | MERGER)) {
            return refuse(Feature::Merger(name));
        }
        if columnar {
            let schema = text("pebble.colblk.schema").unwrap_or_default();
            if schema != KEY_SCHEMA {
                return refuse(Feature::KeySchema(schema));
            }
        }
        let range_keys =
            ["pebble.num.range-key-sets", "pebble.num.range-key-unsets", "pebble.num.range-key-dels"];
        if range_keys.iter().any(|name| self.number(name) > 0) {
            return refuse(Feature::RangeKeys);
        }
        Ok(())
    }
}
