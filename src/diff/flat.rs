//! A record as fields with paths and values.
//!
//! The record becomes JSON first, as everywhere; what stands in it is then given the paths of [`super`]'s page.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Records;
use super::annotations::{annotations_of, put_annotations, put_status};
use super::record::Record;
use super::word::word;
use crate::model::any;
use crate::model::descriptor::{
    C1_CONNECTOR_V2_ENTITLEMENT, C1_CONNECTOR_V2_GRANT, C1_CONNECTOR_V2_GRANTEXPANDABLE,
    C1_CONNECTOR_V2_RESOURCE, C1_CONNECTOR_V2_RESOURCETYPE, Message,
};
use crate::model::keys::ResourceKey;
use crate::model::protojson::Writer;
use crate::model::wire::{Fields, Malformed, Reason, Value as Wire, push_bytes};

/// Values by path.
pub(super) type Flat = BTreeMap<String, Value>;

pub(super) type Object = Map<String, Value>;

/// The type of the annotation that makes a grant expandable.
pub(super) const EXPANDABLE: &[u8] = b"c1.connector.v2.GrantExpandable";

/// The message type of a record.
pub(super) fn message_of(records: Records) -> &'static Message {
    match records {
        Records::ResourceTypes => &C1_CONNECTOR_V2_RESOURCETYPE,
        Records::Resources => &C1_CONNECTOR_V2_RESOURCE,
        Records::Entitlements => &C1_CONNECTOR_V2_ENTITLEMENT,
        Records::Grants => &C1_CONNECTOR_V2_GRANT,
    }
}

/// The fields of a record as it is stored, under their own names.
pub(super) fn stored(record: &Record<'_>) -> Result<Flat, Malformed> {
    let mut object = json(message_of(record.records()), record.message())?;
    let annotations = object.remove("annotations");
    let mut flat = Flat::new();
    put_members(&mut flat, "", object);
    for annotation in annotations_of(annotations) {
        put_members(&mut flat, &format!("{}.", annotation.path), annotation.members);
    }
    Ok(flat)
}

/// The fields of a record. `mixed`: it is compared with one of another engine, so only those that both engines keep.
pub(super) fn fields(record: &Record<'_>, mixed: bool) -> Result<Flat, Malformed> {
    match record {
        Record::ResourceType(kind) => {
            resource_type(json(&C1_CONNECTOR_V2_RESOURCETYPE, kind.message)?, mixed)
        }
        Record::Resource(resource) => {
            self::resource(json(&C1_CONNECTOR_V2_RESOURCE, resource.message)?, mixed)
        }
        Record::Entitlement(entitlement) => {
            let object = json(&C1_CONNECTOR_V2_ENTITLEMENT, entitlement.message)?;
            self::entitlement(object, entitlement.resource, mixed)
        }
        Record::Grant(grant) => {
            let mut flat = Flat::new();
            put(&mut flat, "entitlement", text(grant.entitlement));
            put(&mut flat, "resource", name(grant.resource));
            put(&mut flat, "principal", name(grant.principal));
            // What else the message holds are copies of other records.
            let own = own_fields(grant.message)?;
            let mut object = json(&C1_CONNECTOR_V2_GRANT, &own.message)?;
            put_sources(&mut flat, object.remove("sources"));
            put_expansion(
                &mut flat,
                if grant.expansion.is_empty() { own.expansion } else { grant.expansion },
            )?;
            put_annotations(&mut flat, object.remove("annotations"));
            Ok(flat)
        }
    }
}

fn resource_type(mut object: Object, mixed: bool) -> Result<Flat, Malformed> {
    let mut flat = Flat::new();
    object.remove("id");
    if let Some(Value::Array(traits)) = object.remove("traits") {
        let unknown = |value: &Value| mixed && value.is_number();
        let words = traits.into_iter().map(|value| match value {
            value if unknown(&value) => Value::from("unspecified"),
            value => word("TRAIT_", value),
        });
        put(&mut flat, "traits", Value::Array(words.collect()));
    }
    put_annotations(&mut flat, object.remove("annotations"));
    put_members(&mut flat, "", object);
    Ok(flat)
}

fn entitlement(mut object: Object, resource: ResourceKey<'_>, mixed: bool) -> Result<Flat, Malformed> {
    let mut flat = Flat::new();
    object.remove("id");
    object.remove("resource");
    put(&mut flat, "resource", name(resource));
    if let Some(Value::Array(kinds)) = object.remove("grantableTo") {
        let id = |kind: Value| match kind {
            Value::Object(mut kind) => kind.remove("id").unwrap_or_else(|| Value::from("")),
            other => other,
        };
        let mut ids: Vec<Value> = kinds.into_iter().map(id).collect();
        ids.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        put(&mut flat, "grantableTo", Value::Array(ids));
    }
    match object.remove("purpose") {
        Some(Value::Number(_)) if mixed => {}
        Some(purpose) => put(&mut flat, "purpose", word("PURPOSE_VALUE_", purpose)),
        None => {}
    }
    put_annotations(&mut flat, object.remove("annotations"));
    put_members(&mut flat, "", object);
    Ok(flat)
}

/// What only some engines keep of a resource.
const ENGINE_ONLY: [&str; 3] = ["batonResource", "externalId", "creationSource"];

fn resource(mut object: Object, mixed: bool) -> Result<Flat, Malformed> {
    let mut flat = Flat::new();
    if mixed {
        ENGINE_ONLY.iter().for_each(|field| drop(object.remove(*field)));
    }
    put_id(&mut flat, "", "id", object.remove("id"), mixed);
    put_id(&mut flat, "parentResourceId", "parentResourceId", object.remove("parentResourceId"), mixed);
    put_status(&mut flat, "status", object.remove("status"));
    let annotations = object.remove("annotations");
    for field in ["profile", "icon"] {
        // Without anything in it, it says nothing.
        object.retain(|name, value| name != field || value.as_object().is_none_or(|value| !value.is_empty()));
    }
    put_members(&mut flat, "", object);
    put_annotations(&mut flat, annotations);
    Ok(flat)
}

/// A reference to a resource, under `path` unless that is empty, and what else the message says.
fn put_id(flat: &mut Flat, path: &str, own: &str, id: Option<Value>, mixed: bool) {
    let Some(Value::Object(id)) = id else { return };
    let part = |name: &str| id.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, resource) = (part("resourceType"), part("resource"));
    // One of the engines keeps only a parent that has an id.
    let is_said = !resource.is_empty() || (!mixed && !kind.is_empty());
    if is_said && !path.is_empty() {
        put(flat, path, Value::from(format!("{kind}/{resource}")));
    }
    if let (false, Some(flag)) = (mixed, id.get("batonResource")) {
        put(flat, &format!("{own}.batonResource"), flag.clone());
    }
}

fn put_sources(flat: &mut Flat, sources: Option<Value>) {
    let Some(Value::Object(sources)) =
        sources.and_then(|mut sources| sources.get_mut("sources").map(Value::take))
    else {
        return;
    };
    let is_direct = |source: &Value| source.get("isDirect").is_some_and(|flag| *flag == Value::Bool(true));
    let direct: Vec<Value> = sources
        .iter()
        .filter(|(_, source)| is_direct(source))
        .map(|(id, _)| Value::from(id.as_str()))
        .collect();
    put(flat, "sources", sources.into_iter().map(|(id, _)| id).collect());
    if !direct.is_empty() {
        put(flat, "sources.direct", Value::Array(direct));
    }
}

/// An expansion that names no entitlement is none.
fn put_expansion(flat: &mut Flat, expansion: &[u8]) -> Result<(), Malformed> {
    let mut object = json(&C1_CONNECTOR_V2_GRANTEXPANDABLE, expansion)?;
    let Some(Value::Array(ids)) = object.remove("entitlementIds") else { return Ok(()) };
    if ids.iter().any(|id| id.as_str().is_some_and(|id| !id.trim().is_empty())) {
        put(flat, "expandable", Value::Array(ids));
        put_members(flat, "expandable.", object);
    }
    Ok(())
}

/// What a grant holds that is no copy of another record.
pub(super) struct Own<'a> {
    /// A grant with nothing but its sources and its annotations.
    message: Vec<u8>,
    /// The expansion among the annotations, which is left out of them.
    pub(super) expansion: &'a [u8],
}

fn own_fields(message: &[u8]) -> Result<Own<'_>, Malformed> {
    let mut own = Own { message: Vec::new(), expansion: &[] };
    let mut walk = Fields::of(message);
    while let Some((number, value)) = walk.next_field()? {
        let Wire::Bytes(bytes) = value else { continue };
        if number == 4 {
            let (url, payload) = any::parts(bytes)?;
            if any::type_name(url) == EXPANDABLE {
                own.expansion = payload;
                continue;
            }
        }
        if matches!(number, 4 | 5) {
            push_bytes(&mut own.message, number, bytes);
        }
    }
    Ok(own)
}

/// A message as JSON.
fn json(message: &'static Message, bytes: &[u8]) -> Result<Object, Malformed> {
    let mut text = Vec::with_capacity(bytes.len() * 3);
    Writer::new().message(&mut text, message, bytes)?;
    match serde_json::from_slice(&text) {
        Ok(Value::Object(object)) => Ok(object),
        // Lists in lists nest twice as deep in messages as in JSON, so this is out of reach.
        _ => Err(Reason::TooDeep.into()),
    }
}

pub(super) fn put_members(flat: &mut Flat, prefix: &str, members: Object) {
    for (name, value) in members {
        let path = format!("{prefix}{}", segment(&name));
        match value {
            Value::Object(members) if !members.is_empty() => put_members(flat, &format!("{path}."), members),
            value => put(flat, &path, value),
        }
    }
}

/// A name as a segment of a path: in quotes when it could be taken for several.
fn segment(name: &str) -> String {
    if name.is_empty() || name.contains('.') || name.starts_with('"') {
        Value::from(name).to_string()
    } else {
        name.to_owned()
    }
}

/// Adds a value. Whatever the paths are, none takes the place of another.
pub(super) fn put(flat: &mut Flat, path: &str, value: Value) {
    let (mut unique, mut number) = (path.to_owned(), 1);
    while flat.contains_key(&unique) {
        unique = format!("{path}[{number}]");
        number += 1;
    }
    flat.insert(unique, value);
}

fn text(bytes: &[u8]) -> Value {
    Value::from(String::from_utf8_lossy(bytes).into_owned())
}

fn name(key: ResourceKey<'_>) -> Value {
    text(&key.to_name())
}
