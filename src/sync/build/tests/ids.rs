//! Ids, resource types and entitlements.

use super::*;

#[test]
fn the_id_of_a_type_is_its_name_in_lower_case_with_dashes() {
    for (name, wanted) in [
        ("Group", "group"),
        ("Service Account", "service-account"),
        ("  A-b_C ", "--a-b_c-"),
        ("ÄÖ ς Σ", "äö-ς-σ"),
        // One letter each, where a text in lower case would have two.
        ("İD", "id"),
        ("ΟΔΟΣ", "οδοσ"),
    ] {
        let kind = resource_type(name).build();
        assert_eq!((kind.id.as_str(), kind.display_name.as_str()), (wanted, name));
    }
    assert_eq!(resource_type("Group").id("grp").build().id, "grp");
}

#[test]
fn a_type_has_what_it_was_given() {
    let kind = resource_type("Team")
        .trait_(Trait::Group)
        .trait_(Trait::App)
        .trait_(Trait::Group)
        .description("People")
        .sourced_externally()
        .skip_entitlements()
        .skip_entitlements_and_grants()
        .skip_entitlements_and_grants()
        .opt_in_required()
        .deprecated()
        .skip_sync_anomaly_detection()
        .permissions(["org:read"])
        .permissions(["org:read", "org:write"])
        .annotation(&v2::V1Identifier { id: "team".into() })
        .build();
    assert_eq!(kind.traits, [2, 4]);
    assert_eq!(kind.description, "People");
    assert!(kind.sourced_externally);
    assert_eq!(
        names(&kind.annotations),
        [
            "SkipEntitlements",
            "SkipEntitlementsAndGrants",
            "OptInRequired",
            "Deprecated",
            "SkipSyncAnomalyDetection",
            "CapabilityPermissions",
            "V1Identifier",
        ]
    );
    let permissions = only::<v2::CapabilityPermissions>(&kind.annotations).permissions;
    let permissions: Vec<_> = permissions.iter().map(|one| one.permission.as_str()).collect();
    assert_eq!(permissions, ["org:read", "org:write"]);
}

#[test]
fn texts_are_ids_as_they_are_and_numbers_in_decimal() {
    assert_eq!(id("user", "a:b/c d").resource, "a:b/c d");
    let text = String::from("x");
    assert_eq!(id("user", &text), id("user", "x"));
    assert_eq!(id("user", text), id("user", "x"));
    assert_eq!(id("user", -7).resource, "-7");
    assert_eq!(id("user", u64::MAX).resource, "18446744073709551615");
    assert_eq!(id("user", i128::MIN).resource, i128::MIN.to_string());
}

#[test]
fn ids_are_joined_without_escaping() {
    let group = id("aws:group", "arn:aws:1");
    let entitlement = entitlement_id(&group, "read:all");
    assert_eq!(entitlement, "aws:group:arn:aws:1:read:all");
    assert_eq!(grant_id(&entitlement, &id("user", "a:b")), "aws:group:arn:aws:1:read:all:user:a:b");
}

#[test]
fn an_entitlement_begins_with_its_name_everywhere() {
    let eng = resource(&group_type(), "eng", "Engineering").description("d").build();
    let member = assignment(&eng, "member").build();
    let wanted = v2::Entitlement {
        resource: Some(eng.clone()),
        id: "group:eng:member".into(),
        display_name: "member".into(),
        purpose: 1,
        slug: "member".into(),
        ..Default::default()
    };
    assert_eq!(member, wanted);
    assert_eq!(permission(&eng, "member").build(), v2::Entitlement { purpose: 2, ..wanted.clone() });
    assert_eq!(ownership(&eng, "member").build(), v2::Entitlement { purpose: 3, ..wanted.clone() });
    let by_id = assignment(&id("group", "eng"), "member").build();
    assert_eq!(by_id.resource, Some(v2::Resource { id: eng.id.clone(), ..Default::default() }));
    assert_eq!(by_id.id, wanted.id);
}

#[test]
fn an_entitlement_has_what_it_was_given() {
    let (user, group) = (user_type(), group_type());
    let entitlement = permission(&id("folder", 1), "read")
        .display_name("Reader")
        .description("May read")
        .slug("reader")
        .grantable_to([&group])
        .grantable_to([&user, &group])
        .immutable()
        .annotation(&v2::RawId { id: "1".into() })
        .build();
    assert_eq!(entitlement.id, "folder:1:read");
    assert_eq!(entitlement.slug, "reader");
    assert_eq!(entitlement.display_name, "Reader");
    assert_eq!(entitlement.description, "May read");
    assert_eq!(entitlement.grantable_to, [user, group]);
    assert_eq!(names(&entitlement.annotations), ["EntitlementImmutable", "RawId"]);
}

#[test]
fn an_entitlement_is_in_one_exclusion_group_at_most() {
    let exclusion = |build: fn(EntitlementBuilder) -> EntitlementBuilder| {
        let entitlement = build(assignment(&id("app", 1), "plan")).build();
        only::<v2::EntitlementExclusionGroup>(&entitlement.annotations)
    };
    let group = |order, is_default| v2::EntitlementExclusionGroup {
        exclusion_group_id: "plans".into(),
        order,
        is_default,
        scope_to_resource: false,
    };
    assert_eq!(exclusion(|e| e.exclusion_group("plans")), group(0, false));
    assert_eq!(exclusion(|e| e.exclusion_group_at("plans", 3)), group(3, false));
    assert_eq!(exclusion(|e| e.exclusion_group_default("plans")), group(0, true));
    assert_eq!(exclusion(|e| e.exclusion_group("other").exclusion_group_at("plans", 2)), group(2, false));
}
