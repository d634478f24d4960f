//! The tables of a database, page by page: for databases that SQLite itself refuses.
//!
//! ```text
//! page 1    the header of the database, the root of the schema
//!             → first page of the list of free pages     image
//!             → roots of the tables                      shape
//! tables    interior pages → leaves → rows               image, payload, record
//! ```
//!
//! SQLite gives up at the first page that contradicts itself. Here such a page is noted, and everything else read. Pages
//! have no checksums: that a page is damaged shows only where it contradicts its format, its table or its record.
//!
//! # Leaves that nothing leads to
//!
//! Where an interior page cannot be read, or the schema, the leaves below are found by going through all pages, and
//! known by how their rows look: number and types of their values, and a record that says the same as its columns. In a
//! sound database every page is reached or free, so a leaf that is neither belongs to what is broken. Free pages may
//! hold rows that were deleted; without the whole list of them no leaf is taken that nothing leads to, because none of
//! those rows may come back.
//!
//! # Limits
//!
//! No page is read as a part of two trees, nor of two records; what is followed in vain is bounded by the size of the
//! image. Memory is two bits and a number for each page, and the longest record.

mod bits;
mod check;
mod image;
mod payload;
mod record;
mod schema;
mod shape;
#[cfg(test)]
mod tests;

pub(crate) use record::Value;

use bits::Bits;
use image::{Image, Node};
use payload::Cell;
use schema::Table;

/// A row that could be read.
#[derive(Debug)]
pub(crate) struct PageRow<'c, 'r> {
    /// Its table.
    pub(crate) table: &'static str,
    /// Its row id.
    pub(crate) id: i64,
    /// The pages that it stands on: the leaf, then those with the rest of a long one.
    pub(crate) pages: &'c [u32],
    /// Its columns, without the row id and those that old rows lack.
    pub(crate) columns: &'c [(&'static str, Value<'r>)],
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageLoss {
    /// The table, or what else it belongs to.
    pub(crate) what: &'static str,
    /// The page.
    pub(crate) page: u32,
    /// Where it starts in the decoded database, in bytes.
    pub(crate) offset: u64,
    /// How many rows are lost, if that can be told.
    pub(crate) rows: Option<u64>,
    /// Why.
    pub(crate) reason: &'static str,
}

/// What is told about the schema.
const SCHEMA: &str = "schema";
/// A table that is not looked at.
const FOREIGN: &str = "another table";
/// Losses that are kept; the rest is counted.
const MAX_LOSSES: usize = 200;

/// The tables of an image that may be damaged.
#[derive(Debug)]
pub(crate) struct Tables<'a> {
    image: Image<'a>,
    /// Pages that belong to nothing, if all are known.
    free: Option<Bits>,
    /// Pages that were read as what they are.
    taken: Bits,
    /// Bytes that may still be read of pages that hold the rest of a record.
    work: u64,
    /// Bytes that further cells of the page at hand may take: none is given out many times.
    room: usize,
    tables: Vec<Table>,
    losses: Vec<PageLoss>,
    more: u64,
}

/// Called with each row.
type Each<'f, E> = &'f mut dyn FnMut(&PageRow<'_, '_>) -> Result<(), E>;

impl<'a> Tables<'a> {
    /// Looks for the tables in `bytes`, the image of a database. They may be anything.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let image = Image::of(bytes);
        let free = image.free();
        let work = 4 * bytes.len() as u64 + (1 << 20);
        let taken = Bits::of(image.count());
        let mut tables =
            Self { image, free, taken, work, room: 0, tables: Vec::new(), losses: Vec::new(), more: 0 };
        if let Some(stated) = image.stated().filter(|stated| *stated > image.count()) {
            let gone = u64::from(stated - image.count());
            tables.lose("database", image.count() + 1, None, "the database ends before it");
            tables.more += gone - 1;
        }
        if image.count() > 0 {
            tables.tables = schema::read(&mut tables);
        }
        tables
    }

    /// Whether any table is known by the schema.
    pub(crate) fn has_tables(&self) -> bool {
        self.tables.iter().any(|table| table.root.is_some())
    }

    /// Whether a table could not be read as a whole.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table.broken && table.name() == name)
    }

    /// What could not be read so far, and how much more than that there was.
    pub(crate) fn losses(&self) -> (&[PageLoss], u64) {
        (&self.losses, self.more)
    }

    /// Hands every row that the schema leads to, and that can be read, to `each`: table by table, in their order.
    pub(crate) fn rows<E>(&mut self, each: Each<'_, E>) -> Result<(), E> {
        let mut tables = std::mem::take(&mut self.tables);
        for table in &mut tables {
            let Some(root) = table.root else { continue };
            let before = self.seen();
            for page in self.leaves(root, table.name()) {
                self.leaf(page, page == root, table, each)?;
            }
            table.broken |= self.seen() > before;
        }
        self.tables = tables;
        Ok(())
    }

    /// Whether leaves that nothing leads to can be told from those that are free; true as well when there is no need.
    pub(crate) fn knows_strays(&self) -> bool {
        self.free.is_some() || !self.tables.iter().any(|table| table.broken)
    }

    /// Hands every row of a broken table that nothing leads to any more to `each`: to be called after
    /// [`Tables::rows`]. Such a row may be another version of one that was read before, which is the true one.
    pub(crate) fn strays<E>(&mut self, each: Each<'_, E>) -> Result<(), E> {
        let broken: Vec<Table> = self.tables.iter().filter(|table| table.broken).cloned().collect();
        if broken.is_empty() || self.free.is_none() {
            return Ok(());
        }
        for page in 2..=self.image.count() {
            let Some(node) = self.stray(page) else { continue };
            for table in &broken {
                if self.stray_rows(&node, table, each)? {
                    self.taken.set(page);
                    break;
                }
            }
        }
        Ok(())
    }

    /// A leaf that is neither taken nor free.
    fn stray(&self, page: u32) -> Option<Node<'a>> {
        let free = self.free.as_ref().is_none_or(|free| free.has(page));
        let node = self.image.node(page).filter(|node| node.is_leaf())?;
        (!free && !self.taken.has(page)).then_some(node)
    }

    /// The rows of a leaf that are surely of this table; false when there are none.
    fn stray_rows<E>(&mut self, node: &Node<'a>, table: &Table, each: Each<'_, E>) -> Result<bool, E> {
        let mut any = false;
        self.room = self.image.size();
        for cell in 0..node.cells() {
            any |= self.row(node, cell, table, true, each)?;
        }
        Ok(any)
    }

    fn seen(&self) -> u64 {
        self.losses.len() as u64 + self.more
    }

    fn lose(&mut self, what: &'static str, page: u32, rows: Option<u64>, reason: &'static str) {
        let offset = self.image.offset(page);
        match self.losses.len() < MAX_LOSSES {
            true => self.losses.push(PageLoss { what, page, offset, rows, reason }),
            false => self.more += 1,
        }
    }

    /// The leaves below `root`, in their order. Interior pages are taken, leaves not yet.
    fn leaves(&mut self, root: u32, what: &'static str) -> Vec<u32> {
        let (mut leaves, mut waiting) = (Vec::new(), vec![(root, Some(root))]);
        let mut seen = Bits::of(self.image.count());
        while let Some((parent, child)) = waiting.pop() {
            let Some(page) = child else {
                self.lose(what, parent, None, "a cell of it leads nowhere");
                continue;
            };
            let free = self.free.as_ref().is_some_and(|free| free.has(page));
            if free || self.image.page(page).is_none() {
                self.lose(what, page, None, "it is free, or behind the end");
            } else if self.taken.has(page) || !seen.set(page) {
                self.lose(what, page, None, "it is a part of something else");
            } else {
                match self.image.node(page) {
                    Some(node) if node.is_leaf() => leaves.push(page),
                    Some(node) => {
                        let mut children: Vec<_> = node.children().map(|child| (page, child)).collect();
                        children.reverse();
                        waiting.append(&mut children);
                    }
                    None => self.lose(what, page, None, "it is no page of a table"),
                }
            }
        }
        leaves
    }

    /// Hands the rows of a leaf to `each`, and takes the page if any of them belongs to the table.
    fn leaf<E>(&mut self, page: u32, root: bool, table: &Table, each: Each<'_, E>) -> Result<(), E> {
        let Some(node) = self.image.node(page) else { return Ok(()) };
        let mut good = 0;
        self.room = self.image.size();
        for cell in 0..node.cells() {
            good += u64::from(self.row(&node, cell, table, false, each)?);
        }
        let bad = node.cells() as u64 - good;
        match (good, bad) {
            (0, 0) if root => drop(self.taken.set(page)),
            (0, 0) => self.lose(table.name(), page, None, "it has no rows"),
            (0, _) => self.lose(table.name(), page, None, "none of its rows can be read"),
            _ => {
                self.taken.set(page);
                if bad > 0 {
                    self.lose(table.name(), page, Some(bad), "some of its rows cannot be read");
                } else if !node.is_full() {
                    self.lose(table.name(), page, None, "there is more on it than its rows");
                }
            }
        }
        Ok(())
    }

    /// Hands one row to `each`; false when it is none of the table. Where `sure` is asked for, the record must say the
    /// same as the columns.
    fn row<E>(
        &mut self,
        node: &Node<'a>,
        cell: usize,
        table: &Table,
        sure: bool,
        each: Each<'_, E>,
    ) -> Result<bool, E> {
        let Some(mut cell) = self.cell(node, cell) else { return Ok(false) };
        let Some(values) = record::values(&cell.record) else { return Ok(false) };
        let Some(columns) = table.fit(&values) else { return Ok(false) };
        match check::agrees(table.name(), &columns) {
            Some(agrees) if agrees || !sure => {}
            _ => return Ok(false),
        }
        let Some(room) = self.room.checked_sub(cell.size) else { return Ok(false) };
        self.room = room;
        for page in &cell.pages {
            self.taken.set(*page);
        }
        cell.pages.insert(0, node.number());
        each(&PageRow { table: table.name(), id: cell.id, pages: &cell.pages, columns: &columns })?;
        Ok(true)
    }

    fn cell(&mut self, node: &Node<'a>, cell: usize) -> Option<Cell<'a>> {
        let taken: Vec<&Bits> = std::iter::once(&self.taken).chain(&self.free).collect();
        Cell::read(node.cell(cell)?, &self.image, &taken, &mut self.work)
    }
}
