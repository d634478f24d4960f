//! The working database: a SQLite file that is filled, and compressed into the target at the end.
//!
//! It lies either in a private place and has no name, or beside its target ([`super::spot`]), where it outlives the
//! process.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::{NamedTempFile, TempPath};

use super::bulk::{self, Indexes};
use super::error::{WriteError, file_error, sqlite};
use super::spot::{self, Spot, Stamp, Turn, Wait};
use super::{ddl, opening};
use crate::c1z::{self, SaveOptions};
use crate::store::sqlite::runs;
use crate::store::sync::SyncRun;

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

impl Working {
    /// An empty database with all tables, in a file that nobody else can open and that does not outlive the process.
    pub(super) fn temporary(directory: Option<&Path>, indexes: Indexes) -> Result<Self, WriteError> {
        let directory = directory.map_or_else(std::env::temp_dir, Path::to_owned);
        let failed = |source| WriteError::TempFile { directory: directory.clone(), source };
        // Readable by its owner only, as every temporary file of that crate.
        let named = tempfile::Builder::new().prefix(".baton-").tempfile_in(&directory).map_err(failed)?;
        let connection = opening::private(named.path()).map_err(sqlite("opening"))?;
        ddl::create(&connection, |object| indexes.has_first(object))
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
        let connection = opening::working(spot)?;
        // Only now: had another process the lock, then closing this handle would end none of ours.
        let file = File::open(&spot.working).map_err(file_error(&spot.working, "opening"))?;
        Self::beside(connection, file, spot).map(Some)
    }

    /// Makes the working database out of the file of `turn`.
    pub(super) fn new(spot: &Spot, turn: Turn) -> Result<Self, WriteError> {
        // Nothing is there that they belong to.
        spot.remove_working()?;
        let file = turn.become_working(spot)?;
        let connection = opening::working(spot)?;
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

    /// Every sync run.
    pub(super) fn runs(&self) -> Result<Vec<SyncRun>, WriteError> {
        let listed = runs::list_all(&self.connection);
        listed.map_err(|source| WriteError::Reading { table: "v1_sync_runs", source })
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
        c1z::save_through(&spot.real, &spot.unfinished, Some(size), &mut |out| copy(&mut self.file, out))?;
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

    /// Ends the transaction. A file that lies beside its target becomes as small as it can be, and complete without
    /// another one beside it.
    pub(super) fn settle(&self) -> Result<(), WriteError> {
        self.check()?;
        if let Place::Private { indexes: Indexes::Last, .. } = self.place {
            bulk::complete(&self.connection)?;
        }
        self.connection.execute_batch("COMMIT").map_err(sqlite("finishing"))?;
        match self.place {
            // What was done to it on purpose, such as damage, stays.
            Place::Private { .. } => Ok(()),
            Place::Beside { .. } => compact(&self.connection).map_err(sqlite("compacting")),
        }
    }

    fn size(&self) -> Result<u64, WriteError> {
        let failed = |source| match &self.place {
            Place::Private { directory, .. } => WriteError::TempFile { directory: directory.clone(), source },
            Place::Beside { spot, .. } => file_error(&spot.working, "reading")(source),
        };
        Ok(self.file.metadata().map_err(failed)?.len())
    }
}

/// Takes out free pages, and moves the log into the database.
fn compact(connection: &Connection) -> rusqlite::Result<()> {
    let free: i64 = connection.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    if free > 0 {
        connection.execute_batch("VACUUM")?;
    }
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
}

fn copy(file: &mut File, out: &mut dyn io::Write) -> io::Result<()> {
    file.rewind()?;
    io::copy(file, out).map(drop)
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
