//! Whole files: written, saved, and read back.

use prost::Message as _;

use super::*;
use crate::c1z::{OpenOptions, Source};
use crate::store::sync::parse_stats;
use crate::store::{EntitlementFilter, GrantFilter, Reader, ResourceFilter, SyncChoice};

/// Types, resources, entitlements and grants, enough for several pages.
fn fill(writer: &mut Writer) {
    for id in ["user", "group", "role", "nothing"] {
        writer.put_resource_type(&kind(id)).unwrap();
    }
    writer.put_resource(&resource("undeclared", "x")).unwrap();
    for number in 0..200 {
        let group = resource("group", &format!("g{}", number % 7));
        let user = resource("user", &format!("u{number}"));
        let member = entitlement(group.clone(), "member");
        writer.put_resource(&group).unwrap();
        writer.put_resource(&user).unwrap();
        writer.put_entitlement(&member).unwrap();
        writer.put_grant(&grant(member, user)).unwrap();
    }
    writer.put_grant(&sample_grant(Some(&["group:g1:member"]))).unwrap();
    writer.put_asset("icon", "image/png", b"png").unwrap();
}

fn save(writer: Writer, directory: &tempfile::TempDir, name: &str) -> std::path::PathBuf {
    let target = directory.path().join(name);
    writer.save(&target, SaveOptions::default()).unwrap();
    target
}

fn open(path: &Path) -> Reader {
    Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap()
}

#[test]
fn what_is_written_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = writer();
    fill(&mut writer);
    writer.set_sync_token(r#"{"version":1}"#).unwrap();
    let counted = writer.end_sync(at("2026-11-22 12:00:00.000000001")).unwrap();
    let reader = open(&save(writer, &directory, "a.c1z"));
    let run = reader.choose(&SyncChoice::Newest).unwrap().run;
    assert_eq!(run.id, SYNC);
    assert_eq!(run.started_at, Some(start()));
    assert_eq!(run.ended_at.map(Instant::to_sqlite).as_deref(), Some("2026-11-22 12:00:00.000000001"));
    assert_eq!((run.token.as_str(), run.kind.as_str(), run.backfilled), (r#"{"version":1}"#, "full", true));
    assert_eq!(run.stats.as_ref(), Some(&counted));
    let at = reader.at(run);
    assert_eq!(at.count().unwrap(), counted);
    let found = at.resource_type(b"user", |r| r.message.to_vec()).unwrap();
    assert_eq!(found, Some(kind("user").encode_to_vec()));
    let mut resources = at.resources(&ResourceFilter::default()).unwrap();
    let mut cursor = resources.rows().unwrap();
    cursor.next(|_| ()).unwrap();
    let first = cursor.next(|r| r.message.to_vec()).unwrap();
    assert_eq!(first, Some(resource("group", "g0").encode_to_vec()));
    let filter = EntitlementFilter { id: Some("group:g3:member"), ..Default::default() };
    let mut entitlements = at.entitlements(&filter).unwrap();
    let found = entitlements.rows().unwrap().next(|e| e.message.to_vec()).unwrap();
    assert_eq!(found, Some(entitlement(resource("group", "g3"), "member").encode_to_vec()));
    let filter = GrantFilter { entitlement: Some("role:admin:holder"), ..Default::default() };
    let found = at.grant(&filter, |g| (g.message.to_vec(), g.expansion.to_vec())).unwrap();
    let expected = (sample_grant(None).encode_to_vec(), expandable(&["group:g1:member"]).encode_to_vec());
    assert_eq!(found, Some(expected));
    assert!(reader.problems().lines().is_empty());
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let mut writer = writer();
        fill(&mut writer);
        writer.end_sync(start()).unwrap();
        writer.begin_sync(full("second")).unwrap();
        fill(&mut writer);
        std::fs::read(save(writer, &directory, name)).unwrap()
    };
    assert!(make("a.c1z") == make("b.c1z"));
}

#[test]
fn a_saved_database_is_sound() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = writer();
    fill(&mut writer);
    assert_eq!(row(&writer, "PRAGMA integrity_check"), "ok");
    let target = save(writer, &directory, "a.c1z");
    let opened = crate::c1z::open(&Source::from(&*target), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let crate::c1z::Payload::Sqlite(image) = opened.payload else { panic!("no database") };
    assert_eq!(image[18..20], [1, 1], "no write-ahead log");
    let path = directory.path().join("a.db");
    std::fs::write(&path, &image[..]).unwrap();
    let connection = rusqlite::Connection::open(path).unwrap();
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[test]
fn an_open_sync_is_saved_unfinished() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = writer();
    fill(&mut writer);
    let reader = open(&save(writer, &directory, "a.c1z"));
    assert!(!reader.runs()[0].finished);
    assert!(reader.choose(&SyncChoice::Newest).is_err());
}

#[test]
fn a_file_without_a_sync_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let target = save(Writer::create(Some(directory.path())).unwrap(), &directory, "a.c1z");
    assert!(open(&target).runs().is_empty());
}

#[cfg(unix)]
#[test]
fn the_working_database_has_no_name() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(Some(directory.path())).unwrap();
    writer.begin_sync(full(SYNC)).unwrap();
    fill(&mut writer);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn counts_are_kept_as_json() {
    let mut writer = writer();
    fill(&mut writer);
    writer.set_sync_token(r#"{"step_durations_ms":{"x":5},"connector_call_stats":{}}"#).unwrap();
    let stats = writer.end_sync(start()).unwrap();
    let json = row(&writer, "SELECT stats FROM v1_sync_runs");
    assert_eq!(
        json,
        concat!(
            r#"{"resource_types":4,"resources":207,"entitlements":7,"grants":201,"#,
            r#""resources_by_resource_type":{"group":7,"nothing":0,"role":0,"user":200},"#,
            r#""grants_by_resource_type":{"group":200,"role":1},"#,
            r#""entitlements_by_resource_type":{"group":7},"assets":1,"step_durations_ms":{"x":5}}"#
        )
    );
    let mut parsed = parse_stats(&json).unwrap();
    assert_eq!(parsed.step_durations_ms.remove("x"), Some(5));
    assert_eq!(parsed, stats);
}

#[test]
fn a_sync_of_resources_counts_no_grants() {
    let mut writer = Writer::create(None).unwrap();
    writer.begin_sync(NewSync::new(SYNC, SyncKind::ResourcesOnly, start())).unwrap();
    fill(&mut writer);
    let stats = writer.end_sync(start()).unwrap();
    assert_eq!((stats.resources, stats.entitlements, stats.grants), (207, 0, 0));
    assert!(!row(&writer, "SELECT stats FROM v1_sync_runs").contains("grants"));
}
