//! Blocks as they are stored.
//!
//! ```text
//! stored block := bytes(length)  indicator(1)  checksum(4, LE)
//!
//!   indicator   how the bytes are compressed (see `compression`)
//!   checksum    masked CRC32C of the stored bytes and the indicator
//! ```
//!
//! The order is: bounds, checksum, declared length against the limit, decoding. A block that is not compressed is
//! lent as it stands in the file.

pub(super) mod checksum;
mod compression;
mod handle;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use compression::Compression;
pub(super) use handle::Handle;

use super::error::{Error, ErrorKind, Structure};

/// Bytes of decoded blocks that one scan may hold at a time.
pub(super) const MAX_HELD: usize = 256 << 20;

/// A table's file, of which blocks are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockFile<'a> {
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) verify: bool,
}

impl<'a> BlockFile<'a> {
    /// The stored bytes of a block and how they are compressed, after bounds and checksum.
    fn stored(&self, handle: Handle, structure: Structure) -> Result<(&'a [u8], Compression), ErrorKind> {
        let size = self.bytes.len() as u64;
        let outside = ErrorKind::Outside { structure, length: handle.length, size };
        let range = usize::try_from(handle.offset).ok().zip(usize::try_from(handle.end()).ok());
        let whole = range.and_then(|(start, end)| self.bytes.get(start..end)).ok_or(outside)?;
        let (checked, stored) = whole.split_last_chunk::<4>().ok_or(ErrorKind::Cut(structure))?;
        let (indicator, block) = checked.split_last().ok_or(ErrorKind::Cut(structure))?;
        if self.verify {
            let (stored, computed) = (u32::from_le_bytes(*stored), checksum::of(checked));
            if stored != computed {
                return Err(ErrorKind::Checksum { structure, stored, computed });
            }
        }
        Ok((block, Compression::of(*indicator)?))
    }

    /// Reads a block into `buffer`, in the place of what it held.
    pub(super) fn read(
        &self,
        handle: Handle,
        structure: Structure,
        buffer: &mut Buffer<'a>,
    ) -> Result<(), Error> {
        let read = || {
            let (stored, compression) = self.stored(handle, structure)?;
            if compression == Compression::None {
                buffer.lend(stored);
                return Ok(());
            }
            let (length, start) = compression.decoded_length(stored, structure)?;
            let out = buffer.room(length, structure)?;
            let compressed = stored.get(start..).unwrap_or_default();
            compression.decode(compressed, out).ok_or(ErrorKind::Compression { structure })
        };
        let read: Result<(), ErrorKind> = { read }();
        read.map_err(|kind| self.error(handle, kind))
    }

    pub(super) fn error(&self, handle: Handle, kind: ErrorKind) -> Error {
        Error::new(self.name, handle.offset, kind)
    }

    /// The stored bytes of a block that was read before.
    pub(super) fn again(&self, handle: Handle) -> Option<&'a [u8]> {
        let start = usize::try_from(handle.offset).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(handle.length).ok()?)?)
    }
}

/// The bytes of one block: lent by its file, or decoded into memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Buffer<'a> {
    lent: Option<&'a [u8]>,
    memory: Vec<u8>,
    length: usize,
    claim: Claim,
}

impl<'a> Buffer<'a> {
    pub(super) fn within(budget: &Budget) -> Self {
        Self { claim: Claim::on(budget), ..Self::default() }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self.lent {
            Some(bytes) => bytes,
            None => self.memory.get(..self.length).unwrap_or_default(),
        }
    }

    pub(super) fn lend(&mut self, bytes: &'a [u8]) {
        self.lent = Some(bytes);
    }

    /// The decoded bytes; None when the file lends them.
    pub(super) fn into_decoded(mut self) -> Option<Vec<u8>> {
        self.memory.truncate(self.length);
        self.lent.is_none().then_some(self.memory)
    }

    fn room(&mut self, length: usize, structure: Structure) -> Result<&mut [u8], ErrorKind> {
        if self.memory.len() < length {
            self.claim.hold(length, structure)?;
            self.memory.reserve_exact(length - self.memory.len());
            self.memory.resize(length, 0);
        }
        self.lent = None;
        self.length = length;
        Ok(self.memory.get_mut(..length).unwrap_or_default())
    }
}

/// Counts the bytes that many cursors hold together: hundreds of tables may be parts of one small file that decodes
/// to many bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Budget(Arc<AtomicUsize>);

/// What one holder has of a [`Budget`].
#[derive(Debug, Default)]
pub(super) struct Claim {
    budget: Budget,
    held: usize,
}

impl Claim {
    pub(super) fn on(budget: &Budget) -> Self {
        Self { budget: budget.clone(), held: 0 }
    }

    /// Holds `bytes` instead of what was held.
    pub(super) fn hold(&mut self, bytes: usize, structure: Structure) -> Result<(), ErrorKind> {
        let Budget(total) = &self.budget;
        let more = bytes.saturating_sub(self.held);
        let declared = total.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        total.fetch_sub(self.held.saturating_sub(bytes), Ordering::Relaxed);
        self.held = bytes;
        let limit = MAX_HELD as u64;
        match declared > MAX_HELD {
            true => Err(ErrorKind::TooLarge { structure, declared: declared as u64, limit }),
            false => Ok(()),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.held, Ordering::Relaxed);
    }
}
