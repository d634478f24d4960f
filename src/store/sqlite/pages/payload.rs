//! Cells of leaves: a row's id and its record, which may go on in pages of its own.
//!
//! ```text
//! cell     := length of the record(varint)  row id(varint)  the first bytes of the record  [next page(4)]
//! overflow := next page(4), 0 for none      as many bytes of the record as there is room for
//! ```

use std::borrow::Cow;

use super::bits::Bits;
use super::image::Image;
use super::record::varint;

/// The longest record that is looked at: the largest that readers accept, and its keys.
const LONGEST: u64 = 17 << 20;

/// A cell of a leaf.
#[derive(Debug)]
pub(super) struct Cell<'a> {
    pub(super) id: i64,
    pub(super) record: Cow<'a, [u8]>,
    /// The pages that hold the rest of the record.
    pub(super) pages: Vec<u32>,
    /// Bytes that it takes on its own page.
    pub(super) size: usize,
}

impl<'a> Cell<'a> {
    /// Reads a cell. `work` is what may still be read of other pages; those in `taken` hold something else.
    pub(super) fn read(cell: &'a [u8], image: &Image<'a>, taken: &[&Bits], work: &mut u64) -> Option<Self> {
        let size = size(cell, image.size())?;
        let (length, rest) = varint(cell)?;
        let (id, rest) = varint(rest)?;
        let length = usize::try_from(length).ok()?;
        let id = id.cast_signed();
        let local = local(length, image.size());
        let (first, rest) = rest.split_at_checked(local)?;
        if local == length {
            return Some(Self { id, record: Cow::Borrowed(first), pages: Vec::new(), size });
        }
        let mut next = u32::from_be_bytes(*rest.first_chunk::<4>()?);
        let (mut record, mut pages) = (first.to_vec(), Vec::new());
        while record.len() < length {
            if next < 2 || taken.iter().any(|taken| taken.has(next)) {
                return None;
            }
            *work = work.checked_sub(image.size() as u64)?;
            let page = image.page(next)?;
            pages.push(next);
            let (link, content) = page.split_first_chunk::<4>()?;
            next = u32::from_be_bytes(*link);
            record.extend(content.iter().take(length - record.len()));
        }
        let mut sorted = pages.clone();
        sorted.sort_unstable();
        let twice = sorted.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
        (next == 0 && !twice).then_some(Self { id, record: Cow::Owned(record), pages, size })
    }
}

/// How many bytes a cell takes on its page.
pub(super) fn size(cell: &[u8], page: usize) -> Option<usize> {
    let (length, rest) = varint(cell)?;
    let (_, rest) = varint(rest)?;
    let length = usize::try_from(length).ok().filter(|length| *length as u64 <= LONGEST)?;
    let local = local(length, page);
    Some(cell.len() - rest.len() + local + if local < length { 4 } else { 0 })
}

/// How many bytes of a record of this length stand in its cell.
fn local(length: usize, page: usize) -> usize {
    if length <= page - 35 {
        return length;
    }
    let least = (page - 12) * 32 / 255 - 23;
    let wanted = least + (length - least) % (page - 4);
    if wanted <= page - 35 { wanted } else { least }
}
