//! Fields that differ, in words. The values are the file's own text: who shows them escapes them.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use super::survey::{Account, has_status};
use super::{Difference, Error, Side};
use crate::diff::{Change, Field, Records};
use crate::model::facts::Status;
use crate::model::protojson::Notes;
use crate::render::Cell;
use crate::view::GRANTS;

/// How much of a change is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// This many fields; the rest is counted.
    fields: usize,
    /// This many characters of a value.
    characters: usize,
}

impl Room {
    /// For a line that people read.
    pub(super) const LINE: Self = Self { fields: 4, characters: 40 };
    /// Everything.
    pub(super) const ALL: Self = Self { fields: usize::MAX, characters: usize::MAX };

    /// Whether all sources of a grant are too much.
    fn is_small(self) -> bool {
        self.fields < usize::MAX
    }
}

/// What differs in one record, in the order in which it is told.
pub(super) fn words(difference: &Difference<'_>, change: &Change, room: Room) -> Result<String, Error> {
    let said = match change.records {
        Records::Grants => inheritance(difference, change, room)?,
        Records::Resources => status(difference, change)?,
        _ => Said::default(),
    };
    let mut told = said.words;
    let others = change.fields.iter().filter(|field| !said.fields.contains(&field.path.as_str()));
    told.extend(others.map(|field| field_words(field, room)));
    let more = told.len().saturating_sub(room.fields);
    // "1 more field" takes as much room as what it stands for.
    if more > 1 {
        told.truncate(room.fields);
        told.push(format!("{more} more fields"));
    }
    Ok(told.join("; "))
}

/// Words, and the paths of the fields that they stand for.
#[derive(Debug, Default)]
struct Said {
    words: Vec<String>,
    fields: &'static [&'static str],
}

/// `direct → inherited`, and in little room `also through group:eng:member` for a grant that stays what it was.
fn inheritance(difference: &Difference<'_>, change: &Change, room: Room) -> Result<Said, Error> {
    let mut own = String::new();
    let mut inherited = |side| {
        let mut found = false;
        difference.row_of(change, side, &mut |row| {
            let cell = |name| GRANTS.place(name).map_or(Cell::Empty, |place| row.cell(place));
            found = cell("inherited") == Cell::Bool(true);
            if let Cell::Text(id) = cell("entitlement_id") {
                own = String::from_utf8_lossy(&id).into_owned();
            }
            Ok(Notes::default())
        })?;
        Ok::<_, Error>(found)
    };
    let words = match (inherited(Side::Old)?, inherited(Side::New)?) {
        (false, true) => vec!["direct → inherited".to_owned()],
        (true, false) => vec!["inherited → direct".to_owned()],
        _ if room.is_small() => through(change, &own, room),
        _ => Vec::new(),
    };
    let fields = if room.is_small() && !words.is_empty() { SOURCES } else { &[] };
    Ok(Said { words, fields })
}

/// The other entitlements that a grant comes from as well, or no longer.
fn through(change: &Change, own: &str, room: Room) -> Vec<String> {
    let sources = change.fields.iter().find(|field| field.path == "sources");
    let Some((came, went)) = sources.and_then(came_and_went) else { return Vec::new() };
    let said = |words: &str, ids: Vec<&str>| {
        let ids: Vec<_> = ids.into_iter().filter(|id| *id != own).collect();
        let ids = clipped(&ids.join(", "), room.characters.saturating_mul(2)).into_owned();
        (!ids.is_empty()).then(|| format!("{words} {ids}"))
    };
    [said("also through", came), said("no longer through", went)].into_iter().flatten().collect()
}

/// The fields that tell what a grant comes from.
const SOURCES: &[&str] = &["sources", "sources.direct", "annotations.GrantImmutable"];

/// `status: enabled → disabled`.
fn status(difference: &Difference<'_>, change: &Change) -> Result<Said, Error> {
    if !has_status(change) {
        return Ok(Said::default());
    }
    let old = Account::at(difference, change, Side::Old)?.status;
    let new = Account::at(difference, change, Side::New)?.status;
    let word = |status: Option<Status>| status.map_or("none", Status::word);
    let words = format!("status: {} → {}", word(old), word(new));
    Ok(if old == new { Said::default() } else { Said { words: vec![words], fields: STATUS } })
}

/// The fields that a status is in.
const STATUS: &[&str] =
    &["status", "status.status", "annotations.UserTrait.status", "annotations.UserTrait.status.status"];

/// `profile.department: HR → Sales`.
pub(super) fn field_words(field: &Field, room: Room) -> String {
    let mut out = String::new();
    out.push_str(&field.path);
    out.push_str(": ");
    if let Some((came, went)) = came_and_went(field) {
        let came = came.into_iter().map(|text| format!("+{text}"));
        let items: Vec<_> = came.chain(went.into_iter().map(|text| format!("-{text}"))).collect();
        out.push_str(&clipped(&items.join(", "), room.characters.saturating_mul(2)));
        return out;
    }
    push_value(&mut out, field.old.as_ref(), room.characters);
    out.push_str(" → ");
    push_value(&mut out, field.new.as_ref(), room.characters);
    out
}

/// Of two lists of texts what only the new and what only the old one has. `None` for other values, and for lists that
/// differ only in their order.
fn came_and_went(field: &Field) -> Option<(Vec<&str>, Vec<&str>)> {
    let (old, new) = (texts(field.old.as_ref())?, texts(field.new.as_ref())?);
    let (before, after) = [&old, &new].map(|texts| texts.iter().copied().collect::<HashSet<_>>()).into();
    let came: Vec<_> = new.into_iter().filter(|text| !before.contains(text)).collect();
    let went: Vec<_> = old.into_iter().filter(|text| !after.contains(text)).collect();
    (!came.is_empty() || !went.is_empty()).then_some((came, went))
}

/// The texts of a list, which is empty when it is absent; `None` when there is anything else.
fn texts(value: Option<&Value>) -> Option<Vec<&str>> {
    match value {
        None => Some(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(_) => None,
    }
}

/// Texts as they are, everything else as JSON.
fn push_value(out: &mut String, value: Option<&Value>, characters: usize) {
    match value {
        None | Some(Value::Null) => out.push_str("none"),
        Some(Value::String(text)) if text.is_empty() => out.push_str("\"\""),
        Some(Value::String(text)) => out.push_str(&clipped(text, characters)),
        Some(other) => out.push_str(&clipped(&other.to_string(), characters)),
    }
}

/// At most so many characters, and `…` for the rest.
pub(super) fn clipped(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_told_with_both_values() {
        for (old, new, told) in [
            (Some(json!("HR")), Some(json!("Sales")), "x: HR → Sales"),
            (None, Some(json!("")), "x: none → \"\""),
            (Some(json!(1.5)), Some(json!({"a": [true]})), "x: 1.5 → {\"a\":[true]}"),
            (Some(json!(["a", "b"])), Some(json!(["b", "c"])), "x: +c, -a"),
            (None, Some(json!(["b"])), "x: +b"),
            (Some(json!(["a", "b"])), Some(json!(["b", "a"])), "x: [\"a\",\"b\"] → [\"b\",\"a\"]"),
            (Some(json!("a\u{1b}b")), Some(Value::Null), "x: a\u{1b}b → none"),
            (
                Some(json!("ééééééééééééé")),
                Some(json!("ééééééééééééé!")),
                "x: ééééééééééééé → ééééééééééééé…",
            ),
        ] {
            let room = Room { characters: 13, ..Room::ALL };
            assert_eq!(field_words(&Field { path: "x".into(), old, new }, room), told);
        }
    }
}
