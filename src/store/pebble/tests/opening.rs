//! What is refused, what is told of a sync, and how little of a file is read for that.

use super::super::keys::{ID_FORMAT, KEYSPACE_VERSION, SYNC_RUN, Space};
use super::file::{seal, try_open};
use super::*;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::proto::c1::storage::v3::{AssetRecord, CallStat, SyncStatsRecord};
use crate::pebble::testing::{DatabaseWriter, Row, TableWriter};

/// Why nothing can be read: at once, or when the first record is asked for.
fn refusal(store: &Store) -> Error {
    match store.try_read() {
        Ok(reader) => {
            let at = snapshot(&reader);
            let errors = [
                at.resource_types().map(drop).unwrap_err(),
                at.resources(&ResourceFilter::default()).map(drop).unwrap_err(),
                at.entitlements(&EntitlementFilter { id: Some("x"), ..Default::default() })
                    .map(drop)
                    .unwrap_err(),
                at.grants(&GrantFilter::default()).map(drop).unwrap_err(),
                at.resource_type(b"user", |_| ()).unwrap_err(),
                at.resource(ResourceKey { kind: b"user", id: b"ada" }, |_| ()).unwrap_err(),
                at.entitlement(b"custom", |_| ()).unwrap_err(),
                at.grant(&GrantFilter::default(), |_| ()).unwrap_err(),
                at.count().unwrap_err(),
            ];
            assert_eq!(
                errors.iter().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>().len(),
                1
            );
            errors.into_iter().next().unwrap()
        }
        Err(error) => error,
    }
}

/// What an error says about the file.
fn said(error: &Error) -> String {
    error.to_string().split_once(": ").unwrap().1.to_owned()
}

#[test]
fn an_unknown_keyspace_is_refused() {
    for engine in ["pebble", "pebble2", "pebble3"] {
        let mut store = company();
        store.manifest.engine = engine.into();
        store.put(KEYSPACE_VERSION, &3_u32.to_be_bytes());
        let error = refusal(&store);
        assert_eq!(said(&error), "it uses keyspace version 3, which is not supported");
        assert_eq!(error.hint().as_deref(), Some("a newer version of baton may read it"));
        store.rows.remove(KEYSPACE_VERSION);
        let error = refusal(&store);
        assert!(said(&error).starts_with("it states no version of its keyspace"), "{error}");
        assert!(error.hint().unwrap().starts_with("sync again"));
        store.put(KEYSPACE_VERSION, &[2]);
        assert_eq!(said(&refusal(&store)), "keyspace_version is damaged: it has 1 bytes instead of 4");
    }
}

#[test]
fn an_unknown_key_format_is_refused() {
    for format in [1, 3, u32::MAX] {
        let mut store = company();
        store.put(ID_FORMAT, &format.to_be_bytes());
        let words =
            format!("its entitlements and grants are keyed by format {format}, which is not supported");
        assert_eq!(said(&refusal(&store)), words);
    }
    let mut store = company();
    store.put(ID_FORMAT, b"");
    assert_eq!(said(&refusal(&store)), "grant_entitlement_id_format is damaged: it has 0 bytes instead of 4");
}

#[test]
fn the_keyspace_is_doubted_before_the_sync_run() {
    // As written by the first engine, whose keys hold the id of the sync.
    let mut store = Store::empty();
    store.rows.clear();
    store.put(b"\x03\x01sync\0user", b"");
    assert!(matches!(store.try_read(), Err(Error::Keyspace { found: None, .. })));
    let mut store = company();
    store.manifest.engine = "pebble".into();
    store.put(KEYSPACE_VERSION, &7_u32.to_be_bytes());
    store.put(SYNC_RUN, b"\xff");
    assert!(matches!(store.try_read(), Err(Error::Keyspace { found: Some(7), .. })));
}

#[test]
fn an_unknown_engine_is_refused() {
    for engine in ["", "pebble4", "sqlite"] {
        let mut store = company();
        store.manifest.engine = engine.into();
        assert!(matches!(store.try_read(), Err(Error::Container(_))), "{engine}");
    }
}

#[test]
fn an_unknown_format_of_the_database_is_refused() {
    for version in [12, 25, 100] {
        let mut database = DatabaseWriter::new();
        database.add(6, &TableWriter::new(7), &[Row::set(b"\x03\x06", 10, b"")], &[]);
        let file = seal(&database.finish_as(version).files, &Store::empty().manifest);
        let error = try_open(&file).unwrap_err();
        assert!(matches!(error, Error::Pebble { .. }));
        assert!(said(&error).contains(&format!("format major version {version}")), "{error}");
    }
    let mut files = company().files();
    files.remove("marker.manifest.000001.MANIFEST-000001");
    assert!(matches!(try_open(&seal(&files, &Store::empty().manifest)), Err(Error::Pebble { .. })));
}

#[test]
fn a_store_without_a_sync_has_no_runs() {
    let mut bare = Store::empty();
    bare.rows.clear();
    for store in [Store::empty(), bare] {
        let reader = store.read();
        assert!(reader.runs().is_empty());
        let error = reader.choose(&SyncChoice::Newest).unwrap_err();
        assert_eq!(said(&error), "it holds no sync");
    }
}

#[test]
fn a_sync_run_says_what_its_row_says() {
    let mut record = run();
    record.parent_sync_id = "parent".into();
    for (number, kind) in [
        (0, ""),
        (1, "full"),
        (2, "partial"),
        (3, "resources_only"),
        (4, "partial_upserts"),
        (5, "partial_deletions"),
        (6, "6"),
    ] {
        record.r#type = number;
        let mut store = Store::empty();
        store.put_run(&record);
        let reader = store.read();
        let [run] = reader.runs() else { panic!("one sync") };
        assert_eq!((run.id.as_str(), run.kind.as_str(), run.finished), (SYNC, kind, true));
        assert_eq!((run.token.as_str(), run.parent_id.as_str()), ("token", "parent"));
        assert_eq!(run.started_at.unwrap().to_string(), "2026-11-18T11:06:40Z");
        assert_eq!(run.ended_at.unwrap().since(run.started_at.unwrap()).as_secs(), 60);
        assert_eq!(run.stats, None);
    }
}

#[test]
fn a_sync_that_did_not_end_must_be_named() {
    let mut store = company();
    store.put_run(&SyncRunRecord { ended_at: None, ..run() });
    let reader = store.read();
    assert!(!reader.runs()[0].finished);
    assert!(matches!(reader.choose(&SyncChoice::Newest), Err(Error::NoFinishedSync { .. })));
    let chosen = reader.choose(&SyncChoice::Id(SYNC.into())).unwrap();
    assert_eq!(types(reader.at(chosen.run)).len(), 3);
    assert!(matches!(reader.choose(&SyncChoice::Id("other".into())), Err(Error::UnknownSync { .. })));
}

#[test]
fn a_sync_run_that_cannot_be_read_is_named() {
    let mut store = company();
    store.put(SYNC_RUN, b"\x0a\x1bshort");
    assert_eq!(
        said(&store.try_read().unwrap_err()),
        "the sync run is damaged: it ends in the middle of a field"
    );
    for id in ["", "sync", "3MSce4tpn4AaTFke0LZe7Id3Js-", "zzzzzzzzzzzzzzzzzzzzzzzzzzz"] {
        store.put_run(&SyncRunRecord { sync_id: id.into(), ..run() });
        let error = store.try_read().unwrap_err();
        assert!(
            said(&error).starts_with(&format!("the sync run is damaged: its id is {id:?}, and ")),
            "{error}"
        );
    }
}

fn stats() -> SyncStatsRecord {
    let call = CallStat { count: 1, total_ms: 2, max_ms: 3, errors: 4, timeouts: 5 };
    SyncStatsRecord {
        sync_id: SYNC.into(),
        resource_types: 1,
        resources: 2,
        entitlements: 3,
        grants: 4,
        assets: 5,
        resources_by_resource_type: [("user".to_owned(), 2)].into(),
        grants_by_entitlement_resource_type: [("group".to_owned(), 4)].into(),
        entitlements_by_resource_type: [("group".to_owned(), 3)].into(),
        step_durations_ms: [("step".to_owned(), 6)].into(),
        connector_call_stats: [("call".to_owned(), call)].into(),
        session_store_stats: [("session".to_owned(), CallStat::default())].into(),
        ..Default::default()
    }
}

#[test]
fn kept_counts_come_from_the_manifest_or_from_the_database() {
    let mut store = company();
    store.tell(&run(), Some(stats()));
    let told = store.read().runs()[0].stats.clone().unwrap();
    assert_eq!((told.resource_types, told.resources, told.entitlements), (1, 2, 3));
    assert_eq!((told.grants, told.assets), (4, 5));
    assert_eq!(told.resources_by_resource_type, [("user".to_owned(), 2)].into());
    assert_eq!(told.grants_by_resource_type, [("group".to_owned(), 4)].into());
    assert_eq!(told.entitlements_by_resource_type, [("group".to_owned(), 3)].into());
    assert_eq!(told.step_durations_ms["step"], 6);
    let call = &told.connector_call_stats["call"];
    assert_eq!((call.count, call.total_ms, call.max_ms, call.errors, call.timeouts), (1, 2, 3, 4, 5));
    assert_eq!(told.session_store_stats.len(), 1);
    // Those of another sync are not this one's.
    store.tell(&SyncRunRecord { sync_id: "other".into(), ..run() }, Some(stats()));
    assert_eq!(store.read().runs()[0].stats, None);
    store.put_stats(&stats());
    assert_eq!(store.read().runs()[0].stats, Some(told.clone()));
    store.put_stats(&SyncStatsRecord { sync_id: "other".into(), ..stats() });
    assert_eq!(store.read().runs()[0].stats, None);
    store.put(b"\x03\xffstats\0", b"\xff");
    assert_eq!(store.read().runs()[0].stats, None);
    // A sync that did not end has no counts to be trusted.
    store.put_stats(&stats());
    store.put_run(&SyncRunRecord { ended_at: None, ..run() });
    assert_eq!(store.read().runs()[0].stats, None);
}

#[test]
fn records_are_counted() {
    let mut store = company();
    store.put_asset(&AssetRecord { external_id: "icon".into(), ..Default::default() });
    store.put_resource(&resource("un\0declared", "1"));
    let counted = snapshot(&store.read()).count().unwrap();
    let count = |kind: &str, count: i64| (kind.to_owned(), count);
    let expected = SyncStats {
        resource_types: 3,
        resources: 7,
        entitlements: 4,
        grants: 9,
        assets: 1,
        resources_by_resource_type: [
            count("group", 2),
            count("org", 1),
            count("un\0declared", 1),
            count("user", 3),
        ]
        .into(),
        entitlements_by_resource_type: [count("group", 4)].into(),
        grants_by_resource_type: [count("group", 9)].into(),
        ..Default::default()
    };
    assert_eq!(counted, expected);
}

/// A file with one table for each of these spaces, the sync run and the stamps, and the names of the tables.
fn apart(store: &Store) -> (std::collections::BTreeMap<String, Vec<u8>>, Vec<String>) {
    let mut database = DatabaseWriter::new();
    let heads = [
        Space::ResourceTypes.key(&[]),
        Space::Resources.key(&[]),
        Space::Entitlements.key(&[]),
        Space::Grants.key(&[]),
        SYNC_RUN.to_vec(),
        b"\x03\x07".to_vec(),
        b"\x03\xff".to_vec(),
    ];
    let mut names = Vec::new();
    for head in heads {
        let rows = store.rows.iter().filter(|(key, _)| key.starts_with(&head));
        let rows: Vec<Row> = rows.map(|(key, value)| Row::set(key, 10, value)).collect();
        let number = database.add(6, &TableWriter::new(7), &rows, &[]);
        names.push(format!("{number:06}.sst"));
    }
    (database.finish().files, names)
}

/// The file with all these files inside damaged.
fn damaged(store: &Store, spoiled: &[usize]) -> Vec<u8> {
    let (files, names) = apart(store);
    let mut file = seal(&files, &store.manifest);
    for place in spoiled {
        let frame = {
            let mut frame = Vec::with_capacity(zstd_safe::compress_bound(files[&names[*place]].len()));
            zstd_safe::compress(&mut frame, &files[&names[*place]], 1).unwrap();
            frame
        };
        let start = file.windows(frame.len()).position(|window| window == frame).unwrap();
        file[start] ^= 0xff;
    }
    file
}

#[test]
fn nothing_is_decoded_that_nobody_asks_for() {
    let mut store = company();
    store.tell(&run(), Some(stats()));
    let reader = try_open(&damaged(&store, &[0, 1, 2, 3, 5, 6])).unwrap();
    let [run] = reader.runs() else { panic!("one sync") };
    assert_eq!((run.token.as_str(), run.stats.as_ref().unwrap().grants), ("token", 4));
    assert!(snapshot(&reader).resource_types().is_err(), "the stamps");

    let reader = try_open(&damaged(&store, &[1, 2, 3, 5])).unwrap();
    let at = snapshot(&reader);
    assert_eq!(names(&types(at), 0), ["group", "org", "user"]);
    let error = at.resource(ResourceKey { kind: b"user", id: b"ada" }, |_| ()).unwrap_err();
    assert!(matches!(&error, Error::Pebble { .. }));
    assert!(error.hint().is_some(), "what the container says: {error}");
    assert_eq!(error.to_string().matches("a.c1z").count(), 1, "{error}");

    let reader = try_open(&damaged(&store, &[0, 1, 3, 5])).unwrap();
    let at = snapshot(&reader);
    assert_eq!(entitlements(at, &EntitlementFilter::default()).len(), 4);
    assert_eq!(entitlements(at, &EntitlementFilter { id: Some("custom"), ..Default::default() }).len(), 2);

    let reader = try_open(&damaged(&store, &[0, 1, 2, 5])).unwrap();
    let at = snapshot(&reader);
    assert_eq!(grants(at, &GrantFilter::default()).len(), 9);
    let resource = Some(ResourceKey { kind: b"group", id: b"g1" });
    assert_eq!(
        grants(at, &GrantFilter { resource, entitlement: Some("gone"), ..Default::default() }).len(),
        1
    );

    let reader = try_open(&damaged(&store, &[0, 1, 2])).unwrap();
    let principal = Some(ResourceKey { kind: b"user", id: b"bob" });
    assert_eq!(grants(snapshot(&reader), &GrantFilter { principal, ..Default::default() }).len(), 4);
}

#[test]
fn the_bytes_in_a_table_decide_not_their_order() {
    // Two versions of the sync run: a table of its own is newer than the one with everything.
    let store = company();
    let mut database = DatabaseWriter::new();
    let rows: Vec<Row> = store.rows.iter().map(|(key, value)| Row::set(key, 10, value)).collect();
    database.add(6, &TableWriter::new(7), &rows, &[]);
    let newer = SyncRunRecord { sync_token: "newer".into(), ..run() };
    database.add(0, &TableWriter::new(7), &[Row::set(SYNC_RUN, 11, &newer.encode_to_vec())], &[]);
    let reader = try_open(&seal(&database.finish().files, &store.manifest)).unwrap();
    assert_eq!(reader.runs()[0].token, "newer");
}
