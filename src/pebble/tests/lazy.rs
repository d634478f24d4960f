//! Only what can matter is read.

use super::*;
use crate::pebble::testing::Compression;

/// Ten tables that do not overlap, and one with newer rows in the fifth and sixth.
fn ten() -> MemoryDirectory {
    let mut database = DatabaseWriter::new();
    let mut writer = TableWriter::new(7);
    (writer.block_size, writer.index_entries, writer.compression) = (200, 4, Compression::Snappy);
    for rows in many(500).chunks(50) {
        database.add(6, &writer, rows, &[]);
    }
    let newer = [Row::set(b"a230", 2000, b"newer"), Row::delete(b"a260", 2001)];
    database.add(0, &writer, &newer, &[]);
    database.directory.files.insert("OPTIONS-000003".into(), b"[Options]\n  comparer=x\n".to_vec());
    let options =
        b"[Options]\n  comparer=leveldb.BytewiseComparator\n  merger=pebble.concatenate\n  wal_dir=\n";
    database.directory.files.insert("OPTIONS-000014".into(), options.to_vec());
    database.finish()
}

#[test]
fn tables_are_listed_by_level_and_first_key() {
    let directory = ten();
    let database = Database::open(&directory).unwrap();
    let levels: Vec<_> = database
        .levels()
        .map(|(level, tables)| (level, tables.iter().map(|table| table.number).collect::<Vec<_>>()))
        .collect();
    assert_eq!(levels, [(0, vec![15]), (6, (5..15).collect())]);
}

#[test]
fn opening_reads_the_manifest_and_the_newest_options() {
    let directory = ten();
    let database = Database::open(&directory).unwrap();
    assert_eq!(directory.take_reads(), ["MANIFEST-000001", "OPTIONS-000014"]);
    let mut scan = database.scan(b"", None);
    scan.seek(b"a100");
    assert_eq!(directory.take_reads(), <[&str; 0]>::default(), "nothing is asked for yet");
}

#[test]
fn a_scan_opens_only_tables_that_overlap_its_range() {
    let directory = ten();
    let database = Database::open(&directory).unwrap();
    directory.take_reads();
    assert_eq!(collect(&database, b"a060", Some(b"a070")).unwrap().len(), 10);
    assert_eq!(directory.take_reads(), ["000006.sst"]);
    assert_eq!(collect(&database, b"a249", Some(b"a251")).unwrap().len(), 2);
    assert_eq!(directory.take_reads(), ["000009.sst", "000010.sst", "000015.sst"]);
    assert_eq!(collect(&database, b"b", None).unwrap().len(), 0);
    assert_eq!(collect(&database, b"", Some(b"a")).unwrap().len(), 0);
    assert_eq!(directory.take_reads(), <[&str; 0]>::default());
}

#[test]
fn a_scan_opens_tables_as_it_comes_to_them() {
    let directory = ten();
    let database = Database::open(&directory).unwrap();
    directory.take_reads();
    let mut scan = database.scan(b"", None);
    scan.next().unwrap();
    assert_eq!(directory.take_reads(), ["000005.sst"]);
    for _ in 0..49 {
        scan.next().unwrap();
    }
    assert_eq!(directory.take_reads(), <[&str; 0]>::default());
    scan.next().unwrap();
    assert_eq!(directory.take_reads(), ["000006.sst"]);
    let rest = std::iter::from_fn(|| scan.next().unwrap().map(|(key, _)| key.to_vec())).count();
    assert_eq!(rest, 500 - 51 - 1);
}

#[test]
fn a_look_up_opens_only_tables_around_its_key() {
    let directory = ten();
    let database = Database::open(&directory).unwrap();
    directory.take_reads();
    assert_eq!(database.get(b"a300").unwrap().as_deref(), Some(&b"value 300"[..]));
    assert_eq!(directory.take_reads(), ["000011.sst"]);
    assert_eq!(database.get(b"b").unwrap(), None);
    assert_eq!(directory.take_reads(), <[&str; 0]>::default());
    // What the newest table says cannot be changed by an older one.
    assert_eq!(database.get(b"a230").unwrap().as_deref(), Some(&b"newer"[..]));
    assert_eq!(database.get(b"a260").unwrap(), None);
    assert_eq!(directory.take_reads(), ["000015.sst"]);
}

#[test]
fn files_that_come_next_are_announced_once() {
    let directory = ten();
    let database = Database::open(&directory).unwrap();
    collect(&database, b"a060", Some(b"a130")).unwrap();
    assert_eq!(directory.take_announced(), [["000006.sst", "000007.sst"]]);
    collect(&database, b"", None).unwrap();
    let [names] = &directory.take_announced()[..] else { panic!() };
    let mut rest: Vec<String> = (5..=15).map(|number| format!("{number:06}.sst")).collect();
    rest.retain(|name| !["000006.sst", "000007.sst"].contains(&&**name));
    let (mut sorted, first) = (names.clone(), names[0].clone());
    sorted.sort();
    assert_eq!((sorted, &*first), (rest, "000005.sst"));
    collect(&database, b"", None).unwrap();
    assert_eq!(directory.take_announced(), Vec::<Vec<String>>::new());
}

/// The offsets of the data blocks of a file that are broken on purpose, all but one.
fn break_blocks(directory: &mut MemoryDirectory, name: &str, keep: usize, blocks: usize) {
    let offsets: Vec<u64> = {
        let database = Database::open(&*directory).unwrap();
        let table = database.tables().iter().find(|table| table.file_name() == name).unwrap();
        database.data_blocks(table).unwrap().iter().map(|place| place.offset).collect()
    };
    assert_eq!(offsets.len(), blocks);
    for (_, offset) in offsets.iter().enumerate().filter(|(block, _)| *block != keep) {
        directory.file(name)[*offset as usize + 3] ^= 1;
    }
}

#[test]
fn only_blocks_that_can_hold_the_range_are_decoded() {
    for format in [1, 7] {
        for index_entries in [3, 1000] {
            let mut writer = TableWriter::new(format);
            (writer.block_size, writer.index_entries) = (8 * 5, index_entries);
            let rows: Vec<Row> =
                many(80).into_iter().map(|row| Row { value: b"1".to_vec(), ..row }).collect();
            let mut directory = one_table(&writer, &rows, &[]);
            break_blocks(&mut directory, "000005.sst", 3, 10);
            let database = Database::open(&directory).unwrap();
            let whole = collect(&database, b"", None).unwrap_err();
            assert!(matches!(whole.kind(), ErrorKind::Checksum { .. }));
            let range = pairs_of(&rows[24..32]);
            assert_eq!(collect(&database, b"a024", Some(b"a031")).unwrap(), range[..7]);
            assert_eq!(collect(&database, b"a025", Some(b"a026")).unwrap(), range[1..2]);
            for (key, value) in &range {
                assert_eq!(database.get(key).unwrap().as_deref(), Some(&**value));
            }
            assert!(database.get(b"a023").is_err());
            let mut scan = database.scan(b"", None);
            scan.seek(b"a024");
            for pair in &range {
                assert_eq!(scan.next().unwrap(), Some((&*pair.0, &*pair.1)));
            }
            assert!(scan.next().is_err());
            assert!(scan.next().unwrap().is_none(), "an error ends a scan");
        }
    }
}

#[test]
fn values_of_plain_blocks_are_lent_by_look_ups() {
    use std::borrow::Cow;
    for (compression, lent) in [(Compression::None, true), (Compression::Snappy, false)] {
        for format in [2, 7] {
            let mut writer = TableWriter::new(format);
            writer.compression = compression;
            let directory = one_table(&writer, &many(9), &[]);
            let database = Database::open(&directory).unwrap();
            for _ in 0..2 {
                let value = database.get(b"a003").unwrap().unwrap();
                assert_eq!(&*value, b"value 3");
                assert_eq!(matches!(value, Cow::Borrowed(_)), lent);
            }
        }
    }
}

#[test]
fn many_threads_may_read_one_database() {
    let directory = ten();
    let database = Database::open(&directory).unwrap();
    let expected = collect(&Database::open(&directory).unwrap(), b"", None).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (database, expected) = (&database, &expected);
            scope.spawn(move || {
                for (key, value) in expected.iter().skip(thread).step_by(3) {
                    assert_eq!(database.get(key).unwrap().as_deref(), Some(&**value));
                }
                assert_eq!(collect(database, b"", None).unwrap(), *expected);
            });
        }
    });
}
