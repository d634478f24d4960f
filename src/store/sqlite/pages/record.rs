//! Records: the values of a row, one after the other.
//!
//! ```text
//! record := length of the header(varint)  type(varint)…   value…
//!
//! type    0 null   1 to 4, 5, 6  integer of 1 to 4, 6, 8 bytes   7 real   8, 9 the integers 0 and 1
//!         12 + 2n  blob of n bytes     13 + 2n  text of n bytes
//! varint  big-endian, seven bits of each byte, up to eight; all bits of a ninth
//! ```

/// A value as it is stored. Texts may be no UTF-8.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'r> {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(&'r [u8]),
    /// Bytes.
    Blob(&'r [u8]),
}

/// More columns than any table of ours will ever have.
const MAX_COLUMNS: usize = 256;

/// Reads a varint and the bytes after it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (place, &byte) in bytes.iter().enumerate().take(9) {
        let rest = bytes.get(place + 1..)?;
        if place == 8 {
            return Some((number << 8 | u64::from(byte), rest));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, rest));
        }
    }
    None
}

/// The values of a record, which must fill it to its last byte.
pub(super) fn values(record: &[u8]) -> Option<Vec<Value<'_>>> {
    let (length, _) = varint(record)?;
    let (header, mut body) = record.split_at_checked(usize::try_from(length).ok()?)?;
    let (_, mut types) = varint(header)?;
    let mut values = Vec::new();
    while !types.is_empty() {
        let (kind, rest) = varint(types)?;
        types = rest;
        let (value, rest) = value(kind, body)?;
        body = rest;
        values.push(value);
        if values.len() > MAX_COLUMNS {
            return None;
        }
    }
    body.is_empty().then_some(values)
}

fn value(kind: u64, body: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let length = match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => (kind - 12) / 2,
    };
    let (bytes, rest) = body.split_at_checked(usize::try_from(length).ok()?)?;
    let value = match kind {
        0 => Value::Null,
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        1..=6 => Value::Integer(integer(bytes)),
        7 => Value::Real(f64::from_bits(integer(bytes).cast_unsigned())),
        _ if kind.is_multiple_of(2) => Value::Blob(bytes),
        _ => Value::Text(bytes),
    };
    Some((value, rest))
}

/// A big-endian number of up to eight bytes, with its sign.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_have_up_to_nine_bytes() {
        assert_eq!(varint(&[0x7f, 1]), Some((127, &[1][..])));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, &[][..])));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, &[][..])));
        assert_eq!(varint(&[0xff; 8]), None);
        assert_eq!(varint(&[]), None);
    }

    #[test]
    fn every_type_is_read() {
        let record = [10, 0, 1, 2, 8, 9, 14, 15, 6, 7, 0xfe, 0x01, 0x02, b'b', b't']
            .into_iter()
            .chain((-2_i64).to_be_bytes())
            .chain(0.5_f64.to_be_bytes())
            .collect::<Vec<u8>>();
        let expected = [
            Value::Null,
            Value::Integer(-2),
            Value::Integer(0x0102),
            Value::Integer(0),
            Value::Integer(1),
            Value::Blob(b"b"),
            Value::Text(b"t"),
            Value::Integer(-2),
            Value::Real(0.5),
        ];
        assert_eq!(values(&record).unwrap(), expected);
        assert!(values(&record[..record.len() - 1]).is_none(), "cut off");
        assert!(values(&[&record[..], &[0]].concat()).is_none(), "bytes are left");
    }

    #[test]
    fn impossible_types_and_lengths_are_refused() {
        assert!(values(&[2, 10]).is_none());
        assert!(values(&[2, 11]).is_none());
        assert!(values(&[9, 0]).is_none());
        assert!(values(&[]).is_none());
        assert!(values(&[2, 0xff]).is_none());
    }
}
