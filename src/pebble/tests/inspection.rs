//! What a full check of a table finds.

use super::*;
use crate::pebble::Checkup;

fn check(directory: &MemoryDirectory) -> Checkup {
    let database = Database::open_with(directory, UNCHECKED).unwrap();
    database.check(&database.tables()[0])
}

fn kinds(directory: &MemoryDirectory) -> Vec<String> {
    check(directory).faults.iter().map(|fault| fault.kind().to_string()).collect()
}

#[test]
fn a_sound_table_is_counted() {
    let rows = [
        Row::set(b"a", 9, b""),
        Row::delete(b"b", 8),
        Row::set(b"b", 7, b"").obsolete(),
        Row::set(b"c", 6, b""),
    ];
    let spans = [Span::new(b"a", b"b", 5), Span::new(b"b", b"d", 4), Span::new(b"b", b"d", 3)];
    for format in [4, 7] {
        let found = check(&one_table(&TableWriter::new(format), &rows, &spans));
        assert!(found.faults.is_empty(), "{:?}", found.faults);
        assert_eq!((found.data_blocks, found.rows, found.deletions, found.obsolete), (1, 4, 1, 1));
        assert_eq!(found.range_deletions, 3);
    }
}

#[test]
fn keys_out_of_order_are_found() {
    for format in [1, 7] {
        let mut writer = TableWriter::new(format);
        let order = ["holds keys that are out of order"];
        let rows =
            [Row::set(b"a", 9, b""), Row::set(b"c", 9, b""), Row::set(b"b", 9, b""), Row::set(b"d", 9, b"")];
        assert_eq!(kinds(&one_table(&writer, &rows, &[])), order, "within a block");
        let rows = [Row::set(b"a", 9, b""), Row::set(b"b", 8, b""), Row::set(b"b", 9, b"")];
        assert_eq!(kinds(&one_table(&writer, &rows, &[])), order, "of versions");
        let rows = [Row::set(b"a", 9, b""), Row::set(b"b", 9, b""), Row::set(b"b", 9, b"")];
        assert_eq!(kinds(&one_table(&writer, &rows, &[])), order, "twice the same");
        writer.block_size = 1;
        let rows =
            [Row::set(b"a", 9, b""), Row::set(b"b", 8, b""), Row::set(b"b", 9, b""), Row::set(b"c", 9, b"")];
        assert_eq!(kinds(&one_table(&writer, &rows, &[])), order, "between blocks");
    }
}

#[test]
fn a_separator_above_the_block_behind_it_is_found() {
    let mut writer = TableWriter::new(1);
    writer.block_size = 1;
    let rows = ["a000", "a005", "a009"].map(|key| Row::set(key.as_bytes(), 9, b""));
    let mut directory = one_table(&writer, &rows, &[]);
    let file = directory.file("000005.sst");
    let at = file.windows(4).position(|window| window == b"a001").unwrap();
    file[at + 3] = b'6';
    assert_eq!(kinds(&directory), ["holds keys that are out of order"]);
}

#[test]
fn rows_and_spans_outside_of_the_bounds_are_found() {
    let outside = ["holds a key outside of the bounds of the table"];
    let rows = many(20);
    let sound = one_table(&TableWriter::new(7), &rows, &[]);
    let widen = |from: &[u8], to: &[u8]| {
        let mut directory = sound.clone();
        let manifest = directory.file("MANIFEST-000001");
        let at = manifest.windows(from.len()).position(|window| window == from).unwrap();
        manifest[at..at + to.len()].copy_from_slice(to);
        directory
    };
    assert_eq!(kinds(&widen(b"a000", b"a001")), outside);
    assert_eq!(kinds(&widen(b"a019", b"a018")), outside);
    assert_eq!(kinds(&widen(b"\x0a\x1d\x06", b"\x0b\x1d\x06")), outside, "a sequence number");
    for directory in [widen(b"a000", b"a001"), widen(b"a019", b"a018")] {
        let database = Database::open_with(&directory, UNCHECKED).unwrap();
        let error = collect(&database, b"", None).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OutOfBounds));
        assert_eq!(error.file(), "000005.sst");
        assert_eq!(collect(&database, b"a005", Some(b"a007")).unwrap().len(), 2);
    }
    let spans = [Span::new(b"a000", b"a019z", 1)];
    let mut directory = one_table(&TableWriter::new(7), &rows, &spans);
    let manifest = directory.file("MANIFEST-000001");
    let at = manifest.windows(5).position(|window| window == b"a019z").unwrap();
    manifest[at + 4] = b'y';
    assert_eq!(kinds(&directory), outside);
    let database = Database::open_with(&directory, UNCHECKED).unwrap();
    assert!(matches!(collect(&database, b"", None).unwrap_err().kind(), ErrorKind::OutOfBounds));
    assert!(matches!(database.get(b"a001").unwrap_err().kind(), ErrorKind::OutOfBounds));
}

#[test]
fn counts_that_are_not_true_are_found() {
    for (property, found) in [
        ("rocksdb.num.entries", 4),
        ("rocksdb.deleted.keys", 2),
        ("rocksdb.num.range-deletions", 1),
        ("rocksdb.num.data.blocks", 1),
    ] {
        let mut writer = TableWriter::new(7);
        writer.properties = vec![(property, Some(vec![99]))];
        let rows = [Row::set(b"a", 9, b""), Row::delete(b"b", 8), Row::set(b"c", 6, b"")];
        let spans = [Span::new(b"a", b"b", 5)];
        let expected = format!("states 99 as {property}, but has {found}");
        assert_eq!(kinds(&one_table(&writer, &rows, &spans)), [expected]);
        writer.properties = vec![(property, None)];
        assert_eq!(kinds(&one_table(&writer, &rows, &spans)), <[&str; 0]>::default(), "it may be left out");
    }
}

#[test]
fn every_damaged_block_is_named_by_its_offset() {
    let mut writer = TableWriter::new(7);
    (writer.block_size, writer.index_entries) = (100, 3);
    let mut directory = one_table(&writer, &many(100), &[]);
    let offsets = {
        let database = Database::open(&directory).unwrap();
        let places = database.data_blocks(&database.tables()[0]).unwrap();
        places.iter().map(|place| place.offset).collect::<Vec<u64>>()
    };
    let broken = [offsets[2], offsets[5], offsets[6]];
    for offset in broken {
        directory.file("000005.sst")[offset as usize] ^= 0x80;
    }
    let database = Database::open(&directory).unwrap();
    let found = database.check(&database.tables()[0]);
    assert_eq!(found.data_blocks, offsets.len() as u64 - 3);
    let places: Vec<_> = found.faults.iter().map(|fault| fault.offset().unwrap()).collect();
    assert_eq!(places, broken);
    assert!(found.faults.iter().all(|fault| matches!(fault.kind(), ErrorKind::Checksum { .. })));
    assert!(found.faults.iter().all(|fault| fault.file() == "000005.sst"));
}

#[test]
fn a_table_that_does_not_open_has_one_fault() {
    let mut directory = one_table(&TableWriter::new(7), &many(9), &[]);
    *directory.file("000005.sst").last_mut().unwrap() ^= 1;
    let found = check(&directory);
    assert_eq!(found.rows, 0);
    assert!(matches!(found.faults[..], [ref fault] if matches!(fault.kind(), ErrorKind::Magic)));
}

#[test]
fn a_table_of_another_database_is_not_there() {
    let (one, other) =
        (one_table(&TableWriter::new(7), &many(9), &[]), one_table(&TableWriter::new(7), &many(8), &[]));
    let (one, other) = (Database::open(&one).unwrap(), Database::open(&other).unwrap());
    assert!(matches!(one.describe(&other.tables()[0]).unwrap_err().kind(), ErrorKind::Missing));
    assert_eq!(one.check(&other.tables()[0]).faults.len(), 1);
}
