//! Version 3 files: tables of many blocks, of which some are damaged, newer than others, or gone.

use prost::Message as _;
use twox_hash::XxHash64;

use super::*;
use crate::model::proto::c1::c1z::v3::{
    C1zManifestV3, IndexedFrameEntry, IndexedFrameIndex, PayloadEncoding, SyncRunSummary,
};
use crate::model::proto::c1::storage::v3::{
    EntitlementRecord, EntitlementRef, GrantRecord, PrincipalRef, ResourceRecord, ResourceRef,
    ResourceTypeRecord, SyncRunRecord, SyncStatsRecord,
};
use crate::pebble::testing::{DatabaseWriter, Random, Row, TableWriter};

type Files = BTreeMap<String, Vec<u8>>;
type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

const SYNC: &str = "3MSce4tpn4AaTFke0LZe7Id3Jsv";
const USERS: usize = 300;

fn run() -> SyncRunRecord {
    SyncRunRecord {
        sync_id: SYNC.into(),
        r#type: 1,
        started_at: Some(prost_types::Timestamp { seconds: 1_795_000_000, nanos: 5 }),
        ended_at: Some(prost_types::Timestamp { seconds: 1_795_000_131, nanos: 0 }),
        sync_token: "token".into(),
        ..Default::default()
    }
}

fn key(head: &[u8], parts: &[&str]) -> Vec<u8> {
    [head, parts.join("\0").as_bytes()].concat()
}

fn grant_keys(user: &str) -> [Vec<u8>; 2] {
    [
        key(b"\x03\x04\0", &["group", "g", "1", "member", "user", user]),
        key(b"\x03\x07\x04\0", &["user", user, "group", "g", "1", "member"]),
    ]
}

/// A group, its members, and what the engine notes.
fn rows() -> Rows {
    let mut rows = Rows::new();
    rows.insert(b"\x03\x06".to_vec(), run().encode_to_vec());
    rows.insert(b"\x03\xffkeyspace_version".to_vec(), vec![0, 0, 0, 2]);
    rows.insert(b"\x03\xffgrant_entitlement_id_format".to_vec(), vec![0, 0, 0, 2]);
    let stats = SyncStatsRecord {
        sync_id: SYNC.into(),
        resource_types: 2,
        resources: USERS as i64 + 1,
        entitlements: 1,
        grants: USERS as i64,
        ..Default::default()
    };
    rows.insert(b"\x03\xffstats\0".to_vec(), stats.encode_to_vec());
    for kind in ["user", "group"] {
        let record =
            ResourceTypeRecord { external_id: kind.into(), display_name: kind.into(), ..Default::default() };
        rows.insert(key(b"\x03\x01\0", &[kind]), record.encode_to_vec());
    }
    let mut resource = |kind: &str, id: &str| {
        let record = ResourceRecord {
            resource_type_id: kind.into(),
            resource_id: id.into(),
            display_name: format!("the {kind} {id}"),
            ..Default::default()
        };
        rows.insert(key(b"\x03\x02\0", &[kind, id]), record.encode_to_vec());
    };
    resource("group", "g");
    let users: Vec<String> = (0..USERS).map(|number| format!("u{number:04}")).collect();
    users.iter().for_each(|user| resource("user", user));
    let group = ResourceRef { resource_type_id: "group".into(), resource_id: "g".into() };
    let entitlement = EntitlementRecord {
        external_id: "group:g:member".into(),
        resource: Some(group),
        display_name: "member".into(),
        ..Default::default()
    };
    rows.insert(key(b"\x03\x03\0", &["group", "g", "1", "member"]), entitlement.encode_to_vec());
    for user in &users {
        let record = GrantRecord {
            external_id: format!("group:g:member:user:{user}"),
            entitlement: Some(EntitlementRef {
                resource_type_id: "group".into(),
                resource_id: "g".into(),
                entitlement_id: "group:g:member".into(),
            }),
            principal: Some(PrincipalRef {
                resource_type_id: "user".into(),
                resource_id: user.clone(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let [grant, index] = grant_keys(user);
        rows.insert(grant, record.encode_to_vec());
        rows.insert(index, Vec::new());
    }
    rows
}

fn small_blocks() -> TableWriter {
    TableWriter { block_size: 600, ..TableWriter::new(7) }
}

/// All rows in one table of many blocks.
fn one_table(rows: &Rows) -> Files {
    let mut database = DatabaseWriter::new();
    let rows: Vec<Row> = rows.iter().map(|(key, value)| Row::set(key, 10, value)).collect();
    database.add(6, &small_blocks(), &rows, &[]);
    database.finish().files
}

/// An archive, each file a frame.
fn seal(files: &Files) -> Vec<u8> {
    let mut manifest = C1zManifestV3 { engine: "pebble3".into(), ..Default::default() };
    manifest.set_payload_encoding(PayloadEncoding::IndexedZstd);
    manifest.sync_runs = vec![SyncRunSummary {
        sync_id: SYNC.into(),
        r#type: 1,
        started_at: run().started_at,
        ended_at: run().ended_at,
        ..Default::default()
    }];
    let manifest = manifest.encode_to_vec();
    let mut out = [&b"C1Z3\0"[..], &(manifest.len() as u32).to_be_bytes(), &manifest].concat();
    let mut index =
        IndexedFrameIndex { manifest_xxh64: XxHash64::oneshot(0, &manifest), ..Default::default() };
    for (name, content) in files {
        let frame = frame(content);
        index.entries.push(IndexedFrameEntry {
            name: name.clone(),
            frame_offset: out.len() as i64,
            compressed_size: frame.len() as i64,
            raw_size: content.len() as i64,
            raw_xxh64: XxHash64::oneshot(0, content),
            raw_sha256: vec![0; 32],
        });
        index.total_raw_size += content.len() as i64;
        index.total_compressed_size += frame.len() as i64;
        out.extend(frame);
    }
    let (start, index) = (out.len() as u64, index.encode_to_vec());
    out.extend(&index);
    out.extend(start.to_be_bytes());
    out.extend((index.len() as u32).to_be_bytes());
    out.extend(XxHash64::oneshot(0, &index).to_be_bytes());
    out.extend(b"C1ZIDX1\0");
    out
}

/// The records of a file, without order.
fn set(path: &Path) -> BTreeSet<Record> {
    records(path).into_iter().filter(|(_, _, message)| !message.is_empty()).collect()
}

fn told(salvaged: &Salvaged) -> String {
    let lines: Vec<String> = salvaged.lost.list().iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn a_sound_file_gives_the_same_records_and_the_sync() {
    let bench = Bench::new();
    let (salvaged, to) = bench.salvage(&seal(&one_table(&rows()))).unwrap();
    assert!(salvaged.is_sound(), "{}", told(&salvaged));
    let from = bench.path("in.c1z");
    assert_eq!(set(&to), set(&from));
    assert_eq!(set(&to).len(), 2 + (1 + USERS) + 1 + USERS);
    let (reader, there) = (open(&to), open(&from));
    let ([run], [other]) = (reader.runs(), there.runs()) else { panic!("one sync") };
    assert_eq!((&run.id, &run.kind, &run.token), (&other.id, &other.kind, &other.token));
    assert_eq!((run.started_at, run.ended_at), (other.started_at, other.ended_at));
    assert_eq!(run.stats.as_ref().map(|stats| stats.grants), Some(USERS as i64));
    assert_sound(&to);
}

#[test]
fn damaged_blocks_lose_their_own_records_and_the_keys_are_told() {
    let bench = Bench::new();
    let files = one_table(&rows());
    bench.salvage(&seal(&files)).unwrap();
    let sound = set(&bench.path("out.c1z"));
    let table = files.keys().find(|name| name.ends_with(".sst")).unwrap().clone();
    let mut random = Random::new(3);
    let mut partly = 0;
    for round in 0..40 {
        let mut damaged = files.clone();
        let bytes = damaged.get_mut(&table).unwrap();
        for _ in 0..1 + random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        match bench.salvage(&seal(&damaged)) {
            Ok((salvaged, to)) => {
                let found = set(&to);
                assert!(found.is_subset(&sound), "round {round}");
                assert!(!salvaged.is_sound(), "round {round}: {} of {}", found.len(), sound.len());
                assert!(
                    told(&salvaged).contains("rows may be missing"),
                    "round {round}: {}",
                    told(&salvaged)
                );
                assert_sound(&to);
                partly += usize::from(found.len() > sound.len() / 2 && found.len() < sound.len());
            }
            Err(error) => assert!(matches!(error, SalvageError::Nothing { .. }), "round {round}: {error}"),
        }
    }
    assert!(partly > 15, "{partly}");
}

#[test]
fn a_deletion_that_is_lost_brings_no_grant_back_that_the_index_does_not_know() {
    let rows = rows();
    let mut database = DatabaseWriter::new();
    let old: Vec<Row> = rows.iter().map(|(key, value)| Row::set(key, 10, value)).collect();
    database.add(6, &small_blocks(), &old, &[]);
    // Later these grants were taken away, each with its row in the index.
    let revoked: BTreeSet<String> = (0..20).map(|number| format!("u{number:04}")).collect();
    let mut keys: Vec<[Vec<u8>; 2]> = revoked.iter().map(|user| grant_keys(user)).collect();
    let grants: Vec<Row> = keys.iter().map(|[grant, _]| Row::delete(grant, 20)).collect();
    keys.sort();
    let indexed: Vec<Row> = keys.iter().map(|[_, index]| Row::delete(index, 21)).collect();
    let lost = database.add(0, &small_blocks(), &grants, &[]);
    database.add(0, &small_blocks(), &indexed, &[]);
    let mut files = database.finish().files;
    let bench = Bench::new();
    let (_, to) = bench.salvage(&seal(&files)).unwrap();
    let sound = set(&to);
    assert_eq!(sound.len(), 2 + (1 + USERS) + 1 + USERS - 20);
    for bytes in [None, Some(vec![7; 900])] {
        match bytes {
            None => drop(files.remove(&format!("{lost:06}.sst"))),
            Some(bytes) => drop(files.insert(format!("{lost:06}.sst"), bytes)),
        }
        let (salvaged, to) = bench.salvage(&seal(&files)).unwrap();
        assert_eq!(set(&to), sound, "{}", told(&salvaged));
        assert!(
            told(&salvaged).contains("20 of database, grants: the index by principal"),
            "{}",
            told(&salvaged)
        );
        assert!(told(&salvaged).contains("from grants "), "{}", told(&salvaged));
    }
}

#[test]
fn a_lost_row_of_the_sync_run_is_told_by_the_manifest() {
    let mut rows = rows();
    rows.remove(&b"\x03\x06"[..]);
    let bench = Bench::new();
    let (salvaged, to) = bench.salvage(&seal(&one_table(&rows))).unwrap();
    assert!(told(&salvaged).contains("its row is gone"), "{}", told(&salvaged));
    let reader = open(&to);
    assert_eq!((reader.runs()[0].id.as_str(), reader.runs()[0].finished), (SYNC, true));
    assert_eq!(set(&to).len(), 2 + (1 + USERS) + 1 + USERS);
}

#[test]
fn without_a_manifest_newer_tables_count_and_the_doubt_is_told() {
    let rows = rows();
    let mut database = DatabaseWriter::new();
    let old: Vec<Row> = rows.keys().map(|key| Row::set(key, 10, b"\x12\x03old")).collect();
    database.add(6, &small_blocks(), &old, &[]);
    let new: Vec<Row> = rows.iter().map(|(key, value)| Row::set(key, 0, value)).collect();
    database.ingest(0, &small_blocks(), &new, &[], 40);
    let whole = database.finish().files;
    let bench = Bench::new();
    bench.salvage(&seal(&whole)).unwrap();
    let sound = set(&bench.path("out.c1z"));
    let mut gone = whole.clone();
    gone.remove("MANIFEST-000001");
    let mut damaged = whole.clone();
    damaged.get_mut("MANIFEST-000001").unwrap()[3] ^= 1;
    for files in [gone, damaged] {
        let (salvaged, to) = bench.salvage(&seal(&files)).unwrap();
        assert_eq!(set(&to), sound);
        assert!(told(&salvaged).contains("those with higher numbers as newer"), "{}", told(&salvaged));
    }
}

#[test]
fn a_file_that_is_cut_off_gives_the_tables_before_the_cut() {
    let rows = rows();
    let mut database = DatabaseWriter::new();
    let all: Vec<Row> = rows.iter().map(|(key, value)| Row::set(key, 10, value)).collect();
    for part in all.chunks(all.len() / 5 + 1) {
        database.add(6, &small_blocks(), part, &[]);
    }
    let file = seal(&database.finish().files);
    let bench = Bench::new();
    bench.salvage(&file).unwrap();
    let sound = set(&bench.path("out.c1z"));
    let mut most = 0;
    for length in (0..file.len()).step_by(file.len() / 31) {
        let Ok((salvaged, to)) = bench.salvage(&file[..length]) else { continue };
        let found = set(&to);
        assert!(found.is_subset(&sound), "{length}");
        assert!(found.len() >= most, "{length}: {} of {most}", found.len());
        assert!(!salvaged.is_sound(), "{length}");
        most = found.len();
    }
    assert!(most > sound.len() / 2, "{most} of {}", sound.len());
    // Only the end mark is damaged.
    let mut marked = file.clone();
    *marked.last_mut().unwrap() ^= 1;
    let (salvaged, to) = bench.salvage(&marked).unwrap();
    assert_eq!(set(&to), sound, "{}", told(&salvaged));
    assert!(!salvaged.is_sound());
}

#[test]
fn damaged_frames_lose_their_file_and_nothing_else() {
    let bench = Bench::new();
    let file = seal(&one_table(&rows()));
    bench.salvage(&file).unwrap();
    let sound = set(&bench.path("out.c1z"));
    let mut random = Random::new(9);
    for round in 0..40 {
        let mut damaged = file.clone();
        let at = random.below(file.len());
        damaged[at] ^= 1 << random.below(8);
        if let Ok((_, to)) = bench.salvage(&damaged) {
            assert!(set(&to).is_subset(&sound), "round {round}: byte {at}");
        }
    }
}
