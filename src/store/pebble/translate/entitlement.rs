//! `EntitlementRecord` to `c1.connector.v2.Entitlement`.
//!
//! ```text
//! record                                  message
//!  3 resource  ────────────────────────►  1 resource      with nothing but its id
//!  2 external_id  ─────────────────────►  2 id
//!  4 display_name  5 description  ─────►  3  4
//! 10 grantable_to_resource_type_ids  ──►  5 grantable_to  types with nothing but their ids
//!  7 annotations  ─────────────────────►  6
//!  6 purpose, a word  ─────────────────►  7 purpose, a number
//!  9 slug  ────────────────────────────►  8
//! ```

use super::super::super::place::Place;
use super::super::super::record::{Entitlement, Entitlements};
use super::super::keys::Space;
use super::super::query::Wanted;
use super::{Fault, KeySpan, Message, Repeated, Span, Translate, text_len};
use crate::model::keys::ResourceKey;
use crate::model::v2::entitlement::PurposeValue;
use crate::model::wire::{Fields, Malformed, Value};

/// Where the keys of an entitlement stand in its message.
#[derive(Debug)]
pub(in super::super::super) struct EntitlementSpans {
    id: Span,
    resource: KeySpan,
}

/// An `EntitlementRecord`.
#[derive(Debug)]
struct Record<'a> {
    id: &'a [u8],
    resource: Option<ResourceKey<'a>>,
    name: &'a [u8],
    description: &'a [u8],
    purpose: &'a [u8],
    annotations: Repeated<'a>,
    slug: &'a [u8],
    grantable_to: Repeated<'a>,
}

impl<'a> Record<'a> {
    fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut record = Self {
            id: &[],
            resource: None,
            name: &[],
            description: &[],
            purpose: &[],
            annotations: Repeated::of(7),
            slug: &[],
            grantable_to: Repeated::of(10),
        };
        let mut walk = Fields::of(value);
        let mut before = value;
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (2, Value::Bytes(text)) => record.id = text,
                (3, Value::Bytes(message)) => record.resource = Some(ResourceKey::read(message)?),
                (4, Value::Bytes(text)) => record.name = text,
                (5, Value::Bytes(text)) => record.description = text,
                (6, Value::Bytes(text)) => record.purpose = text,
                (7, Value::Bytes(_)) => record.annotations.note(before),
                (9, Value::Bytes(text)) => record.slug = text,
                (10, Value::Bytes(_)) => record.grantable_to.note(before),
                _ => {}
            }
            before = walk.rest();
        }
        Ok(record)
    }
}

fn purpose(word: &[u8]) -> PurposeValue {
    match word {
        b"ASSIGNMENT" => PurposeValue::Assignment,
        b"PERMISSION" => PurposeValue::Permission,
        b"OWNERSHIP" => PurposeValue::Ownership,
        _ => PurposeValue::Unspecified,
    }
}

impl Translate for Entitlements {
    const NAME: &'static str = "entitlements";
    const SPACE: Space = Space::Entitlements;
    type Spans = EntitlementSpans;

    fn translate(value: &[u8], out: &mut Vec<u8>) -> Result<EntitlementSpans, Fault> {
        let record = Record::read(value)?;
        let resource = record.resource.ok_or(Fault::Lacks("a resource"))?;
        if record.id.is_empty() {
            return Err(Fault::Lacks("an id"));
        }
        let mut message = Message::new(out);
        let resource = message.stub(1, resource);
        let id = message.text(2, record.id);
        message.text(3, record.name);
        message.text(4, record.description);
        let mut kinds = record.grantable_to;
        while let Some(kind) = kinds.next()? {
            message.head(5, text_len(kind));
            message.text(1, kind);
        }
        message.each(6, record.annotations)?;
        message.number(7, purpose(record.purpose) as u64);
        message.text(8, record.slug);
        Ok(EntitlementSpans { id, resource })
    }

    fn record<'a>(spans: &EntitlementSpans, message: &'a [u8], place: Place<'a>) -> Entitlement<'a> {
        Entitlement { id: spans.id.of(message), resource: spans.resource.of(message), message, place }
    }

    fn admits(wanted: &Wanted, entitlement: &Entitlement<'_>) -> bool {
        wanted.resource(entitlement.resource) && wanted.id(entitlement.id)
    }
}
