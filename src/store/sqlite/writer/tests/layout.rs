//! The layout of a written database, against a transcription of what connectors write.

use super::*;

/// Table, then columns: name, type, `null` where that is allowed, default.
const TABLES: [(&str, &[&str]); 7] = [
    (
        "v1_resource_types",
        &["id integer", "external_id text", "data blob", "sync_id text", "discovered_at datetime"],
    ),
    (
        "v1_resources",
        &[
            "id integer",
            "resource_type_id text",
            "external_id text",
            "parent_resource_type_id text null",
            "parent_resource_id text null",
            "data blob",
            "sync_id text",
            "discovered_at datetime",
        ],
    ),
    (
        "v1_entitlements",
        &[
            "id integer",
            "resource_type_id text",
            "resource_id text",
            "external_id text",
            "data blob",
            "sync_id text",
            "discovered_at datetime",
        ],
    ),
    (
        "v1_grants",
        &[
            "id integer",
            "resource_type_id text",
            "resource_id text",
            "entitlement_id text",
            "principal_resource_type_id text",
            "principal_resource_id text",
            "external_id text",
            "expansion blob null",
            "needs_expansion integer default 0",
            "data blob",
            "sync_id text",
            "discovered_at datetime",
        ],
    ),
    (
        "v1_assets",
        &[
            "id integer",
            "external_id text",
            "content_type text",
            "data blob",
            "sync_id text",
            "discovered_at datetime",
        ],
    ),
    (
        "v1_sync_runs",
        &[
            "id integer",
            "sync_id text",
            "started_at datetime",
            "ended_at datetime null",
            "sync_token text",
            "sync_type text default 'full'",
            "parent_sync_id text default ''",
            "linked_sync_id text default ''",
            "supports_diff integer default 0",
            "grants_backfilled integer default 0",
            "stats text null",
            "ingest_invariant_generation text default ''",
            "ingest_invariant_coverage text default ''",
            "ingest_invariant_mode text default ''",
        ],
    ),
    ("v1_connector_sessions", &["id integer", "sync_id text", "key text", "value blob"]),
];

/// Name, table, columns, unique, condition.
const INDEXES: [(&str, &str, &str, bool, &str); 16] = [
    ("idx_resource_types_external_sync_v1", "v1_resource_types", "external_id,sync_id", true, ""),
    ("idx_resources_resource_type_id_v1", "v1_resources", "resource_type_id", false, ""),
    (
        "idx_resources_external_sync_v1",
        "v1_resources",
        "parent_resource_type_id,parent_resource_id",
        false,
        "",
    ),
    ("idx_resources_parent_resource_id_v1", "v1_resources", "external_id,sync_id", true, ""),
    ("idx_entitlements_resource_id_v1", "v1_entitlements", "resource_type_id,resource_id", false, ""),
    ("idx_entitlements_external_sync_v1", "v1_entitlements", "external_id,sync_id", true, ""),
    ("idx_grants_resource_type_id_resource_id_v1", "v1_grants", "resource_type_id,resource_id", false, ""),
    (
        "idx_grants_principal_id_v1",
        "v1_grants",
        "principal_resource_type_id,principal_resource_id",
        false,
        "",
    ),
    (
        "idx_grants_entitlement_id_principal_id_v1",
        "v1_grants",
        "entitlement_id,principal_resource_type_id,principal_resource_id",
        false,
        "",
    ),
    ("idx_grants_external_sync_v1", "v1_grants", "external_id,sync_id", true, ""),
    ("idx_grants_entitlement_sync_grant_v1", "v1_grants", "entitlement_id,sync_id,id", false, ""),
    ("idx_grants_sync_expansion_v1", "v1_grants", "sync_id", false, "expansion is not null"),
    ("idx_grants_sync_needs_expansion_v1", "v1_grants", "sync_id", false, "needs_expansion = 1"),
    ("idx_assets_external_sync_v1", "v1_assets", "external_id,sync_id", true, ""),
    ("idx_sync_runs_sync_id_v1", "v1_sync_runs", "sync_id", true, ""),
    ("idx_session_store_sync_key_v1", "v1_connector_sessions", "sync_id,key", true, ""),
];

/// The databases in files that were written in every way there is.
fn written() -> Vec<Connection> {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let mut writers = [writer(), Writer::create_bulk(None).unwrap(), beside(&path("c.c1z")).0];
    for writer in &mut writers[1..] {
        writer.begin_sync(full(SYNC)).unwrap();
    }
    let [plain, bulk, kept] = writers;
    plain.save(&path("a.c1z"), SaveOptions::default()).unwrap();
    bulk.save(&path("b.c1z"), SaveOptions::default()).unwrap();
    kept.save_beside().unwrap();
    ["a.c1z", "b.c1z", "c.c1z"].map(|name| database(&path(name))).into()
}

#[test]
fn there_are_these_tables_and_indexes_and_nothing_else() {
    let mut names: Vec<_> = TABLES.map(|(name, _)| format!("table|{name}")).into();
    names.extend(INDEXES.map(|(name, ..)| format!("index|{name}")));
    names.sort();
    for database in written() {
        assert_eq!(rows_of(&database, "SELECT type, name FROM sqlite_schema ORDER BY type, name"), names);
    }
}

#[test]
fn tables_have_the_columns_of_the_format() {
    for (database, (table, columns)) in pairs(&written(), &TABLES) {
        let sql = format!(
            "SELECT name || ' ' || lower(type) || iif(\"notnull\" OR pk, '', ' null')
                || ifnull(' default ' || dflt_value, '') FROM pragma_table_info('{table}') ORDER BY cid"
        );
        assert_eq!(rows_of(database, &sql), *columns, "{table}");
        let sql = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk = 1");
        assert_eq!(rows_of(database, &sql), ["id"]);
    }
}

#[test]
fn indexes_have_the_columns_of_the_format_under_their_swapped_names() {
    for (database, (name, table, columns, unique, condition)) in pairs(&written(), &INDEXES) {
        let sql = format!(
            "SELECT l.\"unique\", l.partial, (SELECT group_concat(name) FROM
                (SELECT name FROM pragma_index_info('{name}') ORDER BY seqno))
            FROM pragma_index_list('{table}') l WHERE l.name = '{name}'"
        );
        let partial = i32::from(!condition.is_empty());
        let found = rows_of(database, &sql);
        assert_eq!(found, [format!("{}|{partial}|{columns}", i32::from(*unique))], "{name}");
        let sql = rows_of(database, &format!("SELECT lower(sql) FROM sqlite_schema WHERE name = '{name}'"));
        let found = sql[0].split_once(" where ").map_or("", |(_, condition)| condition);
        assert_eq!(found, *condition, "{name}");
    }
}

#[test]
fn file_level_facts() {
    let facts = [
        ("page_size", "4096"),
        ("encoding", "UTF-8"),
        ("user_version", "0"),
        ("application_id", "0"),
        ("auto_vacuum", "0"),
        ("journal_mode", "delete"),
        ("freelist_count", "0"),
        ("integrity_check", "ok"),
    ];
    for (database, (pragma, value)) in pairs(&written(), &facts) {
        assert_eq!(rows_of(database, &format!("PRAGMA {pragma}")), [*value], "{pragma}");
    }
}

/// Each database with each fact about it.
fn pairs<'a, F>(
    databases: &'a [Connection],
    facts: &'a [F],
) -> impl Iterator<Item = (&'a Connection, &'a F)> {
    databases.iter().flat_map(move |database| facts.iter().map(move |fact| (database, fact)))
}
