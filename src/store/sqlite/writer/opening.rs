//! Opening working databases, our own and those that somebody else has written.
//!
//! What becomes one is written to a file that is worth nothing yet ([`Turn`]), looked through, and completed there:
//! under its real name there is never anything but a database that records can be put into.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::ddl;
use super::error::{WriteError, file_error, sqlite};
use super::migrate::{self, Fault};
use super::spot::{Spot, Turn};
use crate::store::sqlite::runs;
use crate::store::sync::SyncRun;

/// How SQLite treats a file that only this process knows and that is worth nothing unless it gets finished.
///
/// Nothing is synced. The journal is kept in memory rather than turned off, so that a statement that fails half-way
/// is undone; it holds only pages that were there before the one transaction, which are those of the empty tables.
const PRIVATE: &str = "
PRAGMA page_size = 4096;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -65536;
";

/// Takes SQLite's lock to the end. Being exclusive before a log is first touched, it keeps the index of the log in
/// memory.
const LOCKED: &str = "
PRAGMA locking_mode = EXCLUSIVE;
BEGIN EXCLUSIVE;
COMMIT;
";

/// How SQLite treats a file that a killed sync goes on from.
const BESIDE: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -65536;
";

/// Statements kept prepared: three for each table of records, and those of sync runs and sessions.
const STATEMENTS: usize = 40;

/// The bytes of a database with all tables and no rows.
fn empty() -> rusqlite::Result<Vec<u8>> {
    let mut connection = Connection::open_in_memory()?;
    ddl::create(&connection, |_| true)?;
    Ok(connection.serialize(MAIN_DB)?.to_vec())
}

/// Writes a database without rows into the file of `turn`.
pub(super) fn fill_empty(turn: &mut Turn) -> Result<(), WriteError> {
    let image = empty().map_err(sqlite("creating the tables"))?;
    fill(turn, &image)
}

/// Writes the database `image` into the file of `turn`.
pub(super) fn fill(turn: &mut Turn, image: &[u8]) -> Result<(), WriteError> {
    let failed = file_error(turn.path(), "making the working database");
    turn.file().write_all(image).map_err(failed)
}

/// Gives the sync runs of the foreign database in the file of `turn`.
pub(super) fn runs_in(turn: &Turn) -> Result<Vec<SyncRun>, Fault> {
    let connection = open(turn.path())?;
    migrate::harden(&connection)?;
    let schema = migrate::inspect(&connection)?;
    Ok(runs::list(&connection, &schema)?)
}

/// Makes the foreign database in the file of `turn` one that records can be put into.
pub(super) fn prepare(turn: &Turn) -> Result<(), Fault> {
    let connection = open(turn.path())?;
    migrate::harden(&connection)?;
    // Whatever happens to it half-way, nobody goes on with it.
    connection.execute_batch(PRIVATE)?;
    migrate::inspect(&connection)?;
    migrate::check(&connection)?;
    migrate::migrate(&connection)
}

/// Opens and locks the working database, which another program may have made.
pub(super) fn working(spot: &Spot) -> Result<Connection, WriteError> {
    adopt(spot).map_err(|fault| {
        let working = spot.working.clone();
        match fault.is_locked() {
            true => WriteError::InUse { working },
            false => WriteError::Unusable { working, problem: fault.to_string() },
        }
    })
}

fn adopt(spot: &Spot) -> Result<Connection, Fault> {
    let connection = open(&spot.working)?;
    migrate::harden(&connection)?;
    connection.execute_batch(LOCKED)?;
    let schema = migrate::inspect(&connection)?;
    let empty = fs::metadata(&spot.working).is_ok_and(|metadata| metadata.len() == 0);
    if !empty && !migrate::is_complete(&schema) {
        return Err(Fault::Layout("it lacks tables of a c1z".into()));
    }
    connection.execute_batch(BESIDE)?;
    migrate::migrate(&connection)?;
    Ok(connection)
}

/// Opens an empty private file for a working database that nobody goes on with.
pub(super) fn private(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    connection.execute_batch(PRIVATE)?;
    Ok(connection)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // One thread uses the connection, so SQLite's own locks are left out.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Whoever has it locked keeps it so for long.
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
