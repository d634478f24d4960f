//! The options file: text that says how a database was opened last.
//!
//! ```text
//! [Options]
//!   comparer=leveldb.BytewiseComparator
//!   merger=pebble.concatenate
//!   wal_dir=
//! ```
//!
//! It is not needed for reading, but if it is there, it should not say that keys have another order, or that a log lies
//! elsewhere.

use super::error::{Fault, Structure};

/// What matters of an options file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) comparer: Option<String>,
    pub(super) merger: Option<String>,
    pub(super) log_folder: Option<String>,
}

impl Options {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Fault::malformed(Structure::Options, error.valid_up_to(), "it is no text"))?;
        let (mut options, mut section) = (Self::default(), "");
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                section = line;
            }
            let Some((name, value)) = line.split_once('=').filter(|_| section == "[Options]") else {
                continue;
            };
            let field = match name.trim() {
                "comparer" => &mut options.comparer,
                "merger" => &mut options.merger,
                "wal_dir" => &mut options.log_folder,
                _ => continue,
            };
            *field = Some(value.trim().to_owned());
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_section_of_the_database_counts() {
        let text = "[Version]\n  comparer=x\n\n[Options]\n  comparer=a\n  merger = b\n  wal_dir=\n  other\n[Level \"0\"]\n  merger=c\n";
        let options = Options::parse(text.as_bytes()).unwrap();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(options, Options { comparer: some("a"), merger: some("b"), log_folder: some("") });
        assert_eq!(Options::parse(b"").unwrap(), Options::default());
        assert_eq!(Options::parse(b"[Options]\n\xff").unwrap_err().at, 10);
    }
}
