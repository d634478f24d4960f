//! `-o table`: findings as people read them.
//!
//! ```text
//! error grant-principal-missing: grants are held by a principal that is not in the sync⏎
//!   2 grants, such as group:eng:member:user:ghost, are held by user/ghost, which is not in the sync⏎
//!   … and 153 more⏎
//!   hint: List the principal, also when it is disabled.⏎
//! ⏎
//! 1 error, 0 warnings, 3 notes in 62 grants, 18 entitlements, 29 resources⏎
//! ```

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::super::{Finding, Rule, Severity};
use super::row::told;
use super::{ByRule, Report, Section, Summary};
use crate::model::visible::visible;

/// What stands before the advice on findings.
const HINT: &str = "  hint: ";

/// Writes findings by rule.
pub struct Digest<'w> {
    out: &'w mut dyn Write,
    look: Look,
    found: ByRule,
}

/// What text is written for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether there is colour.
    pub colour: bool,
    /// The width of the terminal, if it is for one. Our own words are wrapped there; those of the file never are, since
    /// people copy them.
    pub width: Option<usize>,
}

impl<'w> Digest<'w> {
    /// `out` should be buffered.
    pub fn new(look: Look, out: &'w mut dyn Write) -> Self {
        Self { out, look, found: ByRule::default() }
    }

    fn section(&mut self, section: &Section<'_>) -> io::Result<()> {
        write_title(section.rule, self.look, self.out)?;
        for finding in section.findings {
            writeln!(self.out, "  {}", visible(&told(finding)))?;
        }
        if let Some(rest) = section.rest() {
            writeln!(self.out, "  {rest}")?;
        }
        let hint = self.look.style(Style::new().fg_color(Some(AnsiColor::Cyan.into())));
        write!(self.out, "  {hint}hint:{hint:#} ")?;
        self.look.write_advice(section.rule, HINT.len(), self.out)?;
        self.out.write_all(b"\n")
    }
}

/// Writes what rules are about, and what to do about their findings.
///
/// # Errors
/// When the output cannot be written.
pub fn write_rules(
    rules: impl Iterator<Item = &'static Rule>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (number, rule) in rules.enumerate() {
        if number > 0 {
            out.write_all(b"\n")?;
        }
        write_title(rule, look, out)?;
        out.write_all(b"  ")?;
        look.write_advice(rule, 2, out)?;
    }
    out.flush()
}

fn write_title(rule: &Rule, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let severity = look.style(Style::new().bold().fg_color(Some(colour(rule.severity).into())));
    let code = look.style(Style::new().bold());
    let name = rule.severity.name();
    writeln!(out, "{severity}{name}{severity:#} {code}{}{code:#}: {}", rule.code, rule.title)
}

impl Look {
    fn style(self, style: Style) -> Style {
        if self.colour { style } else { Style::new() }
    }

    /// Writes the advice of a rule where `indent` columns are taken, and ends the line.
    fn write_advice(self, rule: &Rule, indent: usize, out: &mut dyn Write) -> io::Result<()> {
        // On a narrower terminal there would be a word a line.
        const NARROWEST: usize = 40;
        let width = self.width.unwrap_or(usize::MAX).max(NARROWEST);
        let mut taken = indent;
        for (number, word) in rule.advice.split(' ').enumerate() {
            let length = word.chars().count();
            if number > 0 && taken + 1 + length > width {
                write!(out, "\n{:indent$}", "")?;
                taken = indent;
            } else if number > 0 {
                out.write_all(b" ")?;
                taken += 1;
            }
            out.write_all(word.as_bytes())?;
            taken += length;
        }
        out.write_all(b"\n")
    }
}

fn colour(severity: Severity) -> AnsiColor {
    match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    }
}

impl Report for Digest<'_> {
    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.found.add(finding);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let found = std::mem::take(&mut self.found);
        for section in found.sections(summary) {
            self.section(&section)?;
        }
        write!(self.out, "{}", summary.sentence())?;
        let remarks = summary.remarks();
        if !remarks.is_empty() {
            write!(self.out, " ({})", remarks.join("; "))?;
        }
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tally;
    use super::super::testing::{finding, rule, summary, tell};
    use super::*;

    fn print(findings: &[Finding], extra: u64, colour: bool) -> String {
        let mut tally = Tally::default();
        let mut out = Vec::new();
        let mut digest = Digest::new(Look { colour, width: None }, &mut out);
        for finding in findings {
            tally.add(finding);
            digest.finding(finding.clone()).unwrap();
        }
        for _ in 0..extra {
            tally.add(&findings[0]);
        }
        digest.finish(&summary(tally)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_gravest_come_first_and_the_summary_last() {
        let (error, warning) = (rule(Severity::Error), rule(Severity::Warning));
        let shown =
            print(&[finding(warning, "w"), finding(error, "long-id"), finding(error, "e\u{1b}")], 1, false);
        let expected = format!(
            "error {}: {}\n  long-id is odd\n  e\\x1b is odd\n  hint: {}\n\n\
             warning {}: {}\n  w is odd\n  … and 1 more\n  hint: {}\n\n\
             2 errors, 2 warnings, 0 notes in 1,200 grants, 1 entitlement, 29 resources\n",
            error.code, error.title, error.advice, warning.code, warning.title, warning.advice
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn colour_changes_no_text() {
        let findings = [finding(rule(Severity::Error), "a")];
        let coloured = print(&findings, 2, true);
        let plain = coloured.split('\u{1b}').enumerate().map(|(place, part)| match place {
            0 => part,
            _ => part.split_once('m').unwrap().1,
        });
        assert_eq!(plain.collect::<String>(), print(&findings, 2, false));
        assert_ne!(coloured, print(&findings, 2, false));
    }

    #[test]
    fn our_own_words_are_wrapped_at_the_terminal() {
        let rule = rule(Severity::Error);
        let mut out = Vec::new();
        tell(
            &mut Digest::new(Look { colour: false, width: Some(50) }, &mut out),
            &[finding(rule, &"x ".repeat(60))],
        );
        let shown = String::from_utf8(out).unwrap();
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines[1].len() > 100, "an id stays in one piece");
        let hint: Vec<_> = lines[2..].iter().take_while(|line| !line.is_empty()).collect();
        assert!(hint.len() > 1 && hint.iter().all(|line| line.len() <= 50), "{shown}");
        let words: Vec<_> = hint.iter().map(|line| &line[HINT.len()..]).collect();
        assert_eq!(words.join(" "), rule.advice);
    }

    #[test]
    fn no_finding_is_one_line() {
        assert_eq!(print(&[], 0, false), "no findings in 1,200 grants, 1 entitlement, 29 resources\n");
    }
}
