//! KSUIDs: the ids of sync runs, which sort by time.
//!
//! ```text
//! offset  bytes
//!      0      4  seconds since 2014-05-13 16:53:20 UTC, big-endian
//!      4     16  payload, random in most writers
//! ```
//!
//! As text: the 20 bytes as one big number in base 62 (`0-9A-Za-z`), 27 digits, so that texts sort as bytes do.
//! Format: <https://github.com/segmentio/ksuid>.

use std::fmt;
use std::str::FromStr;

/// Digits of the text form.
const DIGITS: usize = 27;
/// The second 0 of KSUIDs in Unix time.
const EPOCH: i64 = 1_400_000_000;

/// A KSUID. Orders by time, to the second, and within a second by payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ksuid([u8; 20]);

/// A text that is no KSUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a KSUID has 27 digits out of 0-9, A-Z, a-z and is at most aWgEPTl1tmebfsQzFP4bxwgy80V")]
pub struct NotAKsuid;

impl Ksuid {
    /// Joins a Unix time in seconds and a payload; `None` before May 2014 and after June 2150.
    #[must_use]
    pub fn from_parts(unix_seconds: i64, payload: [u8; 16]) -> Option<Self> {
        let seconds = u32::try_from(unix_seconds.checked_sub(EPOCH)?).ok()?;
        let mut bytes = [0; 20];
        for (slot, byte) in bytes.iter_mut().zip(seconds.to_be_bytes().into_iter().chain(payload)) {
            *slot = byte;
        }
        Some(Self(bytes))
    }

    /// The KSUID of these bytes; any twenty are one.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// All twenty bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Its time in Unix seconds.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        let [a, b, c, d, ..] = self.0;
        i64::from(u32::from_be_bytes([a, b, c, d])) + EPOCH
    }
}

impl fmt::Display for Ksuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = self.0;
        let mut text = [b'0'; DIGITS];
        for slot in text.iter_mut().rev() {
            let mut remainder = 0;
            for byte in &mut number {
                let dividend = remainder << 8 | u16::from(*byte);
                // Below 256: the remainder is below 62.
                *byte = (dividend / 62) as u8;
                remainder = dividend % 62;
            }
            *slot = digit(remainder as u8);
        }
        f.pad(&String::from_utf8_lossy(&text))
    }
}

impl FromStr for Ksuid {
    type Err = NotAKsuid;

    fn from_str(text: &str) -> Result<Self, NotAKsuid> {
        if text.len() != DIGITS {
            return Err(NotAKsuid);
        }
        let mut number = [0; 20];
        for byte in text.bytes() {
            let mut carry = value(byte).ok_or(NotAKsuid)?;
            for slot in number.iter_mut().rev() {
                carry += u16::from(*slot) * 62;
                *slot = (carry & 0xff) as u8;
                carry >>= 8;
            }
            if carry > 0 {
                return Err(NotAKsuid);
            }
        }
        Ok(Self(number))
    }
}

/// The digit for a number below 62.
fn digit(number: u8) -> u8 {
    match number {
        0..10 => b'0' + number,
        10..36 => b'A' + (number - 10),
        _ => b'a' + (number - 36),
    }
}

/// The number that a digit stands for.
fn value(digit: u8) -> Option<u16> {
    let number = match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'Z' => digit - b'A' + 10,
        b'a'..=b'z' => digit - b'a' + 36,
        _ => return None,
    };
    Some(u16::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KNOWN: [u8; 20] = [
        0x06, 0x69, 0xF7, 0xEF, 0xB5, 0xA1, 0xCD, 0x34, 0xB5, 0xF9, 0x9D, 0x11, 0x54, 0xFB, 0x68, 0x53, 0x34,
        0x5C, 0x97, 0x35,
    ];

    #[test]
    fn known_texts_and_bytes_agree() {
        for (text, bytes) in [
            ("0ujtsYcgvSTl8PAuAdqWYSMnLOv", KNOWN),
            ("000000000000000000000000000", [0; 20]),
            ("aWgEPTl1tmebfsQzFP4bxwgy80V", [0xff; 20]),
        ] {
            assert_eq!(Ksuid::from_bytes(bytes).to_string(), text);
            assert_eq!(text.parse(), Ok(Ksuid::from_bytes(bytes)));
        }
        assert_eq!(Ksuid::from_bytes(KNOWN).seconds(), 1_507_608_047);
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "0",
            "aWgEPTl1tmebfsQzFP4bxwgy80W",
            "0ujtsYcgvSTl8PAuAdqWYSMnLO-",
            "0ujtsYcgvSTl8PAuAdqWYSMnLOvv",
        ] {
            assert_eq!(text.parse::<Ksuid>(), Err(NotAKsuid), "{text}");
        }
        assert_eq!(Ksuid::from_parts(EPOCH - 1, [0; 16]), None);
        assert_eq!(Ksuid::from_parts(EPOCH + (1 << 32), [0; 16]), None);
        assert_eq!(Ksuid::from_parts(i64::MIN, [0; 16]), None);
    }

    proptest! {
        #[test]
        fn texts_come_back_and_sort_as_bytes(a in any::<[u8; 20]>(), b in any::<[u8; 20]>()) {
            let (a, b) = (Ksuid::from_bytes(a), Ksuid::from_bytes(b));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        }

        #[test]
        fn parts_come_back(seconds in 0u32.., payload in any::<[u8; 16]>()) {
            let unix = i64::from(seconds) + EPOCH;
            let id = Ksuid::from_parts(unix, payload).unwrap();
            prop_assert_eq!(id.seconds(), unix);
            prop_assert_eq!(&id.as_bytes()[4..], &payload[..]);
        }
    }
}
