//! Opening the database, and making it on first use.
//!
//! ```text
//! file header: offset  0  "SQLite format 3\0"
//!              offset 60  user_version    the version of the tables, big-endian
//!              offset 68  application_id  "BtDe": a demo database, big-endian
//! ```
//!
//! The header is read before SQLite sees the file, because SQLite may change even a file that it is only asked about: it
//! finishes what a killed program left. As closing a file gives up all locks that this process has on it, a process opens
//! a demo database once. Format: <https://www.sqlite.org/fileformat2.html#the_database_header>.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::code;
use crate::sync::{Answer, Code, ConnectorError};

const SCHEMA: &str = include_str!("schema.sql");
const SEED: &str = include_str!("seed.sql");

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// As much of it as is looked at.
const HEADER: u64 = 72;
const APPLICATION: i32 = i32::from_be_bytes(*b"BtDe");
const VERSION: i32 = 1;

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn open(file: Option<&Path>) -> Answer<Connection> {
    let Some(path) = file else {
        let opened = Connection::open_in_memory().map_err(Refusal::from).and_then(prepare);
        return opened.map_err(|error| error.at("the demo database"));
    };
    let opened = recognise(path).and_then(|()| prepare(connect(path)?));
    opened.map_err(|error| error.at(&format!("the demo database {}", path.display())))
}

fn connect(path: &Path) -> Result<Connection, Refusal> {
    // SQLite takes some relative paths for something else: `file:…`, `:memory:`.
    let path = std::path::absolute(path).map_err(Refusal::Read)?;
    // One thread uses the connection, so SQLite's own locks are left out.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

/// Why a file is not opened.
enum Refusal {
    NotAFile,
    Read(io::Error),
    NotSqlite,
    OtherProgram,
    Version(i32),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Refusal {
    fn at(self, place: &str) -> ConnectorError {
        let refused = |words: &str| ConnectorError::new(Code::FailedPrecondition, format!("{place} {words}"));
        match self {
            Self::NotAFile => refused("is not a file"),
            Self::Read(error) => refused("cannot be read").because(error),
            Self::NotSqlite => refused("is not a SQLite file"),
            Self::OtherProgram => refused("is a SQLite file of another program"),
            Self::Version(version) => {
                refused(&format!("has tables of version {version}; this program knows version {VERSION}"))
            }
            Self::Sqlite(error) => {
                ConnectorError::new(code(&error), format!("{place} cannot be opened")).because(error)
            }
        }
    }
}

/// Refuses a file that is something else. One that is not there or empty will become a demo database.
fn recognise(path: &Path) -> Result<(), Refusal> {
    match path.metadata() {
        Ok(found) if !found.is_file() => return Err(Refusal::NotAFile),
        Ok(found) if found.len() == 0 => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Refusal::Read(error)),
    }
    let mut header = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEADER).read_to_end(&mut header));
    read.map_err(Refusal::Read)?;
    if !header.starts_with(MAGIC) {
        return Err(Refusal::NotSqlite);
    }
    if number_at(&header, 68) != Some(APPLICATION) {
        return Err(Refusal::OtherProgram);
    }
    check_version(number_at(&header, 60).unwrap_or_default())
}

fn number_at(header: &[u8], offset: usize) -> Option<i32> {
    header.get(offset..)?.first_chunk().copied().map(i32::from_be_bytes)
}

fn check_version(version: i32) -> Result<(), Refusal> {
    if version == VERSION { Ok(()) } else { Err(Refusal::Version(version)) }
}

/// Makes and fills the tables unless another process has done so.
fn prepare(connection: Connection) -> Result<Connection, Refusal> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if user_version(&connection)? == 0 {
        let transaction = Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)?;
        if user_version(&transaction)? == 0 {
            transaction.execute_batch(SCHEMA)?;
            transaction.execute_batch(SEED)?;
        }
        transaction.commit()?;
    }
    check_version(user_version(&connection)?)?;
    Ok(connection)
}

fn user_version(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
