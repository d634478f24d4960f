//! Which rules are asked for: `--only`, `--skip`, `--severity`.

use std::collections::BTreeSet;

use super::super::{RULES, Rule, Severity};
use crate::model::near::Near;

/// Which rules are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice(BTreeSet<&'static str>);

/// Words that choose nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// No code is called so, or like so.
    #[error("there is no finding with the code '{word}'")]
    Unknown {
        /// What was asked for.
        word: String,
        /// Codes that are like it, the closest first.
        near: Vec<String>,
    },
    /// What was asked for was taken away again.
    #[error("no code is left to check for")]
    Nothing,
}

impl Choice {
    /// The rules whose codes are in `only` (all when that is empty) and not in `skip`, at or above `severity`. Codes may
    /// have `*` for any signs.
    ///
    /// # Errors
    /// [`ChoiceError`]
    pub fn new(only: &[String], skip: &[String], severity: Severity) -> Result<Self, ChoiceError> {
        let mut codes: BTreeSet<_> = match only {
            [] => RULES.iter().map(|rule| rule.code).collect(),
            words => codes(words)?,
        };
        for code in self::codes(skip)? {
            codes.remove(code);
        }
        let grave = |rule: &&Rule| rule.severity >= severity;
        let grave: BTreeSet<_> = RULES.iter().filter(grave).map(|rule| rule.code).collect();
        codes.retain(|code| grave.contains(code));
        if codes.is_empty() { Err(ChoiceError::Nothing) } else { Ok(Self(codes)) }
    }

    /// Whether findings of this rule are asked for.
    #[must_use]
    pub fn takes(&self, rule: &Rule) -> bool {
        self.0.contains(rule.code)
    }

    /// Whether findings with this code, if there are any, are found: also when no rule has it, for then there are none.
    #[must_use]
    pub fn covers(&self, code: &str) -> bool {
        self.0.contains(code) || !RULES.iter().any(|rule| rule.code == code)
    }

    /// The severities of the rules that are asked for, the gravest first.
    #[must_use]
    pub fn severities(&self) -> Vec<Severity> {
        let severities: BTreeSet<_> = self.rules().map(|rule| rule.severity).collect();
        severities.into_iter().rev().collect()
    }

    /// The rules that are asked for, in the order of [`RULES`].
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().filter(|rule| self.takes(rule))
    }
}

fn codes(words: &[String]) -> Result<BTreeSet<&'static str>, ChoiceError> {
    let mut codes = BTreeSet::new();
    for word in words {
        let mut found = RULES.iter().map(|rule| rule.code).filter(|code| matches(word, code)).peekable();
        if found.peek().is_none() {
            return Err(unknown(word));
        }
        codes.extend(found);
    }
    Ok(codes)
}

fn unknown(word: &str) -> ChoiceError {
    let wanted = word.replace('*', "");
    let mut near = Near::of(&wanted);
    RULES.iter().for_each(|rule| near.add(rule.code.to_owned()));
    ChoiceError::Unknown { word: word.to_owned(), near: near.finish() }
}

/// Whether `text` is `pattern`, in which `*` stands for any signs, also none.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        // The first place leaves the most for the parts that follow.
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn chosen(only: &[&str], skip: &[&str], severity: Severity) -> Vec<&'static str> {
        let choice = Choice::new(&strings(only), &strings(skip), severity).unwrap();
        choice.rules().map(|rule| rule.code).collect()
    }

    #[test]
    fn stars_stand_for_any_signs() {
        for (pattern, text, yes) in [
            ("a-b", "a-b", true),
            ("a-b", "a-b-c", false),
            ("a-*", "a-b", true),
            ("*-b", "a-b", true),
            ("*", "a-b", true),
            ("a*c*e", "abcde", true),
            ("a*cd*de", "abcde", false),
            ("*a", "aa", true),
            ("a*a", "a", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), yes, "{pattern} {text}");
        }
    }

    #[test]
    fn all_rules_are_asked_for_unless_words_say_otherwise() {
        let all: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(chosen(&[], &[], Severity::Note), all);
        let first = all[0];
        assert_eq!(chosen(&[first], &[], Severity::Note), [first]);
        assert_eq!(chosen(&[], &[first], Severity::Note), all[1..]);
        let choice = Choice::new(&[], &strings(&[first]), Severity::Note).unwrap();
        assert_eq!(choice.severities(), [Severity::Error, Severity::Warning, Severity::Note]);
        assert!(!choice.covers(first) && choice.covers(all[1]) && choice.covers("of-another-version"));
        let errors = RULES.iter().filter(|rule| rule.severity == Severity::Error).map(|rule| rule.code);
        assert_eq!(chosen(&["*"], &[], Severity::Error), errors.collect::<Vec<_>>());
    }

    #[test]
    fn an_unknown_code_hears_of_near_ones() {
        let code = RULES[0].code;
        let slip = code.replacen('n', "", 1);
        for (only, skip) in [(vec![slip.clone()], vec![]), (vec![], vec![slip.clone()])] {
            let Err(ChoiceError::Unknown { word, near }) = Choice::new(&only, &skip, Severity::Note) else {
                panic!("{slip} is no code")
            };
            assert_eq!(word, slip);
            assert!(near.contains(&code.to_owned()), "{near:?}");
        }
    }

    #[test]
    fn nothing_left_is_an_error() {
        let all = strings(&["*"]);
        assert_eq!(Choice::new(&all, &all, Severity::Note), Err(ChoiceError::Nothing));
    }
}
