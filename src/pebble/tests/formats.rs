//! Every format, compression and width gives back what was written.

use super::*;
use crate::pebble::testing::{Compression, Random};

const COMPRESSIONS: [Compression; 3] = [Compression::None, Compression::Snappy, Compression::Zstd];

/// Looks at a database from all sides.
fn assert_holds(directory: &MemoryDirectory, expected: &[Pair]) {
    let database = Database::open(directory).unwrap();
    assert_eq!(collect(&database, b"", None).unwrap(), expected);
    for (index, (key, value)) in expected.iter().enumerate() {
        assert_eq!(database.get(key).unwrap().as_deref(), Some(&**value));
        let mut scan = database.scan(b"", None);
        scan.seek(key);
        assert_eq!(scan.next().unwrap(), Some((&**key, &**value)));
        let above = [&**key, b"\0"].concat();
        let next = expected.get(index + 1).filter(|(next, _)| *next == above);
        assert_eq!(database.get(&above).unwrap().as_deref(), next.map(|(_, value)| &**value));
        if index % 7 == 0 {
            assert_eq!(collect(&database, key, None).unwrap(), expected[index..]);
            assert_eq!(collect(&database, b"", Some(key)).unwrap(), expected[..index]);
            assert_eq!(collect(&database, &above, None).unwrap(), expected[index + 1..]);
        }
    }
    for table in database.tables() {
        let checked = database.check(table);
        assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    }
}

/// Sorted keys of all shapes, some with several versions.
fn mixed(random: &mut Random, count: usize) -> (Vec<Row>, Vec<Pair>) {
    let mut keys: Vec<Vec<u8>> = (0..count)
        .map(|_| {
            let mut key =
                random.of(&[&b""[..], b"\x03\x04\0group\0g1", b"\x03\x04\0user\0", b"\xff\xff"]).to_vec();
            key.extend((0..random.below(6)).map(|_| random.of(b"\0\x01ab\xff")));
            key
        })
        .collect();
    keys.sort();
    keys.dedup();
    let (mut rows, mut pairs) = (Vec::new(), Vec::new());
    for key in keys {
        let mut sequence = 1000 + random.below(1 << 20) as u64;
        let value = vec![b'v'; random.of(&[0, 1, 5, 300])];
        rows.push(Row::of(&key, sequence, random.of(&[1, 18]), &value));
        pairs.push((key.clone(), value));
        while random.one_in(3) {
            sequence -= 1;
            let older = Row::of(&key, sequence, random.of(&[0, 1, 7, 18, 23]), b"");
            rows.push(if random.one_in(2) { older.obsolete() } else { older });
        }
    }
    (rows, pairs)
}

#[test]
fn every_format_gives_back_what_was_written() {
    let mut random = Random::new(1);
    for format in 1..=7 {
        for compression in COMPRESSIONS {
            for (block_size, index_entries) in [(1, 3), (200, 4), (1 << 20, 100)] {
                let mut writer = TableWriter::new(format);
                (writer.compression, writer.block_size, writer.index_entries) =
                    (compression, block_size, index_entries);
                writer.widths.least = random.of(&[0, 1, 2, 4, 8]);
                writer.widths.delta = random.one_in(2);
                let (rows, pairs) = mixed(&mut random, 100);
                assert_holds(&one_table(&writer, &rows, &[]), &pairs);
            }
        }
    }
}

#[test]
fn an_index_has_two_levels_when_it_says_so() {
    for format in [2, 7] {
        let mut writer = TableWriter::new(format);
        (writer.block_size, writer.index_entries) = (60, 5);
        let rows = many(300);
        let directory = one_table(&writer, &rows, &[]);
        let database = Database::open(&directory).unwrap();
        let description = database.describe(&database.tables()[0]).unwrap();
        assert!(description.two_level_index);
        assert_eq!(description.format, format);
        assert!(description.properties.data_blocks() > 25);
        assert_holds(&directory, &pairs_of(&rows));
    }
}

#[test]
fn versions_of_one_key_in_several_blocks_are_one_row() {
    for format in 1..=7 {
        let mut writer = TableWriter::new(format);
        writer.block_size = 1;
        let mut rows = vec![Row::set(b"a", 9, b"1")];
        rows.extend((0..40).rev().map(|sequence| Row::set(b"b", 100 + sequence, &[sequence as u8])));
        rows.push(Row::delete(b"c", 8));
        rows.extend((0..5).rev().map(|sequence| Row::set(b"c", 1 + sequence, b"old")));
        rows.push(Row::set(b"d", 1, b"4"));
        let expected = [pair("a", "1"), (b"b".to_vec(), vec![39]), pair("d", "4")];
        let directory = one_table(&writer, &rows, &[]);
        assert_eq!(all(&directory).unwrap(), expected);
        let database = Database::open(&directory).unwrap();
        assert_eq!(database.get(b"c").unwrap(), None);
        assert_eq!(collect(&database, b"b", Some(b"c")).unwrap(), expected[1..2]);
    }
}

#[test]
fn a_bundle_of_keys_may_start_with_the_key_that_ended_the_one_before() {
    for count in 14..35 {
        let mut rows = many(count);
        let last = rows.last().unwrap().clone();
        rows.extend((1..20).map(|age| Row { sequence: last.sequence - age, ..last.clone() }));
        let mut writer = TableWriter::new(7);
        for least in [0, 2] {
            writer.widths.least = least;
            assert_eq!(all(&one_table(&writer, &rows, &[])).unwrap(), pairs_of(&many(count)));
        }
    }
}

#[test]
fn a_table_may_hold_nothing_but_a_range_deletion() {
    for format in 1..=7 {
        let spans = [Span::new(b"a", b"c", 0)];
        let directory = one_table(&TableWriter::new(format), &[], &spans);
        assert_eq!(all(&directory).unwrap(), []);
        let database = Database::open(&directory).unwrap();
        assert_eq!(database.get(b"b").unwrap(), None);
        let [table] = database.tables() else { panic!() };
        let found = database.describe(table).unwrap().range_deletions;
        assert_eq!((found[0].start, found[0].end, found[0].sequence), (&b"a"[..], &b"c"[..], 0));
    }
}

#[test]
fn the_byte_before_a_value_is_no_part_of_it() {
    let rows = [Row::set(b"a", 1, b""), Row::of(b"b", 2, 18, b"with"), Row::set(b"c", 3, b"x")];
    let expected = [pair("a", ""), pair("b", "with"), pair("c", "x")];
    for format in 1..=7 {
        assert_eq!(all(&one_table(&TableWriter::new(format), &rows, &[])).unwrap(), expected);
    }
}

#[test]
fn a_value_elsewhere_is_refused_only_where_it_is_needed() {
    for format in [3, 4, 5, 6, 7] {
        let needed = Row { external: true, ..Row::set(b"b", 7, b"handle") };
        let newer = Row::set(b"b", 8, b"new");
        let rows = [Row::set(b"a", 1, b"1"), newer.clone(), needed.clone(), Row::set(b"c", 1, b"3")];
        let expected = [pair("a", "1"), pair("b", "new"), pair("c", "3")];
        let directory = one_table(&TableWriter::new(format), &rows, &[]);
        assert_eq!(all(&directory).unwrap(), expected);
        let database = Database::open(&directory).unwrap();
        assert!(database.check(&database.tables()[0]).faults.is_empty());

        let rows = [Row::set(b"a", 1, b"1"), needed];
        let directory = one_table(&TableWriter::new(format), &rows, &[]);
        let database = Database::open(&directory).unwrap();
        let refused = |error: &Error| {
            matches!(error.kind(), ErrorKind::Unsupported(crate::pebble::Feature::ValueBlocks))
                && error.file() == "000005.sst"
                && error.offset() == Some(0)
        };
        assert!(refused(&collect(&database, b"", None).unwrap_err()));
        let mut scan = database.scan(b"b", None);
        assert!(scan.next().is_err() && scan.next().unwrap().is_none(), "an error ends a scan");
        assert!(refused(&database.get(b"b").unwrap_err()));
        assert!(refused(&database.check(&database.tables()[0]).faults[0]));
        assert_eq!(collect(&database, b"", Some(b"b")).unwrap(), expected[..1]);
    }
}
