//! Reading back what the open sync holds.

use prost::Message as _;

use super::*;

/// A writer whose first sync holds a user and a grant of its own, and whose second is open.
fn second() -> Writer {
    let mut writer = writer();
    writer.put_resource_type(&kind("user")).unwrap();
    writer.put_resource(&resource("user", "old")).unwrap();
    writer.put_entitlement(&entitlement(resource("role", "admin"), "holder")).unwrap();
    writer.put_grant(&sample_grant(Some(&["old"]))).unwrap();
    writer.end_sync(start()).unwrap();
    writer.begin_sync(full("second")).unwrap();
    writer
}

/// All rows, by pages of two.
fn all<T>(page: impl Fn(i64, usize) -> Result<Vec<Row<T>>, WriteError>) -> Vec<T> {
    let (mut records, mut after) = (Vec::new(), 0);
    loop {
        let rows = page(after, 2).unwrap();
        assert!(rows.len() <= 2);
        let Some(last) = rows.last() else { return records };
        assert!(last.row > after);
        after = last.row;
        records.extend(rows.into_iter().map(|row| row.record));
    }
}

#[test]
fn pages_hold_the_open_sync_in_the_order_of_storing() {
    let mut writer = second();
    assert!(writer.resources_page(0, 9).unwrap().is_empty());
    let kinds: Vec<_> = ["user", "group", "role"].map(kind).into();
    let resources: Vec<_> = [("user", "z"), ("group", "g"), ("user", "a"), ("user", "m")]
        .map(|(kind, id)| resource(kind, id))
        .into();
    let entitlements: Vec<_> =
        ["y", "x", "z"].map(|slug| entitlement(resource("role", "admin"), slug)).into();
    for record in &kinds {
        writer.put_resource_type(record).unwrap();
    }
    for record in &resources {
        writer.put_resource(record).unwrap();
    }
    for record in &entitlements {
        writer.put_entitlement(record).unwrap();
    }
    // A second record of the same id stays where the first was.
    writer.put_resource(&resources[0]).unwrap();
    assert_eq!(all(|after, limit| writer.resource_types_page(after, limit)), kinds);
    assert_eq!(all(|after, limit| writer.resources_page(after, limit)), resources);
    assert_eq!(all(|after, limit| writer.entitlements_page(after, limit)), entitlements);
    let users = all(|after, limit| writer.resources_of_type_page("user", after, limit));
    assert_eq!(users, [&resources[0], &resources[2], &resources[3]].map(Clone::clone));
    assert!(all(|after, limit| writer.resources_of_type_page("USER", after, limit)).is_empty());
}

#[test]
fn a_page_sees_what_was_put_after_the_one_before() {
    let mut writer = second();
    writer.put_resource(&resource("user", "a")).unwrap();
    let first = writer.resources_page(0, 10).unwrap();
    writer.put_resource(&resource("user", "b")).unwrap();
    let next = writer.resources_page(first[0].row, 10).unwrap();
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].record, resource("user", "b"));
}

#[test]
fn records_are_found_by_their_ids() {
    let mut writer = second();
    assert_eq!(writer.resource("user", "old").unwrap(), None);
    assert_eq!(writer.entitlement("role:admin:holder").unwrap(), None);
    writer.put_resource(&resource("a:b", "c")).unwrap();
    let member = entitlement(resource("group", "g"), "member");
    writer.put_entitlement(&member).unwrap();
    assert_eq!(writer.resource("a:b", "c").unwrap(), Some(resource("a:b", "c")));
    // The same text before and after the colons, but another resource.
    assert_eq!(writer.resource("a", "b:c").unwrap(), None);
    assert_eq!(writer.entitlement("group:g:member").unwrap(), Some(member));
}

#[test]
fn expandable_grants_come_with_what_they_expand_to() {
    let mut writer = second();
    let plain = grant(entitlement(resource("role", "admin"), "holder"), resource("user", "u1"));
    writer.put_grant(&plain).unwrap();
    writer.put_grant(&sample_grant(Some(&["group:g1:member"]))).unwrap();
    let expected = (sample_grant(None), expandable(&["group:g1:member"]));
    assert_eq!(expandable_grants(&writer), [expected]);
    writer.execute("UPDATE v1_grants SET expansion = x'' WHERE sync_id = 'second'").unwrap();
    assert!(expandable_grants(&writer).is_empty(), "an empty one is none");
}

/// The grants that expand, with what they expand to.
fn expandable_grants(writer: &Writer) -> Vec<(v2::Grant, v2::GrantExpandable)> {
    let mut grants = Vec::new();
    let mut each = |grant: &[u8], expansion: &[u8]| {
        grants.push((v2::Grant::decode(grant).unwrap(), v2::GrantExpandable::decode(expansion).unwrap()));
    };
    writer.expandable_grants(&mut each).unwrap();
    grants
}

/// The grants of an entitlement.
fn grants_of(writer: &Writer, entitlement: &str) -> Vec<v2::Grant> {
    let mut grants = Vec::new();
    let mut each = |grant: &[u8]| grants.push(v2::Grant::decode(grant).unwrap());
    writer.grants_of(entitlement, &mut each).unwrap();
    grants
}

#[test]
fn grants_of_an_entitlement_come_in_the_order_of_storing() {
    let mut writer = second();
    let holder = || entitlement(resource("role", "admin"), "holder");
    let mut grants = Vec::new();
    for user in ["z", "a", "m"] {
        grants.push(grant(holder(), resource("user", user)));
        writer.put_grant(grants.last().unwrap()).unwrap();
        writer
            .put_grant(&grant(entitlement(resource("role", "admin"), "other"), resource("user", user)))
            .unwrap();
    }
    assert_eq!(grants_of(&writer, "role:admin:holder"), grants);
    assert!(grants_of(&writer, "role:admin").is_empty());
}

#[test]
fn slim_grants_get_their_ends_from_the_row() {
    let mut writer = second();
    let whole = sample_grant(Some(&["group:g1:member"]));
    writer.put_grant(&whole).unwrap();
    let slim = v2::Grant { entitlement: None, principal: None, ..sample_grant(None) };
    let blob: String = slim.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
    writer.execute(&format!("UPDATE v1_grants SET data = x'{blob}' WHERE sync_id = 'second'")).unwrap();
    let bare = |kind, id| v2::Resource { id: Some(key(kind, id)), ..Default::default() };
    let expected = v2::Grant {
        entitlement: Some(v2::Entitlement {
            id: "role:admin:holder".into(),
            resource: Some(bare("role", "admin")),
            ..Default::default()
        }),
        principal: Some(bare("group", "g1")),
        ..slim
    };
    assert_eq!(grants_of(&writer, "role:admin:holder"), std::slice::from_ref(&expected));
    assert_eq!(expandable_grants(&writer), [(expected, expandable(&["group:g1:member"]))]);
}

#[test]
fn counts_are_those_of_the_end() {
    let mut writer = second();
    writer.put_resource_type(&kind("user")).unwrap();
    writer.put_resource(&resource("user", "u1")).unwrap();
    writer.put_grant(&sample_grant(None)).unwrap();
    let counted = writer.counts().unwrap();
    assert_eq!((counted.resource_types, counted.resources, counted.grants), (1, 1, 1));
    assert_eq!(writer.end_sync(start()).unwrap(), counted);
}

#[test]
fn a_message_that_does_not_parse_is_named() {
    let mut writer = second();
    writer.put_resource(&resource("user", "u1")).unwrap();
    writer.execute("UPDATE v1_resources SET data = x'0a'").unwrap();
    for error in [
        writer.resources_page(0, 9).unwrap_err(),
        writer.resources_of_type_page("user", 0, 9).unwrap_err(),
        writer.resource("user", "u1").unwrap_err(),
    ] {
        let said = error.to_string();
        assert!(said.starts_with("working database: row 2 of v1_resources does not parse: "), "{said}");
    }
}

#[test]
fn reading_needs_a_sync() {
    let writer = Writer::create(None).unwrap();
    assert!(matches!(writer.resource_types_page(0, 1), Err(WriteError::NoSync)));
    assert!(matches!(writer.resources_page(0, 1), Err(WriteError::NoSync)));
    assert!(matches!(writer.resources_of_type_page("", 0, 1), Err(WriteError::NoSync)));
    assert!(matches!(writer.entitlements_page(0, 1), Err(WriteError::NoSync)));
    assert!(matches!(writer.expandable_grants(&mut |_, _| ()), Err(WriteError::NoSync)));
    assert!(matches!(writer.resource("", ""), Err(WriteError::NoSync)));
    assert!(matches!(writer.entitlement(""), Err(WriteError::NoSync)));
    assert!(matches!(writer.grants_of("", &mut |_| ()), Err(WriteError::NoSync)));
    assert!(matches!(writer.counts(), Err(WriteError::NoSync)));
    assert_eq!((writer.sync_id(), writer.sync_token()), (None, None));
    assert!(writer.runs().unwrap().is_empty());
}
