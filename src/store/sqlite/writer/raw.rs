//! Rows as they are: for damage that tests need, and for rows that another file holds already.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::Writer;
use super::error::{WriteError, sqlite};

/// What one column of a raw row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawValue<'a> {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl ToSql for RawValue<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

impl Writer {
    /// Inserts a row into one of the tables of records as it is, unchecked.
    ///
    /// `columns` are names and values; the id of the open sync and the time of discovery are added.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]; [`WriteError::Sqlite`] for a table or column that does not exist, a missing column,
    /// and an id that the sync has already.
    pub fn put_raw(
        &mut self,
        table: &'static str,
        columns: &[(&'static str, RawValue<'_>)],
    ) -> Result<(), WriteError> {
        let sync = self.open_sync()?;
        let mut names = String::from("sync_id, discovered_at");
        let mut marks = String::from("?, ?");
        let mut values: Vec<&dyn ToSql> = vec![&sync.id, &self.time];
        for (name, value) in columns {
            names.push_str(", ");
            names.push_str(name);
            marks.push_str(", ?");
            values.push(value);
        }
        let sql = format!("INSERT INTO {table} ({names}) VALUES ({marks})");
        let failed = sqlite("storing a raw row");
        let mut statement = self.connection().prepare_cached(&sql).map_err(&failed)?;
        statement.execute(&values[..]).map(drop).map_err(&failed)
    }

    /// Runs statements on the working database, within its transaction: for layouts of other times, and damage.
    ///
    /// # Errors
    /// [`WriteError::Sqlite`]
    pub fn execute(&mut self, sql: &str) -> Result<(), WriteError> {
        self.connection().execute_batch(sql).map_err(sqlite("running statements"))
    }
}
