//! Writers that index their records at the end.

use super::*;

fn fill(writer: &mut Writer, sync: &str) {
    writer.begin_sync(full(sync)).unwrap();
    for id in ["user", "group"] {
        writer.put_resource_type(&kind(id)).unwrap();
    }
    for number in 0..500 {
        let user = resource("user", &format!("{}", number * 7919 % 500));
        writer.put_resource(&user).unwrap();
        let member = entitlement(resource("group", &format!("{number}")), "member");
        writer.put_entitlement(&member).unwrap();
        writer.put_grant(&grant(member, user)).unwrap();
    }
    writer.put_grant(&sample_grant(Some(&["group:1:member"]))).unwrap();
    writer.put_asset("icon", "image/png", b"png").unwrap();
    writer.session_set("a", b"1").unwrap();
    writer.session_set("a", b"2").unwrap();
    writer.end_sync(start()).unwrap();
}

fn made(mut writer: Writer, target: &Path) -> Connection {
    fill(&mut writer, SYNC);
    fill(&mut writer, "second");
    writer.save(target, SaveOptions::default()).unwrap();
    database(target)
}

#[test]
fn a_bulk_writer_makes_the_same_file() {
    let directory = tempfile::tempdir().unwrap();
    let plain = made(Writer::create(None).unwrap(), &directory.path().join("plain.c1z"));
    let bulk = made(Writer::create_bulk(None).unwrap(), &directory.path().join("bulk.c1z"));
    let mut queries = vec!["SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name".to_owned()];
    let tables = ddl::SCHEMA.iter().filter(|object| object.kind == ddl::Kind::Table);
    queries.extend(tables.map(|table| format!("SELECT * FROM {} ORDER BY id", table.name)));
    for query in queries {
        let rows = rows_of(&plain, &query);
        assert!(!rows.is_empty(), "{query}");
        assert!(rows_of(&bulk, &query) == rows, "{query}");
    }
    assert_eq!(rows_of(&bulk, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(rows_of(&bulk, "PRAGMA freelist_count"), ["0"]);
}

#[test]
fn a_broken_promise_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("a.c1z");
    let mut writer = Writer::create_bulk(None).unwrap();
    fill(&mut writer, SYNC);
    writer.begin_sync(full("second")).unwrap();
    let user = resource("user", "7");
    assert_eq!(writer.put_resource(&user).unwrap(), Stored::New);
    assert_eq!(writer.put_resource(&user).unwrap(), Stored::New);
    let said = writer.save(&target, SaveOptions::default()).unwrap_err().to_string();
    assert_eq!(said, "v1_resources: two records of the sync second have the id \"user:7\"");
    assert!(!target.exists());
}

#[test]
fn a_sync_of_the_same_id_is_refused_at_once() {
    let mut writer = Writer::create_bulk(None).unwrap();
    fill(&mut writer, SYNC);
    assert!(matches!(writer.begin_sync(full(SYNC)), Err(WriteError::SyncExists { .. })));
}
