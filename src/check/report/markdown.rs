//! `-o md`: findings for a comment or a job summary.
//!
//! ```text
//! **1 error, 0 warnings, 3 notes** in …⏎
//! <details open><summary>error <code>grant-principal-missing</code>: … (1)</summary>⏎
//! | Finding |⏎
//! …
//! </details>⏎
//! ```
//!
//! The summary comes first, since a comment is read from its top; errors are unfolded, the rest is not.

use std::io::{self, Write};

use super::super::{Finding, Severity};
use super::row::{TOLD, ToldRow};
use super::{ByRule, Report, Section, Summary, thousands};
use crate::model::visible::visible;
use crate::render::{Options, OutputFormat, RowError, format};

/// Writes findings by rule, as Markdown.
pub struct Markdown<'w> {
    out: &'w mut dyn Write,
    found: ByRule,
}

impl<'w> Markdown<'w> {
    /// `out` should be buffered.
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out, found: ByRule::default() }
    }

    fn section(&mut self, section: &Section<'_>) -> io::Result<()> {
        let Section { rule, findings, count } = section;
        let open = if rule.severity == Severity::Error { " open" } else { "" };
        let (name, count) = (rule.severity.name(), thousands(*count));
        writeln!(
            self.out,
            "\n<details{open}><summary>{name} <code>{}</code>: {} ({count})</summary>\n\n{}\n",
            rule.code, rule.title, rule.advice
        )?;
        if !findings.is_empty() {
            write_table(findings, self.out)?;
        }
        if let Some(rest) = section.rest() {
            writeln!(self.out, "\n{rest}")?;
        }
        writeln!(self.out, "\n</details>")
    }
}

fn write_table(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut rows = format(OutputFormat::Md, &TOLD, &Options::default(), out);
    for finding in findings {
        rows.row(&ToldRow(finding)).map_err(|error| match error {
            RowError::Io(error) => error,
            RowError::Malformed(error) => io::Error::other(error),
        })?;
    }
    Ok(())
}

impl Report for Markdown<'_> {
    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.found.add(finding);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let found = std::mem::take(&mut self.found);
        let mut line = format!("**{}**", summary.sentence());
        let remarks = summary.remarks();
        if !remarks.is_empty() {
            line.push_str(&format!(" ({})", remarks.join("; ")));
        }
        writeln!(self.out, "{}", visible(&line))?;
        for section in found.sections(summary) {
            self.section(&section)?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, rule, tell};
    use super::*;

    #[test]
    fn each_rule_is_a_section_with_a_table() {
        let mut out = Vec::new();
        let (error, note) = (rule(Severity::Error), rule(Severity::Warning));
        tell(&mut Markdown::new(&mut out), &[finding(note, "w"), finding(error, "a|b\n<x>")]);
        let text = String::from_utf8(out).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("**1 error, 1 warning, 0 notes in 1,200 grants, 1 entitlement, 29 resources**")
        );
        assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
        let details: Vec<_> = text.lines().filter(|line| line.starts_with("<details")).collect();
        assert!(details[0].starts_with(&format!("<details open><summary>error <code>{}</code>", error.code)));
        assert!(details[1].starts_with(&format!("<details><summary>warning <code>{}</code>", note.code)));
        assert!(text.contains("| a\\|b<br>&lt;x> is odd |"), "{text}");
        assert!(text.contains("\n\n| Finding |\n| --- |\n"), "a table begins after an empty line");
    }
}
