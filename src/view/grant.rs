//! A grant with its entitlement, its resource, its resource type and its principal.

use std::borrow::Cow;
use std::rc::Rc;

use super::lookup::{Entry, Lookup, Offer};
use super::{column, cut, text};
use crate::model::descriptor::{
    C1_CONNECTOR_V2_ENTITLEMENT, C1_CONNECTOR_V2_GRANT, C1_CONNECTOR_V2_RESOURCE,
};
use crate::model::facts::{expandable_ids, grant_sources};
use crate::model::protojson::{Notes, Writer};
use crate::model::wire::Malformed;
use crate::render::{Cell, Row, Shape};
use crate::store::{Error, Grant};

/// The columns of grants.
pub static GRANTS: Shape = Shape {
    key: "grants",
    columns: &[
        column("id", "ID"),
        column("principal_type", "Principal Type"),
        column("principal_id", "Principal ID"),
        column("principal_name", "Principal Name"),
        column("principal_email", "Principal Email"),
        column("entitlement_id", "Entitlement ID"),
        column("entitlement_slug", "Entitlement Slug"),
        column("resource_type", "Resource Type"),
        column("resource_id", "Resource ID"),
        column("resource_name", "Resource Name"),
        column("direct", "Direct"),
        cut("sources", "Sources"),
        cut("expandable", "Expandable"),
        column("missing", "Missing"),
        column("principal", "Principal"),
        column("entitlement", "Entitlement"),
        column("resource", "Resource"),
        column("inherited", "Inherited"),
    ],
    flat: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    table: &[14, 15, 16],
    wide: &[14, 1, 2, 15, 5, 16, 7, 8, 17, 0],
};

/// One grant.
#[derive(Debug)]
pub struct GrantRow<'a> {
    grant: Grant<'a>,
    principal: Rc<Entry>,
    offer: Offer,
    sources: Vec<&'a [u8]>,
    expandable: Vec<&'a [u8]>,
}

impl<'a> GrantRow<'a> {
    /// `None`, with a note of it, when the record does not parse.
    pub(super) fn new(lookup: &Lookup<'_>, grant: Grant<'a>) -> Result<Option<Self>, Error> {
        let sources = lookup.parsed(grant.place, grant_sources(grant.sources));
        let expandable = lookup.parsed(grant.place, expandable_ids(grant.expansion));
        let (Some(sources), Some(expandable)) = (sources, expandable) else { return Ok(None) };
        Ok(Some(Self {
            grant,
            principal: lookup.resource(grant.principal)?,
            offer: lookup.offer(grant.entitlement, grant.resource)?,
            sources,
            expandable,
        }))
    }

    /// An inherited grant has sources, none of which is its own entitlement.
    fn inherited(&self) -> bool {
        !self.sources.is_empty() && !self.sources.contains(&self.grant.entitlement)
    }

    fn missing(&self) -> Cell<'_> {
        let parts: [(&[u8], &Entry); 4] = [
            (b"entitlement", &self.offer.entitlement),
            (b"principal", &self.principal),
            (b"resource", &self.offer.resource),
            (b"resource_type", &self.offer.kind),
        ];
        list(parts.into_iter().filter(|(_, entry)| entry.missing).map(|(name, _)| name))
    }
}

fn list<'a>(items: impl Iterator<Item = &'a [u8]>) -> Cell<'a> {
    Cell::List(items.map(Cow::Borrowed).collect())
}

impl Row for GrantRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(self.grant.id),
            1 => text(self.grant.principal.kind),
            2 => text(self.grant.principal.id),
            3 => text(&self.principal.name),
            4 => text(&self.principal.detail),
            5 => text(self.grant.entitlement),
            6 => text(&self.offer.entitlement.detail),
            7 => text(self.grant.resource.kind),
            8 => text(self.grant.resource.id),
            9 => text(&self.offer.resource.name),
            10 => Cell::Bool(!self.inherited()),
            11 => list(self.sources.iter().copied()),
            12 => list(self.expandable.iter().copied()),
            13 => self.missing(),
            14 => text(&self.principal.label),
            15 => text(&self.offer.entitlement.label),
            16 => text(&self.offer.resource.label),
            17 => Cell::Bool(self.inherited()),
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.grant.id)
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        // Connectors put the whole entitlement into the grant, and some the whole principal.
        let known = [
            self.offer.entitlement.known(&C1_CONNECTOR_V2_ENTITLEMENT),
            self.principal.known(&C1_CONNECTOR_V2_RESOURCE),
        ];
        super::json_object(out, Writer::knowing(&known), |object| {
            object.message("grant", &C1_CONNECTOR_V2_GRANT, self.grant.message)?;
            object.entry("entitlement", &self.offer.entitlement);
            object.entry("resource", &self.offer.resource);
            object.entry("resourceType", &self.offer.kind);
            object.entry("principal", &self.principal);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::GRANTS;

    /// The names are a promise to scripts.
    #[test]
    fn the_flat_columns_are_as_documented() {
        assert_eq!(
            super::super::flat_names(&GRANTS).join(", "),
            "id, principal_type, principal_id, principal_name, principal_email, entitlement_id, entitlement_slug, \
             resource_type, resource_id, resource_name, direct, sources, expandable, missing"
        );
    }
}
