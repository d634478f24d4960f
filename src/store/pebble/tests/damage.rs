//! Rows that cannot be read, in small and in large stores.

use super::super::keys::Space;
use super::*;

#[test]
fn a_value_that_does_not_parse_is_named_and_skipped() {
    let mut store = company();
    store.put(&Space::ResourceTypes.key(&[b"h\0l\x1b"]), b"\x12\x09cut");
    store.put(&Space::Resources.key(&[b"user", b"bob"]), b"\x22\x01x");
    store.put(&Space::Entitlements.key(&[b"group", b"g1", b"1", b"member"]), b"\x12\x01x");
    let broken = [&b"group"[..], b"g1", b"1", b"member", b"user", b"ada"];
    store.put(&Space::Grants.key(&broken), b"\xff");
    let reader = store.read();
    let at = snapshot(&reader);
    assert_eq!(names(&types(at), 0), ["group", "org", "user"]);
    assert_eq!(
        reader.problems().incomplete().unwrap(),
        "1 row that cannot be read, skipped: resource types key h\\x00l\\x1b (it ends in the middle of a field)"
    );
    assert_eq!(names(&resources(at, &ResourceFilter::default()), 1), ["g1", "g2", "acme", "a:b", "ada"]);
    assert_eq!(entitlements(at, &EntitlementFilter::default()).len(), 3);
    assert_eq!(grants(at, &GrantFilter::default()).len(), 8);
    // Asked for by its key it is the same row.
    assert_eq!(at.resource(ResourceKey { kind: b"user", id: b"bob" }, seen_resource).unwrap(), None);
    assert_eq!(at.entitlement(b"group:g1:member", seen_entitlement).unwrap(), None);
    let principal = Some(ResourceKey { kind: b"user", id: b"ada" });
    assert_eq!(grants(at, &GrantFilter { principal, ..Default::default() }).len(), 4);
    let told = reader.problems().incomplete().unwrap();
    assert!(told.starts_with("4 rows that cannot be read, skipped: "), "{told}");
    for place in [
        "resources key user|bob (it lacks an id)",
        "entitlements key group|g1|1|member (it lacks a resource)",
        "grants key group|g1|1|member|user|ada (it ends in the middle of a field)",
    ] {
        assert!(told.contains(place), "{told}");
    }
    assert!(reader.problems().lines().is_empty());
}

/// A store large enough to be read ahead, with grants of some ten bytes more each.
fn large() -> Store {
    let mut store = company();
    for number in 0..6000 {
        let mut record = grant(("group", "g3"), "group:g3:member", ("user", &format!("u{number:05}")));
        record.source_scope_key = "some text that makes the table large".into();
        store.put_grant(&record);
    }
    store
}

#[test]
fn what_is_read_ahead_is_what_is_read() {
    let mut store = large();
    store.put(&Space::Grants.key(&[b"group", b"g3", b"1", b"member", b"user", b"u03000"]), b"\xff");
    let reader = store.read();
    let at = snapshot(&reader);
    let all = grants(at, &GrantFilter::default());
    assert_eq!(all.len(), 9 + 6000 - 1);
    assert!(all.windows(2).all(|pair| pair[0].place < pair[1].place));
    let told = reader.problems().incomplete().unwrap();
    assert!(told.contains("grants key group|g3|1|member|user|u03000 ("), "{told}");
    // One by one they are the same.
    let one_by_one: Vec<Seen> = all
        .iter()
        .map(|seen| {
            let text = |place: usize| ResourceKey { kind: &seen.keys[place], id: &seen.keys[place + 1] };
            let entitlement = Some(std::str::from_utf8(&seen.keys[1]).unwrap());
            let (resource, principal) = (Some(text(2)), Some(text(4)));
            let filter = GrantFilter { resource, entitlement, principal, kind: None };
            at.grant(&filter, seen_grant).unwrap().unwrap()
        })
        .collect();
    assert_eq!(one_by_one, all);
}

#[test]
fn a_walk_may_be_given_up_and_begun_again() {
    let reader = large().read();
    let at = snapshot(&reader);
    let mut scan = at.grants(&GrantFilter::default()).unwrap();
    for _ in 0..20 {
        let mut rows = scan.rows().unwrap();
        for group in ["g1", "g1", "g1"] {
            let found = rows.next(|grant| grant.resource.id.to_vec()).unwrap();
            assert_eq!(found.as_deref(), Some(group.as_bytes()));
        }
    }
    let mut rows = scan.rows().unwrap();
    let mut count = 0;
    while rows.next(|_| ()).unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 6009);
    assert_eq!(rows.next(|_| ()).unwrap(), None);
}

#[test]
fn what_comes_before_damage_is_given() {
    let store = large();
    let mut files = store.files();
    let table = files.values_mut().max_by_key(|bytes| bytes.len()).unwrap();
    // A block in the middle of the grants.
    let needle = b"some text that makes the table large";
    let mut places = table.windows(needle.len()).enumerate().filter(|(_, window)| *window == needle);
    let (place, _) = places.nth(2000).unwrap();
    table[place] ^= 1;
    let reader = file::try_open(&file::seal(&files, &store.manifest)).unwrap();
    let at = snapshot(&reader);
    let mut scan = at.grants(&GrantFilter::default()).unwrap();
    let mut rows = scan.rows().unwrap();
    let mut count = 0;
    let error = loop {
        match rows.next(|_| ()) {
            Ok(Some(())) => count += 1,
            Ok(None) => panic!("the damage was not met"),
            Err(error) => break error,
        }
    };
    assert!((1000..4000).contains(&count), "{count}");
    assert!(error.to_string().contains(".sst at byte "), "{error}");
    assert_eq!(error.hint(), None);
}
