//! The pages of an image, and what of them a table is made of.

use super::bits::Bits;
use super::payload;

/// The size of pages where the header does not tell.
const USUAL: usize = 4096;
/// The bytes of the database header, in front of the first page's own.
const HEADER: usize = 100;
/// What stands at byte 21 of every database: shares of a page that no writer can change.
const FIXED: [u8; 3] = [64, 32, 32];

/// An image, cut into whole pages. They are numbered from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Image<'a> {
    bytes: &'a [u8],
    size: usize,
    /// Whether the first bytes are a header that can be believed.
    pub(super) sound_header: bool,
}

impl<'a> Image<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let stated = match bytes.get(16..18) {
            Some([0, 1]) => 1 << 16,
            Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
            _ => 0,
        };
        let possible = stated >= 512 && stated.is_power_of_two();
        let sound_header = possible && bytes.get(21..24) == Some(&FIXED);
        Self { bytes, size: if possible { stated } else { USUAL }, sound_header }
    }

    /// Bytes of a page. No writer of such files reserves any of them.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// How many whole pages there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.bytes.len() / self.size).unwrap_or(u32::MAX)
    }

    /// How many pages the header says there are, if it says so.
    pub(super) fn stated(&self) -> Option<u32> {
        let said = self.word(28).filter(|pages| *pages > 0 && self.word(24) == self.word(92));
        said.filter(|_| self.sound_header)
    }

    /// A number of the header.
    pub(super) fn word(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes))
    }

    pub(super) fn page(&self, number: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(self.size)?;
        self.bytes.get(start..start.checked_add(self.size)?)
    }

    /// Where a page starts.
    pub(super) fn offset(&self, number: u32) -> u64 {
        u64::from(number.saturating_sub(1)) * self.size as u64
    }

    /// What a page is as one of a table's.
    pub(super) fn node(&self, number: u32) -> Option<Node<'a>> {
        let start = if number == 1 { HEADER } else { 0 };
        Node::of(number, self.page(number)?, start)
    }

    /// The pages that belong to nothing, with those that list them; `None` when the list is not whole.
    pub(super) fn free(&self) -> Option<Bits> {
        if !self.sound_header {
            return None;
        }
        let mut free = Bits::of(self.count());
        let (mut trunk, stated) = (self.word(32)?, self.word(36)?);
        let mut found = 0_u32;
        while trunk != 0 {
            let page = self.page(trunk)?;
            let word = |at: usize| page.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes));
            let leaves = usize::try_from(word(4)?).ok().filter(|leaves| *leaves <= self.size / 4 - 2)?;
            for listed in std::iter::once(Some(trunk)).chain((0..leaves).map(|leaf| word(8 + 4 * leaf))) {
                let listed = listed.filter(|page| *page > 1)?;
                // A page that was cut off is one that nobody can take for another.
                if listed <= self.count() && !free.set(listed) {
                    return None;
                }
                found = found.checked_add(1).filter(|found| *found <= stated)?;
            }
            trunk = word(0)?;
        }
        (found == stated).then_some(free)
    }
}

/// A page of a table.
///
/// ```text
/// page := [header of the database(100)]  kind(1)  free(2)  cells(2)  content(2)  gaps(1)  [last child(4)]
///         place of a cell(2)…   … cell cell cell
///
/// kind    5 interior: a cell is child(4) and the last row id of that child
///        13 leaf: a cell is a row
/// ```
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    number: u32,
    page: &'a [u8],
    /// Where the places of the cells start.
    places: usize,
    cells: usize,
    /// Of an interior page.
    last: Option<u32>,
}

impl<'a> Node<'a> {
    fn of(number: u32, page: &'a [u8], start: usize) -> Option<Self> {
        let header = page.get(start..)?.first_chunk::<8>()?;
        let [kind, _, _, high, low, ..] = *header;
        let cells = usize::from(u16::from_be_bytes([high, low]));
        let (last, places) = match kind {
            13 => (None, start + 8),
            5 => {
                let last = page.get(start + 8..)?.first_chunk::<4>()?;
                (Some(u32::from_be_bytes(*last)), start + 12)
            }
            _ => return None,
        };
        // The smallest cell has four bytes, besides the two of its place.
        (cells <= (page.len() - places) / 6).then_some(Self { number, page, places, cells, last })
    }

    /// The page.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.last.is_none()
    }

    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    /// A cell and what comes after it on the page; `None` when it would not lie behind the places.
    pub(super) fn cell(&self, cell: usize) -> Option<&'a [u8]> {
        let place = self.page.get(self.places + 2 * cell..)?.first_chunk::<2>()?;
        let at = usize::from(u16::from_be_bytes(*place));
        if at < self.places + 2 * self.cells {
            return None;
        }
        self.page.get(at..).filter(|cell| !cell.is_empty())
    }

    /// Whether the cells of a leaf, and the gaps that it notes between them, are all that stands on it: else there are
    /// rows that it does not count.
    pub(super) fn is_full(&self) -> bool {
        let number = |at: usize| {
            let bytes = self.page.get(at..)?.first_chunk::<2>()?;
            Some(usize::from(u16::from_be_bytes(*bytes)))
        };
        let total = || -> Option<usize> {
            let start = self.places - 8;
            let (mut free, content) = (number(start + 1)?, number(start + 5)?);
            let content = if content == 0 { 1 << 16 } else { content };
            let mut found = usize::from(*self.page.get(start + 7)?);
            for cell in 0..self.cells {
                found += payload::size(self.cell(cell)?, self.page.len())?.max(4);
            }
            while free != 0 {
                let next = number(free)?;
                found += number(free + 2)?;
                if next != 0 && next <= free {
                    return None;
                }
                free = next;
            }
            (self.page.len().checked_sub(content)? == found).then_some(found)
        };
        total().is_some()
    }

    /// The children of an interior page, in their order; `None` for a cell that cannot be one.
    pub(super) fn children(self) -> impl Iterator<Item = Option<u32>> {
        let child = move |cell| {
            let bytes = self.cell(cell)?.first_chunk::<4>()?;
            Some(u32::from_be_bytes(*bytes))
        };
        let cells = if self.is_leaf() { 0 } else { self.cells };
        (0..cells).map(child).chain(self.last.map(Some))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(size: [u8; 2]) -> Vec<u8> {
        let mut bytes = vec![0; 3 * 512];
        bytes[16..18].copy_from_slice(&size);
        bytes[21..24].copy_from_slice(&FIXED);
        bytes
    }

    #[test]
    fn sizes_are_powers_of_two_and_else_the_usual_one() {
        for (stated, size, sound) in
            [([2, 0], 512, true), ([0, 1], 65_536, true), ([16, 1], 4096, false), ([0, 0], 4096, false)]
        {
            let bytes = header(stated);
            let image = Image::of(&bytes);
            assert_eq!((image.size(), image.sound_header), (size, sound));
        }
    }

    #[test]
    fn the_list_of_free_pages_is_whole_or_none() {
        let mut bytes = header([2, 0]);
        assert!(Image::of(&bytes).free().is_some());
        bytes[39] = 2;
        assert!(Image::of(&bytes).free().is_none(), "two are stated and none is there");
        bytes[35] = 2;
        bytes[512 + 7] = 1;
        bytes[512 + 11] = 3;
        let free = Image::of(&bytes).free().unwrap();
        assert!(free.has(2) && free.has(3) && !free.has(1));
        bytes[512 + 3] = 2;
        assert!(Image::of(&bytes).free().is_none(), "it leads in a circle");
        bytes[512 + 3] = 9;
        assert!(Image::of(&bytes).free().is_none(), "it leads to a page that is gone");
        assert!(Image::of(&vec![0; 4096]).free().is_none(), "a page of zeros is no header");
    }

    #[test]
    fn a_page_of_a_table_has_no_more_cells_than_fit() {
        let mut page = vec![0; 512];
        page[0] = 13;
        page[4] = 84;
        assert_eq!(Node::of(2, &page, 0).map(|node| node.cells()), Some(84));
        page[4] = 85;
        assert!(Node::of(2, &page, 0).is_none());
        page[0] = 10;
        assert!(Node::of(2, &page, 0).is_none(), "a page of an index");
    }
}
