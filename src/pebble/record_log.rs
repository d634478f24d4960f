//! The record log: how a manifest cuts its records into chunks.
//!
//! ```text
//! file   := block…                     of 32768 bytes; the last one may be shorter
//! block  := chunk… zeros               fewer than 7 bytes at the end are padding; a chunk never crosses a block
//! chunk  := crc(4)  length(2)  type(1)  payload(length)          numbers are little-endian
//!
//!   type   1 the whole record   2 its first part   3 a middle part   4 its last part
//!   crc    masked CRC32C of type and payload
//!   a header of seven zeros: nothing more in this block
//! ```
//!
//! The types 5 to 12 belong to write-ahead logs, which have longer headers and are not read here. A log that ends
//! inside a record is damaged: who saves a database closes it.

use std::borrow::Cow;

use super::block::checksum;
use super::bytes::Reader;
use super::error::{ErrorKind, Fault, Structure};

const BLOCK: usize = 32768;
const HEADER: usize = 7;

const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

/// The records of a log, in order.
#[derive(Debug)]
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    verify: bool,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8], verify: bool) -> Self {
        Self { bytes, at: 0, verify }
    }

    /// Where the next chunk starts, or the end of the log.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn next_record(&mut self) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        let mut parts: Option<Vec<u8>> = None;
        loop {
            let start = self.at;
            let Some((kind, payload)) = self.next_chunk()? else {
                return match parts {
                    Some(_) => Err(Fault::cut(Structure::RecordLog, self.at)),
                    None => Ok(None),
                };
            };
            match (kind, &mut parts) {
                (FULL, None) => return Ok(Some(Cow::Borrowed(payload))),
                (FIRST, None) => parts = Some(payload.to_vec()),
                (MIDDLE, Some(parts)) => parts.extend_from_slice(payload),
                (LAST, Some(parts)) => {
                    parts.extend_from_slice(payload);
                    return Ok(Some(Cow::Owned(std::mem::take(parts))));
                }
                (FULL..=LAST, _) => {
                    return Err(Fault::malformed(
                        Structure::RecordLog,
                        start,
                        "parts of records are out of order",
                    ));
                }
                _ => {
                    return Err(Fault::malformed(
                        Structure::RecordLog,
                        start,
                        "a chunk is of an unknown type",
                    ));
                }
            }
        }
    }

    fn next_chunk(&mut self) -> Result<Option<(u8, &'a [u8])>, Fault> {
        loop {
            let left = BLOCK - self.at % BLOCK;
            if left < HEADER {
                self.at += left;
            }
            if self.at >= self.bytes.len() {
                self.at = self.bytes.len();
                return Ok(None);
            }
            let start = self.at;
            let block_end = start - start % BLOCK + BLOCK;
            let mut reader = Reader::starting(self.bytes, start, Structure::RecordLog);
            let (stored, length, kind) = (reader.u32()?, usize::from(reader.u16()?), reader.u8()?);
            if (stored, length, kind) == (0, 0, 0) {
                self.at = block_end;
                continue;
            }
            let payload = reader.take(length)?;
            if reader.position() > block_end {
                return Err(Fault::malformed(
                    Structure::RecordLog,
                    start,
                    "a chunk crosses the end of its block",
                ));
            }
            let computed = checksum::of_tagged(kind, payload);
            if self.verify && computed != stored {
                let kind = ErrorKind::Checksum { structure: Structure::RecordLog, stored, computed };
                return Err(Fault { at: start, kind });
            }
            self.at = reader.position();
            return Ok(Some((kind, payload)));
        }
    }
}
