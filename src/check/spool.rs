//! Findings that wait until all is read, so that they come rule by rule.
//!
//! A file can have as many findings as grants, and they are much alike. They wait as bytes, and full pages of them
//! compressed, which leaves some ten bytes of each.
//!
//! ```text
//! finding := text count × (kind text) place        text  = length, bytes
//! place   := 0 | 1 label row | 2 label text        label = a number for the name of a table or family
//! ```

use std::ops::ControlFlow;

use super::rules::Code;
use super::{Finding, Record, RecordKind};
use crate::model::wire::push_varint;
use crate::store::{KeptPlace, Place};

/// Bytes of findings that are compressed together.
const PAGE: usize = 64 << 10;

/// Findings by rule.
#[derive(Debug, Default)]
pub(super) struct Spool {
    queues: Vec<Queue>,
    /// The names of tables and families.
    labels: Vec<&'static str>,
}

/// The findings of one rule, in the order in which they came.
#[derive(Debug, Default)]
struct Queue {
    full: Vec<Page>,
    open: Vec<u8>,
}

#[derive(Debug)]
enum Page {
    Packed { bytes: Box<[u8]>, len: usize },
    Plain(Box<[u8]>),
}

impl Spool {
    /// Adds a finding.
    pub(super) fn push(&mut self, code: Code, records: &[Record], message: &str, place: Option<Place<'_>>) {
        let labels = &mut self.labels;
        let at = code as usize;
        if self.queues.len() <= at {
            self.queues.resize_with(at + 1, Queue::default);
        }
        let Some(queue) = self.queues.get_mut(at) else { return };
        let out = &mut queue.open;
        push_text(out, message.as_bytes());
        push_varint(out, records.len() as u64);
        for record in records {
            out.push(record.kind as u8);
            push_text(out, record.id.as_bytes());
        }
        match place {
            None => out.push(0),
            Some(Place::Row { table, row }) => {
                out.push(1);
                push_varint(out, label(labels, table));
                push_varint(out, row as u64);
            }
            Some(Place::Key { family, key }) => {
                out.push(2);
                push_varint(out, label(labels, family));
                push_text(out, key);
            }
        }
        if out.len() >= PAGE {
            let page = std::mem::take(out);
            queue.full.push(Page::of(page));
        }
    }

    /// Hands the findings to `sink`, in the order of the rules, until it has enough.
    pub(super) fn drain(self, sink: &mut dyn FnMut(Finding) -> ControlFlow<()>) {
        for (code, queue) in Code::ALL.iter().zip(self.queues) {
            let pages = queue.full.into_iter().map(Page::bytes).chain([queue.open]);
            for page in pages {
                let mut rest = Bytes(&page);
                while let Some(finding) = rest.finding(*code, &self.labels) {
                    if sink(finding).is_break() {
                        return;
                    }
                }
            }
        }
    }
}

/// The number of a label.
fn label(labels: &mut Vec<&'static str>, text: &'static str) -> u64 {
    let known = labels.iter().position(|known| *known == text);
    known.unwrap_or_else(|| {
        labels.push(text);
        labels.len() - 1
    }) as u64
}

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    push_varint(out, text.len() as u64);
    out.extend_from_slice(text);
}

impl Page {
    fn of(plain: Vec<u8>) -> Self {
        let mut packed = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
        match zstd_safe::compress(&mut packed, &plain, 1) {
            Ok(_) => Self::Packed { bytes: packed.into(), len: plain.len() },
            Err(_) => Self::Plain(plain.into()),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Plain(bytes) => bytes.into(),
            Self::Packed { bytes, len } => {
                let mut plain = Vec::with_capacity(len);
                // What was compressed here a moment ago does decompress.
                let _ = zstd_safe::decompress(&mut plain, &bytes);
                plain
            }
        }
    }
}

/// What is left of a page.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// The next finding; `None` at the end.
    fn finding(&mut self, code: Code, labels: &[&'static str]) -> Option<Finding> {
        let message = self.string()?;
        let count = self.number()?;
        let records = (0..count).map(|_| self.record()).collect::<Option<_>>()?;
        let place = self.place(labels)?;
        Some(Finding { rule: code.rule(), records, message, place })
    }

    fn record(&mut self) -> Option<Record> {
        let kind = self.byte()?;
        let kind = *RecordKind::ALL.get(usize::from(kind))?;
        Some(Record { kind, id: self.string()? })
    }

    fn place(&mut self, labels: &[&'static str]) -> Option<Option<KeptPlace>> {
        let which = self.byte()?;
        if which == 0 {
            return Some(None);
        }
        let label = labels.get(self.number()? as usize)?;
        let place = match which {
            1 => Place::Row { table: label, row: self.number()? as i64 },
            _ => Place::Key { family: label, key: self.text()? },
        };
        Some(Some(place.keep()))
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for place in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let len = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(text)
    }

    fn string(&mut self) -> Option<String> {
        self.text().map(|text| String::from_utf8_lossy(text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(count: u64) -> Vec<Record> {
        let kind = |number: u64| *RecordKind::ALL.get(number as usize % 5).unwrap();
        (0..count).map(|number| Record { kind: kind(number), id: format!("id {number}\n") }).collect()
    }

    #[test]
    fn findings_come_back_by_rule_and_as_they_were() {
        let mut spool = Spool::default();
        let places = [
            None,
            Some(Place::Row { table: "v1_grants", row: -7 }),
            Some(Place::Row { table: "v1_resources", row: i64::MAX }),
            Some(Place::Key { family: "grants", key: b"\x03\x00\xff" }),
        ];
        let code = |number: u64| if number.is_multiple_of(2) { Code::GrantTwice } else { Code::IdEmpty };
        for number in 0..20_000 {
            let place = places[number as usize % 4];
            spool.push(code(number), &records(number % 6), &format!("message {number}"), place);
        }
        let packed: usize = spool.queues.iter().map(|queue| queue.full.len()).sum();
        assert!(packed > 2);
        let expected: Vec<_> = (1..20_000).step_by(2).chain((0..20_000).step_by(2)).collect();
        let mut found = expected.iter();
        spool.drain(&mut |finding| {
            let number = *found.next().unwrap();
            assert_eq!(finding.rule, code(number).rule());
            assert_eq!(finding.message, format!("message {number}"));
            assert_eq!(finding.records, records(number % 6));
            assert_eq!(finding.place, places[number as usize % 4].map(Place::keep));
            ControlFlow::Continue(())
        });
        assert!(found.next().is_none());
    }

    #[test]
    fn nothing_comes_after_a_break() {
        let mut spool = Spool::default();
        for _ in 0..10 {
            spool.push(Code::IdEmpty, &[], "", None);
        }
        let mut count = 0;
        spool.drain(&mut |_| {
            count += 1;
            if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(count, 3);
    }
}
