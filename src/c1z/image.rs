//! The decoded bytes of a payload.

use std::fmt;
use std::ops::Deref;

use super::mapping::MappedFile;
use super::pages::Pages;

/// All bytes of a payload, decoded: in memory, or in a mapped file without a name.
///
/// It may be empty. It never outlives the process: the memory is anonymous and the file has no name.
pub struct Image {
    bytes: Bytes,
}

/// Images up to this size may be kept on the heap: a process has only so many mappings.
const SMALL: usize = 64 << 10;

enum Bytes {
    Empty,
    Small(Box<[u8]>),
    /// The first `len` bytes of anonymous memory.
    Memory {
        pages: Pages,
        len: usize,
    },
    File(MappedFile),
}

impl Image {
    pub(super) fn empty() -> Self {
        Self { bytes: Bytes::Empty }
    }

    pub(super) fn in_memory(pages: Pages, len: usize) -> Self {
        Self { bytes: Bytes::Memory { pages, len } }
    }

    pub(super) fn in_file(file: MappedFile) -> Self {
        Self { bytes: Bytes::File(file) }
    }

    /// The same bytes, without a mapping of their own if they are few.
    pub(super) fn compact(self) -> Self {
        match &self.bytes {
            Bytes::Memory { len, .. } if *len <= SMALL => Self { bytes: Bytes::Small(Box::from(&*self)) },
            _ => self,
        }
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
            Bytes::Small(bytes) => bytes,
            Bytes::Memory { pages, len } => pages.get(..*len).unwrap_or_default(),
            Bytes::File(file) => file.bytes(),
        }
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("len", &self.len()).field("in_file", &self.is_in_file()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process may have 65,530 mappings, and an archive more files than that.
    #[test]
    fn few_bytes_take_no_mapping_of_their_own() {
        for (len, small) in [(0, true), (1, true), (SMALL, true), (SMALL + 1, false)] {
            let mut pages = Pages::new(len.max(1) as u64).unwrap();
            pages.iter_mut().enumerate().for_each(|(at, byte)| *byte = at as u8);
            let expected = pages[..len].to_vec();
            let image = Image::in_memory(pages, len).compact();
            assert_eq!(matches!(image.bytes, Bytes::Small(_)), small, "{len}");
            assert_eq!(*image, *expected);
        }
    }
}
