//! What a reader has to say about records although it went on.

use std::collections::{BTreeSet, HashSet};

use super::place::{KeptPlace, Place};

/// How many of each kind are named; the rest is counted.
const NAMED: usize = 5;

/// Places of one kind of problem: the first few, and how many there are.
#[derive(Debug, Default)]
struct Tally {
    seen: HashSet<KeptPlace>,
    named: Vec<String>,
    count: u64,
}

/// Places that are told apart; beyond that a row may be counted each time it is met.
const SEEN: usize = 100_000;

impl Tally {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(name());
        }
    }

    /// Adds a place, once however often it is met.
    fn add_place(&mut self, place: Place<'_>, name: impl FnOnce() -> String) {
        let place = place.keep();
        if self.seen.contains(&place) {
            return;
        }
        if self.seen.len() < SEEN {
            self.seen.insert(place);
        }
        self.add(name);
    }

    /// `v1_grants row 3, v1_grants row 8 and 12 more`.
    fn list(&self) -> String {
        let more = self.count.saturating_sub(self.named.len() as u64);
        let named = self.named.join(", ");
        if more == 0 { named } else { format!("{named} and {more} more") }
    }
}

/// Everything odd that was met while reading.
#[derive(Debug, Default)]
pub struct Problems {
    damaged: Tally,
    replaced: Tally,
    payloads: Tally,
    missing: BTreeSet<String>,
    muted: bool,
}

impl Problems {
    /// A row that was skipped, and why.
    pub fn damaged(&mut self, place: Place<'_>, reason: &str) {
        if !self.muted {
            self.damaged.add_place(place, || format!("{place} ({reason})"));
        }
    }

    /// Whether rows that are met from now on concern nobody: they are read in case they are asked for.
    pub fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    /// A row that was shown with replacement characters.
    pub fn replaced_text(&mut self, place: Place<'_>) {
        self.replaced.add_place(place, || place.to_string());
    }

    /// A row with a value that was kept as it is stored.
    pub fn kept_payload(&mut self, place: Place<'_>) {
        self.payloads.add_place(place, || place.to_string());
    }

    /// A record that others name and the sync lacks, such as `resource user/u1`.
    pub fn missing(&mut self, record: String) {
        self.missing.insert(record);
    }

    /// Which rows were skipped, so that the answer is incomplete; `None` when all could be read.
    #[must_use]
    pub fn incomplete(&self) -> Option<String> {
        let count = self.damaged.count;
        (count > 0).then(|| format!("{} that cannot be read, skipped: {}", rows(count), self.damaged.list()))
    }

    /// One line for each other kind of problem.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.replaced.count > 0 {
            lines.push(format!(
                "{} with text that is not UTF-8, shown with replacement characters: {}",
                rows(self.replaced.count),
                self.replaced.list()
            ));
        }
        if self.payloads.count > 0 {
            lines.push(format!(
                "{} with a value that does not parse, kept as it is stored: {}",
                rows(self.payloads.count),
                self.payloads.list()
            ));
        }
        if !self.missing.is_empty() {
            let mut tally = Tally::default();
            for record in &self.missing {
                tally.add(|| record.clone());
            }
            let records =
                if tally.count == 1 { "record that others name is" } else { "records that others name are" };
            lines.push(format!("{} {records} missing from this sync: {}", tally.count, tally.list()));
        }
        lines
    }
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".into() } else { format!("{count} rows") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_few_and_counts_the_rest() {
        let mut problems = Problems::default();
        for row in 1..=7 {
            problems.damaged(Place::Row { table: "v1_grants", row }, "cut");
        }
        problems.missing("resource user/b".into());
        problems.missing("resource user/a".into());
        problems.missing("resource user/a".into());
        problems.damaged(Place::Row { table: "v1_grants", row: 7 }, "cut");
        let line = problems.incomplete().unwrap();
        assert!(line.starts_with("7 rows that cannot be read, skipped: v1_grants row 1 (cut), "));
        assert!(line.ends_with("v1_grants row 5 (cut) and 2 more"));
        assert_eq!(
            problems.lines()[0],
            "2 records that others name are missing from this sync: resource user/a, resource user/b"
        );
    }
}
