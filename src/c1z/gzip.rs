//! gzip around a file, as mail gateways and object stores like to add.
//!
//! ```text
//! file   := member member …                         nothing else after the last one
//! member := 1f 8b 08 flags mtime(4) xfl os [extra] [name] [comment] [crc16]  deflate…  crc32(4) size(4)
//! ```
//!
//! Members are unpacked one after the other, as `gzip -d` does. What is inside is not kept: it flows on into
//! the zstd decoder, and [`Gunzip`] stops it at a limit.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;

use super::error::{ErrorKind, Layer};
use super::input::Input;

/// The first two bytes of a gzip member.
pub(super) const MAGIC: &[u8] = &[0x1f, 0x8b];

/// The content of all members, in order. Its errors are [`ErrorKind`]s inside [`io::Error`].
pub(super) struct Gunzip<'a> {
    /// None after the last member.
    member: Option<GzDecoder<Input<'a>>>,
    left: u64,
    limit: u64,
}

impl<'a> Gunzip<'a> {
    /// Unpacks `input`, which stands at the start of a member; more than `limit` bytes are an error.
    pub(super) fn new(input: Input<'a>, limit: u64) -> Self {
        Self { member: Some(GzDecoder::new(input)), left: limit, limit }
    }

    /// Goes on to the next member, if there is one.
    fn advance(&mut self) -> io::Result<()> {
        let Some(member) = self.member.take() else {
            return Ok(());
        };
        let mut input = member.into_inner();
        let offset = input.offset();
        match input.peek(MAGIC.len())? {
            [] => Ok(()),
            next if next == MAGIC => {
                self.member = Some(GzDecoder::new(input));
                Ok(())
            }
            _ => Err(ErrorKind::TrailingGarbage { offset, layer: Layer::GzipMember }.into()),
        }
    }
}

impl Read for Gunzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            match member.read(buffer) {
                Ok(0) if !buffer.is_empty() => self.advance()?,
                Ok(count) => {
                    let limit = self.limit;
                    let left = self.left.checked_sub(count as u64);
                    self.left = left.ok_or(ErrorKind::TooLarge { limit })?;
                    return Ok(count);
                }
                Err(error) => return Err(fault(error, member.get_ref().offset())),
            }
        }
        Ok(0)
    }
}

/// Tells damage of the gzip stream from trouble with the reader below it.
fn fault(error: io::Error, offset: u64) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ErrorKind::Truncated { offset, layer: Layer::GzipMember }.into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            ErrorKind::Gzip { offset, detail: error.to_string() }.into()
        }
        _ => error,
    }
}
