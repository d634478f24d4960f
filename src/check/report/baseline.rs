//! Findings that are known already, in a file that people keep beside their code and review.
//!
//! ```text
//! # baton check baseline 1⏎
//! # …⏎                                             lines with # and empty ones say nothing
//! grant-principal-missing⇥resource⇥user/ghost⏎     code, kind of the record, its id; sorted
//! sync-unfinished⇥sync⏎                            syncs come and go: their ids say nothing
//! ```
//!
//! The first record of a finding says which one it is; neither the wording nor the place does. A backslash is doubled, and
//! what does not print stands as an escape, so that a line is a line and may be shown anywhere.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::super::{Finding, RecordKind};
use crate::model::visible::push_visible;
use crate::store::{ContainerError, SaveOptions, check_target, save_plain};

/// How every baseline begins.
const MARK: &str = "# baton check baseline 1";

/// Findings that are known already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Whether each was met.
    entries: BTreeMap<String, bool>,
}

/// Why a file was not read as a baseline, or not written.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{file}: this is no baseline of findings")]
    Foreign {
        /// The file.
        file: String,
    },
    /// A line is no entry.
    #[error(
        "{file}: line {line} is no known finding: it should be a code, a kind of record and an id, with tabs between"
    )]
    Line {
        /// The file.
        file: String,
        /// Its number, from 1.
        line: usize,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Save(#[from] ContainerError),
}

/// What says which finding it is: the code and the first record.
#[must_use]
pub fn fingerprint(finding: &Finding) -> String {
    let mut line = finding.rule.code.to_owned();
    if let Some(record) = finding.records.first() {
        line.push('\t');
        line.push_str(record.kind.name());
        if record.kind != RecordKind::Sync {
            line.push('\t');
            push_visible(&mut line, &record.id.replace('\\', "\\\\"));
        }
    }
    line
}

impl Baseline {
    /// Reads a file. An empty one knows nothing.
    ///
    /// # Errors
    /// [`BaselineError`]
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let file = || path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| BaselineError::Read { file: file(), source })?;
        Self::parse(&bytes, &file())
    }

    fn parse(bytes: &[u8], file: &str) -> Result<Self, BaselineError> {
        let foreign = || BaselineError::Foreign { file: file.to_owned() };
        let text = std::str::from_utf8(bytes).map_err(|_| foreign())?;
        if !(text.is_empty() || text.lines().next() == Some(MARK)) {
            return Err(foreign());
        }
        let mut entries = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if !line.contains('\t') {
                return Err(BaselineError::Line { file: file.to_owned(), line: number });
            }
            entries.insert(line.to_owned(), false);
        }
        Ok(Self { entries })
    }

    /// Whether the finding is known. Remembers that it was met.
    pub fn meet(&mut self, finding: &Finding) -> bool {
        let met = self.entries.get_mut(&fingerprint(finding));
        met.map(|met| *met = true).is_some()
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: &Finding) {
        self.entries.insert(fingerprint(finding), true);
    }

    /// How many findings are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many findings were not met, of those with codes that were `asked` for.
    pub fn gone(&self, asked: impl Fn(&str) -> bool) -> u64 {
        self.entries.iter().filter(|(line, met)| !**met && asked(code(line))).count() as u64
    }

    /// Adds what `other` knows of codes that are to be kept.
    pub fn keep(&mut self, other: &Self, kept: impl Fn(&str) -> bool) {
        let lines = other.entries.keys().filter(|line| kept(code(line)));
        self.entries.extend(lines.map(|line| (line.clone(), false)));
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "{MARK}\n# Known findings: their code, the kind of the record, and its id. Written with --write-baseline.\n"
        );
        for line in self.entries.keys() {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// The code of an entry.
fn code(line: &str) -> &str {
    line.split('\t').next().unwrap_or_default()
}

/// Whether [`save_baseline`] may write to `path`: where nothing is, where a baseline is, and elsewhere when told to
/// `force` it. For those who have much to do before they write.
///
/// # Errors
/// [`BaselineError`]
pub fn check_baseline_target(path: &Path, force: bool) -> Result<(), BaselineError> {
    check_target(path, SaveOptions { overwrite: true })?;
    if force || !path.exists() {
        return Ok(());
    }
    Baseline::read(path).map(drop)
}

/// Writes a baseline as a whole, or leaves what was there.
///
/// # Errors
/// [`BaselineError::Save`]
pub fn save_baseline(baseline: &Baseline, path: &Path) -> Result<(), BaselineError> {
    let text = baseline.to_text();
    save_plain(path, SaveOptions { overwrite: true }, &mut |out| out.write_all(text.as_bytes()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::{Record, Severity};
    use super::super::testing::{finding, rule};
    use super::*;

    fn parse(text: &str) -> Result<Baseline, BaselineError> {
        Baseline::parse(text.as_bytes(), "known.txt")
    }

    #[test]
    fn what_was_written_is_known_again() {
        let error = rule(Severity::Error);
        let mut written = Baseline::default();
        for id in ["b", "a", "a\tb\n\u{1b}", "#", "C:\\x", "\u{202e}"] {
            written.add(&finding(error, id));
        }
        let text = written.to_text();
        assert!(text.lines().skip(2).is_sorted());
        assert!(text.chars().all(|character| !character.is_control() || matches!(character, '\n' | '\t')));
        let mut read = parse(&text).unwrap();
        assert!(read.meet(&finding(error, "a\tb\n\u{1b}")));
        assert!(!read.meet(&finding(error, "a\\tb\\n\\x1b")));
        assert!(!read.meet(&finding(rule(Severity::Note), "a")));
        assert_eq!((read.len(), read.gone(|_| true)), (6, 5));
    }

    #[test]
    fn only_what_was_asked_for_can_be_gone() {
        let (error, note) = (rule(Severity::Error), rule(Severity::Note));
        let mut baseline = Baseline::default();
        baseline.add(&finding(error, "a"));
        baseline.add(&finding(note, "a"));
        let read = parse(&baseline.to_text()).unwrap();
        assert_eq!(read.gone(|code| code == note.code), 1);
        let mut next = Baseline::default();
        next.keep(&read, |code| code == error.code);
        assert!(next.meet(&finding(error, "a")) && next.len() == 1);
    }

    #[test]
    fn ids_of_syncs_and_other_words_are_left_out() {
        let sync = |id: &str| Finding {
            records: vec![Record { kind: RecordKind::Sync, id: id.into() }],
            message: id.into(),
            ..finding(rule(Severity::Error), "")
        };
        assert_eq!(fingerprint(&sync("a")), fingerprint(&sync("b")));
        let mut more = finding(rule(Severity::Error), "g");
        let before = fingerprint(&more);
        more.records.pop();
        more.message.clear();
        assert_eq!(fingerprint(&more), before);
    }

    #[test]
    fn other_files_are_told_apart() {
        assert!(parse("").unwrap().is_empty());
        assert!(parse(&format!("{MARK}\r\n\r\n# x\r\ncode\tgrant\tg\r\n")).unwrap().len() == 1);
        assert!(matches!(parse("code\tgrant\tg\n"), Err(BaselineError::Foreign { .. })));
        assert!(matches!(Baseline::parse(b"C1ZF\0\xff", "x"), Err(BaselineError::Foreign { .. })));
        assert!(matches!(parse(&format!("{MARK}\n\nword\n")), Err(BaselineError::Line { line: 3, .. })));
    }

    proptest! {
        #[test]
        fn different_ids_are_different_findings(a in any::<String>(), b in any::<String>()) {
            let rule = rule(Severity::Error);
            prop_assert_eq!(fingerprint(&finding(rule, &a)) == fingerprint(&finding(rule, &b)), a == b);
            let mut baseline = Baseline::default();
            baseline.add(&finding(rule, &a));
            let mut read = parse(&baseline.to_text()).unwrap();
            prop_assert!(read.meet(&finding(rule, &a)));
        }
    }
}
