//! Numbers and strings, one after the other, out of bytes that may end anywhere.

use super::error::{Fault, Structure};

/// Walks over the bytes of one structure.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    structure: Structure,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], structure: Structure) -> Self {
        Self { bytes, at: 0, structure }
    }

    /// A reader of the same structure that starts at `at`.
    pub(super) fn starting(bytes: &'a [u8], at: usize, structure: Structure) -> Self {
        Self { bytes, at, structure }
    }

    /// Where the next byte stands.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn cut(&self) -> Fault {
        Fault::cut(self.structure, self.at)
    }

    pub(super) fn malformed(&self, detail: &'static str) -> Fault {
        Fault::malformed(self.structure, self.at, detail)
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(length).ok_or_else(|| self.cut())?;
        let taken = self.bytes.get(self.at..end).ok_or_else(|| self.cut())?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let array = *rest.first_chunk::<N>().ok_or_else(|| self.cut())?;
        self.at += N;
        Ok(array)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    /// An unsigned LEB128 number of at most ten bytes.
    #[inline]
    pub(super) fn uvarint(&mut self) -> Result<u64, Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest.first() {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(byte))
            }
            _ => self.long_uvarint(rest),
        }
    }

    fn long_uvarint(&mut self, rest: &[u8]) -> Result<u64, Fault> {
        let mut number = 0;
        for (index, &byte) in rest.iter().take(10).enumerate() {
            // The tenth byte has room for one bit.
            if index == 9 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.at += index + 1;
                return Ok(number);
            }
        }
        Err(if rest.len() < 10 { self.cut() } else { self.malformed("a number has more than 64 bits") })
    }

    /// A number that counts bytes in memory.
    #[inline]
    pub(super) fn length(&mut self) -> Result<usize, Fault> {
        let start = self.at;
        let number = self.uvarint()?;
        usize::try_from(number).map_err(|_| Fault::cut(self.structure, start))
    }

    /// A length, and that many bytes.
    pub(super) fn string(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.length()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pebble::error::ErrorKind;

    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader::new(bytes, Structure::VersionEdit)
    }

    #[test]
    fn numbers_of_every_length_are_read() {
        for (bytes, number) in [
            (&[0][..], 0),
            (&[0x7f], 127),
            (&[0x80, 1], 128),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], u64::MAX),
        ] {
            let mut reader = reader(bytes);
            assert_eq!(reader.uvarint().unwrap(), number);
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn a_number_that_does_not_end_is_cut_and_one_that_overflows_is_malformed() {
        let fault = reader(&[0x80, 0x80]).uvarint().unwrap_err();
        assert!(matches!(fault.kind, ErrorKind::Cut(Structure::VersionEdit)));
        let fault = reader(&[0xff; 10]).uvarint().unwrap_err();
        assert!(matches!(fault.kind, ErrorKind::Malformed { .. }));
        let fault = reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).uvarint().unwrap_err();
        assert!(matches!(fault.kind, ErrorKind::Malformed { .. }));
    }

    #[test]
    fn a_string_longer_than_the_rest_is_cut_where_it_starts() {
        let mut reader = reader(&[1, b'a', 3, b'b']);
        assert_eq!(reader.string().unwrap(), b"a");
        let fault = reader.string().unwrap_err();
        assert!(matches!(fault.kind, ErrorKind::Cut(_)));
        assert_eq!(fault.at, 3);
        let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0];
        assert!(matches!(
            super::Reader::new(&huge, Structure::Footer).string().unwrap_err().kind,
            ErrorKind::Cut(_)
        ));
    }
}
