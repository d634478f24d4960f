//! The layout of a version 1 database: the one definition that files are written with.
//!
//! Table, column and index names, their order and their types are those that connectors write; other readers create
//! what is missing by name and never repair what has the name but differs. Two indexes of `v1_resources` have
//! their names swapped relative to their columns since the first release, and must stay so.

use rusqlite::Connection;

/// Something that a statement creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    Index,
    /// An index that makes a record one of its kind.
    Unique,
}

/// A table or an index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) table: &'static str,
    pub(super) sql: &'static str,
}

impl Object {
    const fn table(name: &'static str, sql: &'static str) -> Self {
        Self { kind: Kind::Table, name, table: name, sql }
    }

    const fn index(name: &'static str, table: &'static str, sql: &'static str) -> Self {
        Self { kind: Kind::Index, name, table, sql }
    }

    const fn unique(name: &'static str, table: &'static str, sql: &'static str) -> Self {
        Self { kind: Kind::Unique, name, table, sql }
    }
}

/// Creates the objects that `wanted` picks, in the order of [`SCHEMA`].
pub(super) fn create(connection: &Connection, wanted: impl Fn(&Object) -> bool) -> rusqlite::Result<()> {
    SCHEMA.iter().filter(|object| wanted(object)).try_for_each(|object| connection.execute_batch(object.sql))
}

/// The seven tables, each before its indexes.
pub(super) const SCHEMA: [Object; 23] = [
    Object::table(
        "v1_resource_types",
        "CREATE TABLE v1_resource_types (
    id integer primary key,
    external_id text not null,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
)",
    ),
    Object::unique(
        "idx_resource_types_external_sync_v1",
        "v1_resource_types",
        "CREATE UNIQUE INDEX idx_resource_types_external_sync_v1 ON v1_resource_types (external_id, sync_id)",
    ),
    Object::table(
        "v1_resources",
        "CREATE TABLE v1_resources (
    id integer primary key,
    resource_type_id text not null,
    external_id text not null,
    parent_resource_type_id text,
    parent_resource_id text,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
)",
    ),
    Object::index(
        "idx_resources_resource_type_id_v1",
        "v1_resources",
        "CREATE INDEX idx_resources_resource_type_id_v1 ON v1_resources (resource_type_id)",
    ),
    Object::index(
        "idx_resources_external_sync_v1",
        "v1_resources",
        "CREATE INDEX idx_resources_external_sync_v1 ON v1_resources (parent_resource_type_id, parent_resource_id)",
    ),
    Object::unique(
        "idx_resources_parent_resource_id_v1",
        "v1_resources",
        "CREATE UNIQUE INDEX idx_resources_parent_resource_id_v1 ON v1_resources (external_id, sync_id)",
    ),
    Object::table(
        "v1_entitlements",
        "CREATE TABLE v1_entitlements (
    id integer primary key,
    resource_type_id text not null,
    resource_id text not null,
    external_id text not null,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
)",
    ),
    Object::index(
        "idx_entitlements_resource_id_v1",
        "v1_entitlements",
        "CREATE INDEX idx_entitlements_resource_id_v1 ON v1_entitlements (resource_type_id, resource_id)",
    ),
    Object::unique(
        "idx_entitlements_external_sync_v1",
        "v1_entitlements",
        "CREATE UNIQUE INDEX idx_entitlements_external_sync_v1 ON v1_entitlements (external_id, sync_id)",
    ),
    Object::table(
        "v1_grants",
        "CREATE TABLE v1_grants (
    id integer primary key,
    resource_type_id text not null,
    resource_id text not null,
    entitlement_id text not null,
    principal_resource_type_id text not null,
    principal_resource_id text not null,
    external_id text not null,
    expansion blob,
    needs_expansion integer not null default 0,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
)",
    ),
    Object::index(
        "idx_grants_resource_type_id_resource_id_v1",
        "v1_grants",
        "CREATE INDEX idx_grants_resource_type_id_resource_id_v1 ON v1_grants (resource_type_id, resource_id)",
    ),
    Object::index(
        "idx_grants_principal_id_v1",
        "v1_grants",
        "CREATE INDEX idx_grants_principal_id_v1 ON v1_grants (principal_resource_type_id, principal_resource_id)",
    ),
    Object::index(
        "idx_grants_entitlement_id_principal_id_v1",
        "v1_grants",
        "CREATE INDEX idx_grants_entitlement_id_principal_id_v1
    ON v1_grants (entitlement_id, principal_resource_type_id, principal_resource_id)",
    ),
    Object::unique(
        "idx_grants_external_sync_v1",
        "v1_grants",
        "CREATE UNIQUE INDEX idx_grants_external_sync_v1 ON v1_grants (external_id, sync_id)",
    ),
    Object::index(
        "idx_grants_entitlement_sync_grant_v1",
        "v1_grants",
        "CREATE INDEX idx_grants_entitlement_sync_grant_v1 ON v1_grants (entitlement_id, sync_id, id)",
    ),
    Object::index(
        "idx_grants_sync_expansion_v1",
        "v1_grants",
        "CREATE INDEX idx_grants_sync_expansion_v1 ON v1_grants (sync_id) WHERE expansion is not null",
    ),
    Object::index(
        "idx_grants_sync_needs_expansion_v1",
        "v1_grants",
        "CREATE INDEX idx_grants_sync_needs_expansion_v1 ON v1_grants (sync_id) WHERE needs_expansion = 1",
    ),
    Object::table(
        "v1_assets",
        "CREATE TABLE v1_assets (
    id integer primary key,
    external_id text not null,
    content_type text not null,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
)",
    ),
    Object::unique(
        "idx_assets_external_sync_v1",
        "v1_assets",
        "CREATE UNIQUE INDEX idx_assets_external_sync_v1 ON v1_assets (external_id, sync_id)",
    ),
    Object::table(
        "v1_sync_runs",
        "CREATE TABLE v1_sync_runs (
    id integer primary key,
    sync_id text not null,
    started_at datetime not null,
    ended_at datetime,
    sync_token text not null,
    sync_type text not null default 'full',
    parent_sync_id text not null default '',
    linked_sync_id text not null default '',
    supports_diff integer not null default 0,
    grants_backfilled integer not null default 0,
    stats text,
    ingest_invariant_generation text not null default '',
    ingest_invariant_coverage text not null default '',
    ingest_invariant_mode text not null default ''
)",
    ),
    Object::unique(
        "idx_sync_runs_sync_id_v1",
        "v1_sync_runs",
        "CREATE UNIQUE INDEX idx_sync_runs_sync_id_v1 ON v1_sync_runs (sync_id)",
    ),
    Object::table(
        "v1_connector_sessions",
        "CREATE TABLE v1_connector_sessions (
    id integer primary key,
    sync_id text not null,
    key text not null,
    value blob not null
)",
    ),
    Object::unique(
        "idx_session_store_sync_key_v1",
        "v1_connector_sessions",
        "CREATE UNIQUE INDEX idx_session_store_sync_key_v1 ON v1_connector_sessions (sync_id, key)",
    ),
];
