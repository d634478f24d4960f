//! What `verify` finds in v1 files that were changed in one place: exactly that, and where it is.

use std::io::Write as _;

use baton::verify::Layer;

use crate::run::{FIRST, SECOND, database, edited, fixture};
use crate::verify_files::{faults, look, odd, readable, v1, zstd};

/// What the company holds: its three syncs.
const COMPANY: [[u64; 5]; 3] = [[7, 29, 18, 61, 1], [7, 5, 1, 5, 1], [7, 29, 18, 62, 1]];

#[test]
fn a_sound_file_has_no_fault() {
    let report = look(&fixture("company.c1z"));
    assert!(report.is_sound());
    assert_eq!((report.faults.len(), report.engine, &*report.format), (0, Some("sqlite"), "v1"));
    assert_eq!([0, 1, 2].map(|sync| readable(&report, sync)), COMPANY);
    assert_eq!(report.readable.decoded, 225_280);
    assert_eq!(report.readable.declared, Some(225_280));
    for sync in &report.readable.syncs {
        for count in &sync.counts {
            assert_eq!(count.stated, Some(count.readable), "the writer kept the counts");
        }
    }
}

#[test]
fn only_a_magic_number_is_an_empty_store() {
    let report = look(b"C1ZF\0");
    assert!(report.is_sound());
    assert_eq!(report.readable.syncs, []);
}

#[test]
fn a_file_that_is_cut_off_ends_inside_a_frame() {
    let whole = fixture("company.c1z");
    for length in [6, 10, 14, 20, 1000, whole.len() - 5, whole.len() - 1] {
        let report = look(&whole[..length]);
        let found = faults(&report);
        assert_eq!((found[0].0, found[0].2), (Layer::Compression, Some(length as u64)), "{length}");
        assert_eq!(found[0].3, "the file ends here, inside a zstd frame");
    }
    // Only the checksum is cut: everything is there.
    let report = look(&whole[..whole.len() - 1]);
    assert_eq!(faults(&report).len(), 1);
    assert_eq!([0, 1, 2].map(|sync| readable(&report, sync)), COMPANY);
}

#[test]
fn a_wrong_checksum_is_that_of_the_frame() {
    let mut bytes = fixture("company.c1z");
    *bytes.last_mut().unwrap() ^= 1;
    let report = look(&bytes);
    assert_eq!(
        faults(&report),
        [(Layer::Compression, "frame 1", Some(5), "its checksum does not match its content")]
    );
    assert_eq!([0, 1, 2].map(|sync| readable(&report, sync)), COMPANY, "nothing else is wrong");
}

/// Where the blocks of the frame at byte 5 start.
fn blocks(file: &[u8]) -> Vec<usize> {
    use baton::c1z::frame::Frame;
    let Ok(Frame::Zstd(header)) = Frame::parse(&file[5..23]) else { panic!("a frame") };
    let (mut at, mut starts) = (5 + header.length, Vec::new());
    loop {
        starts.push(at);
        let head = u32::from_le_bytes([file[at], file[at + 1], file[at + 2], 0]);
        at += 3 + if head >> 1 & 3 == 1 { 1 } else { head as usize >> 3 };
        if head & 1 == 1 {
            return starts;
        }
    }
}

#[test]
fn a_damaged_block_leaves_those_before_it() {
    let mut bytes = fixture("company.c1z");
    let second = blocks(&bytes)[1];
    bytes[second] |= 0b110;
    let report = look(&bytes);
    let found = faults(&report);
    assert_eq!(
        found[0],
        (
            Layer::Compression,
            "frame 1, block 2",
            Some(second as u64),
            "it does not decode (Unknown block type)"
        )
    );
    assert_eq!(found[1], (Layer::Database, "pages 33 to 55", Some(131_072), "they were not decoded"));
    assert_eq!(report.readable.decoded, 131_072);
    assert_eq!(report.readable.declared, Some(225_280));
    assert!(readable(&report, 0)[1] > 0, "{:?}", report.readable);
}

#[test]
fn what_is_wrong_with_a_frame_has_the_place_of_the_frame() {
    let sound = fixture("company.c1z");
    let mut magic = sound.clone();
    magic[5] ^= 1;
    assert_eq!(
        faults(&look(&magic)),
        [(Layer::Compression, "frame 1", Some(5), "no zstd frame starts here")]
    );
    let mut reserved = sound.clone();
    reserved[9] |= 0b1000;
    let expected = [(Layer::Compression, "frame 1", Some(5), "its header has a reserved bit set")];
    assert_eq!(faults(&look(&reserved)), expected);
    let end = sound.len() as u64;
    let report = look(&[&sound[..], b"more"].concat());
    let expected = [(Layer::Compression, "behind frame 1", Some(end), "what follows is no zstd frame")];
    assert_eq!(faults(&report), expected);
    assert_eq!([0, 1, 2].map(|sync| readable(&report, sync)), COMPANY);
}

#[test]
fn frames_are_numbered() {
    let image = database("company.c1z");
    let (first, second) = image.split_at(100_000);
    let (first, mut second) = (zstd(first), zstd(second));
    let skippable = b"\x50\x2a\x4d\x18\x02\0\0\0ab";
    let sound = [b"C1ZF\0", &first[..], skippable, &second].concat();
    assert!(look(&sound).is_sound());
    *second.last_mut().unwrap() ^= 1;
    let start = (5 + first.len() + skippable.len()) as u64;
    let report = look(&[b"C1ZF\0", &first[..], skippable, &second].concat());
    let expected = [(Layer::Compression, "frame 3", Some(start), "its checksum does not match its content")];
    assert_eq!(faults(&report), expected);
}

#[test]
fn gzip_that_is_cut_off_leaves_what_came_before() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&database("company.c1z")).unwrap();
    let packed = packed.finish().unwrap();
    let report = look(&packed);
    assert!(report.is_sound());
    assert_eq!(report.format, "sqlite, gzip");
    let length = packed.len() * 9 / 10;
    let report = look(&packed[..length]);
    let found = faults(&report);
    assert_eq!((found[0].0, found[0].2), (Layer::Compression, Some(length as u64)));
    assert_eq!(found[0].3, "the file ends here, inside a gzip member");
    assert!(readable(&report, 0)[0] > 0);
}

#[test]
fn a_frame_that_holds_something_else_is_no_database() {
    let report = look(&v1(&[b'x'; 5000]));
    let found = faults(&report);
    assert_eq!((found.len(), found[0].0, found[0].2), (1, Layer::Database, Some(0)));
    let report = look(&v1(&database("company.c1z")[..40_960]));
    let expected = "there are 40960 bytes of the 225280 that the header states";
    assert_eq!(faults(&report)[0], (Layer::Database, "database header", Some(40_960), expected));
}

/// The company with another byte in its database.
fn changed(at: usize, byte: u8) -> Vec<u8> {
    let mut image = database("company.c1z");
    image[at] = byte;
    v1(&image)
}

#[test]
fn fields_of_the_database_header_are_checked() {
    let header = |at, message| vec![(Layer::Database, "header", Some(at), message)];
    let report = look(&changed(21, 63));
    assert_eq!(faults(&report)[0], header(21, "the fractions of payload are not 64, 32 and 32")[0]);
    let report = look(&changed(31, 54));
    assert_eq!(odd(&report), header(28, "it states 54 pages, but there are 55"));
    let report = look(&changed(47, 9));
    assert_eq!(faults(&report)[0], header(44, "it states schema format 9, which is not known")[0]);
    let report = look(&changed(80, 1));
    assert_eq!(odd(&report), header(72, "bytes that are kept for the future are not zero"));
}

#[test]
fn a_damaged_page_takes_its_rows_with_it_and_no_others() {
    let image = database("company.c1z");
    // The rows of the one table that fills several pages are the grants; each of its leaves begins with 13.
    let report = look(&v1(&image));
    assert!(report.is_sound());
    let before: u64 = COMPANY.iter().map(|sync| sync[3]).sum();
    let mut hit = 0;
    for page in 2..=55_usize {
        let start = (page - 1) * 4096;
        if image[start] != 13 {
            continue;
        }
        let mut image = image.clone();
        image[start] = 12;
        let report = look(&v1(&image));
        let found = faults(&report);
        assert_eq!(found[0].2, Some(start as u64), "page {page}: {found:?}");
        assert!(found[0].1.starts_with(&format!("page {page}")), "page {page}: {found:?}");
        let grants: u64 = report.readable.syncs.iter().map(|sync| sync.counts[3].readable).sum();
        assert!(grants <= before);
        hit += usize::from(grants < before && grants > 0);
    }
    assert!(hit > 3, "the grants stand in several pages");
}

/// What is found in the company after `sql`.
fn edit(sql: &str) -> baton::verify::Report {
    let (file, _) = edited(sql);
    look(&v1(&std::fs::read(file.path()).unwrap()))
}

#[test]
fn a_table_without_a_column_is_told_of() {
    let report = edit("ALTER TABLE v1_grants RENAME COLUMN entitlement_id TO other");
    assert!(faults(&report).contains(&(Layer::Schema, "v1_grants", None, "it has no column entitlement_id")));
}

#[test]
fn records_are_compared_with_their_columns() {
    for (sql, place, message) in [
        (
            "UPDATE v1_grants SET data = x'0a05' WHERE id = 9",
            "v1_grants row 9",
            "it ends in the middle of a field",
        ),
        (
            "UPDATE v1_grants SET data = 'text' WHERE id = 9",
            "v1_grants row 9",
            "the record is stored as text, not as a blob",
        ),
        (
            "UPDATE v1_resource_types SET external_id = 'usr' WHERE id = 1",
            "v1_resource_types row 1",
            "its column external_id is \"usr\", but the record says \"org\"",
        ),
        (
            "UPDATE v1_resources SET external_id = 'org:x' WHERE id = 1",
            "v1_resources row 1",
            "its column external_id is \"org:x\", but the record says \"org:acme\"",
        ),
        (
            "UPDATE v1_grants SET expansion = x'0a05' WHERE id = 9",
            "v1_grants row 9",
            "its expansion does not parse",
        ),
    ] {
        let report = edit(sql);
        let found: Vec<_> = faults(&report).into_iter().filter(|fault| fault.0 == Layer::Record).collect();
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
        assert_eq!((found[0].1, found[0].3), (place, message), "{sql}");
        assert!(found[0].2.is_some());
    }
    let report = edit("UPDATE v1_grants SET principal_resource_id = 'other' WHERE id = 9");
    assert!(report.is_sound(), "a later grant of the same id changes the record, not the column");
    assert_eq!(odd(&report)[0].1, "v1_grants row 9");
}

#[test]
fn sync_runs_are_compared_with_the_records() {
    let sync = |id: &str| format!("sync {id}");
    for (sql, id, message) in [
        (
            "UPDATE v1_sync_runs SET stats = replace(stats, '\"grants\":62', '\"grants\":63')",
            SECOND,
            "the kept count of grants is 63, there are 62",
        ),
        (
            "DELETE FROM v1_sync_runs WHERE id = 1",
            FIRST,
            "116 records of it, but no sync run, so that nobody reads them",
        ),
        ("UPDATE v1_sync_runs SET started_at = 'noon' WHERE id = 1", FIRST, "its start is no time"),
        ("UPDATE v1_sync_runs SET ended_at = 'noon' WHERE id = 1", FIRST, "its end is no time"),
    ] {
        let report = edit(sql);
        assert_eq!(faults(&report), [(Layer::Sync, &*sync(id), None, message)], "{sql}");
    }
    for (sql, message) in [
        ("UPDATE v1_sync_runs SET ended_at = NULL WHERE id = 1", "it did not end"),
        (
            "UPDATE v1_sync_runs SET ended_at = '2000-01-01 00:00:00' WHERE id = 1",
            "it ended before it started",
        ),
    ] {
        assert_eq!(odd(&edit(sql)), [(Layer::Sync, &*sync(FIRST), None, message)], "{sql}");
    }
    let report = edit("UPDATE v1_sync_runs SET sync_id = 'x' WHERE id = 1");
    let found = faults(&report);
    assert!(found[0].1 == "sync x" && found[0].3.starts_with("its id is no KSUID"), "{found:?}");
}

#[test]
fn faults_without_number_are_counted() {
    let report = edit("UPDATE v1_grants SET data = x'0a05'");
    assert_eq!(report.faults.iter().filter(|fault| fault.layer == Layer::Record).count(), 50);
    assert_eq!((report.more[0].layer, report.more[0].count), (Layer::Record, 78));
    assert!(!report.is_sound());
}
