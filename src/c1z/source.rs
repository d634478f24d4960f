//! Where bytes come from, and the count of those that came.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::ErrorKind;

/// Where the bytes of a file come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, or anything else that can be opened and read from start to end (a pipe, for example).
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

/// Opens a file for reading; with it comes its size, if it is a regular file.
pub(super) fn open(path: &Path) -> Result<(File, Option<u64>), ErrorKind> {
    // Asked before opening: not every system lets a directory be opened.
    let metadata = fs::metadata(path).map_err(unopened)?;
    if metadata.is_dir() {
        return Err(ErrorKind::Directory);
    }
    let file = File::open(path).map_err(unopened)?;
    Ok((file, metadata.is_file().then_some(metadata.len())))
}

fn unopened(error: io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound => ErrorKind::Missing,
        _ => ErrorKind::Read(error),
    }
}

/// The size of the write-ahead log beside a database, if there is one with anything in it.
pub(super) fn log_beside(database: &Path) -> Option<(PathBuf, u64)> {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    let log = PathBuf::from(name);
    let size = fs::metadata(&log).ok()?.len();
    (size > 0).then_some((log, size))
}

/// Bytes between two calls of the observer.
const STRIDE: u64 = 1 << 20;

/// Called while reading: bytes read so far, and bytes in total if known.
pub(super) type Observer<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// A reader that tells an observer how far it has come, about once per MiB.
pub(super) struct Observed<'a> {
    reader: &'a mut dyn Read,
    observer: Observer<'a>,
    done: u64,
    told: u64,
    total: Option<u64>,
}

impl<'a> Observed<'a> {
    pub(super) fn new(reader: &'a mut dyn Read, total: Option<u64>, observer: Observer<'a>) -> Self {
        Self { reader, observer, done: 0, told: 0, total }
    }
}

impl Read for Observed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.done = self.done.saturating_add(count as u64);
        let at_end = count == 0 && self.told != self.done;
        if at_end || self.done.saturating_sub(self.told) >= STRIDE {
            self.told = self.done;
            (self.observer)(self.done, self.total);
        }
        Ok(count)
    }
}
