//! The headers of zstd frames (RFC 8878, section 3.1).
//!
//! ```text
//! stream     := frame frame …                       zstd and skippable frames in any order
//!
//! zstd frame := 28 b5 2f fd  descriptor(1)  [window(1)]  [dictionary(0,1,2,4)]  [content size(0,1,2,4,8)]
//!               block…  [checksum(4)]               numbers are little-endian
//!
//! descriptor    7 6   size of the content size: 0 (1 if single segment), 2, 4, 8 bytes
//!               5     single segment: no window byte, the window is the content
//!               4     unused
//!               3     reserved, must be 0
//!               2     a checksum follows the last block: the low 32 bits of XXH64
//!               1 0   size of the dictionary id: 0, 1, 2, 4 bytes
//!
//! window        7…3   exponent e    base = 2^(10 + e)
//!               2…0   mantissa m    window = base + base / 8 × m
//!
//! content size  a 2-byte one counts from 256
//!
//! skippable  := 5x 2a 4d 18  size(4)  size bytes of anything
//! ```
//!
//! The zstd library reads the same headers again when it decodes. They are read here first because a file is
//! judged by them before anything is allocated, and because an error should say what it saw.

/// The most bytes a header can have, magic included.
pub const MAX_HEADER: usize = 18;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The first byte of a frame with content.
pub(super) const FIRST: u8 = 0x28;
const SKIPPABLE: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];

/// What stands at a position of a zstd stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// A frame with content.
    Zstd(Header),
    /// A frame that decoders pass over.
    Skippable {
        /// Bytes of the whole frame, its 8 bytes of header included.
        length: u64,
    },
}

/// The header of a frame with content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the header, magic included.
    pub length: usize,
    /// Bytes that the decoder must keep; of a single-segment frame, the content size.
    pub window: u64,
    /// Bytes of content, if declared.
    pub content_size: Option<u64>,
    /// Id of the dictionary needed to decode; 0 means none.
    pub dictionary: u32,
    /// Whether a checksum follows the last block.
    pub checksum: bool,
    /// Whether the window is the whole content.
    pub single_segment: bool,
}

/// Why the bytes at a position are no frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFrame {
    /// The bytes end inside a header.
    Truncated,
    /// The bytes start neither kind of frame.
    Foreign,
    /// The reserved bit is set.
    Reserved,
}

impl Frame {
    /// Reads the header at the start of `bytes`, which are the next [`MAX_HEADER`] bytes of the stream, or
    /// fewer if it ends before.
    ///
    /// # Errors
    ///
    /// A [`NoFrame`]. No bytes at all are [`NoFrame::Truncated`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoFrame> {
        let mut fields = Fields(bytes);
        let magic = bytes.first_chunk::<4>().ok_or_else(|| partial_magic(bytes))?;
        fields.number(4)?;
        if *magic == MAGIC {
            return Header::parse(fields, bytes.len()).map(Self::Zstd);
        }
        if !is_skippable(magic) {
            return Err(NoFrame::Foreign);
        }
        let length = 8 + fields.number(4)?;
        Ok(Self::Skippable { length })
    }
}

impl Header {
    fn parse(mut fields: Fields<'_>, total: usize) -> Result<Self, NoFrame> {
        let descriptor = fields.number(1)?;
        if descriptor & 0b1000 != 0 {
            return Err(NoFrame::Reserved);
        }
        let single_segment = descriptor & 0b10_0000 != 0;
        let window = match single_segment {
            true => None,
            false => Some(window(fields.number(1)?)),
        };
        let dictionary = fields.number(match descriptor & 0b11 {
            3 => 4,
            size => size as usize,
        })?;
        let content_size = match descriptor >> 6 {
            0 if single_segment => Some(fields.number(1)?),
            0 => None,
            1 => Some(fields.number(2)? + 256),
            2 => Some(fields.number(4)?),
            _ => Some(fields.number(8)?),
        };
        Ok(Self {
            length: total - fields.0.len(),
            window: window.or(content_size).unwrap_or_default(),
            content_size,
            dictionary: u32::try_from(dictionary).unwrap_or(u32::MAX),
            checksum: descriptor & 0b100 != 0,
            single_segment,
        })
    }
}

fn window(descriptor: u64) -> u64 {
    let base = 1_u64 << (10 + (descriptor >> 3));
    base + base / 8 * (descriptor & 0b111)
}

fn is_skippable(magic: &[u8; 4]) -> bool {
    let [low, rest @ ..] = magic;
    let [skippable, tail @ ..] = &SKIPPABLE;
    low & 0xf0 == *skippable && rest == tail
}

/// Fewer than four bytes: a magic number that was cut off, or something else.
fn partial_magic(bytes: &[u8]) -> NoFrame {
    let mut padded = SKIPPABLE;
    for (to, from) in padded.iter_mut().zip(bytes) {
        *to = *from;
    }
    match MAGIC.starts_with(bytes) || is_skippable(&padded) {
        true => NoFrame::Truncated,
        false => NoFrame::Foreign,
    }
}

/// Little-endian numbers, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    /// The next `size` bytes as a number; `size` is at most 8.
    fn number(&mut self, size: usize) -> Result<u64, NoFrame> {
        let (bytes, rest) = self.0.split_at_checked(size).ok_or(NoFrame::Truncated)?;
        self.0 = rest;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(bytes: &[u8]) -> Header {
        match Frame::parse(bytes).unwrap() {
            Frame::Zstd(header) => header,
            other => panic!("{other:?}"),
        }
    }

    fn with_magic(rest: &[u8]) -> Vec<u8> {
        [&MAGIC, rest].concat()
    }

    #[test]
    fn every_size_of_content_size_is_read() {
        for (descriptor, field, expected) in [
            (0b0000_0000, &[][..], None),
            (0b0100_0000, &[1, 2], Some(0x0201 + 256)),
            (0b1000_0000, &[1, 2, 3, 4], Some(0x0403_0201)),
            (0b1100_0000, &[1, 0, 0, 0, 0, 0, 0, 0x80], Some(0x8000_0000_0000_0001)),
        ] {
            let bytes = with_magic(&[&[descriptor, 0x50], field, &[0xff; 8]].concat());
            let bytes = &bytes[..bytes.len().min(MAX_HEADER)];
            let found = header(bytes);
            assert_eq!(found.content_size, expected);
            assert_eq!(found.length, 6 + field.len());
            assert_eq!(found.window, 1 << 20);
            assert!(!found.single_segment && !found.checksum);
        }
    }

    #[test]
    fn a_single_segment_has_no_window_byte_and_always_a_size() {
        let found = header(&with_magic(&[0b0010_0100, 200]));
        assert_eq!((found.window, found.content_size, found.length), (200, Some(200), 6));
        assert!(found.single_segment && found.checksum);
    }

    #[test]
    fn every_size_of_dictionary_id_is_read() {
        for (descriptor, field, expected) in
            [(0, &[][..], 0), (1, &[7], 7), (2, &[1, 2], 0x0201), (3, &[1, 2, 3, 4], 0x0403_0201)]
        {
            let found = header(&with_magic(&[&[descriptor, 0], field].concat()));
            assert_eq!((found.dictionary, found.length), (expected, 6 + field.len()));
        }
    }

    #[test]
    fn windows_have_an_exponent_and_a_mantissa() {
        assert_eq!(window(0), 1 << 10);
        assert_eq!(window(0b101), (1 << 10) + 5 * 128);
        assert_eq!(window(0xff), (1 << 41) + (7 << 38));
    }

    #[test]
    fn all_sixteen_skippable_magics_are_known() {
        for low in 0x50..=0x5f {
            let bytes = [low, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff];
            assert_eq!(Frame::parse(&bytes), Ok(Frame::Skippable { length: 8 + 0xffff_ffff }));
        }
        assert_eq!(Frame::parse(&[0x60, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]), Err(NoFrame::Foreign));
    }

    #[test]
    fn a_header_that_is_cut_off_is_truncated_and_not_foreign() {
        for whole in [
            with_magic(&[0b1100_0011, 0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8]),
            with_magic(&[0b0010_0000, 9]),
            vec![0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0],
        ] {
            assert!(Frame::parse(&whole).is_ok());
            for length in 0..whole.len() {
                assert_eq!(Frame::parse(&whole[..length]), Err(NoFrame::Truncated), "{length}");
            }
        }
    }

    #[test]
    fn every_byte_of_the_magic_counts() {
        for position in 0..4 {
            let mut bytes = with_magic(&[0b0010_0000, 9]);
            bytes[position] ^= 0x80;
            assert_eq!(Frame::parse(&bytes), Err(NoFrame::Foreign));
            assert_eq!(Frame::parse(&bytes[..=position]), Err(NoFrame::Foreign));
        }
    }

    #[test]
    fn the_reserved_bit_is_refused() {
        assert_eq!(Frame::parse(&with_magic(&[0b0010_1000, 9])), Err(NoFrame::Reserved));
    }
}
