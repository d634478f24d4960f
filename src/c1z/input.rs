//! A buffered byte stream that knows its offset and lets the next few bytes be looked at.

use std::io::{self, BufRead, Read};

/// Bytes read at a time. Larger reads gain nothing: this is already many zstd blocks, and still fits the
/// cache.
const CHUNK: usize = 256 << 10;

/// The most bytes that can be looked at without consuming them.
pub(super) const PEEK: usize = 32;

/// A stream of bytes with a position.
pub(super) struct Input<'a> {
    reader: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    /// The part of the buffer that was read and not consumed.
    start: usize,
    end: usize,
    /// Position of `start` in the stream.
    offset: u64,
}

impl<'a> Input<'a> {
    pub(super) fn new(reader: Box<dyn Read + 'a>) -> Self {
        Self { reader, buffer: vec![0; CHUNK], start: 0, end: 0, offset: 0 }
    }

    /// A part of a stream that begins at `offset` and has `length` bytes.
    pub(super) fn part(reader: Box<dyn Read + 'a>, offset: u64, length: u64) -> Self {
        let chunk = usize::try_from(length).unwrap_or(CHUNK).clamp(PEEK, CHUNK);
        Self { reader, buffer: vec![0; chunk], start: 0, end: 0, offset }
    }

    /// The number of bytes consumed so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next `count` bytes, or as many as there are, without consuming them. `count` must not exceed
    /// [`PEEK`].
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.end - self.start < count {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            while self.end < count {
                let free = self.buffer.get_mut(self.end..).unwrap_or_default();
                match read_some(&mut self.reader, free)? {
                    0 => break,
                    read => self.end += read,
                }
            }
        }
        let end = self.end.min(self.start + count);
        Ok(self.buffer.get(self.start..end).unwrap_or_default())
    }

    /// Consumes `count` bytes, reading on as needed; false when the stream ends before.
    pub(super) fn skip(&mut self, mut count: u64) -> io::Result<bool> {
        while count > 0 {
            let available = self.fill_buf()?.len();
            if available == 0 {
                return Ok(false);
            }
            let step = usize::try_from(count).map_or(available, |count| count.min(available));
            self.consume(step);
            count -= step as u64;
        }
        Ok(true)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            self.end = read_some(&mut self.reader, &mut self.buffer)?;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= CHUNK {
            let count = read_some(&mut self.reader, out)?;
            self.offset += count as u64;
            return Ok(count);
        }
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        let (from, to) = (available.get(..count), out.get_mut(..count));
        if let (Some(from), Some(to)) = (from, to) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

/// One read that a signal does not end early.
fn read_some(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
