//! Internal keys: what a row is called inside of tables.
//!
//! ```text
//! internal key := user key, trailer(8)         trailer = sequence number << 8 | kind, little-endian
//!
//! order: user keys ascend as bytes; of one user key, trailers descend, so the newest comes first
//!
//!    0 DEL      7 SINGLEDEL   23 DELSIZED     the key is gone
//!    1 SET     18 SETWITHDEL                  the key has this value
//!    2 MERGE                                  not read
//!   15 RANGEDEL                               keys from this one on, up to the value, are gone
//!   17 separator                              between blocks, in the index of row tables
//!   19 20 21 range keys                       not read
//! ```
//!
//! Sequence numbers have 56 bits and count up with every change. 0 is older than everything: such a row has nothing
//! below it. The largest of all, with the kind of a range or of a separator, marks an upper bound that does not
//! belong to its table.

use std::fmt;

use super::error::{ErrorKind, Fault, Feature, Structure};

/// The largest sequence number.
pub const MAX_SEQUENCE: u64 = (1 << 56) - 1;

const DELETE: u8 = 0;
const SET: u8 = 1;
const MERGE: u8 = 2;
const SINGLE_DELETE: u8 = 7;
const RANGE_DELETE: u8 = 15;
const SEPARATOR: u8 = 17;
const SET_WITH_DELETE: u8 = 18;
const RANGE_KEY_DELETE: u8 = 19;
const RANGE_KEY_SET: u8 = 21;
const DELETE_SIZED: u8 = 23;

/// Sequence number and kind of a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trailer(u64);

impl Trailer {
    pub(super) fn new(trailer: u64) -> Self {
        Self(trailer)
    }

    /// The sequence number.
    #[must_use]
    pub fn sequence(self) -> u64 {
        self.0 >> 8
    }

    /// The kind, by its number.
    #[must_use]
    pub fn kind(self) -> u8 {
        self.0 as u8
    }

    pub(super) fn with_sequence(self, sequence: u64) -> Self {
        Self(sequence << 8 | self.0 & 0xff)
    }

    pub(super) fn has(self, bits: u64) -> bool {
        self.0 & bits != 0
    }

    pub(super) fn without(self, bits: u64) -> Self {
        Self(self.0 & !bits)
    }

    pub(super) fn is_set(self) -> bool {
        self.kind() == SET
    }

    pub(super) fn is_range_deletion(self) -> bool {
        self.kind() == RANGE_DELETE
    }

    /// What a row with this trailer does to its key.
    #[inline]
    pub(super) fn effect(self) -> Result<Effect, ErrorKind> {
        match self.kind() {
            SET | SET_WITH_DELETE => Ok(Effect::Value),
            DELETE | SINGLE_DELETE | DELETE_SIZED => Ok(Effect::Gone),
            MERGE => Err(ErrorKind::Unsupported(Feature::Merge)),
            RANGE_KEY_DELETE..=RANGE_KEY_SET => Err(ErrorKind::Unsupported(Feature::RangeKeys)),
            kind => Err(ErrorKind::Kind(kind)),
        }
    }

    fn is_exclusive(self) -> bool {
        let kind = matches!(self.kind(), RANGE_DELETE | SEPARATOR | RANGE_KEY_DELETE..=RANGE_KEY_SET);
        kind && self.sequence() == MAX_SEQUENCE
    }
}

impl fmt::Debug for Trailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self)
    }
}

/// `#SEQUENCE,KIND`, with the name of the kind.
impl fmt::Display for Trailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{},", self.sequence())?;
        match self.kind() {
            DELETE => f.write_str("DEL"),
            SET => f.write_str("SET"),
            MERGE => f.write_str("MERGE"),
            SINGLE_DELETE => f.write_str("SINGLEDEL"),
            RANGE_DELETE => f.write_str("RANGEDEL"),
            SEPARATOR => f.write_str("SEPARATOR"),
            SET_WITH_DELETE => f.write_str("SETWITHDEL"),
            DELETE_SIZED => f.write_str("DELSIZED"),
            kind => write!(f, "{kind}"),
        }
    }
}

/// What a row does to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Value,
    Gone,
}

/// Cuts an internal key into the user key and the trailer.
pub(super) fn split(key: &[u8]) -> Option<(&[u8], Trailer)> {
    let (user_key, trailer) = key.split_last_chunk::<8>()?;
    Some((user_key, Trailer(u64::from_le_bytes(*trailer))))
}

/// A bound of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalKey {
    /// What the row is called outside.
    pub user_key: Box<[u8]>,
    /// Sequence number and kind.
    pub trailer: Trailer,
}

impl InternalKey {
    pub(super) fn parse(bytes: &[u8], at: usize) -> Result<Self, Fault> {
        let (user_key, trailer) = split(bytes).ok_or_else(|| Fault::cut(Structure::InternalKey, at))?;
        Ok(Self { user_key: user_key.into(), trailer })
    }

    /// Whether this, as an upper bound, does not belong to its table.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.trailer.is_exclusive()
    }
}
