//! `GrantRecord` to `c1.connector.v2.Grant`.
//!
//! ```text
//! record                                  message
//!  2 external_id  ─────────────────────►  3 id               empty: ENTITLEMENT:TYPE:ID of the principal
//!  3 entitlement  1 type 2 id 3 id  ───►  1 entitlement      its id, and a resource with nothing but its id
//!  4 principal    1 type 2 id 3 4  ────►  2 principal        its id, and its parent where there is one
//!  6 expansion  ───────────────────┐
//!  8 annotations  ─────────────────┴───►  4 annotations      the expansion last
//!  9 sources      by id  ──────────────►  5 sources          only whether they are direct
//! ```

use super::super::super::place::Place;
use super::super::super::record::{Grant, Grants};
use super::super::keys::Space;
use super::super::query::Wanted;
use super::{Fault, KeySpan, Message, Repeated, Span, Translate, field_len, key_len, text_len};
use crate::model::keys::ResourceKey;
use crate::model::wire::{Fields, Malformed, Value};

/// The type of the annotation that an expansion is for connectors.
const EXPANDABLE: &[u8] = b"type.googleapis.com/c1.connector.v2.GrantExpandable";

/// Where the keys of a grant stand in its message.
#[derive(Debug, Default)]
pub(in super::super::super) struct GrantSpans {
    id: Span,
    entitlement: Span,
    resource: KeySpan,
    principal: KeySpan,
    sources: Span,
    expansion: Span,
}

/// A `GrantRecord`.
#[derive(Debug)]
struct Record<'a> {
    id: &'a [u8],
    entitlement: Option<EntitlementRef<'a>>,
    principal: Option<PrincipalRef<'a>>,
    expansion: Option<&'a [u8]>,
    annotations: Repeated<'a>,
    sources: Repeated<'a>,
}

#[derive(Debug, Clone, Copy, Default)]
struct EntitlementRef<'a> {
    resource: ResourceKey<'a>,
    id: &'a [u8],
}

#[derive(Debug, Clone, Copy, Default)]
struct PrincipalRef<'a> {
    key: ResourceKey<'a>,
    parent: ResourceKey<'a>,
}

impl<'a> Record<'a> {
    fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut record = Self {
            id: &[],
            entitlement: None,
            principal: None,
            expansion: None,
            annotations: Repeated::of(8),
            sources: Repeated::of(9),
        };
        let mut walk = Fields::of(value);
        let mut before = value;
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (2, Value::Bytes(text)) => record.id = text,
                (3, Value::Bytes(message)) => record.entitlement = Some(EntitlementRef::read(message)?),
                (4, Value::Bytes(message)) => record.principal = Some(PrincipalRef::read(message)?),
                (6, Value::Bytes(message)) => record.expansion = Some(message),
                (8, Value::Bytes(_)) => record.annotations.note(before),
                (9, Value::Bytes(_)) => record.sources.note(before),
                _ => {}
            }
            before = walk.rest();
        }
        Ok(record)
    }
}

impl<'a> EntitlementRef<'a> {
    fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut entitlement = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (1, Value::Bytes(text)) => entitlement.resource.kind = text,
                (2, Value::Bytes(text)) => entitlement.resource.id = text,
                (3, Value::Bytes(text)) => entitlement.id = text,
                _ => {}
            }
        }
        Ok(entitlement)
    }

    fn write(&self, message: &mut Message<'_>, spans: &mut GrantSpans) {
        let stub = field_len(key_len(self.resource));
        message.head(1, field_len(stub) + text_len(self.id));
        spans.resource = message.stub(1, self.resource);
        spans.entitlement = message.text(2, self.id);
    }
}

impl<'a> PrincipalRef<'a> {
    fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut principal = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (1, Value::Bytes(text)) => principal.key.kind = text,
                (2, Value::Bytes(text)) => principal.key.id = text,
                (3, Value::Bytes(text)) => principal.parent.kind = text,
                (4, Value::Bytes(text)) => principal.parent.id = text,
                _ => {}
            }
        }
        Ok(principal)
    }

    fn write(&self, message: &mut Message<'_>) -> KeySpan {
        let has_parent = !self.parent.id.is_empty();
        let parent = if has_parent { field_len(key_len(self.parent)) } else { 0 };
        message.head(2, field_len(key_len(self.key)) + parent);
        let key = message.key(1, self.key);
        if has_parent {
            message.key(2, self.parent);
        }
        key
    }
}

/// The id of a grant that has none of its own.
fn write_derived(message: &mut Message<'_>, entitlement: &[u8], principal: ResourceKey<'_>) -> Span {
    let parts = [entitlement, b":", principal.kind, b":", principal.id];
    message.head(3, parts.iter().map(|part| part.len()).sum());
    let start = message.here();
    for part in parts {
        message.raw(part);
    }
    Span { start, end: message.here() }
}

fn write_expansion(message: &mut Message<'_>, expansion: &[u8]) -> Span {
    message.head(4, field_len(EXPANDABLE.len()) + text_len(expansion));
    message.bytes(1, EXPANDABLE);
    message.text(2, expansion)
}

/// The entitlement and the directness of an entry of the sources.
fn source(entry: &[u8]) -> Result<(&[u8], bool), Malformed> {
    let (mut id, mut direct): (&[u8], bool) = (&[], false);
    let mut walk = Fields::of(entry);
    while let Some((number, value)) = walk.next_field()? {
        match (number, value) {
            (1, Value::Bytes(text)) => id = text,
            (2, Value::Bytes(message)) => direct = is_direct(message)?,
            _ => {}
        }
    }
    Ok((id, direct))
}

fn is_direct(source: &[u8]) -> Result<bool, Malformed> {
    let mut direct = false;
    let mut walk = Fields::of(source);
    while let Some((number, value)) = walk.next_field()? {
        if let (4, Value::Varint(flag)) = (number, value) {
            direct = flag != 0;
        }
    }
    Ok(direct)
}

/// Bytes of a `GrantSource`.
fn source_len(direct: bool) -> usize {
    if direct { 2 } else { 0 }
}

fn entry_len(id: &[u8], direct: bool) -> usize {
    field_len(id.len()) + field_len(source_len(direct))
}

fn write_sources(message: &mut Message<'_>, sources: &Repeated<'_>) -> Result<Span, Malformed> {
    if sources.count == 0 {
        return Ok(Span::default());
    }
    let (mut len, mut walk) = (0, sources.clone());
    while let Some(entry) = walk.next()? {
        let (id, direct) = source(entry)?;
        len += field_len(entry_len(id, direct));
    }
    message.head(5, len);
    let start = message.here();
    let mut walk = sources.clone();
    while let Some(entry) = walk.next()? {
        let (id, direct) = source(entry)?;
        message.head(1, entry_len(id, direct));
        message.bytes(1, id);
        message.head(2, source_len(direct));
        message.number(1, u64::from(direct));
    }
    Ok(Span { start, end: message.here() })
}

impl Translate for Grants {
    const NAME: &'static str = "grants";
    const SPACE: Space = Space::Grants;
    type Spans = GrantSpans;

    fn translate(value: &[u8], out: &mut Vec<u8>) -> Result<GrantSpans, Fault> {
        let record = Record::read(value)?;
        let entitlement = record.entitlement.ok_or(Fault::Lacks("an entitlement"))?;
        let principal = record.principal.ok_or(Fault::Lacks("a principal"))?;
        let mut message = Message::new(out);
        let mut spans = GrantSpans::default();
        entitlement.write(&mut message, &mut spans);
        spans.principal = principal.write(&mut message);
        spans.id = match record.id {
            [] => write_derived(&mut message, entitlement.id, principal.key),
            id => message.text(3, id),
        };
        message.each(4, record.annotations)?;
        if let Some(expansion) = record.expansion {
            spans.expansion = write_expansion(&mut message, expansion);
        }
        spans.sources = write_sources(&mut message, &record.sources)?;
        Ok(spans)
    }

    fn record<'a>(spans: &GrantSpans, message: &'a [u8], place: Place<'a>) -> Grant<'a> {
        Grant {
            id: spans.id.of(message),
            entitlement: spans.entitlement.of(message),
            resource: spans.resource.of(message),
            principal: spans.principal.of(message),
            sources: spans.sources.of(message),
            expansion: spans.expansion.of(message),
            message,
            place,
        }
    }

    fn admits(wanted: &Wanted, grant: &Grant<'_>) -> bool {
        wanted.resource(grant.resource) && wanted.id(grant.entitlement) && wanted.principal(grant.principal)
    }
}
