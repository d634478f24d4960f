//! Static tables of every message that a file or an output may hold, made by `build.rs` from `proto/`.
//!
//! Fields stand in declaration order, which is the order of keys in protojson; `slots` finds one by its number.

// Each table is public under the upper-case form of its full name.
#![allow(missing_docs, reason = "generated")]

/// One message type.
#[derive(Debug)]
pub struct Message {
    /// The full name, such as `c1.connector.v2.Grant`.
    pub name: &'static str,
    /// How it prints.
    pub(super) form: Form,
    /// Whether some fields exclude each other.
    pub(super) oneofs: bool,
    /// 1 + the place in `fields`, by field number; 0 where there is none.
    pub(super) slots: &'static [u8],
    pub(super) fields: &'static [Field],
}

/// One field of a message.
#[derive(Debug)]
pub(super) struct Field {
    #[cfg_attr(not(test), expect(dead_code, reason = "fields are found through `slots`"))]
    pub(super) number: u32,
    /// The JSON key as it is written: quotes and colon included.
    pub(super) key: &'static str,
    pub(super) label: Label,
    /// 1 + the oneof that it belongs to; 0 for none.
    pub(super) oneof: i32,
    pub(super) kind: Kind,
}

/// Presence and multiplicity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Absent when zero.
    Implicit,
    /// Present when on the wire.
    Explicit,
    Repeated,
    Map,
}

/// The type of a value.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "proto/ need not use every scalar type")]
pub(super) enum Kind {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    /// `google.protobuf.NullValue`.
    Null,
    Enum(&'static Enum),
    Message(&'static Message),
}

impl Kind {
    /// The wire type of one value.
    pub(super) fn wire_type(self) -> u8 {
        match self {
            Self::Double | Self::Fixed64 | Self::Sfixed64 => 1,
            Self::Float | Self::Fixed32 | Self::Sfixed32 => 5,
            Self::String | Self::Bytes | Self::Message(_) => 2,
            _ => 0,
        }
    }
}

/// One enum type: numbers and names in declaration order.
#[derive(Debug)]
pub struct Enum {
    values: &'static [(i32, &'static str)],
}

impl Enum {
    /// The name of `number`; the first one where several share it.
    #[must_use]
    pub fn name(&self, number: i32) -> Option<&'static str> {
        let value = self.values.iter().find(|value| value.0 == number)?;
        Some(value.1)
    }
}

/// How protojson prints a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Fields,
    Any,
    Timestamp,
    Duration,
    FieldMask,
    Struct,
    Value,
    ListValue,
    Empty,
    Wrapper,
}

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// Finds a message by its full name.
#[must_use]
pub fn find(name: &[u8]) -> Option<&'static Message> {
    let place = REGISTRY.binary_search_by(|message| message.name.as_bytes().cmp(name)).ok()?;
    REGISTRY.get(place).copied()
}

impl Message {
    /// The place and the definition of field `number`.
    #[inline]
    pub(super) fn field(&self, number: u32) -> Option<(usize, &'static Field)> {
        let slot = usize::from(*self.slots.get(number as usize)?).checked_sub(1)?;
        Some((slot, self.fields.get(slot)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_messages_by_name() {
        assert_eq!(find(b"c1.connector.v2.Grant").unwrap().name, "c1.connector.v2.Grant");
        assert!(find(b"c1.connector.v2.Nothing").is_none());
        assert!(find(b"").is_none());
    }

    #[test]
    fn keeps_declaration_order() {
        let keys: Vec<_> = C1_CONNECTOR_V2_GRANT.fields.iter().map(|f| (f.number, f.key)).collect();
        assert_eq!(
            keys,
            [
                (1, "\"entitlement\":"),
                (2, "\"principal\":"),
                (3, "\"id\":"),
                (5, "\"sources\":"),
                (4, "\"annotations\":"),
            ]
        );
    }

    #[test]
    fn every_number_finds_its_field() {
        for message in REGISTRY {
            for (place, field) in message.fields.iter().enumerate() {
                assert_eq!(message.field(field.number).unwrap().0, place, "{}", message.name);
            }
        }
    }
}
