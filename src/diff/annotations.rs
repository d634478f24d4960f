//! Annotations as fields: those of traits beside the fields of the resource, others beneath their type.

use std::collections::BTreeMap;

use serde_json::Value;

use super::flat::{Flat, Object, put, put_members};
use super::word::word;
use crate::model::descriptor;

/// An annotation by its path, `annotations.TYPE`.
pub(super) struct Annotation {
    /// The name of the type; that of a connector's without its package.
    name: String,
    pub(super) path: String,
    /// Whether it says what kind of thing a resource is.
    is_trait: bool,
    pub(super) members: Object,
}

/// The annotations of a record. Of several with one type the second has `[1]` behind the path, and so on.
pub(super) fn annotations_of(annotations: Option<Value>) -> Vec<Annotation> {
    const PACKAGE: &str = "c1.connector.v2.";
    let Some(Value::Array(list)) = annotations else { return Vec::new() };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::with_capacity(list.len());
    for item in list {
        let Value::Object(mut members) = item else { continue };
        let url = members.remove("@type");
        let full = url.as_ref().and_then(Value::as_str).unwrap_or_default();
        let full = full.rsplit('/').next().unwrap_or_default();
        let own = full.strip_prefix(PACKAGE);
        let name = own.unwrap_or(full).to_owned();
        let before = seen.entry(name.clone()).or_default();
        let path = match *before {
            0 => format!("annotations.{name}"),
            number => format!("annotations.{name}[{number}]"),
        };
        // Those that are unknown have no fields to stand beside others; there can be any number of them.
        let is_known = || descriptor::find(full.as_bytes()).is_some();
        let is_trait = *before == 0 && own.is_some_and(|name| name.ends_with("Trait")) && is_known();
        *before += 1;
        all.push(Annotation { name, path, is_trait, members });
    }
    // The order of different types means nothing.
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// The fields of traits stand beside those of the resource, those of other annotations beneath their type.
pub(super) fn put_annotations(flat: &mut Flat, annotations: Option<Value>) {
    let mut traits = Vec::new();
    let mut taken: Vec<String> = Vec::new();
    for annotation in annotations_of(annotations) {
        if !annotation.is_trait {
            put_payload(flat, &annotation.path, annotation.members);
            continue;
        }
        let mut own = Flat::new();
        put_trait(&mut own, &annotation.name, annotation.members);
        put_beside(flat, &mut taken, &annotation.path, own);
        traits.push(Value::from(annotation.name));
    }
    if !traits.is_empty() {
        put(flat, "traits", Value::Array(traits));
    }
}

fn put_payload(flat: &mut Flat, path: &str, members: Object) {
    match members.is_empty() {
        true => put(flat, path, Value::Object(members)),
        false => put_members(flat, &format!("{path}."), members),
    }
}

/// What a resource itself may say. A trait says some of it in its place; the rest would be misread without the
/// trait's name.
const OF_RESOURCE: [&str; 8] = [
    "id",
    "parentResourceId",
    "displayName",
    "description",
    "batonResource",
    "externalId",
    "creationSource",
    "traits",
];

/// The fields of a trait beside those of the resource, unless that has its own: a copy is left out, another value goes
/// beneath the trait's name.
fn put_beside(flat: &mut Flat, taken: &mut Vec<String>, path: &str, own: Flat) {
    let mut names: Vec<String> = own.keys().map(|path| first(path).to_owned()).collect();
    names.dedup();
    for name in names {
        let part = || own.iter().filter(|(path, _)| first(path) == name);
        let there = |flat: &Flat| flat.keys().any(|path| first(path) == name);
        if !OF_RESOURCE.contains(&name.as_str()) && !there(flat) && !taken.contains(&name) {
            part().for_each(|(path, value)| put(flat, path, value.clone()));
            taken.push(name);
            continue;
        }
        let is_copy = part().all(|(path, value)| flat.get(path) == Some(value));
        if !is_copy {
            part().for_each(|(field, value)| put(flat, &format!("{path}.{field}"), value.clone()));
        }
    }
}

/// The first segment of a path.
fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

fn put_trait(flat: &mut Flat, name: &str, mut members: Object) {
    put_status(flat, "status", members.remove("status"));
    if name == "UserTrait" {
        put_emails(flat, members.remove("emails"));
        if let Some(kind) = members.remove("accountType") {
            put(flat, "accountType", word("ACCOUNT_TYPE_", kind));
        }
    }
    members.retain(|_, value| value.as_object().is_none_or(|value| !value.is_empty()));
    put_members(flat, "", members);
}

/// The addresses, and which of them is the primary one.
fn put_emails(flat: &mut Flat, emails: Option<Value>) {
    let Some(Value::Array(emails)) = emails else { return };
    let address = |email: &Value| email.get("address").cloned().unwrap_or_else(|| Value::from(""));
    let is_primary = |email: &&Value| email.get("isPrimary") == Some(&Value::Bool(true));
    let mut primary: Vec<Value> = emails.iter().filter(is_primary).map(address).collect();
    put(flat, "emails", emails.iter().map(address).collect());
    match (primary.len(), primary.pop()) {
        (1, Some(one)) => put(flat, "emails.primary", one),
        (_, Some(last)) => {
            primary.push(last);
            put(flat, "emails.primary", Value::Array(primary));
        }
        _ => {}
    }
}

/// `status` as a word, `status.details` beside it.
pub(super) fn put_status(flat: &mut Flat, path: &str, status: Option<Value>) {
    match status {
        Some(Value::Object(mut status)) => {
            if let Some(value) = status.remove("status") {
                put(flat, path, word("STATUS_", value));
            }
            put_members(flat, &format!("{path}."), status);
        }
        Some(value) => put(flat, path, word("STATUS_", value)),
        None => {}
    }
}
