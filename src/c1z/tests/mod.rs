//! Tests of the whole room. Files are made here, then changed in one place, and the exact error is expected.

mod damage;
mod envelopes;
mod frames;
mod memory;
mod properties;
mod saving;

use std::io::Write;

use zstd_safe::{CCtx, CParameter};

use super::*;

/// A database of `pages` pages of 512 bytes, as far as the container can see.
fn database(pages: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut state = 1_u32;
    for _ in 0..pages * 512 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Compressible, but not all the same.
        bytes.push((state >> 28) as u8);
    }
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    bytes[16..18].copy_from_slice(&512_u16.to_be_bytes());
    bytes[18..20].copy_from_slice(&[1, 1]);
    bytes[24..28].copy_from_slice(&7_u32.to_be_bytes());
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes[92..96].copy_from_slice(&7_u32.to_be_bytes());
    bytes
}

/// One frame; `size` is what it declares, true or (patched in afterwards) not.
pub(super) fn frame(content: &[u8], size: bool, parameters: &[CParameter]) -> Vec<u8> {
    let mut context = CCtx::create();
    context.set_parameter(CParameter::ChecksumFlag(true)).unwrap();
    context.set_parameter(CParameter::ContentSizeFlag(size)).unwrap();
    for parameter in parameters {
        context.set_parameter(*parameter).unwrap();
    }
    let mut out = vec![0; zstd_safe::compress_bound(content.len())];
    let length = context.compress2(&mut out[..], content).unwrap();
    out.truncate(length);
    out
}

pub(super) fn skippable(length: u32) -> Vec<u8> {
    let mut bytes = vec![0x53, 0x2a, 0x4d, 0x18];
    bytes.extend(length.to_le_bytes());
    bytes.resize(8 + length as usize, 0xee);
    bytes
}

fn c1z(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = MAGIC_V1.to_vec();
    bytes.extend(parts.concat());
    bytes
}

/// An ordinary file of 8 pages: one frame with checksum and content size.
fn ordinary() -> Vec<u8> {
    c1z(&[&frame(&database(8), true, &[])])
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Gives its bytes in small uneven pieces, as a pipe may.
pub(super) struct Pipe<'a>(pub &'a [u8], pub usize);

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 % 97 + 13;
        let count = self.1.min(buffer.len()).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Opens in both ways, believing the size that a database states and doubting it; they must agree.
fn open_with(bytes: &[u8], options: &OpenOptions) -> Result<Opened, Error> {
    let doubting = open_reader(&Source::Stdin, &mut Pipe(bytes, 0), None, options, &mut |_, _| {});
    match believe(bytes, options) {
        Ok(None | Some(Opened { payload: Payload::Archive(_), .. })) => {}
        Ok(Some(Opened { payload: Payload::Sqlite(believed), .. })) => {
            let Payload::Sqlite(doubted) = &doubting.as_ref().unwrap().payload else { panic!("no database") };
            assert!(*believed == **doubted);
        }
        // Which of two kinds of damage is met first depends on how much is decoded at a time.
        Err(_) => assert!(doubting.is_err()),
    }
    doubting
}

/// The first attempt at something that could be read again.
fn believe(mut bytes: &[u8], options: &OpenOptions) -> Result<Option<Opened>, Error> {
    let stream = Stream { source: &Source::Stdin, reader: &mut bytes, size: None, file: None };
    attempt(stream, options, Stated::Believe, &mut |_, _| {})
}

fn image_of(opened: Opened) -> Image {
    let Payload::Sqlite(image) = opened.payload else { panic!("no database") };
    image
}

fn image_with(bytes: &[u8], options: &OpenOptions) -> Result<Image, Error> {
    open_with(bytes, options).map(image_of)
}

fn image(bytes: &[u8]) -> Image {
    image_with(bytes, &OpenOptions::default()).unwrap()
}

fn error(bytes: &[u8]) -> Error {
    error_with(bytes, &OpenOptions::default())
}

/// The error, which in any case has one line, names the file, and is not two kinds of trouble at once.
fn error_with(bytes: &[u8], options: &OpenOptions) -> Error {
    let error = open_with(bytes, options).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("standard input"), "{text}");
    assert!(!text.contains('\n'), "{text}");
    assert!(!error.hint().unwrap_or_default().contains('\n'));
    let classes = [error.is_damage(), error.is_not_c1z(), error.is_limit()];
    assert!(classes.iter().filter(|class| **class).count() <= 1, "{text}");
    error
}

pub(super) fn limited(max_decoded: u64) -> OpenOptions {
    let limits = Limits { max_decoded, max_ratio: 0, ..Limits::default() };
    OpenOptions { limits, ..OpenOptions::default() }
}
