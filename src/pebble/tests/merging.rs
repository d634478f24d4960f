//! What is visible when tables overlap: sequence numbers, deletions, virtual tables, ingested tables.

use super::*;
use crate::pebble::testing::{Edit, TableEdit, internal_key};

const LAST: u64 = (1 << 56) - 1;

fn database(tables: &[(&[Row], &[Span])]) -> MemoryDirectory {
    let mut database = DatabaseWriter::new();
    for (format, (rows, spans)) in (1..=7).cycle().zip(tables) {
        database.add(0, &TableWriter::new(format), rows, spans);
    }
    database.finish()
}

/// Scans and look-ups agree on these rows, and on there being no others.
fn assert_visible(directory: &MemoryDirectory, expected: &[Pair], absent: &[&str]) {
    assert_eq!(all(directory).unwrap(), expected);
    let database = Database::open(directory).unwrap();
    for (key, value) in expected {
        assert_eq!(database.get(key).unwrap().as_deref(), Some(&**value));
    }
    for key in absent {
        assert_eq!(database.get(key.as_bytes()).unwrap(), None, "{key}");
    }
}

#[test]
fn the_newest_row_of_a_key_wins_in_whatever_table_it_is() {
    let old = [Row::set(b"a", 5, b"old"), Row::set(b"b", 9, b"new"), Row::set(b"c", 1, b"kept")];
    let new = [Row::set(b"a", 8, b"new"), Row::set(b"b", 2, b"old")];
    let expected = [pair("a", "new"), pair("b", "new"), pair("c", "kept")];
    assert_visible(&database(&[(&old, &[]), (&new, &[])]), &expected, &["", "aa", "d"]);
    assert_visible(&database(&[(&new, &[]), (&old, &[])]), &expected, &[]);
}

#[test]
fn every_kind_of_point_deletion_hides_what_is_older() {
    for kind in [0, 7, 23] {
        let old = [Row::set(b"a", 5, b"gone"), Row::set(b"b", 9, b"kept")];
        let new = [Row::of(b"a", 6, kind, b""), Row::of(b"b", 8, kind, b""), Row::of(b"c", 1, kind, b"")];
        assert_visible(&database(&[(&old, &[]), (&new, &[])]), &[pair("b", "kept")], &["a", "c"]);
    }
}

#[test]
fn a_range_deletion_hides_older_rows_of_every_table_from_its_start_up_to_its_end() {
    let rows: Vec<Row> = ["a", "b", "bb", "c", "d"].map(|key| Row::set(key.as_bytes(), 5, b"old")).to_vec();
    let newer = [Row::set(b"bc", 7, b"new"), Row::set(b"bd", 6, b"same")];
    let spans = [Span::new(b"b", b"c", 6)];
    let expected =
        [pair("a", "old"), pair("bc", "new"), pair("bd", "same"), pair("c", "old"), pair("d", "old")];
    assert_visible(&database(&[(&rows, &[]), (&newer, &spans)]), &expected, &["b", "bb"]);
    let apart = database(&[(&newer, &[]), (&[], &spans), (&rows, &[])]);
    assert_visible(&apart, &expected, &["b", "bb"]);
}

#[test]
fn of_range_deletions_around_a_key_only_the_newest_counts() {
    let rows: Vec<Row> = (0..8).map(|i| Row::set(&[b'a' + i], 10 * u64::from(i), b"v")).collect();
    let first = [Span::new(b"a", b"e", 25)];
    let second = [Span::new(b"b", b"g", 45), Span::new(b"b", b"g", 5)];
    let third = [Span::new(b"c", b"d", 15), Span::new(b"f", b"h", 65)];
    let tables: [(&[Row], &[Span]); 4] = [(&rows, &[]), (&[], &first), (&[], &second), (&[], &third)];
    // 25 hides a to c, 45 b to e, 65 f and g (60); h has 70.
    assert_visible(&database(&tables), &[pair("h", "v")], &["a", "b", "c", "d", "e", "f", "g"]);
}

#[test]
fn spans_of_one_table_may_overlap() {
    let rows: Vec<Row> = (0..8).map(|i| Row::set(&[b'a' + i], 10 * u64::from(i), b"v")).collect();
    let spans = [Span::new(b"a", b"h", 15), Span::new(b"b", b"d", 35), Span::new(b"c", b"f", 25)];
    let mut writer = DatabaseWriter::new();
    writer.add(0, &TableWriter::new(3), &rows, &spans);
    let expected: Vec<Pair> = ["d", "e", "f", "g", "h"].map(|key| pair(key, "v")).to_vec();
    assert_visible(&writer.finish(), &expected, &["a", "b", "c"]);
}

#[test]
fn obsolete_rows_do_not_count() {
    for format in [4, 5, 6, 7] {
        let rows = [
            Row::set(b"a", 9, b"hidden").obsolete(),
            Row::set(b"b", 9, b"hidden").obsolete(),
            Row::set(b"b", 8, b"shown"),
            Row::delete(b"c", 9).obsolete(),
            Row::set(b"c", 8, b"shown"),
            Row::set(b"d", 8, b"hidden").obsolete(),
        ];
        let directory = one_table(&TableWriter::new(format), &rows, &[]);
        assert_visible(&directory, &[pair("b", "shown"), pair("c", "shown")], &["a", "d"]);
    }
}

#[test]
fn an_ingested_table_has_the_sequence_number_of_its_ingestion() {
    for format in [4, 5, 7] {
        let mut database = DatabaseWriter::new();
        let writer = TableWriter::new(format);
        let before = ["a", "b", "c", "d"].map(|key| Row::set(key.as_bytes(), 20, b"before"));
        database.add(0, &writer, &before, &[]);
        let ingested = [
            Row::set(b"a", 0, b"ingested"),
            Row::delete(b"b", 0),
            Row::set(b"c", 0, b"ingested"),
            Row::set(b"c", 0, b"hidden").obsolete(),
        ];
        database.ingest(0, &writer, &ingested, &[Span::new(b"c", b"e", 0)], 30);
        let after = [Row::set(b"a", 31, b"after")];
        database.add(0, &writer, &after, &[]);
        // The range deletion is as old as the rows of its table, and so hides none of them.
        assert_visible(&database.finish(), &[pair("a", "after"), pair("c", "ingested")], &["b", "d"]);
    }
}

#[test]
fn a_flushed_table_of_one_row_keeps_its_sequence_number() {
    let directory = database(&[(&[Row::set(b"a", 20, b"one")], &[]), (&[Row::set(b"a", 19, b"two")], &[])]);
    assert_visible(&directory, &[pair("a", "one")], &[]);
}

/// Keys a to h in one file, of which virtual tables show parts.
fn with_virtual_tables(parts: &[(&str, &str, bool, (u64, u64))], spans: &[Span]) -> MemoryDirectory {
    let mut database = DatabaseWriter::new();
    let rows: Vec<Row> = (b'a'..=b'h').map(|key| Row::set(&[key], 20, b"part")).collect();
    let mut writer = TableWriter::new(7);
    writer.block_size = 6;
    let (file, size) = database.write_file(&writer, &rows, spans);
    let mut edit = Edit::default().backing(file, size as u64);
    for (smallest, largest, inclusive, sequences) in parts {
        let number = database.next_number();
        let largest = match inclusive {
            true => internal_key(largest.as_bytes(), 20, 1),
            false => internal_key(largest.as_bytes(), LAST, 15),
        };
        edit = edit.add(&TableEdit {
            level: 6,
            number,
            size: 7,
            smallest: internal_key(smallest.as_bytes(), 20, 1),
            largest,
            sequences: *sequences,
            backing: Some(file),
        });
    }
    database.edits.push(edit);
    let others: Vec<Row> = (b'a'..=b'h').map(|key| Row::set(&[key, b'1'], 10, b"other")).collect();
    database.add(0, &TableWriter::new(7), &others, &[]);
    database.finish()
}

fn keys(rows: Vec<Pair>) -> String {
    let keys = rows.into_iter().map(|(key, _)| String::from_utf8(key).unwrap());
    keys.filter(|key| key.len() == 1).collect()
}

#[test]
fn of_a_virtual_table_only_the_part_within_its_bounds_is_there() {
    for (parts, shown) in [
        (&[("b", "d", true, (20, 20))][..], "bcd"),
        (&[("b", "d", false, (20, 20))], "bc"),
        (&[("a0", "cc", true, (20, 20))], "bc"),
        (&[("", "a", true, (0, 20)), ("c", "d", false, (0, 20)), ("d", "f", true, (0, 20))], "acdef"),
        (&[("x", "z", true, (0, 20))], ""),
        (&[], ""),
    ] {
        let directory = with_virtual_tables(parts, &[]);
        assert_eq!(keys(all(&directory).unwrap()), shown);
        let database = Database::open(&directory).unwrap();
        for key in 'a'..='h' {
            let found = database.get(key.to_string().as_bytes()).unwrap().is_some();
            assert_eq!(found, shown.contains(key), "{key}");
        }
        let rows = collect(&database, b"b", Some(b"d")).unwrap();
        assert_eq!(keys(rows), shown.replace(|key| !"bc".contains(key), ""));
        let mut scan = database.scan(b"", None);
        scan.seek(b"c");
        let next = scan.next().unwrap().map(|(key, _)| key.to_vec());
        let expected = if shown.contains('c') { b"c".to_vec() } else { b"c1".to_vec() };
        assert_eq!(next, Some(expected));
    }
}

#[test]
fn range_deletions_of_a_virtual_table_end_at_its_bounds() {
    // The rows of the file are as old as the deletion, those of the other table older.
    let spans = [Span::new(b"a", b"h", 20)];
    let shown = |parts: &[_]| {
        let rows = all(&with_virtual_tables(parts, &spans)).unwrap();
        let keys = rows.into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect::<Vec<_>>();
        keys.join(" ")
    };
    assert_eq!(shown(&[("b", "d", false, (0, 20))]), "a1 b c d1 e1 f1 g1 h1");
    assert_eq!(shown(&[("b", "d", true, (0, 20))]), "a1 b c d d1 e1 f1 g1 h1");
    assert_eq!(shown(&[("b1", "b2", false, (0, 20)), ("c", "c1", false, (0, 20))]), "a1 c c1 d1 e1 f1 g1 h1");
}

#[test]
fn a_virtual_table_may_be_of_an_ingested_file() {
    let mut parts = [("b", "d", true, (5, 5))];
    let covered = |parts: &[_]| keys(all(&with_virtual_tables(parts, &[Span::new(b"c", b"d", 99)])).unwrap());
    // All rows and spans of the part have one number, so no row is older than a span.
    assert_eq!(covered(&parts), "bcd");
    parts[0].3 = (5, 99);
    assert_eq!(covered(&parts), "bd");
}

#[test]
fn a_bound_that_is_inside_ends_behind_all_versions_of_its_key() {
    let mut database = DatabaseWriter::new();
    let mut writer = TableWriter::new(7);
    writer.block_size = 1;
    let rows = [Row::set(b"k", 9, b"hidden").obsolete(), Row::set(b"k", 8, b"shown"), Row::set(b"l", 1, b"")];
    let (file, size) = database.write_file(&writer, &rows, &[]);
    let part = TableEdit { backing: Some(file), ..TableEdit::new(99, size, b"k", b"k") };
    database.edits.push(Edit::default().backing(file, size as u64).add(&part));
    assert_visible(&database.finish(), &[pair("k", "shown")], &["l"]);
}

#[test]
fn hundreds_of_overlapping_tables_merge() {
    let mut database = DatabaseWriter::new();
    let mut expected = std::collections::BTreeMap::new();
    for table in 0..240_u64 {
        let rows: Vec<Row> = (0..40_u64)
            .map(|row| {
                let key = format!("{:05}", row * 251 + table * 13 % 251);
                Row::set(key.as_bytes(), 1000 * (1 + table * 7 % 240) + row, format!("{table}").as_bytes())
            })
            .collect();
        for row in &rows {
            let newest: &mut (u64, Vec<u8>) = expected.entry(row.key.clone()).or_default();
            *newest = newest.clone().max((row.sequence, row.value.clone()));
        }
        database.add(0, &TableWriter::new(1 + (table % 7) as u32), &rows, &[]);
    }
    let expected: Vec<Pair> = expected.into_iter().map(|(key, (_, value))| (key, value)).collect();
    assert_visible(&database.finish(), &expected, &["", "99999"]);
}

#[test]
fn a_scan_can_be_sent_back_and_forth() {
    let rows = many(100);
    let mut writer = TableWriter::new(7);
    writer.block_size = 50;
    let directory = one_table(&writer, &rows, &[]);
    let database = Database::open(&directory).unwrap();
    let mut scan = database.scan(b"a010", Some(b"a090"));
    for (target, first) in [
        ("a050", "a050"),
        ("a020", "a020"),
        ("", "a010"),
        ("a0205", "a021"),
        ("a089", "a089"),
        ("a01", "a010"),
    ] {
        scan.seek(target.as_bytes());
        assert_eq!(scan.next().unwrap().unwrap().0, first.as_bytes(), "{target}");
    }
    for beyond in ["a090", "b"] {
        scan.seek(beyond.as_bytes());
        assert!(scan.next().unwrap().is_none());
        assert!(scan.next().unwrap().is_none());
    }
}

#[test]
fn empty_and_reversed_ranges_hold_nothing() {
    let directory = one_table(&TableWriter::new(7), &many(20), &[]);
    let database = Database::open(&directory).unwrap();
    for (lower, upper) in [("a005", "a005"), ("a009", "a001"), ("", ""), ("b", "c"), ("Z", "a000")] {
        assert_eq!(collect(&database, lower.as_bytes(), Some(upper.as_bytes())).unwrap(), []);
    }
}
