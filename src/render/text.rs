//! Values of cells as text.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

use super::Cell;
use crate::model::protojson::Notes;
use crate::model::time::push_rfc3339;

/// The text as UTF-8; replacement characters, and a note of it, where it is none.
pub(super) fn utf8<'a>(text: &'a [u8], notes: &mut Notes) -> Cow<'a, str> {
    // Nearly all text is UTF-8, and telling that takes less than finding what is not.
    if let Ok(text) = std::str::from_utf8(text) {
        return Cow::Borrowed(text);
    }
    notes.replaced_text = true;
    String::from_utf8_lossy(text)
}

/// How many columns of a terminal the text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Appends a value as people read it; texts go through `put`, such as
/// [`push_visible`](crate::model::visible::push_visible).
pub fn push_human(out: &mut String, cell: &Cell<'_>, notes: &mut Notes, put: fn(&mut String, &str)) {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => put(out, &utf8(text, notes)),
        Cell::Bool(yes) => out.push_str(if *yes { "yes" } else { "no" }),
        Cell::Int(number) => out.push_str(itoa::Buffer::new().format(*number)),
        Cell::Time(instant) => out.push_str(&instant.to_seconds_text()),
        Cell::List(texts) => {
            for (place, text) in texts.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                put(out, &utf8(text, notes));
            }
        }
    }
}

/// Appends a yes or no, a number or a time as machines read it; nothing for other values.
pub(super) fn push_plain(out: &mut Vec<u8>, cell: &Cell<'_>) {
    match cell {
        Cell::Bool(yes) => out.extend_from_slice(if *yes { b"true" } else { b"false" }),
        Cell::Int(number) => out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
        Cell::Time(instant) => push_rfc3339(out, *instant),
        Cell::Empty | Cell::Text(_) | Cell::List(_) => {}
    }
}
