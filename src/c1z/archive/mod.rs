//! The archive: what a version 3 file is, a manifest and the files of one directory.
//!
//! ```text
//! offset  bytes
//!      0      5  43 31 5a 33 00  "C1Z3\0"
//!      5      4  length L of the manifest, big-endian
//!      9      L  manifest                       a protobuf message, see head.rs
//!    9+L    ...  payload                        in the encoding that the manifest names
//!
//! encoding 5, indexed   frame … frame | index | footer      see index.rs; a zstd frame per file
//!          1            zstd stream of a tar                see tar.rs
//!          2            tar
//! ```
//!
//! What writers make today is indexed: any file of it can be had without the others, and several at a time. A tar is
//! read through when it is opened, because there is no other way to find anything in it.
//!
//! | limit | |
//! |---|---|
//! | manifest | 16 MiB |
//! | index | 64 MiB |
//! | name of a file | 4096 bytes |
//! | decoded bytes of all files, of a tar its own | [`Limits`](super::Limits) |
//! | memory | [`OpenOptions::memory_limit`]; what is beyond goes to nameless files |
//!
//! What the files mean is the business of others.

mod directory;
mod fault;
mod frames;
mod head;
mod index;
mod inspect;
mod name;
mod raw;
mod recover;
mod same;
mod tar;
mod wire;
mod work;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;

use twox_hash::XxHash64;

pub use directory::Entry;
pub(super) use fault::Class;
pub use fault::{EntryFault, Fault, FrameFault, NameFault, TarFault};

use super::decode::{self, Content, Stop};
use super::error::{Error, ErrorKind};
use super::image::Image;
use super::input::Input;
use super::limits::OpenOptions;
use super::sink::Sink;
use super::source::{Observer, Source};
use directory::Directory;
use frames::Frames;
use head::Head;
use index::Index;
use raw::Raw;

/// The engines that may have written the files inside, newest first.
const ENGINES: [&str; 3] = ["pebble3", "pebble2", "pebble"];
const MAX_MANIFEST: u64 = 16 << 20;
const MAX_INDEX: u64 = 64 << 20;

/// The hash of files, indexes and manifests: XXH64 with seed 0.
fn hash(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

/// How the payload of an archive is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// A tar inside one zstd stream.
    TarZstd,
    /// A tar.
    Tar,
    /// A zstd frame per file, and an index.
    Indexed,
}

impl Encoding {
    fn of(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::TarZstd),
            2 => Some(Self::Tar),
            5 => Some(Self::Indexed),
            _ => None,
        }
    }

    /// Its name, as people write it: `indexed_zstd`, `tar_zstd`, `tar`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TarZstd => "tar_zstd",
            Self::Tar => "tar",
            Self::Indexed => "indexed_zstd",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A version 3 file.
///
/// Of an indexed one, only head, index and footer have been read when it is opened; each file inside is decoded when
/// it is first asked for, and then kept for as long as the archive lives. Threads may share an archive.
pub struct Archive {
    source: Source,
    gzip: bool,
    head: Head,
    directory: Directory,
    body: Body,
}

enum Body {
    Frames {
        frames: Frames,
        stated: Totals,
    },
    /// The whole tar, and where its end mark stands.
    Tar {
        image: Image,
        end: usize,
    },
}

/// What an index says about all its entries.
struct Totals {
    raw: u64,
    stored: u64,
    /// Where the frames end.
    end: u64,
}

/// Where an archive is read from, besides its stream.
pub(super) struct Place<'a> {
    pub source: &'a Source,
    /// The file itself, when it can be read at any position.
    pub file: Option<&'a File>,
    /// Its size, if known.
    pub size: Option<u64>,
    /// Whether the stream comes out of gzip.
    pub gzip: bool,
}

impl Archive {
    /// Opens the archive whose first byte is next in `input`.
    pub(super) fn open(
        input: &mut Input<'_>,
        place: &Place<'_>,
        options: &OpenOptions,
    ) -> Result<Self, Stop> {
        let head = Head::read(input)?;
        let options = OpenOptions { limits: options.limits.for_archive(place.size), ..options.clone() };
        let (directory, body) = match head.encoding {
            Encoding::Indexed => indexed(raw(input, &head, place, &options)?, &head, options)?,
            encoding => tar_body(input, &head, encoding, place.size, &options)?,
        };
        Ok(Self { source: place.source.clone(), gzip: place.gzip, head, directory, body })
    }

    /// The manifest, a protobuf message.
    #[must_use]
    pub fn manifest(&self) -> &[u8] {
        &self.head.manifest
    }

    /// The engine that wrote the files: `pebble3`, `pebble2` or `pebble`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.head.engine
    }

    /// The version of the engine's format, as the manifest has it. Nothing here depends on it.
    #[must_use]
    pub fn schema_version(&self) -> u32 {
        self.head.schema_version
    }

    /// How the payload is written.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.head.encoding
    }

    /// All files, in the order of the archive.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        self.directory.entries()
    }

    /// What the archive says about a file.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.directory.find(name).and_then(|place| self.entries().get(place))
    }

    /// The content of a file, decoded and checked when it is first asked for. Of an indexed archive, no other file is
    /// touched; while one thread decodes a file, others that want it wait.
    ///
    /// # Errors
    ///
    /// [`Fault::Absent`], [`Fault::Frame`] and what zstd frames have of their own; limits; trouble with the file, with
    /// memory or a temporary file. The next call tries again.
    pub fn read(&self, name: &str) -> Result<&[u8], Error> {
        self.find(name).and_then(|place| self.content(place)).map_err(|kind| self.error(kind))
    }

    /// Decodes files on all processors, in the order given, so that reading them takes no more time. Another thread
    /// may read each as soon as it is decoded.
    ///
    /// `observer` hears, from the thread of the caller, of the bytes of the archive that were decoded, and of all that
    /// are to be.
    ///
    /// # Errors
    ///
    /// As [`Archive::read`]; of several errors, that of the first name. All files that can be decoded are.
    pub fn prefetch(&self, names: &[&str], observer: Observer<'_>) -> Result<(), Error> {
        let places: Result<Vec<_>, _> = names.iter().map(|name| self.find(name)).collect();
        let places = places.map_err(|kind| self.error(kind))?;
        match self.decode_all(&places, observer).into_iter().next() {
            Some((_, kind)) => Err(self.error(kind)),
            None => Ok(()),
        }
    }

    /// Gives the archive to the rest of the process, for good; see [`Image::lend`].
    #[must_use]
    pub fn lend(self: Box<Self>) -> &'static Self {
        Box::leak(self)
    }

    fn find(&self, name: &str) -> Result<usize, ErrorKind> {
        self.directory.find(name).ok_or_else(|| Fault::Absent { name: name.to_owned() }.into())
    }

    fn content(&self, place: usize) -> Result<&[u8], ErrorKind> {
        let absent = || Fault::Absent { name: String::new() };
        let entry = self.entries().get(place).ok_or_else(absent)?;
        match &self.body {
            Body::Frames { frames, .. } => frames.content(place, entry),
            Body::Tar { image, .. } => {
                let start = self.tar_start();
                let range = entry.offset.checked_sub(start).and_then(|from| {
                    let from = usize::try_from(from).ok()?;
                    Some(from..from.checked_add(usize::try_from(entry.size).ok()?)?)
                });
                Ok(range.and_then(|range| image.get(range)).unwrap_or_default())
            }
        }
    }

    /// What the offsets of entries in a tar count from.
    fn tar_start(&self) -> u64 {
        tar_start(&self.head)
    }

    fn error(&self, kind: ErrorKind) -> Error {
        let error = Error::new(&self.source, kind);
        if self.gzip { error.inside_gzip() } else { error }
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("engine", &self.engine())
            .field("encoding", &self.encoding())
            .field("entries", &self.entries())
            .finish_non_exhaustive()
    }
}

/// What is left of `input` as something to be read at any position.
fn raw(
    input: &mut Input<'_>,
    head: &Head,
    place: &Place<'_>,
    options: &OpenOptions,
) -> Result<Raw, ErrorKind> {
    if let (Some(file), Some(size)) = (place.file, place.size) {
        return Ok(Raw::File { file: file.try_clone().map_err(ErrorKind::Read)?, size });
    }
    let limit = super::packed_limit(&options.limits);
    let mut sink = Sink::bounded(options, limit, options.memory_limit);
    super::copy(input, place.size, &mut sink)?;
    Ok(Raw::Image { image: sink.finish()?, start: head.payload() })
}

fn indexed(raw: Raw, head: &Head, options: OpenOptions) -> Result<(Directory, Body), ErrorKind> {
    let index = Index::read(&raw, head)?;
    let limit = options.limits.max_decoded;
    let declared = index.directory.entries().iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
    if options.limits.check_declared_size && declared > limit {
        return Err(Fault::DeclaredTooLarge { declared, limit }.into());
    }
    let frames = Frames::new(raw, options, index.directory.entries().len());
    let stated = Totals { raw: index.raw_total, stored: index.stored_total, end: index.start };
    Ok((index.directory, Body::Frames { frames, stated }))
}

/// What the offsets of entries in a tar count from: the start of the file, unless the tar is packed.
fn tar_start(head: &Head) -> u64 {
    if head.encoding == Encoding::TarZstd { 0 } else { head.payload() }
}

/// What is wrong with a tar, by its position.
fn wrong_in_tar(head: &Head, packed: bool, wrong: tar::Wrong) -> Fault {
    let offset = tar_start(head) + wrong.at as u64;
    match wrong.fault {
        tar::Either::Tar(fault) => Fault::Tar { offset, packed, fault },
        tar::Either::Name(fault) => Fault::Name { offset, packed, fault },
    }
}

fn tar_body(
    input: &mut Input<'_>,
    head: &Head,
    encoding: Encoding,
    size: Option<u64>,
    options: &OpenOptions,
) -> Result<(Directory, Body), Stop> {
    let mut sink = Sink::new(options);
    let packed = encoding == Encoding::TarZstd;
    match packed {
        true => decode::decode(input, &options.limits, Content::Any, &mut sink)?,
        false => super::copy(input, size, &mut sink)?,
    }
    let image = sink.finish()?;
    let start = tar_start(head);
    let wrong = |wrong| wrong_in_tar(head, packed, wrong);
    let tar::Listing { files, end } = tar::list(&image).map_err(|fault| Stop::Fault(wrong(fault).into()))?;
    let entries = files.iter().map(|file| file.entry(start)).collect();
    let directory = Directory::of(entries).map_err(|place| {
        let at = files.get(place).map_or(0, |file| file.header);
        Stop::Fault(wrong(tar::Wrong { at, fault: NameFault::Duplicate.into() }).into())
    })?;
    Ok((directory, Body::Tar { image, end }))
}
