//! How much a file may ask for.

use std::path::PathBuf;

use super::error::{Error, ErrorKind};

pub(super) const MAX_DECODED_SIZE_MB: &str = "BATON_DECODER_MAX_DECODED_SIZE_MB";
pub(super) const MAX_MEMORY_MB: &str = "BATON_DECODER_MAX_MEMORY_MB";
const DISABLE_FAIL_FAST: &str = "BATON_DISABLE_FCS_FAIL_FAST";

const MEBIBYTE: u64 = 1 << 20;

/// Bounds on what a file may make the decoder do, under the names that all Baton tools share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that all frames together may decode to. Default 10 GiB; `BATON_DECODER_MAX_DECODED_SIZE_MB`, in
    /// MiB.
    pub max_decoded: u64,
    /// How many times its own size a v3 file of known size may decode to, even when that is more than
    /// `max_decoded`. Default 100; 0, which leaves `max_decoded` alone, when the variable above is set.
    pub max_ratio: u64,
    /// Bytes of window that a frame may ask for; a single-segment frame counts its whole content. Default 128
    /// MiB; `BATON_DECODER_MAX_MEMORY_MB`, in MiB.
    pub max_window: u64,
    /// Refuse a frame by the content size that it declares, before decoding it. Default true;
    /// `BATON_DISABLE_FCS_FAIL_FAST=1` turns it off, and then only decoded bytes count.
    pub check_declared_size: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_decoded: 10 << 30, max_ratio: 100, max_window: 128 << 20, check_declared_size: true }
    }
}

impl Limits {
    /// The defaults, changed by the process environment.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ZeroLimit`] when a variable is `0`. A value that is no number is ignored, as the
    /// reference does.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// The defaults, changed by the variables that `lookup` finds.
    ///
    /// # Errors
    ///
    /// As [`Limits::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let mebibytes = |variable: &'static str| {
            let value = lookup(variable).and_then(|text| text.trim().parse::<u64>().ok());
            match value {
                Some(0) => Err(Error::new("environment", ErrorKind::ZeroLimit { variable })),
                value => Ok(value.map(|number| number.saturating_mul(MEBIBYTE))),
            }
        };
        let defaults = Self::default();
        let max_decoded = mebibytes(MAX_DECODED_SIZE_MB)?;
        Ok(Self {
            max_decoded: max_decoded.unwrap_or(defaults.max_decoded),
            max_ratio: if max_decoded.is_some() { 0 } else { defaults.max_ratio },
            max_window: mebibytes(MAX_MEMORY_MB)?.unwrap_or(defaults.max_window),
            check_declared_size: lookup(DISABLE_FAIL_FAST).as_deref() != Some("1"),
        })
    }

    /// What a v3 file of `size` bytes may decode to; of unknown size, when it comes through a pipe or gzip.
    pub(super) fn for_archive(&self, size: Option<u64>) -> Self {
        let scaled = size.unwrap_or(0).saturating_mul(self.max_ratio);
        Self { max_decoded: self.max_decoded.max(scaled), ..self.clone() }
    }
}

/// How to open a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// What the file may ask for.
    pub limits: Limits,
    /// An image of more bytes than this is unpacked into a nameless temporary file instead of memory. Default
    /// 512 MiB.
    pub memory_limit: u64,
    /// Where that temporary file goes; by default where the environment says (`TMPDIR`, else the system's
    /// place).
    pub temp_dir: Option<PathBuf>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), memory_limit: 512 << 20, temp_dir: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(pairs: &[(&str, &str)]) -> Result<Limits, Error> {
        Limits::from_lookup(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_empty_environment_gives_the_defaults() {
        assert_eq!(limits(&[]).unwrap(), Limits::default());
        assert_eq!(Limits::default().max_decoded, 10 * 1024 * MEBIBYTE);
    }

    #[test]
    fn numbers_are_mebibytes_and_saturate() {
        let found = limits(&[(MAX_DECODED_SIZE_MB, "3"), (MAX_MEMORY_MB, "18446744073709551615")]);
        let found = found.unwrap();
        assert_eq!(found.max_decoded, 3 * MEBIBYTE);
        assert_eq!(found.max_window, u64::MAX);
    }

    #[test]
    fn an_archive_may_be_a_hundred_times_its_size_unless_the_user_set_a_limit() {
        let default = Limits::default();
        assert_eq!(default.for_archive(None).max_decoded, 10 << 30);
        assert_eq!(default.for_archive(Some(1 << 20)).max_decoded, 10 << 30);
        assert_eq!(default.for_archive(Some(1 << 30)).max_decoded, 100 << 30);
        assert_eq!(default.for_archive(Some(u64::MAX)).max_decoded, u64::MAX);
        let set = limits(&[(MAX_DECODED_SIZE_MB, "3")]).unwrap();
        assert_eq!(set.for_archive(Some(1 << 30)).max_decoded, 3 * MEBIBYTE);
    }

    #[test]
    fn what_is_no_number_is_ignored() {
        for text in ["", "-1", "ten", "1.5", "99999999999999999999999"] {
            let found = limits(&[(MAX_DECODED_SIZE_MB, text), (MAX_MEMORY_MB, text)]);
            assert_eq!(found.unwrap(), Limits::default(), "{text:?}");
        }
    }

    #[test]
    fn zero_is_an_error_that_names_the_variable() {
        for variable in [MAX_DECODED_SIZE_MB, MAX_MEMORY_MB] {
            let error = limits(&[(variable, "0")]).unwrap_err();
            assert!(error.to_string().contains(variable), "{error}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn only_1_turns_the_declared_size_check_off() {
        assert!(!limits(&[(DISABLE_FAIL_FAST, "1")]).unwrap().check_declared_size);
        assert!(limits(&[(DISABLE_FAIL_FAST, "0")]).unwrap().check_declared_size);
    }
}
