//! From the record in a database to the message that connectors know, mostly by copying pieces.
//!
//! A record is walked once, its message written into a buffer, and the places of the keys in the message noted, so
//! that nobody walks the message again to find them. Fields are written in ascending order and map entries as they
//! are stored, which is sorted: the message is what a deterministic encoder makes of it.

mod entitlement;
mod grant;
mod resource;
mod resource_type;

use std::fmt;

use super::super::place::Place;
use super::super::record::Family;
use super::keys::Space;
use super::query::Wanted;
use crate::model::keys::ResourceKey;
use crate::model::wire::{Fields, Malformed, Value, push_varint, varint_len};

/// The largest record that is looked at. Connectors hand records over in messages of 4 MiB at most.
pub(super) const LARGEST: usize = 16 << 20;

/// Why a row gives no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fault {
    /// Its value is no message.
    Malformed(Malformed),
    /// Its value lacks what every record has.
    Lacks(&'static str),
    /// Its value is larger than any record.
    TooLarge,
}

impl From<Malformed> for Fault {
    fn from(error: Malformed) -> Self {
        Self::Malformed(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::Lacks(what) => write!(f, "it lacks {what}"),
            Self::TooLarge => f.write_str("the record is larger than 16 MiB"),
        }
    }
}

/// A kind of record that a database holds.
pub(in super::super) trait Translate: Family + 'static {
    /// What its records are called.
    const NAME: &'static str;
    /// What its keys are.
    const SPACE: Space;
    /// Where the keys of a record stand in its message.
    type Spans: fmt::Debug + Send + 'static;

    /// Appends the message of a record to `out`. After an error `out` may hold a part of it.
    fn translate(value: &[u8], out: &mut Vec<u8>) -> Result<Self::Spans, Fault>;

    /// The record of a message that was translated.
    fn record<'a>(spans: &Self::Spans, message: &'a [u8], place: Place<'a>) -> Self::Record<'a>;

    /// Whether a record is among those that are wanted.
    fn admits(wanted: &Wanted, record: &Self::Record<'_>) -> bool;
}

/// [`Translate::translate`], within the limits.
pub(super) fn translate<F: Translate>(value: &[u8], out: &mut Vec<u8>) -> Result<F::Spans, Fault> {
    if value.len() > LARGEST {
        return Err(Fault::TooLarge);
    }
    F::translate(value, out)
}

/// A piece of a message.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of(self, message: &[u8]) -> &[u8] {
        message.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The type and the id of a resource in a message.
#[derive(Debug, Clone, Copy, Default)]
struct KeySpan {
    kind: Span,
    id: Span,
}

impl KeySpan {
    fn of(self, message: &[u8]) -> ResourceKey<'_> {
        ResourceKey { kind: self.kind.of(message), id: self.id.of(message) }
    }
}

/// A message that is being written. Field numbers are below 16.
struct Message<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
}

impl<'o> Message<'o> {
    fn new(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    /// Where the next byte will stand. Records are bounded, so it always fits.
    fn here(&self) -> u32 {
        (self.out.len() - self.start) as u32
    }

    /// Appends bytes as they are.
    fn raw(&mut self, bytes: &[u8]) -> Span {
        let start = self.here();
        self.out.extend_from_slice(bytes);
        Span { start, end: self.here() }
    }

    /// Begins a field of `len` bytes, which must follow.
    fn head(&mut self, number: u8, len: usize) {
        self.out.push(number << 3 | 2);
        push_varint(self.out, len as u64);
    }

    /// A whole field.
    fn bytes(&mut self, number: u8, bytes: &[u8]) -> Span {
        self.head(number, bytes.len());
        self.raw(bytes)
    }

    /// A text, which is left out when it is empty.
    fn text(&mut self, number: u8, text: &[u8]) -> Span {
        if text.is_empty() { Span::default() } else { self.bytes(number, text) }
    }

    /// A number, which is left out when it is zero.
    fn number(&mut self, number: u8, value: u64) {
        if value != 0 {
            self.out.push(number << 3);
            push_varint(self.out, value);
        }
    }

    /// A field that is a `ResourceId`.
    fn key(&mut self, number: u8, key: ResourceKey<'_>) -> KeySpan {
        self.head(number, key_len(key));
        KeySpan { kind: self.text(1, key.kind), id: self.text(2, key.id) }
    }

    /// A field that is a `Resource` with nothing but its id.
    fn stub(&mut self, number: u8, key: ResourceKey<'_>) -> KeySpan {
        self.head(number, field_len(key_len(key)));
        self.key(1, key)
    }

    /// Each of a repeated field, under another number.
    fn each(&mut self, number: u8, repeated: Repeated<'_>) -> Result<(), Malformed> {
        let mut walk = repeated;
        while let Some(bytes) = walk.next()? {
            self.bytes(number, bytes);
        }
        Ok(())
    }
}

/// Bytes of a field with `len` bytes in it.
fn field_len(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}

/// Bytes of a text field.
fn text_len(text: &[u8]) -> usize {
    if text.is_empty() { 0 } else { field_len(text.len()) }
}

/// Bytes of a `ResourceId`.
fn key_len(key: ResourceKey<'_>) -> usize {
    text_len(key.kind) + text_len(key.id)
}

/// The values of a repeated field, which a first walk has come across.
#[derive(Debug, Clone, Default)]
struct Repeated<'a> {
    number: u32,
    /// The record from the first of them on.
    rest: &'a [u8],
    count: usize,
}

impl<'a> Repeated<'a> {
    fn of(number: u32) -> Self {
        Self { number, rest: &[], count: 0 }
    }

    /// Notes one; `before`: the record from this field on.
    fn note(&mut self, before: &'a [u8]) {
        if self.count == 0 {
            self.rest = before;
        }
        self.count += 1;
    }

    fn next(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        let mut walk = Fields::of(self.rest);
        while self.count > 0 {
            let Some((number, value)) = walk.next_field()? else { break };
            if let (true, Value::Bytes(bytes)) = (number == self.number, value) {
                self.count -= 1;
                self.rest = walk.rest();
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}
