//! Rows that are slim, empty, cut off, too large, or no blobs at all.

use super::*;

fn member() -> v2::Entitlement {
    entitlement(&resource("group", "g:1"), "member")
}

/// What a reader makes of a grant of which only the columns know the ids.
fn hydrated(full: &v2::Grant) -> v2::Grant {
    let offered = full.entitlement.as_ref().unwrap();
    let bare = |resource: &v2::Resource| v2::Resource { id: resource.id.clone(), ..Default::default() };
    v2::Grant {
        entitlement: Some(v2::Entitlement {
            id: offered.id.clone(),
            resource: offered.resource.as_ref().map(bare),
            ..Default::default()
        }),
        principal: full.principal.as_ref().map(bare),
        ..full.clone()
    }
}

fn user_grant(id: &str) -> v2::Grant {
    let source = v2::grant_sources::GrantSource { is_direct: true };
    let mut record = grant(&member(), &resource("user", id));
    record.sources = Some(v2::GrantSources { sources: [("elsewhere".to_owned(), source)].into() });
    record.annotations = vec![annotation("GrantImmutable", &v2::GrantImmutable::default())];
    record
}

#[test]
fn slim_grants_are_filled_up_from_their_columns() {
    let full = ["a", "b", "c", "d"].map(user_grant);
    let reader = read_sync(
        |writer| {
            put_slim(writer, &full[0]);
            let without_principal = v2::Grant { principal: None, ..full[1].clone() };
            put_grant_row(writer, &full[1], RawValue::Blob(&without_principal.encode_to_vec()), &[]);
            let without_entitlement = v2::Grant { entitlement: None, ..full[2].clone() };
            put_grant_row(writer, &full[2], RawValue::Blob(&without_entitlement.encode_to_vec()), &[]);
            writer.put_grant(&full[3]).unwrap();
        },
        "",
    );
    let at = snapshot(&reader);
    let all = grants(at, &GrantFilter::default());
    let bare = full.each_ref().map(hydrated);
    assert_eq!(decoded(&all[0]), bare[0]);
    assert_eq!(decoded(&all[1]), v2::Grant { principal: bare[1].principal.clone(), ..full[1].clone() });
    assert_eq!(decoded(&all[2]), v2::Grant { entitlement: bare[2].entitlement.clone(), ..full[2].clone() });
    assert_eq!(all[3].message, full[3].encode_to_vec(), "a whole record is lent as it is");
    for (seen, record) in all.iter().zip(&full) {
        let user = &record.principal.as_ref().unwrap().id.as_ref().unwrap().resource;
        assert_eq!(seen.keys[..6], texts(&[&record.id, "group:g:1:member", "group", "g:1", "user", user]));
        assert_eq!(seen.keys[6], record.sources.as_ref().unwrap().encode_to_vec());
        let principal = Some(ResourceKey { kind: b"user", id: user.as_bytes() });
        let filter = GrantFilter { principal, ..Default::default() };
        assert_eq!(at.grant(&filter, seen_grant).unwrap().as_ref(), Some(seen), "found as it is listed");
    }
    assert_sound(&reader);
}

#[test]
fn empty_blobs_are_rebuilt_from_columns() {
    let reader = read_sync(
        |writer| {
            let empty = ("data", RawValue::Blob(b""));
            writer.put_raw("v1_resource_types", &[("external_id", RawValue::Text("user")), empty]).unwrap();
            writer
                .put_raw(
                    "v1_resources",
                    &[
                        ("external_id", RawValue::Text("us:er:a:b")),
                        ("resource_type_id", RawValue::Text("us:er")),
                        ("parent_resource_type_id", RawValue::Text("org")),
                        ("parent_resource_id", RawValue::Text("o")),
                        empty,
                    ],
                )
                .unwrap();
            writer
                .put_raw(
                    "v1_entitlements",
                    &[
                        ("external_id", RawValue::Text("e")),
                        ("resource_type_id", RawValue::Text("org")),
                        ("resource_id", RawValue::Text("o")),
                        empty,
                    ],
                )
                .unwrap();
            put_grant_row(writer, &user_grant("a"), RawValue::Blob(b""), &[]);
        },
        "",
    );
    let at = snapshot(&reader);
    let [types, resources, entitlements, grants] = everything(at);
    assert_eq!(types[0].keys, texts(&["user"]));
    assert_eq!(
        types[0].message,
        v2::ResourceType { id: "user".into(), ..Default::default() }.encode_to_vec()
    );
    assert_eq!(resources[0].keys, texts(&["us:er", "a:b", "org", "o"]));
    let rebuilt = v2::Resource {
        id: Some(id_of("us:er", "a:b")),
        parent_resource_id: Some(id_of("org", "o")),
        ..Default::default()
    };
    assert_eq!(resources[0].message, rebuilt.encode_to_vec());
    assert_eq!(entitlements[0].keys, texts(&["e", "org", "o"]));
    let bare = v2::Resource { id: Some(id_of("org", "o")), ..Default::default() };
    let rebuilt = v2::Entitlement { id: "e".into(), resource: Some(bare), ..Default::default() };
    assert_eq!(entitlements[0].message, rebuilt.encode_to_vec());
    let bare = v2::Grant { sources: None, annotations: Vec::new(), ..hydrated(&user_grant("a")) };
    assert_eq!(decoded(&grants[0]), bare);
    let key = ResourceKey { kind: b"us:er", id: b"a:b" };
    assert_eq!(at.resource(key, seen_resource).unwrap().as_ref(), Some(&resources[0]));
    assert_eq!(at.entitlement(b"e", seen_entitlement).unwrap().as_ref(), Some(&entitlements[0]));
    assert_eq!(at.resource_type(b"user", seen_type).unwrap().as_ref(), Some(&types[0]));
    assert_sound(&reader);
}

#[test]
fn what_lacks_an_id_in_its_columns_as_well_is_skipped_and_named() {
    let reader = read_sync(
        |writer| {
            let empty = ("data", RawValue::Blob(b""));
            let nothing = RawValue::Text("");
            writer.put_raw("v1_resource_types", &[("external_id", nothing), empty]).unwrap();
            let columns =
                [("external_id", RawValue::Text("group:x")), ("resource_type_id", RawValue::Text("user"))];
            writer.put_raw("v1_resources", &[columns[0], columns[1], empty]).unwrap();
            let columns = [("external_id", nothing), ("resource_type_id", nothing), ("resource_id", nothing)];
            writer.put_raw("v1_entitlements", &[columns[0], columns[1], columns[2], empty]).unwrap();
            let mut nobody = user_grant("a");
            nobody.principal = Some(resource("", ""));
            put_slim(writer, &nobody);
        },
        "",
    );
    assert_eq!(everything(snapshot(&reader)), [const { Vec::new() }; 4]);
    let line = skipped(&reader);
    for row in ["v1_resource_types row 1", "v1_resources row 1", "v1_entitlements row 1", "v1_grants row 1"] {
        assert!(line.contains(row), "{line}");
    }
}

#[test]
fn a_principal_without_an_id_is_known_by_its_columns() {
    let full = user_grant("a");
    let named = v2::Resource { display_name: "Ada".into(), ..Default::default() };
    let reader = read_sync(
        |writer| {
            let odd = v2::Grant { principal: Some(named.clone()), ..full.clone() };
            put_grant_row(writer, &full, RawValue::Blob(&odd.encode_to_vec()), &[]);
            let odd = v2::Entitlement { resource: Some(named), ..member() };
            writer
                .put_raw(
                    "v1_entitlements",
                    &[
                        ("external_id", RawValue::Text(&odd.id)),
                        ("resource_type_id", RawValue::Text("group")),
                        ("resource_id", RawValue::Text("g:1")),
                        ("data", RawValue::Blob(&odd.encode_to_vec())),
                    ],
                )
                .unwrap();
        },
        "",
    );
    let [_, _, entitlements, grants] = everything(snapshot(&reader));
    assert_sound(&reader);
    assert_eq!(grants[0].keys[4..6], texts(&["user", "a"]));
    assert_eq!(entitlements[0].keys, texts(&[&member().id, "group", "g:1"]));
}

/// One good row, one bad one, one good one, in each table; `data` is the bad one's.
fn with_bad_rows(data: &str) -> Reader {
    read_sync(
        |writer| {
            for id in ["a", "b", "c"] {
                writer.put_resource_type(&kind(id)).unwrap();
                writer.put_resource(&resource("user", id)).unwrap();
                writer.put_entitlement(&entitlement(&resource("group", id), "member")).unwrap();
                writer.put_grant(&grant(&member(), &resource("user", id))).unwrap();
            }
        },
        &["v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"]
            .map(|table| format!("UPDATE {table} SET data = {data} WHERE id = 2;"))
            .concat(),
    )
}

#[test]
fn damaged_rows_are_skipped_and_named() {
    for (data, reason) in [
        ("'a text'", "the record is stored as text, not as a blob"),
        ("7", "the record is stored as a number, not as a blob"),
        ("0.5", "the record is stored as a number, not as a blob"),
        ("substr(data, 1, length(data) - 1)", "it ends in the middle of a field"),
        ("x'00'", "it has an impossible field number"),
        ("x'0f'", "it has an impossible wire type"),
        ("x'08ffffffffffffffffff7f'", "a number in it has more than ten bytes"),
        ("zeroblob(16777217)", "the record is larger than 16 MiB"),
    ] {
        let reader = with_bad_rows(data);
        let at = snapshot(&reader);
        for (family, table) in
            everything(at).iter().zip(["v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"])
        {
            assert_eq!(family.iter().map(|seen| seen.row).collect::<Vec<_>>(), [1, 3], "{table} {data}");
            let line = skipped(&reader);
            assert!(line.contains(&format!("{table} row 2 ({reason})")), "{data}: {line}");
        }
        assert!(skipped(&reader).starts_with("4 rows that cannot be read, skipped: "));
        let key = ResourceKey { kind: b"user", id: b"b" };
        assert!(at.resource(key, seen_resource).unwrap().is_none(), "{data}");
        assert!(at.resource_type(b"b", seen_type).unwrap().is_none(), "{data}");
        assert_eq!(at.count().unwrap().grants, 3, "a count is of rows");
    }
}

#[test]
fn a_missing_blob_is_skipped_and_named() {
    // A column that may be NULL, as a foreign writer could declare it.
    let reader = read_sync(
        |writer| {
            for id in ["a", "b", "c"] {
                writer.put_grant(&grant(&member(), &resource("user", id))).unwrap();
            }
        },
        "CREATE TABLE copy AS SELECT * FROM v1_grants;
         DROP TABLE v1_grants;
         ALTER TABLE copy RENAME TO v1_grants;
         UPDATE v1_grants SET data = NULL WHERE rowid = 2;",
    );
    let rows: Vec<_> =
        grants(snapshot(&reader), &GrantFilter::default()).iter().map(|seen| seen.row).collect();
    assert_eq!(rows, [1, 3]);
    assert!(skipped(&reader).contains("v1_grants row 2 (there is no record)"));
}

#[test]
fn the_largest_blob_is_read() {
    let reader = read_sync(
        |writer| {
            let mut large = kind("large");
            large.description = "x".repeat((16 << 20) - 100);
            let rest = (16 << 20) - large.encoded_len();
            large.description.push_str(&"x".repeat(rest));
            assert_eq!(large.encoded_len(), 16 << 20);
            writer.put_resource_type(&large).unwrap();
        },
        "",
    );
    let mut scan = snapshot(&reader).resource_types().unwrap();
    let length = scan.rows().unwrap().next(|record| record.message.len()).unwrap();
    assert_eq!(length, Some(16 << 20));
    assert_sound(&reader);
}

#[test]
fn fields_that_nobody_knows_and_text_that_is_none_stay_as_they_are() {
    let mut blob = kind("a").encode_to_vec();
    blob.extend(b"\xa2\x06\x03\xff\xfe\x00");
    let reader = read_sync(
        |writer| {
            let columns = [("external_id", RawValue::Text("a")), ("data", RawValue::Blob(&blob))];
            writer.put_raw("v1_resource_types", &columns).unwrap();
        },
        "",
    );
    assert_eq!(types(snapshot(&reader))[0].message, blob);
}

#[test]
fn the_blob_is_shown_and_the_columns_are_searched() {
    let reader = read_sync(
        |writer| {
            writer.put_resource(&resource("user", "a")).unwrap();
        },
        "UPDATE v1_resources SET external_id = 'user:b'",
    );
    let at = snapshot(&reader);
    let found = at.resource(ResourceKey { kind: b"user", id: b"b" }, seen_resource).unwrap().unwrap();
    assert_eq!(found.keys[..2], texts(&["user", "a"]));
    assert!(at.resource(ResourceKey { kind: b"user", id: b"a" }, seen_resource).unwrap().is_none());
}
