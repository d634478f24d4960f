//! How findings are told: the row of a list, the digest for people, and the formats that only findings have.
//!
//! A [`Report`] takes findings one by one. [`Sarif`] and [`Json`] write each at once; [`Digest`] and [`Markdown`] show
//! them by rule, the gravest first, and keep what they are handed: hand them no more of a rule than people read.

mod baseline;
mod choice;
mod digest;
mod json;
mod markdown;
mod row;
mod sarif;
mod summary;
#[cfg(test)]
mod testing;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

pub use baseline::{Baseline, BaselineError, check_baseline_target, fingerprint, save_baseline};
pub use choice::{Choice, ChoiceError};
pub use digest::{Digest, Look, write_rules};
pub use json::Json;
pub use markdown::Markdown;
pub use row::{FINDINGS, FindingRow, RULE_LIST, RuleRow};
pub use sarif::Sarif;
pub use summary::{Summary, Tally};

use super::{Finding, RULES, Rule};

/// Takes the findings of one check.
///
/// Nothing is written before the first finding, so that an error before it leaves the output empty.
pub trait Report {
    /// One finding.
    ///
    /// # Errors
    /// When the output cannot be written.
    fn finding(&mut self, finding: Finding) -> io::Result<()>;

    /// Writes what stands after the last finding, and what was kept.
    ///
    /// # Errors
    /// When the output cannot be written.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// What people are shown of one rule.
#[derive(Debug)]
struct Section<'a> {
    rule: &'static Rule,
    /// The first findings.
    findings: &'a [Finding],
    /// How many there are.
    count: u64,
}

impl Section<'_> {
    /// A line for the findings that are not shown.
    fn rest(&self) -> Option<String> {
        let rest = self.count.saturating_sub(self.findings.len() as u64);
        match self.findings {
            _ if rest == 0 => None,
            [] => Some(counted(rest, "finding")),
            _ => Some(format!("… and {} more", thousands(rest))),
        }
    }
}

/// Findings that wait to be shown by rule.
#[derive(Debug, Default)]
struct ByRule(BTreeMap<&'static str, Vec<Finding>>);

impl ByRule {
    fn add(&mut self, finding: Finding) {
        self.0.entry(finding.rule.code).or_default().push(finding);
    }

    /// A section for each rule that people are shown, the gravest first.
    fn sections(&self, summary: &Summary) -> Vec<Section<'_>> {
        let shown = |rule: &&Rule| rule.severity >= summary.shown && summary.tally.of(rule) > 0;
        let mut rules: Vec<_> = RULES.iter().filter(shown).collect();
        rules.sort_by_key(|rule| Reverse(rule.severity));
        let section = |rule: &'static Rule| {
            let findings = self.0.get(rule.code).map(Vec::as_slice).unwrap_or_default();
            Section { rule, findings, count: summary.tally.of(rule) }
        };
        rules.into_iter().map(section).collect()
    }
}

/// `1 note`, `2,000 grants`.
fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(count))
}

/// A number with its digits in groups of three.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn long_numbers_are_grouped() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), shown);
        }
    }
}
