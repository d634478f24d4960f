//! Decoding zstd frames block by block, so that a fault has a place and everything before it is kept.
//!
//! ```text
//! frame := header  block…  [checksum(4)]
//! block := head(3)  bytes                       head, little-endian: last(1 bit)  type(2)  size(21)
//!
//!   type   0 the bytes as they are   1 one byte, `size` times   2 compressed   3 reserved
//! ```

use std::io::BufRead;

use zstd_safe::{DCtx, InBuffer, OutBuffer, ResetDirective};

use super::super::decode;
use super::super::error::{ErrorKind, Layer};
use super::super::frame::{Frame, Header, MAX_HEADER, NoFrame};
use super::super::input::Input;
use super::super::limits::Limits;
use super::super::sink::Sink;

/// A frame of a stream, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameFacts {
    /// Position in the file.
    pub offset: u64,
    /// Its bytes there.
    pub stored: u64,
    /// Bytes that it decoded to.
    pub decoded: u64,
    /// Bytes that it declares to hold.
    pub declared: Option<u64>,
    /// Whether it ends with a checksum.
    pub checksum: bool,
    /// Whether it is one that decoders pass over.
    pub skippable: bool,
}

/// What a stream held up to its end, or up to the first fault.
#[derive(Debug, Default)]
pub(in super::super) struct Found {
    pub frames: Vec<FrameFacts>,
    /// Where, in words, and what.
    pub flaw: Option<(String, ErrorKind)>,
}

impl Found {
    /// What all frames declare to hold, if each of them does.
    pub(in super::super) fn declared(&self) -> Option<u64> {
        let declared = self.frames.iter().filter(|frame| !frame.skippable).map(|frame| frame.declared);
        declared.sum()
    }
}

/// Decodes all frames of `input` to its end, or to the first fault.
///
/// # Errors
///
/// What is no damage: limits, and trouble with the input, with memory or a temporary file.
pub(in super::super) fn decode(
    input: &mut Input<'_>,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<Found, ErrorKind> {
    let mut stream =
        Stream { input, limits, sink, context: decode::context()?, finished: false, found: Found::default() };
    loop {
        match stream.frame() {
            Ok(true) => {}
            Ok(false) => return Ok(stream.found),
            Err((place, kind)) if kind.is_damage() => {
                stream.found.flaw = Some((place, kind));
                return Ok(stream.found);
            }
            Err((_, kind)) => return Err(kind),
        }
    }
}

/// Where, in words, and what.
type Flaw = (String, ErrorKind);

struct Stream<'a, 'i, 'o> {
    input: &'a mut Input<'i>,
    limits: &'a Limits,
    sink: &'a mut Sink<'o>,
    context: DCtx<'static>,
    /// Whether the frame is at its end.
    finished: bool,
    found: Found,
}

/// What became of some bytes.
enum Fed {
    /// All were taken.
    Taken,
    /// The input ended before.
    Cut,
    /// The zstd library refused them, with this code.
    Refused(usize),
}

impl Stream<'_, '_, '_> {
    /// Decodes the next frame; false when there is none.
    fn frame(&mut self) -> Result<bool, Flaw> {
        let number = self.found.frames.len() + 1;
        let place = format!("frame {number}");
        let at = |kind: ErrorKind| (place.clone(), kind);
        if self.input.peek(1).map_err(|error| at(error.into()))?.is_empty() {
            return Ok(false);
        }
        let offset = self.input.offset();
        let parsed = Frame::parse(self.input.peek(MAX_HEADER).map_err(|error| at(error.into()))?);
        let frame = match parsed {
            Ok(frame) => frame,
            Err(NoFrame::Truncated) => {
                self.input.skip(MAX_HEADER as u64).map_err(|error| at(error.into()))?;
                return Err(at(self.truncated()));
            }
            Err(NoFrame::Reserved) => return Err(at(ErrorKind::FrameHeader { offset })),
            Err(NoFrame::Foreign) if number == 1 => return Err(at(ErrorKind::NoFrame { offset })),
            Err(NoFrame::Foreign) => {
                let layer = Layer::ZstdFrame;
                return Err((
                    format!("behind frame {}", number - 1),
                    ErrorKind::TrailingGarbage { offset, layer },
                ));
            }
        };
        let decoded = self.sink.length();
        let (declared, checksum) = match &frame {
            Frame::Zstd(header) => (header.content_size, header.checksum),
            Frame::Skippable { .. } => (None, false),
        };
        let skippable = matches!(frame, Frame::Skippable { .. });
        let result = match frame {
            Frame::Zstd(header) => self.content(&header, offset, &place),
            Frame::Skippable { length } => match self.input.skip(length).map_err(|error| at(error.into()))? {
                true => Ok(()),
                false => Err(at(self.truncated())),
            },
        };
        let (stored, decoded) = (self.input.offset() - offset, self.sink.length() - decoded);
        self.found.frames.push(FrameFacts { offset, stored, decoded, declared, checksum, skippable });
        result.map(|()| true)
    }

    fn truncated(&self) -> ErrorKind {
        ErrorKind::Truncated { offset: self.input.offset(), layer: Layer::ZstdFrame }
    }

    /// Decodes a frame that stands at `offset`.
    fn content(&mut self, header: &Header, offset: u64, place: &str) -> Result<(), Flaw> {
        let at = |kind: ErrorKind| (place.to_owned(), kind);
        decode::admit(self.limits, header, offset, self.sink).map_err(at)?;
        self.finished = false;
        let reset = self.context.reset(ResetDirective::SessionOnly);
        reset.map_err(|code| at(decode::fault(code, offset, offset)))?;
        if let Some(size) = header.content_size {
            self.sink.reserve(self.sink.length().saturating_add(size)).map_err(at)?;
        }
        self.feed_at(header.length as u64, offset, place.to_owned())?;
        let mut block = 1_u64;
        loop {
            let place = format!("{place}, block {block}");
            let (last, length) = match self.block_head(offset) {
                Ok(head) => head,
                Err(kind) => return Err((place, kind)),
            };
            self.feed_at(length, offset, place)?;
            if last {
                break;
            }
            block += 1;
        }
        if header.checksum {
            self.feed_at(4, offset, place.to_owned())?;
        }
        let near = self.input.offset();
        match self.flush() {
            Ok(true) => Ok(()),
            Ok(false) => Err(at(ErrorKind::Corrupt { offset, near, detail: "it has no end" })),
            Err(kind) => Err(at(kind)),
        }
    }

    /// Whether the next block is the last one, and its bytes with its head.
    fn block_head(&mut self, frame: u64) -> Result<(bool, u64), ErrorKind> {
        let head = self.input.peek(3)?;
        let &[low, middle, high] = head else {
            let left = head.len() as u64;
            self.input.skip(left)?;
            return Err(self.truncated());
        };
        let head = u32::from_le_bytes([low, middle, high, 0]);
        let bytes = match head >> 1 & 3 {
            1 => 1,
            3 => {
                let (near, detail) = (self.input.offset(), "Unknown block type");
                return Err(ErrorKind::Corrupt { offset: frame, near, detail });
            }
            _ => u64::from(head >> 3),
        };
        Ok((head & 1 == 1, 3 + bytes))
    }

    /// Lets the library decode the next `count` bytes, which are one part of a frame.
    fn feed_at(&mut self, count: u64, frame: u64, place: String) -> Result<(), Flaw> {
        let start = self.input.offset();
        match self.feed(count) {
            Ok(Fed::Taken) => Ok(()),
            Ok(Fed::Cut) => Err((place, self.truncated())),
            Ok(Fed::Refused(code)) => Err((place, decode::fault(code, frame, start))),
            Err(kind) => Err((place, kind)),
        }
    }

    /// What the library still holds of it when all bytes are taken comes out with the next ones.
    fn feed(&mut self, mut count: u64) -> Result<Fed, ErrorKind> {
        while count > 0 {
            let available = self.input.fill_buf()?;
            let part = usize::try_from(count).map_or(available.len(), |count| count.min(available.len()));
            let part = available.get(..part).unwrap_or_default();
            if part.is_empty() {
                return Ok(Fed::Cut);
            }
            let step = match step(&mut self.context, self.sink, part) {
                Ok(step) => step,
                Err(code) => return Ok(Fed::Refused(code)),
            };
            self.input.consume(step.consumed);
            count -= step.consumed as u64;
            self.finished = step.finished;
            if step.consumed == 0 && !step.produced {
                if !step.full {
                    return Ok(Fed::Cut);
                }
                self.sink.make_room()?;
            }
        }
        Ok(Fed::Taken)
    }

    /// Takes out what the library still holds at the end of a frame; false when the frame has no end.
    fn flush(&mut self) -> Result<bool, ErrorKind> {
        while !self.finished {
            let Ok(step) = step(&mut self.context, self.sink, &[]) else { return Ok(false) };
            self.finished = step.finished;
            if !step.produced && !step.finished {
                if !step.full {
                    return Ok(false);
                }
                self.sink.make_room()?;
            }
        }
        Ok(true)
    }
}

/// How far one call of the library got.
struct Step {
    consumed: usize,
    produced: bool,
    /// Whether the space was used up.
    full: bool,
    /// Whether the frame is at its end and nothing of it is held back.
    finished: bool,
}

/// Lets the library do what it can with some input and the space at hand.
fn step(context: &mut DCtx<'static>, sink: &mut Sink<'_>, input: &[u8]) -> Result<Step, usize> {
    let (buffer, filled) = sink.space();
    let room = buffer.len();
    let mut from = InBuffer::around(input);
    let mut to = OutBuffer::around_pos(buffer, filled);
    let left = context.decompress_stream(&mut to, &mut from)?;
    let position = to.pos();
    sink.advance(position);
    Ok(Step {
        consumed: from.pos(),
        produced: position > filled,
        full: position == room,
        finished: left == 0,
    })
}
