//! The pages of a database, and the trees that they make.
//!
//! ```text
//! page 1   100 bytes of header, then as every page
//!
//! tree page    0  1  kind: 5 inner page of a table, 13 leaf of a table; 2 and 10 belong to indexes
//!              3  2  cells                           numbers are big-endian
//!              8  4  last child (inner pages only)
//!            8|12    where each cell starts, 2 bytes each
//!
//! inner cell   child(4)  row id(varint)
//! leaf cell    bytes(varint)  row id(varint)  payload  [first overflow page(4)]
//!
//! overflow page    next page(4), or 0   the payload goes on
//! ```
//!
//! The layout is that of <https://www.sqlite.org/fileformat2.html>. Rows are read here without SQLite, because it gives up
//! a tree at the first damaged page, while every other page is as good as before.

use hashbrown::HashSet;

use super::super::super::lost::Lost;

/// The header of a database.
const HEADER: usize = 100;
/// No tree of a database with 2^32 pages is deeper.
const MAX_DEPTH: usize = 40;
/// The longest row that is put together from overflow pages.
const LONGEST: usize = 256 << 20;

/// The pages of a database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pages<'a> {
    image: &'a [u8],
    /// Bytes of a page.
    pub(super) size: usize,
    /// Bytes of a page that hold something.
    usable: usize,
}

impl<'a> Pages<'a> {
    /// The pages of `image`; None when its header states an impossible size of them.
    pub(super) fn of(image: &'a [u8]) -> Option<Self> {
        let header = image.first_chunk::<HEADER>()?;
        let &[high, low] = header.get(16..)?.first_chunk()?;
        let size = match u16::from_be_bytes([high, low]) {
            1 => 1 << 16,
            size => usize::from(size),
        };
        let reserved = usize::from(*header.get(20)?);
        let usable = size.checked_sub(reserved).filter(|usable| *usable >= 480)?;
        (size >= 512 && size.is_power_of_two()).then_some(Self { image, size, usable })
    }

    /// How many there are, a cut one included.
    pub(super) fn count(&self) -> u64 {
        self.image.len().div_ceil(self.size) as u64
    }

    /// Where a page stands, in bytes.
    pub(super) fn offset(&self, page: u32) -> u64 {
        u64::from(page).saturating_sub(1).saturating_mul(self.size as u64)
    }

    fn page(&self, page: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(self.offset(page)).ok().filter(|_| page > 0)?;
        self.image.get(start..start.checked_add(self.size)?)
    }
}

/// A row as it stands in a leaf.
pub(super) struct Leaf<'r> {
    pub(super) row: i64,
    pub(super) payload: &'r [u8],
    /// Where its cell stands in the database.
    pub(super) offset: u64,
}

/// Walks the trees of a database. No page is visited twice, whatever they say of each other.
pub(super) struct Walk<'a> {
    pages: Pages<'a>,
    visited: HashSet<u32>,
    /// The longer payloads are put together here.
    scratch: Vec<u8>,
    lost: Vec<Lost>,
    table: &'a str,
    /// The row that came last.
    last: Option<i64>,
}

type Each<'f> = &'f mut dyn FnMut(Leaf<'_>);

impl<'a> Walk<'a> {
    pub(super) fn new(pages: Pages<'a>, table: &'a str) -> Self {
        Self { pages, visited: HashSet::new(), scratch: Vec::new(), lost: Vec::new(), table, last: None }
    }

    /// Hands every row of the tree at `root` to `f`, in the order of row ids, and gives what could not be read.
    pub(super) fn rows(mut self, root: u32, f: Each<'_>) -> Vec<Lost> {
        self.tree(root, f, 0);
        self.lost
    }

    fn lose(&mut self, page: u32, offset: u64, message: impl Into<String>) {
        let after = self.last.map_or_else(String::new, |row| format!(", after row {row}"));
        let place = format!("page {page} ({}{after})", self.table);
        self.lost.push(Lost { place, offset: Some(offset), message: message.into() });
    }

    fn tree(&mut self, number: u32, f: Each<'_>, depth: usize) {
        let offset = self.pages.offset(number);
        let Some(page) = self.pages.page(number) else {
            return self.lose(number, offset, "it lies outside of the database");
        };
        if depth > MAX_DEPTH || !self.visited.insert(number) {
            return self.lose(number, offset, "its place in the tree is that of another page too");
        }
        let start = if number == 1 { HEADER } else { 0 };
        match byte(page, start) {
            Some(13) => self.leaf(number, page, start, f),
            Some(5) => self.inner(number, page, start, f, depth),
            Some(0) if page.iter().all(|byte| *byte == 0) => {
                self.lose(number, offset, "it is missing or empty")
            }
            kind => {
                self.lose(number, offset, format!("it is no page of a table (kind {})", kind.unwrap_or(0)))
            }
        }
    }

    fn inner(&mut self, number: u32, page: &[u8], start: usize, f: Each<'_>, depth: usize) {
        let base = self.pages.offset(number);
        let cells = usize::from(u16_at(page, start + 3).unwrap_or(0));
        for cell in 0..cells {
            let at = u16_at(page, start + 12 + 2 * cell).map(usize::from);
            match at.and_then(|at| u32_at(page, at)) {
                Some(child) => self.tree(child, f, depth + 1),
                None => self.lose(number, base, format!("its cell {cell} lies outside of it")),
            }
        }
        match u32_at(page, start + 8) {
            Some(child) => self.tree(child, f, depth + 1),
            None => self.lose(number, base, "it has no last child"),
        }
    }

    fn leaf(&mut self, number: u32, page: &'a [u8], start: usize, f: Each<'_>) {
        let base = self.pages.offset(number);
        let cells = usize::from(u16_at(page, start + 3).unwrap_or(0));
        for cell in 0..cells {
            let at = u16_at(page, start + 8 + 2 * cell).map(usize::from);
            let Some(at) = at.filter(|at| *at < self.pages.usable) else {
                self.lose(number, base, format!("its cell {cell} lies outside of it"));
                continue;
            };
            let offset = base + at as u64;
            match self.cell(page, at) {
                Ok((row, payload)) => {
                    if self.last.is_some_and(|last| last >= row) {
                        self.lose(number, offset, format!("row {row} is out of order"));
                        continue;
                    }
                    self.last = Some(row);
                    match payload {
                        Payload::Here(payload) => f(Leaf { row, payload, offset }),
                        Payload::Scratch => f(Leaf { row, payload: &self.scratch, offset }),
                    }
                }
                Err(problem) => self.lose(number, offset, problem),
            }
        }
    }

    fn cell(&mut self, page: &'a [u8], at: usize) -> Result<(i64, Payload<'a>), String> {
        let usable = self.pages.usable;
        let cell = page.get(at..usable).unwrap_or_default();
        let (total, rest) = varint(cell).ok_or("a cell ends inside its size")?;
        let (row, rest) = varint(rest).ok_or("a cell ends inside its row id")?;
        let row = row.cast_signed();
        let total = usize::try_from(total).ok().filter(|total| *total <= LONGEST);
        let total = total.ok_or_else(|| format!("row {row} states an impossible size"))?;
        let cut = || format!("row {row} does not fit into its page");
        if total <= usable - 35 {
            return Ok((row, Payload::Here(rest.get(..total).ok_or_else(cut)?)));
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let rest_of_pages = least + (total - least) % (usable - 4);
        let local = if rest_of_pages <= usable - 35 { rest_of_pages } else { least };
        let (here, next) = rest.split_at_checked(local).ok_or_else(cut)?;
        let mut next = u32_at(next, 0).ok_or_else(cut)?;
        self.scratch.clear();
        self.scratch.extend_from_slice(here);
        while self.scratch.len() < total {
            let more = self
                .pages
                .page(next)
                .ok_or_else(|| format!("row {row} goes on in page {next}, which is not there"))?;
            if !self.visited.insert(next) {
                return Err(format!("row {row} goes on in page {next}, which belongs to something else"));
            }
            let count = (total - self.scratch.len()).min(usable - 4);
            self.scratch.extend_from_slice(more.get(4..4 + count).unwrap_or_default());
            next = u32_at(more, 0).unwrap_or(0);
        }
        Ok((row, Payload::Scratch))
    }
}

enum Payload<'a> {
    Here(&'a [u8]),
    Scratch,
}

fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// A number of one to nine bytes, and what follows it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(9) {
        if place == 8 {
            return Some((number << 8 | u64::from(*byte), bytes.get(9..)?));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if *byte < 0x80 {
            return Some((number, bytes.get(place + 1..)?));
        }
    }
    None
}
