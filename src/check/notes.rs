//! Where findings are noted: at once, or counted by what they are about.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::rules::Code;
use super::spool::Spool;
use super::{Record, RecordKind, Rule};
use crate::store::{KeptPlace, Place};

/// Records that stand as examples for others.
pub(super) const EXAMPLES: usize = 3;

/// The chosen rules, and what they found so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// A bit for each rule.
    chosen: u64,
    pub(super) spool: Spool,
    tallies: HashMap<(Code, u32), Tally>,
}

const _: () = assert!(Code::ALL.len() <= u64::BITS as usize);

/// Records that have the same wrong with them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// How many.
    pub(super) count: u64,
    /// The first few.
    pub(super) examples: Vec<Record>,
    /// Where the first one stands.
    pub(super) place: Option<KeptPlace>,
}

impl Notes {
    pub(super) fn new(chosen: &dyn Fn(&Rule) -> bool) -> Self {
        let bit = |code: &Code| if chosen(code.rule()) { 1 << *code as u32 } else { 0 };
        Self { chosen: Code::ALL.iter().map(bit).sum(), ..Self::default() }
    }

    /// Whether a rule is chosen.
    pub(super) fn wants(&self, code: Code) -> bool {
        self.chosen >> code as u32 & 1 != 0
    }

    /// Whether any of some rules is chosen.
    pub(super) fn wants_any(&self, codes: &[Code]) -> bool {
        codes.iter().any(|code| self.wants(*code))
    }

    /// Notes a finding, if its rule is chosen.
    pub(super) fn add(&mut self, code: Code, records: &[Record], message: &str, place: Option<Place<'_>>) {
        if self.wants(code) {
            self.spool.push(code, records, message, place);
        }
    }

    /// Counts a record with something that `target` is to blame for, if the rule is chosen. What the target is,
    /// depends on the rule.
    pub(super) fn count(
        &mut self,
        code: Code,
        target: u32,
        place: Place<'_>,
        record: impl FnOnce() -> Record,
    ) {
        if !self.wants(code) {
            return;
        }
        let tally = self.tallies.entry((code, target)).or_default();
        tally.count += 1;
        if tally.examples.len() < EXAMPLES {
            tally.examples.push(record());
            tally.place.get_or_insert_with(|| place.keep());
        }
    }

    /// Takes what was counted of one rule, by target; in no order.
    pub(super) fn take(&mut self, code: Code) -> Vec<(u32, Tally)> {
        self.tallies
            .extract_if(|(of, _), _| *of == code)
            .map(|((_, target), tally)| (target, tally))
            .collect()
    }

    /// Makes a finding of each count of one rule, sorted by what it is about. `about` gives the record of a target,
    /// or `None` to drop the count; `message` says the rest.
    pub(super) fn conclude(
        &mut self,
        code: Code,
        about: impl Fn(u32, &Tally) -> Option<Record>,
        message: impl Fn(u32, &Record, &Tally) -> String,
    ) {
        let mut sorted = BTreeMap::new();
        for (target, tally) in self.take(code) {
            if let Some(record) = about(target, &tally) {
                sorted.insert((record, target), tally);
            }
        }
        for ((record, target), tally) in sorted {
            let message = message(target, &record, &tally);
            let mut records = vec![record];
            records.extend_from_slice(&tally.examples);
            self.add(code, &records, &message, tally.place.as_ref().map(KeptPlace::place));
        }
    }
}

impl Tally {
    /// The id of the first example.
    pub(super) fn first(&self) -> &str {
        self.examples.first().map_or("", |record| &record.id)
    }

    /// `grant g1 names`, or `12 grants, such as g1, name`.
    pub(super) fn who(&self, one: &str, many: &str) -> String {
        let Some(first) = self.examples.first() else { return String::new() };
        match self.count {
            1 => format!("{} {} {one}", first.kind.name(), first.id),
            count => format!("{count} {}s, such as {}, {many}", first.kind.name(), first.id),
        }
    }
}

/// The text of a file, as far as it is one.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A record by its kind and its id.
pub(super) fn record(kind: RecordKind, id: &[u8]) -> Record {
    Record { kind, id: text(id) }
}

/// `1 grant`, `2 grants`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
