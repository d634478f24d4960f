//! What is fuzzed: functions that take any bytes and must come back, without a panic and within bounds.
//!
//! `tests/fuzz.rs` and the programs in `fuzz/` include this file.

use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use baton::c1z::frame::{Frame, MAX_HEADER};
use baton::c1z::{Archive, Limits, OpenOptions, Payload, Source, open_reader};
use baton::check::check;
use baton::model::any;
use baton::model::descriptor::{self, Message};
use baton::model::facts::{self, EntitlementFacts, ResourceFacts, ResourceTypeFacts};
use baton::model::keys::{EntitlementKeys, GrantKeys, ResourceKey, ResourceKeys, ResourceTypeKeys};
use baton::model::ksuid::Ksuid;
use baton::model::protojson::{Writer, mend, push_string};
use baton::model::time::Instant;
use baton::render::Row;
use baton::store::{EntitlementFilter, GrantFilter, Place, Reader, ResourceFilter};
use baton::verify::{self, Remains};
use baton::view::{Filter, Need, Sink, View};
use twox_hash::XxHash64;

#[path = "databases.rs"]
pub(crate) mod databases;
#[path = "stores.rs"]
pub(crate) mod stores;

pub(crate) use databases::{pebble_database, pebble_table};

/// What a file may decode to here.
const LARGEST: u64 = 4 << 20;

fn options(check_declared_size: bool, memory_limit: u64) -> OpenOptions {
    let limits = Limits { max_decoded: LARGEST, max_ratio: 0, max_window: 1 << 20, check_declared_size };
    OpenOptions { limits, memory_limit, temp_dir: None }
}

/// Any bytes as a file, opened in memory and, beyond 100 kB, in a temporary file.
pub(crate) fn container(bytes: &[u8]) {
    let sizes = [(true, LARGEST), (false, 100_000)].map(|(check, memory)| {
        let mut last = 0;
        let mut observer = |done: u64, _: Option<u64>| {
            assert!(done >= last && done <= bytes.len() as u64, "progress goes astray");
            last = done;
        };
        let mut reader = bytes;
        match open_reader(&Source::Stdin, &mut reader, None, &options(check, memory), &mut observer) {
            Ok(opened) => {
                let Payload::Sqlite(image) = opened.payload else { return None };
                assert!(image.len() as u64 <= LARGEST);
                assert!(image.is_empty() || image.starts_with(b"SQLite format 3\0"));
                Some(image.len())
            }
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "an error is one line: {error}");
                None
            }
        }
    });
    assert!(sizes[0].is_none() || sizes[0] == sizes[1], "what opens with checks opens without");
}

/// Any bytes as a file, of which only archives are of interest: their files are read.
pub(crate) fn archive(bytes: &[u8]) {
    for (check, memory) in [(true, LARGEST), (false, 10_000)] {
        let opened = open_reader(&Source::Stdin, &mut &*bytes, None, &options(check, memory), &mut |_, _| {});
        if let Ok(Payload::Archive(archive)) = opened.map(|opened| opened.payload) {
            read_files(&archive);
        }
    }
}

/// Reads an archive in every way, which must agree.
fn read_files(archive: &Archive) {
    let names: Vec<&str> = archive.entries().iter().map(|entry| &*entry.name).collect();
    let ahead = archive.prefetch(&names, &mut |_, _| {});
    let mut total = 0;
    let mut sound = true;
    for entry in archive.entries() {
        let parts = || entry.name.split('/');
        assert!(parts().all(|part| !matches!(part, "" | "." | "..")), "{:?} leads elsewhere", entry.name);
        match archive.read(&entry.name) {
            Ok(content) => {
                assert_eq!(content.len() as u64, entry.size);
                total += entry.size;
            }
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "an error is one line: {error}");
                sound = false;
            }
        }
    }
    assert!(total <= LARGEST, "the limit holds for all files together");
    assert_eq!(ahead.is_ok(), sound);
    for error in archive.inspect(&mut |_, _| {}) {
        assert!(!error.to_string().contains('\n'), "an error is one line: {error}");
    }
}

/// A manifest of an archive in this encoding, with what comes before it.
fn archive_head(encoding: u8) -> Vec<u8> {
    [b"C1Z3\0\0\0\0\x0b\x0a\x07pebble3\x20", &[encoding][..]].concat()
}

/// Frames of two files, of the 5 bytes `frame` and of none.
const FRAMES: &[u8] = b"\x28\xb5\x2f\xfd\x20\x05\x29\0\0frame\x28\xb5\x2f\xfd\x20\0\x01\0\0";

/// An archive of [`FRAMES`] with this index, under the right hash.
pub(crate) fn archive_of(index: &[u8]) -> Vec<u8> {
    let mut file = [&archive_head(5), FRAMES].concat();
    let start = file.len() as u64;
    file.extend(index);
    file.extend(start.to_be_bytes());
    file.extend((index.len() as u32).to_be_bytes());
    file.extend(XxHash64::oneshot(0, index).to_be_bytes());
    file.extend(b"C1ZIDX1\0");
    file
}

/// Any bytes as the index of an archive.
pub(crate) fn archive_index(bytes: &[u8]) {
    archive(&archive_of(bytes));
}

/// An archive of a tar.
pub(crate) fn archive_of_tar(tar: &[u8]) -> Vec<u8> {
    [&archive_head(2), tar].concat()
}

/// Any bytes as the tar in an archive. What is read of it must stand in it.
pub(crate) fn archive_tar(bytes: &[u8]) {
    let file = archive_of_tar(bytes);
    archive(&file);
    let opened = open_reader(&Source::Stdin, &mut &*file, None, &options(true, LARGEST), &mut |_, _| {});
    if let Ok(Payload::Archive(archive)) = opened.map(|opened| opened.payload) {
        for entry in archive.entries() {
            let content = archive.read(&entry.name).expect("a tar was read as a whole");
            let start = entry.offset as usize;
            assert_eq!(file.get(start..start + content.len()), Some(content));
        }
    }
}

/// Any bytes as the header of a zstd frame.
pub(crate) fn frame(bytes: &[u8]) {
    let bytes = bytes.get(..MAX_HEADER).unwrap_or(bytes);
    if let Ok(Frame::Zstd(header)) = Frame::parse(bytes) {
        assert!(header.length <= bytes.len());
        let alone = bytes.get(..header.length).unwrap_or_default();
        assert_eq!(Frame::parse(alone), Ok(Frame::Zstd(header)), "what follows a header does not matter");
    }
}

/// Every message type that `proto/` defines, and those that protobuf itself brings along.
pub(crate) fn messages() -> &'static [&'static Message] {
    static MESSAGES: OnceLock<Vec<&'static Message>> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = if here.ends_with("fuzz") { here.join("..") } else { here.to_owned() };
        let mut names = Vec::new();
        name_messages(&root.join("proto"), &mut names);
        let known = [
            "Any",
            "Timestamp",
            "Duration",
            "FieldMask",
            "Struct",
            "Value",
            "ListValue",
            "Empty",
            "DoubleValue",
            "FloatValue",
            "Int64Value",
            "UInt64Value",
            "Int32Value",
            "UInt32Value",
            "BoolValue",
            "StringValue",
            "BytesValue",
        ];
        names.extend(known.map(|name| format!("google.protobuf.{name}")));
        names.sort();
        names.iter().filter_map(|name| descriptor::find(name.as_bytes())).collect()
    })
}

/// Adds the full name of every message in the files of a folder.
fn name_messages(folder: &Path, names: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).expect("the folder of message definitions");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            name_messages(&path, names);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a message definition");
        // The name of what each open brace belongs to; empty for what is no message.
        let mut scopes: Vec<String> = Vec::new();
        let mut package = String::new();
        for line in text.lines().map(|line| line.split("//").next().unwrap_or_default().trim()) {
            if let Some(name) = line.strip_prefix("package ") {
                package = name.trim_end_matches(';').to_owned();
            }
            let message = line.strip_prefix("message ").map(|rest| rest.trim_end_matches([' ', '{', '}']));
            for sign in line.chars().filter(|sign| matches!(sign, '{' | '}')) {
                if sign == '}' {
                    scopes.pop();
                    continue;
                }
                scopes.push(message.unwrap_or_default().to_owned());
                if message.is_some() {
                    names.push(format!("{package}.{}", scopes.join(".")));
                }
            }
        }
    }
}

/// The first two bytes pick a message type, the rest is a message of it. Its JSON must be JSON.
pub(crate) fn protojson(bytes: &[u8]) {
    let messages = messages();
    let Some((pick, bytes)) = bytes.split_first_chunk::<2>() else { return };
    let Some(message) = messages.get(usize::from(u16::from_le_bytes(*pick)) % messages.len()) else { return };
    let mut out = b"before".to_vec();
    let mut writer = Writer::new();
    match writer.message(&mut out, message, bytes) {
        Ok(()) => {
            let json = out.strip_prefix(b"before").expect("what was there stays");
            let parsed = serde_json::from_slice::<serde::de::IgnoredAny>(json);
            assert!(parsed.is_ok(), "{}: {}", message.name, String::from_utf8_lossy(json));
            // Base64 and escapes take a small multiple, and so do short fields with long names.
            assert!(json.len() <= 1000 + bytes.len() * 150, "{} bytes from {}", json.len(), bytes.len());
            let mut again = Vec::new();
            assert_eq!(Writer::new().message(&mut again, message, bytes), Ok(()));
            assert!(again == json, "the same bytes give the same text");
        }
        Err(_) => assert_eq!(out, b"before", "nothing is left behind"),
    }
    let mut text = Vec::new();
    push_string(&mut text, bytes);
    mend(&mut text, 0);
    assert!(serde_json::from_slice::<String>(&text).is_ok());
}

/// Any bytes as each kind of record: its keys and what lists show of it.
pub(crate) fn keys(bytes: &[u8]) {
    // Whoever has read the keys of a record may rely on its walk to the end.
    if let Ok(keys) = GrantKeys::read(bytes) {
        let _ = facts::grant_sources(keys.sources);
    }
    let _ = (EntitlementKeys::read(bytes), ResourceTypeKeys::read(bytes));
    if let Ok(ResourceKeys { key: Some(key), .. }) = ResourceKeys::read(bytes) {
        let message = key.to_message();
        assert_eq!(ResourceKey::read(&message), Ok(key), "a key is read as it was written");
    }
    if let Ok(facts) = ResourceFacts::read(bytes) {
        let emails = facts.emails().count();
        assert!(emails <= bytes.len());
        let _ = facts.label();
    }
    let _ = (EntitlementFacts::read(bytes), ResourceTypeFacts::read(bytes));
    let _ = (facts::grant_sources(bytes), facts::expandable_ids(bytes), Instant::read(bytes));
    if let Ok((url, _)) = any::parts(bytes) {
        assert!(url.ends_with(any::type_name(url)));
    }
}

/// Any bytes as text that should be a time or a sync id.
pub(crate) fn time(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(instant) = Instant::parse(&text) {
        let stored = instant.to_sqlite();
        assert_eq!(Instant::parse(&stored), Some(instant), "{text:?} is stored as {stored}");
        let shown = instant.to_string();
        assert_eq!(Instant::parse(&shown), Some(instant), "{text:?} is shown as {shown}");
        assert!(instant.since(instant).is_zero());
        let _ = instant.to_seconds_text();
    }
    if let Ok(id) = text.parse::<Ksuid>() {
        assert_eq!(id.to_string(), text);
    }
}

/// Any bytes as a database: everything in it is listed, joined, counted and checked.
pub(crate) fn image(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("room for a temporary file");
    let opened = Reader::open(&Source::from(file.path()), &options(true, LARGEST), &mut |_, _| {});
    let Ok(reader) = opened else { return };
    for run in reader.runs() {
        let at = reader.at(run);
        let _ = at.count();
        if read_all(&reader, at).is_err() {
            continue;
        }
        let _ = check(at, &|_| true, &mut |_| ControlFlow::Continue(()));
        for (cells, json) in [(true, false), (false, true)] {
            join_all(&View::new(at, Need { cells, json }));
        }
    }
    for line in reader.problems().lines() {
        assert!(!line.contains('\n'), "{line}");
    }
}

/// Any bytes as a file that is looked at from the bottom up. What is called sound can be read, all of it.
pub(crate) fn verify(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("room for a temporary file");
    let source = Source::from(file.path());
    let Ok(found) = verify::verify(&source, &options(true, LARGEST), &mut |_, _, _| {}) else { return };
    let mut out = Vec::new();
    found.report.write_tables(&mut out, false).expect("a vector has room");
    found.report.write_json(&mut out).expect("a vector has room");
    match &found.remains {
        Remains::Sqlite(tables) => {
            for table in tables.tables() {
                tables.rows(table, &mut |row| assert_eq!(row.values.len(), table.columns.len()));
            }
        }
        Remains::Pebble(pairs) => drop(pairs.records(&mut |_| ())),
        Remains::Nothing => {}
    }
    if !found.report.is_sound() {
        return;
    }
    let reader = Reader::open(&source, &options(true, LARGEST), &mut |_, _| {});
    let reader = reader.unwrap_or_else(|error| panic!("it is called sound: {error}"));
    for run in reader.runs() {
        read_all(&reader, reader.at(run)).unwrap_or_else(|error| panic!("it is called sound: {error}"));
    }
    assert_eq!(reader.problems().incomplete(), None, "it is called sound");
}

/// Any bytes as a file to be salvaged: what comes of it is as sound as a file can be.
pub(crate) fn salvage(bytes: &[u8]) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (from, to) = (directory.path().join("in"), directory.path().join("out"));
    std::fs::write(&from, bytes).expect("room for a temporary file");
    let options = options(true, LARGEST);
    let save = baton::store::SaveOptions::default();
    let done = verify::salvage(&Source::from(&*from), &options, &to, save, &mut |_, _, _| {});
    let Ok(salvaged) = done else {
        assert!(!to.exists(), "nothing is written after an error");
        return;
    };
    let reader = Reader::open(&Source::from(&*to), &OpenOptions::default(), &mut |_, _| {});
    let reader = reader.unwrap_or_else(|error| panic!("it was just written: {error}"));
    assert_eq!(reader.runs().len(), salvaged.syncs.len());
    for run in reader.runs() {
        read_all(&reader, reader.at(run)).unwrap_or_else(|error| panic!("it was just written: {error}"));
    }
    assert_eq!(reader.problems().incomplete(), None, "it was just written");
}

/// [`salvage`] for the rows of a v3 file.
pub(crate) fn salvage_rows(bytes: &[u8]) {
    salvage(&stores::file(bytes));
}

/// [`verify`] for the rows of a v3 file.
pub(crate) fn verify_rows(bytes: &[u8]) {
    verify(&stores::file(bytes));
}

/// Any bytes as the rows of a v3 file: everything in it is listed, joined, counted and checked.
pub(crate) fn rows(bytes: &[u8]) {
    image(&stores::file(bytes));
}

/// Images above 1 MiB are read ahead by a thread, and stay in memory for good: a few hundred rounds will do.
#[allow(dead_code, reason = "the programs in fuzz/ would run out of memory")]
pub(crate) fn image_ahead(bytes: &[u8]) {
    let mut large = bytes.to_vec();
    large.resize(large.len().max((1 << 20) + 1), 0);
    image(&large);
}

fn read_all(reader: &Reader, at: baton::store::Snapshot<'_>) -> Result<(), baton::store::Error> {
    let mut count = 0_usize;
    let mut scan = at.resource_types()?;
    let mut rows = scan.rows()?;
    while rows.next(|record| count += usize::from(!record.id.is_empty()))?.is_some() {}
    let mut scan = at.resources(&ResourceFilter::default())?;
    let mut rows = scan.rows()?;
    let mut found = None;
    while rows.next(|record| found = Some((record.key.kind.to_vec(), record.key.id.to_vec())))?.is_some() {}
    if let Some((kind, id)) = found {
        let key = ResourceKey { kind: &kind, id: &id };
        at.resource(key, |record| count += record.message.len())?;
        at.grant(&GrantFilter { principal: Some(key), ..Default::default() }, |_| ())?;
    }
    let mut scan = at.entitlements(&EntitlementFilter::default())?;
    let mut rows = scan.rows()?;
    while rows.next(|record| count += record.message.len())?.is_some() {}
    let mut scan = at.grants(&GrantFilter::default())?;
    let mut rows = scan.rows()?;
    while rows.next(|record| assert!(GrantKeys::read(record.message).is_ok()))?.is_some() {}
    let _ = reader.problems().incomplete();
    Ok(())
}

/// Asks every row for all that it has.
struct Everything(u64);

impl Sink for Everything {
    fn row(&mut self, row: &dyn Row, _: Place<'_>) -> io::Result<ControlFlow<()>> {
        for column in 0..20 {
            let _ = row.cell(column);
        }
        let _ = row.name();
        let mut json = Vec::new();
        let _ = row.json(&mut json);
        self.0 += 1;
        // A damaged tree can give rows again and again; the first few hundred have shown what there is.
        Ok(if self.0 > 500 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

fn join_all(view: &View<'_>) {
    let filter = Filter::default();
    let _ = view.resource_types(&mut Everything(0));
    let _ = view.resources(&filter, &mut Everything(0));
    let _ = view.entitlements(&filter, &mut Everything(0));
    let _ = view.grants(&filter, &mut Everything(0));
    let _ = view.principals(&filter, &mut Everything(0));
}
