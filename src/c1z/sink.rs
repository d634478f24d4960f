//! Where decoded bytes go: memory that grows, or a nameless file once there are too many.
//!
//! A decoder asks for [`Sink::space`], writes into it, and reports with [`Sink::advance`] how far it got.
//! When the space is used up it asks [`Sink::make_room`]. The space begins with bytes written earlier, so
//! that a decoder can refer back to them instead of keeping a window of its own.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::database;
use super::error::ErrorKind;
use super::image::Image;
use super::limits::OpenOptions;
use super::mapping::MappedFile;
use super::pages::Pages;

/// The first mapping, when nothing is known about the size.
const FIRST: u64 = 64 << 10;
/// Bytes written to the file at a time.
const WRITE: usize = 1 << 20;

/// A growing image.
pub(super) struct Sink<'o> {
    options: &'o OpenOptions,
    /// Bytes that it may hold.
    limit: u64,
    /// Bytes that it may hold in memory.
    in_memory: u64,
    /// Bytes so far.
    length: u64,
    /// The first bytes, at most [`database::HEADER`]; they stay at hand when the rest has gone to the file.
    head: Vec<u8>,
    room: Room,
}

enum Room {
    Nothing,
    /// Filled up to the sink's length.
    Memory(Pages),
    /// The buffer is filled up to `filled`; everything before it is in the file.
    File {
        file: File,
        buffer: Vec<u8>,
        filled: usize,
    },
}

impl<'o> Sink<'o> {
    pub(super) fn new(options: &'o OpenOptions) -> Self {
        Self::bounded(options, options.limits.max_decoded, options.memory_limit)
    }

    /// A sink with bounds of its own: bytes in all, and bytes in memory.
    pub(super) fn bounded(options: &'o OpenOptions, limit: u64, in_memory: u64) -> Self {
        let head = Vec::with_capacity(database::HEADER);
        Self { options, limit, in_memory, length: 0, head, room: Room::Nothing }
    }

    /// Bytes that it may hold.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes so far.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The first bytes, at most [`database::HEADER`].
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The buffer to write into, and the position in it from which it is free. It may be full.
    ///
    /// It never reaches beyond the limit on decoded bytes. As long as the room is memory and nothing else is
    /// asked of the sink, the buffer stays where it is.
    pub(super) fn space(&mut self) -> (&mut [u8], usize) {
        let left = self.limit.saturating_sub(self.length);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let (buffer, filled) = match &mut self.room {
            Room::Nothing => return (&mut [], 0),
            Room::Memory(map) => (&mut map[..], to_usize(self.length)),
            Room::File { buffer, filled, .. } => (&mut buffer[..], *filled),
        };
        let end = buffer.len().min(filled.saturating_add(left));
        (buffer.get_mut(..end).unwrap_or_default(), filled)
    }

    /// Says that the space is now filled up to `position`.
    pub(super) fn advance(&mut self, position: usize) {
        let before = self.space().1;
        let wanted = database::HEADER - self.head.len();
        let Self { room, head, .. } = self;
        let new = match room {
            Room::Nothing => None,
            Room::Memory(map) => {
                map.wrote(position);
                map.get(before..position)
            }
            Room::File { buffer, filled, .. } => {
                *filled = position;
                buffer.get(before..position)
            }
        };
        let new = new.unwrap_or_default();
        head.extend(new.iter().take(wanted));
        self.length += new.len() as u64;
    }

    /// Makes room for an image of `total` bytes, if it is to be held in memory; a larger one moves to the
    /// file.
    ///
    /// `total` may be wrong in both directions; little memory is used before bytes are written to it.
    pub(super) fn reserve(&mut self, total: u64) -> Result<(), ErrorKind> {
        let total = total.min(self.limit);
        match &self.room {
            Room::File { .. } => Ok(()),
            _ if total <= self.capacity() => Ok(()),
            _ if total > self.in_memory => self.spill(),
            _ => self.grow(total),
        }
    }

    /// Whether the next `count` bytes surely fit into the space as it is, in memory.
    pub(super) fn holds(&self, count: u64) -> bool {
        let end = self.length.checked_add(count);
        matches!(self.room, Room::Memory(_))
            && end.is_some_and(|end| end <= self.capacity() && end <= self.limit)
    }

    /// Makes the space larger by any amount, when it is full.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] at the limit on decoded bytes; no memory, no temporary file.
    pub(super) fn make_room(&mut self) -> Result<(), ErrorKind> {
        let limit = self.limit;
        if self.length >= limit {
            return Err(ErrorKind::TooLarge { limit });
        }
        let capacity = self.capacity();
        match &self.room {
            Room::File { .. } => self.flush(),
            _ if capacity >= self.in_memory => self.spill(),
            _ => {
                let more = capacity.saturating_mul(2).max(FIRST);
                self.grow(more.min(self.in_memory).min(limit))
            }
        }
    }

    fn capacity(&self) -> u64 {
        match &self.room {
            Room::Memory(map) => map.len() as u64,
            _ => 0,
        }
    }

    fn grow(&mut self, capacity: u64) -> Result<(), ErrorKind> {
        // A second growth is a sign of many small ones, so they get larger each time.
        let doubled = self.capacity().saturating_mul(2).min(self.in_memory);
        let bytes = capacity.max(doubled);
        let mut map = Pages::new(bytes).map_err(|source| ErrorKind::Memory { bytes, source })?;
        if let Room::Memory(old) = &self.room {
            let filled = to_usize(self.length);
            if let (Some(to), Some(from)) = (map.get_mut(..filled), old.get(..filled)) {
                to.copy_from_slice(from);
            }
        }
        self.room = Room::Memory(map);
        Ok(())
    }

    /// Moves to the temporary file.
    ///
    /// Bytes are written to it and mapped only at the end: a full disk is then an error of a write, while a
    /// page of a mapped file that finds no room on the disk kills the process.
    fn spill(&mut self) -> Result<(), ErrorKind> {
        let broken = |error| self.options.temp_file(error);
        let mut file = tempfile::tempfile_in(self.options.temp_directory()).map_err(broken)?;
        if let Room::Memory(map) = &self.room {
            let bytes = map.get(..to_usize(self.length)).unwrap_or_default();
            file.write_all(bytes).map_err(broken)?;
        }
        self.room = Room::File { file, buffer: vec![0; WRITE], filled: 0 };
        Ok(())
    }

    /// Empties the buffer into the file, if there is one.
    fn flush(&mut self) -> Result<(), ErrorKind> {
        if let Room::File { file, buffer, filled } = &mut self.room {
            let bytes = buffer.get(..*filled).unwrap_or_default();
            file.write_all(bytes).map_err(|error| self.options.temp_file(error))?;
            *filled = 0;
        }
        Ok(())
    }

    /// The finished image, checked to be one SQLite database (or nothing), and made readable without a log
    /// file.
    pub(super) fn finish_database(self) -> Result<Image, ErrorKind> {
        if self.length == 0 {
            return Ok(Image::empty());
        }
        database::check(&self.head, self.length)?;
        let marks: Vec<usize> = database::log_marks(&self.head).collect();
        self.finish_without(&marks)
    }

    /// The finished image of a database that may be cut off, made readable without a log file.
    pub(super) fn finish_unchecked(self) -> Result<Image, ErrorKind> {
        let marks: Vec<usize> = database::log_marks(&self.head).collect();
        self.finish_without(&marks)
    }

    /// The finished image of anything.
    pub(super) fn finish(self) -> Result<Image, ErrorKind> {
        if self.length == 0 {
            return Ok(Image::empty());
        }
        self.finish_without(&[])
    }

    fn finish_without(mut self, marks: &[usize]) -> Result<Image, ErrorKind> {
        self.flush()?;
        match self.room {
            Room::Nothing => Ok(Image::empty()),
            Room::Memory(mut map) => {
                map.settle();
                for mark in marks {
                    if let Some(byte) = map.get_mut(*mark) {
                        *byte = database::ROLLBACK_JOURNAL;
                    }
                }
                Ok(Image::in_memory(map, to_usize(self.length)))
            }
            Room::File { file, .. } => {
                let mapped = unmark(file, marks).and_then(MappedFile::of_nameless);
                mapped.map(Image::in_file).map_err(|error| self.options.temp_file(error))
            }
        }
    }
}

fn unmark(mut file: File, marks: &[usize]) -> io::Result<File> {
    for mark in marks {
        file.seek(SeekFrom::Start(*mark as u64))?;
        file.write_all(&[database::ROLLBACK_JOURNAL])?;
    }
    Ok(file)
}

/// A length that is known to be that of something in memory.
fn to_usize(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

impl OpenOptions {
    fn temp_directory(&self) -> PathBuf {
        self.temp_dir.clone().unwrap_or_else(std::env::temp_dir)
    }

    fn temp_file(&self, source: io::Error) -> ErrorKind {
        ErrorKind::TempFile { directory: self.temp_directory(), source }
    }
}
