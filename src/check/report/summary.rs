//! How many findings there are, and in how much.

use std::collections::BTreeMap;

use super::super::{Checked, Finding, Rule, Severity};
use super::{counted, thousands};

/// Counts findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    by_code: BTreeMap<&'static str, (Severity, u64)>,
    known: u64,
}

impl Tally {
    /// Counts a finding; returns how many there are of its rule by now.
    pub fn add(&mut self, finding: &Finding) -> u64 {
        let entry = self.by_code.entry(finding.rule.code).or_insert((finding.rule.severity, 0));
        entry.1 += 1;
        entry.1
    }

    /// Counts a finding that a baseline has.
    pub fn add_known(&mut self) {
        self.known += 1;
    }

    /// How many findings a baseline has.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.known
    }

    /// How many there are of a rule.
    #[must_use]
    pub fn of(&self, rule: &Rule) -> u64 {
        self.by_code.get(rule.code).map_or(0, |(_, count)| *count)
    }

    /// How many there are of a severity.
    #[must_use]
    pub fn of_severity(&self, severity: Severity) -> u64 {
        self.sum(|of| of == severity)
    }

    /// How many there are at or above a severity.
    #[must_use]
    pub fn at_least(&self, severity: Severity) -> u64 {
        self.sum(|of| of >= severity)
    }

    fn sum(&self, wanted: impl Fn(Severity) -> bool) -> u64 {
        self.by_code.values().filter(|(severity, _)| wanted(*severity)).map(|(_, count)| count).sum()
    }

    /// The codes that were found, and how often.
    pub fn by_code(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.by_code.iter().map(|(code, (_, count))| (*code, *count))
    }
}

/// What there is to say when all is done.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The file.
    pub file: String,
    /// The findings.
    pub tally: Tally,
    /// What was looked at.
    pub checked: Checked,
    /// The severities of the rules that were asked for, the gravest first.
    pub asked: Vec<Severity>,
    /// People are shown findings at or above this severity.
    pub shown: Severity,
    /// Entries of the baseline that were not found any more.
    pub gone: u64,
    /// Rows that could not be read, if any.
    pub unread: Option<String>,
}

impl Summary {
    /// `3 errors, 1 warning, 40 notes in 1,200 grants, 96 entitlements, 310 resources`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let findings = match self.tally.at_least(Severity::Note) {
            0 if self.tally.known > 0 => "no new findings".to_owned(),
            0 => "no findings".to_owned(),
            _ => {
                let counted = |of: &Severity| counted(self.tally.of_severity(*of), of.name());
                self.asked.iter().map(counted).collect::<Vec<_>>().join(", ")
            }
        };
        let Checked { grants, entitlements, resources, .. } = self.checked;
        let records = [(grants, "grant"), (entitlements, "entitlement"), (resources, "resource")];
        let records = records.map(|(count, what)| counted(count, what)).join(", ");
        format!("{findings} in {records}")
    }

    /// What the sentence leaves open: findings that are not shown.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        for severity in [Severity::Warning, Severity::Note] {
            let count = self.tally.of_severity(severity);
            if severity < self.shown && count > 0 {
                let name = severity.name();
                remarks.push(format!("{} not shown, --severity {name} shows them", counted(count, name)));
            }
        }
        if self.tally.known > 0 {
            remarks.push(format!("{} known from the baseline", thousands(self.tally.known)));
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, rule, summary};
    use super::*;

    #[test]
    fn the_sentence_counts_by_severity() {
        let mut tally = Tally::default();
        for severity in [Severity::Error, Severity::Note, Severity::Note] {
            tally.add(&finding(rule(severity), "g1"));
        }
        let mut summary = summary(tally);
        assert_eq!(
            summary.sentence(),
            "1 error, 0 warnings, 2 notes in 1,200 grants, 1 entitlement, 29 resources"
        );
        assert_eq!(summary.remarks(), ["2 notes not shown, --severity note shows them"]);
        summary.asked = vec![Severity::Error];
        assert!(summary.sentence().starts_with("1 error in "));
    }

    #[test]
    fn nothing_found_is_said() {
        let mut tally = Tally::default();
        assert_eq!(
            summary(tally.clone()).sentence(),
            "no findings in 1,200 grants, 1 entitlement, 29 resources"
        );
        tally.add_known();
        let summary = summary(tally);
        assert_eq!(summary.sentence(), "no new findings in 1,200 grants, 1 entitlement, 29 resources");
        assert_eq!(summary.remarks(), ["1 known from the baseline"]);
    }

    #[test]
    fn findings_are_counted_by_rule_and_by_severity() {
        let mut tally = Tally::default();
        let (error, warning) = (rule(Severity::Error), rule(Severity::Warning));
        assert_eq!(tally.add(&finding(error, "a")), 1);
        assert_eq!(tally.add(&finding(error, "b")), 2);
        assert_eq!(tally.add(&finding(warning, "a")), 1);
        assert_eq!((tally.of(error), tally.of(warning)), (2, 1));
        assert_eq!((tally.at_least(Severity::Warning), tally.at_least(Severity::Error)), (3, 2));
        assert_eq!(tally.by_code().map(|(_, count)| count).sum::<u64>(), 3);
    }
}
