//! Where the tables begin, as far as the schema can be read.

use super::record::{self, Value};
use super::shape::{Layout, SHAPES, Shape};
use super::{FOREIGN, SCHEMA, Tables};

/// A table of ours.
#[derive(Debug, Clone)]
pub(super) struct Table {
    shape: &'static Shape,
    /// The page that it begins with, if that is known.
    pub(super) root: Option<u32>,
    /// How its rows may be laid out.
    layouts: Vec<Layout>,
    /// Whether a part of it is lost.
    pub(super) broken: bool,
}

impl Table {
    pub(super) fn name(&self) -> &'static str {
        self.shape.name
    }

    /// The columns of a row with these values, if it can be one of this table.
    pub(super) fn fit<'r>(&self, values: &[Value<'r>]) -> Option<Vec<(&'static str, Value<'r>)>> {
        let row = self.layouts.iter().find_map(|layout| layout.fit(values))?;
        let named = self.shape.columns.iter().zip(row);
        Some(named.filter_map(|((name, _), value)| Some((*name, value?))).collect())
    }
}

/// What a row of the schema says.
enum Entry {
    /// Where a table of ours begins.
    Table { shape: &'static Shape, root: u32, layouts: Vec<Layout> },
    /// That there is a table of ours.
    Named(&'static Shape),
    /// Where a table of somebody else begins.
    Foreign(u32),
}

/// The tables of ours: those that the schema names, and all others when it cannot be read to its end.
pub(super) fn read(tables: &mut Tables<'_>) -> Vec<Table> {
    let before = tables.seen();
    let mut entries = Vec::new();
    for page in tables.leaves(1, SCHEMA) {
        let (found, bad) = leaf(tables, page);
        entries.extend(found);
        tables.taken.set(page);
        if bad > 0 {
            tables.lose(SCHEMA, page, Some(bad), "some of its rows cannot be read");
        }
    }
    let broken = tables.seen() > before;
    if broken {
        for page in 2..=tables.image.count() {
            if tables.stray(page).is_none() {
                continue;
            }
            let (found, bad) = leaf(tables, page);
            if bad == 0 {
                tables.taken.set(page);
                entries.extend(found);
            }
        }
    }
    for entry in &entries {
        if let Entry::Foreign(root) = entry {
            for page in tables.leaves(*root, FOREIGN) {
                tables.taken.set(page);
            }
        }
    }
    SHAPES.iter().filter_map(|shape| table(shape, &entries, broken)).collect()
}

/// The table of this shape; `None` when there is none.
fn table(shape: &'static Shape, entries: &[Entry], broken: bool) -> Option<Table> {
    let found = entries.iter().find_map(|entry| match entry {
        Entry::Table { shape: found, root, layouts } if *found == shape => Some((*root, layouts.clone())),
        _ => None,
    });
    if let Some((root, layouts)) = found {
        return Some(Table { shape, root: Some(root), layouts, broken: false });
    }
    let named = entries.iter().any(|entry| matches!(entry, Entry::Named(named) if *named == shape));
    let lost = Table { shape, root: None, layouts: Layout::usual(shape), broken: true };
    (broken || named).then_some(lost)
}

/// The tables of ours that a leaf of the schema names, and how many of its rows cannot be read.
fn leaf(tables: &mut Tables<'_>, page: u32) -> (Vec<Entry>, u64) {
    let (mut entries, mut bad) = (Vec::new(), 0);
    let Some(node) = tables.image.node(page) else { return (entries, 1) };
    for cell in 0..node.cells() {
        let cell = tables.cell(&node, cell);
        let values = cell.as_ref().and_then(|cell| record::values(&cell.record));
        match values.as_deref() {
            Some(
                [
                    Value::Text(kind),
                    Value::Text(name),
                    Value::Text(table),
                    Value::Integer(root),
                    sql @ (Value::Text(_) | Value::Null),
                ],
            ) if [&b"table"[..], b"index", b"view", b"trigger"].contains(kind) => {
                entries.extend(entry(kind, name, table, *root, sql));
            }
            _ => bad += 1,
        }
    }
    if node.cells() == 0 && page != 1 {
        bad += 1;
    }
    (entries, bad)
}

/// What a row says; nothing that matters, mostly.
fn entry(kind: &[u8], name: &[u8], table: &[u8], root: i64, sql: &Value<'_>) -> Option<Entry> {
    let shape = |name: &[u8]| SHAPES.iter().find(|shape| shape.name.as_bytes().eq_ignore_ascii_case(name));
    if kind == b"index" {
        return shape(table).map(Entry::Named);
    }
    let root = u32::try_from(root).ok().filter(|root| *root > 1 && kind == b"table")?;
    let Some(shape) = shape(name) else {
        // One whose name starts like ours may be ours, with a damaged name.
        return (!name.starts_with(b"v1_")).then_some(Entry::Foreign(root));
    };
    let statement = match sql {
        Value::Text(sql) => String::from_utf8_lossy(sql).into_owned(),
        _ => String::new(),
    };
    let layouts = Layout::of(shape, &statement).map_or_else(|| Layout::usual(shape), |layout| vec![layout]);
    Some(Entry::Table { shape, root, layouts })
}
