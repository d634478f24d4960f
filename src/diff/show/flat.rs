//! `-o csv` and `-o tsv`: one change a row, whatever record it is.

use std::borrow::Cow;
use std::io::Write;

use super::words::{Room, field_words};
use super::{Difference, Error, kind_word, record_word};
use crate::diff::{Change, Kind, Records};
use crate::model::protojson::Notes;
use crate::model::wire::Malformed;
use crate::render::{Cell, Column, Options, OutputFormat, Row, Shape, format};
use crate::view::{ENTITLEMENTS, GRANTS, RESOURCE_TYPES, RESOURCES};

const fn column(name: &'static str, title: &'static str) -> Column {
    Column { name, title, cut: false }
}

/// The columns of changes. Those of a resource say what it is in `resource_type` and `resource_id`, like those of what
/// it offers; the words of the fields stand last.
pub static CHANGES: Shape = Shape {
    key: "changes",
    columns: &[
        column("change", "Change"),
        column("record", "Record"),
        column("id", "ID"),
        column("name", "Name"),
        column("resource_type", "Resource Type"),
        column("resource_id", "Resource ID"),
        column("resource_name", "Resource Name"),
        column("entitlement_id", "Entitlement ID"),
        column("entitlement_slug", "Entitlement Slug"),
        column("principal_type", "Principal Type"),
        column("principal_id", "Principal ID"),
        column("principal_name", "Principal Name"),
        column("principal_email", "Principal Email"),
        column("direct", "Direct"),
        column("status", "Status"),
        column("email", "Email"),
        column("login", "Login"),
        column("fields", "Fields"),
    ],
    flat: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
    table: &[0, 1, 2, 17],
    wide: &[0, 1, 2, 17],
};

/// Where the columns of changes stand among those of a record: pairs of the one's name and the other's.
type Names = &'static [(&'static str, &'static str)];

const OF_GRANTS: Names = &[
    ("id", "id"),
    ("resource_type", "resource_type"),
    ("resource_id", "resource_id"),
    ("resource_name", "resource_name"),
    ("entitlement_id", "entitlement_id"),
    ("entitlement_slug", "entitlement_slug"),
    ("principal_type", "principal_type"),
    ("principal_id", "principal_id"),
    ("principal_name", "principal_name"),
    ("principal_email", "principal_email"),
    ("direct", "direct"),
];

const OF_ENTITLEMENTS: Names = &[
    ("id", "id"),
    ("name", "name"),
    ("resource_type", "resource_type"),
    ("resource_id", "resource_id"),
    ("resource_name", "resource_name"),
    ("entitlement_id", "id"),
    ("entitlement_slug", "slug"),
];

const OF_RESOURCES: Names = &[
    ("id", "id"),
    ("name", "name"),
    ("resource_type", "type"),
    ("resource_id", "id"),
    ("resource_name", "name"),
    ("status", "status"),
    ("email", "email"),
    ("login", "login"),
];

const OF_RESOURCE_TYPES: Names = &[("id", "id"), ("name", "name"), ("resource_type", "id")];

/// For each column of changes the place of the record's own.
struct Places(Vec<Option<usize>>);

impl Places {
    fn of(shape: &Shape, names: Names) -> Self {
        let place = |column: &Column| {
            let (_, own) = names.iter().find(|(name, _)| *name == column.name)?;
            shape.place(own).ok()
        };
        Self(CHANGES.columns.iter().map(place).collect())
    }
}

pub(super) fn write(
    out: &mut dyn Write,
    difference: &Difference<'_>,
    kind: OutputFormat,
    options: &Options,
) -> Result<(), Error> {
    let of_types = Places::of(&RESOURCE_TYPES, OF_RESOURCE_TYPES);
    let of_resources = Places::of(&RESOURCES, OF_RESOURCES);
    let of_entitlements = Places::of(&ENTITLEMENTS, OF_ENTITLEMENTS);
    let of_grants = Places::of(&GRANTS, OF_GRANTS);
    let mut format = format(kind, &CHANGES, options, out);
    for change in &difference.changes {
        let places = match change.records {
            Records::ResourceTypes => &of_types,
            Records::Resources => &of_resources,
            Records::Entitlements => &of_entitlements,
            Records::Grants => &of_grants,
        };
        difference.row(change, &mut |row| format.row(&ChangeRow { change, row, places }))?;
    }
    Ok(format.finish()?)
}

/// A record with what happened to it.
struct ChangeRow<'a> {
    change: &'a Change,
    row: &'a dyn Row,
    places: &'a Places,
}

impl ChangeRow<'_> {
    fn fields(&self) -> Cell<'_> {
        if self.change.kind != Kind::Modified {
            return Cell::Empty;
        }
        let words = |field| Cow::Owned(field_words(field, Room::ALL).into_bytes());
        Cell::List(self.change.fields.iter().map(words).collect())
    }
}

impl Row for ChangeRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let word = |word: &'static str| Cell::Text(Cow::Borrowed(word.as_bytes()));
        match (CHANGES.columns.get(column).map(|column| column.name), self.places.0.get(column)) {
            (Some("change"), _) => word(kind_word(self.change.kind)),
            (Some("record"), _) => word(record_word(self.change.records)),
            (Some("fields"), _) => self.fields(),
            (_, Some(Some(place))) => self.row.cell(*place),
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        self.row.name()
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        self.row.json(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_known_to_its_record() {
        for (shape, names) in [
            (&RESOURCE_TYPES, OF_RESOURCE_TYPES),
            (&RESOURCES, OF_RESOURCES),
            (&ENTITLEMENTS, OF_ENTITLEMENTS),
            (&GRANTS, OF_GRANTS),
        ] {
            for (name, own) in names {
                assert!(CHANGES.place(name).is_ok(), "{name}");
                assert!(shape.place(own).is_ok(), "{own}");
            }
            assert_eq!(Places::of(shape, names).0.iter().flatten().count(), names.len());
        }
    }

    #[test]
    fn csv_shows_every_column() {
        assert_eq!(CHANGES.flat.len(), CHANGES.columns.len());
    }
}
