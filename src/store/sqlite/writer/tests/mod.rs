//! Tests of the writer, on its working database and through the reader.

mod belonging;
mod beside;
mod bulk;
mod cleanup;
mod errors;
mod files;
#[cfg(unix)]
mod killed;
mod layout;
mod migrate;
mod reading;
mod rows;
mod sessions;
#[cfg(unix)]
mod unix;

use std::fs;
use std::path::PathBuf;

use prost_types::Any;

use super::*;
use crate::c1z::{self, OpenOptions, Payload, Source};
use crate::model::v2;
use crate::store::Reader;

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
    rows_of(writer.connection(), sql)
}

fn rows_of(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
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

/// Begins beside a target, without any options.
fn beside(target: &Path) -> (Writer, Found) {
    Writer::beside(target, &BesideOptions::default(), &mut |_, _| {}).unwrap()
}

fn fresh(target: &Path) -> Result<(Writer, Found), WriteError> {
    let options = BesideOptions { fresh: true, ..Default::default() };
    Writer::beside(target, &options, &mut |_, _| {})
}

/// Why nothing can be begun beside a target.
fn refused(target: &Path) -> WriteError {
    Writer::beside(target, &BesideOptions::default(), &mut |_, _| {}).unwrap_err()
}

/// A directory, and a target in it that does not exist yet.
fn nowhere() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("a.c1z");
    (directory, target)
}

/// What lies in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A full sync of that id, begun that many hours into a day.
fn sync_at(id: &str, hour: u32) -> NewSync {
    NewSync::new(id, SyncKind::Full, hour_of_day(hour))
}

fn hour_of_day(hour: u32) -> Instant {
    at(&format!("2026-11-22 {hour:02}:00:00"))
}

fn read(path: &Path) -> Reader {
    Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap()
}

fn image(path: &Path) -> Vec<u8> {
    let opened = c1z::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let Payload::Sqlite(image) = opened.payload else { panic!("no database") };
    image.to_vec()
}

/// The database in a file, unpacked beside it.
fn database(path: &Path) -> Connection {
    let unpacked = path.with_extension("db");
    fs::write(&unpacked, image(path)).unwrap();
    Connection::open(unpacked).unwrap()
}

/// Saves a SQLite database as a c1z file.
fn wrap(database: &[u8], target: &Path) {
    let options = SaveOptions { overwrite: true };
    c1z::save(target, options, None, &mut |out| out.write_all(database)).unwrap();
}

/// Wraps a database that statements make.
fn wrap_made(target: &Path, statements: &str) {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(statements).unwrap();
    let mut connection = connection;
    wrap(&connection.serialize(rusqlite::MAIN_DB).unwrap(), target);
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}
