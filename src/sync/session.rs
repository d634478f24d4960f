//! A small store for what the calls of one sync want to know from each other, such as a map from names to ids.

use super::error::{Answer, Code, ConnectorError};

/// The longest key, and the longest prefix, in bytes.
pub const MAX_KEY: usize = 512;
/// The most that one value may hold, in bytes.
pub const MAX_VALUE: usize = 4_132_864;

/// Values by key, for the length of one sync; a resumed sync finds what it stored before.
///
/// A write counts with the page of the call in which it was made: when the sync is killed before that page is stored, both
/// are gone, and the call is made again.
pub trait Session: std::fmt::Debug {
    /// The value of `key`.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] for a key that is empty or longer than [`MAX_KEY`], as in every call below;
    /// [`Code::Internal`] when the working database fails.
    fn get(&self, key: &str) -> Answer<Option<Vec<u8>>>;

    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] also for a value longer than [`MAX_VALUE`].
    fn set(&self, key: &str, value: &[u8]) -> Answer<()>;

    /// Forgets `key`; no error when there is none.
    ///
    /// # Errors
    /// As for [`Session::get`].
    fn delete(&self, key: &str) -> Answer<()>;

    /// Forgets every key that starts with `prefix`; all of them when it is empty.
    ///
    /// # Errors
    /// As for [`Session::get`].
    fn clear(&self, prefix: &str) -> Answer<()>;

    /// Up to 100 keys that start with `prefix` and come after `after`, in byte order, with their values.
    ///
    /// # Errors
    /// As for [`Session::get`].
    fn page(&self, prefix: &str, after: &str) -> Answer<Vec<(String, Vec<u8>)>>;
}

/// Checks a key.
///
/// # Errors
/// [`Code::InvalidArgument`]
pub(super) fn check_key(key: &str) -> Answer<()> {
    match key.len() {
        1..=MAX_KEY => Ok(()),
        0 => Err(ConnectorError::new(Code::InvalidArgument, "a session key is empty")),
        length => {
            let words = format!("a session key has {length} bytes, which is more than {MAX_KEY}");
            Err(ConnectorError::new(Code::InvalidArgument, words))
        }
    }
}

/// Checks a value.
///
/// # Errors
/// [`Code::InvalidArgument`]
pub(super) fn check_value(key: &str, value: &[u8]) -> Answer<()> {
    if value.len() <= MAX_VALUE {
        return Ok(());
    }
    let words =
        format!("the session value of {key:?} has {} bytes, which is more than {MAX_VALUE}", value.len());
    Err(ConnectorError::new(Code::InvalidArgument, words))
}
