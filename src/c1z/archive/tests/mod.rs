//! Tests of archives. They are made here, changed in one place, and the exact error is expected.

mod damage;
mod limits;
mod properties;
mod same;
mod sharing;
mod tars;
mod whole;

use std::path::{Path, PathBuf};

use super::super::tests::{Pipe, frame, gzip, limited, skippable};
use super::super::{Envelope, ErrorKind, Format, Layer, Opened, Payload, open, open_reader};
use super::*;

/// A file of a test.
type Named<'a> = (&'a str, &'a [u8]);

const FEW: &[Named<'static>] = &[
    ("000004.sst", b"some table"),
    ("MANIFEST-000001", b"edits"),
    ("marker.format-version.000001.024", b""),
];

/// A tag of protobuf and a number.
fn number(field: u64, number: u64) -> Vec<u8> {
    [varint(field << 3), varint(number)].concat()
}

/// A tag of protobuf and bytes.
fn bytes(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn fixed(field: u64, number: u64) -> Vec<u8> {
    [varint(field << 3 | 1), number.to_le_bytes().to_vec()].concat()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn manifest(engine: &str, encoding: u64) -> Vec<u8> {
    [bytes(1, engine.as_bytes()), number(2, 24), number(4, encoding), bytes(10, &[7; 100]), number(42, 2)]
        .concat()
}

/// Magic number, length, manifest.
fn head(manifest: &[u8]) -> Vec<u8> {
    [super::super::MAGIC_V3, &(manifest.len() as u32).to_be_bytes(), manifest].concat()
}

/// An entry of an index, true or changed afterwards.
#[derive(Clone)]
struct Line {
    name: Vec<u8>,
    start: i64,
    stored: i64,
    size: i64,
    hash: u64,
    sha256: Vec<u8>,
}

/// All of an indexed archive but its footer.
#[derive(Clone)]
struct Plan {
    manifest: Vec<u8>,
    frames: Vec<u8>,
    lines: Vec<Line>,
    manifest_hash: u64,
}

impl Plan {
    /// A plan of files; each with the frame that `frame` makes of its content.
    fn with(files: &[Named<'_>], frame: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let manifest = manifest("pebble3", 5);
        let manifest_hash = hash(&manifest);
        let mut plan = Self { frames: Vec::new(), lines: Vec::new(), manifest_hash, manifest };
        for (name, content) in files {
            let frame = frame(content);
            plan.lines.push(Line {
                name: name.as_bytes().to_vec(),
                start: (9 + plan.manifest.len() + plan.frames.len()) as i64,
                stored: frame.len() as i64,
                size: content.len() as i64,
                hash: hash(content),
                sha256: vec![1; 32],
            });
            plan.frames.extend(frame);
        }
        plan
    }

    fn of(files: &[Named<'_>]) -> Self {
        Self::with(files, |content| frame(content, content.len() >= 256, &[]))
    }

    /// Position of the index.
    fn index_start(&self) -> usize {
        9 + self.manifest.len() + self.frames.len()
    }

    fn index(&self) -> Vec<u8> {
        let lines = self.lines.iter().flat_map(|line| bytes(1, &line.wire()));
        let sum = |of: fn(&Line) -> i64| self.lines.iter().map(of).fold(0, i64::wrapping_add) as u64;
        let totals = [number(2, sum(|line| line.size)), number(3, sum(|line| line.stored))].concat();
        lines.chain(totals).chain(fixed(4, self.manifest_hash)).collect()
    }

    /// The whole file.
    fn seal(&self) -> Vec<u8> {
        self.seal_with(&self.index())
    }

    fn seal_with(&self, index: &[u8]) -> Vec<u8> {
        let footer = footer(self.index_start() as u64, index.len() as u32, hash(index));
        [&head(&self.manifest), &self.frames, index, &footer].concat()
    }
}

impl Line {
    fn wire(&self) -> Vec<u8> {
        [
            bytes(1, &self.name),
            number(2, self.start as u64),
            number(3, self.stored as u64),
            number(4, self.size as u64),
            fixed(5, self.hash),
            bytes(6, &self.sha256),
        ]
        .concat()
    }
}

fn footer(start: u64, length: u32, hash: u64) -> Vec<u8> {
    [&start.to_be_bytes()[..], &length.to_be_bytes(), &hash.to_be_bytes(), b"C1ZIDX1\0"].concat()
}

fn indexed(files: &[Named<'_>]) -> Vec<u8> {
    Plan::of(files).seal()
}

/// The header of a tar, with the right checksum.
fn tar_header(name: &[u8], size: usize, kind: u8) -> [u8; 512] {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    sum(&mut header);
    header
}

fn sum(header: &mut [u8; 512]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Content, padded to whole blocks.
fn padded(content: &[u8]) -> Vec<u8> {
    let mut padded = content.to_vec();
    padded.resize(content.len().next_multiple_of(512), 0);
    padded
}

fn tar_file(name: &str, content: &[u8]) -> Vec<u8> {
    if name.len() <= 100 {
        return [&tar_header(name.as_bytes(), content.len(), b'0')[..], &padded(content)].concat();
    }
    let record = pax("path", name.as_bytes());
    let header = tar_header(b"PaxHeaders.0/x", record.len(), b'x');
    let short = tar_header(&name.as_bytes()[..90], content.len(), b'0');
    [&header[..], &padded(&record), &short, &padded(content)].concat()
}

/// A record of an extended header: its length counts itself too.
fn pax(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = [b" ", key.as_bytes(), b"=", value, b"\n"].concat();
    let length = (rest.len()..).find(|length| length.to_string().len() + rest.len() == *length).unwrap();
    [length.to_string().into_bytes(), rest].concat()
}

fn tar_of(files: &[Named<'_>]) -> Vec<u8> {
    let mut tar: Vec<u8> = files.iter().flat_map(|(name, content)| tar_file(name, content)).collect();
    tar.extend([0; 1024]);
    tar
}

fn in_tar(tar: &[u8]) -> Vec<u8> {
    [head(&manifest("pebble3", 2)), tar.to_vec()].concat()
}

fn in_tar_zstd(tar: &[u8]) -> Vec<u8> {
    [head(&manifest("pebble3", 1)), frame(tar, true, &[])].concat()
}

/// The same files in every encoding.
fn every_encoding(files: &[Named<'_>]) -> [(Encoding, Vec<u8>); 3] {
    [
        (Encoding::Indexed, indexed(files)),
        (Encoding::TarZstd, in_tar_zstd(&tar_of(files))),
        (Encoding::Tar, in_tar(&tar_of(files))),
    ]
}

/// A file of these bytes, in a directory that goes with it.
fn on_disk(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    std::fs::write(&path, bytes).unwrap();
    (directory, path)
}

fn open_path(path: &Path, options: &OpenOptions) -> Result<Opened, Error> {
    open(&Source::from(path), options, &mut |_, _| {})
}

fn archive_of(opened: Opened) -> Archive {
    let Payload::Archive(archive) = opened.payload else { panic!("no archive") };
    *archive
}

/// Opens in all three ways, which must agree: as a file, through a pipe, and through gzip.
fn open_with(bytes: &[u8], options: &OpenOptions) -> Result<Archive, Error> {
    let (_directory, path) = on_disk(bytes);
    let opened = open_path(&path, options).map(archive_of);
    for packed in [None, Some(gzip(bytes))] {
        let mut pipe = Pipe(packed.as_deref().unwrap_or(bytes), 0);
        let other = open_reader(&Source::Stdin, &mut pipe, None, options, &mut |_, _| {});
        match (&opened, other.map(archive_of)) {
            (Ok(one), Ok(other)) => assert_eq!(one.entries(), other.entries()),
            (Err(one), Err(other)) => assert_eq!(one.kind().to_string(), other.kind().to_string()),
            (one, other) => panic!("{one:?} but {other:?}"),
        }
    }
    opened
}

/// Opens in one way, for tests that open thousands.
fn open_quickly(mut bytes: &[u8]) -> Result<Archive, Error> {
    open_reader(&Source::Stdin, &mut bytes, None, &OpenOptions::default(), &mut |_, _| {}).map(archive_of)
}

/// What comes of a file, and of the same through a pipe, when it is cut off at each of these lengths.
fn cut(
    bytes: &[u8],
    lengths: std::ops::Range<usize>,
    mut check: impl FnMut(usize, Result<Archive, ErrorKind>),
) {
    let (_directory, path) = on_disk(bytes);
    let file = File::options().write(true).open(&path).unwrap();
    for length in lengths.rev() {
        file.set_len(length as u64).unwrap();
        check(length, open_path(&path, &OpenOptions::default()).map(archive_of).map_err(sound));
        check(length, open_quickly(&bytes[..length]).map_err(sound));
    }
}

fn open_bytes(bytes: &[u8]) -> Archive {
    open_with(bytes, &OpenOptions::default()).unwrap()
}

/// The error of opening, which in any case has one line and is not two kinds of trouble at once.
fn error(bytes: &[u8]) -> ErrorKind {
    error_with(bytes, &OpenOptions::default())
}

fn error_with(bytes: &[u8], options: &OpenOptions) -> ErrorKind {
    sound(open_with(bytes, options).unwrap_err())
}

fn sound(error: Error) -> ErrorKind {
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    assert!(!error.hint().unwrap_or_default().contains('\n'));
    let classes = [error.is_damage(), error.is_not_c1z(), error.is_limit()];
    assert!(classes.iter().filter(|class| **class).count() <= 1, "{text}");
    error.into_kind()
}

/// The fault of opening.
fn fault(bytes: &[u8]) -> Fault {
    fault_of(error(bytes))
}

fn fault_of(kind: ErrorKind) -> Fault {
    match kind {
        ErrorKind::Archive(fault) => fault,
        other => panic!("{other}"),
    }
}

/// The fault of reading one file.
fn read_fault(archive: &Archive, name: &str) -> Fault {
    fault_of(sound(archive.read(name).unwrap_err()))
}

fn check_files(archive: &Archive, files: &[Named<'_>]) {
    assert_eq!(archive.entries().len(), files.len());
    for (entry, (name, content)) in archive.entries().iter().zip(files) {
        assert_eq!((&*entry.name, entry.size), (*name, content.len() as u64));
        assert!(archive.read(name).unwrap() == *content, "{name}");
    }
}

/// Bytes that compress, but not too well.
fn content(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let bytes = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 28) as u8
    });
    bytes.take(length).collect()
}
