//! A tar, as archives have it inside.
//!
//! ```text
//! tar     header [content, padded with zeros to 512] header … | 512 zeros | 512 zeros | anything
//!
//! header    0  100  name                         numbers are octal digits between spaces and zeros,
//!         100    8  mode                         or, with the top bit of the first byte set,
//!         124   12  bytes of content             big-endian in all the other bits
//!         148    8  sum of the header's bytes, these 8 taken as spaces
//!         156    1  type
//!         257    6  "ustar\0" (USTAR, PAX) or "ustar " (GNU); anything else is older
//!         345  155  what comes before the name and a slash; USTAR and PAX only
//!
//! type    '0', 0  regular file         '5'  directory
//!         'x'     PAX records for the next header      length " " key "=" value "\n" …
//!         'L'     name of the next header (GNU)        content up to the first zero
//!         'g'     PAX records for all, 'K' name of a link, others: skipped
//! ```
//!
//! Only regular files count, and directories for their names. Of PAX records, `path` and `size` are of interest. The
//! second block of zeros may be missing altogether, but it may not be cut.

use std::ops::Range;

use super::directory::Entry;
use super::fault::{NameFault, TarFault};
use super::name;

const BLOCK: usize = 512;
/// Bytes of an extended header, or of a long name.
const MAX_EXTENSION: u64 = 1 << 20;

/// What is wrong at a position of the tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong {
    pub at: usize,
    pub fault: Either,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Either {
    Tar(TarFault),
    Name(NameFault),
}

impl From<TarFault> for Either {
    fn from(fault: TarFault) -> Self {
        Self::Tar(fault)
    }
}

impl From<NameFault> for Either {
    fn from(fault: NameFault) -> Self {
        Self::Name(fault)
    }
}

/// A file of a tar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub name: String,
    /// Position of its header.
    pub header: usize,
    /// Its content in the tar.
    pub content: Range<usize>,
}

impl File {
    /// The entry of a file in a tar that stands at `start`.
    pub(super) fn entry(&self, start: u64) -> Entry {
        let size = self.content.len() as u64;
        let offset = start + self.content.start as u64;
        Entry { name: self.name.clone(), size, stored: size, offset, hash: 0 }
    }
}

/// The files of a tar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listing {
    pub files: Vec<File>,
    /// Where the end mark stands.
    pub end: usize,
}

/// Lists the regular files of a whole tar.
pub(super) fn list(tar: &[u8]) -> Result<Listing, Wrong> {
    let mut reader = Reader { tar, at: 0, extension: Extension::default() };
    let mut files = Vec::new();
    while let Some(header) = reader.header()? {
        files.extend(reader.take(&header)?);
    }
    Ok(Listing { files, end: reader.at })
}

/// Lists the regular files of a tar that may be damaged, and what is wrong with it. Behind a damaged header it goes on
/// at the next that is sound.
pub(super) fn list_all(tar: &[u8]) -> (Listing, Vec<Wrong>) {
    let mut reader = Reader { tar, at: 0, extension: Extension::default() };
    let (mut files, mut wrongs) = (Vec::new(), Vec::new());
    loop {
        let start = reader.at;
        let taken = match reader.header() {
            Ok(None) => break,
            Ok(Some(header)) => reader.take(&header),
            Err(wrong) => Err(wrong),
        };
        match taken {
            Ok(file) => files.extend(file),
            Err(wrong) => {
                wrongs.push(wrong);
                if wrongs.len() >= MAX_WRONGS || !reader.resume(start) {
                    reader.at = tar.len();
                    break;
                }
            }
        }
    }
    (Listing { files, end: reader.at }, wrongs)
}

/// After so many faults, the rest of a tar is not looked at.
const MAX_WRONGS: usize = 100;

/// The bytes behind the end mark, or any part of it, that are not zero: from the first to the last.
pub(super) fn trailing(tar: &[u8], end: usize) -> Option<Range<usize>> {
    let rest = tar.get(end..)?;
    let first = rest.iter().position(|byte| *byte != 0)?;
    let last = rest.iter().rposition(|byte| *byte != 0)?;
    Some(end + first..end + last + 1)
}

struct Reader<'a> {
    tar: &'a [u8],
    at: usize,
    extension: Extension,
}

/// What special headers say about the next one.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

/// A header.
struct Header<'a> {
    at: usize,
    block: &'a [u8; BLOCK],
    kind: u8,
    size: u64,
}

impl<'a> Reader<'a> {
    /// Goes to the first sound header behind the block at `at`; false when there is none.
    fn resume(&mut self, at: usize) -> bool {
        self.extension = Extension::default();
        let rest = self.tar.get(at..).unwrap_or_default();
        let blocks = rest.as_chunks::<BLOCK>().0.iter().enumerate().skip(1);
        let sound = |block: &[u8; BLOCK]| part(block, 257..262) == b"ustar" && Header::of(block, 0).is_ok();
        let found = blocks.into_iter().find(|(_, block)| sound(block)).map(|(place, _)| at + place * BLOCK);
        self.at = found.unwrap_or(self.at);
        found.is_some()
    }

    fn block(&self, at: usize) -> Option<&'a [u8; BLOCK]> {
        self.tar.get(at..)?.first_chunk()
    }

    /// The next header; None at the end mark.
    fn header(&mut self) -> Result<Option<Header<'a>>, Wrong> {
        let at = self.at;
        let wrong = |at, fault: TarFault| Err(Wrong { at, fault: fault.into() });
        let Some(block) = self.block(at) else {
            let cut = if at == self.tar.len() { TarFault::CutEnd } else { TarFault::CutHeader };
            return wrong(self.tar.len(), cut);
        };
        if is_zero(block) {
            return match self.tar.get(at + BLOCK..).unwrap_or_default() {
                [] => Ok(None),
                rest => match rest.first_chunk::<BLOCK>() {
                    None => wrong(self.tar.len(), TarFault::CutEnd),
                    Some(second) if is_zero(second) => Ok(None),
                    Some(_) => wrong(at + BLOCK, TarFault::HalfEnd),
                },
            };
        }
        let header = Header::of(block, at).map_err(|fault| Wrong { at, fault: fault.into() })?;
        self.at += BLOCK;
        Ok(Some(header))
    }

    /// Takes what a header announces; some if that is a regular file.
    fn take(&mut self, header: &Header<'a>) -> Result<Option<File>, Wrong> {
        let at = header.at;
        let wrong = |fault: Either| Wrong { at, fault };
        if matches!(header.kind, b'x' | b'L' | b'g' | b'K') {
            let content = self.content(header.size)?;
            if header.size > MAX_EXTENSION {
                return Err(wrong(TarFault::LongExtension.into()));
            }
            let bytes = self.tar.get(content).unwrap_or_default();
            self.extension.add(header.kind, bytes).map_err(|fault| wrong(fault.into()))?;
            return Ok(None);
        }
        let extension = std::mem::take(&mut self.extension);
        let name = extension.name.unwrap_or_else(|| header.name());
        let size = extension.size.unwrap_or(header.size);
        let content = match header.kind {
            // Links, devices and directories have no content, whatever their size says.
            b'1'..=b'6' => self.at..self.at,
            _ => self.content(size)?,
        };
        let directory = header.kind == b'5' || (header.kind == 0 && name.ends_with(b"/"));
        if !directory && !matches!(header.kind, 0 | b'0') {
            return Ok(None);
        }
        header.permissions().map_err(|fault| wrong(fault.into()))?;
        let name = if directory { name::clean(&name) } else { name::of_file(&name) };
        let name = name.map_err(|fault| wrong(fault.into()))?;
        Ok((!directory).then_some(File { name, header: at, content }))
    }

    /// Passes over content and padding.
    fn content(&mut self, size: u64) -> Result<Range<usize>, Wrong> {
        let cut = Wrong { at: self.tar.len(), fault: TarFault::CutFile.into() };
        let size = usize::try_from(size).map_err(|_| cut)?;
        let end = self.at.checked_add(size).ok_or(cut)?;
        let next = end.checked_next_multiple_of(BLOCK).filter(|next| *next <= self.tar.len()).ok_or(cut)?;
        let content = self.at..end;
        self.at = next;
        Ok(content)
    }
}

impl<'a> Header<'a> {
    fn of(block: &'a [u8; BLOCK], at: usize) -> Result<Self, TarFault> {
        let sum = number(part(block, 148..156)).ok_or(TarFault::Number { field: "checksum" })?;
        let (plain, signed) = sums(block);
        if sum != plain && i64::try_from(sum) != Ok(signed) {
            return Err(TarFault::Checksum);
        }
        let size = number(part(block, 124..136)).ok_or(TarFault::Number { field: "size" })?;
        let kind = part(block, 156..157).first().copied().unwrap_or_default();
        // A file with holes, of the old GNU kind: its content is not what it seems.
        if kind == b'S' {
            return Err(TarFault::Sparse);
        }
        Ok(Self { at, block, kind, size })
    }

    fn name(&self) -> Vec<u8> {
        let name = text(part(self.block, 0..100));
        let prefix = text(part(self.block, 345..500));
        match part(self.block, 257..263) == b"ustar\0" && !prefix.is_empty() {
            true => [prefix, b"/", name].concat(),
            false => name.to_vec(),
        }
    }

    /// Checks that the mode is nothing more than permissions.
    fn permissions(&self) -> Result<(), TarFault> {
        match number(part(self.block, 100..108)) {
            None => Err(TarFault::Number { field: "mode" }),
            Some(mode) if mode > 0o777 => Err(TarFault::Mode { mode }),
            Some(_) => Ok(()),
        }
    }
}

impl Extension {
    /// Takes in the content of a special header.
    fn add(&mut self, kind: u8, content: &[u8]) -> Result<(), TarFault> {
        match kind {
            b'L' => self.name = Some(text(content).to_vec()),
            b'x' => self.add_records(content)?,
            _ => {}
        }
        Ok(())
    }

    fn add_records(&mut self, mut rest: &[u8]) -> Result<(), TarFault> {
        while !rest.is_empty() {
            let (key, value, after) = record(rest).ok_or(TarFault::Pax)?;
            rest = after;
            match key {
                _ if key.starts_with(b"GNU.sparse.") => return Err(TarFault::Sparse),
                // An empty value takes a record back.
                b"path" => self.name = (!value.is_empty()).then(|| value.to_vec()),
                b"size" if value.is_empty() => self.size = None,
                b"size" => self.size = Some(decimal(value).ok_or(TarFault::Pax)?),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The key and value of the first PAX record, and what follows it.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(bytes.get(..space)?)?).ok()?;
    let (record, rest) = bytes.split_at_checked(length)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=').filter(|equals| *equals > 0)?;
    let (key, value) = record.split_at_checked(equals)?;
    Some((key, value.get(1..)?, rest))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}

/// A number in a header. Nothing at all is 0.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first().filter(|(first, _)| **first & 0x80 != 0) {
        // The next bit is the sign, and no number here is negative.
        let high = u64::from(first & 0x7f);
        let bits = rest
            .iter()
            .try_fold(high, |number, byte| (number >> 56 == 0).then_some(number << 8 | u64::from(*byte)));
        return bits.filter(|_| high < 0x40);
    }
    let is_filler = |byte: &u8| matches!(byte, b' ' | 0);
    let start = field.iter().position(|byte| !is_filler(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !is_filler(byte)).map_or(start, |last| last + 1);
    let digits = text(field.get(start..end).unwrap_or_default());
    digits.iter().try_fold(0_u64, |number, digit| match digit {
        b'0'..=b'7' => number.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// The bytes before the first zero.
fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn part(block: &[u8; BLOCK], range: Range<usize>) -> &[u8] {
    block.get(range).unwrap_or_default()
}

fn is_zero(block: &[u8; BLOCK]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// The sum of the bytes of a header, and, because some old programs added them so, of signed bytes.
fn sums(block: &[u8; BLOCK]) -> (u64, i64) {
    let spaced = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
    let bytes = block.iter().enumerate().map(spaced);
    bytes.fold((0, 0), |(plain, signed), byte| {
        (plain + u64::from(byte), signed + i64::from(byte.cast_signed()))
    })
}
