//! An entitlement with its resource and its resource type.

use std::borrow::Cow;
use std::rc::Rc;

use super::lookup::{Entry, Lookup};
use super::{column, cut, text};
use crate::model::descriptor::C1_CONNECTOR_V2_ENTITLEMENT;
use crate::model::facts::EntitlementFacts;
use crate::model::protojson::{Notes, Writer};
use crate::model::wire::Malformed;
use crate::render::{Cell, Row, Shape};
use crate::store::{Entitlement, Error};

/// The columns of entitlements.
pub static ENTITLEMENTS: Shape = Shape {
    key: "entitlements",
    columns: &[
        column("id", "ID"),
        column("resource_type", "Resource Type ID"),
        column("resource_id", "Resource ID"),
        column("resource_name", "Resource"),
        column("slug", "Permission"),
        column("name", "Display Name"),
        column("purpose", "Purpose"),
        column("grantable_to", "Grantable To"),
        cut("description", "Description"),
        column("resource_type_name", "Resource Type"),
        column("resource", "Resource"),
    ],
    flat: &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    table: &[0, 5, 9, 10, 4],
    wide: &[0, 5, 9, 10, 4, 1, 2, 6, 7, 8],
};

/// One entitlement.
#[derive(Debug)]
pub struct EntitlementRow<'a> {
    entitlement: Entitlement<'a>,
    resource: Rc<Entry>,
    kind: Rc<Entry>,
    facts: EntitlementFacts<'a>,
}

impl<'a> EntitlementRow<'a> {
    /// `None`, with a note of it, when the record does not parse.
    pub(super) fn new(lookup: &Lookup<'_>, entitlement: Entitlement<'a>) -> Result<Option<Self>, Error> {
        let facts = EntitlementFacts::read(entitlement.message);
        let Some(facts) = lookup.parsed(entitlement.place, facts) else { return Ok(None) };
        Ok(Some(Self {
            entitlement,
            resource: lookup.resource(entitlement.resource)?,
            kind: lookup.resource_type(entitlement.resource.kind)?,
            facts,
        }))
    }
}

impl Row for EntitlementRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(self.entitlement.id),
            1 => text(self.entitlement.resource.kind),
            2 => text(self.entitlement.resource.id),
            3 => text(&self.resource.name),
            4 => text(self.facts.slug),
            5 => text(self.facts.name),
            6 => text(self.facts.purpose.as_bytes()),
            7 => Cell::List(self.facts.grantable_to.iter().map(|id| Cow::Borrowed(*id)).collect()),
            8 => text(self.facts.description),
            9 => text(&self.kind.label),
            10 => text(&self.resource.label),
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.entitlement.id)
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        super::json_object(out, Writer::new(), |object| {
            object.message("entitlement", &C1_CONNECTOR_V2_ENTITLEMENT, self.entitlement.message)?;
            object.entry("resource", &self.resource);
            object.entry("resourceType", &self.kind);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ENTITLEMENTS;

    #[test]
    fn the_flat_columns_are_as_documented() {
        assert_eq!(
            super::super::flat_names(&ENTITLEMENTS).join(", "),
            "id, resource_type, resource_id, resource_name, slug, name, purpose, grantable_to, description"
        );
    }
}
