//! The well-known types that have a JSON form of their own, and `Any`.

use std::io::Write as _;

use super::super::any;
use super::super::descriptor::{self, Form, Message};
use super::super::time::{Instant, push_fraction, push_rfc3339, seconds_and_nanos};
use super::super::wire::{Fields, Malformed, Reason, Value};
use super::found::{collect, entry_of, fits};
use super::{Writer, scalar};

impl Writer<'_> {
    pub(super) fn special(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        match message.form {
            Form::Any => self.any(out, bytes, depth),
            Form::Timestamp => {
                let (seconds, nanos) = seconds_and_nanos(bytes)?;
                match Instant::new(seconds, nanos) {
                    Some(instant) => {
                        out.push(b'"');
                        push_rfc3339(out, instant);
                        out.push(b'"');
                    }
                    None => self.seconds_as_fields(out, seconds, nanos),
                }
                Ok(())
            }
            Form::Duration => self.duration(out, bytes),
            Form::FieldMask => self.field_mask(out, bytes),
            Form::Struct => self.object(out, message, bytes, depth),
            Form::Value => self.dynamic(out, message, bytes, depth),
            Form::ListValue => self.array(out, message, bytes, depth),
            Form::Wrapper => self.wrapper(out, message, bytes, depth),
            Form::Empty => {
                let mut walk = Fields::of(bytes);
                while walk.next_field()?.is_some() {}
                out.extend_from_slice(b"{}");
                Ok(())
            }
            Form::Fields => Err(Reason::WireType.into()),
        }
    }

    /// `{"@type": URL, …}`: the payload's fields inline, or under `value` where it has a form of its own.
    fn any(&mut self, out: &mut Vec<u8>, bytes: &[u8], depth: u32) -> Result<(), Malformed> {
        let (url, payload) = any::parts(bytes)?;
        out.extend_from_slice(b"{\"@type\":");
        super::push_string(out, url);
        let start = out.len();
        if let Some(message) = descriptor::find(any::type_name(url)) {
            let before = self.notes;
            if self.any_payload(out, message, payload, depth).is_ok() {
                out.push(b'}');
                return Ok(());
            }
            out.truncate(start);
            self.notes = before;
            self.notes.kept_payload = true;
        }
        out.extend_from_slice(b",\"value\":");
        scalar::push_base64(out, payload);
        out.push(b'}');
        Ok(())
    }

    fn any_payload(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        payload: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        if message.form == Form::Fields {
            if depth >= super::MAX_DEPTH {
                return Err(Reason::TooDeep.into());
            }
            return self.fields(out, message, payload, depth + 1, true);
        }
        out.extend_from_slice(b",\"value\":");
        self.value_of(out, message, payload, depth + 1)
    }

    fn object(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        let found = collect(message, bytes)?;
        match found.first() {
            Some(first) => self.map(out, first.field.kind, &found, depth),
            None => {
                out.extend_from_slice(b"{}");
                Ok(())
            }
        }
    }

    fn array(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        out.push(b'[');
        for (place, item) in collect(message, bytes)?.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.one(out, item.field.kind, item.value, depth)?;
        }
        out.push(b']');
        Ok(())
    }

    /// `google.protobuf.Value`: whichever member it holds; one without any is null.
    fn dynamic(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        let mut only = None;
        let mut walk = Fields::of(bytes);
        while let Some((number, value)) = walk.next_field()? {
            let Some((_, field)) = message.field(number) else { continue };
            if fits(field, value) && only.replace((field.kind, value)).is_some() {
                return self.dynamic_of_many(out, message, bytes, depth);
            }
        }
        match only {
            Some((kind, value)) => self.one(out, kind, value, depth),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }

    /// A `Value` whose member stands several times: the last kind counts, and messages merge.
    fn dynamic_of_many(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        let found = collect(message, bytes)?;
        self.last_or_merged(out, &found, depth)
    }

    /// A wrapper prints what it wraps, its zero included.
    fn wrapper(
        &mut self,
        out: &mut Vec<u8>,
        message: &'static Message,
        bytes: &[u8],
        depth: u32,
    ) -> Result<(), Malformed> {
        // A wrapper is laid out as the first half of a map entry.
        let entry = entry_of(message, bytes)?;
        match message.fields.first() {
            Some(field) => self.one(out, field.kind, entry.key, depth),
            None => Err(Reason::WireType.into()),
        }
    }

    /// `1.500s`: 0, 3, 6 or 9 digits; both parts carry the same sign.
    fn duration(&mut self, out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Malformed> {
        const MOST: u64 = 315_576_000_000;
        let (seconds, nanos) = seconds_and_nanos(bytes)?;
        let mixed = (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0);
        if mixed || seconds.unsigned_abs() > MOST || nanos.unsigned_abs() > 999_999_999 {
            self.seconds_as_fields(out, seconds, nanos);
            return Ok(());
        }
        let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
        let _ = write!(out, "\"{sign}{}", seconds.unsigned_abs());
        push_fraction(out, nanos.unsigned_abs());
        out.extend_from_slice(b"s\"");
        Ok(())
    }

    /// A time that JSON has no form for, as the message it is: nothing is lost, and the record is still shown.
    fn seconds_as_fields(&mut self, out: &mut Vec<u8>, seconds: i64, nanos: i32) {
        self.notes.kept_payload = true;
        let _ = write!(out, "{{\"seconds\":\"{seconds}\",\"nanos\":{nanos}}}");
    }

    fn field_mask(&mut self, out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Malformed> {
        let mut text = Vec::new();
        let mut walk = Fields::of(bytes);
        while let Some((number, value)) = walk.next_field()? {
            if let (1, Value::Bytes(path)) = (number, value) {
                if !text.is_empty() {
                    text.push(b',');
                }
                push_camel(&mut text, path);
            }
        }
        super::push_string(out, &text);
        Ok(())
    }
}

fn push_camel(out: &mut Vec<u8>, path: &[u8]) {
    let mut upper = false;
    for &byte in path {
        match byte {
            b'_' => upper = true,
            _ if std::mem::take(&mut upper) => out.push(byte.to_ascii_uppercase()),
            _ => out.push(byte),
        }
    }
}
