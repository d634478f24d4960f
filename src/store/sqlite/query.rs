//! The statements: one for each kind of record, narrowed by filters to what an index can answer.
//!
//! Rows come in the order of their ids, which is the order of first insertion. Where an index gives that order
//! by itself (all its columns fixed), the statement lets SQLite use it; a filter on the first of two indexed columns
//! would need a sort, which would hold all rows back, so there the `+` keeps SQLite on the table.

use super::super::record::{EntitlementFilter, GrantFilter, ResourceFilter};
use super::schema::{Schema, Table};
use crate::model::keys::ResourceKey;

/// A statement and the texts bound to it.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) table: Table,
    pub(super) sql: String,
    pub(super) params: Vec<String>,
    /// No row can match: the table is missing, or an id is no UTF-8.
    pub(super) empty: bool,
    /// An index narrows it down to few rows.
    pub(super) narrow: bool,
}

impl Query {
    /// All rows of a sync. `extra` is selected after row id and data.
    fn new(schema: &Schema, table: Table, sync: &str, extra: &str) -> Self {
        let name = table.name();
        Self {
            table,
            sql: format!("SELECT rowid, data{extra} FROM {name} WHERE sync_id = ?1"),
            params: vec![sync.to_owned()],
            empty: !schema.has(table),
            narrow: false,
        }
    }

    fn equal(&mut self, column: &str, text: &str) {
        self.params.push(text.to_owned());
        self.narrow |= !column.starts_with('+');
        self.sql.push_str(&format!(" AND {column} = ?{}", self.params.len()));
    }

    /// Like [`Query::equal`], for a column whose index has others behind it in some files: rows would have to be sorted,
    /// with their data. A list of row ids is sorted instead.
    fn equal_by_list(&mut self, column: &str, text: &str) {
        self.params.push(text.to_owned());
        self.narrow = true;
        let (table, place) = (self.table.name(), self.params.len());
        self.sql.push_str(&format!(
            " AND rowid IN (SELECT rowid FROM {table} WHERE {column} = ?{place} AND sync_id = ?1)"
        ));
    }

    fn equal_key(&mut self, kind_column: &str, id_column: &str, key: ResourceKey<'_>) {
        match (std::str::from_utf8(key.kind), std::str::from_utf8(key.id)) {
            (Ok(kind), Ok(id)) => {
                self.equal(kind_column, kind);
                self.equal(id_column, id);
            }
            _ => self.empty = true,
        }
    }

    fn ordered(mut self) -> Self {
        self.sql.push_str(" ORDER BY rowid");
        self
    }
}

pub(super) fn resource_types(schema: &Schema, sync: &str) -> Query {
    Query::new(schema, Table::ResourceTypes, sync, "").ordered()
}

pub(super) fn resource_type(schema: &Schema, sync: &str, id: &str) -> Query {
    let mut query = Query::new(schema, Table::ResourceTypes, sync, "");
    query.equal("external_id", id);
    query.ordered()
}

pub(super) fn resources(schema: &Schema, sync: &str, filter: &ResourceFilter<'_>) -> Query {
    let mut query = Query::new(schema, Table::Resources, sync, "");
    if let Some(kind) = filter.kind {
        query.equal("resource_type_id", kind);
    }
    if let Some(key) = filter.key {
        // The row's own id joins type and id, which is ambiguous: the type is compared as well.
        match (std::str::from_utf8(key.kind), std::str::from_utf8(key.id)) {
            (Ok(kind), Ok(id)) => {
                query.equal("external_id", &format!("{kind}:{id}"));
                query.equal("+resource_type_id", kind);
            }
            _ => query.empty = true,
        }
    }
    if let Some(parent) = filter.parent {
        query.equal_key("parent_resource_type_id", "parent_resource_id", parent);
    }
    query.ordered()
}

pub(super) fn entitlements(schema: &Schema, sync: &str, filter: &EntitlementFilter<'_>) -> Query {
    let mut query = Query::new(schema, Table::Entitlements, sync, "");
    if let Some(kind) = filter.kind {
        query.equal("+resource_type_id", kind);
    }
    if let Some(resource) = filter.resource {
        query.equal_key("resource_type_id", "resource_id", resource);
    }
    if let Some(id) = filter.id {
        query.equal("external_id", id);
    }
    query.ordered()
}

/// The row of a table with a row id.
pub(super) fn row(schema: &Schema, table: Table, sync: &str, row: i64) -> Query {
    let mut query = Query::new(schema, table, sync, &extra(schema, table));
    // Row ids are numbers, so SQLite takes the text for one.
    query.equal("rowid", &row.to_string());
    query
}

/// What is selected beside row id and data.
fn extra(schema: &Schema, table: Table) -> String {
    match table {
        Table::Grants => format!(", {}", schema.column(table, "expansion", "NULL")),
        _ => String::new(),
    }
}

pub(super) fn grants(schema: &Schema, sync: &str, filter: &GrantFilter<'_>) -> Query {
    let mut query = Query::new(schema, Table::Grants, sync, &extra(schema, Table::Grants));
    if let Some(kind) = filter.kind {
        query.equal("+resource_type_id", kind);
    }
    if let Some(resource) = filter.resource {
        query.equal_key("resource_type_id", "resource_id", resource);
    }
    if let Some(principal) = filter.principal {
        query.equal_key("principal_resource_type_id", "principal_resource_id", principal);
    }
    if let Some(id) = filter.entitlement {
        query.equal_by_list("entitlement_id", id);
    }
    query.ordered()
}
