//! The working database: a SQLite file in a private place, which is compressed into the target at the end.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use tempfile::{NamedTempFile, TempPath};

use super::ddl::SCHEMA;
use super::error::{WriteError, sqlite};
use crate::c1z::{self, SaveOptions};

/// How SQLite treats a file that only this process knows and that is worth nothing unless it gets finished.
///
/// Nothing is synced. The journal is kept in memory rather than turned off, so that a statement that fails half-way
/// is undone; it holds only pages that were there before the one transaction, which are those of the empty tables.
const PRAGMAS: &str = "
PRAGMA page_size = 4096;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
";

/// Statements kept prepared: two for each of the five tables of records, and those of sync runs.
const STATEMENTS: usize = 24;

/// A database that is being filled, in one transaction.
#[derive(Debug)]
pub(super) struct Working {
    connection: Connection,
    directory: PathBuf,
    /// A handle of our own, which reads what SQLite wrote.
    file: File,
    /// Where the file still has a name: deletes it when dropped, after the connection.
    _name: Option<TempPath>,
}

impl Working {
    /// An empty database with all tables, in a file that nobody else can open and that does not outlive the process.
    pub(super) fn temporary(directory: Option<&Path>) -> Result<Self, WriteError> {
        let directory = directory.map_or_else(std::env::temp_dir, Path::to_owned);
        let failed = |source| WriteError::TempFile { directory: directory.clone(), source };
        // Readable by its owner only, as every temporary file of that crate.
        let named = tempfile::Builder::new().prefix(".baton-").tempfile_in(&directory).map_err(failed)?;
        let connection = open(named.path())?;
        connection.execute_batch(SCHEMA).map_err(sqlite("creating the tables"))?;
        connection.execute_batch("BEGIN").map_err(sqlite("beginning"))?;
        let (file, name) = forget_name(named).map_err(failed)?;
        Ok(Self { connection, directory, file, _name: name })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Ends the transaction and saves the database as a version 1 c1z file.
    pub(super) fn save(self, target: &Path, options: SaveOptions) -> Result<(), WriteError> {
        let Self { connection, directory, mut file, _name } = self;
        // SQLite ends the transaction by itself after a grave error, such as a full disk.
        if connection.is_autocommit() {
            return Err(WriteError::RolledBack);
        }
        connection.execute_batch("COMMIT").map_err(sqlite("finishing"))?;
        connection.close().map_err(|(_, source)| sqlite("closing")(source))?;
        let size = file.metadata().map_err(|source| WriteError::TempFile { directory, source })?.len();
        c1z::save(target, options, Some(size), &mut |out| {
            file.rewind()?;
            io::copy(&mut file, out).map(drop)
        })?;
        Ok(())
    }
}

fn open(path: &Path) -> Result<Connection, WriteError> {
    // One thread uses the connection, so SQLite's own locks are left out.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite("opening"))?;
    connection.execute_batch(PRAGMAS).map_err(sqlite("opening"))?;
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
