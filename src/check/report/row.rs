//! Findings and rules as rows, for the formats that every list has.

use std::borrow::Cow;

use super::super::{Finding, Record, Rule};
use crate::model::protojson::{Notes, push_string};
use crate::model::wire::Malformed;
use crate::render::{Cell, Column, Row, Shape};

/// The list of findings.
pub static FINDINGS: Shape = Shape {
    key: "findings",
    columns: &[
        column("severity", "Severity"),
        column("code", "Code"),
        column("record", "Record"),
        column("id", "ID"),
        column("message", "Message"),
        column("related", "Related"),
        column("place", "Place"),
    ],
    flat: &[0, 1, 2, 3, 4, 5, 6],
    table: &[0, 1, 2, 3, 4],
    wide: &[0, 1, 2, 3, 4, 5, 6],
};

/// The list of rules.
pub static RULE_LIST: Shape = Shape {
    key: "rules",
    columns: &[
        column("code", "Code"),
        column("severity", "Severity"),
        column("title", "Title"),
        column("advice", "Advice"),
    ],
    flat: &[0, 1, 2, 3],
    table: &[0, 1, 2, 3],
    wide: &[0, 1, 2, 3],
};

const fn column(name: &'static str, title: &'static str) -> Column {
    Column { name, title, cut: false }
}

/// A finding as a row: its first record is what it is about, the others are related.
#[derive(Debug, Clone, Copy)]
pub struct FindingRow<'a>(pub &'a Finding);

impl<'a> FindingRow<'a> {
    fn subject(self) -> Option<&'a Record> {
        self.0.records.first()
    }

    fn related(self) -> &'a [Record] {
        self.0.records.get(1..).unwrap_or_default()
    }
}

impl Row for FindingRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(self.0.rule.severity.name()),
            1 => text(self.0.rule.code),
            2 => self.subject().map_or(Cell::Empty, |record| text(record.kind.name())),
            3 => self.subject().map_or(Cell::Empty, |record| text(&record.id)),
            4 => text(&self.0.message),
            5 => {
                let named = |record: &Record| Cow::Owned(named(record).into_bytes());
                Cell::List(self.related().iter().map(named).collect())
            }
            6 => match &self.0.place {
                Some(place) => Cell::Text(Cow::Owned(place.place().to_string().into_bytes())),
                None => Cell::Empty,
            },
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.subject().map_or(&[], |record| record.id.as_bytes()))
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        let finding = self.0;
        push_member(out, b"{\"severity\":", finding.rule.severity.name());
        push_member(out, b",\"code\":", finding.rule.code);
        push_member(out, b",\"message\":", &finding.message);
        out.extend_from_slice(b",\"records\":[");
        for (number, record) in finding.records.iter().enumerate() {
            out.extend_from_slice(if number > 0 { b"," } else { b"" });
            push_member(out, b"{\"kind\":", record.kind.name());
            push_member(out, b",\"id\":", &record.id);
            out.push(b'}');
        }
        out.push(b']');
        if let Some(place) = &finding.place {
            push_member(out, b",\"place\":", &place.place().to_string());
        }
        out.push(b'}');
        Ok(Notes::default())
    }
}

/// `grant G1`: a record as it is spoken of.
fn named(record: &Record) -> String {
    format!("{} {}", record.kind.name(), record.id)
}

/// A finding in words that say which record it is about.
pub(super) fn told(finding: &Finding) -> Cow<'_, str> {
    match finding.records.first() {
        Some(record) if !finding.message.contains(&record.id) => {
            Cow::Owned(format!("{}: {}", named(record), finding.message))
        }
        _ => Cow::Borrowed(&finding.message),
    }
}

/// The list of findings as sections of it show them.
pub(super) static TOLD: Shape =
    Shape { key: "findings", columns: &[column("finding", "Finding")], flat: &[0], table: &[0], wide: &[0] };

/// A finding as [`told`].
#[derive(Debug, Clone, Copy)]
pub(super) struct ToldRow<'a>(pub(super) &'a Finding);

impl Row for ToldRow<'_> {
    fn cell(&self, _: usize) -> Cell<'_> {
        match told(self.0) {
            Cow::Borrowed(words) => text(words),
            Cow::Owned(words) => Cell::Text(Cow::Owned(words.into_bytes())),
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.0.rule.code.as_bytes())
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        FindingRow(self.0).json(out)
    }
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text.as_bytes()))
}

/// Appends a key, as it stands in JSON with all signs around it, and a text.
fn push_member(out: &mut Vec<u8>, key: &[u8], value: &str) {
    out.extend_from_slice(key);
    push_string(out, value.as_bytes());
}

/// A rule as a row.
#[derive(Debug, Clone, Copy)]
pub struct RuleRow(pub &'static Rule);

impl Row for RuleRow {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(self.0.code),
            1 => text(self.0.severity.name()),
            2 => text(self.0.title),
            3 => text(self.0.advice),
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.0.code.as_bytes())
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        push_member(out, b"{\"code\":", self.0.code);
        push_member(out, b",\"severity\":", self.0.severity.name());
        push_member(out, b",\"title\":", self.0.title);
        push_member(out, b",\"advice\":", self.0.advice);
        out.push(b'}');
        Ok(Notes::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Severity;
    use super::super::testing::{finding, rule};
    use super::*;

    #[test]
    fn words_name_the_record_once() {
        let mut finding = finding(rule(Severity::Error), "g1");
        assert_eq!(told(&finding), "g1 is odd");
        finding.message = "its id is odd".into();
        assert_eq!(told(&finding), "grant g1: its id is odd");
        finding.records.clear();
        assert_eq!(told(&finding), "its id is odd");
        assert_eq!(FindingRow(&finding).cell(3), Cell::Empty);
        assert_eq!(FindingRow(&finding).cell(5), Cell::List(vec![]));
    }

    #[test]
    fn the_first_record_is_the_subject_and_the_others_are_related() {
        let finding = finding(rule(Severity::Error), "g1");
        let row = FindingRow(&finding);
        assert_eq!((row.cell(2), row.cell(3)), (text("grant"), text("g1")));
        assert_eq!(row.cell(5), Cell::List(vec![b"resource user/u1".into()]));
        assert_eq!(&*row.name(), b"g1");
    }
}
