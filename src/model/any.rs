//! `google.protobuf.Any`: a message together with the name of its type.

use super::wire::{Fields, Malformed, Value};

/// The type URL and the payload of a `google.protobuf.Any`.
///
/// # Errors
/// [`Malformed`] when the bytes do not parse.
pub fn parts(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (mut url, mut payload): (&[u8], &[u8]) = (&[], &[]);
    let mut walk = Fields::of(bytes);
    while let Some((number, value)) = walk.next_field()? {
        match (number, value) {
            (1, Value::Bytes(text)) => url = text,
            (2, Value::Bytes(bytes)) => payload = bytes,
            _ => {}
        }
    }
    Ok((url, payload))
}

/// The full name of a message type: what follows the last slash of its URL. The part before it means nothing.
#[must_use]
pub fn type_name(url: &[u8]) -> &[u8] {
    url.rsplit(|&byte| byte == b'/').next().unwrap_or(url)
}
