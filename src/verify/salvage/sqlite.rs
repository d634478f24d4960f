//! From the pages of a damaged SQLite database to the rows of a new one.

use super::lost::{Losses, Lost};
use crate::store::{CopiedSyncs, PageRow, PageTables, WriteError, Writer};

/// The table of the sync runs.
const RUNS: &str = "v1_sync_runs";

/// Copies every row that can be read.
pub(super) fn copy(
    image: &[u8],
    writer: &mut Writer,
    losses: &mut Losses,
) -> Result<CopiedSyncs, WriteError> {
    let mut tables = PageTables::of(image);
    let mut twice = Twice::default();
    tables.rows(&mut |row| {
        if !put(writer, row)? {
            twice.add(row.table, 1, row.pages.first().copied());
        }
        Ok::<(), WriteError>(())
    })?;
    for (table, rows) in writer.index_copies()? {
        twice.add(table, rows, None);
    }
    twice.report(losses);
    let knows_strays = tables.knows_strays();
    // One that was read before is the true one, so nothing is lost when there is.
    tables.strays(&mut |row| put(writer, row).map(drop))?;
    let (found, more) = tables.losses();
    for loss in found {
        losses.add(Lost {
            what: loss.what.into(),
            place: format!("page {}", loss.page),
            offset: Some(loss.offset),
            count: loss.rows,
            reason: loss.reason.into(),
        });
    }
    losses.add_more(more);
    if !knows_strays {
        losses.add(Lost {
            what: "rows".into(),
            place: "pages that nothing leads to".into(),
            offset: None,
            count: None,
            reason: "the list of free pages is damaged, so they may hold deleted rows, and are left out"
                .into(),
        });
    }
    if image.is_empty() {
        return Ok(CopiedSyncs::default());
    }
    if !tables.has_tables() && losses.is_empty() {
        losses.add(Lost {
            what: "schema".into(),
            place: "page 1".into(),
            offset: Some(0),
            count: None,
            reason: "the database has none of the tables of a c1z".into(),
        });
    }
    writer.settle_copies(tables.is_broken(RUNS))
}

fn put(writer: &mut Writer, row: &PageRow<'_, '_>) -> Result<bool, WriteError> {
    writer.copy_row(row.table, Some(row.id), row.columns)
}

/// Records of which there was one of the same id in the same sync: the table, how many, the page of the first.
#[derive(Default)]
struct Twice(Vec<(&'static str, u64, Option<u32>)>);

impl Twice {
    fn add(&mut self, table: &'static str, rows: u64, page: Option<u32>) {
        match self.0.iter_mut().find(|(known, ..)| *known == table) {
            Some((_, sum, _)) => *sum += rows,
            None => self.0.push((table, rows, page)),
        }
    }

    fn report(self, losses: &mut Losses) {
        for (table, rows, page) in self.0 {
            losses.add(Lost {
                what: table.into(),
                place: page.map_or_else(|| "rows".into(), |page| format!("page {page}")),
                offset: None,
                count: Some(rows),
                reason: "there is another of the same id in the same sync".into(),
            });
        }
    }
}
