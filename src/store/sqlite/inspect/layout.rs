//! The tables of a database that may be damaged, as its schema describes them.
//!
//! ```text
//! page 1 := rows of sqlite_schema: type, name, tbl_name, rootpage, sql
//! ```
//!
//! The columns of a table come from its SQL, which is run in an empty database of our own.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags};

use super::super::super::lost::Lost;
use super::pages::{Pages, Walk};
use super::values::values;

/// Every table that a c1z may have.
pub(super) const NAMES: [&str; 7] = [
    "v1_resource_types",
    "v1_resources",
    "v1_entitlements",
    "v1_grants",
    "v1_assets",
    "v1_sync_runs",
    "v1_connector_sessions",
];

/// Where a table stands, and how its rows are made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) name: &'static str,
    pub(super) root: u32,
    pub(super) columns: Vec<Column>,
}

/// A stored column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Whether it stands for the row id.
    pub(super) row_id: bool,
    /// What a row has that was written before the column came.
    pub(super) default: Value,
}

/// Reads the schema. What is wrong with it comes along.
pub(super) fn read(pages: Pages<'_>) -> (Vec<Layout>, Vec<Lost>) {
    let (mut layouts, mut faults): (Vec<Layout>, Vec<Lost>) = (Vec::new(), Vec::new());
    let mut take = |row: i64, payload: &[u8], offset: u64| -> Result<(), String> {
        let fields = values(payload).ok_or("the row does not parse")?;
        let [ValueRef::Text(kind), ValueRef::Text(name), _, root, sql] = fields.as_slice() else {
            return Err(format!("row {row} is not as in a schema"));
        };
        let Some(name) = NAMES.into_iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name)) else {
            return Ok(());
        };
        if *kind != b"table" {
            return Err(format!("{name} is no table"));
        }
        let ValueRef::Integer(root) = root else { return Err(format!("{name} has no first page")) };
        let root = u32::try_from(*root).ok().filter(|root| *root > 0);
        let root = root.ok_or_else(|| format!("{name} has an impossible first page"))?;
        let ValueRef::Text(sql) = sql else { return Err(format!("{name} has no description")) };
        let sql = std::str::from_utf8(sql).map_err(|_| format!("the description of {name} is no text"))?;
        let columns =
            columns(sql, name).map_err(|error| format!("the description of {name} is damaged: {error}"))?;
        let _ = offset;
        layouts.push(Layout { name, root, columns });
        Ok(())
    };
    let mut wrong = Vec::new();
    let lost = Walk::new(pages, "sqlite_schema").rows(1, &mut |leaf| {
        if let Err(message) = take(leaf.row, leaf.payload, leaf.offset) {
            wrong.push(Lost { place: "sqlite_schema".into(), offset: Some(leaf.offset), message });
        }
    });
    faults.extend(lost);
    faults.extend(wrong);
    layouts.sort_by_key(|layout| NAMES.iter().position(|name| *name == layout.name));
    layouts.dedup_by_key(|layout| layout.name);
    (layouts, faults)
}

/// The stored columns of a table with this description, in their order.
fn columns(sql: &str, name: &str) -> rusqlite::Result<Vec<Column>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_in_memory_with_flags(flags)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 1 << 20)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    if !sql.get(..12).is_some_and(|head| head.eq_ignore_ascii_case("CREATE TABLE")) {
        return Err(rusqlite::Error::InvalidQuery);
    }
    // A description may end with a query that fills the table, and that might never end.
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Recursive => Authorization::Deny,
        _ => Authorization::Allow,
    }))?;
    connection.execute(sql, [])?;
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
    let ordinary = "SELECT type = 'table' AND NOT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE";
    if !connection.query_row(ordinary, [name], |row| row.get::<_, bool>(0))? {
        return Err(rusqlite::Error::InvalidQuery);
    }
    // A virtual computed column (2) is not stored.
    let mut list = connection
        .prepare("SELECT name, type, pk, dflt_value FROM pragma_table_xinfo(?1) WHERE hidden != 2")?;
    let columns = list.query_map([name], |row| {
        let kind: String = row.get(1)?;
        let default: Option<String> = row.get(3)?;
        Ok(Column {
            name: row.get(0)?,
            row_id: row.get::<_, i64>(2)? == 1 && kind.eq_ignore_ascii_case("integer"),
            default: default.map_or(Value::Null, |text| literal(&text)),
        })
    })?;
    columns.collect()
}

/// The value of a default that is a plain number or text.
fn literal(text: &str) -> Value {
    if let Ok(number) = text.parse() {
        return Value::Integer(number);
    }
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.map_or(Value::Null, |inner| Value::Text(inner.replace("''", "'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_runs_nothing() {
        let names = |sql: &str| {
            let columns = columns(sql, "t")?;
            Ok::<_, rusqlite::Error>(columns.into_iter().map(|column| column.name).collect::<Vec<_>>())
        };
        let plain = "CREATE TABLE t (id integer primary key, a text not null default ('x' || 'y'), b AS (a) STORED, c AS (a))";
        assert_eq!(names(plain).unwrap(), ["id", "a", "b"]);
        for sql in [
            "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
            "CREATE TABLE t AS SELECT randomblob(1000000)",
            "CREATE VIEW t AS SELECT 1",
            "CREATE TABLE t (a primary key) WITHOUT ROWID",
            "CREATE VIRTUAL TABLE t USING fts5(a)",
            "CREATE TABLE",
            "",
        ] {
            assert!(names(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn plain_defaults_are_values() {
        assert_eq!(literal("-7"), Value::Integer(-7));
        assert_eq!(literal("'it''s'"), Value::Text("it's".into()));
        assert_eq!((literal("NULL"), literal("datetime()")), (Value::Null, Value::Null));
    }
}
