//! Compression of blocks.
//!
//! ```text
//! 0   none
//! 1   Snappy: the raw format, which starts with the decoded length as a uvarint
//! 7   zstd:   uvarint decoded length, then a frame
//! ```
//!
//! Others exist (8 is MinLZ) and are refused.

use crate::pebble::MAX_BLOCK;
use crate::pebble::bytes::Reader;
use crate::pebble::error::{ErrorKind, Feature, Structure};

const NONE: u8 = 0;
const SNAPPY: u8 = 1;
const ZSTD: u8 = 7;

/// How a block is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pebble) enum Compression {
    None,
    Snappy,
    Zstd,
}

impl Compression {
    pub(in crate::pebble) fn of(indicator: u8) -> Result<Self, ErrorKind> {
        match indicator {
            NONE => Ok(Self::None),
            SNAPPY => Ok(Self::Snappy),
            ZSTD => Ok(Self::Zstd),
            other => Err(ErrorKind::Unsupported(Feature::Compression(other))),
        }
    }

    /// What `stored` decodes to, in bytes, and where the compressed bytes start. Nothing is decoded for this.
    pub(super) fn decoded_length(
        self,
        stored: &[u8],
        structure: Structure,
    ) -> Result<(usize, usize), ErrorKind> {
        if self == Self::None {
            return Ok((stored.len(), 0));
        }
        let mut reader = Reader::new(stored, structure);
        let declared = reader.uvarint().map_err(|_| ErrorKind::Compression { structure })?;
        let length = usize::try_from(declared).ok().filter(|length| *length <= MAX_BLOCK);
        let length = length.ok_or(ErrorKind::TooLarge { structure, declared, limit: MAX_BLOCK as u64 })?;
        Ok((length, if self == Self::Snappy { 0 } else { reader.position() }))
    }

    /// Decodes `compressed` into `out`, which it must fill. None when it does not.
    pub(super) fn decode(self, compressed: &[u8], out: &mut [u8]) -> Option<()> {
        let written = match self {
            Self::None => return None,
            Self::Snappy => snap::raw::Decoder::new().decompress(compressed, out).ok()?,
            Self::Zstd => zstd_safe::decompress(out, compressed).ok()?,
        };
        (written == out.len()).then_some(())
    }
}
