//! Protojson straight from wire bytes: no message is decoded, no tree is built.
//!
//! The output is what Go's `protojson` prints with default options, in its compact form: keys in declaration
//! order and lower camel case, zero values left out, 64-bit integers as strings, enums by name, `Any` expanded in
//! place. Two things differ, because a reader of foreign files must not lose data or stop:
//!
//! * an `Any` of an unknown type, or with a payload that does not parse, is kept as
//!   `{"@type": URL, "value": BASE64}`;
//! * invalid UTF-8 is shown with replacement characters ([`Notes::replaced_text`]).
//!
//! Mapping: <https://protobuf.dev/programming-guides/json/>.

pub(super) mod found;
mod indent;
mod scalar;
mod special;
#[cfg(test)]
mod tests;

use super::descriptor::{Field, Form, Kind, Label, Message};
use super::wire::{Fields, MAX_DEPTH, Malformed, Reason, Value};
use found::{Found, collect, concat, entry_of, fits, in_order, is_empty_run, is_zero, packed};
pub use indent::indent;
pub use scalar::{mend, push_string};

/// What a reader should hear about although the text was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notes {
    /// Some string was no UTF-8; replacement characters stand in it.
    pub replaced_text: bool,
    /// The payload of an `Any` of a known type did not parse and was kept in base64, or a time outside the years 1
    /// to 9999 was written as its fields.
    pub kept_payload: bool,
}

impl Notes {
    /// Adds what happened elsewhere.
    pub fn join(&mut self, other: Self) {
        self.replaced_text |= other.replaced_text;
        self.kept_payload |= other.kept_payload;
    }
}

/// A message whose text is at hand.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// Its type.
    pub message: &'static Message,
    /// Its bytes.
    pub bytes: &'k [u8],
    /// Its text.
    pub json: &'k [u8],
}

/// Writes messages as JSON.
#[derive(Debug, Default)]
pub struct Writer<'k> {
    notes: Notes,
    known: &'k [Known<'k>],
}

impl<'k> Writer<'k> {
    /// A writer without notes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer that copies the text of messages that are equal to `known` ones. Records repeat others whole, as
    /// grants do with their entitlement.
    #[must_use]
    pub fn knowing(known: &'k [Known<'k>]) -> Self {
        Self { notes: Notes::default(), known }
    }

    /// What happened since the last call.
    pub fn take_notes(&mut self) -> Notes {
        std::mem::take(&mut self.notes)
    }

    /// Appends `bytes`, a message of the given type, to `out`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse; `out` is then as long as before.
    pub fn message(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
    ) -> Result<(), Malformed> {
        let start = out.len();
        let written = self.value_of(out, message, bytes, 0);
        match written {
            Ok(()) => self.notes.replaced_text |= scalar::mend(out, start),
            Err(_) => out.truncate(start),
        }
        written
    }

    fn value_of(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        if depth > MAX_DEPTH {
            return Err(Reason::TooDeep.into());
        }
        if message.form != Form::Fields {
            return self.special(out, message, bytes, depth);
        }
        let known = |known: &&Known<'_>| std::ptr::eq(known.message, message) && known.bytes == bytes;
        if let Some(known) = self.known.iter().find(known) {
            out.extend_from_slice(known.json);
            return Ok(());
        }
        out.push(b'{');
        self.fields(out, message, bytes, depth, false)?;
        out.push(b'}');
        Ok(())
    }

    /// The members of an object, without its braces; `comma` says that another member stands before them.
    fn fields(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
        comma: bool,
    ) -> Result<(), Malformed> {
        if in_order(message, bytes)? {
            return self.ordered_fields(out, bytes, message, depth, comma);
        }
        let mut found = collect(message, bytes)?;
        found.sort_by_key(|item| item.slot);
        self.sorted_fields(out, &found, depth, comma)
    }

    /// One pass over fields that stand in declaration order, no singular one twice.
    fn ordered_fields(
        &mut self,
        out: &mut Vec<u8>,
        bytes: &[u8],
        message: &'static Message,
        depth: u32,
        mut comma: bool,
    ) -> Result<(), Malformed> {
        let mut walk = Fields::of(bytes);
        let mut open: Option<&'static Field> = None;
        while let Some((number, value)) = walk.next_field()? {
            let Some((_, field)) = message.field(number) else { continue };
            if !fits(field, value) {
                continue;
            }
            if field.label == Label::Repeated {
                if open.is_some_and(|other| std::ptr::eq(other, field)) {
                    self.more_elements(out, field, value, depth)?;
                    continue;
                }
                close_list(out, &mut open);
                if is_empty_run(field, value) {
                    continue;
                }
                key(out, field, &mut comma);
                out.push(b'[');
                open = Some(field);
                self.elements(out, field, value, depth)?;
                continue;
            }
            close_list(out, &mut open);
            if field.label == Label::Implicit && is_zero(field.kind, value) {
                continue;
            }
            key(out, field, &mut comma);
            self.one(out, field.kind, value, depth)?;
        }
        close_list(out, &mut open);
        Ok(())
    }

    /// Fields sorted by declaration; several of one field stand together, in wire order.
    fn sorted_fields(
        &mut self,
        out: &mut Vec<u8>,
        found: &[Found<'_>],
        depth: u32,
        mut comma: bool,
    ) -> Result<(), Malformed> {
        for group in found.chunk_by(|a, b| a.slot == b.slot) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
            let field = first.field;
            match field.label {
                Label::Map => {
                    key(out, field, &mut comma);
                    self.map(out, field.kind, group, depth)?;
                }
                Label::Repeated => self.list(out, group, depth, &mut comma)?,
                Label::Implicit if is_zero(field.kind, last.value) => {}
                _ => {
                    key(out, field, &mut comma);
                    self.last_or_merged(out, group, depth)?;
                }
            }
        }
        Ok(())
    }

    /// A singular field that may stand several times: messages merge, of other values the last counts.
    fn last_or_merged(
        &mut self,
        out: &mut Vec<u8>,
        group: &[Found<'_>],
        depth: u32,
    ) -> Result<(), Malformed> {
        let Some(last) = group.last() else { return Err(Reason::WireType.into()) };
        match last.field.kind {
            Kind::Message(_) if group.len() > 1 => {
                let merged = concat(group);
                self.one(out, last.field.kind, Value::Bytes(&merged), depth)
            }
            kind => self.one(out, kind, last.value, depth),
        }
    }

    fn list(
        &mut self,
        out: &mut Vec<u8>,
        group: &[Found<'_>],
        depth: u32,
        comma: &mut bool,
    ) -> Result<(), Malformed> {
        let mut open = false;
        for item in group {
            if is_empty_run(item.field, item.value) {
                continue;
            }
            if open {
                self.more_elements(out, item.field, item.value, depth)?;
            } else {
                key(out, item.field, comma);
                out.push(b'[');
                open = true;
                self.elements(out, item.field, item.value, depth)?;
            }
        }
        if open {
            out.push(b']');
        }
        Ok(())
    }

    fn more_elements(
        &mut self,
        out: &mut Vec<u8>,
        field: &Field,
        value: Value<'_>,
        depth: u32,
    ) -> Result<(), Malformed> {
        if is_empty_run(field, value) {
            return Ok(());
        }
        out.push(b',');
        self.elements(out, field, value, depth)
    }

    /// One element, or all those of a packed field.
    fn elements(
        &mut self,
        out: &mut Vec<u8>,
        field: &Field,
        value: Value<'_>,
        depth: u32,
    ) -> Result<(), Malformed> {
        if !packed(field, value) {
            return self.one(out, field.kind, value, depth);
        }
        let mut walk = Fields::of(value.bytes());
        let mut comma = false;
        while let Some(number) = walk.next_packed(field.kind.wire_type())? {
            if std::mem::replace(&mut comma, true) {
                out.push(b',');
            }
            self.one(out, field.kind, number, depth)?;
        }
        Ok(())
    }

    fn one(&mut self, out: &mut Vec<u8>, kind: Kind, value: Value<'_>, depth: u32) -> Result<(), Malformed> {
        match kind {
            Kind::Message(message) => self.value_of(out, message, value.bytes(), depth + 1),
            Kind::String => {
                push_string(out, value.bytes());
                Ok(())
            }
            kind => scalar::push(out, kind, value),
        }
    }

    /// A map as an object: keys sorted, the last of equal keys wins.
    fn map(
        &mut self,
        out: &mut Vec<u8>,
        kind: Kind,
        group: &[Found<'_>],
        depth: u32,
    ) -> Result<(), Malformed> {
        let Kind::Message(entry) = kind else {
            return Err(Reason::WireType.into());
        };
        let mut entries = Vec::with_capacity(group.len());
        for item in group {
            entries.push(entry_of(entry, item.value.bytes())?);
        }
        let (Some(key_field), Some(value_field)) = (entry.fields.first(), entry.fields.get(1)) else {
            return Err(Reason::WireType.into());
        };
        entries.sort_by(|a, b| scalar::compare_keys(key_field.kind, a.key, b.key));
        out.push(b'{');
        let mut comma = false;
        let mut rest = entries.iter().peekable();
        while let Some(entry) = rest.next() {
            let next = rest.peek();
            if next.is_some_and(|next| scalar::compare_keys(key_field.kind, next.key, entry.key).is_eq()) {
                continue;
            }
            if std::mem::replace(&mut comma, true) {
                out.push(b',');
            }
            scalar::push_key(out, key_field.kind, entry.key)?;
            out.push(b':');
            self.one(out, value_field.kind, entry.value(), depth)?;
        }
        out.push(b'}');
        Ok(())
    }
}

fn key(out: &mut Vec<u8>, field: &Field, comma: &mut bool) {
    if std::mem::replace(comma, true) {
        out.push(b',');
    }
    out.extend_from_slice(field.key.as_bytes());
}

fn close_list(out: &mut Vec<u8>, open: &mut Option<&'static Field>) {
    if open.take().is_some() {
        out.push(b']');
    }
}
