//! Whether two archives hold the same files, told without decoding any.

use super::super::error::{Error, ErrorKind, Layer};
use super::frames::Frames;
use super::{Archive, Body, Entry};

/// Bytes that are read at a time.
const CHUNK: u64 = 256 << 10;

impl Archive {
    /// Whether another archive has the same files with the same bytes, beyond doubt. Frames are compared as they lie
    /// there, so false means only that they may differ: one content can be packed in many ways.
    ///
    /// # Errors
    ///
    /// Trouble with a file.
    pub fn has_same_files(&self, other: &Self) -> Result<bool, Error> {
        if self.entries().len() != other.entries().len() {
            return Ok(false);
        }
        let mut pairs = Vec::with_capacity(self.entries().len());
        for one in self.entries() {
            match other.entry(&one.name) {
                Some(two) if (one.size, one.stored, one.hash) == (two.size, two.stored, two.hash) => {
                    pairs.push((one, two));
                }
                _ => return Ok(false),
            }
        }
        for (one, two) in pairs {
            if !self.is_same(one, other, two)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_same(&self, one: &Entry, other: &Self, two: &Entry) -> Result<bool, Error> {
        match (&self.body, &other.body) {
            (Body::Frames { frames: a, .. }, Body::Frames { frames: b, .. }) => {
                let mut at = 0;
                while at < one.stored {
                    let length = CHUNK.min(one.stored - at);
                    let chunk = |frames: &Frames, entry: &Entry| frames.stored(entry.offset + at, length);
                    let own = chunk(a, one).map_err(|kind| self.error(kind))?;
                    if own != chunk(b, two).map_err(|kind| other.error(kind))? {
                        return Ok(false);
                    }
                    at += length;
                }
                Ok(true)
            }
            (Body::Tar { .. }, Body::Tar { .. }) => Ok(self.read(&one.name)? == other.read(&two.name)?),
            _ => Ok(false),
        }
    }
}

impl Frames {
    /// Bytes of frames as they lie there.
    fn stored(&self, offset: u64, length: u64) -> Result<Vec<u8>, ErrorKind> {
        self.raw().bytes(offset, length, Layer::ZstdFrame)
    }
}
