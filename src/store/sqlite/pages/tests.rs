//! The walk over pages against SQLite, on sound databases and on damaged ones.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB};

use super::shape::SHAPES;
use super::*;
use crate::c1z::{self, OpenOptions, Payload, Source};

/// A row: the pages that it stands on, and its values by column.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    pages: Vec<u32>,
    values: BTreeMap<String, Vec<u8>>,
}

type Rows = BTreeMap<(&'static str, i64), Kept>;

/// The database of a fixture.
fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    let opened = c1z::open(&Source::from(&*path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let Payload::Sqlite(image) = opened.payload else { panic!("a version 1 file") };
    image.to_vec()
}

fn connect(image: &[u8]) -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.deserialize_read_exact(MAIN_DB, image, image.len(), false).unwrap();
    connection
}

/// The database after `sql`.
fn changed(image: &[u8], sql: &str) -> Vec<u8> {
    // In memory the size of pages stays.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), image).unwrap();
    let connection = Connection::open(file.path()).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    std::fs::read(file.path()).unwrap()
}

/// A database of many small pages: deep trees, long records, and free pages.
fn many_pages() -> Vec<u8> {
    changed(
        &fixture("generated.c1z"),
        "PRAGMA page_size = 512; VACUUM;
         INSERT INTO v1_assets (external_id, content_type, data, sync_id, discovered_at)
            SELECT 'icon' || id, 'image/png', randomblob(5000), sync_id, discovered_at FROM v1_resource_types;
         DELETE FROM v1_grants WHERE id % 7 < 3",
    )
}

/// A value with its type, cheap to make and to compare.
fn shown(value: ValueRef<'_>) -> Vec<u8> {
    match value {
        ValueRef::Null => Vec::new(),
        ValueRef::Integer(number) => [b"i", &number.to_be_bytes()[..]].concat(),
        ValueRef::Real(number) => [b"r", &number.to_be_bytes()[..]].concat(),
        ValueRef::Text(text) => [b"t", text].concat(),
        ValueRef::Blob(blob) => [b"b", blob].concat(),
    }
}

/// All rows, as SQLite reads them.
fn by_sqlite(image: &[u8]) -> Rows {
    let connection = connect(image);
    let mut all = Rows::new();
    for shape in &SHAPES {
        let Ok(mut statement) = connection.prepare(&format!("SELECT * FROM {}", shape.name)) else {
            continue;
        };
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let value = |(at, name): (usize, &String)| (name.clone(), shown(row.get_ref(at).unwrap()));
            let mut values: BTreeMap<_, _> = names.iter().enumerate().map(value).collect();
            values.remove("id");
            all.insert((shape.name, row.get("id").unwrap()), Kept { pages: Vec::new(), values });
        }
    }
    all
}

/// All rows that the pages give.
fn by_pages(image: &[u8]) -> (Rows, Vec<PageLoss>) {
    let mut tables = Tables::of(image);
    let mut all = Rows::new();
    let mut keep = |row: &PageRow<'_, '_>, stray: bool| {
        let value = |(name, value): &(&str, Value<'_>)| {
            let value = match *value {
                Value::Null => ValueRef::Null,
                Value::Integer(number) => ValueRef::Integer(number),
                Value::Real(number) => ValueRef::Real(number),
                Value::Text(text) => ValueRef::Text(text),
                Value::Blob(blob) => ValueRef::Blob(blob),
            };
            ((*name).to_owned(), shown(value))
        };
        let values = row.columns.iter().map(value).collect();
        let kept = Kept { pages: row.pages.to_vec(), values };
        if stray {
            all.entry((row.table, row.id)).or_insert(kept);
        } else {
            all.insert((row.table, row.id), kept);
        }
    };
    let Ok::<(), Infallible>(()) = tables.rows(&mut |row| {
        keep(row, false);
        Ok(())
    });
    let Ok::<(), Infallible>(()) = tables.strays(&mut |row| {
        keep(row, true);
        Ok(())
    });
    (all, tables.losses().0.to_vec())
}

fn values(rows: &Rows) -> BTreeMap<(&'static str, i64), &BTreeMap<String, Vec<u8>>> {
    rows.iter().map(|(key, row)| (*key, &row.values)).collect()
}

#[test]
fn sound_databases_read_as_sqlite_reads_them() {
    for name in [
        "company.c1z",
        "empty.c1z",
        "generated.c1z",
        "old-schema.c1z",
        "partial-newest.c1z",
        "slim.c1z",
        "unfinished.c1z",
    ] {
        let image = fixture(name);
        let (found, lost) = by_pages(&image);
        assert_eq!(values(&found), values(&by_sqlite(&image)), "{name}");
        assert_eq!(lost, [], "{name}");
    }
    let image = many_pages();
    let (found, lost) = by_pages(&image);
    assert_eq!(values(&found), values(&by_sqlite(&image)));
    assert_eq!(lost, []);
    assert!(found.values().any(|row| row.pages.len() > 9), "long records");
    assert!(Tables::of(&image).free.is_some_and(|free| (1..500).any(|page| free.has(page))), "free pages");
}

#[test]
fn rows_that_were_written_before_a_column_was_added_lack_it() {
    let image = changed(&fixture("old-schema.c1z"), "ALTER TABLE v1_grants ADD COLUMN expansion blob");
    let (found, lost) = by_pages(&image);
    let mut expected = by_sqlite(&image);
    for ((table, _), row) in &mut expected {
        if *table == "v1_grants" {
            row.values.remove("expansion");
        }
    }
    assert_eq!(values(&found), values(&expected));
    assert_eq!(lost, []);
}

/// A stream of numbers that is the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}

/// What must hold of a database of which one page was damaged: every row that stands on other pages is there as it was,
/// and there is none that neither was nor stands on that page.
fn check(sound: &Rows, damaged: &[u8], page: u32, what: &str) {
    let (found, lost) = by_pages(damaged);
    for (key, row) in sound.iter().filter(|(_, row)| !row.pages.contains(&page)) {
        match found.get(key) {
            Some(other) => assert!(
                other.values == row.values || other.pages.contains(&page),
                "{what}: {key:?} is another: {row:?} {other:?}"
            ),
            None => panic!("{what}: {key:?} on {:?} is lost: {lost:?}", row.pages),
        }
    }
    for (key, row) in found.iter().filter(|(_, row)| !row.pages.contains(&page)) {
        assert_eq!(sound.get(key).map(|row| &row.values), Some(&row.values), "{what}: {key:?} is made up");
    }
}

#[test]
fn a_page_that_is_gone_takes_only_its_own_rows() {
    for (name, image) in [("generated", fixture("generated.c1z")), ("many pages", many_pages())] {
        let size = Image::of(&image).size();
        let (sound, _) = by_pages(&image);
        for page in 2..=(image.len() / size) as u32 {
            if page % 11 > 0 && page > 40 && image.len() / size > 400 {
                continue;
            }
            let start = (page as usize - 1) * size;
            for fill in [0, 13, 0xff] {
                let mut damaged = image.clone();
                damaged[start..start + size].fill(fill);
                let on_list = Image::of(&image).free().is_some() && Image::of(&damaged).free().is_none();
                if !on_list {
                    check(&sound, &damaged, page, &format!("{name}: page {page} filled with {fill}"));
                }
            }
        }
    }
}

#[test]
fn flipped_bits_take_only_rows_of_their_page() {
    let mut random = Random(7);
    for (name, image) in [("generated", fixture("generated.c1z")), ("many pages", many_pages())] {
        let size = Image::of(&image).size();
        let (sound, _) = by_pages(&image);
        for round in 0..60 {
            let page = 2 + random.below(image.len() / size - 1) as u32;
            let start = (page as usize - 1) * size;
            let mut damaged = image.clone();
            for _ in 0..1 + random.below(6) {
                // Mostly where the structure is.
                let at = if random.below(3) > 0 { random.below(60) } else { random.below(size) };
                damaged[start + at] ^= 1 << random.below(8);
            }
            if Image::of(&damaged).free().is_some() {
                check(&sound, &damaged, page, &format!("{name}: round {round}, page {page}"));
            }
        }
    }
}

#[test]
fn a_database_that_is_cut_off_gives_what_is_left() {
    for (name, image) in [("generated", fixture("generated.c1z")), ("many pages", many_pages())] {
        let size = Image::of(&image).size();
        let (sound, _) = by_pages(&image);
        let pages = image.len() / size;
        for left in (1..pages).step_by(1 + pages / 25) {
            let damaged = &image[..left * size + size / 3];
            let (found, lost) = by_pages(damaged);
            assert!(!lost.is_empty());
            for (key, row) in &found {
                assert_eq!(
                    sound.get(key).map(|row| &row.values),
                    Some(&row.values),
                    "{name}: {left}: {key:?}"
                );
            }
            if Image::of(damaged).free().is_none() {
                continue;
            }
            for (key, row) in
                sound.iter().filter(|(_, row)| row.pages.iter().all(|page| *page as usize <= left))
            {
                assert!(found.contains_key(key), "{name}: {left} pages: {key:?} on {:?}", row.pages);
            }
        }
    }
}

#[test]
fn deleted_rows_do_not_come_back() {
    let whole = fixture("generated.c1z");
    let image = changed(&whole, "PRAGMA secure_delete = 0; DELETE FROM v1_grants WHERE id > 5");
    let expected = by_sqlite(&image);
    let size = Image::of(&image).size();
    assert!(Image::of(&image).free().is_some_and(|free| (1..500).any(|page| free.has(page))));
    let known = |found: &Rows, what: &str| {
        for (key, row) in found {
            assert_eq!(expected.get(key).map(|row| &row.values), Some(&row.values), "{what}: {key:?}");
        }
    };
    // Any page may be gone, and the list of free pages with it.
    for page in 1..=image.len() / size {
        let mut damaged = image.clone();
        damaged[(page - 1) * size..page * size].fill(0);
        known(&by_pages(&damaged).0, &format!("page {page}"));
    }
    for left in 1..image.len() / size {
        known(&by_pages(&image[..left * size]).0, &format!("{left} pages"));
    }
}

#[test]
fn tables_are_found_without_the_schema() {
    for name in ["generated.c1z", "old-schema.c1z", "slim.c1z"] {
        let image = fixture(name);
        let (sound, _) = by_pages(&image);
        let mut first = image.clone();
        // All of the first page but the header.
        first[100..4096].fill(0);
        let mut all = first.clone();
        for page in all.chunks_mut(4096).filter(|page| page.windows(12).any(|text| text == b"CREATE TABLE")) {
            page.fill(0);
        }
        for damaged in [first, all] {
            let (found, lost) = by_pages(&damaged);
            assert_eq!((lost[0].what, lost[0].page), (SCHEMA, 1), "{name}");
            assert_eq!(values(&found), values(&sound), "{name}");
        }
    }
}

#[test]
fn a_row_without_a_record_is_lost_alone() {
    let image = fixture("damaged-rows.c1z");
    let (found, lost) = by_pages(&image);
    let all = by_sqlite(&image);
    let rows: u64 = lost.iter().filter_map(|loss| loss.rows).sum();
    assert_eq!(found.len() as u64 + rows, all.len() as u64, "{lost:?}");
    assert!(rows > 0);
}

#[test]
fn anything_at_all_is_no_trouble() {
    let mut random = Random(11);
    let image = many_pages();
    for round in 0..20 {
        let mut bytes = image.clone();
        for _ in 0..500 {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
        bytes.truncate(random.below(image.len()));
        by_pages(&bytes);
        let noise: Vec<u8> =
            (0..random.below(4000)).map(|_| (random.below(256) * round % 256) as u8).collect();
        by_pages(&noise);
    }
    by_pages(&[]);
    by_pages(&[13; 4096 * 3]);
    by_pages(&[5; 4096 * 3]);
}
