//! Builders for records, and syncs with a fixed clock and fixed ids.

use baton::model::ksuid::Ksuid;
use baton::model::time::Instant;
use baton::model::v2;
use baton::store::{NewSync, SyncKind};
use prost::Message;
use prost_types::value::Kind;
use prost_types::{Any, ListValue, Struct, Timestamp, Value};

use crate::Outcome;

/// A time of day, such as `2026-03-01 06:00:00`, in UTC.
pub(crate) fn time(text: &str) -> Outcome<Instant> {
    Instant::parse(text).ok_or_else(|| format!("{text} is no time").into())
}

/// The same inside a message.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    Instant::parse(text).map(Instant::to_proto)
}

/// A sync whose id follows from its start and `seed`.
pub(crate) fn sync(kind: SyncKind, started_at: &str, seed: u64) -> Outcome<NewSync> {
    let started_at = time(started_at)?;
    let id = Ksuid::from_parts(started_at.to_proto().seconds, payload(seed)).ok_or("no time for a KSUID")?;
    Ok(NewSync::new(id.to_string(), kind, started_at))
}

/// Sixteen bytes that look random (xorshift).
fn payload(seed: u64) -> [u8; 16] {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = (state >> 56) as u8;
    }
    bytes
}

/// An annotation of the connector protocol.
pub(crate) fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/c1.connector.v2.{name}"), value: message.encode_to_vec() }
}

/// A resource type.
pub(crate) fn kind(id: &str, name: &str, traits: &[v2::resource_type::Trait]) -> v2::ResourceType {
    v2::ResourceType {
        id: id.into(),
        display_name: name.into(),
        traits: traits.iter().map(|&t| t.into()).collect(),
        ..Default::default()
    }
}

/// The identity of a resource.
pub(crate) fn key(kind: &str, id: &str) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() }
}

/// A resource.
pub(crate) fn resource(kind: &str, id: &str, name: &str) -> v2::Resource {
    v2::Resource { id: Some(key(kind, id)), display_name: name.into(), ..Default::default() }
}

/// What an entitlement or a grant says of a resource: enough to name it.
pub(crate) fn reference(resource: &v2::Resource) -> v2::Resource {
    v2::Resource {
        id: resource.id.clone(),
        parent_resource_id: resource.parent_resource_id.clone(),
        display_name: resource.display_name.clone(),
        ..Default::default()
    }
}

/// The type and the id of a resource.
pub(crate) fn parts(resource: &v2::Resource) -> (&str, &str) {
    resource.id.as_ref().map_or(("", ""), |id| (&id.resource_type, &id.resource))
}

/// More of a resource.
pub(crate) trait ResourceExt {
    fn child_of(self, kind: &str, id: &str) -> Self;
    fn with(self, annotation: Any) -> Self;
    fn described(self, text: &str) -> Self;
    fn created(self, text: &str) -> Self;
    fn status(self, status: v2::status::ResourceStatus, details: &str) -> Self;
}

impl ResourceExt for v2::Resource {
    fn child_of(mut self, kind: &str, id: &str) -> Self {
        self.parent_resource_id = Some(key(kind, id));
        self
    }

    fn with(mut self, annotation: Any) -> Self {
        self.annotations.push(annotation);
        self
    }

    fn described(mut self, text: &str) -> Self {
        self.description = text.into();
        self
    }

    fn created(mut self, text: &str) -> Self {
        self.created_at = timestamp(text);
        self
    }

    fn status(mut self, status: v2::status::ResourceStatus, details: &str) -> Self {
        self.status = Some(v2::Status { status: status.into(), details: details.into() });
        self
    }
}

/// An entitlement on `resource`, for holders of the types `to`.
pub(crate) fn entitlement(
    resource: &v2::Resource,
    (slug, name): (&str, &str),
    purpose: v2::entitlement::PurposeValue,
    to: &[&v2::ResourceType],
) -> v2::Entitlement {
    let (kind, id) = parts(resource);
    v2::Entitlement {
        id: format!("{kind}:{id}:{slug}"),
        slug: slug.into(),
        display_name: name.into(),
        description: format!("{name}, as the fixtures have it"),
        purpose: purpose.into(),
        grantable_to: to.iter().map(|&kind| kind.clone()).collect(),
        resource: Some(reference(resource)),
        ..Default::default()
    }
}

/// A grant of `entitlement` to `principal`, with the usual id.
pub(crate) fn grant(entitlement: &v2::Entitlement, principal: &v2::Resource) -> v2::Grant {
    let (kind, id) = parts(principal);
    let entitlement = v2::Entitlement { annotations: Vec::new(), ..entitlement.clone() };
    v2::Grant {
        id: format!("{}:{kind}:{id}", entitlement.id),
        entitlement: Some(entitlement),
        principal: Some(reference(principal)),
        ..Default::default()
    }
}

/// Where an inherited grant comes from: entitlements, and whether each is its own.
pub(crate) fn sources(of: &[(&str, bool)]) -> Option<v2::GrantSources> {
    let source =
        |&(id, is_direct): &(&str, bool)| (id.to_owned(), v2::grant_sources::GrantSource { is_direct });
    Some(v2::GrantSources { sources: of.iter().map(source).collect() })
}

/// A JSON object.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Struct {
    Struct { fields: members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect() }
}

pub(crate) fn text(text: &str) -> Value {
    Value { kind: Some(Kind::StringValue(text.into())) }
}

pub(crate) fn number(number: f64) -> Value {
    Value { kind: Some(Kind::NumberValue(number)) }
}

pub(crate) fn truth(truth: bool) -> Value {
    Value { kind: Some(Kind::BoolValue(truth)) }
}

pub(crate) fn null() -> Value {
    Value { kind: Some(Kind::NullValue(0)) }
}

pub(crate) fn list<const N: usize>(values: [Value; N]) -> Value {
    Value { kind: Some(Kind::ListValue(ListValue { values: values.into() })) }
}

pub(crate) fn nested(object: Struct) -> Value {
    Value { kind: Some(Kind::StructValue(object)) }
}
