//! Making a database that another program wrote one that records can be put into.
//!
//! It is a stranger's: what would run foreign statements, such as a trigger, is refused, and so is what no `.c1z` has.
//! Then it gets what it lacks. Old files lack tables, columns and indexes of later releases; what they are is not
//! written down here a second time but read from an empty database that has the layout.

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};

use super::super::read::take_expansion;
use super::super::schema::{Schema, SchemaError, Table};
use super::ddl::{self, Kind, Object, SCHEMA};

/// Why a database is not taken.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    /// What is wrong with it.
    Layout(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Fault {
    pub(super) fn is_locked(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(error) => error.fmt(f),
            Self::Layout(problem) => f.write_str(problem),
        }
    }
}

/// The longest value that SQLite may make, in bytes: as much as it may read of any file.
const LONGEST: i32 = 256 << 20;

/// Denies a foreign database everything that it does not need to be a table.
pub(super) fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // One is what `VACUUM` copies into.
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA cell_size_check = ON;")
}

/// Refuses what a `.c1z` never has, and gives the tables that there are.
pub(super) fn inspect(connection: &Connection) -> Result<Schema, Fault> {
    for query in [SUSPECT, COMPUTED_COLUMN, COMPUTED_INDEX] {
        refuse(connection, query)?;
    }
    Schema::read(connection).map_err(|error| match error {
        SchemaError::Sqlite(error) => Fault::Sqlite(error),
        SchemaError::Table(table, problem) => Fault::Layout(format!("{} {problem}", table.name())),
    })
}

/// Whatever is neither an ordinary table nor an index, by its text: SQLite goes by that and not by its type.
const SUSPECT: &str = "SELECT type, name FROM sqlite_schema
    WHERE type NOT IN ('table', 'index') OR coalesce(rootpage, 0) = 0 OR sql NOT LIKE 'CREATE TABLE %'
        AND sql NOT LIKE 'CREATE INDEX %' AND sql NOT LIKE 'CREATE UNIQUE INDEX %'";
const COMPUTED_COLUMN: &str = "SELECT 'computed column in', object.name
    FROM sqlite_schema AS object, pragma_table_xinfo(object.name) AS part
    WHERE object.type = 'table' AND part.hidden <> 0";
const COMPUTED_INDEX: &str = "SELECT 'computed index', object.name
    FROM sqlite_schema AS object, pragma_index_xinfo(object.name) AS part
    WHERE object.type = 'index' AND part.cid = -2";

/// Refuses what a query finds: what it is, and its name.
fn refuse(connection: &Connection, query: &str) -> Result<(), Fault> {
    let found = connection.query_row(query, [], |row| {
        let text =
            |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes().unwrap_or_default().to_vec());
        Ok((text(0)?, text(1)?))
    });
    let Some((what, name)) = found.optional()? else { return Ok(()) };
    let (what, name) = (String::from_utf8_lossy(&what), String::from_utf8_lossy(&name));
    Err(Fault::Layout(format!("it has the {what} {name:?}, which no c1z has")))
}

/// Whether every table is there: an empty database is not one that an earlier sync has left.
pub(super) fn is_complete(schema: &Schema) -> bool {
    Table::ALL.into_iter().all(|table| schema.has(table))
}

/// Reads every page.
pub(super) fn check(connection: &Connection) -> Result<(), Fault> {
    match connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))?.as_str() {
        "ok" => Ok(()),
        problem => Err(Fault::Layout(format!("its database is damaged: {problem}"))),
    }
}

/// Creates the tables, columns and indexes that are missing, and indexes that have the name of one of ours but other
/// columns anew: a record could not be found by them. What there is besides is left alone. All is done or nothing.
pub(super) fn migrate(connection: &Connection) -> Result<(), Fault> {
    connection.execute_batch("BEGIN")?;
    complete(connection)?;
    Ok(connection.execute_batch("COMMIT")?)
}

fn complete(connection: &Connection) -> Result<(), Fault> {
    let model = Connection::open_in_memory()?;
    ddl::create(&model, |_| true)?;
    for object in &SCHEMA {
        match object.kind {
            Kind::Table => complete_table(connection, &model, object)?,
            Kind::Index | Kind::Unique => complete_index(connection, &model, object)?,
        }
    }
    Ok(())
}

/// A column, as `pragma_table_info` describes it.
#[derive(Debug)]
struct Column {
    name: String,
    kind: String,
    not_null: bool,
    default: Option<String>,
    key: i64,
}

fn complete_table(connection: &Connection, model: &Connection, table: &Object) -> Result<(), Fault> {
    let there = columns(connection, table.name)?;
    if there.is_empty() {
        return Ok(connection.execute_batch(table.sql)?);
    }
    let rowless = "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE AND wr";
    if connection.prepare(rowless)?.exists([table.name])? {
        return Err(Fault::Layout(format!("{} is not an ordinary table with row ids", table.name)));
    }
    let wanted = columns(model, table.name)?;
    let strange = |column: &&Column| !wanted.iter().any(|wanted| wanted.is_called(&column.name));
    let must_be_filled = |column: &&Column| column.not_null && column.default.is_none();
    if let Some(column) = there.iter().filter(strange).find(must_be_filled) {
        return Err(Fault::Layout(format!(
            "{} has a column {:?} that must be filled",
            table.name, column.name
        )));
    }
    for wanted in &wanted {
        let found = there.iter().find(|column| column.is_called(&wanted.name));
        match found {
            // Only such a column is another name of the row id, and numbers the rows by itself.
            Some(found)
                if wanted.key == 1 && (found.key != 1 || !found.kind.eq_ignore_ascii_case(&wanted.kind)) =>
            {
                return Err(Fault::Layout(format!("{}.{} is not its integer key", table.name, wanted.name)));
            }
            Some(_) => {}
            None if wanted.not_null && wanted.default.is_none() || wanted.key > 0 => {
                return Err(Fault::Layout(format!("{} has no column {}", table.name, wanted.name)));
            }
            None => connection.execute_batch(&wanted.added_to(table.name))?,
        }
    }
    Ok(())
}

impl Column {
    fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn added_to(&self, table: &str) -> String {
        let not_null = if self.not_null { " not null" } else { "" };
        let default = self.default.as_ref().map(|value| format!(" default {value}")).unwrap_or_default();
        format!("ALTER TABLE {table} ADD COLUMN {} {}{not_null}{default}", self.name, self.kind)
    }
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let sql = "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?1)";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        Ok(Column {
            name: row.get(0)?,
            kind: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            key: row.get(4)?,
        })
    })?;
    rows.collect()
}

fn complete_index(connection: &Connection, model: &Connection, index: &Object) -> Result<(), Fault> {
    let there = outline(connection, index)?;
    if there.is_some() && there == outline(model, index)? {
        return Ok(());
    }
    connection.execute_batch(&format!("DROP INDEX IF EXISTS {}", index.name))?;
    connection.execute_batch(index.sql).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => {
            Fault::Layout(format!("{} holds two rows of one sync with the same id", index.table))
        }
        _ => Fault::Sqlite(error),
    })
}

/// Whether an index is unique, whether it is partial, and its columns in order; `None` when the table has none of that
/// name.
fn outline(connection: &Connection, index: &Object) -> rusqlite::Result<Option<(bool, bool, String)>> {
    let sql = "SELECT \"unique\", partial,
            (SELECT group_concat(name || ' ' || coll || ' ' || desc) FROM pragma_index_xinfo(?2) WHERE key)
        FROM pragma_index_list(?1) WHERE name = ?2 COLLATE NOCASE";
    let values = params![index.table, index.name];
    connection.query_row(sql, values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
}

/// Rows changed between two looks at the table.
const AT_ONCE: usize = 1000;

/// Moves what the grants of a sync expand to out of their messages, where old releases left it.
pub(super) fn move_expansions(connection: &Connection, sync: &str) -> rusqlite::Result<()> {
    let mut after = i64::MIN;
    loop {
        let moved = expansions(connection, sync, after)?;
        let mut update = connection.prepare_cached(
            "UPDATE v1_grants SET data = ?2, expansion = ?3, needs_expansion = 1 WHERE rowid = ?1",
        )?;
        for (row, rest, expansion) in &moved {
            update.execute(params![row, rest, expansion])?;
        }
        match moved.last() {
            Some((row, ..)) => after = *row,
            None => return Ok(()),
        }
    }
}

/// Row id, message without the expansion, expansion.
type Moved = (i64, Vec<u8>, Vec<u8>);

/// The next grants that hold what they expand to.
fn expansions(connection: &Connection, sync: &str, after: i64) -> rusqlite::Result<Vec<Moved>> {
    let sql = "SELECT rowid, data FROM v1_grants NOT INDEXED
        WHERE sync_id = ?1 AND expansion IS NULL AND rowid > ?2 ORDER BY rowid";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![sync, after])?;
    let mut moved = Vec::new();
    while let Some(row) = rows.next()? {
        let (mut rest, mut expansion) = (Vec::new(), Vec::new());
        let Ok(data) = row.get_ref(1)?.as_blob() else { continue };
        // A message that does not parse stays as it is.
        if take_expansion(data, &mut rest, &mut expansion).unwrap_or(false) {
            moved.push((row.get(0)?, rest, expansion));
        }
        if moved.len() == AT_ONCE {
            break;
        }
    }
    Ok(moved)
}
