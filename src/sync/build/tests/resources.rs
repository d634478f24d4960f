//! Resources and what they are.

use super::*;

fn begun() -> ResourceBuilder {
    resource(&group_type(), "eng", "Engineering")
}

#[test]
fn a_resource_is_its_id_and_its_name_at_first() {
    let wanted = v2::Resource {
        id: Some(id("group", "eng")),
        display_name: "Engineering".into(),
        ..Default::default()
    };
    assert_eq!(begun().build(), wanted);
}

#[test]
fn a_resource_has_what_it_was_given() {
    let facts = profile([("cost center", 12.into())]);
    let group = begun()
        .parent(&id("org", "acme"))
        .description("Builders")
        .profile(facts.clone())
        .icon("picture")
        .status(Status::Disabled, "merged")
        .created_at(at(5))
        .child_type("project")
        .child_type("team")
        .raw_id("0")
        .raw_id("42")
        .external_link("https://example.com/eng")
        .aliases(["e", "n", "e"])
        .skip_entitlements()
        .skip_grants()
        .skip_entitlements_and_grants()
        .annotation(&v2::V1Identifier { id: "v1".into() })
        .build();
    assert_eq!(group.parent_resource_id, Some(id("org", "acme")));
    assert_eq!(group.description, "Builders");
    assert_eq!(group.profile, Some(facts));
    assert_eq!(group.icon, Some(v2::AssetRef { id: "picture".into() }));
    assert_eq!(group.status, Some(v2::Status { status: 2, details: "merged".into() }));
    assert_eq!(group.created_at, Some(at(5)));
    assert_eq!(
        names(&group.annotations),
        [
            "ChildResourceType",
            "ChildResourceType",
            "RawId",
            "ExternalLink",
            "Aliases",
            "SkipEntitlements",
            "SkipGrants",
            "SkipEntitlementsAndGrants",
            "V1Identifier",
        ]
    );
    assert_eq!(only::<v2::RawId>(&group.annotations).id, "42");
    assert_eq!(only::<v2::ExternalLink>(&group.annotations).url, "https://example.com/eng");
    assert_eq!(only::<v2::Aliases>(&group.annotations).ids, ["e", "n"]);
}

#[test]
fn no_aliases_are_no_annotation() {
    let none: [&str; 0] = [];
    assert!(begun().aliases(none).build().annotations.is_empty());
}

#[test]
fn traits_follow_all_other_annotations_and_each_kind_is_there_once() {
    let resource = begun()
        .group(group().source("a", "b"))
        .app(app())
        .group(group().source("c", "d"))
        .raw_id("1")
        .build();
    assert_eq!(names(&resource.annotations), ["RawId", "AppTrait", "GroupTrait"]);
    assert_eq!(only::<v2::GroupTrait>(&resource.annotations).group_source_type, "c");
}

#[test]
fn a_changed_resource_keeps_the_place_of_its_trait() {
    let first = begun().group(group().source("a", "b")).build();
    let first = ResourceBuilder::from(first).raw_id("1").build();
    let second = ResourceBuilder::from(first).group(group().source("c", "d")).build();
    assert_eq!(names(&second.annotations), ["GroupTrait", "RawId"]);
    assert_eq!(only::<v2::GroupTrait>(&second.annotations).raw_group_source_type, "d");
}

#[test]
fn the_resource_says_what_its_trait_says_unless_it_says_something_itself() {
    let (own, other) = (profile([("own", true.into())]), profile([("other", true.into())]));
    let mirrored = begun().group(group().profile(other.clone()).icon("i")).build();
    assert_eq!(mirrored.profile, Some(other.clone()));
    assert_eq!(mirrored.icon, Some(v2::AssetRef { id: "i".into() }));
    assert_eq!(mirrored.status, None);

    let kept = begun().group(group().profile(other.clone()).icon("i")).profile(own.clone()).icon("o").build();
    assert_eq!(kept.profile, Some(own));
    assert_eq!(kept.icon, Some(v2::AssetRef { id: "o".into() }));
    assert_eq!(only::<v2::GroupTrait>(&kept.annotations).profile, Some(other));
}

#[test]
fn what_a_replaced_trait_said_is_not_mirrored() {
    let resource = begun().group(group().icon("old")).group(group()).build();
    assert_eq!(resource.icon, None);
}

#[test]
fn roles_and_applications_have_what_they_were_given() {
    let facts = profile([("k", "v".into())]);
    let resource = begun()
        .role(role().profile(facts.clone()).conditions("cel", ["a", "b"]))
        .app(
            app()
                .profile(profile([("late", true.into())]))
                .help_url("https://example.com")
                .icon("i")
                .logo("l")
                .flag(AppFlag::Saml)
                .flag(AppFlag::Hidden)
                .flag(AppFlag::Saml)
                .source("saml_app", "SAML_2_0"),
        )
        .build();
    let conditions = only::<v2::RoleTrait>(&resource.annotations).role_scope_conditions.unwrap();
    let expressions: Vec<_> = conditions.conditions.iter().map(|one| one.expression.as_str()).collect();
    assert_eq!((conditions.r#type.as_str(), expressions), ("cel", vec!["a", "b"]));
    let app = only::<v2::AppTrait>(&resource.annotations);
    assert_eq!(app.help_url, "https://example.com");
    assert_eq!(app.logo, Some(v2::AssetRef { id: "l".into() }));
    assert_eq!(app.flags, [3, 1]);
    assert_eq!((app.app_source_type.as_str(), app.raw_app_source_type.as_str()), ("saml_app", "SAML_2_0"));
    // The first trait to say something is heard; a logo is no icon.
    assert_eq!(resource.profile, Some(facts));
    assert_eq!(resource.icon, Some(v2::AssetRef { id: "i".into() }));
}

#[test]
fn secrets_have_what_they_were_given() {
    let key = resource(&resource_type("Key").build(), 1, "Key")
        .secret(
            secret()
                .profile(profile([("k", "v".into())]))
                .created_at(at(1))
                .expires_at(at(2))
                .last_used_at(at(3))
                .created_by(&id("user", "bob"))
                .identity(&id("user", "ada"))
                .credential(CredentialType::Certificate, "X.509"),
        )
        .build();
    let wanted = v2::SecretTrait {
        profile: key.profile.clone(),
        created_at: Some(at(1)),
        expires_at: Some(at(2)),
        last_used_at: Some(at(3)),
        created_by_id: Some(id("user", "bob")),
        identity_id: Some(id("user", "ada")),
        credential_type: 3,
        credential_detail: "X.509".into(),
    };
    assert_eq!(only::<v2::SecretTrait>(&key.annotations), wanted);
    assert_eq!(key.created_at, Some(at(1)));
    assert!(key.profile.is_some());
}

#[test]
fn any_trait_can_be_given_as_its_message() {
    let mut agent = v2::AgentTrait::default();
    agent.set_status(v2::agent_trait::AgentStatus::Disabled);
    let device = v2::ManagedDeviceTrait { serial: "S1".into(), ..Default::default() };
    let resource = begun()
        .with_trait::<v2::ManagedDeviceTrait>(device.clone())
        .with_trait::<v2::AgentTrait>(agent)
        .build();
    assert_eq!(only::<v2::ManagedDeviceTrait>(&resource.annotations), device);
    assert_eq!(resource.status, Some(v2::Status { status: 2, ..Default::default() }));
    let silent = begun().with_trait::<v2::AgentTrait>(v2::AgentTrait::default()).build();
    assert_eq!(silent.status, None);
}
