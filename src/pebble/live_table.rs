//! What the manifest says of a live table.

use super::directory::table_name;
use super::internal_key::InternalKey;

/// A table whose rows count.
///
/// A *virtual* table is a part of a file: its rows within the bounds count, and all others of that file are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveTable {
    /// 0 to 6. The tables of a level other than 0 do not overlap.
    pub level: u8,
    /// The number of the table, and of its file unless it is virtual.
    pub number: u64,
    /// The number of the file of which a virtual table is a part.
    pub backing: Option<u64>,
    /// Bytes of the file; of a virtual table, an estimate.
    pub size: u64,
    /// No key is below this one.
    pub smallest: InternalKey,
    /// No key is above this one, nor is it one if it [is exclusive](InternalKey::is_exclusive).
    pub largest: InternalKey,
    /// The smallest and the largest sequence number; None in an old form of the manifest.
    pub sequences: Option<(u64, u64)>,
}

impl LiveTable {
    /// The number of the file that holds the rows.
    #[must_use]
    pub fn file_number(&self) -> u64 {
        self.backing.unwrap_or(self.number)
    }

    /// The name of the file that holds the rows.
    #[must_use]
    pub fn file_name(&self) -> String {
        table_name(self.file_number())
    }

    /// The sequence number that every row of the table has, whatever stands in the file: that of its ingestion.
    ///
    /// Rows of an ingested table say 0, and the manifest states one number as the smallest and the largest. In a flushed
    /// table of one row this changes nothing.
    #[must_use]
    pub fn synthetic_sequence(&self) -> Option<u64> {
        let (smallest, largest) = self.sequences?;
        (smallest == largest && smallest != 0).then_some(smallest)
    }

    pub(super) fn largest_sequence(&self) -> u64 {
        self.sequences.map_or(u64::MAX, |(_, largest)| largest)
    }

    /// Whether keys of the table may be at or above `key`.
    pub(super) fn reaches(&self, key: &[u8]) -> bool {
        let largest = &*self.largest.user_key;
        if self.largest.is_exclusive() { key < largest } else { key <= largest }
    }

    /// Whether `key` is within the bounds.
    pub(super) fn contains(&self, key: &[u8]) -> bool {
        *self.smallest.user_key <= *key && self.reaches(key)
    }

    /// Whether the range from `lower` up to, not including, `upper` may have keys of the table.
    pub(super) fn overlaps(&self, lower: &[u8], upper: Option<&[u8]>) -> bool {
        self.reaches(lower) && upper.is_none_or(|upper| *self.smallest.user_key < *upper)
    }

    /// Whether all keys are below all those of `other`.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        !self.reaches(&other.smallest.user_key)
    }
}
