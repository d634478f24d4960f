//! Tests of the reader: files are made with the writer of this engine, changed where a test needs it, and read back
//! through [`Reader`].

mod ahead;
mod damage;
mod expansion;
mod filters;
mod hostile;
mod layouts;
mod properties;
mod runs;

use std::path::Path;

use prost::Message as _;
use prost_types::Any;
use tempfile::TempDir;

use crate::c1z::{OpenOptions, SaveOptions, Source};
use crate::model::keys::ResourceKey;
use crate::model::time::Instant;
use crate::model::v2;
use crate::store::{
    EntitlementFilter, Error, GrantFilter, NewSync, Place, RawValue, Reader, ResourceFilter, Snapshot,
    SyncChoice, SyncKind, Writer,
};

const SYNC: &str = "3MSce4tpn4AaTFke0LZe7Id3Jsv";

fn time(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn new_sync(id: &str, kind: SyncKind) -> NewSync {
    NewSync::new(id, kind, time("2026-11-22 11:00:00"))
}

/// A file whose working database `fill` fills.
fn file(fill: impl FnOnce(&mut Writer)) -> (TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    let mut writer = Writer::create(Some(directory.path())).unwrap();
    fill(&mut writer);
    writer.save(&path, SaveOptions::default()).unwrap();
    (directory, path)
}

fn try_open(path: &Path) -> Result<Reader, Error> {
    Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {})
}

/// A reader of a file made by `fill`.
fn read(fill: impl FnOnce(&mut Writer)) -> Reader {
    let (_directory, path) = file(fill);
    try_open(&path).unwrap()
}

/// A reader of a file with one finished full sync, filled by `fill`, then changed by `sql`.
fn read_sync(fill: impl FnOnce(&mut Writer), sql: &str) -> Reader {
    read(|writer| {
        writer.begin_sync(new_sync(SYNC, SyncKind::Full)).unwrap();
        fill(writer);
        writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
        writer.execute(sql).unwrap();
    })
}

fn snapshot(reader: &Reader) -> Snapshot<'_> {
    reader.at(reader.choose(&SyncChoice::Newest).unwrap().run)
}

/// Nothing was odd about what was read so far.
fn assert_sound(reader: &Reader) {
    let problems = reader.problems();
    assert_eq!((problems.incomplete(), problems.lines()), (None, Vec::new()));
}

/// What is said about rows that were skipped.
fn skipped(reader: &Reader) -> String {
    reader.problems().incomplete().unwrap()
}

fn kind(id: &str) -> v2::ResourceType {
    v2::ResourceType { id: id.into(), display_name: id.to_uppercase(), ..Default::default() }
}

fn id_of(kind: &str, id: &str) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() }
}

fn resource(kind: &str, id: &str) -> v2::Resource {
    v2::Resource { id: Some(id_of(kind, id)), display_name: format!("{kind} {id}"), ..Default::default() }
}

fn child(kind: &str, id: &str, parent: (&str, &str)) -> v2::Resource {
    v2::Resource { parent_resource_id: Some(id_of(parent.0, parent.1)), ..resource(kind, id) }
}

fn entitlement(resource: &v2::Resource, slug: &str) -> v2::Entitlement {
    let key = resource.id.as_ref().unwrap();
    v2::Entitlement {
        id: format!("{}:{}:{slug}", key.resource_type, key.resource),
        slug: slug.into(),
        resource: Some(resource.clone()),
        ..Default::default()
    }
}

fn grant(entitlement: &v2::Entitlement, principal: &v2::Resource) -> v2::Grant {
    let key = principal.id.as_ref().unwrap();
    v2::Grant {
        id: format!("{}:{}:{}", entitlement.id, key.resource_type, key.resource),
        entitlement: Some(entitlement.clone()),
        principal: Some(principal.clone()),
        ..Default::default()
    }
}

fn annotation(name: &str, message: &impl prost::Message) -> Any {
    Any { type_url: format!("type.googleapis.com/c1.connector.v2.{name}"), value: message.encode_to_vec() }
}

fn expandable(ids: &[&str]) -> v2::GrantExpandable {
    let entitlement_ids = ids.iter().map(ToString::to_string).collect();
    v2::GrantExpandable { entitlement_ids, shallow: true, ..Default::default() }
}

/// A row of `v1_grants` with the keys of `record`, `data` for its blob, and more columns.
fn put_grant_row(
    writer: &mut Writer,
    record: &v2::Grant,
    data: RawValue<'_>,
    more: &[(&'static str, RawValue<'_>)],
) {
    let entitlement = record.entitlement.as_ref().unwrap();
    let resource = entitlement.resource.as_ref().and_then(|r| r.id.as_ref()).unwrap();
    let principal = record.principal.as_ref().and_then(|r| r.id.as_ref()).unwrap();
    let mut columns = vec![
        ("external_id", RawValue::Text(&record.id)),
        ("entitlement_id", RawValue::Text(&entitlement.id)),
        ("resource_type_id", RawValue::Text(&resource.resource_type)),
        ("resource_id", RawValue::Text(&resource.resource)),
        ("principal_resource_type_id", RawValue::Text(&principal.resource_type)),
        ("principal_resource_id", RawValue::Text(&principal.resource)),
        ("data", data),
    ];
    columns.extend_from_slice(more);
    writer.put_raw("v1_grants", &columns).unwrap();
}

fn put_slim(writer: &mut Writer, record: &v2::Grant) {
    let slim = v2::Grant { entitlement: None, principal: None, ..record.clone() };
    put_grant_row(writer, record, RawValue::Blob(&slim.encode_to_vec()), &[]);
}

/// A record as a scan lent it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    row: i64,
    /// Every key: ids, resource, parent or principal.
    keys: Vec<Vec<u8>>,
    message: Vec<u8>,
    expansion: Vec<u8>,
}

fn pair(key: ResourceKey<'_>) -> [Vec<u8>; 2] {
    [key.kind.to_vec(), key.id.to_vec()]
}

/// The row id of a place in `table`.
fn row_in(table: &str, place: Place<'_>) -> i64 {
    match place {
        Place::Row { table: found, row } if found == table => row,
        other => panic!("{other} is not in {table}"),
    }
}

fn seen_type(record: crate::store::ResourceType<'_>) -> Seen {
    let row = row_in("v1_resource_types", record.place);
    let keys = vec![record.id.to_vec()];
    Seen { row, keys, message: record.message.to_vec(), expansion: Vec::new() }
}

fn seen_resource(record: crate::store::Resource<'_>) -> Seen {
    let row = row_in("v1_resources", record.place);
    let keys = [pair(record.key), pair(record.parent.unwrap_or_default())].concat();
    Seen { row, keys, message: record.message.to_vec(), expansion: Vec::new() }
}

fn seen_entitlement(record: crate::store::Entitlement<'_>) -> Seen {
    let row = row_in("v1_entitlements", record.place);
    let keys = [vec![record.id.to_vec()], pair(record.resource).to_vec()].concat();
    Seen { row, keys, message: record.message.to_vec(), expansion: Vec::new() }
}

fn seen_grant(record: crate::store::Grant<'_>) -> Seen {
    let row = row_in("v1_grants", record.place);
    let mut keys = vec![record.id.to_vec(), record.entitlement.to_vec()];
    keys.extend(pair(record.resource));
    keys.extend(pair(record.principal));
    keys.push(record.sources.to_vec());
    let expansion = record.expansion.to_vec();
    Seen { row, keys, message: record.message.to_vec(), expansion }
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

fn decoded(seen: &Seen) -> v2::Grant {
    v2::Grant::decode(&seen.message[..]).unwrap()
}

fn texts(keys: &[&str]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| key.as_bytes().to_vec()).collect()
}

/// A few of everything, with ids that invite mistakes.
fn company(writer: &mut Writer) {
    for id in ["user", "group", "us:er", "o'rg"] {
        writer.put_resource_type(&kind(id)).unwrap();
    }
    let orgs =
        [resource("o'rg", "1"), resource("o'rg", "a/b:c"), resource("us", "er"), resource("us:er", "1")];
    let mut users = Vec::new();
    for (number, id) in ["ada", "bob", "a:b", "a\0b", "\"; DROP TABLE v1_grants; --", "\u{1f9f8}", " ", "%"]
        .iter()
        .enumerate()
    {
        let org = orgs[number % 2].id.as_ref().unwrap();
        users.push(child("user", id, (&org.resource_type, &org.resource)));
    }
    users.push(resource("user", "1"));
    for record in orgs.iter().chain(&users) {
        writer.put_resource(record).unwrap();
    }
    for (number, org) in orgs.iter().enumerate() {
        for slug in ["member", "owner"] {
            let offered = entitlement(org, slug);
            writer.put_entitlement(&offered).unwrap();
            for user in users.iter().skip(number).step_by(2).chain([&orgs[3]]) {
                writer.put_grant(&grant(&offered, user)).unwrap();
            }
        }
    }
}
