//! Messages as messages: two are equal when their canonical bytes are.
//!
//! What the wire leaves open is settled: the order of fields and of map entries, fields that stand several times,
//! zeros that are written, numbers one by one or in a run. What it does not is kept: the order of lists, which fields
//! are there, the payloads of `Any` as they are, fields that the message does not know.
//!
//! The bytes are no message. They are made to be compared, and to be hashed.
//!
//! ```text
//! message := (place+1:u32 count:u32 value*)*  0:u32  (number:u32 bytes)*  0:u32
//! value   := message | bytes | 8 bytes, LE         in a map: key value
//! bytes   := length:u64 …                          numbers are little-endian
//! ```

use std::collections::BTreeMap;

use super::descriptor::{Form, Kind, Label, Message};
use super::protojson::found::{Found, collect, concat, entry_of, fits, is_zero, packed};
use super::wire::{Fields, MAX_DEPTH, Malformed, Reason, Value};

/// Appends the canonical bytes of a message.
///
/// # Errors
/// [`Malformed`] when the message does not parse; `out` then holds a part of them.
pub fn push_canonical(out: &mut Vec<u8>, message: &'static Message, bytes: &[u8]) -> Result<(), Malformed> {
    push_message(out, message, bytes, 0)
}

fn push_message(
    out: &mut Vec<u8>,
    message: &'static Message,
    bytes: &[u8],
    depth: u32,
) -> Result<(), Malformed> {
    if depth > MAX_DEPTH {
        return Err(Reason::TooDeep.into());
    }
    // Its fields are not described; its last ones count, and there are two.
    if message.form == Form::Any {
        let (url, payload) = super::any::parts(bytes)?;
        push_bytes(out, url);
        push_bytes(out, payload);
        return Ok(());
    }
    let mut found = collect(message, bytes)?;
    found.sort_by_key(|item| item.slot);
    for group in found.chunk_by(|a, b| a.slot == b.slot) {
        push_group(out, group, depth)?;
    }
    push_number(out, 0);
    push_unknown(out, message, bytes)
}

/// The values of one field.
fn push_group(out: &mut Vec<u8>, group: &[Found<'_>], depth: u32) -> Result<(), Malformed> {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return Ok(()) };
    let field = first.field;
    if field.label == Label::Implicit && is_zero(field.kind, last.value) {
        return Ok(());
    }
    let start = out.len();
    push_number(out, first.slot + 1);
    push_number(out, 0);
    let count = match (field.label, field.kind) {
        (Label::Map, Kind::Message(entry)) => push_map(out, entry, group, depth)?,
        (Label::Repeated, _) => push_list(out, group, depth)?,
        (_, Kind::Message(_)) => {
            push_value(out, field.kind, Value::Bytes(&concat(group)), depth)?;
            1
        }
        _ => {
            push_value(out, field.kind, last.value, depth)?;
            1
        }
    };
    if count == 0 {
        out.truncate(start);
    } else if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&(count as u32).to_le_bytes());
    }
    Ok(())
}

fn push_list(out: &mut Vec<u8>, group: &[Found<'_>], depth: u32) -> Result<usize, Malformed> {
    let mut count = 0;
    for item in group {
        let kind = item.field.kind;
        if !packed(item.field, item.value) {
            push_value(out, kind, item.value, depth)?;
            count += 1;
            continue;
        }
        let mut walk = Fields::of(item.value.bytes());
        while let Some(number) = walk.next_packed(kind.wire_type())? {
            push_value(out, kind, number, depth)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Entries by key; of equal keys the last counts.
fn push_map(
    out: &mut Vec<u8>,
    entry: &'static Message,
    group: &[Found<'_>],
    depth: u32,
) -> Result<usize, Malformed> {
    let (Some(key_field), Some(value_field)) = (entry.fields.first(), entry.fields.get(1)) else {
        return Err(Reason::WireType.into());
    };
    let mut entries = BTreeMap::new();
    for item in group {
        let found = entry_of(entry, item.value.bytes())?;
        let (mut key, mut value) = (Vec::new(), Vec::new());
        push_value(&mut key, key_field.kind, found.key, depth)?;
        push_value(&mut value, value_field.kind, found.value(), depth)?;
        entries.insert(key, value);
    }
    for (key, value) in &entries {
        out.extend_from_slice(key);
        out.extend_from_slice(value);
    }
    Ok(entries.len())
}

fn push_value(out: &mut Vec<u8>, kind: Kind, value: Value<'_>, depth: u32) -> Result<(), Malformed> {
    let number = match (kind, value) {
        (Kind::Message(message), _) => return push_message(out, message, value.bytes(), depth + 1),
        (_, Value::Bytes(bytes)) => {
            push_bytes(out, bytes);
            return Ok(());
        }
        (Kind::Bool, Value::Varint(number)) => u64::from(number != 0),
        (Kind::Int64 | Kind::Uint64 | Kind::Sint64, Value::Varint(number)) => number,
        // Numbers of 32 bits are cut to their width.
        (_, Value::Varint(number)) => u64::from(number as u32),
        (_, Value::Fixed64(number)) => number,
        (_, Value::Fixed32(number)) => u64::from(number),
        (_, Value::Group) => return Err(Reason::WireType.into()),
    };
    out.extend_from_slice(&number.to_le_bytes());
    Ok(())
}

/// The fields that the message does not know, by number, those of one number as they came.
fn push_unknown(out: &mut Vec<u8>, message: &'static Message, bytes: &[u8]) -> Result<(), Malformed> {
    let mut unknown: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    let (mut walk, mut before) = (Fields::of(bytes), bytes);
    while let Some((number, value)) = walk.next_field()? {
        let taken = before.len() - walk.rest().len();
        if message.field(number).is_none_or(|(_, field)| !fits(field, value)) {
            let raw = before.get(..taken).unwrap_or_default();
            unknown.entry(number).or_default().extend_from_slice(raw);
        }
        before = walk.rest();
    }
    for (number, raw) in &unknown {
        push_number(out, *number as usize);
        push_bytes(out, raw);
    }
    push_number(out, 0);
    Ok(())
}

fn push_number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u32).to_le_bytes());
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::super::descriptor::{
        C1_CONNECTOR_V2_GRANT, C1_CONNECTOR_V2_RESOURCE, C1_CONNECTOR_V2_RESOURCETYPE,
    };
    use super::super::v2;
    use super::*;

    fn canonical(message: &'static Message, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        push_canonical(&mut out, message, bytes).unwrap();
        out
    }

    /// Pairs of encodings of `c1.connector.v2.ResourceType` and whether they are equal.
    #[test]
    fn what_the_wire_leaves_open_is_settled() {
        for (a, b, equal) in [
            // The order of fields; a field twice; a zero that is written.
            (&b"\x0a\x01a\x12\x01b"[..], &b"\x12\x01b\x0a\x01a"[..], true),
            (b"\x0a\x01x\x0a\x01a", b"\x0a\x01a", true),
            (b"\x0a\x00", b"", true),
            (b"\x30\x00", b"", true),
            (b"\x30\x02", b"\x30\x01", true),
            // Numbers one by one or in a run, a run of none.
            (b"\x18\x01\x18\x02", b"\x1a\x02\x01\x02", true),
            (b"\x1a\x00", b"", true),
            (b"\x18\x01\x18\x02", b"\x18\x02\x18\x01", false),
            (b"\x18\x00", b"", false),
            // Fields that it does not know: in any order, but all of them.
            (b"\x98\x06\x01\xa2\x06\x01a", b"\xa2\x06\x01a\x98\x06\x01", true),
            (b"\x98\x06\x01", b"", false),
            (b"\x98\x06\x01\x98\x06\x02", b"\x98\x06\x02\x98\x06\x01", false),
            // A known number with a value of another type is unknown.
            (b"\x08\x01", b"", false),
            // Annotations: a list; payloads are bytes.
            (b"\x22\x03\x0a\x01t\x22\x00", b"\x22\x00\x22\x03\x0a\x01t", false),
            (b"\x22\x06\x0a\x01t\x12\x01p", b"\x22\x06\x12\x01p\x0a\x01t", true),
            (b"\x22\x07\x12\x05\x0a\x00\x12\x01b", b"\x22\x07\x12\x05\x12\x01b\x0a\x00", false),
        ] {
            let same =
                canonical(&C1_CONNECTOR_V2_RESOURCETYPE, a) == canonical(&C1_CONNECTOR_V2_RESOURCETYPE, b);
            assert_eq!(same, equal, "{a:x?} {b:x?}");
        }
    }

    #[test]
    fn an_empty_message_is_not_an_absent_one() {
        assert_ne!(canonical(&C1_CONNECTOR_V2_GRANT, b"\x12\x00"), canonical(&C1_CONNECTOR_V2_GRANT, b""));
        // A message that stands twice is both together.
        let twice = b"\x12\x05\x0a\x03\x0a\x01u\x12\x05\x0a\x03\x12\x01a";
        let once = b"\x12\x08\x0a\x06\x0a\x01u\x12\x01a";
        assert_eq!(canonical(&C1_CONNECTOR_V2_GRANT, twice), canonical(&C1_CONNECTOR_V2_GRANT, once));
    }

    #[test]
    fn map_entries_have_no_order() {
        let entry = |key: &str| {
            let value = prost_types::Value { kind: Some(prost_types::value::Kind::StringValue(key.into())) };
            let profile = prost_types::Struct { fields: [(key.to_owned(), value)].into() };
            v2::Resource { profile: Some(profile), ..Default::default() }.encode_to_vec()
        };
        let (ab, ba) = ([entry("a"), entry("b")].concat(), [entry("b"), entry("a")].concat());
        assert_ne!(ab, ba);
        assert_eq!(canonical(&C1_CONNECTOR_V2_RESOURCE, &ab), canonical(&C1_CONNECTOR_V2_RESOURCE, &ba));
        assert_ne!(
            canonical(&C1_CONNECTOR_V2_RESOURCE, &ab),
            canonical(&C1_CONNECTOR_V2_RESOURCE, &entry("a"))
        );
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let mut out = Vec::new();
        assert!(push_canonical(&mut out, &C1_CONNECTOR_V2_GRANT, b"\x0a\x05a").is_err());
        assert!(push_canonical(&mut out, &C1_CONNECTOR_V2_GRANT, b"\x0a\x02\x0a\x05").is_err());
    }
}
