//! The sync runs of a database.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::super::Error;
use super::super::sync::{FULL, SyncRun, parse_stats};
use super::Engine;
use super::schema::{Schema, Table};
use crate::model::time::Instant;

/// Every sync run, finished or not, in the order of creation.
pub(super) fn read(engine: &Engine) -> Result<Vec<SyncRun>, Error> {
    list(&engine.connection, &engine.schema).map_err(engine.failed(Table::SyncRuns))
}

/// The sync runs of a database that has `schema`.
pub(super) fn list(connection: &Connection, schema: &Schema) -> rusqlite::Result<Vec<SyncRun>> {
    let table = Table::SyncRuns;
    if !schema.has(table) {
        return Ok(Vec::new());
    }
    select(connection, |name, default| schema.column(table, name, default))
}

/// The sync runs of a database that has every table and column.
pub(super) fn list_all(connection: &Connection) -> rusqlite::Result<Vec<SyncRun>> {
    select(connection, |name, _| name)
}

fn select(
    connection: &Connection,
    column: impl Fn(&'static str, &'static str) -> &'static str,
) -> rusqlite::Result<Vec<SyncRun>> {
    let sql = format!(
        "SELECT sync_id, started_at, ended_at, sync_token, {}, {}, {}, {} FROM v1_sync_runs ORDER BY rowid",
        column("sync_type", "'full'"),
        column("parent_sync_id", "''"),
        column("stats", "NULL"),
        column("grants_backfilled", "0"),
    );
    let mut statement = connection.prepare(&sql)?;
    let runs = statement.query_map([], run)?;
    runs.collect()
}

fn run(row: &Row<'_>) -> rusqlite::Result<SyncRun> {
    let text = |index| {
        Ok::<_, rusqlite::Error>(match row.get_ref(index)? {
            ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        })
    };
    let ended = text(2)?;
    Ok(SyncRun {
        id: text(0)?.unwrap_or_default(),
        started_at: text(1)?.as_deref().and_then(Instant::parse),
        ended_at: ended.as_deref().and_then(Instant::parse),
        finished: ended.is_some(),
        token: text(3)?.unwrap_or_default(),
        kind: text(4)?.unwrap_or_else(|| FULL.to_owned()),
        parent_id: text(5)?.unwrap_or_default(),
        stats: text(6)?.as_deref().and_then(parse_stats),
        backfilled: matches!(row.get_ref(7)?, ValueRef::Integer(flag) if flag != 0),
    })
}
