//! Every filter against a filter by hand, look-ups, and the walls between syncs.

use super::*;

/// Rows of `all` whose keys at `places` are `wanted`.
fn by_hand(all: &[Seen], wanted: &[(usize, &[u8])]) -> Vec<Seen> {
    let matches = |seen: &&Seen| wanted.iter().all(|(place, key)| seen.keys[*place] == *key);
    all.iter().filter(matches).cloned().collect()
}

/// The values of `all` at `place`, and some that it does not hold.
fn values(all: &[Seen], place: usize) -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = all.iter().map(|seen| seen.keys[place].clone()).collect();
    values.extend([b"".to_vec(), b"nobody".to_vec(), b"user:".to_vec(), b"1\0".to_vec(), b"er:1".to_vec()]);
    values.sort();
    values.dedup();
    values
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Two syncs with the same ids and other names, then rows of a sync that no run knows.
fn crowded() -> Reader {
    read(|writer| {
        for id in ["first", SYNC, "third"] {
            writer.begin_sync(new_sync(id, SyncKind::Full)).unwrap();
            company(writer);
            writer
                .end_sync(time(if id == SYNC { "2026-12-22 12:00:00" } else { "2026-11-22 12:00:00" }))
                .unwrap();
        }
        for table in ["v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"] {
            writer
                .execute(&format!(
                    "UPDATE {table} SET data = CAST(data || x'a206055741544348' AS BLOB) WHERE sync_id <> '{SYNC}'"
                ))
                .unwrap();
        }
        writer.execute("UPDATE v1_grants SET sync_id = 'unknown' WHERE sync_id = 'third'").unwrap();
    })
}

#[test]
fn rows_of_other_syncs_never_appear() {
    let reader = crowded();
    let at = snapshot(&reader);
    let alone = read_sync(company, "");
    let strip = |mut all: [Vec<Seen>; 4]| {
        all.iter_mut().flatten().for_each(|seen| seen.row = 0);
        all
    };
    assert_eq!(strip(everything(at)), strip(everything(snapshot(&alone))));
    for family in everything(at) {
        assert!(!family.iter().any(|seen| seen.message.ends_with(b"WATCH")));
    }
    assert!(grants(reader.at(&reader.runs()[2]), &GrantFilter::default()).is_empty());
    let other = reader.at(&reader.runs()[0]);
    assert!(
        other.grant(&GrantFilter::default(), |grant| grant.message.ends_with(b"WATCH")).unwrap().unwrap()
    );
}

#[test]
fn resources_by_type_key_and_parent() {
    let reader = crowded();
    let at = snapshot(&reader);
    let all = resources(at, &ResourceFilter::default());
    assert_eq!(all.len(), 13);
    let mut found = 0;
    for kind in values(&all, 0) {
        let filter = ResourceFilter { kind: Some(text(&kind)), ..Default::default() };
        assert_eq!(resources(at, &filter), by_hand(&all, &[(0, &kind)]), "{filter:?}");
        for id in values(&all, 1) {
            let key = ResourceKey { kind: &kind, id: &id };
            let filter = ResourceFilter { key: Some(key), ..Default::default() };
            let expected = by_hand(&all, &[(0, &kind), (1, &id)]);
            found += expected.len();
            assert_eq!(resources(at, &filter), expected, "{filter:?}");
            assert_eq!(at.resource(key, seen_resource).unwrap(), expected.first().cloned(), "{key:?}");
            let filter = ResourceFilter { kind: Some("user"), ..filter };
            assert_eq!(resources(at, &filter), by_hand(&expected, &[(0, b"user")]), "{filter:?}");
        }
    }
    assert_eq!(found, all.len());
    for parent_kind in ["o'rg", "user"] {
        for parent_id in values(&all, 3) {
            let parent = Some(ResourceKey { kind: parent_kind.as_bytes(), id: &parent_id });
            let filter = ResourceFilter { parent, ..Default::default() };
            assert_eq!(
                resources(at, &filter),
                by_hand(&all, &[(2, parent_kind.as_bytes()), (3, &parent_id)]),
                "{filter:?}"
            );
        }
    }
}

#[test]
fn entitlements_by_type_resource_and_id() {
    let reader = crowded();
    let at = snapshot(&reader);
    let all = entitlements(at, &EntitlementFilter::default());
    assert_eq!(all.len(), 8);
    for kind in values(&all, 1) {
        let filter = EntitlementFilter { kind: Some(text(&kind)), ..Default::default() };
        assert_eq!(entitlements(at, &filter), by_hand(&all, &[(1, &kind)]), "{filter:?}");
        for id in values(&all, 2) {
            let resource = Some(ResourceKey { kind: &kind, id: &id });
            let filter = EntitlementFilter { resource, ..Default::default() };
            assert_eq!(entitlements(at, &filter), by_hand(&all, &[(1, &kind), (2, &id)]), "{filter:?}");
        }
    }
    for id in values(&all, 0) {
        let expected = by_hand(&all, &[(0, &id)]);
        let filter = EntitlementFilter { id: Some(text(&id)), ..Default::default() };
        assert_eq!(entitlements(at, &filter), expected, "{filter:?}");
        assert_eq!(at.entitlement(&id, seen_entitlement).unwrap(), expected.first().cloned());
        let filter = EntitlementFilter { kind: Some("us"), ..filter };
        assert_eq!(entitlements(at, &filter), by_hand(&expected, &[(1, b"us")]), "{filter:?}");
    }
}

#[test]
fn grants_by_everything() {
    let reader = crowded();
    let at = snapshot(&reader);
    let all = grants(at, &GrantFilter::default());
    assert!(all.len() > 30);
    let check = |filter: GrantFilter<'_>| {
        let mut wanted: Vec<(usize, &[u8])> = Vec::new();
        wanted.extend(filter.kind.map(|kind| (2, kind.as_bytes())));
        wanted.extend(filter.entitlement.map(|id| (1, id.as_bytes())));
        wanted.extend(filter.resource.iter().flat_map(|key| [(2, key.kind), (3, key.id)]));
        wanted.extend(filter.principal.iter().flat_map(|key| [(4, key.kind), (5, key.id)]));
        let expected = by_hand(&all, &wanted);
        assert_eq!(grants(at, &filter), expected, "{filter:?}");
        assert_eq!(at.grant(&filter, seen_grant).unwrap(), expected.first().cloned(), "{filter:?}");
        expected.len()
    };
    let ids = values(&all, 1);
    let (kinds, resource_ids) = (values(&all, 2), values(&all, 3));
    let mut found = 0;
    for principal_kind in values(&all, 4) {
        for principal_id in values(&all, 5) {
            let principal = Some(ResourceKey { kind: &principal_kind, id: &principal_id });
            let held = GrantFilter { principal, ..Default::default() };
            found += check(held);
            for id in &ids {
                check(GrantFilter { entitlement: Some(text(id)), ..held });
            }
            for kind in &kinds {
                check(GrantFilter { kind: Some(text(kind)), ..held });
                for id in &resource_ids {
                    check(GrantFilter { resource: Some(ResourceKey { kind, id }), ..held });
                }
            }
        }
    }
    assert_eq!(found, all.len());
    for id in &ids {
        check(GrantFilter { entitlement: Some(text(id)), ..Default::default() });
        check(GrantFilter { entitlement: Some(text(id)), kind: Some("us:er"), ..Default::default() });
    }
    for kind in &kinds {
        check(GrantFilter { kind: Some(text(kind)), ..Default::default() });
        for id in &resource_ids {
            check(GrantFilter { resource: Some(ResourceKey { kind, id }), ..Default::default() });
        }
    }
}

#[test]
fn an_id_that_is_no_text_finds_nothing() {
    let reader = crowded();
    let at = snapshot(&reader);
    let key = ResourceKey { kind: b"user", id: b"\xff" };
    assert!(resources(at, &ResourceFilter { key: Some(key), ..Default::default() }).is_empty());
    assert!(resources(at, &ResourceFilter { parent: Some(key), ..Default::default() }).is_empty());
    assert!(entitlements(at, &EntitlementFilter { resource: Some(key), ..Default::default() }).is_empty());
    assert!(grants(at, &GrantFilter { principal: Some(key), ..Default::default() }).is_empty());
    assert!(at.resource(key, seen_resource).unwrap().is_none());
    assert!(at.resource_type(b"\xff", seen_type).unwrap().is_none());
    assert!(at.entitlement(b"\xff", seen_entitlement).unwrap().is_none());
}

#[test]
fn resource_types_by_id() {
    let reader = crowded();
    let at = snapshot(&reader);
    let all = types(at);
    for id in values(&all, 0) {
        assert_eq!(at.resource_type(&id, seen_type).unwrap(), by_hand(&all, &[(0, &id)]).first().cloned());
    }
}

#[test]
fn a_scan_can_be_walked_again_and_look_ups_go_on_meanwhile() {
    let reader = crowded();
    let at = snapshot(&reader);
    let mut scan = at.grants(&GrantFilter::default()).unwrap();
    for _ in 0..2 {
        let mut rows = scan.rows().unwrap();
        let mut count = 0;
        while let Some(found) =
            rows.next(|grant| at.entitlement(grant.entitlement, seen_entitlement).unwrap().is_some()).unwrap()
        {
            assert!(found);
            count += 1;
        }
        assert_eq!(count, grants(at, &GrantFilter::default()).len());
        assert!(rows.next(|_| ()).unwrap().is_none(), "the end stays the end");
    }
}
