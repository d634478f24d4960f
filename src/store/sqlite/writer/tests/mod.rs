//! Tests of the writer, on its working database and through the reader.

mod errors;
mod files;
mod layout;
mod rows;

use prost_types::Any;

use super::*;
use crate::model::v2;

const SYNC: &str = "3MSce4tpn4AaTFke0LZe7Id3Jsv";

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn start() -> Instant {
    at("2026-11-22 11:38:21.38")
}

fn full(id: &str) -> NewSync {
    NewSync::new(id, SyncKind::Full, start())
}

/// A writer with an open full sync.
fn writer() -> Writer {
    let mut writer = Writer::create(None).unwrap();
    writer.begin_sync(full(SYNC)).unwrap();
    writer
}

fn kind(id: &str) -> v2::ResourceType {
    v2::ResourceType { id: id.into(), display_name: id.to_uppercase(), ..Default::default() }
}

fn key(kind: &str, id: &str) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() }
}

fn resource(kind: &str, id: &str) -> v2::Resource {
    v2::Resource { id: Some(key(kind, id)), display_name: format!("{kind} {id}"), ..Default::default() }
}

fn entitlement(resource: v2::Resource, slug: &str) -> v2::Entitlement {
    let key = resource.id.clone().unwrap();
    v2::Entitlement {
        id: format!("{}:{}:{slug}", key.resource_type, key.resource),
        slug: slug.into(),
        resource: Some(resource),
        ..Default::default()
    }
}

fn grant(entitlement: v2::Entitlement, principal: v2::Resource) -> v2::Grant {
    let key = principal.id.clone().unwrap();
    v2::Grant {
        id: format!("{}:{}:{}", entitlement.id, key.resource_type, key.resource),
        entitlement: Some(entitlement),
        principal: Some(principal),
        ..Default::default()
    }
}

fn annotation(name: &str, message: &impl prost::Message) -> Any {
    Any { type_url: format!("type.googleapis.com/c1.connector.v2.{name}"), value: message.encode_to_vec() }
}

fn expandable(ids: &[&str]) -> v2::GrantExpandable {
    v2::GrantExpandable {
        entitlement_ids: ids.iter().map(ToString::to_string).collect(),
        shallow: true,
        ..Default::default()
    }
}

/// A group's membership, granted to a role.
fn sample_grant(expands: Option<&[&str]>) -> v2::Grant {
    let mut grant = grant(entitlement(resource("role", "admin"), "holder"), resource("group", "g1"));
    grant.annotations = vec![annotation("GrantMetadata", &v2::GrantMetadata::default())];
    grant.annotations.extend(expands.map(|ids| annotation("GrantExpandable", &expandable(ids))));
    grant
}

/// The one row of a query on the working database, as texts joined with `|`.
fn row(writer: &Writer, sql: &str) -> String {
    let rows = rows(writer, sql);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

fn rows(writer: &Writer, sql: &str) -> Vec<String> {
    let mut statement = writer.connection().prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let mut texts = Vec::new();
        for column in 0..columns {
            texts.push(match row.get_ref(column)? {
                rusqlite::types::ValueRef::Null => "NULL".into(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                rusqlite::types::ValueRef::Blob(bytes) => format!("{bytes:02x?}"),
                other => format!("{other:?}"),
            });
        }
        Ok(texts.join("|"))
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}
