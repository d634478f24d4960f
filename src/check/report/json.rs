//! `-o json`: one document.
//!
//! ```text
//! {"findings":[{"severity":"error","code":…,"message":…,"records":[{"kind":…,"id":…}],"place":…}],
//!  "summary":{"file":…,"syncId":…,"errors":1,"warnings":0,"notes":0,"known":0,"byCode":{CODE:1},"records":{"grants":9}}}⏎
//! ```
//!
//! Compact, with one final newline. The list is there even when it is empty.

use std::io::{self, Write};

use super::super::{Finding, Severity};
use super::{FindingRow, Report, Summary};
use crate::model::protojson::push_string;
use crate::render::Row as _;

/// Writes findings as one JSON document.
pub struct Json<'w> {
    out: &'w mut dyn Write,
    line: Vec<u8>,
    open: bool,
}

impl<'w> Json<'w> {
    /// `out` should be buffered: every finding is one write.
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out, line: Vec::new(), open: false }
    }

    /// What stands before the next finding.
    fn separate(&mut self) {
        let open = std::mem::replace(&mut self.open, true);
        self.line.extend_from_slice(if open { b"," } else { b"{\"findings\":[" });
    }
}

impl Report for Json<'_> {
    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.line.clear();
        self.separate();
        FindingRow(&finding).json(&mut self.line).map_err(io::Error::other)?;
        self.out.write_all(&self.line)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.line.clear();
        if !self.open {
            self.separate();
        }
        self.line.extend_from_slice(b"],\"summary\":");
        push_summary(&mut self.line, summary);
        self.line.extend_from_slice(b"}\n");
        self.out.write_all(&self.line)?;
        self.out.flush()
    }
}

fn push_summary(out: &mut Vec<u8>, summary: &Summary) {
    out.extend_from_slice(b"{\"file\":");
    push_string(out, summary.file.as_bytes());
    out.extend_from_slice(b",\"syncId\":");
    push_string(out, summary.checked.sync.as_bytes());
    let tally = &summary.tally;
    let counts = [
        ("errors", tally.of_severity(Severity::Error)),
        ("warnings", tally.of_severity(Severity::Warning)),
        ("notes", tally.of_severity(Severity::Note)),
        ("known", tally.known()),
        ("gone", summary.gone),
    ];
    for (name, count) in counts {
        out.push(b',');
        push_count(out, name, count);
    }
    out.extend_from_slice(b",\"byCode\":");
    push_counts(out, tally.by_code());
    out.extend_from_slice(b",\"records\":");
    let checked = &summary.checked;
    let records = [
        ("resourceTypes", checked.resource_types),
        ("resources", checked.resources),
        ("entitlements", checked.entitlements),
        ("grants", checked.grants),
    ];
    push_counts(out, records.into_iter());
    out.push(b'}');
}

fn push_counts(out: &mut Vec<u8>, counts: impl Iterator<Item = (&'static str, u64)>) {
    out.push(b'{');
    for (number, (name, count)) in counts.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        push_count(out, name, count);
    }
    out.push(b'}');
}

fn push_count(out: &mut Vec<u8>, name: &str, count: u64) {
    push_string(out, name.as_bytes());
    out.extend_from_slice(format!(":{count}").as_bytes());
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::testing::{finding, rule, tell};
    use super::*;

    fn print(findings: &[Finding]) -> Value {
        let mut out = Vec::new();
        tell(&mut Json::new(&mut out), findings);
        assert_eq!(out.iter().filter(|&&byte| byte == b'\n').count(), 1);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn findings_stand_in_one_list_before_their_summary() {
        let error = rule(Severity::Error);
        let document = print(&[finding(error, "a"), finding(error, "b\u{1b}\"")]);
        assert_eq!(document["findings"][0]["code"], error.code);
        assert_eq!(document["findings"][1]["records"][0]["id"], "b\u{1b}\"");
        assert_eq!(document["summary"]["errors"], 2);
        assert_eq!(document["summary"]["byCode"][error.code], 2);
        assert_eq!(document["summary"]["records"]["grants"], 1200);
    }

    #[test]
    fn no_finding_is_an_empty_list() {
        let document = print(&[]);
        assert_eq!(document["findings"], serde_json::json!([]));
        assert_eq!(document["summary"]["byCode"], serde_json::json!({}));
    }
}
