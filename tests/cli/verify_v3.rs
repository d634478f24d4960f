//! What `verify` finds in v3 files that were changed in one place: exactly that, and where it is.

use baton::model::proto::c1::storage::v3;
use baton::verify::{Layer, Report};
use prost::Message as _;

use crate::run::SECOND;
use crate::stores;
use crate::v3::{Rows, company_rows};
use crate::verify_files::{Encoding, Files, company, faults, files, look, manifest, odd, pack, readable};

/// What the company holds.
const COMPANY: [u64; 5] = [7, 29, 18, 62, 0];

/// Where some bytes stand in others.
fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
}

fn files_of(rows: &Rows) -> Files {
    files(&stores::stream(rows))
}

/// What is found in a bare tar of these files.
fn tar(files: &Files) -> Report {
    look(&pack(Encoding::Tar, &manifest(Encoding::Tar), files))
}

#[test]
fn sound_files_have_no_fault_in_any_encoding() {
    for encoding in Encoding::ALL {
        let report = look(&company(encoding));
        // The small writer of these files leaves out one index that readers do without.
        assert_eq!(odd(&report).iter().map(|odd| odd.1).collect::<Vec<_>>(), ["index of expandable grants"]);
        assert!(report.is_sound(), "{:?}", faults(&report));
        assert_eq!((report.engine, readable(&report, 0)), (Some("pebble"), COMPANY));
        assert_eq!(report.readable.declared, Some(report.readable.decoded));
    }
}

#[test]
fn a_head_that_is_cut_off_ends_the_file() {
    let whole = company(Encoding::Indexed);
    for (length, part) in [(5, "head"), (8, "head"), (9, "manifest"), (60, "manifest")] {
        let report = look(&whole[..length]);
        let message = format!("the file ends here, inside a {part}");
        assert_eq!(faults(&report), [(Layer::Container, "head", Some(length as u64), &*message)]);
    }
}

#[test]
fn a_damaged_manifest_leaves_the_files() {
    for encoding in Encoding::ALL {
        let mut bytes = company(encoding);
        // The tag of the engine.
        bytes[9] = 0x0b;
        let report = look(&bytes);
        let found = faults(&report);
        assert_eq!(found[0].0, Layer::Container, "{encoding:?}: {found:?}");
        assert_eq!((found[0].1, found[0].2), ("manifest", Some(9)), "{encoding:?}: {found:?}");
        if encoding != Encoding::TarZstd {
            assert_eq!(readable(&report, 0), COMPANY, "{encoding:?}: {found:?}");
        }
    }
    let mut bytes = company(Encoding::Indexed);
    bytes[17] = b'4';
    let report = look(&bytes);
    assert!(faults(&report)[0].3.contains("pebble4"), "{:?}", faults(&report));
    assert_eq!(readable(&report, 0), COMPANY);
    bytes[17] = b'2';
    let expected = [(Layer::Container, "manifest", Some(9), "it does not match its hash")];
    assert_eq!(faults(&look(&bytes)), expected);
}

#[test]
fn a_damaged_footer_or_index_leaves_the_files() {
    let sound = company(Encoding::Indexed);
    let (end, footer) = (sound.len(), sound.len() - 28);
    let index = u64::from_be_bytes(sound[footer..footer + 8].try_into().unwrap());
    let changed = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        look(&bytes)
    };
    for (at, place, offset, message) in [
        (end - 1, "footer", end as u64 - 8, "the last 8 bytes are not the end mark"),
        (footer + 12, "index", index, "it does not match its hash"),
        (index as usize + 3, "index", index, "it does not match its hash"),
    ] {
        let report = changed(at);
        assert_eq!(faults(&report)[0], (Layer::Archive, place, Some(offset), message), "{at}");
        if at != index as usize + 3 {
            assert_eq!(readable(&report, 0), COMPANY, "{at}");
        }
    }
    let report = changed(footer + 7);
    let found = faults(&report);
    assert_eq!((found[0].1, found[0].2), ("footer", Some(footer as u64)));
    assert_eq!(readable(&report, 0), COMPANY);
    let report = look(&sound[..end - 1]);
    assert_eq!(faults(&report).len(), 1);
    assert_eq!(readable(&report, 0), COMPANY, "the index is still there");
}

#[test]
fn a_damaged_frame_is_that_of_a_file() {
    let sound = company(Encoding::Indexed);
    let manifest = 9 + u32::from_be_bytes(sound[5..9].try_into().unwrap()) as usize;
    let starts: Vec<usize> = sound
        .windows(4)
        .enumerate()
        .filter(|(at, window)| *at >= manifest && *window == b"\x28\xb5\x2f\xfd")
        .map(|(at, _)| at)
        .collect();
    let names = [
        "marker.format-version.000001.013",
        "marker.manifest.000001.MANIFEST-000001",
        "000002.sst",
        "MANIFEST-000001",
    ];
    assert_eq!(starts.len(), names.len());
    let index = u64::from_be_bytes(sound[sound.len() - 28..sound.len() - 20].try_into().unwrap()) as usize;
    let ends = starts.iter().skip(1).copied().chain([index]);
    for ((start, end), name) in starts.iter().zip(ends).zip(names) {
        for (at, message) in
            [(start + 1, "its frame is no zstd frame"), (end - 1, "its checksum does not match its content")]
        {
            let mut bytes = sound.clone();
            bytes[at] ^= 1;
            let report = look(&bytes);
            assert_eq!(faults(&report)[0], (Layer::Archive, name, Some(*start as u64), message));
            if at == end - 1 {
                assert_eq!(readable(&report, 0), COMPANY, "all of it is there");
            }
        }
    }
}

#[test]
fn a_table_that_is_not_live_is_odd() {
    let manifest = manifest(Encoding::Indexed);
    let mut with = files_of(company_rows());
    with.push(("000009.sst".into(), b"an old table".to_vec()));
    let report = look(&pack(Encoding::Indexed, &manifest, &with));
    assert!(report.is_sound());
    assert!(
        odd(&report).contains(&(
            Layer::Table,
            "000009.sst",
            None,
            "it is no live table, and nobody reads it"
        )),
        "{:?}",
        odd(&report)
    );
}

#[test]
fn a_tar_that_is_cut_off_leaves_the_files_before() {
    let sound = company(Encoding::Tar);
    let report = look(&sound[..sound.len() - 1025]);
    let found = faults(&report);
    assert_eq!(
        (found[0].0, found[0].1, found[0].2),
        (Layer::Archive, "tar", Some(sound.len() as u64 - 1025))
    );
    let report = look(&sound[..sound.len() - 500]);
    let at = Some(sound.len() as u64 - 500);
    assert_eq!(
        faults(&report),
        [(Layer::Archive, "tar", at, "the tar ends before its end mark is complete")]
    );
    assert_eq!(readable(&report, 0), COMPANY);
}

#[test]
fn a_damaged_header_of_a_tar_hides_one_file() {
    let mut bytes = company(Encoding::Tar);
    let header = find(&bytes, b"000002.sst");
    bytes[header] = b'1';
    let report = look(&bytes);
    let found = faults(&report);
    assert_eq!(
        found[0],
        (Layer::Archive, "tar", Some(header as u64), "the checksum of a tar header does not match")
    );
    assert!(found.contains(&(Layer::Database, "000002.sst", None, "is missing")), "{found:?}");
}

#[test]
fn a_damaged_stream_leaves_the_files_before() {
    let sound = company(Encoding::TarZstd);
    let frame = 9 + u32::from_be_bytes(sound[5..9].try_into().unwrap()) as u64;
    let mut bytes = sound.clone();
    *bytes.last_mut().unwrap() ^= 1;
    let report = look(&bytes);
    let message = "its checksum does not match its content";
    assert_eq!(faults(&report), [(Layer::Compression, "frame 1", Some(frame), message)]);
    assert_eq!(readable(&report, 0), COMPANY);
    let report = look(&sound[..sound.len() - 9]);
    assert_eq!(faults(&report)[0].2, Some(sound.len() as u64 - 9));
}

/// The files of the company, one of them changed.
fn with(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Files {
    let mut files = files_of(company_rows());
    let (_, content) = files.iter_mut().find(|(other, _)| other == name).unwrap();
    change(content);
    files
}

#[test]
fn markers_manifest_and_tables_are_checked_by_name_and_offset() {
    let without = |name: &str| {
        let mut files = files_of(company_rows());
        files.retain(|(other, _)| other != name);
        tar(&files)
    };
    let report = without("marker.format-version.000001.013");
    assert_eq!(faults(&report), [(Layer::Database, "marker.format-version", None, "is missing")]);
    assert_eq!(readable(&report, 0), COMPANY, "the manifest is found by its name");
    let report = without("000002.sst");
    assert_eq!(faults(&report)[0], (Layer::Database, "000002.sst", None, "is missing"));
    let report = tar(&with("000002.sst", |content| content.truncate(content.len() - 1)));
    assert!(faults(&report)[0].3.starts_with("has "), "{:?}", faults(&report));
    let report = tar(&with("MANIFEST-000001", |content| content[9] ^= 1));
    let found = faults(&report);
    assert_eq!((found[0].0, found[0].1, found[0].2), (Layer::Database, "MANIFEST-000001", Some(0)));
    assert!(found[0].3.starts_with("the record log is damaged: its checksum is"), "{found:?}");
}

#[test]
fn blocks_and_footers_of_tables_are_checked() {
    for (at, offset, message) in [
        (40, Some(0), "a data block is damaged: its checksum is"),
        (usize::MAX, None, "is no table: it does not end with the magic number of one"),
    ] {
        let files = with("000002.sst", |content| {
            let at = at.min(content.len() - 1);
            content[at] ^= 1;
        });
        let report = tar(&files);
        let found = faults(&report);
        assert_eq!((found[0].0, found[0].1), (Layer::Table, "000002.sst"), "{found:?}");
        assert!(offset.is_none() || found[0].2 == offset, "{found:?}");
        assert!(found[0].3.starts_with(message), "{found:?}");
        assert!(!found.iter().any(|fault| fault.0 == Layer::Schema), "what is gone is not said to be absent");
    }
}

/// What is found in a file with the rows of the company after a change.
fn rows(change: impl FnOnce(&mut Rows)) -> Report {
    let mut rows = company_rows().clone();
    change(&mut rows);
    tar(&files_of(&rows))
}

fn row<'r>(rows: &'r mut Rows, prefix: &[u8]) -> &'r mut (Vec<u8>, Vec<u8>) {
    rows.iter_mut().find(|(key, _)| key.starts_with(prefix)).unwrap()
}

#[test]
fn records_are_compared_with_their_keys() {
    let report = rows(|rows| row(rows, b"\x03\x01\0app").1 = b"\x12\x09cut".to_vec());
    let expected = (Layer::Record, "resource types key app", None, "it ends in the middle of a field");
    assert_eq!(faults(&report)[0], expected);
    assert_eq!(report.readable.syncs[0].counts[0].damaged, 1);
    let report = rows(|rows| {
        let record = v3::ResourceTypeRecord { external_id: "other".into(), ..Default::default() };
        row(rows, b"\x03\x01\0app").1 = record.encode_to_vec();
    });
    let expected = (Layer::Record, "resource types key app", None, "its record belongs under the key other");
    assert_eq!(faults(&report), [expected]);
}

#[test]
fn indexes_follow_from_the_records() {
    let report = rows(|rows| {
        let place = rows.iter().position(|(key, _)| key.starts_with(b"\x03\x07\x04\0")).unwrap();
        rows.remove(place);
    });
    let message = "it has 61 rows, but 62 follow from the records";
    assert_eq!(faults(&report), [(Layer::Schema, "index of grants by principal", None, message)]);
    let report = rows(|rows| row(rows, b"\x03\x07\x01\0").0.push(b'x'));
    let found = faults(&report);
    assert_eq!((found.len(), found[0].1), (1, "index of resources by parent"));
    assert!(found[0].3.ends_with("are not those that follow from the records"), "{found:?}");
}

#[test]
fn stamps_are_those_of_a_known_keyspace() {
    let report = rows(|rows| row(rows, b"\x03\xffkeyspace").1 = vec![0, 0, 0, 9]);
    let expected = (Layer::Schema, "keyspace_version", None, "it is 9, which is not supported");
    assert_eq!(faults(&report), [expected]);
    let report = rows(|rows| rows.retain(|(key, _)| !key.starts_with(b"\x03\xffkeyspace")));
    assert_eq!(faults(&report)[0].1, "keyspace_version");
}

#[test]
fn the_sync_run_is_that_of_the_manifest() {
    let run = |change: fn(&mut v3::SyncRunRecord)| {
        rows(|rows| {
            let (_, value) = row(rows, b"\x03\x06");
            let mut run = v3::SyncRunRecord::decode(&value[..]).unwrap();
            change(&mut run);
            *value = run.encode_to_vec();
        })
    };
    let message = |what| format!("the {what} that it tells of the sync is not that of the sync run {SECOND}");
    let report = run(|run| run.r#type = 2);
    assert_eq!(faults(&report), [(Layer::Sync, "manifest", None, &*message("type"))]);
    let report = run(|run| run.ended_at = None);
    assert_eq!(faults(&report), [(Layer::Sync, "manifest", None, &*message("end"))]);
    let report = rows(|rows| rows.retain(|(key, _)| !key.starts_with(b"\x03\x06")));
    assert_eq!(faults(&report), [(Layer::Sync, "sync run", None, "there are records, but no sync run")]);
    let mut manifest = manifest(Encoding::Tar);
    manifest.sync_runs[0].stats.as_mut().unwrap().grants = 1000;
    let report = look(&pack(Encoding::Tar, &manifest, &files_of(company_rows())));
    let message = "the kept count of grants is 1000, there are 62";
    assert_eq!(faults(&report), [(Layer::Sync, "counts in the manifest", None, message)]);
    assert_eq!(report.readable.syncs[0].counts[3].stated, Some(1000));
}

#[test]
fn without_a_manifest_every_table_counts() {
    let without = |name: &str| {
        let mut files = files_of(company_rows());
        files.retain(|(other, _)| other != name);
        tar(&files)
    };
    let report = without("MANIFEST-000001");
    assert_eq!(faults(&report), [(Layer::Database, "MANIFEST-000001", None, "is missing")]);
    assert_eq!(readable(&report, 0), COMPANY);
    let report = tar(&with("MANIFEST-000001", |content| content[9] ^= 1));
    assert_eq!(readable(&report, 0), COMPANY);
    let report = tar(&vec![("000002.sst".into(), b"no table".to_vec())]);
    assert!(!report.is_sound());
    assert_eq!(report.readable.syncs, []);
}
