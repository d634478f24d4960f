//! Handles: where a block stands in its file.
//!
//! ```text
//! handle := uvarint offset, uvarint length          of the stored bytes, without the trailer of 5 bytes
//! ```

use crate::pebble::bytes::Reader;
use crate::pebble::error::Fault;

/// Bytes of compression indicator and checksum behind every block.
const TRAILER: usize = 5;

/// Where a block stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pebble) struct Handle {
    pub(in crate::pebble) offset: u64,
    pub(in crate::pebble) length: u64,
}

impl Handle {
    pub(in crate::pebble) fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self { offset: reader.uvarint()?, length: reader.uvarint()? })
    }

    /// Where the next block can start.
    pub(in crate::pebble) fn end(self) -> u64 {
        self.offset.saturating_add(self.length).saturating_add(TRAILER as u64)
    }
}
