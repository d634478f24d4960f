//! What changed, found by the library in the files of `testdata/`: the same whichever engine is on either side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use baton::diff::{Change, Kind, Options, compare};
use baton::model::proto::c1::storage::v3;
use baton::store::{OpenOptions, Reader, Snapshot, Source};
use prost::Message as _;

use crate::run::{FIRST, PARTIAL, SECOND, run, testdata, text};
use crate::v3::{File, Rows, copy};

fn open(path: &Path) -> Reader {
    Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap()
}

fn fixture(name: &str) -> Reader {
    open(&testdata().join(name))
}

/// The sync with an id, or the only one.
fn at<'r>(reader: &'r Reader, id: &str) -> Snapshot<'r> {
    let only = reader.runs().len() == 1;
    reader.at(reader.runs().iter().find(|run| only || run.id == id).unwrap())
}

/// The same sync in a file of the other engine.
fn pebble(at: Snapshot<'_>) -> (File, Reader) {
    let file = File::of(&copy(at));
    let reader = open(&file.path());
    (file, reader)
}

/// `~ resources user/grace status, status.details`
fn told(change: &Change) -> String {
    let sign = match change.kind {
        Kind::Created => "+",
        Kind::Deleted => "-",
        Kind::Modified => "~",
    };
    let paths: Vec<&str> = change.fields.iter().map(|field| field.path.as_str()).collect();
    let name = String::from_utf8_lossy(&change.name);
    format!("{sign} {} {name} {}", change.records.name(), paths.join(", ")).trim_end().to_owned()
}

fn changes(old: Snapshot<'_>, new: Snapshot<'_>) -> Vec<String> {
    compare(old, new, &Options::default()).unwrap().iter().map(told).collect()
}

/// What the README of the fixtures says about the second day.
const SECOND_DAY: [&str; 5] = [
    "~ resources group/eng displayName",
    "~ resources user/grace status, status.details",
    "+ grants group:eng:member:user:xiaoming",
    "- grants group:ops:member:user:robin",
    "+ grants role:admin:assigned:user:xiaoming",
];

/// Seen from the second day.
fn back(lines: &[&str]) -> Vec<String> {
    let turn = |line: &&str| match line.split_at(1) {
        ("+", rest) => format!("-{rest}"),
        ("-", rest) => format!("+{rest}"),
        _ => (*line).to_owned(),
    };
    lines.iter().map(turn).collect()
}

#[test]
fn the_second_day_is_the_same_to_every_engine() {
    let company = fixture("company.c1z");
    let (first, second) = (at(&company, FIRST), at(&company, SECOND));
    let (_first_file, first_v3) = pebble(first);
    let (_second_file, second_v3) = pebble(second);
    for old in [first, at(&first_v3, FIRST)] {
        for new in [second, at(&second_v3, SECOND)] {
            let engines = (old.reader().engine(), new.reader().engine());
            assert_eq!(changes(old, new), SECOND_DAY, "{engines:?}");
            assert_eq!(changes(new, old), back(&SECOND_DAY), "{engines:?}");
        }
    }
}

#[test]
fn one_sync_is_the_same_in_every_layout() {
    let company = fixture("company.c1z");
    let (first, second) = (at(&company, FIRST), at(&company, SECOND));
    let (old_schema, slim) = (fixture("old-schema.c1z"), fixture("slim.c1z"));
    let (_file, second_v3) = pebble(second);
    for (a, b) in [
        (first, at(&old_schema, FIRST)),
        (second, at(&slim, "")),
        (second, at(&second_v3, SECOND)),
        (at(&second_v3, SECOND), at(&slim, "")),
    ] {
        let none: Vec<String> = Vec::new();
        assert_eq!(changes(a, b), none);
        assert_eq!(changes(b, a), none);
    }
    for reader in [&company, &old_schema, &slim, &second_v3] {
        assert_eq!(reader.problems().incomplete(), None);
    }
}

#[test]
fn a_generated_company_is_the_same_in_both_engines() {
    let generated = fixture("generated.c1z");
    let sync = at(&generated, &generated.runs()[0].id.clone());
    let (_file, other) = pebble(sync);
    assert!(changes(sync, at(&other, "")).is_empty());
    assert!(changes(at(&other, ""), sync).is_empty());
    // Records that wait are those that stand elsewhere: here nearly all.
    let options = Options { room: Some(20_000), ..Options::default() };
    assert!(compare(sync, at(&other, ""), &options).unwrap().is_empty());
    let strict = Options { strict: true, ..Options::default() };
    let stored = compare(sync, at(&other, ""), &strict).unwrap();
    assert!(stored.iter().any(|change| change.records.name() == "entitlements"));
    assert!(stored.iter().all(|change| change.kind == Kind::Modified && !change.fields.is_empty()));
}

/// The lines of a list by the identity of their records.
fn listed(list: &str, sync: &str) -> BTreeMap<String, String> {
    let line = format!("{list} -f company.c1z --sync-id {sync} -o ndjson");
    let output = run(&line).ok();
    let name = |record: &crate::run::Record| match record.get("type") {
        Some(kind) => format!("{}/{}", kind.as_str().unwrap(), text(record, "id")),
        None => text(record, "id").to_owned(),
    };
    output.records().iter().map(|record| (name(record), format!("{record:?}"))).collect()
}

#[test]
fn what_changed_is_what_lists_show_to_be_different() {
    let company = fixture("company.c1z");
    for (old, new) in [(FIRST, SECOND), (SECOND, FIRST), (FIRST, PARTIAL), (PARTIAL, SECOND)] {
        let found = compare(at(&company, old), at(&company, new), &Options::default()).unwrap();
        for list in ["resource-types", "resources --all", "entitlements", "grants"] {
            let (before, after) = (listed(list, old), listed(list, new));
            let names = |kind: Kind| -> BTreeSet<String> {
                let own = found.iter().filter(|change| list.starts_with(change.records.name()));
                let own = own.filter(|change| {
                    list.starts_with("resource-types") == (change.records.name() == "resource-types")
                });
                let own = own.filter(|change| change.kind == kind);
                own.map(|change| String::from_utf8(change.name.clone()).unwrap()).collect()
            };
            let only = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| -> BTreeSet<String> {
                a.keys().filter(|name| !b.contains_key(*name)).cloned().collect()
            };
            assert_eq!(names(Kind::Created), only(&after, &before), "{list} {old} {new}");
            assert_eq!(names(Kind::Deleted), only(&before, &after), "{list} {old} {new}");
            // Lists of grants and entitlements repeat names of other records, which are changes of those.
            let own = list.starts_with("resource");
            let differ = before
                .iter()
                .filter(|(name, line)| own && after.get(*name).is_some_and(|other| other != *line));
            for (name, _) in differ {
                assert!(names(Kind::Modified).contains(name), "{name}");
            }
        }
    }
}

/// The rows of the second day with one record changed.
fn edited(change: impl FnOnce(&mut v3::ResourceRecord)) -> Rows {
    let company = fixture("company.c1z");
    let mut rows = copy(at(&company, SECOND));
    let (_, value) = rows.iter_mut().find(|(key, _)| key == b"\x03\x02\0user\0grace").unwrap();
    let mut record = v3::ResourceRecord::decode(value.as_slice()).unwrap();
    change(&mut record);
    *value = record.encode_to_vec();
    rows
}

#[test]
fn two_files_of_the_newer_engine_are_compared_by_their_records() {
    let same = [File::of(&edited(|_| {})), File::of(&edited(|_| {}))].map(|file| open(&file.path()));
    assert!(at(&same[0], "").is_same_as(&at(&same[1], "")).unwrap(), "nothing needs to be read");
    assert!(changes(at(&same[0], ""), at(&same[1], "")).is_empty());
    let file = File::of(&edited(|record| record.description = "On leave".into()));
    let other = open(&file.path());
    assert!(!at(&same[0], "").is_same_as(&at(&other, "")).unwrap());
    assert_eq!(changes(at(&same[0], ""), at(&other, "")), ["~ resources user/grace description"]);
    // When it was seen is nobody's difference.
    let time = Some(prost_types::Timestamp { seconds: 5, nanos: 0 });
    let file = File::of(&edited(|record| record.discovered_at = time));
    let other = open(&file.path());
    assert!(!at(&same[0], "").is_same_as(&at(&other, "")).unwrap());
    assert!(changes(at(&same[0], ""), at(&other, "")).is_empty());
    let strict = Options { strict: true, ..Options::default() };
    assert!(compare(at(&same[0], ""), at(&other, ""), &strict).unwrap().is_empty());
}

#[test]
fn what_an_engine_cannot_keep_counts_only_where_it_is_kept() {
    let (file, _) = crate::run::edited(&format!(
        // A `baton_resource` of its own, and an `external_id`.
        "UPDATE v1_resources SET data = CAST(data || x'30013a030a0178' AS BLOB)
         WHERE external_id = 'user:grace' AND sync_id = '{SECOND}'"
    ));
    let (company, marked) = (fixture("company.c1z"), open(file.path()));
    assert_eq!(
        changes(at(&company, SECOND), at(&marked, SECOND)),
        ["~ resources user/grace batonResource, externalId.id"]
    );
    let (_file, other) = pebble(at(&company, SECOND));
    assert!(changes(at(&other, ""), at(&marked, SECOND)).is_empty());
}
