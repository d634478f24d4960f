//! `ResourceTypeRecord` to `c1.connector.v2.ResourceType`.
//!
//! ```text
//! record                                  message
//!  2 external_id  ─────────────────────►  1 id
//!  3 display_name  ────────────────────►  2
//!  4 traits, words  ───────────────────►  3 traits, numbers    0 for a word that is unknown
//!  5 annotations  ─────────────────────►  4
//!  7 description  ─────────────────────►  5
//!  8 sourced_externally  ──────────────►  6
//! ```

use super::super::super::place::Place;
use super::super::super::record::{ResourceType, ResourceTypes};
use super::super::keys::Space;
use super::super::query::Wanted;
use super::{Fault, Message, Repeated, Span, Translate};
use crate::model::v2::resource_type::Trait;
use crate::model::wire::{Fields, Malformed, Value};

/// Where the id of a resource type stands in its message.
#[derive(Debug)]
pub(in super::super::super) struct ResourceTypeSpans {
    id: Span,
}

/// A `ResourceTypeRecord`.
#[derive(Debug)]
struct Record<'a> {
    id: &'a [u8],
    name: &'a [u8],
    traits: Repeated<'a>,
    annotations: Repeated<'a>,
    description: &'a [u8],
    sourced_externally: bool,
}

impl<'a> Record<'a> {
    fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut record = Self {
            id: &[],
            name: &[],
            traits: Repeated::of(4),
            annotations: Repeated::of(5),
            description: &[],
            sourced_externally: false,
        };
        let mut walk = Fields::of(value);
        let mut before = value;
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (2, Value::Bytes(text)) => record.id = text,
                (3, Value::Bytes(text)) => record.name = text,
                (4, Value::Bytes(_)) => record.traits.note(before),
                (5, Value::Bytes(_)) => record.annotations.note(before),
                (7, Value::Bytes(text)) => record.description = text,
                (8, Value::Varint(flag)) => record.sourced_externally = flag != 0,
                _ => {}
            }
            before = walk.rest();
        }
        Ok(record)
    }
}

/// The number of a trait; all are below 128 and take one byte.
fn trait_number(word: &[u8]) -> u8 {
    let name = std::str::from_utf8(word).ok().map(|word| format!("TRAIT_{word}"));
    let known = name.and_then(|name| Trait::from_str_name(&name));
    known.map_or(0, |known| known as u8 & 0x7f)
}

impl Translate for ResourceTypes {
    const NAME: &'static str = "resource types";
    const SPACE: Space = Space::ResourceTypes;
    type Spans = ResourceTypeSpans;

    fn translate(value: &[u8], out: &mut Vec<u8>) -> Result<ResourceTypeSpans, Fault> {
        let record = Record::read(value)?;
        if record.id.is_empty() {
            return Err(Fault::Lacks("an id"));
        }
        let mut message = Message::new(out);
        let id = message.text(1, record.id);
        message.text(2, record.name);
        let mut traits = record.traits;
        if traits.count > 0 {
            message.head(3, traits.count);
        }
        while let Some(word) = traits.next()? {
            message.raw(&[trait_number(word)]);
        }
        message.each(4, record.annotations)?;
        message.text(5, record.description);
        message.number(6, u64::from(record.sourced_externally));
        Ok(ResourceTypeSpans { id })
    }

    fn record<'a>(spans: &ResourceTypeSpans, message: &'a [u8], place: Place<'a>) -> ResourceType<'a> {
        ResourceType { id: spans.id.of(message), message, place }
    }

    fn admits(wanted: &Wanted, kind: &ResourceType<'_>) -> bool {
        wanted.id(kind.id)
    }
}
