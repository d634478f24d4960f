//! Numbers, strings and bytes as protojson writes them.

use std::cmp::Ordering;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::descriptor::Kind;
use super::super::wire::{Malformed, Reason, Value};

/// Appends one value that is neither a message nor a string.
pub(super) fn push(out: &mut Vec<u8>, kind: Kind, value: Value<'_>) -> Result<(), Malformed> {
    match (kind, value) {
        (Kind::Double, Value::Fixed64(bits)) => push_double(out, f64::from_bits(bits)),
        (Kind::Float, Value::Fixed32(bits)) => push_float(out, f32::from_bits(bits)),
        (Kind::Int32, Value::Varint(number)) => push_int(out, i64::from(number as i32)),
        (Kind::Uint32, Value::Varint(number)) => push_int(out, i64::from(number as u32)),
        (Kind::Sint32, Value::Varint(number)) => push_int(out, zigzag(u64::from(number as u32))),
        (Kind::Fixed32, Value::Fixed32(number)) => push_int(out, i64::from(number)),
        (Kind::Sfixed32, Value::Fixed32(number)) => push_int(out, i64::from(number as i32)),
        (Kind::Int64, Value::Varint(number)) => push_quoted(out, i128::from(number as i64)),
        (Kind::Uint64, Value::Varint(number)) => push_quoted(out, i128::from(number)),
        (Kind::Sint64, Value::Varint(number)) => push_quoted(out, i128::from(zigzag(number))),
        (Kind::Fixed64, Value::Fixed64(number)) => push_quoted(out, i128::from(number)),
        (Kind::Sfixed64, Value::Fixed64(number)) => push_quoted(out, i128::from(number as i64)),
        (Kind::Bool, Value::Varint(number)) => push_bool(out, number),
        (Kind::Null, Value::Varint(_)) => out.extend_from_slice(b"null"),
        (Kind::Enum(names), Value::Varint(number)) => match names.name(number as i32) {
            Some(name) => push_plain(out, name.as_bytes()),
            None => push_int(out, i64::from(number as i32)),
        },
        (Kind::Bytes, Value::Bytes(bytes)) => push_base64(out, bytes),
        _ => return Err(Reason::WireType.into()),
    }
    Ok(())
}

fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn push_bool(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(if number == 0 { b"false" } else { b"true" });
}

pub(super) fn push_int(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// 64-bit numbers are strings in JSON: readers that know only doubles would round them.
fn push_quoted(out: &mut Vec<u8>, number: i128) {
    out.push(b'"');
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.push(b'"');
}

pub(super) fn push_double(out: &mut Vec<u8>, number: f64) {
    /// Whole numbers below this are exact, and print the same as integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let size = number.abs();
    if number.trunc() == number && size < EXACT && !(number == 0.0 && number.is_sign_negative()) {
        push_int(out, number as i64);
    } else if !number.is_finite() {
        push_not_finite(out, number);
    } else if size != 0.0 && !(1e-6..1e21).contains(&size) {
        push_exponent(out, &format!("{number:e}"));
    } else {
        let _ = write!(out, "{number}");
    }
}

fn push_float(out: &mut Vec<u8>, number: f32) {
    let size = number.abs();
    if !number.is_finite() {
        push_not_finite(out, f64::from(number));
    } else if size != 0.0 && !(1e-6..1e21).contains(&size) {
        push_exponent(out, &format!("{number:e}"));
    } else {
        let _ = write!(out, "{number}");
    }
}

fn push_not_finite(out: &mut Vec<u8>, number: f64) {
    let text: &[u8] = match number {
        n if n.is_nan() => b"\"NaN\"",
        n if n > 0.0 => b"\"Infinity\"",
        _ => b"\"-Infinity\"",
    };
    out.extend_from_slice(text);
}

/// Go writes `1e+21` and `1e-7` where Rust writes `1e21` and `1e-7`.
fn push_exponent(out: &mut Vec<u8>, text: &str) {
    match text.split_once('e') {
        Some((digits, power)) if !power.starts_with('-') => {
            let _ = write!(out, "{digits}e+{power}");
        }
        _ => out.extend_from_slice(text.as_bytes()),
    }
}

pub(super) fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}

fn push_plain(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// Whether a JSON string cannot hold the byte as it is.
fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Appends text as a JSON string: only quotes, backslashes and control characters are escaped.
///
/// What is no UTF-8 stays as it is: a whole line or message is looked at once, by [`mend`].
pub fn push_string(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    // Without an early end the compiler looks at sixteen bytes at once, and hardly any text has something to escape.
    let escapes = text.iter().fold(false, |found, &byte| found | is_escaped(byte));
    let mut rest = text;
    while escapes && let Some(place) = rest.iter().position(|&byte| is_escaped(byte)) {
        let (plain, tail) = rest.split_at(place);
        out.extend_from_slice(plain);
        let Some((&byte, tail)) = tail.split_first() else { break };
        push_escape(out, byte);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Puts replacement characters for what is no UTF-8 from `start` on; true when there was any.
///
/// Looking at a long text once takes a fraction of looking at each string in it. Quotes and delimiters are ASCII, so no
/// sequence of bytes reaches over them.
pub fn mend(out: &mut Vec<u8>, start: usize) -> bool {
    let text = out.get(start..).unwrap_or_default();
    if std::str::from_utf8(text).is_ok() {
        return false;
    }
    let text = String::from_utf8_lossy(text).into_owned();
    out.truncate(start);
    out.extend_from_slice(text.as_bytes());
    true
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            let _ = write!(out, "\\u{byte:04x}");
        }
    }
}

/// The order of map keys: strings bytewise, numbers by value, `false` before `true`.
pub(super) fn compare_keys(kind: Kind, a: Value<'_>, b: Value<'_>) -> Ordering {
    match (kind, a, b) {
        (_, Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Kind::Int32, Value::Varint(a), Value::Varint(b)) => (a as i32).cmp(&(b as i32)),
        (Kind::Int64, Value::Varint(a), Value::Varint(b)) => (a as i64).cmp(&(b as i64)),
        (Kind::Sint32 | Kind::Sint64, Value::Varint(a), Value::Varint(b)) => zigzag(a).cmp(&zigzag(b)),
        (Kind::Uint32, Value::Varint(a), Value::Varint(b)) => (a as u32).cmp(&(b as u32)),
        (_, Value::Varint(a), Value::Varint(b)) => a.cmp(&b),
        (Kind::Sfixed64, Value::Fixed64(a), Value::Fixed64(b)) => (a as i64).cmp(&(b as i64)),
        (_, Value::Fixed64(a), Value::Fixed64(b)) => a.cmp(&b),
        (Kind::Sfixed32, Value::Fixed32(a), Value::Fixed32(b)) => (a as i32).cmp(&(b as i32)),
        (_, Value::Fixed32(a), Value::Fixed32(b)) => a.cmp(&b),
        _ => Ordering::Equal,
    }
}

/// Appends a map key, which is always a string in JSON.
pub(super) fn push_key(out: &mut Vec<u8>, kind: Kind, value: Value<'_>) -> Result<(), Malformed> {
    if let (Kind::String, Value::Bytes(text)) = (kind, value) {
        push_string(out, text);
        return Ok(());
    }
    let start = out.len();
    push(out, kind, value)?;
    if out.get(start) != Some(&b'"') {
        out.insert(start, b'"');
        out.push(b'"');
    }
    Ok(())
}
