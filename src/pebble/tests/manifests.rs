//! Record logs, version edits, and what they come to.

use super::*;
use crate::pebble::manifest::Manifest;
use crate::pebble::record_log::Records;
use crate::pebble::testing::{Edit, Random, TableEdit, internal_key, log, write_log};
use crate::pebble::{Feature, MAX_SEQUENCE, Structure};

fn records(bytes: &[u8]) -> Result<Vec<Vec<u8>>, ErrorKind> {
    let (mut log, mut found) = (Records::new(bytes, true), Vec::new());
    while let Some(record) = log.next_record().map_err(|fault| fault.kind)? {
        found.push(record.into_owned());
    }
    Ok(found)
}

fn read(edits: &[Edit]) -> Result<Manifest, Error> {
    Manifest::read("MANIFEST-000001", &log(edits), true)
}

fn table(number: u64, smallest: &str, largest: &str) -> TableEdit {
    TableEdit::new(number, 1, smallest.as_bytes(), largest.as_bytes())
}

#[test]
fn records_of_all_sizes_come_back() {
    let mut random = Random::new(3);
    for _ in 0..50 {
        let written: Vec<Vec<u8>> = (0..1 + random.below(12))
            .map(|_| {
                let length = random.of(&[0, 1, 5, 100, 32748, 32754, 32755, 32761, 32762, 40000, 100_000]);
                (0..length).map(|byte| byte as u8 ^ random.next() as u8).collect()
            })
            .collect();
        let slices: Vec<&[u8]> = written.iter().map(|record| &**record).collect();
        assert_eq!(records(&write_log(&slices)).unwrap(), written);
    }
}

#[test]
fn padding_and_zeros_are_passed_over() {
    let mut bytes = write_log(&[b"one"]);
    bytes.resize(32768, 0);
    bytes.extend(write_log(&[b"two"]));
    bytes.resize(3 * 32768 + 40, 0);
    assert_eq!(records(&bytes).unwrap(), [b"one", b"two"]);
    assert_eq!(records(&[]).unwrap(), Vec::<Vec<u8>>::new());
}

#[test]
fn a_log_that_ends_inside_a_record_is_cut() {
    let bytes = write_log(&[b"first", &[7; 70_000], b"last"]);
    // A prefix is whole where a record ends.
    let ends = [0, 12, 12 + 70_000 + 3 * 7, bytes.len()];
    for length in (0..40).chain(32_700..32_800).chain(65_500..65_600).chain(70_000..=bytes.len()) {
        match records(&bytes[..length]) {
            Ok(found) => assert!(ends.contains(&length), "{length}: {} records", found.len()),
            Err(ErrorKind::Cut(Structure::RecordLog)) => assert!(!ends.contains(&length), "{length}"),
            Err(other) => panic!("{length}: {other}"),
        }
    }
}

#[test]
fn damage_to_a_log_is_told_apart() {
    let bytes = write_log(&[b"one", b"two"]);
    let damaged = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        records(&bytes).unwrap_err()
    };
    let checksum = |kind| matches!(kind, ErrorKind::Checksum { structure: Structure::RecordLog, .. });
    assert!(checksum(damaged(0, bytes[0] ^ 1)));
    assert!(checksum(damaged(8, b'x')));
    assert!(checksum(damaged(4, 2)), "a shorter record");
    assert!(matches!(damaged(4, 200), ErrorKind::Cut(Structure::RecordLog)));
    assert!(checksum(damaged(6, 2)), "another type");

    let rewrite = |kinds: [u8; 2]| {
        let mut bytes = bytes.clone();
        for (at, kind) in [0, 10].into_iter().zip(kinds) {
            bytes[at + 6] = kind;
            let crc = crate::pebble::testing::masked_crc(&bytes[at + 6..at + 10]);
            bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
        }
        records(&bytes)
    };
    assert_eq!(rewrite([1, 1]).unwrap().len(), 2);
    assert_eq!(rewrite([2, 4]).unwrap(), [b"onetwo"]);
    for kinds in [[3, 1], [4, 1], [2, 1], [2, 2], [1, 3]] {
        assert!(matches!(rewrite(kinds), Err(ErrorKind::Malformed { structure: Structure::RecordLog, .. })));
    }
    for kind in [0, 5, 9, 12, 13] {
        assert!(matches!(rewrite([kind, 1]), Err(ErrorKind::Malformed { .. })), "{kind}");
    }
    assert!(matches!(rewrite([1, 2]), Err(ErrorKind::Cut(Structure::RecordLog))));
}

#[test]
fn every_prefix_of_a_manifest_is_read_or_refused() {
    let part = TableEdit { backing: Some(7), ..table(9, "a", "c") };
    let edits = [
        Edit::first(),
        Edit::default().add(&table(7, "a", "z")).numbers(2, &[3]).numbers(4, &[99]),
        Edit::default().backing(7, 1).remove(0, 7).add(&part),
    ];
    let bytes = log(&edits);
    let mut whole = 0;
    for length in 0..=bytes.len() {
        let found = Manifest::read("M", &bytes[..length], true);
        whole += usize::from(found.is_ok());
    }
    assert_eq!(whole, 3, "after each edit");
    // The same of each edit, whose checksums hold.
    for edit in &edits {
        for length in 0..edit.0.len() {
            let mut first = Edit::first().0;
            if edit.0 != first {
                first.extend(&edit.0[..length]);
                drop(Manifest::read("M", &write_log(&[&first]), true));
            }
        }
    }
}

#[test]
fn edits_take_away_before_they_add() {
    let edits = [
        Edit::first(),
        Edit::default().add(&table(5, "a", "b")).add(&table(6, "c", "d")),
        // Moves a table to another level.
        Edit::default().add(&TableEdit { level: 3, ..table(5, "a", "b") }).remove(0, 5),
        Edit::default().remove(0, 6),
    ];
    let tables = read(&edits).unwrap().into_tables().unwrap();
    let found: Vec<_> = tables.iter().map(|(table, size)| (table.level, table.number, *size)).collect();
    assert_eq!(found, [(3, 5, 1)]);
}

#[test]
fn the_last_number_of_each_kind_holds() {
    let edits = [
        Edit::first().numbers(2, &[1]).numbers(3, &[2]).numbers(4, &[30]).numbers(9, &[0]),
        Edit::default()
            .numbers(4, &[20])
            .numbers(3, &[9])
            .numbers(5, &[2])
            .string(b"key")
            .numbers(106, &[77]),
    ];
    let manifest = read(&edits).unwrap();
    assert_eq!((manifest.oldest_log, manifest.next_file, manifest.last_sequence), (1, 9, 20));
}

#[test]
fn old_forms_of_adding_a_table_are_read() {
    let (smallest, largest) = (internal_key(b"a", 4, 1), internal_key(b"c", 5, 1));
    let edits = [
        Edit::first(),
        Edit::default().numbers(7, &[1, 5, 9]).string(&smallest).string(&largest),
        Edit::default().numbers(100, &[2, 6, 9]).string(&smallest).string(&largest).numbers(4, &[5]),
    ];
    let tables = read(&edits).unwrap().into_tables().unwrap();
    let found: Vec<_> =
        tables.iter().map(|(table, _)| (table.level, table.number, table.sequences)).collect();
    assert_eq!(found, [(1, 5, None), (2, 6, Some((4, 5)))]);
}

#[test]
fn tables_of_a_deeper_level_may_touch_but_not_overlap() {
    let two = |first: (&str, &[u8]), second: (&str, &str)| {
        let first = TableEdit { level: 6, largest: first.1.to_vec(), ..table(5, first.0, "") };
        let second = TableEdit { level: 6, ..table(6, second.0, second.1) };
        let edits = [Edit::first().add(&second).add(&first)];
        read(&edits).unwrap().into_tables()
    };
    let inclusive = internal_key(b"c", 4, 1);
    let exclusive = internal_key(b"c", MAX_SEQUENCE, 15);
    assert!(two(("a", &inclusive), ("d", "e")).is_ok());
    assert!(two(("a", &exclusive), ("c", "e")).is_ok());
    for second in [("c", "e"), ("b", "b"), ("a", "z")] {
        let error = two(("a", &inclusive), second).unwrap_err();
        assert!(matches!(error, ErrorKind::Overlap { level: 6, .. }), "{second:?}");
    }
    assert!(matches!(
        two(("a", &exclusive), ("bb", "e")),
        Err(ErrorKind::Overlap { first: 5, second: 6, .. })
    ));
}

#[test]
fn contradicting_edits_are_refused() {
    let kind = |edits: &[Edit]| read(edits).map(drop).unwrap_err().kind().to_string();
    let added = Edit::first().add(&table(5, "a", "b"));
    assert_eq!(
        kind(&[added.clone(), Edit::default().remove(1, 5)]),
        "takes table 5 from level 1, where it is not"
    );
    assert_eq!(
        kind(&[added.clone(), Edit::default().remove(0, 6)]),
        "takes table 6 from level 0, where it is not"
    );
    assert_eq!(kind(&[added.clone(), added.clone()]), "adds table 5 twice");
    let part = TableEdit { backing: Some(7), ..table(9, "a", "c") };
    let unknown = "table 9 is a part of file 7, which the manifest does not know";
    assert_eq!(kind(&[Edit::first().add(&part)]), unknown);
    assert_eq!(kind(&[Edit::first().backing(7, 1).add(&part), Edit::default().numbers(106, &[7])]), unknown);
    assert_eq!(
        kind(&[Edit::default().add(&table(5, "a", "b"))]),
        "a version edit is damaged: none names a comparer"
    );
    let wrong = |edit: Edit, detail: &str| {
        assert_eq!(kind(&[Edit::first(), edit]), format!("a version edit is damaged: {detail}"));
    };
    wrong(Edit::default().add(&table(5, "b", "a")), "the bounds of a table are the wrong way round");
    let reversed = TableEdit { sequences: (2, 1), ..table(5, "a", "b") };
    wrong(Edit::default().add(&reversed), "the sequence numbers of a table are the wrong way round");
    wrong(Edit::default().remove(7, 5), "a level is above 6");
    wrong(Edit::default().add(&TableEdit { level: 200, ..table(5, "a", "b") }), "a level is above 6");
    let short = TableEdit { smallest: b"seven..".to_vec(), ..table(5, "a", "b") };
    assert_eq!(kind(&[Edit::first().add(&short)]), "ends inside an internal key");
    assert_eq!(kind(&[Edit::first(), Edit(vec![6, 1])]), "ends inside a version edit");
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let feature = |edit: Edit| {
        let error = read(&[Edit::first(), edit]).map(drop).unwrap_err();
        assert_eq!((error.file(), error.offset()), ("MANIFEST-000001", Some(35)));
        match error.kind() {
            ErrorKind::Unsupported(feature) => feature.clone(),
            other => panic!("{other}"),
        }
    };
    assert_eq!(feature(Edit::default().numbers(1, &[]).string(b"other")), Feature::Comparer("other".into()));
    for tag in [0, 8, 10, 101, 102, 109, 200, 203, 1 << 40] {
        assert_eq!(feature(Edit::default().numbers(tag, &[])), Feature::EditTag(tag));
    }
    assert_eq!(feature(Edit::default().numbers(104, &[])), Feature::RangeKeys);
    assert_eq!(feature(Edit::default().numbers(107, &[1, 2, 3, 4, 5])), Feature::BlobFiles);
    assert_eq!(feature(Edit::default().numbers(108, &[1, 2])), Feature::BlobFiles);
    let extra = |tag: u64, numbers: &[u64]| {
        let mut edit = Edit::default().add(&table(5, "a", "b"));
        edit.0.pop();
        feature(edit.numbers(tag, numbers).numbers(1, &[]))
    };
    assert_eq!(extra(65, &[]), Feature::TableTag(65));
    assert_eq!(extra(67, &[]), Feature::SyntheticPrefix);
    assert_eq!(extra(68, &[]), Feature::SyntheticSuffix);
    assert_eq!(extra(69, &[1, 1, 2, 3]), Feature::BlobFiles);
    assert_eq!(extra(70, &[]), Feature::TableTag(70));
}

#[test]
fn extras_that_may_be_passed_over_are() {
    let mut edit = Edit::first().add(&table(5, "a", "b"));
    edit.0.pop();
    let edit = edit.numbers(2, &[]).string(&[1]).numbers(63, &[]).string(b"anything").numbers(69, &[1, 0, 1]);
    assert_eq!(read(&[edit]).unwrap().into_tables().unwrap().len(), 1);
}
