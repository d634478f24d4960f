//! Rows that another file holds already, copied as they are.
//!
//! Nothing of them is looked at on the way but their keys: a slim grant stays slim, and a time what it was. Rows keep
//! their ids, and so their order. What a damaged file may add to that (rows twice, rows of no sync, counts that are no
//! longer true) is set right afterwards.

use std::collections::BTreeMap;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, params};

use super::super::super::sync::parse_stats;
use super::super::pages::Value;
use super::ddl::{self, Kind};
use super::error::{WriteError, sqlite};
use super::{SyncKind, Writer, bulk, stats};
use crate::model::proto::c1::reader::v2::SyncStats;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Real(number) => ValueRef::Real(number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The tables that hold what belongs to a sync: five kinds of records, then the scratch data of the connector.
const TABLES: [&str; 6] = [
    "v1_resource_types",
    "v1_resources",
    "v1_entitlements",
    "v1_grants",
    "v1_assets",
    "v1_connector_sessions",
];

/// More syncs than any file has lost the runs of.
const MAX_MADE: usize = 100;

/// Rows of a sync in each of [`TABLES`].
type Rows = [u64; TABLES.len()];

/// A sync of which all rows have been copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CopiedSync {
    /// Its id.
    pub(crate) id: String,
    /// Its type.
    pub(crate) kind: String,
    /// Whether it ended.
    pub(crate) finished: bool,
    /// Whether there was no run of that id, so that one was made.
    pub(crate) made: bool,
    /// Its resource types, resources, entitlements, grants and assets.
    pub(crate) kept: [u64; 5],
    /// What the counts that came with it say of these.
    pub(crate) stated: Option<[u64; 5]>,
}

/// What came of all syncs.
#[derive(Debug, Default)]
pub(crate) struct CopiedSyncs {
    /// In their order.
    pub(crate) syncs: Vec<CopiedSync>,
    /// Syncs without a run, and their rows, which were taken out again.
    pub(crate) runless: Vec<(String, u64)>,
}

impl Writer {
    /// Copies a row: its columns without the id, which it keeps unless another row has it. False when there is a record
    /// of the same id in the same sync already, as far as that can be told before [`Writer::index_copies`].
    pub(crate) fn copy_row(
        &mut self,
        table: &'static str,
        id: Option<i64>,
        columns: &[(&'static str, Value<'_>)],
    ) -> Result<bool, WriteError> {
        let failed = sqlite("copying a row");
        let mut sql = format!("INSERT OR IGNORE INTO {table} (id");
        columns.iter().for_each(|(name, _)| sql.extend([", ", name]));
        sql.push_str(") VALUES (?");
        columns.iter().for_each(|_| sql.push_str(", ?"));
        sql.push(')');
        let mut statement = self.connection().prepare_cached(&sql).map_err(&failed)?;
        let mut insert = |id: Option<i64>| {
            let mut values: Vec<&dyn ToSql> = vec![&id];
            values.extend(columns.iter().map(|(_, value)| value as &dyn ToSql));
            statement.execute(&values[..]).map(|rows| rows == 1).map_err(&failed)
        };
        Ok(insert(id)? || (id.is_some() && insert(None)?))
    }

    /// Counts as the column of a sync holds them, with the measurements in its checkpoint.
    pub(crate) fn counts_text(counts: &SyncStats, token: &str) -> String {
        stats::to_json(counts, token)
    }

    /// Makes sure that a sync has a record of an id once: of several, the one with the lowest row id stays. Returns how
    /// many were taken out of which table. From now on none can be added.
    pub(crate) fn index_copies(&mut self) -> Result<Vec<(&'static str, u64)>, WriteError> {
        let connection = self.connection();
        let mut removed = Vec::new();
        for object in ddl::SCHEMA.iter().filter(|object| object.kind == Kind::Unique) {
            if bulk::is_made(connection, object)? {
                continue;
            }
            match connection.execute_batch(object.sql) {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                    let failed = sqlite("taking out duplicates");
                    let table = object.table;
                    let sql = format!(
                        "DELETE FROM {table} WHERE id NOT IN (SELECT min(id) FROM {table} GROUP BY external_id, sync_id)"
                    );
                    let rows = connection.execute(&sql, []).map_err(&failed)?;
                    removed.push((table, rows as u64));
                    connection.execute_batch(object.sql).map_err(&failed)?;
                }
                other => other.map_err(sqlite("creating the indexes"))?,
            }
        }
        Ok(removed)
    }

    /// Brings the sync runs and their rows together, after all have been copied. Rows of a sync without a run get one
    /// that did not end when `make` is set, else they are taken out. Counts that are not true are made anew.
    pub(crate) fn settle_copies(&mut self, make: bool) -> Result<CopiedSyncs, WriteError> {
        let failed = sqlite("bringing the syncs together");
        let connection = self.connection();
        let mut rows = rows_by_sync(connection).map_err(&failed)?;
        let mut done = CopiedSyncs::default();
        for mut run in runs(connection).map_err(&failed)? {
            let rows = rows.remove(&run.sync.id).unwrap_or_default();
            run.sync.kept = records(rows);
            recount(connection, &mut run).map_err(&failed)?;
            done.syncs.push(run.sync);
        }
        let make = make && rows.len() <= MAX_MADE;
        for (id, rows) in rows {
            // An id that is no UTF-8 has been counted with replacement characters.
            if make && !id.is_empty() && !id.contains(char::REPLACEMENT_CHARACTER) {
                make_run(connection, &id).map_err(&failed)?;
                let kind = SyncKind::Partial.word().to_owned();
                let kept = records(rows);
                done.syncs.push(CopiedSync { id, kind, finished: false, made: true, kept, stated: None });
            } else {
                done.runless.push((id, rows.iter().sum()));
            }
        }
        if !done.runless.is_empty() {
            remove_runless(connection).map_err(&failed)?;
        }
        Ok(done)
    }
}

fn records(rows: Rows) -> [u64; 5] {
    let [types, resources, entitlements, grants, assets, _] = rows;
    [types, resources, entitlements, grants, assets]
}

fn rows_by_sync(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Rows>> {
    let mut found: BTreeMap<String, Rows> = BTreeMap::new();
    for (place, table) in TABLES.into_iter().enumerate() {
        for (id, rows) in stats::counts_by_sync(connection, table)? {
            if let Some(count) = found.entry(id).or_default().get_mut(place) {
                *count += rows;
            }
        }
    }
    Ok(found)
}

/// A sync run, with what its counts need.
struct Run {
    sync: CopiedSync,
    token: String,
    stats: Option<String>,
}

fn runs(connection: &Connection) -> rusqlite::Result<Vec<Run>> {
    let sql =
        "SELECT sync_id, sync_type, ended_at IS NOT NULL, sync_token, stats FROM v1_sync_runs ORDER BY id";
    let mut statement = connection.prepare(sql)?;
    let runs = statement.query_map([], |row| {
        let text = |index| {
            let value = row.get_ref(index)?;
            let bytes = value.as_bytes_or_null().unwrap_or_default();
            Ok::<_, rusqlite::Error>(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
        };
        let stats = text(4)?;
        let stated = stats.as_deref().and_then(parse_stats);
        Ok(Run {
            sync: CopiedSync {
                id: text(0)?.unwrap_or_default(),
                kind: text(1)?.unwrap_or_default(),
                finished: row.get(2)?,
                made: false,
                kept: [0; 5],
                stated: stated.as_ref().map(totals),
            },
            token: text(3)?.unwrap_or_default(),
            stats,
        })
    })?;
    runs.collect()
}

fn totals(stats: &SyncStats) -> [u64; 5] {
    [stats.resource_types, stats.resources, stats.entitlements, stats.grants, stats.assets]
        .map(|count| u64::try_from(count).unwrap_or(0))
}

/// Makes the counts of a sync anew when it has some that are not true.
fn recount(connection: &Connection, run: &mut Run) -> rusqlite::Result<()> {
    let Some(text) = &run.stats else { return Ok(()) };
    let kind = SyncKind::of(&run.sync.kind).unwrap_or(SyncKind::Full);
    let counted = stats::count(connection, &run.sync.id, kind)?;
    let true_still = parse_stats(text).is_some_and(|stated| {
        totals(&stated) == totals(&counted)
            && stated.resources_by_resource_type == counted.resources_by_resource_type
            && stated.entitlements_by_resource_type == counted.entitlements_by_resource_type
            && stated.grants_by_resource_type == counted.grants_by_resource_type
    });
    if true_still {
        return Ok(());
    }
    let stats = run.sync.finished.then(|| stats::to_json(&counted, &run.token));
    let sql = "UPDATE v1_sync_runs SET stats = ?2 WHERE sync_id = ?1";
    connection.execute(sql, params![run.sync.id, stats]).map(drop)
}

/// A run for rows that have lost theirs. Nothing is known of it but that they belong to it, and when the first was
/// found.
fn make_run(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    let mut started: Option<String> = None;
    for table in TABLES.into_iter().filter(|table| *table != "v1_connector_sessions") {
        let sql =
            format!("SELECT CAST(min(discovered_at) AS TEXT) FROM {table} NOT INDEXED WHERE sync_id = ?1");
        let found: Option<String> = connection.query_row(&sql, [id], |row| row.get(0))?;
        started = match (started, found) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    let sql = "INSERT INTO v1_sync_runs (sync_id, started_at, sync_token, sync_type) VALUES (?1, ?2, '', ?3)";
    let values = params![id, started.unwrap_or_default(), SyncKind::Partial.word()];
    connection.execute(sql, values).map(drop)
}

fn remove_runless(connection: &Connection) -> rusqlite::Result<()> {
    TABLES.into_iter().try_for_each(|table| {
        let sql = format!("DELETE FROM {table} WHERE sync_id NOT IN (SELECT sync_id FROM v1_sync_runs)");
        connection.execute(&sql, []).map(drop)
    })
}
