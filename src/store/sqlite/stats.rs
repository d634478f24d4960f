//! Counting the records of a sync, for files that keep no counts or whose counts are in doubt.

use std::collections::BTreeMap;

use rusqlite::OptionalExtension as _;

use super::super::Error;
use super::super::sync::SyncRun;
use super::Engine;
use super::scan::Rising;
use super::schema::Table;
use crate::model::proto::c1::reader::v2::SyncStats;

/// Counts as the reference does: resources of types that the sync does not declare are not counted.
pub(super) fn count(engine: &Engine, run: &SyncRun) -> Result<SyncStats, Error> {
    let mut stats = SyncStats::default();
    let by_type = |table, column| counts(engine, table, column, &run.id);
    let declared = by_type(Table::ResourceTypes, "external_id")?;
    stats.resource_types = declared.values().sum();
    let found = by_type(Table::Resources, "resource_type_id")?;
    stats.resources_by_resource_type =
        declared.into_keys().map(|id| (id.clone(), found.get(&id).copied().unwrap_or(0))).collect();
    stats.resources = stats.resources_by_resource_type.values().sum();
    if run.kind != "resources_only" {
        stats.entitlements_by_resource_type = by_type(Table::Entitlements, "resource_type_id")?;
        stats.entitlements = stats.entitlements_by_resource_type.values().sum();
        stats.grants_by_resource_type = by_type(Table::Grants, "resource_type_id")?;
        stats.grants = stats.grants_by_resource_type.values().sum();
    }
    stats.assets = assets(engine, &run.id)?;
    Ok(stats)
}

/// Rows of a sync by the text in one column.
fn counts(engine: &Engine, table: Table, column: &str, sync: &str) -> Result<BTreeMap<String, i64>, Error> {
    if !engine.schema.has(table) {
        return Ok(BTreeMap::new());
    }
    let failed = engine.failed(table);
    let sql = format!("SELECT rowid, {column} FROM {} WHERE sync_id = ?1 ORDER BY rowid", table.name());
    engine.begin();
    let mut statement = engine.connection.prepare(&sql).map_err(&failed)?;
    let mut rows = Rising::new(statement.query([sync]).map_err(&failed)?);
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    while let Some(row) = rows.next_row(engine, table)? {
        let value = row.get_ref(1).map_err(&failed)?;
        let text = value.as_bytes().map(String::from_utf8_lossy).unwrap_or_default();
        match counts.get_mut(text.as_ref()) {
            Some(count) => *count += 1,
            None => drop(counts.insert(text.into_owned(), 1)),
        }
    }
    Ok(counts)
}

fn failed_assets(engine: &Engine) -> impl Fn(rusqlite::Error) -> Error {
    |source| Error::Sqlite { file: engine.file.clone(), doing: "reading v1_assets", source }
}

/// Assets are only counted, so their table is not part of the schema that is checked at opening.
fn has_assets(engine: &Engine) -> Result<bool, Error> {
    let table: Option<i64> = engine
        .connection
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE name = 'v1_assets' AND type = 'table' AND rootpage > 0",
            [],
            |row| row.get(0),
        )
        .optional()
        .map_err(failed_assets(engine))?;
    Ok(table.is_some())
}

fn assets(engine: &Engine, sync: &str) -> Result<i64, Error> {
    if !has_assets(engine)? {
        return Ok(0);
    }
    let sql = "SELECT count(*) FROM v1_assets WHERE sync_id = ?1";
    engine.connection.query_row(sql, [sync], |row| row.get(0)).map_err(failed_assets(engine))
}

/// Hands the id of each asset to `f`.
pub(super) fn asset_ids(engine: &Engine, sync: &str, f: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
    if !has_assets(engine)? {
        return Ok(());
    }
    let failed = failed_assets(engine);
    engine.begin();
    let sql = "SELECT external_id FROM v1_assets WHERE sync_id = ?1";
    let mut statement = engine.connection.prepare(sql).map_err(&failed)?;
    let mut rows = statement.query([sync]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        f(row.get_ref(0).map_err(&failed)?.as_bytes().unwrap_or_default());
    }
    Ok(())
}
