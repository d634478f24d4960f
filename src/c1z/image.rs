//! The decoded bytes of a payload.

use std::fmt;
use std::ops::Deref;

use memmap2::MmapMut;

use super::mapping::MappedFile;

/// All bytes of a payload, decoded: in memory, or in a mapped file without a name.
///
/// It may be empty. It never outlives the process: the memory is anonymous and the file has no name.
pub struct Image {
    bytes: Bytes,
}

enum Bytes {
    Empty,
    /// The first `len` bytes of an anonymous mapping.
    Memory {
        map: MmapMut,
        len: usize,
    },
    File(MappedFile),
}

impl Image {
    pub(super) fn empty() -> Self {
        Self { bytes: Bytes::Empty }
    }

    pub(super) fn in_memory(map: MmapMut, len: usize) -> Self {
        Self { bytes: Bytes::Memory { map, len } }
    }

    pub(super) fn in_file(file: MappedFile) -> Self {
        Self { bytes: Bytes::File(file) }
    }

    /// Whether the bytes are in a temporary file instead of memory.
    pub fn is_in_file(&self) -> bool {
        matches!(self.bytes, Bytes::File(_))
    }

    /// Gives the bytes to the rest of the process, for good.
    ///
    /// This leaks on purpose: an in-memory SQLite connection wants bytes that live as long as it does, and a
    /// command line program leaves by exit, where the system takes memory back at once, while unmapping
    /// hundreds of megabytes page by page would only delay it. A process that opens many files should not
    /// call this.
    pub fn lend(self) -> &'static [u8] {
        Box::leak(Box::new(self))
    }
}

impl Deref for Image {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Empty => &[],
            Bytes::Memory { map, len } => map.get(..*len).unwrap_or_default(),
            Bytes::File(file) => file.bytes(),
        }
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("len", &self.len()).field("in_file", &self.is_in_file()).finish()
    }
}
