//! The tables of a c1z, and how their rows look.
//!
//! A table's statement in the schema says in which order its columns stand; where the schema is lost, the orders that
//! writers have used are tried. No two tables have rows that look the same.

use super::record::Value;

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The row id, for which nothing is stored.
    RowId,
    Text,
    TextOrNull,
    Blob,
    BlobOrNull,
    Integer,
    /// Anything but nothing: a text by habit.
    Time,
    TimeOrNull,
}

impl Fit {
    fn admits(self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::RowId, _) => true,
            (Self::TextOrNull | Self::BlobOrNull | Self::TimeOrNull, Value::Null) => true,
            (Self::Text | Self::TextOrNull, Value::Text(_)) => true,
            (Self::Blob | Self::BlobOrNull, Value::Blob(_)) => true,
            (Self::Integer, Value::Integer(_)) => true,
            (Self::Time | Self::TimeOrNull, value) => !matches!(value, Value::Null | Value::Blob(_)),
            _ => false,
        }
    }
}

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// Its columns in the order of new files.
    pub(super) columns: &'static [(&'static str, Fit)],
    /// How many of them, in the front of a row that an old writer made, must be there.
    pub(super) least: usize,
    /// Columns that stand last in files to which they were added.
    late: &'static [&'static str],
}

use Fit::{Blob, BlobOrNull, Integer, RowId, Text, TextOrNull, Time, TimeOrNull};

/// The tables, runs first: what else there is belongs to them.
pub(super) const SHAPES: [Shape; 7] = [
    Shape {
        name: "v1_sync_runs",
        columns: &[
            ("id", RowId),
            ("sync_id", Text),
            ("started_at", Time),
            ("ended_at", TimeOrNull),
            ("sync_token", Text),
            ("sync_type", Text),
            ("parent_sync_id", Text),
            ("linked_sync_id", Text),
            ("supports_diff", Integer),
            ("grants_backfilled", Integer),
            ("stats", TextOrNull),
            ("ingest_invariant_generation", Text),
            ("ingest_invariant_coverage", Text),
            ("ingest_invariant_mode", Text),
        ],
        least: 5,
        late: &[],
    },
    Shape {
        name: "v1_resource_types",
        columns: &[
            ("id", RowId),
            ("external_id", Text),
            ("data", Blob),
            ("sync_id", Text),
            ("discovered_at", Time),
        ],
        least: 5,
        late: &[],
    },
    Shape {
        name: "v1_resources",
        columns: &[
            ("id", RowId),
            ("resource_type_id", Text),
            ("external_id", Text),
            ("parent_resource_type_id", TextOrNull),
            ("parent_resource_id", TextOrNull),
            ("data", Blob),
            ("sync_id", Text),
            ("discovered_at", Time),
        ],
        least: 8,
        late: &[],
    },
    Shape {
        name: "v1_entitlements",
        columns: &[
            ("id", RowId),
            ("resource_type_id", Text),
            ("resource_id", Text),
            ("external_id", Text),
            ("data", Blob),
            ("sync_id", Text),
            ("discovered_at", Time),
        ],
        least: 7,
        late: &[],
    },
    Shape {
        name: "v1_grants",
        columns: &[
            ("id", RowId),
            ("resource_type_id", Text),
            ("resource_id", Text),
            ("entitlement_id", Text),
            ("principal_resource_type_id", Text),
            ("principal_resource_id", Text),
            ("external_id", Text),
            ("expansion", BlobOrNull),
            ("needs_expansion", Integer),
            ("data", Blob),
            ("sync_id", Text),
            ("discovered_at", Time),
        ],
        least: 10,
        late: &["expansion", "needs_expansion"],
    },
    Shape {
        name: "v1_assets",
        columns: &[
            ("id", RowId),
            ("external_id", Text),
            ("content_type", Text),
            ("data", Blob),
            ("sync_id", Text),
            ("discovered_at", Time),
        ],
        least: 6,
        late: &[],
    },
    Shape {
        name: "v1_connector_sessions",
        columns: &[("id", RowId), ("sync_id", Text), ("key", Text), ("value", Blob)],
        least: 4,
        late: &[],
    },
];

/// In which order the columns of a table stand in a file.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) shape: &'static Shape,
    /// For each place in a row, which of the shape's columns it is; `None` for one that is not known.
    order: Vec<Option<usize>>,
    least: usize,
}

impl Layout {
    /// The layout of a table that a statement creates; `None` when it lacks what every file has.
    pub(super) fn of(shape: &'static Shape, statement: &str) -> Option<Self> {
        let names = column_names(statement)?;
        let place =
            |name: &String| shape.columns.iter().position(|(known, _)| name.eq_ignore_ascii_case(known));
        let order: Vec<Option<usize>> = names.iter().map(place).collect();
        let needed = |column: &&(&str, Fit)| {
            shape
                .columns
                .iter()
                .position(|known| known == *column)
                .is_some_and(|at| !order.contains(&Some(at)))
        };
        let early = shape.columns.iter().filter(|(name, _)| !shape.late.contains(name));
        early.take(shape.least).find(needed).is_none().then_some(Self { shape, order, least: shape.least })
    }

    /// The layouts that files of all ages have.
    pub(super) fn usual(shape: &'static Shape) -> Vec<Self> {
        let all: Vec<usize> = (0..shape.columns.len()).collect();
        let is_late = |at: &usize| shape.columns.get(*at).is_some_and(|(name, _)| shape.late.contains(name));
        let layout =
            |order: Vec<usize>, least| Self { shape, order: order.into_iter().map(Some).collect(), least };
        if shape.late.is_empty() {
            return vec![layout(all, shape.least)];
        }
        let (late, mut migrated): (Vec<usize>, Vec<usize>) = all.iter().copied().partition(is_late);
        migrated.extend(late);
        vec![layout(all.clone(), all.len()), layout(migrated, shape.least)]
    }

    /// The values of a row in the order of the shape's columns, if it can be one of this table. What an old row lacks is
    /// `None`, and so is the row id.
    pub(super) fn fit<'r>(&self, values: &[Value<'r>]) -> Option<Vec<Option<Value<'r>>>> {
        if values.len() < self.least || values.len() > self.order.len() {
            return None;
        }
        let mut row = vec![None; self.shape.columns.len()];
        for (value, column) in values.iter().zip(&self.order) {
            let Some(column) = *column else { continue };
            let (_, fit) = self.shape.columns.get(column)?;
            if !fit.admits(value) {
                return None;
            }
            if *fit != RowId {
                *row.get_mut(column)? = Some(*value);
            }
        }
        Some(row)
    }
}

/// Words that start what is no column.
const CONSTRAINTS: [&str; 5] = ["constraint", "primary", "unique", "check", "foreign"];

/// The names of the columns that a `CREATE TABLE` statement lists.
fn column_names(statement: &str) -> Option<Vec<String>> {
    let open = statement.find('(')?;
    let close = statement.rfind(')')?;
    let list = statement.get(open + 1..close)?;
    let (mut depth, mut start, mut quote) = (0_u32, 0, None);
    let mut items = Vec::new();
    for (at, character) in list.char_indices() {
        match (quote, character) {
            (Some(end), character) if character == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '[') => quote = Some(']'),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                items.push(list.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(list.get(start..)?);
    let name = |item: &&str| {
        let word = item.split_whitespace().next().unwrap_or_default();
        word.trim_matches(|character| "\"'`[]".contains(character)).to_owned()
    };
    let names = items.iter().map(name);
    Some(names.filter(|name| !CONSTRAINTS.iter().any(|word| name.eq_ignore_ascii_case(word))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(name: &str) -> &'static Shape {
        SHAPES.iter().find(|shape| shape.name == name).unwrap()
    }

    #[test]
    fn columns_are_found_in_a_statement() {
        let names = column_names(
            "CREATE TABLE t (\n \"id\" integer primary key, b text default 'a,(b', c decimal(3, 4), [d] blob, unique (b, c))",
        );
        assert_eq!(names.unwrap(), ["id", "b", "c", "d"]);
        assert_eq!(column_names("CREATE TABLE t"), None);
    }

    #[test]
    fn a_statement_without_what_every_file_has_is_none_of_ours() {
        let types = shape("v1_resource_types");
        let good = "CREATE TABLE v1_resource_types (id, external_id, data, sync_id, discovered_at, more)";
        assert!(Layout::of(types, good).is_some());
        assert!(Layout::of(types, &good.replace("data, ", "")).is_none());
        let grants = shape("v1_grants");
        let old = "CREATE TABLE v1_grants (id, resource_type_id, resource_id, entitlement_id,
            principal_resource_type_id, principal_resource_id, external_id, data, sync_id, discovered_at)";
        assert!(Layout::of(grants, old).is_some());
    }

    #[test]
    fn no_row_looks_like_one_of_two_tables() {
        let value = |fit: &Fit| match fit {
            RowId => Value::Null,
            Text | TextOrNull | Time | TimeOrNull => Value::Text(b"x"),
            Blob | BlobOrNull => Value::Blob(b""),
            Integer => Value::Integer(0),
        };
        for shape in &SHAPES {
            for length in shape.least..=shape.columns.len() {
                let row: Vec<_> = shape.columns.iter().take(length).map(|(_, fit)| value(fit)).collect();
                let fits: Vec<_> = SHAPES
                    .iter()
                    .filter(|other| Layout::usual(other).iter().any(|layout| layout.fit(&row).is_some()))
                    .map(|other| other.name)
                    .collect();
                assert!(fits.iter().all(|name| *name == shape.name), "{}: {fits:?}", shape.name);
            }
        }
    }

    #[test]
    fn late_columns_may_stand_last_or_be_missing() {
        let layouts = Layout::usual(shape("v1_grants"));
        let text = Value::Text(b"x");
        let mut row = vec![Value::Null, text, text, text, text, text, text, Value::Blob(b"d"), text, text];
        let fits = |row: &[Value<'static>]| layouts.iter().find_map(|layout| layout.fit(row));
        assert_eq!(fits(&row).unwrap()[9], Some(Value::Blob(b"d")));
        row.extend([Value::Blob(b"e"), Value::Integer(1)]);
        assert_eq!(fits(&row).unwrap()[7], Some(Value::Blob(b"e")));
        let fresh = [&row[..7], &row[10..], &row[7..10]].concat();
        assert_eq!(fits(&fresh).unwrap()[7], Some(Value::Blob(b"e")));
        assert_eq!(fits(&row[..9]), None);
    }
}
