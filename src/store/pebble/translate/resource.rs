//! `ResourceRecord` to `c1.connector.v2.Resource`.
//!
//! ```text
//! record                                  message
//!  2 resource_type_id  3 resource_id ──►  1 id
//!  6 parent  ──────────────────────────►  2 parent_resource_id    when it has an id
//!  4 display_name  ────────────────────►  3
//!  7 annotations  ─────────────────────►  4
//!  5 description  ─────────────────────►  5
//!  9 profile  ─────────────────────────►  9
//! 13 icon_asset_external_id  ──────────► 10 icon {1 id}
//! 10 status  ──────────────────────────► 11                       numbered the same inside
//! 11 created_at  ──────────────────────► 12
//! ```

use super::super::super::place::Place;
use super::super::super::record::{Resource, Resources};
use super::super::keys::Space;
use super::super::query::Wanted;
use super::{Fault, KeySpan, Message, Repeated, Translate, field_len};
use crate::model::keys::ResourceKey;
use crate::model::wire::{Fields, Malformed, Value};

/// Where the keys of a resource stand in its message.
#[derive(Debug)]
pub(in super::super::super) struct ResourceSpans {
    key: KeySpan,
    parent: Option<KeySpan>,
}

/// A `ResourceRecord`.
#[derive(Debug)]
struct Record<'a> {
    key: ResourceKey<'a>,
    name: &'a [u8],
    description: &'a [u8],
    parent: ResourceKey<'a>,
    annotations: Repeated<'a>,
    profile: Option<&'a [u8]>,
    status: Option<&'a [u8]>,
    created_at: Option<&'a [u8]>,
    icon: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut record = Self {
            key: ResourceKey::default(),
            name: &[],
            description: &[],
            parent: ResourceKey::default(),
            annotations: Repeated::of(7),
            profile: None,
            status: None,
            created_at: None,
            icon: &[],
        };
        let mut walk = Fields::of(value);
        let mut before = value;
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (2, Value::Bytes(text)) => record.key.kind = text,
                (3, Value::Bytes(text)) => record.key.id = text,
                (4, Value::Bytes(text)) => record.name = text,
                (5, Value::Bytes(text)) => record.description = text,
                (6, Value::Bytes(message)) => record.parent = ResourceKey::read(message)?,
                (7, Value::Bytes(_)) => record.annotations.note(before),
                (9, Value::Bytes(message)) => record.profile = Some(message),
                (10, Value::Bytes(message)) => record.status = Some(message),
                (11, Value::Bytes(message)) => record.created_at = Some(message),
                (13, Value::Bytes(text)) => record.icon = text,
                _ => {}
            }
            before = walk.rest();
        }
        Ok(record)
    }
}

impl Translate for Resources {
    const NAME: &'static str = "resources";
    const SPACE: Space = Space::Resources;
    type Spans = ResourceSpans;

    fn translate(value: &[u8], out: &mut Vec<u8>) -> Result<ResourceSpans, Fault> {
        let record = Record::read(value)?;
        if record.key == ResourceKey::default() {
            return Err(Fault::Lacks("an id"));
        }
        let mut message = Message::new(out);
        let key = message.key(1, record.key);
        let parent = (!record.parent.id.is_empty()).then(|| message.key(2, record.parent));
        message.text(3, record.name);
        message.each(4, record.annotations)?;
        message.text(5, record.description);
        if let Some(profile) = record.profile {
            message.bytes(9, profile);
        }
        if !record.icon.is_empty() {
            message.head(10, field_len(record.icon.len()));
            message.text(1, record.icon);
        }
        if let Some(status) = record.status {
            message.bytes(11, status);
        }
        if let Some(time) = record.created_at {
            message.bytes(12, time);
        }
        Ok(ResourceSpans { key, parent })
    }

    fn record<'a>(spans: &ResourceSpans, message: &'a [u8], place: Place<'a>) -> Resource<'a> {
        let parent = spans.parent.map(|parent| parent.of(message));
        Resource { key: spans.key.of(message), parent, message, place }
    }

    fn admits(wanted: &Wanted, resource: &Resource<'_>) -> bool {
        wanted.resource(resource.key) && wanted.parent(resource.parent)
    }
}
