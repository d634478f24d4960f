//! Each way to change a byte ends in the error that fits, and none in a panic or in rows that were not written.

use super::*;
use crate::pebble::testing::{Compression, Edit, Random, TableEdit, log};
use crate::pebble::{Class, Feature, Structure};

const FILE: &str = "000005.sst";

fn small(format: u32) -> MemoryDirectory {
    one_table(&TableWriter::new(format), &many(9), &[Span::new(b"b", b"c", 3)])
}

/// Opens and reads without looking at checksums.
fn unchecked(directory: &MemoryDirectory) -> Result<Vec<Pair>, Error> {
    collect(&Database::open_with(directory, UNCHECKED)?, b"", None)
}

/// The error after the bytes that `found` finds were replaced.
fn after(directory: &MemoryDirectory, from: &[u8], to: &[u8]) -> Error {
    let mut directory = directory.clone();
    let file = directory.file(FILE);
    let mut places = file.windows(from.len()).enumerate().filter(|(_, window)| *window == from);
    let (at, _) = places.next().expect("the bytes are there");
    assert!(places.next().is_none(), "the bytes are there once");
    file[at..at + to.len()].copy_from_slice(to);
    unchecked(&directory).expect_err("something is wrong with this database")
}

/// The error after a byte of the footer, counted from the end of the file, was replaced.
fn footer(format: u32, back: usize, byte: u8) -> Error {
    let mut directory = small(format);
    let file = directory.file(FILE);
    let at = file.len() - back;
    file[at] = byte;
    unchecked(&directory).expect_err("the footer is damaged")
}

#[test]
fn every_flipped_bit_of_a_table_is_noticed_or_changes_nothing() {
    for format in 1..=7 {
        for compression in [Compression::None, Compression::Snappy].into_iter().take(1 + format as usize % 2)
        {
            let mut writer = TableWriter::new(format);
            (writer.block_size, writer.index_entries, writer.compression) = (60, 2, compression);
            let rows = many(24);
            let mut directory = one_table(&writer, &rows, &[Span::new(b"b", b"c", 3)]);
            let expected = pairs_of(&rows);
            let length = directory.files[FILE].len();
            // Older formats have no checksum around the number of the format.
            let unguarded = if format < 6 { length - 12..length - 8 } else { 0..0 };
            for at in (0..length).filter(|at| !unguarded.contains(at)) {
                for bit in [0, 7] {
                    directory.file(FILE)[at] ^= 1 << bit;
                    match all(&directory) {
                        Ok(rows) => assert_eq!(rows, expected, "byte {at}"),
                        Err(error) => assert_eq!(error.file(), FILE),
                    }
                    // And without checksums there is no panic.
                    let _ = unchecked(&directory);
                    let database = Database::open_with(&directory, UNCHECKED).unwrap();
                    let _ = (database.check(&database.tables()[0]), database.get(b"a010"));
                    drop(database);
                    directory.file(FILE)[at] ^= 1 << bit;
                }
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_a_manifest_is_noticed() {
    let mut directory = small(7);
    let expected = all(&directory).unwrap();
    for at in 0..directory.files["MANIFEST-000001"].len() {
        for bit in 0..8 {
            directory.file("MANIFEST-000001")[at] ^= 1 << bit;
            let found = error(&directory);
            assert_eq!((found.file(), found.class()), ("MANIFEST-000001", Class::Corrupt));
            if let Ok(rows) = unchecked(&directory) {
                assert!(rows.is_empty() || rows == expected, "bounds and numbers hide rows or not");
            }
            directory.file("MANIFEST-000001")[at] ^= 1 << bit;
        }
    }
}

#[test]
fn every_shorter_table_is_refused_by_its_size() {
    let mut directory = small(7);
    let whole = directory.files[FILE].len() as u64;
    while directory.file(FILE).pop().is_some() {
        let found = error(&directory);
        let size = directory.files[FILE].len() as u64;
        let expected =
            matches!(found.kind(), ErrorKind::Size { stated, found } if (*stated, *found) == (whole, size));
        assert!(expected, "{found}");
    }
}

#[test]
fn every_shorter_table_of_the_right_size_is_refused_without_panic() {
    for format in [1, 7] {
        let whole = small(format).files[FILE].clone();
        for length in 0..whole.len() {
            let table = TableEdit::new(5, length, b"", b"\xff");
            let mut directory = small(format);
            directory.file(FILE).truncate(length);
            *directory.file("MANIFEST-000001") = log(&[Edit::first().add(&table)]);
            let found = error(&directory);
            let cut = matches!(found.kind(), ErrorKind::Cut(Structure::Footer));
            assert!(cut && length < 12 || matches!(found.kind(), ErrorKind::Magic), "{length}: {found}");
        }
    }
}

#[test]
fn files_that_are_missing_are_named() {
    for name in [
        FILE,
        "MANIFEST-000001",
        "marker.manifest.000001.MANIFEST-000001",
        "marker.format-version.000001.024",
    ] {
        let mut directory = small(7);
        directory.files.remove(name);
        let found = error(&directory);
        assert!(matches!(found.kind(), ErrorKind::Missing));
        assert!(name.starts_with(found.file()), "{found}");
    }
}

#[test]
fn files_that_cannot_be_read_are_the_fault_of_the_directory() {
    struct Broken(MemoryDirectory);
    impl crate::pebble::Directory for Broken {
        fn files(&self) -> Vec<(String, u64)> {
            self.0.files()
        }
        fn read(&self, name: &str) -> Result<&[u8], Box<dyn std::error::Error + Send + Sync>> {
            if name == FILE { Err("the disk is on fire".into()) } else { self.0.read(name) }
        }
    }
    let directory = Broken(small(7));
    let database = Database::open(&directory).unwrap();
    let found = collect(&database, b"", None).unwrap_err();
    assert_eq!(found.class(), Class::Directory);
    assert_eq!(found.to_string(), "000005.sst: cannot be read: the disk is on fire");
}

#[test]
fn a_log_with_rows_is_refused_while_it_counts() {
    let mut directory = small(7);
    directory.files.insert("000004.log".into(), b"dead".to_vec());
    assert_eq!(all(&directory).unwrap().len(), 9, "older than the oldest that counts");
    directory.files.insert("000005.log".into(), b"alive".to_vec());
    let found = error(&directory);
    assert_eq!((found.file(), found.class()), ("000005.log", Class::Unsupported));
    assert!(matches!(found.kind(), ErrorKind::Unsupported(Feature::WriteAheadLog)));
}

#[test]
fn options_that_say_otherwise_are_refused() {
    for (line, feature) in [
        ("comparer=other", Feature::Comparer("other".into())),
        ("merger=other", Feature::Merger("other".into())),
        ("wal_dir=/elsewhere", Feature::WriteAheadLog),
    ] {
        let mut directory = small(7);
        directory.files.insert("OPTIONS-000009".into(), format!("[Options]\n  {line}\n").into_bytes());
        let found = error(&directory);
        assert_eq!(found.file(), "OPTIONS-000009");
        assert!(matches!(found.kind(), ErrorKind::Unsupported(found) if *found == feature));
    }
    let mut directory = small(7);
    directory.files.insert("OPTIONS-000009".into(), vec![0xff]);
    assert!(matches!(error(&directory).kind(), ErrorKind::Malformed { structure: Structure::Options, .. }));
}

#[test]
fn footers_are_refused_byte_by_byte() {
    let feature = |error: Error| match error.kind() {
        ErrorKind::Unsupported(feature) => feature.clone(),
        other => panic!("{other}"),
    };
    for (format, size) in [(1, 53), (5, 53), (6, 57), (7, 61)] {
        assert!(matches!(footer(format, 1, 0).kind(), ErrorKind::Magic));
        assert_eq!(feature(footer(format, 12, 8)), Feature::TableFormat(8));
        assert_eq!(feature(footer(format, 12, 0)), Feature::TableFormat(0));
        assert_eq!(feature(footer(format, 9, 1)), Feature::TableFormat(1 << 24 | format));
        for kind in [0, 2, 3, 4] {
            assert_eq!(feature(footer(format, size, kind)), Feature::ChecksumType(kind));
        }
        let mut directory = small(format);
        let file = directory.file(FILE);
        let at = file.len() - size + 1;
        file[at..at + 2].copy_from_slice(&[0xff, 0x7f]);
        let outside = unchecked(&directory).unwrap_err();
        assert!(
            matches!(outside.kind(), ErrorKind::Outside { structure: Structure::Metaindex, .. }),
            "{outside}"
        );
    }
    for (bit, expected) in
        [(2, Feature::RangeKeys), (4, Feature::RangeKeys), (8, Feature::RangeKeys), (64, Feature::BlobFiles)]
    {
        assert_eq!(feature(footer(7, 20, 128 | 16 | bit)), expected);
    }
    for attributes in [128, 128 | 16 | 32] {
        assert!(matches!(
            footer(7, 20, attributes).kind(),
            ErrorKind::Malformed { structure: Structure::Footer, .. }
        ));
    }
    for format in [6, 7] {
        let mut directory = small(format);
        let file = directory.file(FILE);
        let at = file.len() - 16;
        file[at] ^= 1;
        let found = error(&directory);
        assert!(matches!(found.kind(), ErrorKind::Checksum { structure: Structure::Footer, .. }));
    }
}

#[test]
fn tables_of_other_databases_are_named() {
    for (magic, name) in [
        ([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb], "LevelDB"),
        ([0xf7, 0xcf, 0xf4, 0x85, 0xb7, 0x41, 0xe2, 0x88], "RocksDB"),
    ] {
        let mut directory = small(7);
        let file = directory.file(FILE);
        let at = file.len() - 8;
        file[at..].copy_from_slice(&magic);
        let found = error(&directory);
        assert!(
            matches!(found.kind(), ErrorKind::Unsupported(Feature::ForeignTable(other)) if *other == name)
        );
    }
}

#[test]
fn properties_that_say_otherwise_are_refused() {
    let with = |format: u32, name: &'static str, value: Option<&[u8]>| {
        let mut writer = TableWriter::new(format);
        writer.properties = vec![(name, value.map(<[u8]>::to_vec))];
        match error(&one_table(&writer, &many(9), &[])).kind() {
            ErrorKind::Unsupported(feature) => feature.clone(),
            other => panic!("{other}"),
        }
    };
    for format in [1, 5, 7] {
        assert_eq!(with(format, "rocksdb.comparator", Some(b"other")), Feature::Comparer("other".into()));
        assert_eq!(with(format, "rocksdb.merge.operator", Some(b"other")), Feature::Merger("other".into()));
        for name in ["pebble.num.range-key-sets", "pebble.num.range-key-unsets", "pebble.num.range-key-dels"]
        {
            assert_eq!(with(format, name, Some(&[1])), Feature::RangeKeys);
        }
    }
    for format in [5, 6, 7] {
        assert_eq!(with(format, "pebble.colblk.schema", Some(b"other")), Feature::KeySchema("other".into()));
        assert_eq!(with(format, "pebble.colblk.schema", None), Feature::KeySchema(String::new()));
    }
    let mut writer = TableWriter::new(7);
    for value in [&[1, 0, 0, 0][..], &[2], &[3, 0, 0, 0], b""] {
        writer.properties = vec![("rocksdb.block.based.table.index.type", Some(value.to_vec()))];
        let found = error(&one_table(&writer, &many(9), &[]));
        assert!(matches!(found.kind(), ErrorKind::Malformed { structure: Structure::Properties, .. }));
    }
    writer.properties = vec![("rocksdb.comparator", None), ("rocksdb.merge.operator", None)];
    assert_eq!(all(&one_table(&writer, &many(9), &[])).unwrap().len(), 9, "these may be left out");
}

#[test]
fn metaindexes_with_what_is_not_read_are_refused() {
    for format in [1, 5, 6, 7] {
        for (name, feature) in
            [("pebble.range_key", Feature::RangeKeys), ("pebble.blob_ref_index", Feature::BlobFiles)]
        {
            let mut writer = TableWriter::new(format);
            writer.metaindex = vec![name];
            let found = error(&one_table(&writer, &many(9), &[]));
            assert!(matches!(found.kind(), ErrorKind::Unsupported(found) if *found == feature), "{found}");
        }
        let mut writer = TableWriter::new(format);
        writer.metaindex = vec!["fullfilter.rocksdb.BuiltinBloomFilter", "pebble.value_index"];
        assert_eq!(all(&one_table(&writer, &many(9), &[])).unwrap().len(), 9);
    }
}

#[test]
fn rows_of_kinds_that_are_not_read_are_refused() {
    for format in [1, 4, 7] {
        let with = |kind| error(&one_table(&TableWriter::new(format), &[Row::of(b"k", 9, kind, b"x")], &[]));
        let merge = with(2);
        assert!(matches!(merge.kind(), ErrorKind::Unsupported(Feature::Merge)));
        assert_eq!((merge.file(), merge.offset()), (FILE, Some(0)));
        for kind in [19, 20, 21] {
            assert!(matches!(with(kind).kind(), ErrorKind::Unsupported(Feature::RangeKeys)));
        }
        for kind in [3, 15, 17, 22, 24, 63, 200] {
            // In format 4, one bit of the kind says that the row is obsolete.
            if format != 4 || kind & 0x40 == 0 {
                assert!(matches!(with(kind).kind(), ErrorKind::Kind(found) if *found == kind), "{kind}");
            }
        }
    }
}

#[test]
fn compression_that_is_not_read_or_does_not_decode_is_refused() {
    let mut writer = TableWriter::new(7);
    for (compression, indicator) in [(Compression::Snappy, 1), (Compression::Zstd, 7)] {
        writer.compression = compression;
        let directory = one_table(&writer, &many(9), &[]);
        let length = {
            let database = Database::open(&directory).unwrap();
            database.data_blocks(&database.tables()[0]).unwrap()[0].length as usize
        };
        assert_eq!(directory.files[FILE][length], indicator);
        let change = |at: usize, byte: u8| {
            let mut directory = directory.clone();
            directory.file(FILE)[at] = byte;
            unchecked(&directory).unwrap_err()
        };
        for other in [2, 3, 4, 5, 6, 8, 9, 255] {
            let found = change(length, other);
            assert!(
                matches!(found.kind(), ErrorKind::Unsupported(Feature::Compression(found)) if *found == other)
            );
            assert_eq!((found.file(), found.offset()), (FILE, Some(0)));
        }
        let structure = Structure::DataBlock;
        assert!(
            matches!(change(0, 0).kind(), ErrorKind::Compression { structure: found } if *found == structure)
        );
        let longer = directory.files[FILE][0] ^ 1;
        assert!(matches!(change(0, longer).kind(), ErrorKind::Compression { .. }));
    }
}

#[test]
fn columnar_blocks_are_refused_field_by_field() {
    let directory = one_table(&TableWriter::new(7), &many(9), &[]);
    let change = |at: usize, byte: u8| {
        let mut directory = directory.clone();
        directory.file(FILE)[at] = byte;
        unchecked(&directory).unwrap_err().kind().to_string()
    };
    assert_eq!(change(4, 2), "a data block is damaged: its version is not 1");
    assert_eq!(change(5, 6), "a data block is damaged: it has another number of columns");
    assert!(change(10, 1).starts_with("a data block declares 16777225, more than the limit of "));
    for column in 0..7 {
        let entry = 11 + 5 * column;
        assert_eq!(change(entry, 9), "a data block is damaged: a column has another type", "{column}");
        assert_eq!(
            change(entry + 4, 1),
            "a data block is damaged: a column has no place in its block",
            "{column}"
        );
    }
    assert_eq!(change(46, 7), "a data block is damaged: bundles of keys are too large");
    assert_eq!(change(47, 3), "a data block is damaged: numbers have an impossible width");
    assert_eq!(change(47, 0x81), "a data block is damaged: offsets have an impossible encoding");
    assert_eq!(change(48, 0xff), "a data block is damaged: the prefix of all keys is outside");
    assert_eq!(change(51, 0xff), "a data block is damaged: a row is outside of its column, or out of order");
}

#[test]
fn row_blocks_are_refused_field_by_field() {
    let directory = one_table(&TableWriter::new(1), &many(9), &[]);
    let length = {
        let database = Database::open(&directory).unwrap();
        database.data_blocks(&database.tables()[0]).unwrap()[0].length as usize
    };
    let change = |at: usize, byte: u8| {
        let mut directory = directory.clone();
        directory.file(FILE)[at] = byte;
        unchecked(&directory).unwrap_err().kind().to_string()
    };
    // The first entry has three bytes of lengths, twelve of its key, and seven of its value.
    assert_eq!(change(22, 0x7f), "a data block is damaged: a key shares more than there is");
    // The last one shares three bytes, and one restart and their count stand behind it.
    assert_eq!(change(length - 8 - 7 - 9 - 1, 0x7f), "ends inside a data block");
    assert_eq!(change(length - 8 - 7 - 9 - 2, 0x7f), "ends inside a data block");
    assert_eq!(change(1, 7), "ends inside an internal key");
    assert_eq!(change(length - 1, 0x7f), "ends inside a data block");
}

#[test]
fn index_entries_that_share_bytes_are_refused() {
    for format in [1, 7] {
        let mut writer = TableWriter::new(format);
        writer.block_size = 1;
        let directory = one_table(&writer, &many(3), &[]);
        let place = {
            let database = Database::open(&directory).unwrap();
            database.data_blocks(&database.tables()[0]).unwrap()[1]
        };
        let (from, to) = match format {
            1 => (vec![place.offset as u8, place.length as u8], vec![0, place.length as u8]),
            _ => {
                let offsets = [0, place.offset as u8, 2 * place.offset as u8];
                (offsets.to_vec(), vec![0, 0, offsets[2]])
            }
        };
        let found = after(&directory, &from, &to);
        assert_eq!(
            found.kind().to_string(),
            "an index block is damaged: two entries point to the same bytes"
        );
    }
}

#[test]
fn leaves_of_an_index_that_share_blocks_are_refused() {
    let mut writer = TableWriter::new(1);
    (writer.block_size, writer.index_entries) = (1, 1);
    let directory = one_table(&writer, &many(3), &[]);
    let place = {
        let database = Database::open(&directory).unwrap();
        database.data_blocks(&database.tables()[0]).unwrap()[1]
    };
    let entry = |offset: u64| [offset as u8, place.length as u8, 0, 2, b'x', b'y'];
    let found = after(&directory, &entry(place.offset), &entry(0));
    assert_eq!(found.kind().to_string(), "an index block is damaged: two entries point to the same bytes");
}

#[test]
fn range_deletions_that_make_no_sense_are_refused() {
    for format in [1, 7] {
        let directory = one_table(&TableWriter::new(format), &[], &[Span::new(b"sssss", b"ttttt", 3)]);
        let found = after(&directory, b"ttttt", b"rrrrr");
        assert_eq!(
            found.kind().to_string(),
            "the block of range deletions is damaged: a span ends before it starts"
        );
    }
    let directory = one_table(&TableWriter::new(1), &[], &[Span::new(b"sssss", b"ttttt", 3)]);
    for (kind, expected) in
        [(21, "uses range keys, which is not supported"), (1, "holds a row of the impossible kind 1")]
    {
        let mut key = b"sssss".to_vec();
        key.extend((3 << 8 | 15_u64).to_le_bytes());
        let mut changed = key.clone();
        changed[5] = kind;
        assert_eq!(after(&directory, &key, &changed).kind().to_string(), expected);
    }
}

#[test]
fn random_bytes_are_no_database_and_no_panic() {
    let mut random = Random::new(9);
    for round in 0..3000 {
        let format = 1 + (round % 7) as u32;
        let mut writer = TableWriter::new(format);
        (writer.block_size, writer.index_entries) = (random.of(&[1, 100, 1000]), random.of(&[1, 3, 100]));
        writer.compression = random.of(&[Compression::None, Compression::Snappy, Compression::Zstd]);
        let mut directory = one_table(&writer, &many(12), &[Span::new(b"a00", b"b", 15)]);
        let name = random.of(&[FILE, FILE, "MANIFEST-000001"]);
        for _ in 0..1 + random.below(6) {
            let file = directory.file(name);
            let at = random.below(file.len());
            file[at] = random.of(&[0, 1, 0x7f, 0x80, 0xff, random.0 as u8]);
        }
        let Ok(database) = Database::open_with(&directory, UNCHECKED) else { continue };
        let _ = (
            collect(&database, b"", None),
            collect(&database, b"a003", Some(b"a007")),
            database.get(b"a005"),
        );
        for table in database.tables() {
            let _ = (database.check(table), database.describe(table).is_ok());
        }
    }
}
