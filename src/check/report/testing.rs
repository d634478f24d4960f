//! Findings for tests of reports.

use super::super::{Checked, Finding, RULES, Record, RecordKind, Rule, Severity};
use super::{Report, Summary, Tally};

/// The first rule of this severity.
pub(super) fn rule(severity: Severity) -> &'static Rule {
    RULES.iter().find(|rule| rule.severity == severity).unwrap()
}

/// A finding about this grant, and a user.
pub(super) fn finding(rule: &'static Rule, grant: &str) -> Finding {
    Finding {
        rule,
        records: vec![
            Record { kind: RecordKind::Grant, id: grant.to_owned() },
            Record { kind: RecordKind::Resource, id: "user/u1".to_owned() },
        ],
        message: format!("{grant} is odd"),
        place: None,
    }
}

/// These counts, in so many records.
pub(super) fn summary(tally: Tally) -> Summary {
    Summary {
        file: "sync.c1z".into(),
        tally,
        checked: Checked {
            sync: "S1".into(),
            resource_types: 2,
            resources: 29,
            entitlements: 1,
            grants: 1200,
        },
        asked: vec![Severity::Error, Severity::Warning, Severity::Note],
        shown: Severity::Warning,
        gone: 0,
        unread: None,
    }
}

/// Hands findings to a report, and then the summary of them.
pub(super) fn tell(report: &mut dyn Report, findings: &[Finding]) {
    let mut tally = Tally::default();
    for finding in findings {
        tally.add(finding);
        report.finding(finding.clone()).unwrap();
    }
    report.finish(&summary(tally)).unwrap();
}
