//! The container: from a `.c1z` file to the bytes of the database inside, and back.
//!
//! ```text
//! offset  bytes
//!      0      5  43 31 5a 46 00  "C1ZF\0"    the magic number of version 1
//!      5    all  zstd frames                 together they decode to one SQLite database, or to nothing
//! ```
//!
//! There is no length, index or checksum besides what zstd itself has. Connectors write one frame, with a
//! checksum and, newer ones, the content size; readers accept several frames, skippable ones, and frames
//! without either.
//!
//! ```text
//! offset  bytes
//!      0      5  43 31 5a 33 00  "C1Z3\0"    the magic number of version 3
//!      5    4+L  manifest                    its length, then a protobuf message
//!    9+L    all  the files of a directory    a Pebble database: see the module `archive`
//! ```
//!
//! A file is known by its first bytes, never by its name:
//!
//! | bytes | what it is |
//! |---|---|
//! | `C1ZF\0` | version 1, as above |
//! | `SQLite format 3\0` | the database itself, unwrapped |
//! | `1f 8b` | gzip around any of them ([`Error`] for gzip inside gzip) |
//! | `C1Z3\0` | version 3, as above |
//! | `C1Z2` | a draft that was abandoned; refused by name |
//!
//! What it decodes to is bounded by [`Limits`], held in memory or in a nameless file ([`Image`]), and never
//! written anywhere that outlives the process.

mod archive;
mod database;
mod decode;
mod encode;
mod error;
#[cfg(target_os = "linux")]
mod fetch;
pub mod frame;
mod gzip;
mod image;
mod input;
mod inspect;
mod limits;
mod mapping;
mod pages;
mod save;
mod sink;
mod source;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::PathBuf;

pub use archive::{Archive, Encoding, Entry, EntryFault, Fault, FrameFault, NameFault, TarFault};
pub use error::{Error, ErrorKind, Layer};
pub use image::Image;
pub use inspect::{Flaw, FrameFacts, Inspection, Remains, inspect};
pub use limits::{Limits, OpenOptions};
pub use save::{SaveOptions, check_target, destination, save, save_plain, save_through, sync_directory_of};
pub use source::Source;

use archive::Place;
use decode::{Content, Stated, Stop};
use input::Input;
use sink::Sink;
use source::{Observed, Observer};

/// The first five bytes of a version 1 file.
pub const MAGIC_V1: &[u8] = b"C1ZF\0";
/// The first five bytes of a version 3 file.
pub const MAGIC_V3: &[u8] = b"C1Z3\0";
const MAGIC_DRAFT: &[u8] = b"C1Z2\0";

/// An opened file.
#[derive(Debug)]
pub struct Opened {
    /// What the file holds.
    pub payload: Payload,
    /// How it was wrapped.
    pub envelope: Envelope,
    /// What the user should know although the file could be read.
    pub warnings: Vec<Warning>,
}

/// What a file holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Payload {
    /// One SQLite database; no bytes at all when the file is only a magic number, which is an empty store.
    Sqlite(Image),
    /// The files of one Pebble database.
    Archive(Box<Archive>),
}

/// How the payload of a file is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// The format around the payload.
    pub format: Format,
    /// Whether gzip is around that.
    pub gzip: bool,
}

/// The format around a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A version 1 c1z file.
    V1,
    /// A version 3 c1z file.
    V3,
    /// No envelope: the file is the database.
    Sqlite,
}

/// Something the user should know although the file could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Beside the database lies a write-ahead log, whose changes are not read.
    LogNotRead {
        /// The log.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogNotRead { path, size } => write!(
                f,
                "{} holds {size} bytes of changes that are not read; close the program that writes the database first",
                path.display()
            ),
        }
    }
}

/// Opens a file and decodes it, except for what an [`Archive`] decodes on demand.
///
/// `observer` is called about once per MiB read, with the bytes read so far and, for a regular file, in total.
/// A database whose header states less than there is makes it start again from the front, once.
///
/// # Errors
///
/// Everything in [`ErrorKind`] that is not about saving.
pub fn open(source: &Source, options: &OpenOptions, observer: Observer<'_>) -> Result<Opened, Error> {
    let path = match source {
        Source::Stdin => return open_reader(source, &mut io::stdin().lock(), None, options, observer),
        Source::Path(path) => path,
    };
    let failed = |kind| Error::new(source, kind);
    let (mut file, size) = source::open(path).map_err(failed)?;
    // Only a regular file, whose size is known, can be read again, and at any position.
    let (stated, again) = match size {
        Some(_) => (Stated::Believe, Some(&file)),
        None => (Stated::Doubt, None),
    };
    let mut reader = &file;
    let from = Stream { source, reader: &mut reader, size, file: again };
    let mut opened = match attempt(from, options, stated, observer)? {
        Some(opened) => opened,
        None => {
            file.rewind().map_err(|error| failed(error.into()))?;
            open_reader(source, &mut file, size, options, observer)?
        }
    };
    if opened.envelope == (Envelope { format: Format::Sqlite, gzip: false }) {
        let log = source::log_beside(path);
        opened.warnings.extend(log.map(|(path, size)| Warning::LogNotRead { path, size }));
    }
    Ok(opened)
}

/// Decodes what `reader` gives, to its end. `source` is its name in errors, `total` its size if known.
///
/// # Errors
///
/// As [`open`].
pub fn open_reader(
    source: &Source,
    reader: &mut dyn Read,
    total: Option<u64>,
    options: &OpenOptions,
    observer: Observer<'_>,
) -> Result<Opened, Error> {
    let from = Stream { source, reader, size: total, file: None };
    let opened = attempt(from, options, Stated::Doubt, observer)?;
    // What was doubted cannot mislead, so there is always something.
    opened.ok_or_else(|| Error::new(source, ErrorKind::Read(io::ErrorKind::Other.into())))
}

/// What is to be opened.
struct Stream<'a> {
    source: &'a Source,
    reader: &'a mut dyn Read,
    /// The number of bytes, if known.
    size: Option<u64>,
    /// The file that `reader` reads, when it can be read at any position.
    file: Option<&'a File>,
}

/// Decodes what the reader gives, to its end; None when it must be read again with [`Stated::Doubt`].
fn attempt(
    from: Stream<'_>,
    options: &OpenOptions,
    stated: Stated,
    observer: Observer<'_>,
) -> Result<Option<Opened>, Error> {
    let Stream { source, reader, size, file } = from;
    let mut input = Input::new(Box::new(Observed::new(reader, size, observer)));
    let first = input.peek(MAGIC).map_err(|error| Error::new(source, error.into()))?;
    let gzip = first.starts_with(gzip::MAGIC);
    let mut place = Place { source, file, size, gzip };
    if gzip {
        input = Input::new(Box::new(gzip::Gunzip::new(input, packed_limit(&options.limits))));
        place = Place { file: None, size: None, ..place };
    }
    match read_payload(&mut input, &place, options, stated) {
        Ok((payload, format)) => {
            let envelope = Envelope { format, gzip };
            Ok(Some(Opened { payload, envelope, warnings: Vec::new() }))
        }
        Err(Stop::Misled) => Ok(None),
        Err(Stop::Fault(kind)) if gzip => Err(Error::new(source, kind).inside_gzip()),
        Err(Stop::Fault(kind)) => Err(Error::new(source, kind)),
    }
}

/// How large a file may be of which nothing else is known, and what a gzip layer may unpack to. What is inside is
/// compressed itself, so it is hardly ever larger than what it decodes to; the rest leaves room for the overhead of
/// data that does not compress.
fn packed_limit(limits: &Limits) -> u64 {
    let overhead = (limits.max_decoded / 64).saturating_add(1 << 20);
    limits.max_decoded.saturating_add(overhead)
}

/// The bytes needed to know a file.
const MAGIC: usize = 16;

fn read_payload(
    input: &mut Input<'_>,
    place: &Place<'_>,
    options: &OpenOptions,
    stated: Stated,
) -> Result<(Payload, Format), Stop> {
    let format = sniff(input.peek(MAGIC)?)?;
    let mut sink = Sink::new(options);
    match format {
        Format::V1 => {
            input.skip(MAGIC_V1.len() as u64)?;
            decode::decode(input, &options.limits, Content::Database(stated), &mut sink)?;
        }
        Format::V3 => {
            let archive = Archive::open(input, place, options)?;
            return Ok((Payload::Archive(Box::new(archive)), format));
        }
        Format::Sqlite => copy(input, place.size, &mut sink)?,
    }
    Ok((Payload::Sqlite(sink.finish_database()?), format))
}

/// Knows a format by the first bytes of a file, at most [`MAGIC`] of them.
fn sniff(first: &[u8]) -> Result<Format, ErrorKind> {
    if first.is_empty() {
        return Err(ErrorKind::Empty);
    }
    if first.starts_with(gzip::MAGIC) {
        return Err(ErrorKind::NestedGzip);
    }
    if first.len() < MAGIC_V1.len() {
        return Err(ErrorKind::TooShort { length: first.len() });
    }
    if first.starts_with(MAGIC_V1) {
        return Ok(Format::V1);
    }
    if first.starts_with(database::MAGIC) {
        return Ok(Format::Sqlite);
    }
    if first.starts_with(MAGIC_V3) {
        return Ok(Format::V3);
    }
    if first.starts_with(MAGIC_DRAFT) {
        return Err(ErrorKind::Draft);
    }
    Err(ErrorKind::NotC1z { first: first.to_vec() })
}

/// Bytes of a bare database read at a time.
const COPY: usize = 1 << 20;

/// Reads what is not compressed, to its end.
fn copy(input: &mut Input<'_>, total: Option<u64>, sink: &mut Sink<'_>) -> Result<(), ErrorKind> {
    sink.reserve(total.unwrap_or(0))?;
    loop {
        let (space, filled) = sink.space();
        let end = space.len().min(filled.saturating_add(COPY));
        let free = space.get_mut(filled..end).unwrap_or_default();
        if free.is_empty() {
            if input.peek(1)?.is_empty() {
                return Ok(());
            }
            sink.make_room()?;
            continue;
        }
        match input.read(free)? {
            0 => return Ok(()),
            count => sink.advance(filled + count),
        }
    }
}
