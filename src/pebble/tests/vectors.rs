//! Bytes that others wrote.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::pebble::testing::{Edit, TableEdit, log};
use crate::pebble::version_edit::VersionEdit;

/// A manifest of one table.
const MANIFEST: &str = "\
    0lBAlFEAAQEabGV2ZWxkYi5CeXRld2lzZUNvbXBhcmF0b3IDAwQKZAYC1AYOAwEAZ3JwAQAAAAAAAAAaA/9rZXlzcGFjZV92ZXJzaW9uAQAAAAAA\
    AAAAAA==";

/// Ten rows in format 1.
const ROWS: &str = "\
    AA4ZAwEAZ3JwAQAAAAAAAAASA2dycBoDZ3JwIgVHUk9VUDIGCIDy1soGAwsYdXNyAQAAAAAAAAASA3VzchoDdXNyIgRVU0VSMgYIgPLWygYBEBUCAGdy\
    cABnMQEAAAAAAAAAEgNncnAaAmcxIgJHMUIGCIDy1soGAw4VdXNyAHUxAQAAAAAAAAASA3VzchoCdTEiAlUxQgYIgPLWygYBFikDAGdycABnMQAxAG1i\
    cgEAAAAAAAAAEgpncnA6ZzE6bWJyGgkKA2dycBICZzEiA01ickIGCIDy1soGSgNtYnIBHT0EAGdycABnMQAxAG1icgB1c3IAdTEBAAAAAAAAABIRZ3Jw\
    OmcxOm1icjp1c3I6dTEaFQoDZ3JwEgJnMRoKZ3JwOmcxOm1iciIJCgN1c3ISAnUxKgYIgPLWygYBCS8GAQAAAAAAAAAKGzNNU2FxeFJ0bHNhTFJRemh0\
    TU5iSGoyTXY4UhABIgYIgPLWygYqBgi88tbKBgEeAAcEAHVzcgB1MQBncnAAZzEAMQBtYnIBAAAAAAAAAAEkBP9ncmFudF9lbnRpdGxlbWVudF9pZF9m\
    b3JtYXQBAAAAAAAAAAAAAAICGARrZXlzcGFjZV92ZXJzaW9uAQAAAAAAAAAAAAACAAAAAAEAAAAAuw/jhwAaAwP/a2V5c3BhY2VfdmVyc2lvbhH/////\
    ////AOsDAAAAAAEAAAAAqGfS5QAkBHJvY2tzZGIuYmxvY2suYmFzZWQudGFibGUuaW5kZXgudHlwZQAAAAAIChpjb21wYXJhdG9ybGV2ZWxkYi5CeXRl\
    d2lzZUNvbXBhcmF0b3IICQJkYXRhLnNpemXwAwgKAWluZGV4LnNpemUoCA4SbWVyZ2Uub3BlcmF0b3JwZWJibGUuY29uY2F0ZW5hdGUIDwFudW0uZGF0\
    YS5ibG9ja3MBDAcBZW50cmllcwoIDAJyYXcua2V5LnNpemXbAQwKAnZhbHVlLnNpemX4AQAAAAABAAAAAIQFGrQAEgRyb2Nrc2RiLnByb3BlcnRpZXOd\
    BNcBAAAAAAEAAAAA4l0WrgH5BSHwAygAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAPCfqrPwn6qz";

/// Nineteen rows, of which one deletes, and one is an older version of another; plain, in format 7.
const PLAIN: &str = "\
    FwAAAAEHABMAAAAELgAAAAN9AAAAAn4AAAABpgAAAAO4AAAAAfcAAAAB+AAAAAQBFRUXGRsdHyEjJSUnKSstLzEzNDU2NwMEAGdycABnMQAxAG1icgB1\
    c3IAdTAwMDEwMjAzMDQwNTA2MDcwODA5MTAxMTEyMTMxNDE1NjcAAgABZAFlAWYBZwFoAGkBagFrADIBbAFtAW4BbwFwAXEBcgFzAXQBdQAA//4HAAAA\
    AAABAAAAAAAAAAEAAgQGCAoKDA4OEBIVGBseISQnKlYwVjFWMlYzVjRWNlY3VjhWOVYxMFYxMVYxMlYxM1YxNFYxNVYxNlYxNwEAAAAAAAAAAAABAAAA\
    AAAAAQAAAAAAAAAAAA/ejtgBBAABAAAAAxsAAAACHwAAAAIgAAAAAyQAAAABAAEEAAIAEQEAAABhbSwQAQIAFAAAAAMRAAAAA/sBAAACAAAMACAAOABb\
    AH8AkQCkAL8A0ADkAPcACQEfATUBTAFfAXoBlQGpAb8Bb2Jzb2xldGUta2V5cGViYmxlLmNvbGJsay5zY2hlbWFwZWJibGUuY29tcHJlc3Npb25fc3Rh\
    dHNwZWJibGUucmF3LnBvaW50LXRvbWJzdG9uZS5rZXkuc2l6ZXJvY2tzZGIuYmxvY2suYmFzZWQudGFibGUuaW5kZXgudHlwZXJvY2tzZGIuY29tcGFy\
    YXRvcnJvY2tzZGIuY29tcHJlc3Npb25yb2Nrc2RiLmNvbXByZXNzaW9uX29wdGlvbnNyb2Nrc2RiLmRhdGEuc2l6ZXJvY2tzZGIuZGVsZXRlZC5rZXlz\
    cm9ja3NkYi5maWx0ZXIuc2l6ZXJvY2tzZGIuaW5kZXguc2l6ZXJvY2tzZGIubWVyZ2Uub3BlcmFuZHNyb2Nrc2RiLm1lcmdlLm9wZXJhdG9ycm9ja3Nk\
    Yi5udW0uZGF0YS5ibG9ja3Nyb2Nrc2RiLm51bS5lbnRyaWVzcm9ja3NkYi5udW0ucmFuZ2UtZGVsZXRpb25zcm9ja3NkYi5wcm9wZXJ0eS5jb2xsZWN0\
    b3Jzcm9ja3NkYi5yYXcua2V5LnNpemVyb2Nrc2RiLnJhdy52YWx1ZS5zaXplAQABMEVGSmRx0NLT1NXW6Onq6/n7/ABEZWZhdWx0S2V5U2NoZW1hKGxl\
    dmVsZGIuQnl0ZXdpc2VDb21wYXJhdG9yLDE2KU5vQ29tcHJlc3Npb246MzExLzMxMS4AAAAAbGV2ZWxkYi5CeXRld2lzZUNvbXBhcmF0b3JOb0NvbXBy\
    ZXNzaW9ud2luZG93X2JpdHM9LTE0OyBsZXZlbD0zMjc2Nzsgc3RyYXRlZ3k9MDsgbWF4X2RpY3RfYnl0ZXM9MDsgenN0ZF9tYXhfdHJhaW5fYnl0ZXM9\
    MDsgZW5hYmxlZD0wOyCWAgIAJgBwZWJibGUuY29uY2F0ZW5hdGUBEwBbb2Jzb2xldGUta2V5Xc0EKgAAivUcDgECAAEAAAADEQAAAAMmAAAAAQAScm9j\
    a3NkYi5wcm9wZXJ0aWVzAQAEwQKOBgAAdGk/ZwHUCC6WAiYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAAA/F3QUHAAAA8J+qs/Cf\
    qrM=";

/// The same, with properties in Snappy.
const SNAPPY: &str = "\
    FwAAAAEHABMAAAAELgAAAAN9AAAAAn4AAAABpgAAAAO4AAAAAfcAAAAB+AAAAAQBFRUXGRsdHyEjJSUnKSstLzEzNDU2NwMEAGdycABnMQAxAG1icgB1\
    c3IAdTAwMDEwMjAzMDQwNTA2MDcwODA5MTAxMTEyMTMxNDE1NjcAAgABZAFlAWYBZwFoAGkBagFrADIBbAFtAW4BbwFwAXEBcgFzAXQBdQAA//4HAAAA\
    AAABAAAAAAAAAAEAAgQGCAoKDA4OEBIVGBseISQnKlYwVjFWMlYzVjRWNlY3VjhWOVYxMFYxMVYxMlYxM1YxNFYxNVYxNlYxNwEAAAAAAAAAAAABAAAA\
    AAAAAQAAAAAAAAAAAA/ejtgBBAABAAAAAxsAAAACHwAAAAIgAAAAAyQAAAABAAEEAAIAEQEAAABhbSwQhwYgAQIAFAAAAAMRAQXwUvsBAAACAAAMACAA\
    OABbAH8AkQCkAL8A0ADkAPcACQEfATUBTAFfAXoBlQGpAb8Bb2Jzb2xldGUta2V5cGViYmxlLmNvbGJsay5zY2hlbWFwZWJiBRQ4bXByZXNzaW9uX3N0\
    YXRzDSzwPnJhdy5wb2ludC10b21ic3RvbmUua2V5LnNpemVyb2Nrc2RiLmJsb2NrLmJhc2VkLnRhYmxlLmluZGV4LnR5cBUkJGNvbXBhcmF0b3IRNgES\
    DXJKEwAcX29wdGlvbnMRGwxkYXRhMnUABGRlAdYAZAGNFSUUZmlsdGVyMicAAGkFii6uADBtZXJnZS5vcGVyYW5kFTsdFh2kCG51bQl6AGIB4xUtARcU\
    ZW50cmllMhMAFHJhbmdlLQWZLrsABHByAW0EdHkheBRsZWN0b3IVNiFePk4BARQQdmFsdWUFtuABAAEwRUZKZGrJy8zNzs/h4uPk8vT1AERlZmF1bHRL\
    ZXlTY2hlbWEobGV2ZWxkYi5CeXRld2lzZUM1cBgsMTYpTm9DOeA0OjMxMS8zMTEuAAAAAGxiOABYU25hcHB5d2luZG93X2JpdHM9LTE0OyAFMag9MzI3\
    Njc7IHN0cmF0ZWd5PTA7IG1heF9kaWN0X2J5dGVzPTA7IHpzdGRfARcQdHJhaW4ZGARlbkElKGQ9MDsglgICACYATWw4Y29uY2F0ZW5hdGUBEwBbLroC\
    EF3NBCoAAag7a3YBAgABAAAAAxEAAAADJgAAAAEAEnJvY2tzZGIucHJvcGVydGllcwEABMECqwQAAJ/tqCEB8QYulgImAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAIAAAAD09vKDBwAAAPCfqrPwn6qz";

/// Nothing but a range deletion from a to c, in format 7.
const DELETION: &str = "\
    AQQAAAAAAAMbAAAAAhsAAAACGwAAAAMbAAAAAADycn25AgAAAAEFAAEAAAADJAAAAAIqAAAAAi0AAAADLwAAAAMwAAAAAQABAmFjAQABAQ8AAAAAYSz8\
    fd0FIAECABMAAAADEQEF8EzWAQAAAgAADAAgADgAXABuAIEAnACtAMEA1ADmAPwAEgEpATwBVwFyAYYBnAFvYnNvbGV0ZS1rZXlwZWJibGUuY29sYmxr\
    LnNjaGVtYRUUyG1wcmVzc2lvbl9zdGF0c3JvY2tzZGIuYmxvY2suYmFzZWQudGFibGUuaW5kZXgudHlwZREkJGNvbXBhcmF0b3IuEgANT0oTABhfb3B0\
    aW9uFWQgZGF0YS5zaXplESwEZGUBsxBkLmtleRUlFGZpbHRlcjInAAmKLjkAMG1lcmdlLm9wZXJhbmQVOx0WHaQIbnVtCXoF4xUtARcUZW50cmllMhMA\
    FHJhbmdlLQWZAGkduwRwcgFtBHR5IVUUbGVjdG9yFTYIcmF3AcEyoAABFBB2YWx1ZQUW4AEAAjFESGJox8jJysvM3t/g4e/w8QB0RGVmYXVsdEtleVNj\
    aGVtYShsZXZlbGRiLkJ5dGV3aXNlQzVwGCwxNilOb0M5vSg6NzgvNzgAAAAAbGI1AFhTbmFwcHl3aW5kb3dfYml0cz0tMTQ7IAUxqD0zMjc2Nzsgc3Ry\
    YXRlZ3k9MDsgbWF4X2RpY3RfYnl0ZXM9MDsgenN0ZF8BFxB0cmFpbhkYPGVuYWJsZWQ9MDsgAAEAHABVXTBuY2F0ZW5hdGUAAQFbLpMCDF0CAAABMCuA\
    tAECAAIAAAADEQAAAAM5AAAAAQASJHJvY2tzZGIucHJvcGVydGllc3JvY2tzZGIucmFuZ2VfZGVsMgEAAwVYhQQhMgAAy0dihAHiBEMAHAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAG0JTMAHAAAA8J+qs/CfqrM=";

fn decode(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// A directory of one table under a manifest.
fn directory(manifest: Vec<u8>, table: &str, version: u64) -> MemoryDirectory {
    let mut directory = MemoryDirectory::default();
    let files = [
        (format!("marker.format-version.000001.{version:03}"), Vec::new()),
        ("marker.manifest.000001.MANIFEST-000001".into(), Vec::new()),
        ("MANIFEST-000001".into(), manifest),
        ("000002.sst".into(), decode(table)),
    ];
    directory.files.extend(files);
    directory
}

/// A directory of one table with bounds around everything.
fn around(table: &str) -> MemoryDirectory {
    let edit = TableEdit::new(2, decode(table).len(), b"", b"\xff");
    directory(log(&[Edit::first().add(&edit)]), table, 24)
}

#[test]
fn a_minimal_database_in_format_1_is_read() {
    let directory = directory(decode(MANIFEST), ROWS, 13);
    let database = Database::open(&directory).unwrap();
    let facts = database.facts();
    assert_eq!((facts.format_version, facts.next_file, facts.last_sequence), (13, 3, 10));
    let [table] = database.tables() else { panic!() };
    assert_eq!((table.level, table.number, table.size, table.sequences), (6, 2, 852, Some((0, 0))));
    assert_eq!(&*table.smallest.user_key, b"\x03\x01\0grp");
    assert_eq!(&*table.largest.user_key, b"\x03\xffkeyspace_version");
    assert_eq!(table.smallest.trailer.to_string(), "#0,SET");

    let rows = collect(&database, b"", None).unwrap();
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[0].0, b"\x03\x01\0grp");
    assert_eq!(rows[6].0, b"\x03\x06");
    assert!(rows[6].1.starts_with(b"\x0a\x1b3MSaqxRtlsaLRQzhtMNbHj2Mv8R"));
    assert_eq!(rows[7], (b"\x03\x07\x04\0usr\0u1\0grp\0g1\x001\0mbr".to_vec(), Vec::new()));
    assert_eq!(rows[9], (b"\x03\xffkeyspace_version".to_vec(), vec![0, 0, 0, 2]));
    let checked = database.check(table);
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    assert_eq!((checked.rows, checked.data_blocks), (10, 1));
    let description = database.describe(table).unwrap();
    assert_eq!((description.format, description.properties.entries()), (1, 10));
    assert_eq!(description.properties.number("rocksdb.data.size"), 496);
}

#[test]
fn a_plain_table_in_format_7_is_read() {
    for table in [PLAIN, SNAPPY] {
        let directory = around(table);
        let database = Database::open(&directory).unwrap();
        let rows = collect(&database, b"", None).unwrap();
        let expected = (0..18).filter(|number| *number != 5).map(|number| {
            let key = format!("\x03\x04\0grp\0g1\x001\0mbr\0usr\0u{number:02}");
            (key.into_bytes(), format!("V{number}").into_bytes())
        });
        assert_eq!(rows, expected.collect::<Vec<Pair>>());
        let checked = database.check(&database.tables()[0]);
        assert!(checked.faults.is_empty(), "{:?}", checked.faults);
        assert_eq!((checked.rows, checked.deletions, checked.obsolete), (19, 2, 1));
        assert_eq!(database.get(b"\x03\x04\0grp\0g1\x001\0mbr\0usr\0u05").unwrap(), None);
        assert_eq!(
            database.get(b"\x03\x04\0grp\0g1\x001\0mbr\0usr\0u07").unwrap().as_deref(),
            Some(&b"V7"[..])
        );
        let properties = database.describe(&database.tables()[0]).unwrap().properties;
        assert_eq!(properties.text("rocksdb.comparator"), Some("leveldb.BytewiseComparator"));
        assert_eq!((properties.entries(), properties.deletions(), properties.data_blocks()), (19, 2, 1));
    }
}

#[test]
fn a_table_of_one_range_deletion_is_read() {
    let directory = around(DELETION);
    let database = Database::open(&directory).unwrap();
    assert_eq!(collect(&database, b"", None).unwrap(), []);
    let description = database.describe(&database.tables()[0]).unwrap();
    let [span] = description.range_deletions[..] else { panic!() };
    assert_eq!((span.start, span.end, span.sequence), (&b"a"[..], &b"c"[..], 0));
    let checked = database.check(&database.tables()[0]);
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    assert_eq!((checked.rows, checked.range_deletions), (0, 1));
}

#[test]
fn version_edits_of_a_finished_sync_are_read() {
    let flush = VersionEdit::parse(&hex(
        "02050309044f670007a7131003010067726f7570010e0000000000001a03ff6b657973706163655f76657273696f6e010a000000
         0000000a4d0605b9a18bd80601",
    ))
    .unwrap();
    assert_eq!((flush.oldest_log, flush.next_file, flush.last_sequence), (Some(5), Some(9), Some(79)));
    let [table] = &flush.added[..] else { panic!() };
    assert_eq!((table.level, table.number, table.size), (0, 7, 2471));
    assert_eq!((table.sequences, table.backing), (Some((10, 77)), None));
    assert_eq!((table.smallest.trailer.sequence(), table.largest.trailer.sequence()), (14, 10));

    let excise = VersionEdit::parse(&hex(
        "030b6907a7130451060007670608e807290307040067726f75700067310067726f75700067010101027800310061646d696e0151
         0000000000002503070400757365720075390067726f75700067310031006d656d626572015100000000000051510605b9a18bd8
         0601670009bb0d1003010067726f7570010e0000000000001b030701007573657200753000757365720075390121000000000000
         0a4d42070167000abb0d290307050067726f75700067010101027800310061646d696e0067726f7570006731013f000000000000
         1a03ff6b657973706163655f76657273696f6e010a0000000000000a4d420701",
    ))
    .unwrap();
    assert_eq!(excise.backings, [(7, 2471)]);
    assert_eq!(excise.removed, [(0, 7)]);
    let found = excise
        .added
        .iter()
        .map(|table| (table.level, table.number, table.backing, table.synthetic_sequence()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [(6, 8, None, Some(81)), (0, 9, Some(7), None), (0, 10, Some(7), None)]
    );
    assert_eq!(&*excise.added[1].largest.user_key, b"\x03\x07\x01\0user\0u0\0user\0u9");
    assert_eq!(
        &*excise.added[2].smallest.user_key,
        b"\x03\x07\x05\0group\0g\x01\x01\x01\x02x\x001\0admin\0group\0g1"
    );

    let last = VersionEdit::parse(&hex("02120313045d")).unwrap();
    assert_eq!((last.oldest_log, last.next_file, last.last_sequence), (Some(18), Some(19), Some(93)));
}
