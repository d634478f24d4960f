//! From a zstd stream to an image.
//!
//! A frame whose content size is known, and whose image is to be held in memory, is decoded straight to its
//! place: the zstd library is told that the output buffer is stable, takes it for its window, and copies
//! nothing. Any other frame goes through the library's own window.
//!
//! A frame of an older writer declares no size. Then the size that the header of the database states is as
//! good, if it is true: a frame that turns out to be larger cannot be finished where it was begun, and all
//! must be read again.

use std::io::BufRead;

use zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, ResetDirective};

use super::database;
use super::error::{ErrorKind, Layer};
use super::frame::{Frame, Header, MAX_HEADER, NoFrame};
use super::input::Input;
use super::limits::Limits;
use super::sink::Sink;

/// What the frames hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A SQLite database.
    Database(Stated),
    /// Exactly the bytes that the sink may hold.
    Whole,
    /// Anything.
    Any,
}

/// Whether to take the size of a database from its own header when its frame declares none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    /// Yes; the input can be read again when it is false.
    Believe,
    /// No.
    Doubt,
}

/// Why decoding did not come to its end.
pub(super) enum Stop {
    /// Something is wrong.
    Fault(ErrorKind),
    /// There is more than the header of the database stated, so that it must be read again and doubted; or
    /// more than the whole.
    Misled,
}

impl<E: Into<ErrorKind>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

/// Decodes all frames of `input` to its end.
pub(super) fn decode(
    input: &mut Input<'_>,
    limits: &Limits,
    content: Content,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let mut decoder = Decoder::new(limits, content)?;
    let mut frames = 0_u64;
    while !input.peek(1)?.is_empty() {
        let offset = input.offset();
        let frame = Frame::parse(input.peek(MAX_HEADER)?);
        match frame.map_err(|fault| unreadable(fault, offset, frames, input))? {
            Frame::Zstd(header) => decoder.frame(&header, input, sink)?,
            Frame::Skippable { length } => {
                if !input.skip(length)? {
                    return Err(truncated(input).into());
                }
            }
        }
        frames += 1;
    }
    Ok(())
}

fn unreadable(fault: NoFrame, offset: u64, frames: u64, input: &mut Input<'_>) -> ErrorKind {
    match fault {
        NoFrame::Reserved => ErrorKind::FrameHeader { offset },
        NoFrame::Foreign if frames == 0 => ErrorKind::NoFrame { offset },
        NoFrame::Foreign => ErrorKind::TrailingGarbage { offset, layer: Layer::ZstdFrame },
        // What is left is less than a header, so this reaches the end.
        NoFrame::Truncated => match input.skip(MAX_HEADER as u64) {
            Ok(_) => truncated(input),
            Err(error) => error.into(),
        },
    }
}

/// The input ended inside a frame.
fn truncated(input: &Input<'_>) -> ErrorKind {
    ErrorKind::Truncated { offset: input.offset(), layer: Layer::ZstdFrame }
}

struct Decoder<'l> {
    limits: &'l Limits,
    content: Content,
    context: DCtx<'static>,
    /// Whether the header of the database has been looked at, or there is none.
    identified: bool,
}

/// How far one call of the zstd library got.
struct Step {
    consumed: usize,
    produced: bool,
    finished: bool,
}

impl<'l> Decoder<'l> {
    fn new(limits: &'l Limits, content: Content) -> Result<Self, ErrorKind> {
        let identified = !matches!(content, Content::Database(_));
        Ok(Self { limits, content, context: context()?, identified })
    }

    /// Decodes the frame whose header is next in `input`.
    fn frame(&mut self, header: &Header, input: &mut Input<'_>, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let start = input.offset();
        self.judge(header, start, sink)?;
        let direct = self.prepare(header, input, sink)?;
        self.begin(direct).map_err(|code| fault(code, start, input.offset()))?;
        let whole = self.content == Content::Whole;
        let believing = direct && (whole || header.content_size.is_none());
        loop {
            let step = match self.step(input, sink)? {
                Ok(step) => step,
                Err(code) if believing && is_full(code) => return Err(Stop::Misled),
                Err(code) => return Err(fault(code, start, input.offset()).into()),
            };
            input.consume(step.consumed);
            self.identify(direct, sink)?;
            if step.finished {
                return Ok(());
            }
            if step.consumed == 0 && !step.produced {
                // No way forward: there is no more input, or no room for what the library still holds.
                let (buffer, filled) = sink.space();
                let full = filled == buffer.len();
                if direct || (!full && input.fill_buf()?.is_empty()) {
                    return Err(truncated(input).into());
                }
                if whole && sink.length() >= sink.limit() {
                    return Err(Stop::Misled);
                }
                sink.make_room()?;
            }
        }
    }

    /// Judges a frame by its header.
    fn judge(&self, header: &Header, offset: u64, sink: &Sink<'_>) -> Result<(), Stop> {
        let declared = sink.length().saturating_add(header.content_size.unwrap_or(0));
        if self.content == Content::Whole && declared > sink.limit() {
            return Err(Stop::Misled);
        }
        Ok(admit(self.limits, header, offset, sink)?)
    }

    /// Makes room for a frame; true when it can be decoded straight to its place.
    fn prepare(
        &self,
        header: &Header,
        input: &mut Input<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<bool, ErrorKind> {
        let begins = sink.length() == 0;
        let size = match (header.content_size, self.content) {
            (None, Content::Database(Stated::Believe)) if begins => stated_size(input)?,
            (None, Content::Whole) => Some(sink.limit().saturating_sub(sink.length())),
            (size, _) => size,
        };
        let Some(size) = size else {
            return Ok(false);
        };
        let total = sink.length().saturating_add(size);
        if total > sink.limit() {
            // The check of declared sizes is off: believe only what is decoded.
            return Ok(false);
        }
        sink.reserve(total)?;
        Ok(sink.holds(size))
    }

    fn begin(&mut self, direct: bool) -> Result<(), usize> {
        self.context.reset(ResetDirective::SessionOnly)?;
        self.context.set_parameter(DParameter::StableOutBuffer(direct))?;
        Ok(())
    }

    /// Lets the library do what it can with the input and the space at hand; inside is its error code.
    fn step(&mut self, input: &mut Input<'_>, sink: &mut Sink<'_>) -> Result<Result<Step, usize>, ErrorKind> {
        let (buffer, filled) = sink.space();
        let mut from = InBuffer::around(input.fill_buf()?);
        let mut to = OutBuffer::around_pos(buffer, filled);
        let result = self.context.decompress_stream(&mut to, &mut from);
        let position = to.pos();
        Ok(result.map(|left| {
            sink.advance(position);
            Step { consumed: from.pos(), produced: position > filled, finished: left == 0 }
        }))
    }

    /// Looks at the header of the database as soon as it is there: a payload that is something else need not
    /// be decoded to its end, and a frame that declares no size finds it there.
    fn identify(&mut self, direct: bool, sink: &mut Sink<'_>) -> Result<(), ErrorKind> {
        if self.identified || sink.head().len() < database::HEADER {
            return Ok(());
        }
        self.identified = true;
        // The length is not known yet, so that only the magic number can be found wrong.
        database::check(sink.head(), u64::MAX)?;
        match database::stated_size(sink.head()) {
            Some(size) if !direct => sink.reserve(size),
            _ => Ok(()),
        }
    }
}

/// Judges a frame, whose content is to go to `sink`, by its header.
pub(super) fn admit(limits: &Limits, header: &Header, offset: u64, sink: &Sink<'_>) -> Result<(), ErrorKind> {
    let limit = sink.limit();
    let declared = sink.length().saturating_add(header.content_size.unwrap_or(0));
    if declared > limit && limits.check_declared_size {
        return Err(ErrorKind::DeclaredTooLarge { offset, declared, limit });
    }
    let limit = limits.max_window;
    if header.window > limit {
        return Err(ErrorKind::Window { offset, declared: header.window, limit });
    }
    match header.dictionary {
        0 => Ok(()),
        id => Err(ErrorKind::Dictionary { offset, id }),
    }
}

/// A context of the library, which accepts every window: each header is checked against the exact limit
/// before.
pub(super) fn context() -> Result<DCtx<'static>, ErrorKind> {
    let mut context = DCtx::try_create().ok_or_else(no_memory)?;
    let largest = if cfg!(target_pointer_width = "64") { 31 } else { 30 };
    context.set_parameter(DParameter::WindowLogMax(largest)).map_err(|_| no_memory())?;
    Ok(context)
}

/// The size that the database at the start of the next frame states, when the input at hand already tells.
fn stated_size(input: &mut Input<'_>) -> Result<Option<u64>, ErrorKind> {
    let mut header = [0; database::HEADER];
    let mut to = OutBuffer::around(&mut header[..]);
    let result = context()?.decompress_stream(&mut to, &mut InBuffer::around(input.fill_buf()?));
    let complete = result.is_ok() && to.pos() == database::HEADER;
    let sound = complete && header.starts_with(database::MAGIC);
    Ok(if sound { database::stated_size(&header) } else { None })
}

fn no_memory() -> ErrorKind {
    ErrorKind::Memory { bytes: 0, source: std::io::ErrorKind::OutOfMemory.into() }
}

/// Whether an error code says that the output buffer is too small.
fn is_full(code: usize) -> bool {
    code.wrapping_neg() == ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall as usize
}

/// What an error code of the zstd library means for the frame at `offset`, which was well up to `near`.
pub(super) fn fault(code: usize, offset: u64, near: u64) -> ErrorKind {
    let is = |known: ZSTD_ErrorCode| code.wrapping_neg() == known as usize;
    if is(ZSTD_ErrorCode::ZSTD_error_checksum_wrong) {
        return ErrorKind::Checksum { offset };
    }
    if is(ZSTD_ErrorCode::ZSTD_error_memory_allocation) {
        return no_memory();
    }
    ErrorKind::Corrupt { offset, near, detail: zstd_safe::get_error_name(code) }
}
