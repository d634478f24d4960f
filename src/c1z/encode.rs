//! A writer that compresses into one zstd frame.

use std::io::{self, Write};

use zstd_safe::zstd_sys::ZSTD_EndDirective as End;
use zstd_safe::{CCtx, CParameter, InBuffer, OutBuffer};

/// The default of the zstd library. Its window is 2 MiB, well below the 8 MiB that the oldest readers accept.
const LEVEL: i32 = 3;

/// Compresses what is written to it into one frame with a checksum. [`Encoder::finish`] must be called at the
/// end.
pub(super) struct Encoder<W: Write> {
    context: CCtx<'static>,
    out: W,
    buffer: Vec<u8>,
}

impl<W: Write> Encoder<W> {
    /// Starts a frame that declares `size` bytes of content; anything but exactly that many is an error then.
    pub(super) fn new(out: W, size: Option<u64>) -> io::Result<Self> {
        let mut context = CCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?;
        for parameter in [
            CParameter::CompressionLevel(LEVEL),
            CParameter::ChecksumFlag(true),
            CParameter::ContentSizeFlag(true),
        ] {
            context.set_parameter(parameter).map_err(fault)?;
        }
        context.set_pledged_src_size(size).map_err(fault)?;
        Ok(Self { context, out, buffer: vec![0; CCtx::out_size()] })
    }

    /// Ends the frame and gives the writer back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        while self.step(&mut InBuffer::around(&[]), End::ZSTD_e_end)? > 0 {}
        Ok(self.out)
    }

    /// Lets the library take some of `input` and passes on what it gives; the result is what it still holds
    /// back.
    fn step(&mut self, input: &mut InBuffer<'_>, end: End) -> io::Result<usize> {
        let mut output = OutBuffer::around(&mut self.buffer[..]);
        let left = self.context.compress_stream2(&mut output, input, end).map_err(fault)?;
        let filled = output.pos();
        self.out.write_all(self.buffer.get(..filled).unwrap_or_default())?;
        Ok(left)
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            self.step(&mut input, End::ZSTD_e_continue)?;
        }
        Ok(bytes.len())
    }

    /// Does nothing: a frame that is flushed in between would only be longer.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn fault(code: usize) -> io::Error {
    io::Error::other(format!("zstd: {}", zstd_safe::get_error_name(code)))
}
