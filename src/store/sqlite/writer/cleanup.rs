//! Removing old syncs, by the rules of the program that connectors use.
//!
//! Only finished syncs are ever removed, and never the open one. Of the whole ones the newest stay, a partial one goes
//! when it is older than they are, and of pairs of differences only the last stays.

use std::collections::HashSet;

use rusqlite::{Connection, params_from_iter};

use super::Writer;
use super::ddl::{Kind, Object, SCHEMA};
use super::error::{WriteError, sqlite};
use crate::model::time::Instant;

/// Whole syncs that are kept when nobody says how many.
const KEPT: usize = 2;

/// A finished sync, in storage order.
#[derive(Debug, Clone)]
struct Old {
    id: String,
    kind: String,
    linked: String,
    started_at: Option<Instant>,
    ended_at: Option<Instant>,
}

/// What a sync counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A full one; so is a kind of the future.
    Full,
    Partial,
    Difference,
}

impl Old {
    fn class(&self) -> Class {
        match self.kind.as_str() {
            "partial_upserts" | "partial_deletions" => Class::Difference,
            "partial" | "resources_only" => Class::Partial,
            _ => Class::Full,
        }
    }
}

impl Writer {
    /// Removes old syncs with all their records, and gives their ids, in storage order.
    ///
    /// `keep` full syncs stay, the open one counted as one of them whatever its kind; 0 stands for the usual number, 2.
    /// Partial syncs go that ended before the oldest of the full ones that stay began (while a sync is open: the
    /// newest that goes). When there are more than two differences, the last of them stays with its other half.
    ///
    /// # Errors
    /// [`WriteError::Sqlite`]
    pub fn clean_up(&mut self, keep: usize) -> Result<Vec<String>, WriteError> {
        let open = self.sync.as_ref().map(|sync| sync.id.as_str());
        let failed = sqlite("looking for old syncs");
        let syncs = finished(self.connection(), open.unwrap_or_default()).map_err(&failed)?;
        let keep = if keep == 0 { KEPT } else { keep };
        let gone = chosen(&syncs, keep, open.is_some());
        remove(self.connection(), &gone).map_err(sqlite("removing old syncs"))?;
        Ok(gone)
    }

    /// Removes one sync with all its records, finished or not.
    ///
    /// # Errors
    /// [`WriteError::UnknownSync`]; [`WriteError::SyncOpen`] when it is the open one; [`WriteError::Sqlite`].
    pub fn remove_sync(&mut self, id: &str) -> Result<(), WriteError> {
        if self.sync_id() == Some(id) {
            return Err(WriteError::SyncOpen { id: id.to_owned() });
        }
        if !self.runs()?.iter().any(|run| run.id == id) {
            return Err(WriteError::UnknownSync { id: id.to_owned() });
        }
        remove(self.connection(), &[id.to_owned()]).map_err(sqlite("removing a sync"))
    }
}

/// The finished syncs except the open one.
fn finished(connection: &Connection, open: &str) -> rusqlite::Result<Vec<Old>> {
    let sql = "SELECT sync_id, sync_type, linked_sync_id, started_at, ended_at FROM v1_sync_runs
        WHERE ended_at IS NOT NULL AND sync_id <> ?1 ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([open], |row| {
        let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null().ok().flatten());
        let owned = |column| Ok::<_, rusqlite::Error>(text(column)?.unwrap_or_default().to_owned());
        Ok(Old {
            id: owned(0)?,
            kind: owned(1)?,
            linked: owned(2)?,
            started_at: text(3)?.and_then(Instant::parse),
            ended_at: text(4)?.and_then(Instant::parse),
        })
    })?;
    rows.collect()
}

/// The ids of those to be removed.
fn chosen(syncs: &[Old], keep: usize, open: bool) -> Vec<String> {
    let of = |class| syncs.iter().filter(move |sync| sync.class() == class);
    let mut gone = HashSet::new();
    let full: Vec<&Old> = of(Class::Full).collect();
    let limit = keep - usize::from(open);
    if let Some(excess) = full.len().checked_sub(limit).filter(|excess| *excess > 0) {
        gone.extend(full.iter().take(excess).map(|sync| sync.id.as_str()));
        let oldest = full.get(excess - usize::from(open)).and_then(|sync| sync.started_at);
        // A time that cannot be read is neither before nor after any other.
        let before = |sync: &&Old| sync.ended_at.zip(oldest).is_some_and(|(ended, began)| ended < began);
        gone.extend(of(Class::Partial).filter(before).map(|sync| sync.id.as_str()));
    }
    let differences: Vec<&Old> = of(Class::Difference).collect();
    if let (3.., Some(last)) = (differences.len(), differences.last()) {
        let stays = |sync: &Old| sync.id == last.id || sync.id == last.linked;
        gone.extend(differences.iter().filter(|sync| !stays(sync)).map(|sync| sync.id.as_str()));
    }
    syncs.iter().filter(|sync| gone.contains(sync.id.as_str())).map(|sync| sync.id.clone()).collect()
}

/// Syncs removed by one statement; SQLite bounds how many parameters it has.
const AT_ONCE: usize = 500;

/// Rows from which on it is worth the while to make indexes anew.
const MANY: i64 = 10_000;

/// Removes the records of syncs, and then their runs.
fn remove(connection: &Connection, ids: &[String]) -> rusqlite::Result<()> {
    let tables = SCHEMA.iter().filter(|object| object.kind == Kind::Table).map(|object| object.name);
    let records = tables.filter(|name| *name != "v1_sync_runs");
    for ids in ids.chunks(AT_ONCE) {
        let marks = vec!["?"; ids.len()].join(", ");
        for table in records.clone().chain(["v1_sync_runs"]) {
            remove_from(connection, table, &format!("sync_id IN ({marks})"), ids)?;
        }
    }
    Ok(())
}

/// Removes the rows of a table that a condition with parameters picks.
///
/// Taking a row out of an index touches a page somewhere in it. When many rows go, it takes far less time to drop the
/// indexes, and to sort what stays into new ones.
fn remove_from(
    connection: &Connection,
    table: &str,
    condition: &str,
    ids: &[String],
) -> rusqlite::Result<()> {
    let count = format!("SELECT count(*), count(*) FILTER (WHERE {condition}) FROM {table} NOT INDEXED");
    let (all, gone): (i64, i64) =
        connection.query_row(&count, params_from_iter(ids), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let delete = format!("DELETE FROM {table} WHERE {condition}");
    if gone == all {
        // Without a condition SQLite empties a table and its indexes page by page.
        connection.execute(&format!("DELETE FROM {table}"), [])?;
    } else if gone >= MANY && gone >= all / 4 {
        let indexes = indexes(connection, table)?;
        indexes
            .iter()
            .try_for_each(|index| connection.execute_batch(&format!("DROP INDEX {}", index.name)))?;
        connection.execute(&delete, params_from_iter(ids))?;
        indexes.iter().try_for_each(|index| connection.execute_batch(index.sql))?;
    } else if gone > 0 {
        connection.execute(&delete, params_from_iter(ids))?;
    }
    Ok(())
}

/// Those of our indexes that a table has: a writer may leave them to the end.
fn indexes(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Object>> {
    let ours = SCHEMA.into_iter().filter(|object| object.kind != Kind::Table && object.table == table);
    let mut exists = connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1")?;
    let there = ours.map(|index| Ok(exists.exists([index.name])?.then_some(index)));
    there.filter_map(Result::transpose).collect()
}
