//! A Pebble database: its tables, its keys and values, the sync run.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::report::{Fault, Layer, SyncCounts};
use super::syncs;
use super::words::{count, thousands};
use crate::pebble::{self, ErrorKind};
use crate::store::{Concern, Pairs};

/// What is wrong with the database as a whole.
pub(super) fn look_at_directory(pairs: Option<&Pairs>, faults: &[pebble::Error], findings: &mut Findings) {
    findings.step(Layer::Database, "markers and manifest", |findings| {
        faults.iter().for_each(|fault| add(Layer::Database, fault, findings));
        let Some(pairs) = pairs else { return "nothing to go by".into() };
        let (facts, tables) = (pairs.database().facts(), pairs.database().tables().len());
        if facts.manifest.is_empty() {
            let message = "none can be used: every table counts, and rows may come back that were deleted";
            findings.odd(Layer::Database, None, "manifest", message);
            return format!("no manifest, {}", count(tables as u64, "table"));
        }
        format!(
            "format version {}, {}, {}",
            facts.format_version,
            facts.manifest,
            count(tables as u64, "live table")
        )
    });
}

/// Looks at all tables, keys and values.
pub(super) fn look(pairs: &Pairs, observer: super::Observer<'_>, findings: &mut Findings) -> Vec<SyncCounts> {
    findings.step(Layer::Table, "tables", |findings| tables(pairs, observer, findings));
    let whole =
        !findings.has(Layer::Table) && !findings.has(Layer::Database) && !findings.has(Layer::Archive);
    let mut faults = Findings::default();
    let found = pairs.check(whole, &mut |done| observer("reading records", done, None), &mut |fault| {
        let layer = match fault.concern {
            Concern::Keyspace => Layer::Schema,
            Concern::Record => Layer::Record,
            Concern::Sync => Layer::Sync,
        };
        let (place, message, harmless) = (fault.place, fault.message, fault.harmless);
        faults.add(Fault { layer, offset: None, place, message, harmless });
    });
    findings.step(Layer::Schema, "keyspace", |findings| {
        findings.take(&mut faults, Layer::Schema);
        format!("{}, {} of indexes", count(found.keys, "key"), thousands(found.indexed))
    });
    findings.step(Layer::Record, "records", |findings| {
        findings.take(&mut faults, Layer::Record);
        if let Some(error) = &found.broken_off {
            add(Layer::Record, error, findings);
        }
        let records = found.tally.readable.iter().chain(&found.tally.damaged).sum();
        count(records, "record")
    });
    let mut syncs = Vec::new();
    findings.step(Layer::Sync, "sync run", |findings| {
        findings.take(&mut faults, Layer::Sync);
        match pairs.run() {
            Some(run) => {
                syncs::of_run(run, findings);
                let mut counts = syncs::counts(run, &found.tally);
                pairs.state(&mut |stated| syncs::state(&mut counts, stated));
                syncs.push(counts);
                count(1, "sync run")
            }
            None => {
                syncs.push(syncs::unknown(&found.tally));
                "none".into()
            }
        }
    });
    syncs
}

fn tables(pairs: &Pairs, observer: super::Observer<'_>, findings: &mut Findings) -> String {
    let database = pairs.database();
    let mut seen = BTreeSet::new();
    let (mut blocks, mut rows) = (0, 0);
    let total = database.tables().len() as u64;
    for (done, table) in (0_u64..).zip(database.tables()) {
        observer("checking tables", done, Some(total));
        if !seen.insert(table.file_number()) {
            continue;
        }
        let checkup = database.check(table);
        blocks += checkup.data_blocks;
        rows += checkup.rows;
        checkup.faults.iter().for_each(|fault| add(Layer::Table, fault, findings));
    }
    let backs = |name: &str| {
        name.strip_suffix(".sst")
            .and_then(|digits| digits.parse().ok())
            .is_some_and(|number| seen.contains(&number))
    };
    for name in pairs.files().iter().filter(|name| name.ends_with(".sst") && !backs(name)) {
        findings.odd(Layer::Table, None, name, "it is no live table, and nobody reads it");
    }
    format!("{}, {}, {}", count(seen.len() as u64, "file"), count(blocks, "block"), count(rows, "row"))
}

fn add(layer: Layer, error: &pebble::Error, findings: &mut Findings) {
    // A file that does not decode was told of among the files.
    let told = matches!(error.kind(), ErrorKind::Read(_)) && findings.has(Layer::Archive);
    if !told {
        findings.bad(layer, error.offset(), error.file(), error.kind().to_string());
    }
}
