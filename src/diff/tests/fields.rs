//! Which fields differ, and what they are called.

use prost::Message as _;

use super::stores::{
    Pair, entitlement, fields, grant, grants, id, kind, modified, packed, resource, resources, structure,
};
use crate::diff::{Ignore, Options, Records};
use crate::model::v2;
use crate::model::v2::resource_type::Trait;
use crate::model::v2::user_trait::{AccountType, Email};

fn user(with: v2::UserTrait) -> v2::Resource {
    v2::Resource { annotations: vec![packed("UserTrait", &with)], ..resource("user", "ada") }
}

fn options() -> Options {
    Options::default()
}

fn strict() -> Options {
    Options { strict: true, ..Options::default() }
}

fn ignoring(patterns: &[&str]) -> Options {
    Options { ignore: Ignore::parse(patterns.iter().copied()).unwrap(), ..Options::default() }
}

fn status(status: i32, details: &str) -> v2::user_trait::Status {
    v2::user_trait::Status { status, details: details.into() }
}

#[test]
fn a_resource_has_its_own_fields_and_those_of_its_traits() {
    let email = |address: &str, is_primary| Email { address: address.into(), is_primary };
    let old = v2::Resource {
        parent_resource_id: Some(id("org", "acme")),
        profile: Some(structure(&[("team", "red"), ("seat", "4")])),
        ..user(v2::UserTrait {
            status: Some(status(1, "")),
            login: "ada".into(),
            account_type: AccountType::Human as i32,
            emails: vec![email("ada@corp.example", true), email("a@corp.example", false)],
            last_login: Some(prost_types::Timestamp { seconds: 1_795_000_000, nanos: 0 }),
            ..Default::default()
        })
    };
    let new = v2::Resource {
        parent_resource_id: Some(id("org", "apex")),
        display_name: "Ada".into(),
        profile: Some(structure(&[("team", "blue"), ("floor", "2")])),
        ..user(v2::UserTrait {
            status: Some(status(2, "left")),
            login: "ada2".into(),
            account_type: AccountType::Service as i32,
            emails: vec![email("ada@corp.example", false), email("a@corp.example", true)],
            ..Default::default()
        })
    };
    assert_eq!(
        resources(&old, &new, &options()),
        [
            "accountType: human → service",
            "displayName: ADA → Ada",
            "emails.primary: ada@corp.example → a@corp.example",
            "lastLogin: 2026-11-18T11:06:40Z → -",
            "login: ada → ada2",
            "parentResourceId: org/acme → org/apex",
            "profile.floor: - → 2",
            "profile.seat: 4 → -",
            "profile.team: red → blue",
            "status: enabled → disabled",
            "status.details: - → left",
        ]
    );
}

#[test]
fn what_moved_from_the_trait_to_the_resource_is_the_same() {
    let profile = structure(&[("team", "red")]);
    let inside = user(v2::UserTrait {
        status: Some(status(1, "")),
        profile: Some(profile.clone()),
        ..Default::default()
    });
    let own = v2::Status { status: 1, details: String::new() };
    let outside =
        v2::Resource { profile: Some(profile), status: Some(own), ..user(v2::UserTrait::default()) };
    assert!(resources(&inside, &outside, &options()).is_empty());
    let both = v2::Resource { annotations: inside.annotations.clone(), ..outside.clone() };
    assert!(resources(&inside, &both, &options()).is_empty());
    // Two values: the trait's is told by its name.
    let other = user(v2::UserTrait { status: Some(status(2, "")), ..Default::default() });
    let torn = v2::Resource { annotations: other.annotations, ..outside.clone() };
    assert_eq!(resources(&outside, &torn, &options()), ["annotations.UserTrait.status: - → disabled"]);
    assert!(!resources(&inside, &outside, &strict()).is_empty());
}

#[test]
fn a_trait_that_comes_or_goes_is_a_difference() {
    let (with, without) = (user(v2::UserTrait::default()), resource("user", "ada"));
    assert_eq!(resources(&without, &with, &options()), ["traits: - → [\"UserTrait\"]"]);
    let group = v2::Resource {
        annotations: vec![packed("GroupTrait", &v2::GroupTrait::default())],
        ..resource("user", "ada")
    };
    assert_eq!(resources(&with, &group, &options()), ["traits: [\"UserTrait\"] → [\"GroupTrait\"]"]);
}

#[test]
fn an_unknown_trait_is_an_annotation() {
    let with = |value: &[u8]| v2::Resource {
        annotations: vec![prost_types::Any {
            type_url: "type.googleapis.com/c1.connector.v2.FutureTrait".into(),
            value: value.to_vec(),
        }],
        ..resource("user", "ada")
    };
    assert_eq!(
        resources(&with(b"a"), &with(b"b"), &options()),
        ["annotations.FutureTrait.value: YQ== → Yg=="]
    );
}

#[test]
fn a_record_that_moved_is_compared_by_all_that_it_says() {
    let profile = |fields: &[(&str, &str)]| v2::Resource {
        profile: Some(structure(fields)),
        ..resource("user", "ada")
    };
    // One after the other, without their lengths, both would read the same.
    let old = profile(&[("p\0\"v\"\0status", "enabled")]);
    let own = v2::Status { status: 1, details: String::new() };
    let new = v2::Resource { status: Some(own), ..profile(&[("p", "v")]) };
    let other = resource("user", "bob");
    let pair = Pair::of(
        |writer| {
            writer.put_resource(&old).unwrap();
            writer.put_resource(&other).unwrap();
        },
        |writer| {
            writer.put_resource(&other).unwrap();
            writer.put_resource(&new).unwrap();
        },
    );
    assert_eq!(pair.told(&options()), ["~ resources user/ada"]);
}

#[test]
fn other_annotations_stand_beneath_their_type() {
    let link = |url: &str| packed("ExternalLink", &v2::ExternalLink { url: url.into() });
    let own = |value: &[u8]| prost_types::Any {
        type_url: "type.googleapis.com/acme.v1.Note".into(),
        value: value.to_vec(),
    };
    let with = |annotations| v2::Resource { annotations, ..resource("app", "crm") };
    let old = with(vec![link("https://a.example"), own(b"a"), link("https://x.example")]);
    // In another order of types.
    let new = with(vec![own(b"b"), link("https://b.example")]);
    assert_eq!(
        resources(&old, &new, &options()),
        [
            "annotations.ExternalLink.url: https://a.example → https://b.example",
            "annotations.ExternalLink[1].url: https://x.example → -",
            "annotations.acme.v1.Note.value: YQ== → Yg==",
        ]
    );
    let turned = with(vec![own(b"a"), link("https://a.example"), link("https://x.example")]);
    assert!(resources(&old, &turned, &options()).is_empty(), "the order of types means nothing");
    assert!(!resources(&old, &turned, &strict()).is_empty(), "unless asked for");
}

#[test]
fn names_with_dots_are_quoted_and_none_hides_another() {
    let with = |fields: &[(&str, &str)]| v2::Resource {
        profile: Some(structure(fields)),
        ..resource("user", "ada")
    };
    let (old, new) = (with(&[("a.b", "1"), ("", "2")]), with(&[("a.b", "2"), ("", "3")]));
    assert_eq!(resources(&old, &new, &options()), ["profile.\"\": 2 → 3", "profile.\"a.b\": 1 → 2"]);
    assert!(resources(&old, &new, &ignoring(&["profile.*"])).is_empty());
}

#[test]
fn a_rename_shows_once() {
    let (ada, before, after) = (
        resource("user", "ada"),
        resource("group", "g1"),
        v2::Resource { display_name: "Renamed".into(), ..resource("group", "g1") },
    );
    let fill = |group: v2::Resource, ada: v2::Resource| {
        move |writer: &mut crate::store::Writer| {
            let member = entitlement(&group, "member");
            let mut renamed = ada.clone();
            renamed.description = group.display_name.clone();
            writer.put_resource(&group).unwrap();
            writer.put_entitlement(&member).unwrap();
            writer.put_grant(&grant(&member, &renamed)).unwrap();
        }
    };
    let pair = Pair::of(fill(before, ada.clone()), fill(after, ada));
    assert_eq!(pair.told(&options()), ["~ resources group/g1"]);
    let stored = pair.told(&strict());
    assert!(stored.contains(&"~ entitlements group:g1:member".to_owned()), "{stored:?}");
}

#[test]
fn an_entitlement_and_a_type_have_words() {
    let group = resource("group", "g1");
    let old = v2::Entitlement {
        purpose: 1,
        grantable_to: vec![kind("user"), kind("group")],
        ..entitlement(&group, "member")
    };
    let new = v2::Entitlement {
        purpose: 2,
        grantable_to: vec![v2::ResourceType { display_name: "Other".into(), ..kind("group") }],
        slug: "members".into(),
        ..old.clone()
    };
    let types = [
        v2::ResourceType { traits: vec![Trait::User as i32], ..kind("user") },
        v2::ResourceType { traits: vec![Trait::User as i32, Trait::SecurityInsight as i32], ..kind("user") },
    ];
    let [before, after] = types;
    let pair = Pair::of(
        |writer| {
            writer.put_entitlement(&old).unwrap();
            writer.put_resource_type(&before).unwrap();
        },
        |writer| {
            writer.put_entitlement(&new).unwrap();
            writer.put_resource_type(&after).unwrap();
        },
    );
    let changes = pair.compare(&options());
    assert_eq!(fields(&changes[0]), ["traits: [\"user\"] → [\"user\",\"security_insight\"]"]);
    assert_eq!(
        fields(&changes[1]),
        [
            "grantableTo: [\"group\",\"user\"] → [\"group\"]",
            "purpose: assignment → permission",
            "slug: member → members",
        ]
    );
}

fn expandable(ids: &[&str], shallow: bool) -> prost_types::Any {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    packed("GrantExpandable", &v2::GrantExpandable { entitlement_ids: ids, shallow, ..Default::default() })
}

#[test]
fn a_grant_has_sources_and_an_expansion() {
    let group = resource("group", "g1");
    let plain = grant(&entitlement(&group, "member"), &resource("group", "g2"));
    let sources = |list: &[(&str, bool)]| v2::GrantSources {
        sources: list
            .iter()
            .map(|(id, is_direct)| {
                ((*id).to_owned(), v2::grant_sources::GrantSource { is_direct: *is_direct })
            })
            .collect(),
    };
    let old = v2::Grant { sources: Some(sources(&[("a", true), ("b", false)])), ..plain.clone() };
    let new = v2::Grant {
        sources: Some(sources(&[("b", true), ("c", false)])),
        annotations: vec![
            expandable(&["group:g2:member"], true),
            packed("GrantImmutable", &v2::GrantImmutable::default()),
        ],
        ..plain.clone()
    };
    assert_eq!(
        grants(&old, &new, &options()),
        [
            "annotations.GrantImmutable: - → {}",
            "expandable: - → [\"group:g2:member\"]",
            "expandable.shallow: - → true",
            "sources: [\"a\",\"b\"] → [\"b\",\"c\"]",
            "sources.direct: [\"a\"] → [\"b\"]",
        ]
    );
    // Empty sources, and an expansion to nothing, say nothing.
    let empty = v2::Grant {
        sources: Some(sources(&[])),
        annotations: vec![expandable(&[" "], true)],
        ..plain.clone()
    };
    assert!(grants(&plain, &empty, &options()).is_empty());
    // The expansion stands beside the grant, where the reference tool does not look.
    let expanding = v2::Grant { annotations: vec![expandable(&["group:g2:member"], false)], ..plain.clone() };
    assert!(!grants(&plain, &expanding, &options()).is_empty());
    assert!(grants(&plain, &expanding, &strict()).is_empty());
}

#[test]
fn a_grant_to_another_by_the_same_id_is_modified() {
    let member = entitlement(&resource("group", "g1"), "member");
    let old = v2::Grant { id: "g".into(), ..grant(&member, &resource("user", "ada")) };
    let new = v2::Grant { id: "g".into(), ..grant(&member, &resource("user", "bob")) };
    assert_eq!(grants(&old, &new, &options()), ["principal: user/ada → user/bob"]);
    let owner = entitlement(&resource("group", "g2"), "owner");
    let new = v2::Grant { id: "g".into(), ..grant(&owner, &resource("user", "ada")) };
    assert_eq!(
        grants(&old, &new, &options()),
        ["entitlement: group:g1:member → group:g2:owner", "resource: group/g1 → group/g2"]
    );
}

#[test]
fn ignored_fields_make_no_change() {
    let (old, new) = (
        user(v2::UserTrait { login: "a".into(), status: Some(status(1, "x")), ..Default::default() }),
        user(v2::UserTrait { login: "b".into(), status: Some(status(1, "y")), ..Default::default() }),
    );
    assert_eq!(resources(&old, &new, &ignoring(&["login"])), ["status.details: x → y"]);
    assert!(resources(&old, &new, &ignoring(&["login", "status"])).is_empty());
    assert!(resources(&old, &new, &ignoring(&["*"])).is_empty());
    let strict = Options { strict: true, ..ignoring(&["*"]) };
    assert!(resources(&old, &new, &strict).is_empty());
}

#[test]
fn what_no_field_shows_is_told_when_records_are_compared_as_stored() {
    let (old, mut stored) = (resource("user", "ada"), resource("user", "ada").encode_to_vec());
    stored.extend(b"\x98\x06\x01");
    let hex: String = stored.iter().map(|byte| format!("{byte:02x}")).collect();
    let pair = Pair::changed(
        |writer| {
            writer.put_resource(&old).unwrap();
        },
        |writer| {
            writer.put_resource(&old).unwrap();
        },
        &format!("UPDATE v1_resources SET data = x'{hex}' WHERE sync_id = '{}'", super::stores::NEW),
    );
    assert!(pair.compare(&options()).is_empty());
    let changes = pair.compare(&strict());
    let told = modified(&changes, Records::Resources);
    assert!(told.len() == 1 && told[0].starts_with("message: "), "{told:?}");
}
