//! The one place that maps a file, and that lends memory while a thread has the system fetch it.
#![expect(
    unsafe_code,
    reason = "mapping a file is unsafe because others could change or shorten it, and a nameless file has no others; \
              lending raw memory is unsafe because others could write to it, and the others here only ask for it"
)]

use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::sync::Arc;

use memmap2::Mmap;
#[cfg(target_os = "linux")]
use memmap2::{Advice, MmapMut, MmapRaw};

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

/// Anonymous memory, all zero at first, of which a [`Fetcher`] may ask the system for pieces meanwhile.
#[cfg(target_os = "linux")]
pub(super) struct Memory(Arc<MmapRaw>);

#[cfg(target_os = "linux")]
impl Memory {
    pub(super) fn new(bytes: usize) -> io::Result<Self> {
        Ok(Self(Arc::new(MmapMut::map_anon(bytes)?.into())))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the memory is mapped as long as this lives, it is all zero or written, and nobody writes to it but
        // by way of a unique reference to this; what a fetcher does leaves its content alone.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr(), self.0.len()) }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and this reference is unique: a fetcher never reads or writes.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr(), self.0.len()) }
    }

    /// Advice that changes nothing about the content.
    pub(super) fn in_huge_pages(&self, start: usize, length: usize) -> io::Result<()> {
        self.0.advise_range(Advice::HugePage, start, length)
    }

    pub(super) fn fetcher(&self) -> Fetcher {
        Fetcher(Arc::clone(&self.0))
    }
}

/// Has the system fetch pages of a [`Memory`] before they are written to. It never looks at them.
#[cfg(target_os = "linux")]
pub(super) struct Fetcher(Arc<MmapRaw>);

#[cfg(target_os = "linux")]
impl Fetcher {
    /// # Errors
    /// Systems before Linux 5.14 cannot do it.
    pub(super) fn fetch(&self, start: usize, length: usize) -> io::Result<()> {
        self.0.advise_range(Advice::PopulateWrite, start, length)
    }
}
