//! Fields that are not compared.
//!
//! A pattern names a field by its path (see [`super`]). A `*` stands for any text without a dot; at the end, as a
//! segment of its own, for everything beneath. A pattern also names what is beneath its field: `status` includes
//! `status.details`.
//!
//! | pattern | fields |
//! |---|---|
//! | `lastLogin` | `lastLogin` |
//! | `profile.*` | every field of the profile, however deep |
//! | `*.details` | `status.details` |
//! | `annotations.*.note` | `annotations.ExternalLink.note` |

/// A pattern that names no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{pattern}' names no field: {problem}")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// Which fields are not compared. By default all are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignore {
    /// Each pattern by its segments.
    patterns: Vec<Vec<String>>,
}

impl Ignore {
    /// Reads patterns.
    ///
    /// # Errors
    /// [`PatternError`] for one without text between two dots.
    pub fn parse<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, PatternError> {
        let mut ignore = Self::default();
        for pattern in patterns {
            let fail = |problem| PatternError { pattern: pattern.to_owned(), problem };
            let segments: Vec<String> = pattern.split('.').map(str::to_owned).collect();
            if pattern.is_empty() {
                return Err(fail("it is empty"));
            }
            if segments.iter().any(String::is_empty) {
                return Err(fail("there is nothing before, after or between its dots"));
            }
            ignore.patterns.push(segments);
        }
        Ok(ignore)
    }

    /// Whether no field is ignored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether the field at `path` is ignored.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.patterns.iter().any(|pattern| {
            let mut segments = path.split('.');
            pattern.iter().all(|wanted| segments.next().is_some_and(|segment| matches(wanted, segment)))
        })
    }
}

/// Whether `text` is what `pattern` stands for: each `*` for any text, also for none.
///
/// Linear in the product of both lengths at most, however many stars there are.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // The last star, and where the text behind it was tried last.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if wanted == byte => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((place, tried)) = star else { return false };
                star = Some((place, tried + 1));
                p = place + 1;
                t = tried + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignore(pattern: &str) -> Ignore {
        Ignore::parse([pattern]).unwrap()
    }

    #[test]
    fn a_pattern_names_a_field_and_what_is_beneath() {
        assert!(ignore("status").covers("status"));
        assert!(ignore("status").covers("status.details"));
        assert!(!ignore("status.details").covers("status"));
        assert!(!ignore("status").covers("statusText"));
        assert!(!ignore("login").covers("lastLogin"));
        assert!(!Ignore::default().covers("status"));
    }

    #[test]
    fn a_star_stays_within_its_segment_unless_it_is_the_last() {
        assert!(ignore("profile.*").covers("profile.department"));
        assert!(ignore("profile.*").covers("profile.manager.name"));
        assert!(!ignore("profile.*").covers("profile"));
        assert!(ignore("profile.*_at").covers("profile.seen_at"));
        assert!(!ignore("profile.*_at").covers("profile.a.seen_at"));
        assert!(ignore("annotations.*.note").covers("annotations.ExternalLink.note"));
        assert!(!ignore("annotations.*.note").covers("annotations.ExternalLink.url"));
        assert!(ignore("*").covers("anything.at.all"));
    }

    #[test]
    fn a_pattern_has_text_between_its_dots() {
        for pattern in ["", ".", "a.", ".a", "a..b"] {
            assert!(Ignore::parse([pattern]).is_err(), "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let text = "a".repeat(20_000);
        assert!(!matches(&"*a".repeat(50).replace("aa", "a"), &format!("{text}b")));
        assert!(matches("*b*", &format!("{text}b{text}")));
        assert!(matches("**", ""));
        assert!(!matches("a", ""));
    }
}
