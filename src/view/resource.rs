//! A resource with its type and its parent; principals are resources that hold something.

use std::borrow::Cow;
use std::rc::Rc;

use super::lookup::{Entry, Lookup};
use super::{column, cut, standin, text};
use crate::model::descriptor::C1_CONNECTOR_V2_RESOURCE;
use crate::model::facts::ResourceFacts;
use crate::model::keys::ResourceKey;
use crate::model::protojson::{Notes, Writer};
use crate::model::wire::Malformed;
use crate::render::{Cell, Column, Row, Shape};
use crate::store::{Error, Resource};

/// The columns of resources and principals.
pub(super) const COLUMNS: &[Column] = &[
    column("type", "Type"),
    column("id", "ID"),
    column("name", "Display Name"),
    column("parent_type", "Parent Type"),
    column("parent_id", "Parent ID"),
    column("status", "Status"),
    column("email", "Email"),
    column("login", "Login"),
    column("account_type", "Account Type"),
    column("last_login", "Last Login"),
    column("created_at", "Created At"),
    cut("description", "Description"),
    column("resource_type", "Resource Type"),
    column("parent", "Parent Resource"),
];

/// The columns of resources.
pub static RESOURCES: Shape = Shape {
    key: "resources",
    columns: COLUMNS,
    flat: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    table: &[1, 2, 12, 13],
    wide: &[0, 1, 2, 12, 13, 5, 6, 7, 8, 9, 10, 11],
};

/// One resource.
#[derive(Debug)]
pub struct ResourceRow<'a> {
    key: ResourceKey<'a>,
    parent_key: Option<ResourceKey<'a>>,
    message: Cow<'a, [u8]>,
    kind: Rc<Entry>,
    parent: Option<Rc<Entry>>,
    facts: ResourceFacts<'a>,
}

impl<'a> ResourceRow<'a> {
    /// `None`, with a note of it, when the record does not parse.
    pub(super) fn new(lookup: &Lookup<'_>, resource: Resource<'a>) -> Result<Option<Self>, Error> {
        let facts = ResourceFacts::read(resource.message);
        let Some(facts) = lookup.parsed(resource.place, facts) else { return Ok(None) };
        Ok(Some(Self {
            key: resource.key,
            parent_key: resource.parent,
            message: Cow::Borrowed(resource.message),
            kind: lookup.resource_type(resource.key.kind)?,
            parent: resource.parent.map(|key| lookup.resource(key)).transpose()?,
            facts,
        }))
    }

    /// A row for a resource that others name and the sync lacks.
    pub(super) fn missing(lookup: &Lookup<'_>, key: ResourceKey<'a>) -> Result<Self, Error> {
        // Asking for it notes that it is missing.
        lookup.resource(key)?;
        Ok(Self {
            key,
            parent_key: None,
            message: Cow::Owned(standin::resource(key)),
            kind: lookup.resource_type(key.kind)?,
            parent: None,
            facts: ResourceFacts::default(),
        })
    }

    /// `Acme (org)`: the parent's name and the id of its type.
    fn parent_label(&self) -> Cell<'_> {
        match (&self.parent, self.parent_key) {
            (Some(entry), Some(key)) => {
                Cell::Text(Cow::Owned([&*entry.label, b" (", key.kind, b")"].concat()))
            }
            _ => Cell::Text(Cow::Borrowed(b"-")),
        }
    }
}

impl Row for ResourceRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let word = |word: &'static str| text(word.as_bytes());
        match column {
            0 => text(self.key.kind),
            1 => text(self.key.id),
            2 => text(self.facts.name),
            3 => self.parent_key.map_or(Cell::Empty, |key| text(key.kind)),
            4 => self.parent_key.map_or(Cell::Empty, |key| text(key.id)),
            5 => self.facts.status.map_or(Cell::Empty, |status| word(status.word())),
            6 => text(self.facts.email),
            7 => text(self.facts.login),
            8 => word(self.facts.account_type),
            9 => self.facts.last_login.map_or(Cell::Empty, Cell::Time),
            10 => self.facts.created_at.map_or(Cell::Empty, Cell::Time),
            11 => text(self.facts.description),
            12 => text(&self.kind.label),
            13 => self.parent_label(),
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.key.to_name())
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        super::json_object(out, Writer::new(), |object| {
            object.message("resource", &C1_CONNECTOR_V2_RESOURCE, &self.message)?;
            object.entry("resourceType", &self.kind);
            if let Some(parent) = &self.parent {
                object.entry("parent", parent);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RESOURCES;

    #[test]
    fn the_flat_columns_are_as_documented() {
        assert_eq!(
            super::super::flat_names(&RESOURCES).join(", "),
            "type, id, name, parent_type, parent_id, status, email, login, account_type, last_login, created_at, \
             description"
        );
    }
}
