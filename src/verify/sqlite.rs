//! A SQLite database: its pages, its tables, the records in them, the sync runs.

use std::collections::BTreeMap;

use super::findings::Findings;
use super::report::{Fault, Layer, SyncCounts};
use super::syncs;
use super::words::{count, thousands};
use crate::store::{Judge, Lost, TableFacts, Tables, Tally};

/// The records of each sync.
pub(super) type Tallies = BTreeMap<Vec<u8>, Tally>;

/// What is wrong with the database before its pages are looked at.
pub(super) fn look_at_size(flaws: Vec<Fault>, findings: &mut Findings) {
    if !flaws.is_empty() {
        findings.step(Layer::Database, "size", |findings| {
            flaws.into_iter().for_each(|flaw| findings.add(flaw));
            "not as its header says".into()
        });
    }
}

/// Looks at a database that should have `declared` bytes.
pub(super) fn look(
    tables: &Tables,
    declared: u64,
    observer: super::Observer<'_>,
    findings: &mut Findings,
) -> Vec<SyncCounts> {
    let mut tallies = Tallies::new();
    observer("reading records", 0, None);
    let page = tables.pages().map_or(1, |(size, _)| size);
    // A page of which only a part is there is missing.
    let there = tables.size() / page * page;
    let mut gone = Gone { there, declared, pages: Vec::new(), missing: 0 };
    findings.step(Layer::Schema, "tables", |findings| schema(tables, &mut gone, findings));
    for table in tables.tables() {
        findings.step(Layer::Record, table.name, |findings| {
            records(tables, table, &mut tallies, &mut gone, findings)
        });
    }
    observer("checking pages", 0, None);
    findings.step(Layer::Database, "pages", |findings| pages(tables, &gone, findings));
    let whole = gone.is_nothing() && !findings.has(Layer::Database);
    let mut found = Vec::new();
    findings.step(Layer::Sync, "sync runs", |findings| {
        found = syncs::sqlite(tables, &tallies, whole, findings);
        count(tables.runs().len() as u64, "sync run")
    });
    found
}

/// Parts of tables that could not be read.
struct Gone {
    /// Bytes of the pages that are there.
    there: u64,
    /// Bytes that there should be.
    declared: u64,
    /// Where damaged pages stand.
    pages: Vec<u64>,
    /// Pages that were not decoded.
    missing: u64,
}

impl Gone {
    fn is_nothing(&self) -> bool {
        self.pages.is_empty() && self.missing == 0
    }

    /// Remembers what was lost, and tells of it unless it was never decoded, which is told of elsewhere.
    fn note(&mut self, layer: Layer, lost: Vec<Lost>, findings: &mut Findings) {
        for Lost { place, offset, message } in lost {
            if offset.is_some_and(|offset| (self.there..self.declared).contains(&offset)) {
                self.missing += 1;
                continue;
            }
            self.pages.extend(offset);
            findings.bad(layer, offset, place, message);
        }
    }
}

fn schema(tables: &Tables, gone: &mut Gone, findings: &mut Findings) -> String {
    gone.note(Layer::Schema, tables.wrong().to_vec(), findings);
    for (table, column) in tables.missing_columns() {
        findings.bad(Layer::Schema, None, table, format!("it has no column {column}"));
    }
    count(tables.tables().len() as u64, "table")
}

fn records(
    tables: &Tables,
    table: &TableFacts,
    tallies: &mut Tallies,
    gone: &mut Gone,
    findings: &mut Findings,
) -> String {
    let mut judge = Judge::of(table);
    let mut rows = 0_u64;
    let lost = tables.rows(table, &mut |row| {
        rows += 1;
        let Some(judge) = &mut judge else { return };
        let judged = judge.judge(row);
        let tally = match tallies.get_mut(judged.sync) {
            Some(tally) => tally,
            None => tallies.entry(judged.sync.to_vec()).or_default(),
        };
        tally.add(judge.family, judged.kind, judged.readable);
        for fault in judged.faults {
            findings.add(Fault {
                layer: Layer::Record,
                offset: Some(row.offset),
                place: format!("{} row {}", table.name, row.id),
                message: fault.message,
                harmless: fault.harmless,
            });
        }
    });
    gone.note(Layer::Record, lost, findings);
    count(rows, "row")
}

fn pages(tables: &Tables, gone: &Gone, findings: &mut Findings) -> String {
    for fault in tables.check_header() {
        let (place, message) = (fault.place, fault.message);
        findings.add(Fault {
            layer: Layer::Database,
            offset: fault.offset,
            place,
            message,
            harmless: fault.harmless,
        });
    }
    let Some((size, number)) = tables.pages() else { return "none".into() };
    let (first, last) = (gone.there / size + 1, gone.declared.div_ceil(size));
    if first <= last {
        let place = format!("pages {first} to {last}");
        findings.bad(Layer::Database, Some(gone.there), place, "they were not decoded");
    }
    for fault in tables.check_pages() {
        // What was read without SQLite is known better.
        let known =
            fault.offset.is_some_and(|start| gone.pages.iter().any(|at| (start..start + size).contains(at)));
        let follows = fault.offset.is_none() && (first <= last || !gone.is_nothing());
        if !known && !follows {
            let (place, message) = (fault.place, fault.message);
            findings.add(Fault {
                layer: Layer::Database,
                offset: fault.offset,
                place,
                message,
                harmless: fault.harmless,
            });
        }
    }
    format!("{} of {} bytes", count(number, "page"), thousands(size))
}
