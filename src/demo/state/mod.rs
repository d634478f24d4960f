//! The system behind the demo connector: a small directory of users and what they may do, in a SQLite database.
//!
//! This stands where other connectors have an HTTP client. It knows nothing of pages, entitlements and annotations: it
//! lists its objects in the order of their ids, says who holds what and why, and lets both be changed. Every change is
//! one transaction, which also writes down what happened.
//!
//! ```text
//! orgs ─< projects       users ─< secrets       groups       roles
//! assignments   what somebody gave to somebody by hand
//! held (view)   the same, and what follows from it
//! audit         what has happened
//! ```

mod change;
mod database;
mod objects;
#[cfg(test)]
mod tests;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Params, Row, Transaction, TransactionBehavior};

pub(super) use change::{NewUser, Slot};
pub(super) use objects::{Group, Happened, Held, Kind, Object, Org, Project, Role, Secret, User, What};

use crate::sync::{Answer, Code, ConnectorError};

/// The database. Its methods do not tell how much they return at once: whoever asks for a list says how much is wanted.
#[derive(Debug)]
pub(super) struct State {
    connection: Connection,
}

impl State {
    /// Opens the database in `file`, which is made and filled with the built-in data if it is not there or empty;
    /// without a file, a database of its own in memory.
    pub(super) fn open(file: Option<&Path>) -> Answer<Self> {
        database::open(file).map(|connection| Self { connection })
    }

    /// Looks whether the database can be read.
    pub(super) fn check(&self) -> Answer<()> {
        self.one("SELECT count(*) FROM held", [], |row| row.get::<_, i64>(0)).map(drop)
    }

    /// Up to `most` objects whose ids come after `after`, in the order of their ids.
    pub(super) fn list<T: Object>(&self, after: &str, most: usize) -> Answer<Vec<T>> {
        let sql = format!("SELECT * FROM {} WHERE id > ?1 ORDER BY id LIMIT ?2", T::KIND.plural());
        self.all(&sql, (after, count(most)), T::read)
    }

    /// As [`State::list`], of the projects of an organisation.
    pub(super) fn projects(&self, org: &str, after: &str, most: usize) -> Answer<Vec<Project>> {
        let sql = "SELECT * FROM projects WHERE org = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        self.all(sql, (org, after, count(most)), Project::read)
    }

    /// The object with this id; [`Code::NotFound`] when there is none.
    pub(super) fn get<T: Object>(&self, id: &str) -> Answer<T> {
        let sql = format!("SELECT * FROM {} WHERE id = ?1", T::KIND.plural());
        self.one(&sql, [id], T::read)?.ok_or_else(|| no_such(T::KIND, id))
    }

    /// How many objects of a kind there are.
    pub(super) fn count(&self, kind: Kind) -> Answer<i64> {
        let sql = format!("SELECT count(*) FROM {}", kind.plural());
        self.one(&sql, [], |row| row.get(0)).map(Option::unwrap_or_default)
    }

    /// Up to `most` of those who hold something of an object, after the key `after`, in the order of their keys.
    pub(super) fn held(&self, kind: Kind, id: &str, after: &str, most: usize) -> Answer<Vec<Held>> {
        let sql = format!("{HELD} AND key > ?3 GROUP BY key ORDER BY key LIMIT ?4");
        self.all(&sql, (kind, id, after, count(most)), Held::read)
    }

    /// One who holds something, if they do.
    pub(super) fn holder(&self, slot: &Slot<'_>) -> Answer<Option<Held>> {
        let sql = format!("{HELD} AND slug = ?3 AND principal_type = ?4 AND principal = ?5 GROUP BY key");
        self.one(&sql, slot.columns(), Held::read)
    }

    /// How many hold something, counted once for each thing that they hold.
    pub(super) fn count_held(&self) -> Answer<i64> {
        let sql = "SELECT count(*) FROM
                   (SELECT DISTINCT resource_type, resource, slug, principal_type, principal FROM held)";
        self.one(sql, [], |row| row.get(0)).map(Option::unwrap_or_default)
    }

    /// Up to `most` entries of the audit after number `after` that were written at `since` or later, in Unix seconds.
    pub(super) fn happened(&self, after: i64, since: i64, most: usize) -> Answer<Vec<Happened>> {
        let sql = "SELECT * FROM audit WHERE number > ?1 AND at >= ?2 ORDER BY number LIMIT ?3";
        self.all(sql, (after, since, count(most)), Happened::read)
    }

    fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Answer<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(parameters, read).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Answer<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.query_row(parameters, read).optional().map_err(failed)
    }

    /// Does all of `work`, or nothing of it.
    fn change<T>(&self, work: impl FnOnce() -> Answer<T>) -> Answer<T> {
        // Immediate: two processes that first looked and then wrote would otherwise get in each other's way.
        let begun = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        let transaction = begun.map_err(failed)?;
        let done = work()?;
        transaction.commit().map_err(failed)?;
        Ok(done)
    }

    fn execute(&self, sql: &str, parameters: impl Params) -> Answer<usize> {
        self.connection.prepare_cached(sql).and_then(|mut s| s.execute(parameters)).map_err(failed)
    }
}

/// The columns of [`Held`]. One who has it for several reasons is one row, and what was given by hand, whose source is
/// empty, comes before any other reason.
const HELD: &str =
    "SELECT slug || ':' || principal_type || ':' || principal AS key, slug, principal_type, principal,
                           min(source) AS source, max(expandable) AS expandable
                    FROM held WHERE resource_type = ?1 AND resource = ?2";

fn no_such(kind: Kind, id: &str) -> ConnectorError {
    ConnectorError::new(Code::NotFound, format!("there is no {kind} {id:?}"))
}

/// SQLite counts in `i64`.
fn count(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// What SQLite says.
fn failed(error: rusqlite::Error) -> ConnectorError {
    ConnectorError::new(code(&error), "the demo database").because(error)
}

/// The code decides whether the call is made again.
fn code(error: &rusqlite::Error) -> Code {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, PermissionDenied, ReadOnly,
    };
    match error.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => Code::Unavailable,
        Some(CannotOpen | DiskFull | PermissionDenied | ReadOnly) => Code::FailedPrecondition,
        _ => Code::Internal,
    }
}
