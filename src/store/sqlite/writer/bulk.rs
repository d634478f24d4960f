//! Making indexes before or after the records.

use rusqlite::{Connection, ErrorCode};

use super::ddl::{self, Kind, Object};
use super::error::{WriteError, sqlite};

/// When the indexes of records are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indexes {
    /// Before the records, so that a record can be found and replaced.
    First,
    /// After them, which takes a fraction of the time, and no memory for the pages that random ids touch.
    Last,
}

impl Indexes {
    /// Whether it is made before the records.
    pub(super) fn has_first(self, object: &Object) -> bool {
        self == Self::First || !is_deferred(object)
    }
}

/// Sync runs and sessions are few, and found by their keys while they are written.
fn is_deferred(object: &Object) -> bool {
    object.kind != Kind::Table && !["v1_sync_runs", "v1_connector_sessions"].contains(&object.table)
}

/// Whether an index is there.
pub(super) fn is_made(connection: &Connection, object: &Object) -> Result<bool, WriteError> {
    let sql = "SELECT count(*) > 0 FROM sqlite_schema WHERE name = ?1";
    connection.query_row(sql, [object.name], |row| row.get(0)).map_err(sqlite("looking at the indexes"))
}

/// Makes the indexes that were left out.
pub(super) fn complete(connection: &Connection) -> Result<(), WriteError> {
    for object in ddl::SCHEMA.iter().filter(|object| is_deferred(object)) {
        if is_made(connection, object)? {
            continue;
        }
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
