//! The wire format of protobuf, as much of it as an envelope needs.
//!
//! ```text
//! message := field field …
//! field   := tag value                        tag: varint, number << 3 | type
//!
//! type 0  varint          1 to 10 bytes, 7 bits each, lowest first
//!      1  8 bytes         little-endian
//!      2  length, bytes   length: varint
//!      5  4 bytes         little-endian
//! ```
//!
//! Types 3 and 4 (groups) left the format before the first c1z file was written, and are refused.

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// Position of the value in the message; of bytes, that of the first one.
    pub at: usize,
    pub number: u32,
    pub value: Value<'a>,
}

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// A message is malformed at this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed {
    pub at: usize,
}

/// The fields of a message, up to the first that is malformed.
pub(super) struct Fields<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self { message, at: 0 }
    }

    fn field(&mut self) -> Option<Field<'a>> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number))?;
        let mut at = self.at;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(*self.take(8)?.first_chunk()?)),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                at = self.at;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed32)?,
            _ => return None,
        };
        Some(Field { at, number, value })
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let bytes = self.message.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let [byte] = *self.take(1)?.first_chunk()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        if at >= self.message.len() {
            return None;
        }
        let field = self.field().ok_or(Malformed { at });
        if field.is_err() {
            self.at = self.message.len();
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &[u8]) -> Vec<(usize, u32, Value<'_>)> {
        Fields::of(message)
            .map(|field| field.unwrap())
            .map(|field| (field.at, field.number, field.value))
            .collect()
    }

    #[test]
    fn every_type_is_read_with_its_place() {
        let message = [
            0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x19, 1, 0, 0, 0, 0, 0, 0, 0x80, 0x25, 9, 9, 9, 9, 0xc2,
            0x02, 0,
        ];
        assert_eq!(
            fields(&message),
            [
                (1, 1, Value::Varint(150)),
                (5, 2, Value::Bytes(b"hi")),
                (8, 3, Value::Fixed64(0x8000_0000_0000_0001)),
                (17, 4, Value::Fixed32),
                (24, 40, Value::Bytes(b"")),
            ]
        );
    }

    #[test]
    fn numbers_have_at_most_64_bits() {
        let most = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(fields(&most), [(1, 1, Value::Varint(u64::MAX))]);
        for last in [2, 0x7f, 0x81] {
            let mut more = most;
            more[10] = last;
            assert_eq!(Fields::of(&more).last(), Some(Err(Malformed { at: 0 })));
        }
    }

    #[test]
    fn a_message_that_ends_inside_a_field_is_malformed_there() {
        let message = [0x08, 1, 0x12, 3, 1, 2, 3, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4];
        let starts = [0, 2, 7, 16, 21];
        for length in 0..=message.len() {
            let start = *starts.iter().rfind(|start| **start <= length).unwrap();
            let expected = if start == length { None } else { Some(Malformed { at: start }) };
            let found = Fields::of(&message[..length]).find_map(Result::err);
            assert_eq!(found, expected, "{length}");
        }
    }

    #[test]
    fn groups_and_the_number_zero_are_malformed() {
        for tag in [0x00, 0x02, 0x0b, 0x0c, 0x0e, 0x0f] {
            assert_eq!(Fields::of(&[tag, 0, 0, 0, 0, 0, 0, 0, 0]).next(), Some(Err(Malformed { at: 0 })));
        }
        let large = [0x80, 0x80, 0x80, 0x80, 0x10, 0];
        assert_eq!(Fields::of(&large).next(), Some(Err(Malformed { at: 0 })), "2^29 is no field number");
    }

    #[test]
    fn nothing_follows_what_is_malformed() {
        let mut fields = Fields::of(&[0x0b, 0x08, 1]);
        assert!(fields.next().unwrap().is_err());
        assert!(fields.next().is_none());
    }
}
