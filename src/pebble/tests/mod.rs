//! The promises of the reader, on databases that the test writer makes.

mod damage;
mod damaged;
mod formats;
mod history;
mod inspection;
mod lazy;
mod lenient;
mod limits;
mod manifests;
mod merging;
mod vectors;

use super::testing::{DatabaseWriter, MemoryDirectory, Row, Span, TableWriter};
use super::{Database, Error, ErrorKind, OpenOptions};

type Pair = (Vec<u8>, Vec<u8>);

/// Without checksums, so that what a test changes reaches the parser behind them.
const UNCHECKED: OpenOptions = OpenOptions { verify_checksums: false };

fn pair(key: &str, value: &str) -> Pair {
    (key.into(), value.into())
}

/// All rows of a scan.
fn collect(database: &Database<'_>, lower: &[u8], upper: Option<&[u8]>) -> Result<Vec<Pair>, Error> {
    let mut scan = database.scan(lower, upper);
    let mut rows = Vec::new();
    while let Some((key, value)) = scan.next()? {
        rows.push((key.to_vec(), value.to_vec()));
    }
    Ok(rows)
}

fn all(directory: &MemoryDirectory) -> Result<Vec<Pair>, Error> {
    collect(&Database::open(directory)?, b"", None)
}

/// The error of opening and reading everything.
fn error(directory: &MemoryDirectory) -> Error {
    all(directory).expect_err("something is wrong with this database")
}

/// A database of one table.
fn one_table(writer: &TableWriter, rows: &[Row], spans: &[Span]) -> MemoryDirectory {
    let mut database = DatabaseWriter::new();
    database.add(0, writer, rows, spans);
    database.finish()
}

/// Keys `a000`, `a001`, … with values.
fn many(count: u64) -> Vec<Row> {
    let row = |number: u64| {
        let (key, value) = (format!("a{number:03}"), format!("value {number}"));
        Row::set(key.as_bytes(), 10 + number, value.as_bytes())
    };
    (0..count).map(row).collect()
}

fn pairs_of(rows: &[Row]) -> Vec<Pair> {
    rows.iter().map(|row| (row.key.clone(), row.value.clone())).collect()
}
