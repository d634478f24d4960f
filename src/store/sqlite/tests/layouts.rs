//! Databases of other times and other writers: missing tables, columns and indexes, foreign ones, other orders.

use super::*;

const TABLES: [&str; 4] = ["v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"];

/// The database in a c1z file.
fn image(path: &Path) -> Vec<u8> {
    let opened = crate::c1z::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let crate::c1z::Payload::Sqlite(image) = opened.payload else { panic!("no database") };
    image.to_vec()
}

fn company_file() -> (TempDir, std::path::PathBuf) {
    file(|writer| {
        writer.begin_sync(new_sync(SYNC, SyncKind::Full)).unwrap();
        company(writer);
        writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
    })
}

/// Reads the company after `sql` changed its layout; everything must be as before.
fn unchanged_by(sql: &str) {
    let before = read_sync(company, "");
    let after = read_sync(company, sql);
    assert_eq!(everything(snapshot(&after)), everything(snapshot(&before)), "{sql}");
    assert_eq!(snapshot(&after).count().unwrap(), snapshot(&before).count().unwrap(), "{sql}");
    let filter = GrantFilter {
        kind: Some("o'rg"),
        entitlement: Some("o'rg:1:member"),
        principal: Some(ResourceKey { kind: b"user", id: b"ada" }),
        ..Default::default()
    };
    assert_eq!(grants(snapshot(&after), &filter).len(), 1, "{sql}");
    let key = ResourceKey { kind: b"user", id: b"a:b" };
    assert!(snapshot(&after).resource(key, seen_resource).unwrap().is_some(), "{sql}");
    assert_sound(&after);
}

#[test]
fn late_columns_may_be_missing() {
    unchanged_by(
        "DROP INDEX idx_grants_sync_expansion_v1;
         DROP INDEX idx_grants_sync_needs_expansion_v1;
         ALTER TABLE v1_grants DROP COLUMN expansion;
         ALTER TABLE v1_grants DROP COLUMN needs_expansion;
         ALTER TABLE v1_sync_runs DROP COLUMN sync_type;
         ALTER TABLE v1_sync_runs DROP COLUMN parent_sync_id;
         ALTER TABLE v1_sync_runs DROP COLUMN linked_sync_id;
         ALTER TABLE v1_sync_runs DROP COLUMN supports_diff;
         ALTER TABLE v1_sync_runs DROP COLUMN grants_backfilled;
         ALTER TABLE v1_sync_runs DROP COLUMN stats;
         DROP TABLE v1_connector_sessions;",
    );
    let reader = read_sync(
        |_| {},
        "ALTER TABLE v1_sync_runs DROP COLUMN sync_type; ALTER TABLE v1_sync_runs DROP COLUMN stats;
         ALTER TABLE v1_sync_runs DROP COLUMN parent_sync_id; ALTER TABLE v1_sync_runs DROP COLUMN grants_backfilled;",
    );
    let run = &reader.runs()[0];
    assert_eq!((&*run.kind, &*run.parent_id, run.stats.is_none(), run.backfilled), ("full", "", true, false));
}

#[test]
fn columns_may_stand_in_another_order_and_more_may_stand_among_them() {
    unchanged_by(
        "CREATE TABLE other (more text, \"a column; of (others\" blob default x'00', data blob, sync_id text,
             id integer primary key, principal_resource_id text, principal_resource_type_id text, external_id text,
             resource_id text, entitlement_id text, expansion blob, resource_type_id text);
         INSERT INTO other (id, data, sync_id, principal_resource_id, principal_resource_type_id, external_id,
             resource_id, entitlement_id, expansion, resource_type_id)
         SELECT id, data, sync_id, principal_resource_id, principal_resource_type_id, external_id, resource_id,
             entitlement_id, expansion, resource_type_id FROM v1_grants ORDER BY id DESC;
         DROP TABLE v1_grants;
         ALTER TABLE other RENAME TO v1_grants;
         ALTER TABLE v1_resources ADD COLUMN tenant text default 'x';
         ALTER TABLE v1_sync_runs ADD COLUMN \"the future\" text;",
    );
}

#[test]
fn names_are_known_in_any_case() {
    unchanged_by(
        "ALTER TABLE v1_grants RENAME TO passing; ALTER TABLE passing RENAME TO V1_Grants;
         ALTER TABLE v1_grants RENAME COLUMN expansion TO passing;
         ALTER TABLE v1_grants RENAME COLUMN passing TO Expansion;",
    );
}

#[test]
fn foreign_tables_views_and_triggers_are_not_looked_at() {
    unchanged_by(
        "CREATE TABLE v2_grants (data blob); CREATE TABLE like_v1_grants (v1_grants text);
         CREATE VIEW grants AS SELECT * FROM v1_grants, v1_grants AS other, v1_grants AS third;
         CREATE TRIGGER late AFTER UPDATE ON v1_grants BEGIN DELETE FROM v1_grants; END;
         ANALYZE;",
    );
}

#[test]
fn no_index_is_needed() {
    let names = [
        "resource_types_external_sync",
        "resources_resource_type_id",
        "resources_external_sync",
        "resources_parent_resource_id",
        "entitlements_resource_id",
        "entitlements_external_sync",
        "grants_resource_type_id_resource_id",
        "grants_principal_id",
        "grants_entitlement_id_principal_id",
        "grants_external_sync",
        "grants_entitlement_sync_grant",
        "grants_sync_expansion",
        "grants_sync_needs_expansion",
        "assets_external_sync",
        "sync_runs_sync_id",
    ];
    for name in names {
        unchanged_by(&format!("DROP INDEX idx_{name}_v1"));
    }
    unchanged_by(&names.map(|name| format!("DROP INDEX idx_{name}_v1;")).concat());
    unchanged_by(
        "DROP INDEX idx_grants_principal_id_v1; CREATE INDEX idx_grants_principal_id_v1 ON v1_grants (sync_id, id DESC);",
    );
}

#[test]
fn of_rows_with_one_id_all_are_listed_and_the_first_is_found() {
    let reader = read_sync(
        |writer| {
            writer
                .execute(
                    "DROP INDEX idx_resources_parent_resource_id_v1; DROP INDEX idx_resource_types_external_sync_v1;
                     DROP INDEX idx_entitlements_external_sync_v1; DROP INDEX idx_grants_external_sync_v1;",
                )
                .unwrap();
            for name in ["first", "second"] {
                let blob =
                    v2::Resource { display_name: name.into(), ..resource("user", "a") }.encode_to_vec();
                let columns = [
                    ("external_id", RawValue::Text("user:a")),
                    ("resource_type_id", RawValue::Text("user")),
                    ("data", RawValue::Blob(&blob)),
                ];
                writer.put_raw("v1_resources", &columns).unwrap();
                let blob = v2::ResourceType { display_name: name.into(), ..kind("user") }.encode_to_vec();
                let columns = [("external_id", RawValue::Text("user")), ("data", RawValue::Blob(&blob))];
                writer.put_raw("v1_resource_types", &columns).unwrap();
                let mut record = grant(&entitlement(&resource("group", "g"), name), &resource("user", "a"));
                record.id = "same".into();
                put_grant_row(writer, &record, RawValue::Blob(&record.encode_to_vec()), &[]);
            }
        },
        "",
    );
    let at = snapshot(&reader);
    assert_eq!(everything(at).each_ref().map(Vec::len), [2, 2, 0, 2]);
    assert_eq!(
        at.resource_type(b"user", |record| row_in("v1_resource_types", record.place)).unwrap(),
        Some(1)
    );
    let found = at
        .resource(ResourceKey { kind: b"user", id: b"a" }, |record| row_in("v1_resources", record.place))
        .unwrap();
    assert_eq!(found, Some(1));
    assert_eq!(at.count().unwrap().resource_types, 2);
}

#[test]
fn missing_tables_are_empty() {
    let whole = read_sync(company, "");
    let whole = everything(snapshot(&whole));
    for (place, table) in TABLES.into_iter().enumerate() {
        let reader = read_sync(company, &format!("DROP TABLE {table}"));
        let at = snapshot(&reader);
        let mut expected = whole.clone();
        expected[place].clear();
        assert_eq!(everything(at), expected, "{table}");
        at.count().unwrap();
        assert!(place != 0 || at.resource_type(b"user", seen_type).unwrap().is_none());
        assert!(place != 2 || at.entitlement(b"o'rg:1:member", seen_entitlement).unwrap().is_none());
        assert!(place != 3 || at.grant(&GrantFilter::default(), seen_grant).unwrap().is_none());
    }
    let reader = read_sync(company, "DROP TABLE v1_assets; DROP TABLE v1_connector_sessions");
    assert_eq!(snapshot(&reader).count().unwrap().assets, 0);
    assert!(read_sync(company, "DROP TABLE v1_sync_runs").runs().is_empty());
}

#[test]
fn an_empty_payload_is_an_empty_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    std::fs::write(&path, crate::c1z::MAGIC_V1).unwrap();
    assert!(try_open(&path).unwrap().runs().is_empty());
}

#[test]
fn what_has_the_name_of_a_table_but_is_none_is_refused() {
    for table in [TABLES[0], TABLES[1], TABLES[2], TABLES[3], "v1_sync_runs"] {
        let view =
            format!("ALTER TABLE {table} RENAME TO other; CREATE VIEW {table} AS SELECT * FROM other;");
        let virtual_table =
            format!("DROP TABLE {table}; CREATE VIRTUAL TABLE {table} USING rtree(id, a, b);");
        let upper = format!("DROP TABLE {table}; CREATE VIEW {} AS SELECT 1;", table.to_uppercase());
        for sql in [view, virtual_table, upper] {
            let (_directory, path) = file(|writer| writer.execute(&sql).unwrap());
            let error = try_open(&path).unwrap_err();
            assert!(matches!(error, Error::Layout { table: named, .. } if named == table), "{sql}: {error}");
        }
    }
}

#[test]
fn a_table_without_its_first_columns_is_an_error_and_no_panic() {
    for (table, column) in [("v1_grants", "data"), ("v1_grants", "sync_id"), ("v1_sync_runs", "started_at")] {
        let (_directory, path) = file(|writer| {
            writer.begin_sync(new_sync(SYNC, SyncKind::Full)).unwrap();
            company(writer);
            writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
            writer.execute(&format!("ALTER TABLE {table} RENAME COLUMN {column} TO other")).unwrap();
        });
        let error = try_open(&path).unwrap_err();
        assert!(matches!(error, Error::Layout { table: named, .. } if named == table), "{error}");
        assert!(error.to_string().ends_with(&format!("{table} has no column {column}")), "{error}");
    }
}

#[test]
fn a_write_ahead_log_that_is_not_there_is_not_missed() {
    let (directory, path) = company_file();
    let before = everything(snapshot(&try_open(&path).unwrap()));
    for (write, read) in [(2, 2), (1, 2), (2, 1), (1, 1)] {
        let mut bytes = image(&path);
        bytes[18..20].copy_from_slice(&[write, read]);
        let bare = directory.path().join("a.db");
        std::fs::write(&bare, &bytes).unwrap();
        assert_eq!(everything(snapshot(&try_open(&bare).unwrap())), before, "{write} {read}");
        assert_eq!(std::fs::read(&bare).unwrap(), bytes, "the file is not written");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "no log is left behind");
}

#[test]
fn other_page_sizes_and_encodings_are_read() {
    let (directory, path) = company_file();
    let before = everything(snapshot(&try_open(&path).unwrap()));
    for pragma in ["page_size = 512", "page_size = 65536", "encoding = 'UTF-16le'", "encoding = 'UTF-16be'"] {
        let bare = directory.path().join("a.db");
        std::fs::write(&bare, image(&path)).unwrap();
        let other = directory.path().join("b.db");
        let connection = rusqlite::Connection::open(&other).unwrap();
        connection.execute_batch(&format!("PRAGMA {pragma};")).unwrap();
        // An attached database has the encoding of the main one, so rows take the way through this process.
        let from = rusqlite::Connection::open(&bare).unwrap();
        copy(&from, &connection);
        drop(connection);
        assert_eq!(everything(snapshot(&try_open(&other).unwrap())), before, "{pragma}");
        std::fs::remove_file(other).unwrap();
    }
}

/// Copies schema and rows.
fn copy(from: &rusqlite::Connection, to: &rusqlite::Connection) {
    let mut schema =
        from.prepare("SELECT sql, type = 'table', name FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
    let mut items = schema.query([]).unwrap();
    while let Some(item) = items.next().unwrap() {
        to.execute_batch(&item.get::<_, String>(0).unwrap()).unwrap();
        if item.get(1).unwrap() {
            let name: String = item.get(2).unwrap();
            let mut rows = from.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let marks = vec!["?"; rows.column_count()].join(", ");
            let width = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values = (0..width).map(|i| row.get::<_, rusqlite::types::Value>(i).unwrap());
                to.execute(
                    &format!("INSERT INTO {name} VALUES ({marks})"),
                    rusqlite::params_from_iter(values),
                )
                .unwrap();
            }
        }
    }
}

#[test]
fn a_database_that_is_damaged_is_an_error() {
    let (directory, path) = company_file();
    let mut bytes = image(&path);
    bytes[100..4096].fill(0xff);
    let bare = directory.path().join("a.db");
    std::fs::write(&bare, bytes).unwrap();
    let error = try_open(&bare).unwrap_err();
    assert!(matches!(error, Error::Sqlite { doing: "opening the database", .. }), "{error}");
    assert!(!error.to_string().contains('\n'));
}
