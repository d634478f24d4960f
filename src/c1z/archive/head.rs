//! The head of an archive: the magic number, the manifest, and what of it the container needs to know.
//!
//! ```text
//! offset  bytes
//!      0      5  43 31 5a 33 00  "C1Z3\0"
//!      5      4  length of the manifest, big-endian, at most 16 MiB
//!      9    ...  manifest, a protobuf message
//!
//! field   1  string  engine              "pebble3", "pebble2" or "pebble": how keys inside are written
//!         2  uint32  schema version      of the engine; 24 today
//!         4  enum    payload encoding    1 tar in zstd, 2 tar, 5 frames with an index
//! ```
//!
//! All other fields (a summary of the sync, a description of the records) are for others.

use std::io::Read;

use super::super::error::{ErrorKind, Layer};
use super::super::input::Input;
use super::fault::Fault;
use super::wire::{Fields, Value};
use super::{ENGINES, Encoding, MAX_MANIFEST};

/// The bytes before the manifest.
const PREFIX: usize = 9;

/// The head of an archive.
#[derive(Debug)]
pub(super) struct Head {
    pub manifest: Vec<u8>,
    pub engine: &'static str,
    pub schema_version: u32,
    pub encoding: Encoding,
}

impl Head {
    /// Reads the head, so that `input` stands at the payload.
    pub(super) fn read(input: &mut Input<'_>) -> Result<Self, ErrorKind> {
        Self::of(Self::bytes(input)?)
    }

    /// Reads the manifest, so that `input` stands at the payload.
    pub(super) fn bytes(input: &mut Input<'_>) -> Result<Vec<u8>, ErrorKind> {
        let cut = |offset: u64, layer| Err(ErrorKind::Truncated { offset, layer });
        let prefix = input.peek(PREFIX)?;
        let Some(length) = prefix.last_chunk::<4>().filter(|_| prefix.len() == PREFIX) else {
            return cut(prefix.len() as u64, Layer::Head);
        };
        let length = u64::from(u32::from_be_bytes(*length));
        if length > MAX_MANIFEST {
            return Err(Fault::ManifestTooLarge { declared: length }.into());
        }
        input.skip(PREFIX as u64)?;
        let mut manifest = Vec::new();
        input.by_ref().take(length).read_to_end(&mut manifest)?;
        if (manifest.len() as u64) < length {
            return cut(input.offset(), Layer::Manifest);
        }
        Ok(manifest)
    }

    pub(super) fn of(manifest: Vec<u8>) -> Result<Self, ErrorKind> {
        let (mut engine, mut schema_version, mut encoding) = (&b""[..], 0, 0);
        for field in Fields::of(&manifest) {
            let field = field.map_err(|malformed| Fault::Manifest { offset: position(malformed.at) })?;
            match (field.number, field.value) {
                (1, Value::Bytes(bytes)) => engine = bytes,
                // Larger numbers lose their upper half, as everywhere in protobuf.
                (2, Value::Varint(number)) => schema_version = number as u32,
                (4, Value::Varint(number)) => encoding = number,
                _ => {}
            }
        }
        let unknown = || Fault::Engine { engine: String::from_utf8_lossy(engine).into_owned() };
        let known = ENGINES.into_iter().find(|name| name.as_bytes() == engine);
        let engine = known.ok_or_else(unknown)?;
        let encoding = Encoding::of(encoding).ok_or(Fault::Encoding { encoding })?;
        Ok(Self { manifest, engine, schema_version, encoding })
    }

    /// What a damaged manifest most likely said; `packed`: whether a zstd frame follows it.
    pub(super) fn guess(manifest: Vec<u8>, packed: bool) -> Self {
        let mut encoding = None;
        for field in Fields::of(&manifest).map_while(Result::ok) {
            if let (4, Value::Varint(number)) = (field.number, field.value) {
                encoding = Encoding::of(number);
            }
        }
        let [engine, ..] = ENGINES;
        let likely = if packed { Encoding::Indexed } else { Encoding::Tar };
        Self { manifest, engine, schema_version: 0, encoding: encoding.unwrap_or(likely) }
    }

    /// Position of the payload.
    pub(super) fn payload(&self) -> u64 {
        position(self.manifest.len())
    }
}

/// The position in the file of a position in the manifest.
fn position(at: usize) -> u64 {
    (PREFIX + at) as u64
}
