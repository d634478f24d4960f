//! Opening an archive that may be damaged: what its index says as far as it can be read, else what stands in it.

use std::io::BufRead as _;

use super::super::decode::{self, Content, Stop};
use super::super::error::ErrorKind;
use super::super::frame::{self, Frame, Header, MAX_HEADER};
use super::super::input::Input;
use super::super::inspect::stream::{self, FrameFacts};
use super::super::limits::OpenOptions;
use super::super::sink::Sink;
use super::frames::Frames;
use super::head::Head;
use super::index::Index;
use super::raw::Raw;
use super::{
    Archive, Body, Directory, Encoding, Entry, Fault, Place, Totals, hash, raw, tar, tar_start, wrong_in_tar,
};

/// What is left of an archive.
pub(in super::super) struct Recovered {
    pub archive: Option<Archive>,
    /// Where, in words, and what.
    pub flaws: Vec<(String, ErrorKind)>,
    /// The frames of a tar in zstd.
    pub frames: Vec<FrameFacts>,
}

impl Archive {
    /// Opens what is left of the archive whose first byte is next in `input`.
    ///
    /// # Errors
    ///
    /// What is no damage: limits, and trouble with the file, with memory or a temporary file.
    pub(in super::super) fn recover(
        input: &mut Input<'_>,
        place: &Place<'_>,
        options: &OpenOptions,
    ) -> Result<Recovered, ErrorKind> {
        let mut found = Recovered { archive: None, flaws: Vec::new(), frames: Vec::new() };
        let manifest = match Head::bytes(input) {
            Ok(manifest) => manifest,
            Err(kind) => {
                found.note("head", kind)?;
                return Ok(found);
            }
        };
        let head = match Head::of(manifest.clone()) {
            Ok(head) => head,
            Err(kind) => {
                found.note("manifest", kind)?;
                let packed = matches!(Frame::parse(input.peek(MAX_HEADER)?), Ok(Frame::Zstd(_)));
                Head::guess(manifest, packed)
            }
        };
        let options = OpenOptions { limits: options.limits.for_archive(place.size), ..options.clone() };
        let (directory, body) = match head.encoding {
            Encoding::Indexed => found.indexed(raw(input, &head, place, &options)?, &head, options)?,
            encoding => found.tar(input, &head, encoding, place.size, &options)?,
        };
        found.archive = Some(Self { source: place.source.clone(), gzip: place.gzip, head, directory, body });
        Ok(found)
    }
}

impl Recovered {
    /// Remembers damage; anything else is an error.
    fn note(&mut self, place: &str, kind: ErrorKind) -> Result<(), ErrorKind> {
        if !kind.is_damage() {
            return Err(kind);
        }
        self.flaws.push((place.to_owned(), kind));
        Ok(())
    }

    fn indexed(
        &mut self,
        raw: Raw,
        head: &Head,
        options: OpenOptions,
    ) -> Result<(Directory, Body), ErrorKind> {
        let index = match Index::read(&raw, head) {
            Ok(index) => index,
            Err(kind) => {
                let place = match &kind {
                    ErrorKind::Archive(Fault::ManifestHash) => "manifest",
                    ErrorKind::Archive(Fault::EndMark { .. } | Fault::IndexPlace { .. })
                    | ErrorKind::Truncated { .. } => "footer",
                    _ => "index",
                };
                self.note(place, kind)?;
                let mut index = Index::salvage(&raw, head, end_of_frames(&raw, head)?)?;
                // Without that file the names of the others are of no use.
                if !index.directory.entries().iter().any(|entry| entry.name.starts_with("MANIFEST-")) {
                    index.directory = Directory::of_first(nameless(&raw, head, &options)?);
                }
                index
            }
        };
        let limit = options.limits.max_decoded;
        let entries = index.directory.entries();
        let declared = entries.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
        if options.limits.check_declared_size && declared > limit {
            return Err(Fault::DeclaredTooLarge { declared, limit }.into());
        }
        let frames = Frames::new(raw, options, entries.len());
        let stated = Totals { raw: index.raw_total, stored: index.stored_total, end: index.start };
        Ok((index.directory, Body::Frames { frames, stated }))
    }

    fn tar(
        &mut self,
        input: &mut Input<'_>,
        head: &Head,
        encoding: Encoding,
        size: Option<u64>,
        options: &OpenOptions,
    ) -> Result<(Directory, Body), ErrorKind> {
        let mut sink = Sink::new(options);
        let packed = encoding == Encoding::TarZstd;
        if packed {
            let decoded = stream::decode(input, &options.limits, &mut sink)?;
            self.flaws.extend(decoded.flaw);
            self.frames = decoded.frames;
        } else if let Err(kind) = super::super::copy(input, size, &mut sink) {
            self.note("gzip", kind)?;
        }
        let cut = !self.flaws.is_empty();
        let image = sink.finish()?;
        let (tar::Listing { files, end }, wrongs) = tar::list_all(&image);
        for wrong in wrongs {
            // Where the stream broke off, so does the tar.
            let follows = cut && packed && wrong.at == image.len();
            if !follows {
                self.note("tar", wrong_in_tar(head, packed, wrong).into())?;
            }
        }
        let start = tar_start(head);
        let entries = files.iter().map(|file| file.entry(start)).collect();
        Ok((Directory::of_first(entries), Body::Tar { image, end }))
    }
}

/// The last bytes of a table.
const END_OF_TABLE: [u8; 8] = [0xf0, 0x9f, 0xaa, 0xb3, 0xf0, 0x9f, 0xaa, 0xb3];
/// How often every byte may be looked at in search of frames.
const LOOKS: u64 = 16;

/// The tables that are found without an index, frame by frame. Their true names are not known, but frames stand in the
/// order of the names, and those of tables are numbers that count up: so do these.
fn nameless(raw: &Raw, head: &Head, options: &OpenOptions) -> Result<Vec<Entry>, ErrorKind> {
    let (mut entries, mut number) = (Vec::new(), 0_u64);
    let (mut at, size) = (head.payload(), raw.size());
    let mut left = options.limits.max_decoded;
    let mut looks = size.saturating_mul(LOOKS);
    while let Some((offset, header)) = next_frame(raw, at)? {
        let mut input = raw.input(offset, size.saturating_sub(offset));
        let whole = skip_frame(&mut input, header.length as u64, header.checksum)?;
        let stored = input.offset() - offset;
        let Some(fewer) = looks.checked_sub(stored) else { break };
        looks = fewer;
        at = offset + 1;
        if !whole {
            continue;
        }
        let mut sink = Sink::bounded(options, left, options.memory_limit);
        let mut input = raw.input(offset, stored);
        match decode::decode(&mut input, &options.limits, Content::Any, &mut sink) {
            Ok(()) => at = offset + stored,
            Err(Stop::Fault(kind)) if !kind.is_damage() => return Err(kind),
            Err(_) => continue,
        }
        left = left.saturating_sub(sink.length());
        let image = sink.finish()?;
        number += 1;
        if image.ends_with(&END_OF_TABLE) {
            let name = format!("{number:06}.sst");
            entries.push(Entry { name, size: image.len() as u64, stored, offset, hash: hash(&image) });
        }
    }
    Ok(entries)
}

/// Where the next frame with content may start, at or behind a position.
fn next_frame(raw: &Raw, at: u64) -> Result<Option<(u64, Header)>, ErrorKind> {
    let mut input = raw.input(at, raw.size().saturating_sub(at));
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let next = bytes.iter().position(|byte| *byte == frame::FIRST);
        let skip = next.unwrap_or(bytes.len());
        input.consume(skip);
        if next.is_some() {
            if let Ok(Frame::Zstd(header)) = Frame::parse(input.peek(MAX_HEADER)?) {
                return Ok(Some((input.offset(), header)));
            }
            input.consume(1);
        }
    }
}

/// Where the frames that follow the head end: the position of what is none.
fn end_of_frames(raw: &Raw, head: &Head) -> Result<u64, ErrorKind> {
    let start = head.payload();
    let mut input = raw.input(start, raw.size().saturating_sub(start));
    loop {
        let offset = input.offset();
        let skipped = match Frame::parse(input.peek(MAX_HEADER)?) {
            Ok(Frame::Zstd(header)) => skip_frame(&mut input, header.length as u64, header.checksum)?,
            Ok(Frame::Skippable { length }) => input.skip(length)?,
            Err(_) => false,
        };
        if !skipped {
            return Ok(offset);
        }
    }
}

/// Passes over a frame by the heads of its blocks; false when the input ends before it does.
fn skip_frame(input: &mut Input<'_>, header: u64, checksum: bool) -> Result<bool, ErrorKind> {
    if !input.skip(header)? {
        return Ok(false);
    }
    loop {
        let &[low, middle, high] = input.peek(3)? else { return Ok(false) };
        let block = u32::from_le_bytes([low, middle, high, 0]);
        let bytes = if block >> 1 & 3 == 1 { 1 } else { u64::from(block >> 3) };
        if !input.skip(3 + bytes)? {
            return Ok(false);
        }
        if block & 1 == 1 {
            return Ok(input.skip(if checksum { 4 } else { 0 })?);
        }
    }
}
