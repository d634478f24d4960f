//! The fields of a message as they are found on the wire: in whatever order, singular ones several times, and some that
//! are none of the message's.

use super::super::descriptor::{Field, Kind, Label, Message};
use super::super::wire::{Fields, MAX_FIELDS, Malformed, Reason, Value};

/// One field of a message as found on the wire, by its place in the declaration.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Found<'a> {
    pub(in super::super) slot: usize,
    pub(in super::super) field: &'static Field,
    pub(in super::super) value: Value<'a>,
}

/// Key and value of a map entry.
pub(in super::super) struct Entry<'a> {
    pub(in super::super) key: Value<'a>,
    value: Value<'a>,
    /// The parts of a value that stands several times and is a message, one after the other.
    merged: Vec<u8>,
}

impl Entry<'_> {
    pub(in super::super) fn value(&self) -> Value<'_> {
        if self.merged.is_empty() { self.value } else { Value::Bytes(&self.merged) }
    }
}

/// Reads a map entry; a missing half is its type's zero.
pub(in super::super) fn entry_of<'a>(
    entry: &'static Message,
    bytes: &'a [u8],
) -> Result<Entry<'a>, Malformed> {
    let zero = |field: Option<&Field>| match field.map_or(0, |f| f.kind.wire_type()) {
        1 => Value::Fixed64(0),
        2 => Value::Bytes(&[]),
        5 => Value::Fixed32(0),
        _ => Value::Varint(0),
    };
    let mut found =
        Entry { key: zero(entry.fields.first()), value: zero(entry.fields.get(1)), merged: Vec::new() };
    let mut walk = Fields::of(bytes);
    while let Some((number, value)) = walk.next_field()? {
        match entry.field(number) {
            Some((0, field)) if fits(field, value) => found.key = value,
            Some((1, field)) if fits(field, value) => {
                if matches!(field.kind, Kind::Message(_)) && !found.value.bytes().is_empty() {
                    if found.merged.is_empty() {
                        found.merged.extend_from_slice(found.value.bytes());
                    }
                    found.merged.extend_from_slice(value.bytes());
                } else {
                    found.value = value;
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Whether the fields can be written as they come.
pub(super) fn in_order(message: &'static Message, bytes: &[u8]) -> Result<bool, Malformed> {
    let mut walk = Fields::of(bytes);
    let mut least = 0;
    let mut oneof = 0;
    let mut count = 0;
    let mut ordered = true;
    while let Some((number, value)) = walk.next_field()? {
        count += 1;
        if count > MAX_FIELDS {
            return Err(Reason::TooMany.into());
        }
        let Some((slot, field)) = message.field(number) else { continue };
        if !fits(field, value) {
            continue;
        }
        ordered &= slot >= least && field.label != Label::Map;
        least = if field.label == Label::Repeated { slot } else { slot + 1 };
        if field.oneof > 0 {
            ordered &= field.oneof != oneof;
            oneof = field.oneof;
        }
    }
    Ok(ordered)
}

/// Every known field; of a oneof only the member that stands last.
pub(in super::super) fn collect<'a>(
    message: &'static Message,
    bytes: &'a [u8],
) -> Result<Vec<Found<'a>>, Malformed> {
    let mut found: Vec<Found<'a>> = Vec::new();
    let mut walk = Fields::of(bytes);
    while let Some((number, value)) = walk.next_field()? {
        let Some((slot, field)) = message.field(number) else { continue };
        if found.len() > MAX_FIELDS {
            return Err(Reason::TooMany.into());
        }
        if fits(field, value) {
            found.push(Found { slot, field, value });
        }
    }
    if message.oneofs {
        keep_last_of_oneofs(&mut found);
    }
    Ok(found)
}

/// A later member of a oneof clears an earlier one, unless both are the same field (messages merge).
pub(super) fn keep_last_of_oneofs(found: &mut Vec<Found<'_>>) {
    let mut last = std::collections::BTreeMap::new();
    for (place, item) in found.iter().enumerate() {
        if item.field.oneof > 0 {
            let kept = last.entry(item.field.oneof).or_insert((item.slot, place));
            if kept.0 != item.slot {
                *kept = (item.slot, place);
            }
        }
    }
    let mut place = 0;
    found.retain(|item| {
        let here = place;
        place += 1;
        last.get(&item.field.oneof).is_none_or(|&(slot, since)| item.slot == slot && here >= since)
    });
}

/// A message field that stands several times is the concatenation of its parts.
pub(in super::super) fn concat(group: &[Found<'_>]) -> Vec<u8> {
    group.iter().flat_map(|item| item.value.bytes()).copied().collect()
}

/// A repeated number in one length-delimited run.
pub(in super::super) fn packed(field: &Field, value: Value<'_>) -> bool {
    field.label == Label::Repeated && matches!(value, Value::Bytes(_)) && field.kind.wire_type() != 2
}

/// A packed field without any number in it, which is as if it were not there.
pub(super) fn is_empty_run(field: &Field, value: Value<'_>) -> bool {
    packed(field, value) && value.bytes().is_empty()
}

/// A value of another wire type than its field's counts as unknown, as in Go.
pub(in super::super) fn fits(field: &Field, value: Value<'_>) -> bool {
    let wire_type = match value {
        Value::Varint(_) => 0,
        Value::Fixed64(_) => 1,
        Value::Bytes(_) => 2,
        Value::Fixed32(_) => 5,
        Value::Group => return false,
    };
    wire_type == field.kind.wire_type() || packed(field, value)
}

pub(in super::super) fn is_zero(kind: Kind, value: Value<'_>) -> bool {
    match (kind, value) {
        (Kind::Message(_), _) => false,
        (Kind::Bool | Kind::Uint64 | Kind::Int64 | Kind::Sint64, Value::Varint(number)) => number == 0,
        // 32-bit numbers are cut to their width first.
        (_, Value::Varint(number)) => number as u32 == 0,
        (_, Value::Fixed64(number)) => number == 0,
        (_, Value::Fixed32(number)) => number == 0,
        (_, Value::Bytes(bytes)) => bytes.is_empty(),
        (_, Value::Group) => true,
    }
}
