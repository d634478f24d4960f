//! A resource type.

use std::borrow::Cow;

use super::lookup::Lookup;
use super::{column, cut, text};
use crate::model::descriptor::C1_CONNECTOR_V2_RESOURCETYPE;
use crate::model::facts::ResourceTypeFacts;
use crate::model::protojson::{Notes, Writer};
use crate::model::wire::Malformed;
use crate::render::{Cell, Row, Shape};
use crate::store::ResourceType;

/// The columns of resource types.
pub static RESOURCE_TYPES: Shape = Shape {
    key: "resourceTypes",
    columns: &[
        column("id", "ID"),
        column("name", "Display Name"),
        column("traits", "Traits"),
        cut("description", "Description"),
    ],
    flat: &[0, 1, 2, 3],
    table: &[0, 1, 2],
    wide: &[0, 1, 2, 3],
};

/// One resource type.
#[derive(Debug)]
pub struct ResourceTypeRow<'a> {
    kind: ResourceType<'a>,
    facts: ResourceTypeFacts<'a>,
}

impl<'a> ResourceTypeRow<'a> {
    /// `None`, with a note of it, when the record does not parse.
    pub(super) fn new(lookup: &Lookup<'_>, kind: ResourceType<'a>) -> Option<Self> {
        let facts = lookup.parsed(kind.place, ResourceTypeFacts::read(kind.message))?;
        Some(Self { kind, facts })
    }
}

impl Row for ResourceTypeRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(self.kind.id),
            1 => text(self.facts.name),
            2 => Cell::List(self.facts.traits.clone()),
            3 => text(self.facts.description),
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.kind.id)
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        super::json_object(out, Writer::new(), |object| {
            object.message("resourceType", &C1_CONNECTOR_V2_RESOURCETYPE, self.kind.message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RESOURCE_TYPES;

    #[test]
    fn the_flat_columns_are_as_documented() {
        assert_eq!(super::super::flat_names(&RESOURCE_TYPES).join(", "), "id, name, traits, description");
    }
}
