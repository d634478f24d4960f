//! The counts that a writer keeps with a finished sync: one JSON object in a column.
//!
//! Keys are in snake case, numbers are plain, and what is zero or empty is left out. Readers show these counts without
//! looking at the rows, so they follow the rules of the program that connectors use: a resource whose type the sync does
//! not declare is not counted, every declared type has an entry even if it is 0, and a sync that covers only
//! resources says nothing about entitlements and grants.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::Value;

use super::SyncKind;
use crate::model::proto::c1::reader::v2::SyncStats;

/// Measurements that a checkpoint may carry and that are kept with the counts.
const FROM_TOKEN: [&str; 3] = ["step_durations_ms", "connector_call_stats", "session_store_stats"];

/// Counts the rows of a sync.
pub(super) fn count(connection: &Connection, sync: &str, kind: SyncKind) -> rusqlite::Result<SyncStats> {
    let by_type = |table, column| counts(connection, table, column, sync);
    let declared = by_type("v1_resource_types", "external_id")?;
    let found = by_type("v1_resources", "resource_type_id")?;
    let mut stats = SyncStats { resource_types: declared.values().sum(), ..Default::default() };
    stats.resources_by_resource_type =
        declared.into_keys().map(|id| (id.clone(), found.get(&id).copied().unwrap_or(0))).collect();
    stats.resources = stats.resources_by_resource_type.values().sum();
    if kind != SyncKind::ResourcesOnly {
        stats.entitlements_by_resource_type = by_type("v1_entitlements", "resource_type_id")?;
        stats.entitlements = stats.entitlements_by_resource_type.values().sum();
        stats.grants_by_resource_type = by_type("v1_grants", "resource_type_id")?;
        stats.grants = stats.grants_by_resource_type.values().sum();
    }
    stats.assets = by_type("v1_assets", "sync_id")?.values().sum();
    Ok(stats)
}

/// Rows of a sync by the text in one column.
fn counts(
    connection: &Connection,
    table: &str,
    column: &str,
    sync: &str,
) -> rusqlite::Result<BTreeMap<String, i64>> {
    // Going through an index would fetch the rows in another order than they lie in.
    let sql = format!("SELECT {column} FROM {table} NOT INDEXED WHERE sync_id = ?1");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([sync])?;
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        // In a sync that another program began it may be anything.
        let value = String::from_utf8_lossy(row.get_ref(0)?.as_bytes().unwrap_or_default());
        match counts.get_mut(&*value) {
            Some(count) => *count += 1,
            None => drop(counts.insert(value.into_owned(), 1)),
        }
    }
    Ok(counts)
}

/// Rows of a table by their sync.
pub(super) fn counts_by_sync(
    connection: &Connection,
    table: &str,
) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut statement = connection.prepare(&format!("SELECT sync_id FROM {table} NOT INDEXED"))?;
    let mut rows = statement.query([])?;
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let value = String::from_utf8_lossy(row.get_ref(0)?.as_bytes().unwrap_or_default());
        match counts.get_mut(&*value) {
            Some(count) => *count += 1,
            None => drop(counts.insert(value.into_owned(), 1)),
        }
    }
    Ok(counts)
}

/// The text of the column, with the measurements of `token` if it is a checkpoint that has some.
pub(super) fn to_json(stats: &SyncStats, token: &str) -> String {
    let mut members = Members::default();
    members.number("resource_types", stats.resource_types);
    members.number("resources", stats.resources);
    members.number("entitlements", stats.entitlements);
    members.number("grants", stats.grants);
    members.map("resources_by_resource_type", &stats.resources_by_resource_type);
    members.map("grants_by_resource_type", &stats.grants_by_resource_type);
    members.map("entitlements_by_resource_type", &stats.entitlements_by_resource_type);
    members.number("assets", stats.assets);
    let token: Value = serde_json::from_str(token).unwrap_or_default();
    for key in FROM_TOKEN {
        if let Some(object) = token.get(key).filter(|v| v.as_object().is_some_and(|o| !o.is_empty())) {
            members.push(key, &object.to_string());
        }
    }
    format!("{{{}}}", members.text)
}

/// The members of an object, in the order of the fields of `SyncStats`, which connectors keep.
#[derive(Default)]
struct Members {
    text: String,
}

impl Members {
    fn push(&mut self, key: &str, json: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(&format!("{}:{json}", Value::from(key)));
    }

    fn number(&mut self, key: &str, number: i64) {
        if number != 0 {
            self.push(key, &number.to_string());
        }
    }

    fn map(&mut self, key: &str, map: &BTreeMap<String, i64>) {
        if map.is_empty() {
            return;
        }
        let mut inner = Self::default();
        for (key, number) in map {
            inner.push(key, &number.to_string());
        }
        self.push(key, &format!("{{{}}}", inner.text));
    }
}
