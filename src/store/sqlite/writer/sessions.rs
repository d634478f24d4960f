//! The scratch data of connectors: texts that name bytes, kept with the open sync.
//!
//! Keys are compared byte by byte: upper and lower case differ, and no character is a wildcard.

use rusqlite::{OptionalExtension as _, params};

use super::Writer;
use super::error::{WriteError, sqlite};

impl Writer {
    /// What the open sync keeps under `key`.
    ///
    /// # Errors
    /// [`WriteError::NoSync`], as in every call below.
    pub fn session_get(&self, key: &str) -> Result<Option<Vec<u8>>, WriteError> {
        let failed = sqlite("reading a session");
        let sql = "SELECT value FROM v1_connector_sessions WHERE sync_id = ?1 AND key = ?2";
        let sync = &self.open_sync()?.id;
        let mut statement = self.connection().prepare_cached(sql).map_err(&failed)?;
        statement.query_row(params![sync, key], |row| row.get(0)).optional().map_err(&failed)
    }

    /// Keeps `value` under `key`, instead of what was there.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn session_set(&self, key: &str, value: &[u8]) -> Result<(), WriteError> {
        let sql = "INSERT INTO v1_connector_sessions (sync_id, key, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (sync_id, key) DO UPDATE SET value = excluded.value";
        self.change_session(sql, params![self.open_sync()?.id, key, value])
    }

    /// Forgets what is kept under `key`, if anything is.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn session_delete(&self, key: &str) -> Result<(), WriteError> {
        let sql = "DELETE FROM v1_connector_sessions WHERE sync_id = ?1 AND key = ?2";
        self.change_session(sql, params![self.open_sync()?.id, key])
    }

    /// Forgets everything under keys that start with `prefix`; with an empty one, everything.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn session_clear(&self, prefix: &str) -> Result<(), WriteError> {
        let sql = "DELETE FROM v1_connector_sessions
            WHERE sync_id = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3)";
        self.change_session(sql, params![self.open_sync()?.id, prefix, after_all(prefix)])
    }

    /// Keys that start with `prefix` and come after `after`, with their values: in the order of keys, at most `limit`.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn session_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, WriteError> {
        let failed = sqlite("reading sessions");
        let sql = "SELECT key, value FROM v1_connector_sessions
            WHERE sync_id = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3) AND key > ?4 ORDER BY key LIMIT ?5";
        let sync = &self.open_sync()?.id;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.connection().prepare_cached(sql).map_err(&failed)?;
        let values = params![sync, prefix, after_all(prefix), after, limit];
        let rows = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?))).map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    fn change_session(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<(), WriteError> {
        let failed = sqlite("changing a session");
        let mut statement = self.connection().prepare_cached(sql).map_err(&failed)?;
        statement.execute(values).map(drop).map_err(&failed)
    }
}

/// The least text that comes after every text with this prefix; `None` when there is no such text.
///
/// The bytes of UTF-8 have the order of its characters, so it is the prefix with its last character raised by one.
fn after_all(prefix: &str) -> Option<String> {
    let mut characters = prefix.chars();
    while let Some(last) = characters.next_back() {
        let next = match last {
            char::MAX => continue,
            // What lies between are the halves of surrogate pairs, which are no characters.
            '\u{d7ff}' => Some('\u{e000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        let mut text = characters.as_str().to_owned();
        text.extend(next);
        return Some(text);
    }
    None
}
