//! What is left of damaged databases.

use super::*;

const FILE: &str = "000005.sst";

/// Everything that is left, and what is wrong with the database as a whole.
fn left(directory: &MemoryDirectory) -> (Vec<Pair>, Vec<String>) {
    let (database, faults) = Database::open_damaged(directory);
    let rows = database.map(|database| collect(&database, b"", None).unwrap());
    (rows.unwrap_or_default(), faults.iter().map(ToString::to_string).collect())
}

/// A database of tables with blocks of a few rows.
fn blocks(format: u32, index_entries: usize) -> MemoryDirectory {
    let mut writer = TableWriter::new(format);
    (writer.block_size, writer.index_entries) = (100, index_entries);
    one_table(&writer, &many(100), &[])
}

#[test]
fn a_sound_database_is_all_there() {
    for format in 1..=7 {
        let directory = blocks(format, 3);
        assert_eq!(left(&directory), (pairs_of(&many(100)), Vec::new()));
    }
}

#[test]
fn damaged_blocks_take_their_own_rows_and_no_others() {
    for (format, index_entries) in [(1, 1000), (4, 3), (7, 1000), (7, 3)] {
        let mut directory = blocks(format, index_entries);
        let rows = pairs_of(&many(100));
        let offsets: Vec<u64> = {
            let database = Database::open(&directory).unwrap();
            database.data_blocks(&database.tables()[0]).unwrap().iter().map(|place| place.offset).collect()
        };
        for broken in [&[0][..], &[3], &[2, 5, 6], &[offsets.len() - 1]] {
            for place in broken {
                directory.file(FILE)[offsets[*place] as usize] ^= 0x80;
            }
            let (found, faults) = left(&directory);
            assert!(faults.is_empty(), "what is wrong with tables is told by their checks");
            assert!(found.len() < rows.len() && found.len() > 40, "format {format}: {}", found.len());
            assert!(found.iter().all(|row| rows.contains(row)));
            assert!(found.is_sorted());
            let (database, _) = Database::open_damaged(&directory);
            let database = database.unwrap();
            let checked = database.check(&database.tables()[0]);
            drop(database);
            assert_eq!((checked.rows, checked.faults.len()), (found.len() as u64, broken.len()));
            for place in broken {
                directory.file(FILE)[offsets[*place] as usize] ^= 0x80;
            }
        }
    }
}

#[test]
fn a_table_that_is_gone_leaves_the_others() {
    let mut writer = DatabaseWriter::new();
    writer.add(0, &TableWriter::new(7), &[Row::set(b"a", 9, b"new")], &[]);
    writer.add(6, &TableWriter::new(7), &[Row::set(b"a", 1, b"old"), Row::set(b"b", 2, b"")], &[]);
    let sound = writer.finish();
    assert_eq!(left(&sound).0, [pair("a", "new"), pair("b", "")]);
    let mut directory = sound.clone();
    directory.files.remove(FILE);
    let (rows, faults) = left(&directory);
    assert_eq!(rows, [pair("a", "old"), pair("b", "")], "what the lost table hid comes back");
    assert_eq!(faults, ["000005.sst: is missing"]);
    let mut directory = sound.clone();
    directory.file(FILE).push(0);
    assert_eq!(left(&directory).0.len(), 2);
    let mut directory = sound;
    *directory.file(FILE).last_mut().unwrap() ^= 1;
    assert_eq!(left(&directory), (vec![pair("a", "old"), pair("b", "")], Vec::new()));
}

#[test]
fn without_markers_the_last_manifest_counts() {
    let mut directory = blocks(7, 3);
    directory.files.retain(|name, _| !name.starts_with("marker."));
    let old = b"the manifest before".to_vec();
    directory.files.insert("MANIFEST-000000".into(), old);
    let (rows, faults) = left(&directory);
    assert_eq!((rows.len(), &*faults[0]), (100, "marker.format-version: is missing"));
}

#[test]
fn without_a_manifest_every_table_counts() {
    let mut directory = blocks(7, 3);
    directory.files.remove("MANIFEST-000001");
    let (rows, faults) = left(&directory);
    assert_eq!(rows, pairs_of(&many(100)));
    assert_eq!(faults, ["MANIFEST-000001: is missing"]);
    directory.files.retain(|name, _| !name.ends_with(".sst"));
    assert!(Database::open_damaged(&directory).0.is_none());
}

#[test]
fn a_manifest_counts_as_far_as_it_is_sound() {
    let mut writer = DatabaseWriter::new();
    writer.add(0, &TableWriter::new(7), &[Row::set(b"a", 9, b"")], &[]);
    writer.add(0, &TableWriter::new(7), &[Row::set(b"b", 10, b"")], &[]);
    let sound = writer.finish();
    let length = sound.files["MANIFEST-000001"].len();
    for at in 0..length {
        let mut directory = sound.clone();
        directory.file("MANIFEST-000001")[at] ^= 1;
        let (rows, faults) = left(&directory);
        assert_eq!(rows, [pair("a", ""), pair("b", "")], "byte {at}");
        assert!(faults[0].starts_with("MANIFEST-000001 at byte "), "byte {at}: {faults:?}");
    }
}
