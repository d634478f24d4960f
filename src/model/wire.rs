//! The protobuf wire format, read field by field without decoding a message.
//!
//! ```text
//! message := field*
//! field   := tag value            tag = varint(number << 3 | wire type)
//! value   := varint               wire type 0
//!          | 8 bytes, LE          wire type 1
//!          | varint(len) bytes    wire type 2: strings, bytes, messages, packed numbers
//!          | field* end-tag       wire types 3 and 4: groups, skipped
//!          | 4 bytes, LE          wire type 5
//! ```
//!
//! Format: <https://protobuf.dev/programming-guides/encoding/>.

use std::fmt;

/// How deep messages may nest before a reader gives up.
pub const MAX_DEPTH: u32 = 100;

/// How many fields a message may have: a field of two bytes can print as a dozen times as many, or be kept in a list
/// of things of forty.
pub const MAX_FIELDS: usize = 1 << 20;

/// Bytes that are not a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Malformed {
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes end inside a field.
    Truncated,
    /// A number of more than ten bytes.
    Overlong,
    /// Field number 0 or above 2^29 - 1.
    FieldNumber,
    /// Wire type 6 or 7, or a group that does not end.
    WireType,
    /// More than [`MAX_DEPTH`] levels.
    TooDeep,
    /// More than [`MAX_FIELDS`] fields.
    TooMany,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "it ends in the middle of a field",
            Self::Overlong => "a number in it has more than ten bytes",
            Self::FieldNumber => "it has an impossible field number",
            Self::WireType => "it has an impossible wire type",
            Self::TooDeep => "it nests deeper than 100 levels",
            Self::TooMany => "it has more than a million fields",
        })
    }
}

impl From<Reason> for Malformed {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

/// The undecoded value of one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2.
    Bytes(&'a [u8]),
    /// Wire type 5.
    Fixed32(u32),
    /// Wire types 3 and 4: no message of ours has one.
    Group,
}

impl<'a> Value<'a> {
    /// The payload of wire type 2; empty for any other.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    /// The number of wire type 0; 0 for any other.
    #[must_use]
    pub fn varint(self) -> u64 {
        match self {
            Self::Varint(number) => number,
            _ => 0,
        }
    }
}

/// Walks the fields of one message.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of `message`.
    #[must_use]
    pub fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The next field: its number and its value.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are no field; nothing can be read after it.
    #[inline(always)]
    pub fn next_field(&mut self) -> Result<Option<(u32, Value<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        // Most of every record; the other types need not be inlined into each walk.
        let value = if wire_type == 2 { self.bytes()? } else { self.value(number, wire_type, 0)? };
        Ok(Some((number, value)))
    }

    /// The bytes that are not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next number of a packed field.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes end inside it.
    pub fn next_packed(&mut self, wire_type: u8) -> Result<Option<Value<'a>>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.value(0, wire_type, 0).map(Some)
    }

    #[inline(always)]
    fn tag(&mut self) -> Result<(u32, u8), Malformed> {
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number >= 1 << 29 {
            return Err(Reason::FieldNumber.into());
        }
        Ok((number as u32, (tag & 7) as u8))
    }

    #[inline(always)]
    fn bytes(&mut self) -> Result<Value<'a>, Malformed> {
        let len = self.varint()?;
        self.take(len).map(Value::Bytes)
    }

    #[inline(never)]
    fn value(&mut self, number: u32, wire_type: u8, depth: u32) -> Result<Value<'a>, Malformed> {
        Ok(match wire_type {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => self.bytes()?,
            3 => self.skip_group(number, depth)?,
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(Reason::WireType.into()),
        })
    }

    fn skip_group(&mut self, group: u32, depth: u32) -> Result<Value<'a>, Malformed> {
        if depth > MAX_DEPTH {
            return Err(Reason::TooDeep.into());
        }
        loop {
            let (number, wire_type) = self.tag()?;
            match wire_type {
                4 if number == group => return Ok(Value::Group),
                4 => return Err(Reason::WireType.into()),
                _ => self.value(number, wire_type, depth + 1)?,
            };
        }
    }

    #[inline(always)]
    fn varint(&mut self) -> Result<u64, Malformed> {
        if let Some((&byte, rest)) = self.rest.split_first()
            && byte < 0x80
        {
            self.rest = rest;
            return Ok(u64::from(byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for (i, &byte) in self.rest.iter().take(10).enumerate() {
            // The tenth byte may hold only the 64th bit.
            if i == 9 && byte > 1 {
                return Err(Reason::Overlong.into());
            }
            number |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.rest = self.rest.get(i + 1..).unwrap_or_default();
                return Ok(number);
            }
        }
        Err(if self.rest.len() < 10 { Reason::Truncated } else { Reason::Overlong }.into())
    }

    #[inline(always)]
    fn take(&mut self, len: u64) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(len).map_err(|_| Reason::Truncated)?;
        let (value, rest) = self.rest.split_at_checked(len).ok_or(Reason::Truncated)?;
        self.rest = rest;
        Ok(value)
    }

    #[inline(always)]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (value, rest) = self.rest.split_first_chunk::<N>().ok_or(Reason::Truncated)?;
        self.rest = rest;
        Ok(*value)
    }
}

/// Appends a length-delimited field (wire type 2) to `out`.
pub fn push_bytes(out: &mut Vec<u8>, number: u32, value: &[u8]) {
    push_varint(out, u64::from(number) << 3 | 2);
    push_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Appends a number the way of wire type 0.
pub fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// How many bytes [`push_varint`] appends.
#[must_use]
pub fn varint_len(number: u64) -> usize {
    // Seven bits a byte, and one byte for zero.
    (70 - (number | 1).leading_zeros() as usize) / 7
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u32, Value<'_>)>, Malformed> {
        let mut fields = Fields::of(bytes);
        let mut found = Vec::new();
        while let Some(field) = fields.next_field()? {
            found.push(field);
        }
        Ok(found)
    }

    #[test]
    fn reads_every_wire_type() {
        let bytes = [0x08, 0x96, 0x01, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0x1a, 2, b'h', b'i', 0x25, 7, 0, 0, 0];
        assert_eq!(
            all(&bytes).unwrap(),
            [
                (1, Value::Varint(150)),
                (2, Value::Fixed64(1)),
                (3, Value::Bytes(b"hi")),
                (4, Value::Fixed32(7)),
            ]
        );
    }

    #[test]
    fn skips_a_group_with_what_is_in_it() {
        let bytes = [0x0b, 0x10, 1, 0x1b, 0x1c, 0x0c, 0x10, 2];
        assert_eq!(all(&bytes).unwrap(), [(1, Value::Group), (2, Value::Varint(2))]);
    }

    #[test]
    fn names_what_is_wrong() {
        let reason = |bytes: &[u8]| all(bytes).unwrap_err().reason;
        assert_eq!(reason(&[0x0a, 5, 1]), Reason::Truncated);
        assert_eq!(reason(&[0x08]), Reason::Truncated);
        assert_eq!(reason(&[0x08, 0x80]), Reason::Truncated);
        assert_eq!(reason(&[0x00, 1]), Reason::FieldNumber);
        assert_eq!(reason(&[0x0f]), Reason::WireType);
        assert_eq!(reason(&[0x0c]), Reason::WireType);
        assert_eq!(reason(&[0x0b, 0x14]), Reason::WireType);
        assert_eq!(reason(&[0x08; 1]), Reason::Truncated);
        let mut overlong = vec![0x08];
        overlong.extend([0xff; 10]);
        assert_eq!(reason(&overlong), Reason::Overlong);
        assert_eq!(reason(&[0x0b; 200]), Reason::TooDeep);
    }

    #[test]
    fn the_largest_number_survives() {
        let mut bytes = vec![0x08];
        bytes.extend([0xff; 9]);
        bytes.push(1);
        assert_eq!(all(&bytes).unwrap(), [(1, Value::Varint(u64::MAX))]);
    }

    #[test]
    fn pushes_what_it_reads() {
        let mut out = Vec::new();
        push_bytes(&mut out, 300, &[7; 200]);
        assert_eq!(all(&out).unwrap(), [(300, Value::Bytes(&[7; 200][..]))]);
    }
}
