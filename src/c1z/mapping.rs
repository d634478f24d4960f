//! The one place that maps a file.
#![expect(
    unsafe_code,
    reason = "mapping a file is unsafe because others could change or shorten it; a nameless file has no others"
)]

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// A nameless file and its content, mapped for reading.
///
/// The file comes from [`tempfile::tempfile_in`], is never written after it
/// is mapped, and nobody else can open it.
pub(super) struct MappedFile {
    map: Mmap,
    /// Closing the last handle deletes the file here. Elsewhere the mapping alone keeps it, and many mapped
    /// files need not be many open ones.
    #[cfg(not(unix))]
    _file: File,
}

impl MappedFile {
    /// Maps all of a file that has no name (any more) and that the caller gives away.
    pub(super) fn of_nameless(file: File) -> io::Result<Self> {
        // SAFETY: the file has no name, so no other process can open it to write to it or shorten it, and the
        // only handle of this process was moved here, where nothing is written any more.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self {
            map,
            #[cfg(not(unix))]
            _file: file,
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }
}
