//! Whatever a file holds, the rules come to an end.

use proptest::prelude::*;

use super::world::{File, World};
use super::*;
use crate::model::time::Instant;
use crate::store::{NewSync, RawValue, SaveOptions, SyncKind, Writer};

/// Messages of nested fields that may be anything.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        Just(b"user".to_vec()),
        Just(b"group:g:member".to_vec()),
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 0..12),
        Just(b"type.googleapis.com/c1.connector.v2.GrantExpandable".to_vec()),
        Just(b"/c1.connector.v2.UserTrait".to_vec()),
        Just(b"/c1.connector.v2.EntitlementExclusionGroup".to_vec()),
    ];
    text.prop_recursive(5, 40, 6, |inner| {
        prop::collection::vec((1_u8..13, inner), 0..6).prop_map(|fields| {
            let mut out = Vec::new();
            for (number, value) in fields {
                crate::model::wire::push_bytes(&mut out, u32::from(number), &value);
            }
            out
        })
    })
}

fn put(writer: &mut Writer, table: &'static str, id: &str, message: &[u8], expansion: &[u8]) {
    let text = RawValue::Text("user");
    let mut row = vec![("external_id", RawValue::Text(id)), ("data", RawValue::Blob(message))];
    let keys: &[&str] = match table {
        "v1_resource_types" => &[],
        "v1_resources" => &["resource_type_id"],
        "v1_entitlements" => &["resource_type_id", "resource_id"],
        _ => {
            row.push(("expansion", RawValue::Blob(expansion)));
            &[
                "resource_type_id",
                "resource_id",
                "entitlement_id",
                "principal_resource_type_id",
                "principal_resource_id",
            ]
        }
    };
    row.extend(keys.iter().map(|key| (*key, text)));
    writer.put_raw(table, &row).unwrap();
}

const TABLES: [&str; 4] = ["v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"];

fn file(rows: &[(usize, Vec<u8>, Vec<u8>)]) -> File {
    let mut writer = Writer::create(None).unwrap();
    let start = Instant::parse("2026-03-01 08:00:00").unwrap();
    writer.begin_sync(NewSync::new(super::world::SYNC, SyncKind::Full, start)).unwrap();
    for (number, (table, message, expansion)) in rows.iter().enumerate() {
        put(&mut writer, TABLES[*table], &format!("id-{number}"), message, expansion);
    }
    writer.end_sync(start).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("odd.c1z");
    writer.save(&path, SaveOptions::default()).unwrap();
    File::open(directory, &path)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_records_are_checked_to_the_end(rows in prop::collection::vec((0_usize..4, message(), message()), 0..24)) {
        let file = file(&rows);
        let findings = file.findings();
        let doubled = |id: &str| {
            findings.iter().any(|other| other.rule.code.ends_with("-duplicate") && other.records[0].id == id)
        };
        let mut seen = BTreeSet::new();
        for finding in findings.iter().filter(|finding| finding.rule.code != "id-empty") {
            let new = seen.insert((finding.rule.code, &finding.records[0]));
            let id = &finding.records[0].id;
            // Ids that are no text, or no record's own, can look the same; and two records can have the same.
            let alike = id.is_empty() || id.contains(['\u{fffd}', '/']) || doubled(id);
            prop_assert!(new || alike, "{:?}", finding);
        }
        prop_assert_eq!(&file.findings(), &findings);
    }

    #[test]
    fn what_lacks_records_is_checked_to_the_end(
        without in prop::collection::vec((0_usize..4, any::<prop::sample::Index>()), 0..8),
    ) {
        let mut world = World::sound();
        for (family, index) in without {
            match family {
                0 if !world.types.is_empty() => drop(world.types.remove(index.index(world.types.len()))),
                1 if !world.resources.is_empty() => drop(world.resources.remove(index.index(world.resources.len()))),
                2 if !world.entitlements.is_empty() => {
                    drop(world.entitlements.remove(index.index(world.entitlements.len())));
                }
                3 if !world.grants.is_empty() => drop(world.grants.remove(index.index(world.grants.len()))),
                _ => {}
            }
        }
        // Both engines hold the same records, so they have the same faults.
        let names = |file: &File| -> BTreeSet<(&str, Record)> {
            file.findings().iter().map(|finding| (finding.rule.code, finding.records[0].clone())).collect()
        };
        prop_assert_eq!(names(&world.sqlite()), names(&world.pebble()));
    }
}
