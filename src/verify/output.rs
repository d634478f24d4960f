//! A report for people, and as one JSON object.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::report::{Count, Fault, Report, Step, SyncCounts};
use super::words::{count, thousands};
use crate::model::visible::visible;
use crate::render::small_table;

impl Report {
    /// Writes the report for people: what was looked at, what is wrong with it, how much can be read.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write_tables(&self, out: &mut dyn Write, colour: bool) -> io::Result<()> {
        let steps: Vec<Vec<String>> = self.steps.iter().map(step).collect();
        small_table(out, &["Layer", "Looked at", "Found", "Result"], &steps, &[], colour)?;
        if !self.faults.is_empty() {
            writeln!(out)?;
            let faults: Vec<Vec<String>> = self.faults.iter().map(fault).collect();
            small_table(out, &["Layer", "Place", "At byte", "What is wrong"], &faults, &[], colour)?;
            for more in &self.more {
                writeln!(out, "and {} more in the layer {}", thousands(more.count), more.layer)?;
            }
        }
        if !self.readable.syncs.is_empty() {
            writeln!(out)?;
            let mut header = vec!["Sync", "Type"];
            let titles = ["Resource Types", "Resources", "Entitlements", "Grants", "Assets"];
            header.extend(titles);
            let rows: Vec<Vec<String>> = self.readable.syncs.iter().map(readable).collect();
            small_table(out, &header, &rows, &[2, 3, 4, 5, 6], colour)?;
        }
        writeln!(out, "\n{}", self.verdict())
    }

    /// The last word: whether the file is sound, and how much of it can be read.
    #[must_use]
    pub fn verdict(&self) -> String {
        let bad: u64 = self.steps.iter().map(|step| step.faults).sum();
        let file = visible(&self.file);
        let judged = match (bad, self.faults.is_empty()) {
            (0, true) => format!("{file} is sound"),
            (0, false) => format!("{file} is sound, and odd in {}", count(self.odd(), "place")),
            (bad, _) => format!("{file} is damaged: {}", count(bad, "fault")),
        };
        let decoded = self.readable.decoded;
        match self.readable.declared.filter(|declared| *declared != decoded) {
            Some(declared) => {
                format!("{judged}; {} of {} bytes can be read", thousands(decoded), thousands(declared))
            }
            None => judged,
        }
    }

    fn odd(&self) -> u64 {
        let more: u64 = self.more.iter().map(|more| more.count).sum();
        self.faults.iter().filter(|fault| fault.harmless).count() as u64 + more
    }

    /// Writes the report as one JSON object, with a newline behind it.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = Json {
            file: &self.file,
            sound: self.is_sound(),
            engine: self.engine,
            format: &self.format,
            bytes: self.bytes,
            steps: self.steps.iter().map(JsonStep::of).collect(),
            faults: self.faults.iter().map(JsonFault::of).collect(),
            more_faults: self.more.iter().map(|more| (more.layer.name(), more.count)).collect(),
            decoded_bytes: self.readable.decoded,
            declared_bytes: self.readable.declared,
            syncs: self.readable.syncs.iter().map(JsonSync::of).collect(),
        };
        serde_json::to_writer(&mut *out, &report)?;
        out.write_all(b"\n")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'r> {
    file: &'r str,
    sound: bool,
    engine: Option<&'static str>,
    format: &'r str,
    bytes: Option<u64>,
    steps: Vec<JsonStep<'r>>,
    faults: Vec<JsonFault<'r>>,
    more_faults: BTreeMap<&'static str, u64>,
    decoded_bytes: u64,
    declared_bytes: Option<u64>,
    syncs: Vec<JsonSync<'r>>,
}

#[derive(Serialize)]
struct JsonStep<'r> {
    layer: &'static str,
    name: &'static str,
    found: &'r str,
    faults: u64,
}

impl<'r> JsonStep<'r> {
    fn of(step: &'r Step) -> Self {
        Self { layer: step.layer.name(), name: step.name, found: &step.found, faults: step.faults }
    }
}

#[derive(Serialize)]
struct JsonFault<'r> {
    layer: &'static str,
    place: &'r str,
    offset: Option<u64>,
    message: &'r str,
    harmless: bool,
}

impl<'r> JsonFault<'r> {
    fn of(fault: &'r Fault) -> Self {
        let Fault { layer, offset, place, message, harmless } = fault;
        Self { layer: layer.name(), place, offset: *offset, message, harmless: *harmless }
    }
}

#[derive(Serialize)]
struct JsonSync<'r> {
    id: &'r str,
    r#type: &'r str,
    known: bool,
    finished: bool,
    records: JsonRecords,
}

/// As in [`SyncCounts::FAMILIES`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonRecords {
    resource_types: JsonCount,
    resources: JsonCount,
    entitlements: JsonCount,
    grants: JsonCount,
    assets: JsonCount,
}

#[derive(Serialize)]
struct JsonCount {
    readable: u64,
    damaged: u64,
    stated: Option<u64>,
}

impl<'r> JsonSync<'r> {
    fn of(sync: &'r SyncCounts) -> Self {
        let [resource_types, resources, entitlements, grants, assets] = sync.counts.map(|count| JsonCount {
            readable: count.readable,
            damaged: count.damaged,
            stated: count.stated,
        });
        Self {
            id: &sync.id,
            r#type: &sync.kind,
            known: sync.known,
            finished: sync.finished,
            records: JsonRecords { resource_types, resources, entitlements, grants, assets },
        }
    }
}

fn step(step: &Step) -> Vec<String> {
    let result = if step.is_sound() { "ok".to_owned() } else { count(step.faults, "fault") };
    vec![step.layer.name().to_owned(), step.name.to_owned(), step.found.clone(), result]
}

fn fault(fault: &Fault) -> Vec<String> {
    let offset = fault.offset.map_or_else(String::new, |offset| format!("0x{offset:x} ({offset})"));
    let odd = if fault.harmless { " (harmless)" } else { "" };
    vec![fault.layer.name().to_owned(), fault.place.clone(), offset, format!("{}{odd}", fault.message)]
}

fn readable(sync: &SyncCounts) -> Vec<String> {
    let id = if sync.id.is_empty() { "?" } else { &sync.id };
    let kind = match (sync.known, sync.finished) {
        (false, _) => "no sync run".to_owned(),
        (true, false) => format!("{}, unfinished", sync.kind),
        (true, true) => sync.kind.clone(),
    };
    let mut row = vec![id.to_owned(), kind];
    row.extend(sync.counts.iter().map(amount));
    row
}

fn amount(count: &Count) -> String {
    let there = count.readable + count.damaged;
    let all = count.stated.unwrap_or(there).max(there);
    match all == count.readable {
        true => thousands(all),
        false => format!("{} of {}", thousands(count.readable), thousands(all)),
    }
}
