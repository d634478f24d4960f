//! Opening a file that may be damaged: everything that can be decoded, and what is wrong with the rest.

pub(super) mod stream;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};

pub use stream::FrameFacts;

use super::archive::{Archive, Encoding, Place};
use super::error::{Error, ErrorKind};
use super::image::Image;
use super::input::Input;
use super::limits::OpenOptions;
use super::sink::Sink;
use super::source::{self, Observed, Observer, Source};
use super::{Format, MAGIC, MAGIC_V1, copy, database, gzip, packed_limit, sniff};

/// What is left of a file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// The format around the payload.
    pub format: Format,
    /// Whether gzip is around that.
    pub gzip: bool,
    /// How the payload of a v3 file is written, if that can be told.
    pub encoding: Option<Encoding>,
    /// Bytes of the file; None for one of unknown size.
    pub bytes: Option<u64>,
    /// The frames of a zstd stream: those of a v1 file, or of a v3 file with a tar in zstd.
    pub frames: Vec<FrameFacts>,
    /// What could be decoded.
    pub remains: Remains,
    /// What is wrong with the container, in the order of the file.
    pub flaws: Vec<Flaw>,
}

/// What could be decoded of a file.
#[derive(Debug)]
pub enum Remains {
    /// A database, or the first part of one.
    Database {
        /// The bytes that were decoded.
        image: Image,
        /// Their number.
        decoded: u64,
        /// Bytes that there should be, if anything says so.
        declared: Option<u64>,
    },
    /// The files of a v3 file, or some of them.
    Archive(Box<Archive>),
    /// Nothing of use.
    Nothing,
}

/// Something that is wrong with a container.
#[derive(Debug)]
pub struct Flaw {
    /// What it is about: `head`, `manifest`, `frame 1, block 3`.
    pub place: String,
    /// What is wrong.
    pub error: Error,
}

/// Opens a file as [`open`](super::open) does, but goes on where something is wrong.
///
/// # Errors
///
/// Only what is no damage: it is no c1z, cannot be read, or asks for more than the limits allow.
pub fn inspect(source: &Source, options: &OpenOptions, observer: Observer<'_>) -> Result<Inspection, Error> {
    let path = match source {
        Source::Stdin => return read(source, &mut io::stdin().lock(), None, None, options, observer),
        Source::Path(path) => path,
    };
    let (file, size) = source::open(path).map_err(|kind| Error::new(source, kind))?;
    let again = size.is_some().then_some(&file);
    read(source, &mut &file, size, again, options, observer)
}

fn read(
    source: &Source,
    reader: &mut dyn Read,
    size: Option<u64>,
    file: Option<&File>,
    options: &OpenOptions,
    observer: Observer<'_>,
) -> Result<Inspection, Error> {
    let failed = |kind: ErrorKind| Error::new(source, kind);
    let mut input = Input::new(Box::new(Observed::new(reader, size, observer)));
    let first = input.peek(MAGIC).map_err(|error| failed(error.into()))?;
    let gzip = first.starts_with(gzip::MAGIC);
    let mut place = Place { source, file, size, gzip };
    if gzip {
        input = Input::new(Box::new(gzip::Gunzip::new(input, packed_limit(&options.limits))));
        place = Place { file: None, size: None, ..place };
    }
    let inside = |kind| if gzip { failed(kind).inside_gzip() } else { failed(kind) };
    let mut state = State { input, place: &place, options, flaws: Vec::new(), frames: Vec::new() };
    let (format, encoding, remains) = state.payload().map_err(inside)?;
    let State { flaws, frames, .. } = state;
    let flaws = flaws.into_iter().map(|(place, kind)| Flaw { place, error: inside(kind) }).collect();
    Ok(Inspection { format, gzip, encoding, bytes: size, frames, remains, flaws })
}

struct State<'a> {
    input: Input<'a>,
    place: &'a Place<'a>,
    options: &'a OpenOptions,
    flaws: Vec<(String, ErrorKind)>,
    frames: Vec<FrameFacts>,
}

impl State<'_> {
    fn payload(&mut self) -> Result<(Format, Option<Encoding>, Remains), ErrorKind> {
        let format = match self.input.peek(MAGIC) {
            Ok(first) => sniff(first)?,
            // The gzip layer broke before anything came out of it.
            Err(error) => return Err(error.into()),
        };
        let (encoding, remains) = match format {
            Format::V1 => (None, self.stream()?),
            Format::V3 => {
                let found = Archive::recover(&mut self.input, self.place, self.options)?;
                self.flaws.extend(found.flaws);
                self.frames = found.frames;
                let encoding = found.archive.as_ref().map(Archive::encoding);
                (
                    encoding,
                    found.archive.map_or(Remains::Nothing, |archive| Remains::Archive(Box::new(archive))),
                )
            }
            Format::Sqlite => (None, self.bare()?),
        };
        Ok((format, encoding, remains))
    }

    fn stream(&mut self) -> Result<Remains, ErrorKind> {
        self.input.skip(MAGIC_V1.len() as u64)?;
        let mut sink = Sink::new(self.options);
        let found = stream::decode(&mut self.input, &self.options.limits, &mut sink)?;
        let (declared, whole) = (found.declared(), found.flaw.is_none());
        self.flaws.extend(found.flaw);
        self.frames = found.frames;
        let empty = self.frames.iter().all(|frame| frame.skippable);
        self.database(sink, declared.filter(|_| !empty), whole)
    }

    fn bare(&mut self) -> Result<Remains, ErrorKind> {
        let mut sink = Sink::new(self.options);
        let copied = copy(&mut self.input, self.place.size, &mut sink);
        let whole = copied.is_ok();
        if let Err(kind) = copied {
            if !kind.is_damage() {
                return Err(kind);
            }
            self.flaws.push(("gzip".into(), kind));
        }
        self.database(sink, None, whole)
    }

    /// The database that is `whole`, or the first part of one.
    fn database(&mut self, sink: Sink<'_>, declared: Option<u64>, whole: bool) -> Result<Remains, ErrorKind> {
        let decoded = sink.length();
        if decoded == 0 {
            let nothing = declared.is_some() || !whole;
            let image = sink.finish()?;
            let empty = Remains::Database { image, decoded, declared: None };
            return Ok(if nothing { Remains::Nothing } else { empty });
        }
        let (stated, head) = (database::stated_size(sink.head()), sink.head());
        if let Err(kind) = database::check(head, u64::MAX) {
            self.flaws.push(("database header".into(), kind));
            return Ok(Remains::Nothing);
        }
        if let Some(stated) = stated.filter(|stated| whole && *stated > decoded) {
            let cut = ErrorKind::TruncatedDatabase { declared: stated, actual: decoded };
            self.flaws.push(("database header".into(), cut));
        }
        let declared = declared.max(stated).or_else(|| whole.then_some(decoded));
        let image = sink.finish_unchecked()?;
        Ok(Remains::Database { image, decoded, declared })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.error)
    }
}
