//! What one principal holds, by resource.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::lookup::Entry;
use super::{Error, Person, View};
use crate::model::keys::ResourceKey;
use crate::store::{GrantFilter, Problems};

/// Everything that a principal holds, sorted by resource type and resource id.
#[derive(Debug)]
pub struct Access {
    principal: Rc<Entry>,
    principal_kind: Rc<Entry>,
    /// By resource.
    pub to: Vec<AccessTo>,
}

/// What a principal holds on one resource.
#[derive(Debug)]
pub struct AccessTo {
    resource: Rc<Entry>,
    kind: Rc<Entry>,
    entitlements: Vec<Rc<Entry>>,
}

impl View<'_> {
    /// What `person` holds.
    ///
    /// # Errors
    /// [`Error`]
    pub fn access(&self, person: &Person) -> Result<Access, Error> {
        let mut by_resource: BTreeMap<Person, Vec<Rc<Entry>>> = BTreeMap::new();
        let filter = GrantFilter { principal: Some(person.key()), ..Default::default() };
        let mut scan = self.snapshot.grants(&filter)?;
        let mut rows = scan.rows()?;
        while let Some(entitlement) = rows.next(|grant| {
            let entry = self.lookup.entitlement(grant.entitlement, grant.resource);
            (Person::of(grant.resource), entry)
        })? {
            let (resource, entry) = entitlement;
            by_resource.entry(resource).or_default().push(entry?);
        }
        let to = by_resource
            .into_iter()
            .map(|(resource, entitlements)| self.access_to(resource.key(), entitlements));
        Ok(Access {
            principal: self.lookup.resource(person.key())?,
            principal_kind: self.lookup.resource_type(person.key().kind)?,
            to: to.collect::<Result<_, _>>()?,
        })
    }

    fn access_to(&self, key: ResourceKey<'_>, entitlements: Vec<Rc<Entry>>) -> Result<AccessTo, Error> {
        Ok(AccessTo {
            resource: self.lookup.resource(key)?,
            kind: self.lookup.resource_type(key.kind)?,
            entitlements,
        })
    }
}

impl Access {
    /// `alice@corp.example (User)`.
    #[must_use]
    pub fn title(&self) -> Vec<u8> {
        titled(&self.principal, &self.principal_kind)
    }

    /// Notes what is odd about the records that are shown.
    pub fn tell(&self, problems: &mut Problems) {
        let held = self.to.iter().flat_map(|to| [&to.resource, &to.kind].into_iter().chain(&to.entitlements));
        for entry in [&self.principal, &self.principal_kind].into_iter().chain(held) {
            entry.tell(problems);
        }
    }

    /// Appends `{"principal": …, "access": […]}`. An entitlement stands once for each grant of it.
    pub fn push_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"principal\":");
        self.principal.push_json(out);
        for (place, to) in self.to.iter().enumerate() {
            out.extend_from_slice(if place == 0 { b",\"access\":[" } else { b"," });
            to.push_json(out);
        }
        if !self.to.is_empty() {
            out.push(b']');
        }
        out.push(b'}');
    }
}

impl AccessTo {
    /// `Platform (Group)`.
    #[must_use]
    pub fn title(&self) -> Vec<u8> {
        titled(&self.resource, &self.kind)
    }

    /// What is held, each once.
    #[must_use]
    pub fn labels(&self) -> Vec<&[u8]> {
        let mut labels: Vec<&[u8]> = self.entitlements.iter().map(|entry| &*entry.label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    fn push_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"resourceType\":");
        self.kind.push_json(out);
        out.extend_from_slice(b",\"resource\":");
        self.resource.push_json(out);
        for (place, entitlement) in self.entitlements.iter().enumerate() {
            out.extend_from_slice(if place == 0 { b",\"entitlements\":[" } else { b"," });
            entitlement.push_json(out);
        }
        out.extend_from_slice(b"]}");
    }
}

fn titled(entry: &Entry, kind: &Entry) -> Vec<u8> {
    [&*entry.label, b" (", &*kind.label, b")"].concat()
}
