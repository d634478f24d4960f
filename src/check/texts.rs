//! Ids and names as texts: empty, too long, or with what does not print.

use super::Record;
use super::notes::{Notes, text};
use super::rules::Code;
use crate::model::visible::visible;
use crate::store::Place;

/// The longest id and name, in bytes, that services take.
const LONGEST: usize = 1024;

/// A record whose texts are looked at.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    record: &'a dyn Fn() -> Record,
    place: Place<'a>,
    /// Whether its id is not UTF-8, so that its name needs not be looked at.
    is_told: bool,
}

impl<'a> Subject<'a> {
    /// A record, and the part of its id that is its own.
    pub(super) fn new(record: &'a dyn Fn() -> Record, place: Place<'a>, own: &[u8]) -> Self {
        Self { record, place, is_told: std::str::from_utf8(own).is_err() }
    }

    fn add(&self, notes: &mut Notes, code: Code, message: impl FnOnce(&Record) -> String) {
        if notes.wants(code) {
            let record = (self.record)();
            let message = message(&record);
            notes.add(code, &[record], &message, Some(self.place));
        }
    }
}

/// An id, and the part of it that is not the id of another record, whose faults are that one's.
pub(super) fn id(notes: &mut Notes, subject: Subject<'_>, whole: &[u8], own: &[u8]) {
    if whole.is_empty() {
        subject.add(notes, Code::IdEmpty, |record| match record.id.as_str() {
            "" => format!("a {} has no id", record.kind.name()),
            // A resource still has a type.
            name => format!("{} {name} has no id", record.kind.name()),
        });
    }
    if whole.len() > LONGEST {
        subject.add(notes, Code::IdTooLong, |record| {
            format!("the id of this {} has {} bytes", record.kind.name(), whole.len())
        });
    }
    if own.iter().all(u8::is_ascii_graphic) {
        return;
    }
    let Ok(own) = std::str::from_utf8(own) else {
        subject.add(notes, Code::TextNotUtf8, |record| {
            format!("the id {:?} of this {} is not UTF-8", text(whole), record.kind.name())
        });
        return;
    };
    if hides(own) {
        subject.add(notes, Code::IdControlCharacter, |record| {
            format!("the id {own:?} of this {} holds characters that do not print", record.kind.name())
        });
    }
    if own.trim() != own {
        subject.add(notes, Code::IdBlank, |record| {
            format!("the id {own:?} of this {} starts or ends with a blank", record.kind.name())
        });
    }
}

/// A display name and a description, which may have `longest` bytes. Of an id that is not UTF-8 was told already.
pub(super) fn name(notes: &mut Notes, subject: Subject<'_>, name: &[u8], description: &[u8], longest: usize) {
    if name.is_empty() {
        subject.add(notes, Code::NameMissing, |record| {
            format!("{} {} has no display name", record.kind.name(), record.id)
        });
    }
    for (what, text, longest) in [("name", name, LONGEST), ("description", description, longest)] {
        if text.len() > longest {
            subject.add(notes, Code::NameTooLong, |record| {
                let (kind, id, len) = (record.kind.name(), &record.id, text.len());
                format!("the {what} of {kind} {id} has {len} bytes, of {longest} that it may have")
            });
            break;
        }
    }
    if name.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return;
    }
    match std::str::from_utf8(name) {
        Err(_) if subject.is_told => {}
        Err(_) => subject.add(notes, Code::TextNotUtf8, |record| {
            format!("the name {:?} of {} {} is not UTF-8", text(name), record.kind.name(), record.id)
        }),
        Ok(name) if hides(name) => subject.add(notes, Code::NameControlCharacter, |record| {
            let (kind, id) = (record.kind.name(), &record.id);
            format!("the name {name:?} of {kind} {id} holds characters that do not print")
        }),
        Ok(_) => {}
    }
}

/// Whether a text holds anything that does not print.
fn hides(text: &str) -> bool {
    visible(text) != text
}
