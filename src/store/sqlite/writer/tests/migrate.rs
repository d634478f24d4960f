//! Taking over what other programs, and other times, have written.

use prost::Message as _;

use super::*;

/// The first day of the company, in the layout of the first release.
fn old() -> (tempfile::TempDir, PathBuf) {
    let (directory, target) = nowhere();
    fs::copy(fixture("old-schema.c1z"), &target).unwrap();
    (directory, target)
}

/// What describes the tables, and the indexes, of a database, whatever the order of columns.
fn outline(connection: &Connection) -> Vec<String> {
    let mut lines = rows_of(
        connection,
        "SELECT t.name, c.name, lower(c.type), c.\"notnull\", c.dflt_value, c.pk
        FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.name",
    );
    lines.extend(rows_of(
        connection,
        "SELECT l.name, l.\"unique\", l.partial, group_concat(c.name || c.seqno) FROM sqlite_schema t,
            pragma_index_list(t.name) l, pragma_index_info(l.name) c
        WHERE t.type = 'table' GROUP BY l.name ORDER BY l.name",
    ));
    lines
}

#[test]
fn an_old_layout_is_completed_and_its_syncs_stay() {
    let (directory, target) = old();
    let before = read(&target);
    let counts = before.at(&before.runs()[0]).count().unwrap();
    let (mut writer, found) = beside(&target);
    assert_eq!(found, Found::Target);
    let old = writer.runs().unwrap();
    assert_eq!(old.len(), 1);
    assert!(!old[0].backfilled, "what is left alone stays marked so");
    assert_eq!(row(&writer, "SELECT count(*) FROM v1_grants WHERE expansion IS NOT NULL"), "0");
    writer.begin_sync(sync_at("new", 1)).unwrap();
    writer.put_grant(&sample_grant(Some(&["group:g1:member"]))).unwrap();
    writer.session_set("a", b"1").unwrap();
    writer.end_sync(hour_of_day(2)).unwrap();
    // What there was besides is left alone.
    writer.execute("DROP INDEX idx_grants_entitlement_id_v1").unwrap();
    writer.save_beside().unwrap();
    let reader = read(&target);
    assert_eq!(reader.at(&reader.runs()[0]).count().unwrap(), counts);
    assert_eq!(reader.runs()[1].id, "new");
    let made = writer_at(&directory.path().join("b.c1z"));
    assert_eq!(outline(&database(&target)), outline(&made));
}

/// The database of a new file.
fn writer_at(target: &Path) -> Connection {
    Writer::create(None).unwrap().save(target, SaveOptions::default()).unwrap();
    database(target)
}

#[test]
fn a_database_without_tables_is_completed() {
    let (directory, target) = nowhere();
    wrap_made(&target, "CREATE TABLE other (x); INSERT INTO other VALUES (7)");
    let (writer, found) = beside(&target);
    assert_eq!((found, row(&writer, "SELECT x FROM other").as_str()), (Found::Target, "7"));
    writer.execute_all("DROP TABLE other");
    writer.save_beside().unwrap();
    let made = writer_at(&directory.path().join("b.c1z"));
    assert_eq!(outline(&database(&target)), outline(&made));
}

impl Writer {
    fn execute_all(&self, sql: &str) {
        self.connection().execute_batch(sql).unwrap();
    }
}

#[test]
fn a_sync_that_goes_on_gets_its_expansions_moved() {
    let (_directory, target) = old();
    let (mut writer, _) = beside(&target);
    let id = writer.runs().unwrap()[0].id.clone();
    let held = "SELECT count(*) FROM v1_grants WHERE instr(data, 'GrantExpandable') > 0";
    let before: i64 = row(&writer, held).parse().unwrap();
    assert!(before > 1);
    writer.execute("UPDATE v1_sync_runs SET ended_at = NULL").unwrap();
    writer.resume_sync(&id).unwrap();
    assert!(writer.runs().unwrap()[0].backfilled);
    // The one that names only a blank stays where it is.
    assert_eq!(row(&writer, held), "1");
    let mut moved = 0;
    let mut each = |grant: &[u8], expansion: &[u8]| {
        let expansion = v2::GrantExpandable::decode(expansion).unwrap();
        assert!(expansion.entitlement_ids.iter().any(|id| !id.trim().is_empty()));
        let grant = v2::Grant::decode(grant).unwrap();
        assert!(!grant.annotations.iter().any(|any| any.type_url.ends_with("GrantExpandable")));
        moved += 1;
    };
    writer.expandable_grants(&mut each).unwrap();
    assert_eq!(moved, before - 1);
    let sql = "SELECT count(*) FROM v1_grants WHERE needs_expansion = 1";
    assert_eq!(row(&writer, sql), (before - 1).to_string());
}

#[test]
fn moving_expansions_takes_more_than_one_look() {
    let mut writer = writer();
    for number in 0..2500 {
        let mut one =
            grant(entitlement(resource("role", "admin"), "holder"), resource("user", &format!("{number}")));
        one.annotations = vec![annotation("GrantExpandable", &expandable(&["a"]))];
        let blob: String = one.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
        writer.put_grant(&one).unwrap();
        let sql = format!(
            "UPDATE v1_grants SET expansion = NULL, needs_expansion = 0, data = x'{blob}' WHERE id = {}",
            number + 1
        );
        writer.execute(&sql).unwrap();
    }
    writer.execute("UPDATE v1_grants SET data = x'ff' WHERE id = 3").unwrap();
    writer.execute("UPDATE v1_sync_runs SET grants_backfilled = 0").unwrap();
    writer.leave_sync().unwrap();
    writer.resume_sync(SYNC).unwrap();
    let sql =
        "SELECT count(*), sum(instr(data, 'GrantExpandable')) FROM v1_grants WHERE expansion IS NOT NULL";
    assert_eq!(row(&writer, sql), "2499|0");
}

#[test]
fn a_write_ahead_log_in_the_header_is_not_looked_for() {
    let (_directory, target) = nowhere();
    let mut bytes = image(&fixture("company.c1z"));
    bytes[18..20].copy_from_slice(&[2, 2]);
    wrap(&bytes, &target);
    let (writer, found) = beside(&target);
    assert_eq!((found, writer.runs().unwrap().len()), (Found::Target, 3));
    writer.save_beside().unwrap();
    assert_eq!(image(&target)[18..20], [1, 1]);
}

#[test]
fn an_index_with_other_columns_is_made_anew() {
    let (directory, target) = nowhere();
    let mut bytes = image(&fixture("company.c1z"));
    let path = directory.path().join("x.db");
    fs::write(&path, &bytes).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "DROP INDEX idx_grants_external_sync_v1;
            CREATE INDEX idx_grants_external_sync_v1 ON v1_grants (sync_id, external_id);
            DROP INDEX idx_resources_external_sync_v1;
            CREATE INDEX idx_resources_external_sync_v1 ON v1_entitlements (external_id);
            DROP INDEX idx_grants_principal_id_v1;
            CREATE INDEX old_one ON v1_grants (entitlement_id);",
        )
        .unwrap();
    bytes = fs::read(&path).unwrap();
    wrap(&bytes, &target);
    let (writer, _) = beside(&target);
    writer.execute_all("DROP INDEX old_one");
    writer.save_beside().unwrap();
    let made = writer_at(&directory.path().join("b.c1z"));
    assert_eq!(outline(&database(&target)), outline(&made));
}

/// The company's database, changed.
fn changed(target: &Path, statements: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.db");
    fs::write(&path, image(&fixture("company.c1z"))).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(statements).unwrap();
    drop(connection);
    wrap(&fs::read(&path).unwrap(), target);
}

#[test]
fn what_no_c1z_has_is_refused() {
    let (directory, target) = nowhere();
    for (statements, problem) in [
        (
            "CREATE TRIGGER t AFTER INSERT ON v1_grants BEGIN DELETE FROM v1_resources; END",
            "it has the trigger \"t\", which no c1z has",
        ),
        ("CREATE VIEW v AS SELECT 1", "it has the view \"v\", which no c1z has"),
        ("CREATE TABLE g (x, y AS (length(x)))", "it has the computed column in \"g\", which no c1z has"),
        (
            "ALTER TABLE v1_grants ADD COLUMN y AS (1)",
            "it has the computed column in \"v1_grants\", which no c1z has",
        ),
        ("CREATE INDEX i ON v1_grants (lower(data))", "it has the computed index \"i\", which no c1z has"),
        (
            "PRAGMA writable_schema = 1; INSERT INTO sqlite_schema VALUES
                ('table', 'vt', 'vt', 0, 'CREATE VIRTUAL TABLE vt USING fts5(x)')",
            "it has the table \"vt\", which no c1z has",
        ),
        (
            "PRAGMA writable_schema = 1; INSERT INTO sqlite_schema VALUES ('index', 'hidden', 'v1_grants', 2,
                'CREATE TRIGGER hidden AFTER INSERT ON v1_grants BEGIN DELETE FROM v1_resources; END')",
            // SQLite itself finds that the two do not fit.
            "malformed database schema (hidden)",
        ),
        (
            "DROP TABLE v1_assets; CREATE TABLE v1_assets (external_id text primary key, x) WITHOUT ROWID",
            "v1_assets is not an ordinary table with row ids",
        ),
        ("ALTER TABLE v1_grants DROP COLUMN data", "v1_grants has no column data"),
        (
            "DROP TABLE v1_connector_sessions; CREATE TABLE v1_connector_sessions (id integer primary key, sync_id text, key text)",
            "v1_connector_sessions has no column value",
        ),
        (
            "DROP TABLE v1_assets; CREATE TABLE v1_assets (id text primary key, external_id, content_type, data, sync_id, discovered_at)",
            "v1_assets.id is not its integer key",
        ),
        (
            "ALTER TABLE v1_assets RENAME TO x; CREATE TABLE v1_assets (id integer primary key, external_id, content_type, data, sync_id, discovered_at, more text not null)",
            "v1_assets has a column \"more\" that must be filled",
        ),
        (
            "DROP INDEX idx_grants_external_sync_v1; UPDATE v1_grants SET external_id = 'same'",
            "v1_grants holds two rows of one sync with the same id",
        ),
    ] {
        changed(&target, statements);
        let before = fs::read(&target).unwrap();
        let error = refused(&target);
        let said = error.to_string();
        assert_eq!(said, format!("{}: it cannot be extended: {problem}", target.display()));
        assert_eq!(error.hint().as_deref(), Some("write to another file with -f"));
        assert_eq!(names(directory.path()), ["a.c1z"]);
        assert!(fs::read(&target).unwrap() == before);
    }
}

#[test]
fn a_damaged_database_is_refused() {
    let (directory, target) = nowhere();
    let sound = image(&fixture("company.c1z"));
    let pages = sound.len() / 4096;
    for page in 1..pages {
        let mut bytes = sound.clone();
        bytes[page * 4096..][..100].fill(0xee);
        wrap(&bytes, &target);
        let said = refused(&target).to_string();
        assert!(said.contains("it cannot be extended: "), "page {page}: {said}");
        assert_eq!(names(directory.path()), ["a.c1z"]);
    }
}

#[test]
fn a_working_database_with_a_trigger_is_refused() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    writer.begin_sync(full(SYNC)).unwrap();
    writer.execute("CREATE TRIGGER t AFTER INSERT ON v1_grants BEGIN DELETE FROM v1_resources; END").unwrap();
    writer.commit().unwrap();
    drop(writer);
    let said = refused(&target).to_string();
    assert!(said.ends_with("it has the trigger \"t\", which no c1z has"), "{said}");
    assert_eq!(names(directory.path()), [".a.c1z.sync"]);
}
