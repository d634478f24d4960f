//! Grants.

use super::*;

#[test]
fn a_grant_names_the_entitlement_and_holds_the_principal_as_given() {
    let eng = resource(&group_type(), "eng", "Engineering").build();
    let ada = resource(&user_type(), 7, "Ada").user(user()).build();
    let whole = grant(&eng, "member", &ada).build();
    let entitlement =
        v2::Entitlement { id: "group:eng:member".into(), resource: Some(eng.clone()), ..Default::default() };
    assert_eq!(whole.id, "group:eng:member:user:7");
    assert_eq!(whole.entitlement, Some(entitlement));
    assert_eq!(whole.principal, Some(ada.clone()));
    assert!(whole.annotations.is_empty() && whole.sources.is_none());

    let by_id = grant(eng.id.as_ref().unwrap(), "member", &id("user", 7)).build();
    assert_eq!(by_id.id, whole.id);
    assert_eq!(by_id.principal, Some(v2::Resource { id: ada.id, ..Default::default() }));
}

#[test]
fn a_principal_without_an_id_makes_no_grant_id() {
    assert_eq!(grant(&id("group", "eng"), "member", &v2::Resource::default()).build().id, "");
}

fn begun() -> GrantBuilder {
    grant(&id("folder", "docs"), "reader", &id("group", "eng"))
}

#[test]
fn a_grant_expands_to_what_it_was_told() {
    let expandable = |grant: GrantBuilder| only::<v2::GrantExpandable>(&grant.build().annotations);
    assert_eq!(
        expandable(begun().expandable(["group:eng:member"])),
        v2::GrantExpandable { entitlement_ids: vec!["group:eng:member".into()], ..Default::default() }
    );
    // In any order, and each id once.
    let all = begun().shallow().expands_only_to(["user"]).expandable(["a", "b", "a"]).expandable(["c", "b"]);
    let wanted = v2::GrantExpandable {
        entitlement_ids: ["a", "b", "c"].map(String::from).into(),
        shallow: true,
        resource_type_ids: vec!["user".into()],
    };
    assert_eq!(expandable(all), wanted);
}

#[test]
fn a_grant_that_expands_to_nothing_does_not_say_that_it_expands() {
    let none: [&str; 0] = [];
    let grant = begun().expandable(none).shallow().expands_only_to(["user"]).build();
    assert!(grant.annotations.is_empty());
}

#[test]
fn a_grant_has_what_it_was_given() {
    let grant = begun()
        .expandable(["e"])
        .annotation(&v2::RawId { id: "1".into() })
        .immutable()
        .metadata(profile([("old", true.into())]))
        .metadata(profile([("since", "2020".into())]))
        .insert_resource()
        .match_external(Trait::User, "email", "ada@example.com")
        .match_external_all(Trait::Group)
        .match_external_id("x")
        .build();
    assert_eq!(
        names(&grant.annotations),
        [
            "RawId",
            "GrantImmutable",
            "GrantMetadata",
            "InsertResourceGrants",
            "ExternalResourceMatch",
            "ExternalResourceMatchAll",
            "ExternalResourceMatchID",
            "GrantExpandable",
        ]
    );
    let metadata = only::<v2::GrantMetadata>(&grant.annotations).metadata;
    assert_eq!(metadata, Some(profile([("since", "2020".into())])));
    let matched = only::<v2::ExternalResourceMatch>(&grant.annotations);
    assert_eq!((matched.resource_type, &*matched.key, &*matched.value), (1, "email", "ada@example.com"));
    assert_eq!(only::<v2::ExternalResourceMatchAll>(&grant.annotations).resource_type, 2);
    assert_eq!(only::<v2::ExternalResourceMatchId>(&grant.annotations).id, "x");
}
