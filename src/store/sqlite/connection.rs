//! A read-only connection to the database in an image.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

/// Images up to this size are copied into memory of SQLite's own, which a library that opens many gets back. Larger
/// ones are lent for the rest of the process: SQLite reads their pages in place.
pub(super) const COPIED: usize = 1 << 20;

/// Opens the database in a copy of `image`; no bytes at all are an empty database.
pub(super) fn open_copy(image: &[u8], steps: &Steps) -> rusqlite::Result<Connection> {
    let mut connection = connect(image.len(), steps)?;
    if !image.is_empty() {
        connection.deserialize_read_exact(MAIN_DB, image, image.len(), true)?;
    }
    harden(&connection)?;
    Ok(connection)
}

/// Opens the database in `image`, where it lies.
pub(super) fn open_lent(image: &'static [u8], steps: &Steps) -> rusqlite::Result<Connection> {
    let mut connection = connect(image.len(), steps)?;
    connection.deserialize_bytes(MAIN_DB, image)?;
    harden(&connection)?;
    Ok(connection)
}

/// How far SQLite has come with a statement, in pieces of [`PIECE`] instructions; 0 at its beginning.
pub(super) type Steps = Arc<AtomicU64>;

/// Instructions of SQLite's machine between two looks at the steps.
const PIECE: u64 = 10_000;

/// A connection that gives up a statement after more instructions than a sound database of this size can need: a row
/// takes a few dozen of them and more bytes than that. Without it pages that lead to each other would keep SQLite
/// busy for ever, also when no row comes of it.
fn connect(size: usize, steps: &Steps) -> rusqlite::Result<Connection> {
    // One thread uses a connection, so SQLite's own locks are left out.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_in_memory_with_flags(flags)?;
    let most = (1_000_000 + 2 * size as u64) / PIECE;
    let steps = Arc::clone(steps);
    let give_up = move || steps.fetch_add(1, Ordering::Relaxed) > most;
    connection.progress_handler(PIECE as i32, Some(give_up))?;
    Ok(connection)
}

/// The longest value that SQLite may make, in bytes. Records are smaller; this bounds what a damaged database can ask
/// for.
const LONGEST: i32 = 256 << 20;

/// The database is a stranger's: no views or triggers, no writes. That its tables have no computed columns is seen to
/// when the schema is read, that a walk ends by the walk itself.
fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    // Sorting is rare and small; it must not leave a file behind. Pages of indexes stay in the
    // cache, so that they are checked once.
    connection.execute_batch(
        "PRAGMA query_only = 1; PRAGMA cell_size_check = 1; PRAGMA temp_store = 2; PRAGMA cache_size = -4096;",
    )
}
