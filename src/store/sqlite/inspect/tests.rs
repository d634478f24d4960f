//! Reading tables without SQLite: what it reads, and what is left when pages are damaged.

use rusqlite::types::Value;
use rusqlite::{Connection, MAIN_DB};

use super::*;
use crate::c1z;

const PAGE: usize = 512;

/// A database with many grants of all lengths, on small pages.
fn connection() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "PRAGMA page_size = 512;
             CREATE TABLE v1_grants (id integer primary key, external_id text not null, data blob not null, sync_id text);
             CREATE INDEX some_index ON v1_grants (external_id);
             CREATE TABLE other (a, b);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
             INSERT INTO v1_grants SELECT i * 3, 'grant ' || i, randomblob(i * i % 1900), 's' FROM n;
             ALTER TABLE v1_grants ADD COLUMN needs_expansion integer not null default 7;
             ALTER TABLE v1_grants ADD COLUMN words text not null default 'it''s';
             INSERT INTO v1_grants VALUES (5000, -1, 1.5, NULL, 9000000000, '');",
        )
        .unwrap();
    connection
}

fn image(connection: &mut Connection) -> Vec<u8> {
    connection.serialize(MAIN_DB).unwrap().to_vec()
}

fn tables(image: &[u8]) -> Tables {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), image).unwrap();
    let found = c1z::inspect(&file.path().into(), &c1z::OpenOptions::default(), &mut |_, _| {}).unwrap();
    let c1z::Remains::Database { image, .. } = found.remains else { panic!("a database") };
    Tables::open(image)
}

type Rows = Vec<(i64, Vec<Value>)>;

/// The rows of the grants as read here, and what is lost.
fn read(image: &[u8]) -> (Rows, Vec<Lost>) {
    let tables = tables(image);
    let mut rows = Vec::new();
    let Some(table) = tables.table("v1_grants") else { return (rows, tables.wrong().to_vec()) };
    let lost = tables.rows(table, &mut |row| {
        rows.push((row.id, row.values.iter().map(|value| Value::try_from(*value).unwrap()).collect()));
    });
    (rows, lost)
}

/// The rows of the grants as SQLite reads them.
fn expected(connection: &Connection) -> Rows {
    let mut statement = connection.prepare("SELECT * FROM v1_grants ORDER BY id").unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let values = (0..columns).map(|column| row.get(column));
        Ok((row.get(0)?, values.collect::<Result<Vec<Value>, _>>()?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn rows_are_those_that_sqlite_reads() {
    let mut connection = connection();
    let (rows, lost) = read(&image(&mut connection));
    assert_eq!(lost, []);
    assert_eq!(rows, expected(&connection));
    let tables = tables(&image(&mut connection));
    let facts = tables.table("v1_grants").unwrap();
    assert_eq!(facts.columns, ["id", "external_id", "data", "sync_id", "needs_expansion", "words"]);
    assert_eq!((tables.tables().len(), tables.check_header(), tables.check_pages()), (1, vec![], vec![]));
}

#[test]
fn a_damaged_page_takes_its_own_rows() {
    let mut connection = connection();
    let (sound, expected) = (image(&mut connection), expected(&connection));
    let mut partial = 0;
    for page in 1..sound.len() / PAGE {
        let mut image = sound.clone();
        image[page * PAGE..(page + 1) * PAGE].fill(0x55);
        let (rows, lost) = read(&image);
        let known = rows.iter().filter(|row| expected.contains(row)).count();
        let (whole, offset) = (rows.len() == expected.len(), Some((page * PAGE) as u64));
        // A page in the middle of a long row changes only that row.
        assert!(known + 1 >= rows.len(), "page {}", page + 1);
        if !whole {
            assert_ne!(lost, [], "page {}", page + 1);
            let here = |lost: &Lost| lost.offset == offset || lost.message.contains("goes on in page");
            assert!(lost.iter().any(here), "page {}: {lost:?}", page + 1);
            partial += usize::from(rows.len() > 300);
        }
    }
    assert!(partial > 100, "{partial}");
}

#[test]
fn pages_that_lead_to_each_other_end() {
    let sound = image(&mut connection());
    let inner = (1..sound.len() / PAGE).find(|page| sound[page * PAGE] == 5).unwrap() * PAGE;
    let mut image = sound.clone();
    // Its last child is itself.
    image[inner + 8..inner + 12].copy_from_slice(&((inner / PAGE + 1) as u32).to_be_bytes());
    let (_, lost) = read(&image);
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].message, "its place in the tree is that of another page too");
    let mut image = sound;
    image[inner + 8..inner + 12].copy_from_slice(&u32::MAX.to_be_bytes());
    let (_, lost) = read(&image);
    assert_eq!(lost[0].message, "it lies outside of the database");
}

#[test]
fn a_damaged_schema_is_told_of() {
    let sound = image(&mut connection());
    let sql = sound.windows(22).position(|window| window == b"CREATE TABLE v1_grants").unwrap();
    let mut image = sound.clone();
    image[sql] = b'c' + 1;
    let (rows, wrong) = read(&image);
    assert_eq!(rows, []);
    assert!(wrong[0].message.starts_with("the description of v1_grants is damaged"), "{wrong:?}");
    let mut image = sound;
    image[16] = 3;
    let tables = tables(&image);
    assert_eq!(tables.tables(), []);
    assert_eq!(tables.check_header()[0].offset, Some(16));
}

#[test]
fn what_sqlite_finds_has_a_place() {
    let sound = image(&mut connection());
    let several = |page: &usize| sound[page * PAGE] == 13 && sound[page * PAGE + 4] > 2;
    let leaf = (1..sound.len() / PAGE).find(several).unwrap();
    let mut image = sound;
    // The first cell starts where the second does.
    image.copy_within(leaf * PAGE + 10..leaf * PAGE + 12, leaf * PAGE + 8);
    let faults = tables(&image).check_pages();
    assert!(faults.iter().any(|fault| fault.offset == Some((leaf * PAGE) as u64)), "{faults:?}");
}
