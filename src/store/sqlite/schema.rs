//! Which tables and columns a database has, and what stands in for those that it lacks.
//!
//! Files of all ages are read: late columns are missing from old files and stand last in migrated ones, so columns
//! are always named and a missing one is replaced by its default. A missing table is an empty one. Foreign tables
//! and columns are not looked at.

use rusqlite::Connection;

/// The tables of a `.c1z` that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Table {
    ResourceTypes,
    Resources,
    Entitlements,
    Grants,
    SyncRuns,
}

impl Table {
    pub(super) const ALL: [Self; 5] =
        [Self::ResourceTypes, Self::Resources, Self::Entitlements, Self::Grants, Self::SyncRuns];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ResourceTypes => "v1_resource_types",
            Self::Resources => "v1_resources",
            Self::Entitlements => "v1_entitlements",
            Self::Grants => "v1_grants",
            Self::SyncRuns => "v1_sync_runs",
        }
    }
}

impl Table {
    /// The columns that every release has written.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Self::ResourceTypes => &["external_id", "data", "sync_id"],
            Self::Resources => &[
                "external_id",
                "data",
                "sync_id",
                "resource_type_id",
                "parent_resource_type_id",
                "parent_resource_id",
            ],
            Self::Entitlements => &["external_id", "data", "sync_id", "resource_type_id", "resource_id"],
            Self::Grants => &[
                "external_id",
                "data",
                "sync_id",
                "resource_type_id",
                "resource_id",
                "entitlement_id",
                "principal_resource_type_id",
                "principal_resource_id",
            ],
            Self::SyncRuns => &["sync_id", "started_at", "ended_at", "sync_token"],
        }
    }
}

/// The tables of one database.
#[derive(Debug, Default)]
pub(super) struct Schema {
    tables: Vec<(Table, Vec<String>)>,
}

/// Why a schema cannot be used.
pub(super) enum SchemaError {
    Sqlite(rusqlite::Error),
    /// Which table, and what is wrong with it.
    Table(Table, String),
}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Schema {
    /// Reads the schema; a name of ours must belong to an ordinary table, not to a view that runs foreign SQL.
    pub(super) fn read(connection: &Connection) -> Result<Self, SchemaError> {
        let mut schema = Self::default();
        let mut find = connection.prepare(
            "SELECT type = 'table' AND NOT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE"
        )?;
        for table in Table::ALL {
            let mut rows = find.query([table.name()])?;
            let Some(row) = rows.next()? else { continue };
            if !row.get::<_, bool>(0)? {
                return Err(SchemaError::Table(table, "is not an ordinary table with row ids".into()));
            }
            let columns = columns(connection, table)?;
            if let Some(column) = table.required().iter().find(|name| !has(&columns, name)) {
                return Err(SchemaError::Table(table, format!("has no column {column}")));
            }
            if let Some(shadow) = ROW_ID.iter().find(|name| has(&columns, name)) {
                return Err(SchemaError::Table(
                    table,
                    format!("has a column {shadow}, which hides the row id"),
                ));
            }
            schema.tables.push((table, columns));
        }
        Ok(schema)
    }

    pub(super) fn has(&self, table: Table) -> bool {
        self.columns(table).is_some()
    }

    /// The SQL for a column: its name, or `default` where the table lacks it.
    pub(super) fn column(&self, table: Table, name: &'static str, default: &'static str) -> &'static str {
        if self.columns(table).is_some_and(|columns| has(columns, name)) { name } else { default }
    }

    fn columns(&self, table: Table) -> Option<&[String]> {
        let found = self.tables.iter().find(|(other, _)| *other == table)?;
        Some(&found.1)
    }
}

/// The name by which statements ask for the row id; a column of that name would be taken for it.
const ROW_ID: [&str; 1] = ["rowid"];

fn has(columns: &[String], name: &str) -> bool {
    columns.iter().any(|column| column.eq_ignore_ascii_case(name))
}

/// The columns that hold stored values. Computed ones could ask for any amount of work and memory, so they count as
/// missing.
fn columns(connection: &Connection, table: Table) -> rusqlite::Result<Vec<String>> {
    let mut list = connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0")?;
    let names = list.query_map([table.name()], |row| row.get(0))?;
    names.collect()
}
