//! Every filter against a filter by hand, look-ups, and indexes that cannot be trusted.

use super::super::keys::Space;
use super::*;

fn by_hand(all: &[Seen], wanted: &[(usize, &[u8])]) -> Vec<Seen> {
    let matches = |seen: &&Seen| wanted.iter().all(|(place, key)| seen.keys[*place] == *key);
    all.iter().filter(matches).cloned().collect()
}

fn key<'a>(kind: &'a str, id: &'a str) -> ResourceKey<'a> {
    ResourceKey { kind: kind.as_bytes(), id: id.as_bytes() }
}

/// All combinations of filters of grants whose values are among `kinds`, `keys` and `ids`.
fn check_grants(at: Snapshot<'_>, all: &[Seen]) {
    let resources = [None, Some(key("group", "g1")), Some(key("group", "g2")), Some(key("group", "g3"))];
    let ids =
        [None, Some("group:g1:member"), Some("custom"), Some("gone"), Some("group:g1:none"), Some("a:b:c")];
    let principals = [None, Some(key("user", "ada")), Some(key("user", "nobody"))];
    for kind in [None, Some("group"), Some("grou")] {
        for resource in resources {
            for entitlement in ids {
                for principal in principals {
                    let filter = GrantFilter { kind, resource, entitlement, principal };
                    let mut wanted: Vec<(usize, &[u8])> = Vec::new();
                    wanted.extend(kind.map(|kind| (2, kind.as_bytes())));
                    wanted.extend(resource.into_iter().flat_map(|key| [(2, key.kind), (3, key.id)]));
                    wanted.extend(entitlement.map(|id| (1, id.as_bytes())));
                    wanted.extend(principal.into_iter().flat_map(|key| [(4, key.kind), (5, key.id)]));
                    let expected = by_hand(all, &wanted);
                    assert_eq!(
                        at.grant(&filter, seen_grant).unwrap().as_ref(),
                        expected.first(),
                        "{filter:?}"
                    );
                    assert_eq!(grants(at, &filter), expected, "{filter:?}");
                }
            }
        }
    }
}

fn check_others(at: Snapshot<'_>) {
    let all = resources(at, &ResourceFilter::default());
    for kind in [None, Some("user"), Some("use"), Some("group")] {
        for own in [None, Some(key("user", "ada")), Some(key("user", "a:b")), Some(key("user", "x"))] {
            for parent in [None, Some(key("org", "acme")), Some(key("org", ""))] {
                let mut wanted: Vec<(usize, &[u8])> = Vec::new();
                wanted.extend(kind.map(|kind| (0, kind.as_bytes())));
                wanted.extend(own.into_iter().flat_map(|key| [(0, key.kind), (1, key.id)]));
                wanted.extend(parent.into_iter().flat_map(|key| [(2, key.kind), (3, key.id)]));
                let filter = ResourceFilter { kind, key: own, parent };
                assert_eq!(resources(at, &filter), by_hand(&all, &wanted), "{filter:?}");
            }
        }
    }
    let all = entitlements(at, &EntitlementFilter::default());
    for kind in [None, Some("group"), Some("org")] {
        for resource in [None, Some(key("group", "g2")), Some(key("org", "acme"))] {
            for id in [None, Some("group:g2:member"), Some("custom"), Some("gone"), Some("a:b:c")] {
                let mut wanted: Vec<(usize, &[u8])> = Vec::new();
                wanted.extend(kind.map(|kind| (1, kind.as_bytes())));
                wanted.extend(resource.into_iter().flat_map(|key| [(1, key.kind), (2, key.id)]));
                wanted.extend(id.map(|id| (0, id.as_bytes())));
                let filter = EntitlementFilter { kind, resource, id };
                assert_eq!(entitlements(at, &filter), by_hand(&all, &wanted), "{filter:?}");
            }
        }
    }
}

#[test]
fn filters_give_what_filtering_by_hand_gives() {
    let reader = company().read();
    let at = snapshot(&reader);
    check_grants(at, &grants(at, &GrantFilter::default()));
    check_others(at);
    assert_sound(&reader);
}

#[test]
fn an_index_that_is_not_built_is_not_asked() {
    let mut store = company();
    let expected = grants(snapshot(&store.read()), &GrantFilter::default());
    store.defer_principal_index();
    // Some of it may be there already.
    store.put(&Space::ByPrincipal.key(&[b"user", b"ada", b"group", b"g1", b"0", b"gone"]), b"");
    let reader = store.read();
    let at = snapshot(&reader);
    assert_eq!(grants(at, &GrantFilter::default()), expected);
    check_grants(at, &expected);
}

#[test]
fn an_index_row_without_its_record_is_passed_over() {
    let mut store = company();
    let expected = {
        let reader = store.read();
        let at = snapshot(&reader);
        let principal = Some(key("user", "ada"));
        let parent = Some(key("org", "acme"));
        (
            grants(at, &GrantFilter { principal, ..Default::default() }),
            resources(at, &ResourceFilter { parent, ..Default::default() }),
        )
    };
    for row in [
        &[&b"user"[..], b"ada", b"aaa", b"g1", b"0", b"x"][..],
        &[b"user", b"ada", b"group", b"g1", b"1", b"zzz"],
        &[b"user", b"ada", b"short"],
        &[b"user", b"ada"],
    ] {
        store.put(&Space::ByPrincipal.key(row), b"");
    }
    for row in [&[&b"org"[..], b"acme", b"user", b"zoe"][..], &[b"org", b"acme", b"user"], &[b"org", b"acme"]]
    {
        store.put(&Space::Children.key(row), b"");
    }
    let reader = store.read();
    let at = snapshot(&reader);
    let principal = Some(key("user", "ada"));
    assert_eq!(grants(at, &GrantFilter { principal, ..Default::default() }), expected.0);
    let parent = Some(key("org", "acme"));
    assert_eq!(resources(at, &ResourceFilter { parent, ..Default::default() }), expected.1);
    assert_sound(&reader);
}

#[test]
fn other_families_and_indexes_are_not_looked_at() {
    let mut store = company();
    let expected = everything(snapshot(&store.read()));
    for key in [
        &b"\x03\x07\x02\0user\0ada"[..],
        b"\x03\x07\x03\0x",
        b"\x03\x07\x06\0x",
        b"\x03\x07\x07\0x",
        b"\x03\x07\x08\0group\0g1\x001\0member\0\x84\x02user\0ada",
        b"\x03\x07\xf0\0x",
        b"\x03\x08\0x",
        b"\x03\x09\0sync\0key",
        b"\x03\x0a\x08\0\0\x02",
        b"\x03\x0b\0user",
        b"\x03\xffentitlement-graph\0",
        b"\x03\xffidx\0name",
        b"\x02",
        b"\x04\x01\0user",
    ] {
        store.put(key, b"\xff\xff");
    }
    let reader = store.read();
    assert_eq!(everything(snapshot(&reader)), expected);
    check_others(snapshot(&reader));
    assert_sound(&reader);
}

#[test]
fn records_are_found_by_their_keys() {
    let reader = company().read();
    let at = snapshot(&reader);
    assert_eq!(at.resource_type(b"user", seen_type).unwrap(), Some(types(at)[2].clone()));
    assert_eq!(at.resource_type(b"use", seen_type).unwrap(), None);
    for seen in resources(at, &ResourceFilter::default()) {
        let key = ResourceKey { kind: &seen.keys[0], id: &seen.keys[1] };
        assert_eq!(at.resource(key, seen_resource).unwrap(), Some(seen.clone()));
    }
    assert_eq!(at.resource(ResourceKey { kind: b"user", id: b"\xff" }, seen_resource).unwrap(), None);
    for seen in entitlements(at, &EntitlementFilter::default()) {
        let resource = ResourceKey { kind: &seen.keys[1], id: &seen.keys[2] };
        assert_eq!(at.entitlement_of(resource, &seen.keys[0], seen_entitlement).unwrap(), Some(seen.clone()));
        let first = at.entitlement(&seen.keys[0], |found| found.id.to_vec()).unwrap();
        assert_eq!(first.as_ref(), Some(&seen.keys[0]));
    }
    for id in [&b"gone"[..], b"group:g1:nothing", b"", b"\xff", b":::::::::::::::"] {
        assert_eq!(at.entitlement(id, seen_entitlement).unwrap(), None);
    }
    // One that another resource offers is better than none.
    let found = at.entitlement_of(key("org", "acme"), b"group:g2:member", seen_entitlement).unwrap().unwrap();
    assert_eq!(found.keys.concat(), b"group:g2:membergroupg2");
}

#[test]
fn of_two_entitlements_with_one_id_each_grant_has_its_own() {
    let reader = company().read();
    let at = snapshot(&reader);
    for group in ["g1", "g2"] {
        let found = at.entitlement_of(key("group", group), b"custom", seen_entitlement).unwrap().unwrap();
        assert_eq!(found.keys.concat(), format!("customgroup{group}").into_bytes());
    }
    let filter = GrantFilter { entitlement: Some("custom"), ..Default::default() };
    assert_eq!(names(&grants(at, &filter), 3), ["g1", "g1", "g2", "g2"]);
}

#[test]
fn the_layout_before_is_read_the_same() {
    let mut old = Store::new().legacy();
    let new = company();
    old.rows.extend(new.rows.into_iter().filter(|(key, _)| key[1] < 3 || key.starts_with(b"\x03\x07\x01")));
    let mut groups = Vec::new();
    for group in ["g1", "g2"] {
        let id = format!("group:{group}:member");
        old.put_entitlement(&entitlement(("group", group), &id));
        for user in ["ada", "bob"] {
            groups.push(grant(("group", group), &id, ("user", user)));
        }
    }
    groups.push(grant(("group", "g1"), "gone", ("user", "ada")));
    groups.iter().for_each(|record| old.put_grant(record));
    for store in [old.clone(), {
        old.put(b"\x03\xffgrant_entitlement_id_format", &[0; 4]);
        old.clone()
    }] {
        let reader = store.read();
        let at = snapshot(&reader);
        let all = grants(at, &GrantFilter::default());
        assert_eq!(
            names(&all, 0),
            [
                "gone:user:ada",
                "group:g1:member:user:ada",
                "group:g1:member:user:bob",
                "group:g2:member:user:ada",
                "group:g2:member:user:bob",
            ]
        );
        check_grants(at, &all);
        check_others(at);
        let stats = at.count().unwrap();
        assert_eq!((stats.entitlements, stats.grants), (2, 5));
        assert_eq!(stats.grants_by_resource_type, [("group".to_owned(), 5)].into());
        assert_sound(&reader);
    }
}
