//! Tests of the reader: stores are made row by row, changed where a test needs it, and read back through [`Reader`].

mod damage;
mod file;
mod filters;
mod opening;
mod properties;
mod translation;
mod vectors;

use prost::Message as _;
use prost_types::{Any, Timestamp};

use crate::c1z::{OpenOptions, Source};
use crate::model::keys::ResourceKey;
use crate::model::proto::c1::storage::v3::{
    EntitlementRecord, EntitlementRef, GrantRecord, PrincipalRef, ResourceRecord, ResourceRef,
    ResourceTypeRecord, SyncRunRecord,
};
use crate::store::{
    EntitlementFilter, Error, GrantFilter, Place, Reader, ResourceFilter, Snapshot, SyncChoice,
};
pub(crate) use file::Store;

const SYNC: &str = "3MSce4tpn4AaTFke0LZe7Id3Jsv";

fn time(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

/// A finished full sync.
fn run() -> SyncRunRecord {
    SyncRunRecord {
        sync_id: SYNC.into(),
        r#type: 1,
        started_at: time(1_795_000_000),
        ended_at: time(1_795_000_060),
        sync_token: "token".into(),
        ..Default::default()
    }
}

fn snapshot(reader: &Reader) -> Snapshot<'_> {
    reader.at(reader.choose(&SyncChoice::Newest).unwrap().run)
}

/// Nothing was odd about what was read so far.
fn assert_sound(reader: &Reader) {
    let problems = reader.problems();
    assert_eq!((problems.incomplete(), problems.lines()), (None, Vec::new()));
}

fn kind(id: &str) -> ResourceTypeRecord {
    ResourceTypeRecord { external_id: id.into(), display_name: id.to_uppercase(), ..Default::default() }
}

fn reference(kind: &str, id: &str) -> ResourceRef {
    ResourceRef { resource_type_id: kind.into(), resource_id: id.into() }
}

fn resource(kind: &str, id: &str) -> ResourceRecord {
    ResourceRecord {
        resource_type_id: kind.into(),
        resource_id: id.into(),
        display_name: format!("{kind} {id}"),
        discovered_at: time(1),
        ..Default::default()
    }
}

fn child(kind: &str, id: &str, parent: (&str, &str)) -> ResourceRecord {
    ResourceRecord { parent: Some(reference(parent.0, parent.1)), ..resource(kind, id) }
}

fn entitlement(resource: (&str, &str), id: &str) -> EntitlementRecord {
    EntitlementRecord {
        external_id: id.into(),
        resource: Some(reference(resource.0, resource.1)),
        display_name: format!("{id} of {}", resource.1),
        discovered_at: time(2),
        ..Default::default()
    }
}

fn grant(resource: (&str, &str), id: &str, principal: (&str, &str)) -> GrantRecord {
    GrantRecord {
        external_id: format!("{id}:{}:{}", principal.0, principal.1),
        entitlement: Some(EntitlementRef {
            resource_type_id: resource.0.into(),
            resource_id: resource.1.into(),
            entitlement_id: id.into(),
        }),
        principal: Some(PrincipalRef {
            resource_type_id: principal.0.into(),
            resource_id: principal.1.into(),
            ..Default::default()
        }),
        discovered_at: time(3),
        ..Default::default()
    }
}

fn annotation(name: &str, message: &impl prost::Message) -> Any {
    Any { type_url: format!("type.googleapis.com/c1.connector.v2.{name}"), value: message.encode_to_vec() }
}

/// A record as a scan lent it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    place: Vec<u8>,
    /// Every key: ids, resource, parent or principal.
    keys: Vec<Vec<u8>>,
    message: Vec<u8>,
    expansion: Vec<u8>,
}

/// The key of a place in a family.
fn key_in(family: &str, place: Place<'_>) -> Vec<u8> {
    match place {
        Place::Key { family: found, key } if found == family => key.to_vec(),
        other => panic!("{other} is not one of the {family}"),
    }
}

fn pair(key: ResourceKey<'_>) -> [Vec<u8>; 2] {
    [key.kind.to_vec(), key.id.to_vec()]
}

fn seen_type(record: crate::store::ResourceType<'_>) -> Seen {
    let place = key_in("resource types", record.place);
    Seen { place, keys: vec![record.id.to_vec()], message: record.message.to_vec(), expansion: Vec::new() }
}

fn seen_resource(record: crate::store::Resource<'_>) -> Seen {
    let place = key_in("resources", record.place);
    let keys = [pair(record.key), pair(record.parent.unwrap_or_default())].concat();
    Seen { place, keys, message: record.message.to_vec(), expansion: Vec::new() }
}

fn seen_entitlement(record: crate::store::Entitlement<'_>) -> Seen {
    let place = key_in("entitlements", record.place);
    let keys = [vec![record.id.to_vec()], pair(record.resource).to_vec()].concat();
    Seen { place, keys, message: record.message.to_vec(), expansion: Vec::new() }
}

fn seen_grant(record: crate::store::Grant<'_>) -> Seen {
    let place = key_in("grants", record.place);
    let mut keys = vec![record.id.to_vec(), record.entitlement.to_vec()];
    keys.extend(pair(record.resource));
    keys.extend(pair(record.principal));
    keys.push(record.sources.to_vec());
    Seen { place, keys, message: record.message.to_vec(), expansion: record.expansion.to_vec() }
}

/// Walks a scan to its end.
macro_rules! walk {
    ($scan:expr, $seen:ident) => {{
        let mut scan = $scan.unwrap();
        let mut rows = scan.rows().unwrap();
        let mut all = Vec::new();
        while let Some(record) = rows.next($seen).unwrap() {
            all.push(record);
        }
        all
    }};
}

fn types(at: Snapshot<'_>) -> Vec<Seen> {
    walk!(at.resource_types(), seen_type)
}

fn resources(at: Snapshot<'_>, filter: &ResourceFilter<'_>) -> Vec<Seen> {
    walk!(at.resources(filter), seen_resource)
}

fn entitlements(at: Snapshot<'_>, filter: &EntitlementFilter<'_>) -> Vec<Seen> {
    walk!(at.entitlements(filter), seen_entitlement)
}

fn grants(at: Snapshot<'_>, filter: &GrantFilter<'_>) -> Vec<Seen> {
    walk!(at.grants(filter), seen_grant)
}

/// Everything in a sync, family by family.
fn everything(at: Snapshot<'_>) -> [Vec<Seen>; 4] {
    [
        types(at),
        resources(at, &ResourceFilter::default()),
        entitlements(at, &EntitlementFilter::default()),
        grants(at, &GrantFilter::default()),
    ]
}

fn names(all: &[Seen], place: usize) -> Vec<&str> {
    all.iter().map(|seen| std::str::from_utf8(&seen.keys[place]).unwrap()).collect()
}

/// A few of everything: two groups that offer an entitlement of one custom id, one that nobody offers.
fn company() -> Store {
    let mut store = Store::new();
    for id in ["user", "group", "org"] {
        store.put_type(&kind(id));
    }
    store.put_resource(&resource("org", "acme"));
    for id in ["ada", "bob", "a:b"] {
        store.put_resource(&child("user", id, ("org", "acme")));
    }
    for group in ["g1", "g2"] {
        store.put_resource(&child("group", group, ("org", "acme")));
        for id in [format!("group:{group}:member"), "custom".to_owned()] {
            store.put_entitlement(&entitlement(("group", group), &id));
            for user in ["ada", "bob"] {
                store.put_grant(&grant(("group", group), &id, ("user", user)));
            }
        }
    }
    store.put_grant(&grant(("group", "g1"), "gone", ("user", "ada")));
    store
}
