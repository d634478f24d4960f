//! The working database: a SQLite file that is filled, and compressed into the target at the end.
//!
//! It lies either in a private place and has no name, or beside its target ([`super::spot`]), where it outlives the
//! process.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};
use tempfile::{NamedTempFile, TempPath};

use super::ddl::{self, Kind, Object};
use super::error::{WriteError, file_error, sqlite};
use super::migrate::{self, Fault};
use super::spot::{self, Spot, Stamp, Turn, Wait};
use crate::c1z::{self, SaveOptions};

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

/// How SQLite treats a file that a killed sync goes on from.
///
/// Being exclusive before the log is first touched, it keeps the index of the log in memory, and its lock to the end.
const BESIDE: &str = "
PRAGMA locking_mode = EXCLUSIVE;
BEGIN EXCLUSIVE;
COMMIT;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -65536;
";

/// Statements kept prepared: three for each table of records, and those of sync runs and sessions.
const STATEMENTS: usize = 40;

/// A database that is being filled.
#[derive(Debug)]
pub(super) struct Working {
    // Dropped before the file: closing that one would end SQLite's lock on it.
    connection: Connection,
    /// A handle of our own, which reads what SQLite wrote.
    file: File,
    place: Place,
}

/// Where a working database is.
#[derive(Debug)]
enum Place {
    /// It is filled in one transaction.
    Private {
        directory: PathBuf,
        indexes: Indexes,
        /// Where the file still has a name: deletes it when dropped.
        _name: Option<TempPath>,
    },
    Beside {
        spot: Spot,
        /// The target from which it was made.
        stamp: Option<Stamp>,
    },
}

/// When the indexes of records are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indexes {
    /// Before the records, so that a record can be found and replaced.
    First,
    /// After them, which takes a fraction of the time, and no memory for the pages that random ids touch.
    Last,
}

impl Working {
    /// An empty database with all tables, in a file that nobody else can open and that does not outlive the process.
    pub(super) fn temporary(directory: Option<&Path>, indexes: Indexes) -> Result<Self, WriteError> {
        let directory = directory.map_or_else(std::env::temp_dir, Path::to_owned);
        let failed = |source| WriteError::TempFile { directory: directory.clone(), source };
        // Readable by its owner only, as every temporary file of that crate.
        let named = tempfile::Builder::new().prefix(".baton-").tempfile_in(&directory).map_err(failed)?;
        let connection = open(named.path(), PRIVATE).map_err(sqlite("opening"))?;
        ddl::create(&connection, |object| indexes == Indexes::First || !is_deferred(object))
            .map_err(sqlite("creating the tables"))?;
        connection.execute_batch("BEGIN").map_err(sqlite("beginning"))?;
        let (file, name) = forget_name(named).map_err(failed)?;
        Ok(Self { connection, file, place: Place::Private { directory, indexes, _name: name } })
    }

    /// The working database that an earlier process has left, which nobody else uses now; `None` when there is none.
    pub(super) fn left(spot: &Spot) -> Result<Option<Self>, WriteError> {
        if !spot.has_working()? {
            return Ok(None);
        }
        let unusable = |fault: Fault| unusable(spot, &fault);
        let connection = open(&spot.working, BESIDE).map_err(Fault::Sqlite).map_err(unusable)?;
        let empty = fs::metadata(&spot.working).is_ok_and(|metadata| metadata.len() == 0);
        let usable = match migrate::inspect(&connection) {
            Ok(schema) if empty || migrate::is_complete(&schema) => Ok(()),
            Ok(_) => Err(Fault::Layout("it lacks tables of a c1z".into())),
            Err(fault) => Err(fault),
        };
        usable.and_then(|()| migrated(&connection)).map_err(unusable)?;
        // Only now: had another process the lock, then closing this handle would end none of ours.
        let file = File::open(&spot.working).map_err(file_error(&spot.working, "opening"))?;
        Self::beside(connection, file, spot).map(Some)
    }

    /// Makes the working database out of the file of `turn`.
    pub(super) fn new(spot: &Spot, turn: Turn) -> Result<Self, WriteError> {
        // Nothing is there that they belong to.
        spot.remove_working()?;
        let file = turn.become_working(spot)?;
        let opened = open(&spot.working, BESIDE).map_err(Fault::Sqlite);
        let connection = opened.map_err(|fault| unusable(spot, &fault))?;
        Self::beside(connection, file, spot)
    }

    fn beside(connection: Connection, file: File, spot: &Spot) -> Result<Self, WriteError> {
        connection.execute_batch("BEGIN").map_err(sqlite("beginning"))?;
        Ok(Self { connection, file, place: Place::Beside { spot: spot.clone(), stamp: None } })
    }

    /// Remembers the target that the database was made from.
    pub(super) fn belongs_to(&mut self, target: Option<Stamp>) {
        if let Place::Beside { stamp, .. } = &mut self.place {
            *stamp = target;
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Ends the transaction and begins the next. A database that does not outlive the process stays in its one.
    pub(super) fn commit(&self) -> Result<(), WriteError> {
        self.check()?;
        match self.place {
            Place::Private { .. } => Ok(()),
            Place::Beside { .. } => {
                self.connection.execute_batch("COMMIT; BEGIN").map_err(sqlite("committing"))
            }
        }
    }

    /// SQLite ends the transaction by itself after a grave error, such as a full disk.
    fn check(&self) -> Result<(), WriteError> {
        if self.connection.is_autocommit() { Err(WriteError::RolledBack) } else { Ok(()) }
    }

    /// Ends the transaction and saves the database as a version 1 c1z file. A working database beside its target
    /// stays.
    pub(super) fn save(mut self, target: &Path, options: SaveOptions) -> Result<(), WriteError> {
        self.settle()?;
        let size = self.size()?;
        Ok(c1z::save(target, options, Some(size), &mut |out| copy(&mut self.file, out))?)
    }

    /// Saves the database at its target and removes it.
    pub(super) fn save_beside(mut self) -> Result<(), WriteError> {
        let Place::Beside { spot, stamp } = &self.place else { return Err(WriteError::NoTarget) };
        let (spot, stamp) = (spot.clone(), *stamp);
        self.settle()?;
        if spot.stamp()? != stamp {
            let working = spot::name(&spot.working);
            return Err(WriteError::Changed { target: spot.target, working });
        }
        let size = self.size()?;
        c1z::save_through(&spot.target, &spot.unfinished, Some(size), &mut |out| copy(&mut self.file, out))?;
        self.discard()
    }

    /// Removes the database, with all that was collected.
    pub(super) fn discard(self) -> Result<(), WriteError> {
        let Place::Beside { spot, .. } = &self.place else { return Ok(()) };
        let turn = Turn::take(spot, Wait::Yes)?;
        self.discard_in(&turn)
    }

    /// As [`Working::discard`], for whoever has the turn already: SQLite removes its files by their names when it
    /// closes the database, so nobody may have made new ones by then.
    pub(super) fn discard_in(self, _: &Turn) -> Result<(), WriteError> {
        let Place::Beside { spot, .. } = &self.place else { return Ok(()) };
        let spot = spot.clone();
        if cfg!(unix) {
            // Nobody can open it any more before the lock ends.
            spot.remove_working()?;
            drop(self);
        } else {
            drop(self);
            spot.remove_working()?;
        }
        Ok(())
    }

    /// Ends the transaction, and makes the file as small as it can be and complete without another one beside it.
    pub(super) fn settle(&self) -> Result<(), WriteError> {
        self.check()?;
        if let Place::Private { indexes: Indexes::Last, .. } = self.place {
            index(&self.connection)?;
        }
        self.connection.execute_batch("COMMIT").map_err(sqlite("finishing"))?;
        let free: i64 = self
            .connection
            .query_row("PRAGMA freelist_count", [], |row| row.get(0))
            .map_err(sqlite("finishing"))?;
        if free > 0 {
            self.connection.execute_batch("VACUUM").map_err(sqlite("compacting"))?;
        }
        if let Place::Beside { .. } = self.place {
            let mode: String = self
                .connection
                .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
                .map_err(sqlite("moving the log into the database"))?;
            debug_assert_eq!(mode, "delete");
        }
        Ok(())
    }

    fn size(&self) -> Result<u64, WriteError> {
        let failed = |source| match &self.place {
            Place::Private { directory, .. } => WriteError::TempFile { directory: directory.clone(), source },
            Place::Beside { spot, .. } => file_error(&spot.working, "reading")(source),
        };
        Ok(self.file.metadata().map_err(failed)?.len())
    }
}

fn copy(file: &mut File, out: &mut dyn io::Write) -> io::Result<()> {
    file.rewind()?;
    io::copy(file, out).map(drop)
}

/// Says why a working database cannot be opened.
fn unusable(spot: &Spot, fault: &Fault) -> WriteError {
    let working = spot.working.clone();
    if fault.is_locked() {
        return WriteError::InUse { working };
    }
    WriteError::Unusable { working, problem: fault.to_string() }
}

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

/// Opens a database that is not in use yet and worth nothing unless it gets finished.
pub(super) fn open_new(turn: &Turn) -> Result<Connection, Fault> {
    Ok(open(turn.path(), PRIVATE)?)
}

/// Completes the layout, all or nothing.
pub(super) fn migrated(connection: &Connection) -> Result<(), Fault> {
    connection.execute_batch("BEGIN")?;
    migrate::migrate(connection)?;
    Ok(connection.execute_batch("COMMIT")?)
}

fn open(path: &Path, pragmas: &str) -> rusqlite::Result<Connection> {
    // One thread uses the connection, so SQLite's own locks are left out.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Whoever has it locked keeps it so for long.
    connection.busy_timeout(std::time::Duration::ZERO)?;
    migrate::harden(&connection)?;
    connection.execute_batch(pragmas)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Unlinks the file, which SQLite holds open: then not even a signal that kills the process leaves it behind.
#[cfg(unix)]
fn forget_name(named: NamedTempFile) -> io::Result<(File, Option<TempPath>)> {
    let (file, path) = named.into_parts();
    path.close()?;
    Ok((file, None))
}

#[cfg(not(unix))]
fn forget_name(named: NamedTempFile) -> io::Result<(File, Option<TempPath>)> {
    let (file, path) = named.into_parts();
    Ok((file, Some(path)))
}

/// Sync runs and sessions are few, and found by their keys while they are written.
fn is_deferred(object: &Object) -> bool {
    object.kind != Kind::Table && !["v1_sync_runs", "v1_connector_sessions"].contains(&object.table)
}

/// Makes the indexes that were left out.
fn index(connection: &Connection) -> Result<(), WriteError> {
    for object in ddl::SCHEMA.iter().filter(|object| is_deferred(object)) {
        connection.execute_batch(object.sql).map_err(|source| match source.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => duplicate(connection, object.table),
            _ => sqlite("creating the indexes")(source),
        })?;
    }
    Ok(())
}

/// Names a record that there is twice.
fn duplicate(connection: &Connection, table: &'static str) -> WriteError {
    let sql = format!("SELECT external_id, sync_id FROM {table} GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 1");
    let found = connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
    match found {
        Ok((id, sync)) => WriteError::Duplicate { table, id, sync },
        Err(source) => sqlite("looking for a duplicate")(source),
    }
}
