//! The values of a row.
//!
//! ```text
//! payload := header size(varint)  type(varint) type …  value value …
//!
//!   type   0 NULL   1 2 3 4 5 6 integers of 1, 2, 3, 4, 6, 8 bytes, big-endian   7 a double
//!          8 the number 0   9 the number 1   12, 14, … a blob of (type - 12) / 2 bytes   13, 15, … a text
//! ```

use rusqlite::types::ValueRef;

use super::pages::varint;

/// The values of a payload; None when it contradicts itself.
pub(super) fn values(payload: &[u8]) -> Option<Vec<ValueRef<'_>>> {
    let (size, _) = varint(payload)?;
    let (header, mut rest) = payload.split_at_checked(usize::try_from(size).ok()?)?;
    let (_, mut types) = varint(header)?;
    let mut values = Vec::with_capacity(16);
    while !types.is_empty() {
        let (kind, after) = varint(types)?;
        types = after;
        let (value, after) = value(kind, rest)?;
        rest = after;
        values.push(value);
    }
    rest.is_empty().then_some(values)
}

fn value(kind: u64, rest: &[u8]) -> Option<(ValueRef<'_>, &[u8])> {
    let length = match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => (kind - 12) / 2,
    };
    let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let value = match kind {
        0 => ValueRef::Null,
        8 => ValueRef::Integer(0),
        9 => ValueRef::Integer(1),
        7 => ValueRef::Real(f64::from_be_bytes(*bytes.first_chunk()?)),
        1..=6 => ValueRef::Integer(integer(bytes)),
        _ if kind.is_multiple_of(2) => ValueRef::Blob(bytes),
        _ => ValueRef::Text(bytes),
    };
    Some((value, rest))
}

fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
    bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read() {
        let payload = [
            8, 0, 1, 2, 8, 9, 15, 14, // types
            0xff, 1, 0, b'a', 7,
        ];
        assert_eq!(
            values(&payload).unwrap(),
            [
                ValueRef::Null,
                ValueRef::Integer(-1),
                ValueRef::Integer(256),
                ValueRef::Integer(0),
                ValueRef::Integer(1),
                ValueRef::Text(b"a"),
                ValueRef::Blob(&[7]),
            ]
        );
    }

    #[test]
    fn a_payload_that_is_too_short_or_too_long_is_none() {
        assert!(values(&[2, 1]).is_none());
        assert!(values(&[2, 1, 5, 5]).is_none());
        assert!(values(&[2, 10]).is_none());
        assert!(values(&[]).is_none());
        assert!(values(&[9, 1]).is_none());
        assert_eq!(values(&[1]).unwrap(), []);
    }
}
