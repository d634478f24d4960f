//! Every field of every record, and the same by a translation of decoded messages.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use prost_types::Struct;

use super::super::batch::{Batch, Position};
use super::super::translate::{Fault, Translate};
use super::*;
use crate::model::proto::c1::storage::v3::{
    GrantExpandableRecord, GrantSourceRecord, StatusRecord, status_record,
};
use crate::model::v2;
use crate::store::record::{Entitlements, Family, Grants, ResourceTypes, Resources};

/// Hands the record of a value to `f`.
fn lend<F: Translate, R>(value: &[u8], f: impl FnOnce(<F as Family>::Record<'_>) -> R) -> Result<R, Fault> {
    let mut batch = Batch::<F>::default();
    // Whatever stands before it, its parts are found.
    batch.push(b"\x03other", value);
    batch.push(b"\x03key", value);
    let mut position = Position::default();
    position.next(&batch);
    position.next(&batch).unwrap().map(f).map_err(|(_, fault)| fault)
}

fn id_of(kind: &str, id: &str) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() }
}

fn stub(kind: &str, id: &str) -> v2::Resource {
    v2::Resource { id: Some(id_of(kind, id)), ..Default::default() }
}

fn trait_of(word: &str) -> i32 {
    let words = [
        "UNSPECIFIED",
        "USER",
        "GROUP",
        "ROLE",
        "APP",
        "SECRET",
        "SECURITY_INSIGHT",
        "SCOPE_BINDING",
        "VENDOR",
        "VENDOR_AGREEMENT",
        "LICENSE_PROFILE",
        "AGENT",
        "MANAGED_DEVICE",
    ];
    words.iter().position(|known| *known == word).unwrap_or(0) as i32
}

fn type_message(record: &ResourceTypeRecord) -> v2::ResourceType {
    v2::ResourceType {
        id: record.external_id.clone(),
        display_name: record.display_name.clone(),
        traits: record.traits.iter().map(|word| trait_of(word)).collect(),
        annotations: record.annotations.clone(),
        description: record.description.clone(),
        sourced_externally: record.sourced_externally,
    }
}

fn resource_message(record: &ResourceRecord) -> v2::Resource {
    let parent = record.parent.as_ref().filter(|parent| !parent.resource_id.is_empty());
    let status = record.status.as_ref();
    let icon = Some(&record.icon_asset_external_id).filter(|icon| !icon.is_empty());
    v2::Resource {
        id: Some(id_of(&record.resource_type_id, &record.resource_id)),
        parent_resource_id: parent.map(|parent| id_of(&parent.resource_type_id, &parent.resource_id)),
        display_name: record.display_name.clone(),
        annotations: record.annotations.clone(),
        description: record.description.clone(),
        profile: record.profile.clone(),
        icon: icon.map(|icon| v2::AssetRef { id: icon.clone() }),
        status: status.map(|status| v2::Status { status: status.status, details: status.details.clone() }),
        created_at: record.created_at,
        ..Default::default()
    }
}

fn entitlement_message(record: &EntitlementRecord) -> v2::Entitlement {
    let resource = record.resource.as_ref().unwrap();
    let kind = |id: &String| v2::ResourceType { id: id.clone(), ..Default::default() };
    v2::Entitlement {
        resource: Some(stub(&resource.resource_type_id, &resource.resource_id)),
        id: record.external_id.clone(),
        display_name: record.display_name.clone(),
        description: record.description.clone(),
        grantable_to: record.grantable_to_resource_type_ids.iter().map(kind).collect(),
        annotations: record.annotations.clone(),
        purpose: match record.purpose.as_str() {
            "ASSIGNMENT" => 1,
            "PERMISSION" => 2,
            "OWNERSHIP" => 3,
            _ => 0,
        },
        slug: record.slug.clone(),
    }
}

fn grant_message(record: &GrantRecord) -> v2::Grant {
    let (entitlement, holder) = (record.entitlement.as_ref().unwrap(), record.principal.as_ref().unwrap());
    let mut principal = stub(&holder.resource_type_id, &holder.resource_id);
    if !holder.parent_resource_id.is_empty() {
        principal.parent_resource_id =
            Some(id_of(&holder.parent_resource_type_id, &holder.parent_resource_id));
    }
    let mut annotations = record.annotations.clone();
    annotations.extend(record.expansion.as_ref().map(|expansion| annotation("GrantExpandable", expansion)));
    let source = |(id, source): (&String, &GrantSourceRecord)| {
        (id.clone(), v2::grant_sources::GrantSource { is_direct: source.is_direct })
    };
    let derived = [&*entitlement.entitlement_id, ":", &*holder.resource_type_id, ":", &*holder.resource_id];
    v2::Grant {
        entitlement: Some(v2::Entitlement {
            resource: Some(stub(&entitlement.resource_type_id, &entitlement.resource_id)),
            id: entitlement.entitlement_id.clone(),
            ..Default::default()
        }),
        principal: Some(principal),
        id: if record.external_id.is_empty() { derived.concat() } else { record.external_id.clone() },
        sources: (!record.sources.is_empty())
            .then(|| v2::GrantSources { sources: record.sources.iter().map(source).collect() }),
        annotations,
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-c:]{1,3}", "\\PC{0,200}"]
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c:]{1,3}", "\\PC{1,200}"]
}

fn annotations() -> impl Strategy<Value = Vec<Any>> {
    vec((text(), vec(any::<u8>(), 0..200)).prop_map(|(type_url, value)| Any { type_url, value }), 0..4)
}

fn any_time() -> impl Strategy<Value = Option<Timestamp>> {
    proptest::option::of(
        (any::<i64>(), any::<i32>()).prop_map(|(seconds, nanos)| Timestamp { seconds, nanos }),
    )
}

fn any_type() -> impl Strategy<Value = ResourceTypeRecord> {
    let word = prop::sample::select(vec![
        "USER",
        "GROUP",
        "ROLE",
        "APP",
        "SECRET",
        "SECURITY_INSIGHT",
        "SCOPE_BINDING",
        "VENDOR",
        "VENDOR_AGREEMENT",
        "LICENSE_PROFILE",
        "AGENT",
        "MANAGED_DEVICE",
        "UNSPECIFIED",
        "",
        "77",
        "user",
        "TRAIT_USER",
    ]);
    (id(), text(), vec(word.prop_map(str::to_owned), 0..5), annotations(), any_time(), text(), any::<bool>())
        .prop_map(
            |(
                external_id,
                display_name,
                traits,
                annotations,
                discovered_at,
                description,
                sourced_externally,
            )| {
                ResourceTypeRecord {
                    external_id,
                    display_name,
                    traits,
                    annotations,
                    discovered_at,
                    description,
                    sourced_externally,
                }
            },
        )
}

fn any_resource() -> impl Strategy<Value = ResourceRecord> {
    let parent = proptest::option::of((text(), text()).prop_map(|(kind, id)| reference(&kind, &id)));
    let status = proptest::option::of(
        (0..4_i32, text()).prop_map(|(status, details)| StatusRecord { status, details }),
    );
    let profile = proptest::option::of(btree_map(text(), text(), 0..3).prop_map(|texts| Struct {
        fields: texts.into_iter().map(|(name, value)| (name, prost_types::Value::from(value))).collect(),
    }));
    let texts = (text(), text(), text(), text());
    ((id(), id()), texts, parent, annotations(), (any_time(), any_time()), profile, status).prop_map(
        |(key, texts, parent, annotations, (discovered_at, created_at), profile, status)| ResourceRecord {
            resource_type_id: key.0,
            resource_id: key.1,
            display_name: texts.0,
            description: texts.1,
            source_scope_key: texts.2,
            icon_asset_external_id: texts.3,
            parent,
            annotations,
            discovered_at,
            profile,
            status,
            created_at,
        },
    )
}

fn any_entitlement() -> impl Strategy<Value = EntitlementRecord> {
    let purpose =
        prop::sample::select(vec!["", "ASSIGNMENT", "PERMISSION", "OWNERSHIP", "assignment", "OTHER"]);
    let texts = (text(), text(), text(), text());
    ((id(), text(), text()), texts, purpose, annotations(), any_time(), vec(text(), 0..4)).prop_map(
        |(key, texts, purpose, annotations, discovered_at, grantable_to_resource_type_ids)| {
            EntitlementRecord {
                external_id: key.0,
                resource: Some(reference(&key.1, &key.2)),
                display_name: texts.0,
                description: texts.1,
                slug: texts.2,
                source_scope_key: texts.3,
                purpose: purpose.into(),
                annotations,
                discovered_at,
                grantable_to_resource_type_ids,
            }
        },
    )
}

fn any_grant() -> impl Strategy<Value = GrantRecord> {
    let entitlement = (text(), text(), text()).prop_map(|(resource_type_id, resource_id, entitlement_id)| {
        EntitlementRef { resource_type_id, resource_id, entitlement_id }
    });
    let principal =
        (text(), text(), text(), text()).prop_map(|(kind, id, parent_kind, parent_id)| PrincipalRef {
            resource_type_id: kind,
            resource_id: id,
            parent_resource_type_id: parent_kind,
            parent_resource_id: parent_id,
        });
    let expansion = proptest::option::of((vec(text(), 0..3), any::<bool>(), vec(text(), 0..3)).prop_map(
        |(entitlement_ids, shallow, resource_type_ids)| GrantExpandableRecord {
            entitlement_ids,
            shallow,
            resource_type_ids,
        },
    ));
    let source = (text(), text(), text(), any::<bool>()).prop_map(|(kind, id, entitlement_id, is_direct)| {
        GrantSourceRecord { resource_type_id: kind, resource_id: id, entitlement_id, is_direct }
    });
    let keys = (text(), entitlement, principal, text());
    (keys, any_time(), expansion, any::<bool>(), annotations(), btree_map(text(), source, 0..4)).prop_map(
        |(keys, discovered_at, expansion, needs_expansion, annotations, sources)| GrantRecord {
            external_id: keys.0,
            entitlement: Some(keys.1),
            principal: Some(keys.2),
            source_scope_key: keys.3,
            discovered_at,
            expansion,
            needs_expansion,
            annotations,
            sources,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_resource_type_keeps_all(record in any_type()) {
        lend::<ResourceTypes, _>(&record.encode_to_vec(), |kind| {
            assert_eq!(kind.message, type_message(&record).encode_to_vec());
            assert_eq!(kind.id, record.external_id.as_bytes());
            assert_eq!(kind.place.to_string(), "resource types key \u{3}key".replace('\u{3}', "\\x03"));
        }).unwrap();
    }

    #[test]
    fn a_resource_keeps_all(record in any_resource()) {
        lend::<Resources, _>(&record.encode_to_vec(), |resource| {
            let message = resource_message(&record);
            assert_eq!(resource.message, message.encode_to_vec());
            assert_eq!(pair(resource.key), [record.resource_type_id.clone(), record.resource_id.clone()].map(String::into_bytes));
            let parent = message.parent_resource_id.map(|id| [id.resource_type, id.resource].map(String::into_bytes));
            assert_eq!(resource.parent.map(pair), parent);
        }).unwrap();
    }

    #[test]
    fn an_entitlement_keeps_all(record in any_entitlement()) {
        lend::<Entitlements, _>(&record.encode_to_vec(), |entitlement| {
            assert_eq!(entitlement.message, entitlement_message(&record).encode_to_vec());
            assert_eq!(entitlement.id, record.external_id.as_bytes());
            let resource = record.resource.clone().unwrap();
            assert_eq!(pair(entitlement.resource), [resource.resource_type_id, resource.resource_id].map(String::into_bytes));
        }).unwrap();
    }

    #[test]
    fn a_grant_keeps_all(record in any_grant()) {
        lend::<Grants, _>(&record.encode_to_vec(), |grant| {
            let message = grant_message(&record);
            // Map entries are written whole, so that bytes differ from those of this encoder.
            assert_eq!(v2::Grant::decode(grant.message).unwrap(), message);
            if record.sources.is_empty() {
                assert_eq!(grant.message, message.encode_to_vec());
            }
            assert_eq!(grant.id, message.id.as_bytes());
            let entitlement = record.entitlement.clone().unwrap();
            assert_eq!(grant.entitlement, entitlement.entitlement_id.as_bytes());
            assert_eq!(pair(grant.resource), [entitlement.resource_type_id, entitlement.resource_id].map(String::into_bytes));
            let principal = record.principal.clone().unwrap();
            assert_eq!(pair(grant.principal), [principal.resource_type_id, principal.resource_id].map(String::into_bytes));
            assert_eq!(v2::GrantSources::decode(grant.sources).unwrap(), message.sources.unwrap_or_default());
            let expansion = record.expansion.map(|expansion| expansion.encode_to_vec());
            assert_eq!(grant.expansion, expansion.unwrap_or_default());
        }).unwrap();
    }

    #[test]
    fn nothing_makes_it_panic(value in vec(any::<u8>(), 0..80)) {
        let _ = lend::<ResourceTypes, _>(&value, |kind| assert!(kind.message.len() <= 3 * value.len() + 20));
        let _ = lend::<Resources, _>(&value, |resource| assert!(resource.message.len() <= 3 * value.len() + 20));
        let _ = lend::<Entitlements, _>(&value, |item| assert!(item.message.len() <= 3 * value.len() + 20));
        let _ = lend::<Grants, _>(&value, |grant| assert!(grant.message.len() <= 3 * value.len() + 80));
    }

    #[test]
    fn a_cut_record_is_no_other(record in any_grant(), cut in any::<prop::sample::Index>()) {
        let value = record.encode_to_vec();
        let end = cut.index(value.len().max(1));
        if let Ok(keys) = lend::<Grants, _>(&value[..end], |grant| (grant.entitlement.to_vec(), pair(grant.principal))) {
            let whole = lend::<Grants, _>(&value, |grant| (grant.entitlement.to_vec(), pair(grant.principal)));
            assert_eq!(Ok(keys), whole);
        }
    }
}

#[test]
fn a_status_has_the_numbers_of_the_message() {
    for (status, message) in [
        (status_record::Status::Unspecified, v2::status::ResourceStatus::Unspecified),
        (status_record::Status::Enabled, v2::status::ResourceStatus::Enabled),
        (status_record::Status::Disabled, v2::status::ResourceStatus::Disabled),
        (status_record::Status::Deleted, v2::status::ResourceStatus::Deleted),
    ] {
        assert_eq!(status as i32, message as i32);
    }
}

#[test]
fn a_record_without_its_keys_is_none() {
    let empty = BTreeMap::from([
        ("resource type", lend::<ResourceTypes, _>(b"\x1a\x01x", |_| ())),
        ("resource", lend::<Resources, _>(b"\x22\x01x", |_| ())),
        ("entitlement", lend::<Entitlements, _>(b"\x1a\x00", |_| ())),
        ("entitlement of nothing", lend::<Entitlements, _>(b"\x12\x01x", |_| ())),
        ("grant", lend::<Grants, _>(b"\x12\x01x\x22\x00", |_| ())),
        ("grant to nobody", lend::<Grants, _>(b"\x12\x01x\x1a\x00", |_| ())),
    ]);
    let lacks: Vec<_> = empty.into_values().map(|result| result.unwrap_err().to_string()).collect();
    assert_eq!(
        lacks,
        [
            "it lacks an id",
            "it lacks a resource",
            "it lacks an entitlement",
            "it lacks a principal",
            "it lacks an id",
            "it lacks an id",
        ]
    );
    // Empty texts are texts.
    assert_eq!(lend::<Grants, _>(b"\x1a\x00\x22\x00", |grant| grant.id.to_vec()), Ok(b"::".to_vec()));
}

#[test]
fn a_record_may_not_be_huge() {
    let mut record = kind("user");
    record.description = "x".repeat(16 << 20);
    assert_eq!(lend::<ResourceTypes, _>(&record.encode_to_vec(), |_| ()), Err(Fault::TooLarge));
    record.description.truncate(15 << 20);
    assert_eq!(lend::<ResourceTypes, _>(&record.encode_to_vec(), |_| ()), Ok(()));
}
