//! What rows hold after each call.

use super::*;
use prost::Message as _;

const GRANT: &str = "SELECT expansion IS NOT NULL, needs_expansion, discovered_at, id FROM v1_grants";

#[test]
fn keys_go_into_columns() {
    let mut writer = writer();
    let mut child = resource("re:po", "a/b c");
    child.parent_resource_id = Some(key("org", "o1"));
    writer.put_resource(&child).unwrap();
    writer.put_resource(&resource("org", "o1")).unwrap();
    writer.put_entitlement(&entitlement(resource("org", "o1"), "member")).unwrap();
    writer.put_grant(&grant(entitlement(resource("org", "o1"), "member"), resource("user", "u1"))).unwrap();
    let sql = "SELECT external_id, resource_type_id, parent_resource_type_id, parent_resource_id, sync_id,
        discovered_at FROM v1_resources";
    assert_eq!(
        rows(&writer, sql),
        [
            format!("re:po:a/b c|re:po|org|o1|{SYNC}|2026-11-22 11:38:21.38"),
            format!("org:o1|org|NULL|NULL|{SYNC}|2026-11-22 11:38:21.38"),
        ]
    );
    let sql = "SELECT external_id, resource_type_id, resource_id FROM v1_entitlements";
    assert_eq!(row(&writer, sql), "org:o1:member|org|o1");
    let sql = "SELECT external_id, entitlement_id, resource_type_id, resource_id, principal_resource_type_id,
        principal_resource_id, expansion, needs_expansion FROM v1_grants";
    assert_eq!(row(&writer, sql), "org:o1:member:user:u1|org:o1:member|org|o1|user|u1|NULL|0");
}

#[test]
fn a_second_record_replaces_the_message_only() {
    let mut writer = writer();
    let mut user = resource("user", "u1");
    assert_eq!(writer.put_resource(&user).unwrap(), Stored::New);
    user.display_name = "Renamed".into();
    writer.set_time(at("2026-11-22 12:00:00"));
    assert_eq!(writer.put_resource(&user).unwrap(), Stored::Replaced);
    user.parent_resource_id = Some(key("org", "o1"));
    assert_eq!(writer.put_resource(&user).unwrap(), Stored::KeysDiffer);
    let sql = "SELECT id, parent_resource_id, discovered_at, data FROM v1_resources";
    let blob = format!("{:02x?}", user.encode_to_vec());
    assert_eq!(row(&writer, sql), format!("1|NULL|2026-11-22 11:38:21.38|{blob}"));

    assert_eq!(writer.put_resource_type(&kind("user")).unwrap(), Stored::New);
    assert_eq!(writer.put_resource_type(&kind("user")).unwrap(), Stored::Replaced);
    let mut member = entitlement(resource("org", "o1"), "member");
    assert_eq!(writer.put_entitlement(&member).unwrap(), Stored::New);
    assert_eq!(writer.put_entitlement(&member).unwrap(), Stored::Replaced);
    member.resource = Some(resource("org", "o2"));
    assert_eq!(writer.put_entitlement(&member).unwrap(), Stored::KeysDiffer);
    let mut grant = sample_grant(None);
    assert_eq!(writer.put_grant(&grant).unwrap(), Stored::New);
    assert_eq!(writer.put_grant(&grant).unwrap(), Stored::Replaced);
    grant.principal = Some(resource("user", "other"));
    assert_eq!(writer.put_grant(&grant).unwrap(), Stored::KeysDiffer);
    assert_eq!(writer.put_expanded_grant(&grant).unwrap(), Stored::KeysDiffer);
    assert_eq!(row(&writer, "SELECT principal_resource_id FROM v1_grants"), "g1");
}

#[test]
fn the_same_id_in_another_sync_is_another_record() {
    let mut writer = writer();
    writer.put_resource_type(&kind("user")).unwrap();
    writer.end_sync(start()).unwrap();
    writer.begin_sync(full("second")).unwrap();
    assert_eq!(writer.put_resource_type(&kind("user")).unwrap(), Stored::New);
}

#[test]
fn an_expansion_leaves_the_message() {
    let mut writer = writer();
    let grant = sample_grant(Some(&["group:g1:member"]));
    writer.put_grant(&grant).unwrap();
    let expansion = expandable(&["group:g1:member"]).encode_to_vec();
    let rest = sample_grant(None).encode_to_vec();
    assert_eq!(
        row(&writer, "SELECT expansion, needs_expansion, data FROM v1_grants"),
        format!("{expansion:02x?}|1|{rest:02x?}")
    );
}

#[test]
fn an_expansion_that_names_nothing_is_dropped() {
    for ids in [&[][..], &[""], &["", " \t\u{a0}"]] {
        let mut writer = writer();
        writer.put_grant(&sample_grant(Some(ids))).unwrap();
        let rest = sample_grant(None).encode_to_vec();
        let sql = "SELECT expansion, needs_expansion, data FROM v1_grants";
        assert_eq!(row(&writer, sql), format!("NULL|0|{rest:02x?}"), "{ids:?}");
    }
    let mut writer = writer();
    writer.put_grant(&sample_grant(Some(&["", "x"]))).unwrap();
    assert_eq!(row(&writer, GRANT), "1|1|2026-11-22 11:38:21.38|1");
}

#[test]
fn the_mark_of_an_expansion_follows_its_changes() {
    let mut writer = writer();
    let put = |writer: &mut Writer, ids: Option<&[&str]>| {
        writer.put_grant(&sample_grant(ids)).unwrap();
        row(writer, "SELECT needs_expansion FROM v1_grants")
    };
    assert_eq!(put(&mut writer, None), "0");
    assert_eq!(put(&mut writer, Some(&["a"])), "1");
    writer.execute("UPDATE v1_grants SET needs_expansion = 0").unwrap();
    assert_eq!(put(&mut writer, Some(&["a"])), "0", "the same expansion");
    assert_eq!(put(&mut writer, Some(&["b"])), "1", "another one");
    assert_eq!(put(&mut writer, None), "0");
}

#[test]
fn expanding_leaves_expansions_alone() {
    let mut writer = writer();
    writer.put_grant(&sample_grant(Some(&["a"]))).unwrap();
    assert_eq!(writer.put_expanded_grant(&sample_grant(None)).unwrap(), Stored::Replaced);
    assert_eq!(row(&writer, GRANT), "1|1|2026-11-22 11:38:21.38|1");
    let mut derived = grant(entitlement(resource("role", "admin"), "holder"), resource("user", "u1"));
    derived.annotations = vec![annotation("GrantExpandable", &expandable(&["a"]))];
    assert_eq!(writer.put_expanded_grant(&derived).unwrap(), Stored::New);
    derived.annotations.clear();
    let sql = "SELECT expansion, needs_expansion, data FROM v1_grants WHERE id = 2";
    assert_eq!(row(&writer, sql), format!("NULL|0|{:02x?}", derived.encode_to_vec()));
}

#[test]
fn assets() {
    let mut writer = writer();
    assert_eq!(writer.put_asset("a", "image/png", b"1").unwrap(), Stored::New);
    assert_eq!(writer.put_asset("a", "image/gif", b"2").unwrap(), Stored::Replaced);
    assert_eq!(writer.put_asset("b", "", b"3").unwrap(), Stored::New);
    assert_eq!(writer.put_asset("c", "", b"").unwrap(), Stored::Skipped);
    let sql = "SELECT external_id, content_type, data FROM v1_assets";
    assert_eq!(rows(&writer, sql), ["a|image/png|[32]", "b|unknown|[33]"]);
}

#[test]
fn a_sync_run_from_beginning_to_end() {
    let mut writer = Writer::create(None).unwrap();
    let sql = "SELECT * FROM v1_sync_runs WHERE id = (SELECT max(id) FROM v1_sync_runs)";
    writer.begin_sync(full(SYNC)).unwrap();
    assert_eq!(row(&writer, sql), format!("1|{SYNC}|2026-11-22 11:38:21.38|NULL||full|||0|1|NULL|||"));
    writer.set_sync_token("{}").unwrap();
    writer.set_supports_diff().unwrap();
    writer.end_sync(at("2026-11-22 11:38:22")).unwrap();
    assert_eq!(
        row(&writer, sql),
        format!("1|{SYNC}|2026-11-22 11:38:21.38|2026-11-22 11:38:22|{{}}|full|||1|1|{{}}|||")
    );
    let upserts = NewSync {
        parent_id: SYNC.into(),
        linked_id: "other".into(),
        ..NewSync::new("u", SyncKind::PartialUpserts, start())
    };
    writer.begin_sync(upserts).unwrap();
    assert!(row(&writer, sql).ends_with(&format!("|partial_upserts|{SYNC}|other|0|1|NULL|||")));
}

#[test]
fn raw_rows_are_taken_as_they_are() {
    let mut writer = writer();
    let columns = [
        ("external_id", RawValue::Text("x")),
        ("content_type", RawValue::Integer(7)),
        ("data", RawValue::Blob(b"\xff")),
    ];
    writer.put_raw("v1_assets", &columns).unwrap();
    assert_eq!(row(&writer, "SELECT * FROM v1_assets"), format!("1|x|7|[ff]|{SYNC}|2026-11-22 11:38:21.38"));
    writer.put_raw("v1_assets", &columns).unwrap_err();
    assert_eq!(row(&writer, "PRAGMA integrity_check"), "ok");
}
