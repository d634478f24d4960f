//! The bytes of a file as it lies there, read at any position.

use std::fs::File;
use std::io::{self, Read};

use super::super::error::{ErrorKind, Layer};
use super::super::image::Image;
use super::super::input::Input;

/// A whole file.
pub(super) enum Raw {
    /// On disk, of this size. Parts are read as they are asked for.
    File { file: File, size: u64 },
    /// What came through a pipe or gzip, from this position on.
    Image { image: Image, start: u64 },
}

impl Raw {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Image { image, start } => start.saturating_add(image.len() as u64),
        }
    }

    /// `length` bytes at `offset`, which the caller knows to lie within the size and below a cap. `layer` is what
    /// the file ends in when it has become shorter meanwhile.
    pub(super) fn bytes(&self, offset: u64, length: u64, layer: Layer) -> Result<Vec<u8>, ErrorKind> {
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        self.part(offset, length).read_to_end(&mut bytes)?;
        match bytes.len() as u64 {
            found if found < length => Err(ErrorKind::Truncated { offset: offset + found, layer }),
            _ => Ok(bytes),
        }
    }

    /// A stream of a part.
    pub(super) fn input(&self, offset: u64, length: u64) -> Input<'_> {
        Input::part(Box::new(self.part(offset, length)), offset, length)
    }

    fn part(&self, offset: u64, length: u64) -> io::Take<Part<'_>> {
        Part { raw: self, at: offset }.take(length)
    }

    /// One read; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::File { file, .. } => read_at(file, buffer, offset),
            Self::Image { image, start } => {
                let from = offset.checked_sub(*start).and_then(|from| usize::try_from(from).ok());
                let mut rest = from.and_then(|from| image.get(from..)).unwrap_or_default();
                rest.read(buffer)
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// This moves the file's own position, which nobody else looks at any more.
#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// A reader of its own position, so that many can read at a time.
struct Part<'a> {
    raw: &'a Raw,
    at: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.raw.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}
