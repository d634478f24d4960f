//! The files of an indexed payload, each decoded when it is first asked for, and kept.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::super::decode::{self, Content, Stop};
use super::super::error::{ErrorKind, Layer};
use super::super::image::Image;
use super::super::inspect::stream;
use super::super::limits::OpenOptions;
use super::super::sink::Sink;
use super::directory::Entry;
use super::fault::{Fault, FrameFault};
use super::hash;
use super::raw::Raw;

/// The frames of an archive.
pub(super) struct Frames {
    raw: Raw,
    options: OpenOptions,
    /// One for each entry.
    cells: Vec<Cell>,
    /// Bytes decoded, of those that the limit allows.
    decoded: AtomicU64,
    /// Bytes held in memory, of those that may be.
    held: AtomicU64,
}

#[derive(Default)]
struct Cell {
    content: OnceLock<Image>,
    /// Held while decoding, so that nobody does it twice.
    turn: Mutex<()>,
}

/// Adds to a sum that must not exceed a limit; false, and nothing added, when it would.
fn add(sum: &AtomicU64, count: u64, limit: u64) -> bool {
    let within = |sum: u64| sum.checked_add(count).filter(|sum| *sum <= limit);
    sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_ok()
}

impl Frames {
    /// The limits of `options` are those of this archive.
    pub(super) fn new(raw: Raw, options: OpenOptions, count: usize) -> Self {
        let held = match &raw {
            Raw::Image { image, .. } if !image.is_in_file() => image.len() as u64,
            _ => 0,
        };
        let cells = std::iter::repeat_with(Cell::default).take(count).collect();
        Self { raw, options, cells, decoded: AtomicU64::new(0), held: AtomicU64::new(held) }
    }

    /// What they are read from.
    pub(super) fn raw(&self) -> &Raw {
        &self.raw
    }

    /// Whether an entry is decoded already.
    pub(super) fn has(&self, place: usize) -> bool {
        self.cells.get(place).is_some_and(|cell| cell.content.get().is_some())
    }

    /// The content of the entry at `place`.
    pub(super) fn content(&self, place: usize, entry: &Entry) -> Result<&[u8], ErrorKind> {
        let Some(cell) = self.cells.get(place) else {
            return Err(Fault::Absent { name: entry.name.clone() }.into());
        };
        if let Some(content) = cell.content.get() {
            return Ok(content);
        }
        let _turn = cell.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = cell.content.get() {
            return Ok(content);
        }
        let content = self.decode(entry)?;
        Ok(cell.content.get_or_init(|| content))
    }

    /// As [`Frames::content`], but content that is all there is given although it differs from its checksum or hash:
    /// files inside have checksums of their own.
    pub(super) fn whatever(&self, place: usize, entry: &Entry) -> Result<&[u8], ErrorKind> {
        let kind = match self.content(place, entry) {
            Ok(content) => return Ok(content),
            Err(kind) => kind,
        };
        let Some(cell) = self.cells.get(place).filter(|_| kind.is_damage()) else { return Err(kind) };
        let _turn = cell.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sink = Sink::bounded(&self.options, entry.size, self.options.memory_limit);
        let mut input = self.raw.input(entry.offset, entry.stored);
        let decoded = stream::decode(&mut input, &self.options.limits, &mut sink);
        if decoded.is_err() || sink.length() != entry.size {
            return Err(kind);
        }
        let image = sink.finish()?.compact();
        Ok(cell.content.get_or_init(|| image))
    }

    /// Decodes and checks a frame, within the limits on all of them.
    fn decode(&self, entry: &Entry) -> Result<Image, ErrorKind> {
        let limit = self.options.limits.max_decoded;
        if !add(&self.decoded, entry.size, limit) {
            return Err(ErrorKind::TooLarge { limit });
        }
        let in_memory = add(&self.held, entry.size, self.options.memory_limit);
        let result = self.unpack(entry, if in_memory { entry.size } else { 0 });
        if result.is_err() {
            self.decoded.fetch_sub(entry.size, Ordering::Relaxed);
            if in_memory {
                self.held.fetch_sub(entry.size, Ordering::Relaxed);
            }
        }
        result
    }

    fn unpack(&self, entry: &Entry, in_memory: u64) -> Result<Image, ErrorKind> {
        let wrong =
            |fault| ErrorKind::from(Fault::Frame { offset: entry.offset, name: entry.name.clone(), fault });
        let size = |more| FrameFault::Size { declared: entry.size, more };
        let mut sink = Sink::bounded(&self.options, entry.size, in_memory);
        let mut input = self.raw.input(entry.offset, entry.stored);
        match decode::decode(&mut input, &self.options.limits, Content::Whole, &mut sink) {
            Err(Stop::Misled) => return Err(wrong(size(true))),
            Err(Stop::Fault(kind)) => {
                return Err(in_frame(&kind, entry.offset + entry.stored).map_or(kind, wrong));
            }
            Ok(()) if sink.length() < entry.size => return Err(wrong(size(false))),
            Ok(()) => {}
        }
        let image = sink.finish()?.compact();
        if hash(&image) != entry.hash {
            return Err(wrong(FrameFault::Hash));
        }
        Ok(image)
    }
}

/// What a fault of a zstd stream means when the stream is only a part of the file, up to `end`.
fn in_frame(kind: &ErrorKind, end: u64) -> Option<FrameFault> {
    match *kind {
        ErrorKind::Truncated { layer: Layer::ZstdFrame, offset } if offset == end => {
            Some(FrameFault::Unfinished { end })
        }
        ErrorKind::NoFrame { .. } => Some(FrameFault::Foreign),
        ErrorKind::TrailingGarbage { offset, .. } => Some(FrameFault::Trailing { from: offset }),
        _ => None,
    }
}
