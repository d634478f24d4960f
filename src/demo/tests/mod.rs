//! Tests of the demo connector, which ask it as the engine and the provisioning commands do.

mod actions;
mod data;
mod engine;
mod events;
mod objects;
mod provisioning;

use std::collections::BTreeSet;

use prost::Name;
use prost_types::Any;

use super::Demo;
use crate::model::v2;
use crate::sync::build::{self, annotations};
use crate::sync::{
    Answer, Code, Connector as _, ConnectorError, Granted, Page, Registry, Removed, Request, Session,
};

fn demo() -> Demo {
    Demo::open(None).unwrap()
}

/// The demo keeps nothing from one call to the next.
#[derive(Debug)]
struct NoSession;

impl Session for NoSession {
    fn get(&self, _: &str) -> Answer<Option<Vec<u8>>> {
        unreachable!()
    }

    fn set(&self, _: &str, _: &[u8]) -> Answer<()> {
        unreachable!()
    }

    fn delete(&self, _: &str) -> Answer<()> {
        unreachable!()
    }

    fn clear(&self, _: &str) -> Answer<()> {
        unreachable!()
    }

    fn page(&self, _: &str, _: &str) -> Answer<Vec<(String, Vec<u8>)>> {
        unreachable!()
    }
}

/// Everything that a connector lists.
#[derive(Debug, Clone, Default, PartialEq)]
struct Listing {
    types: Vec<v2::ResourceType>,
    resources: Vec<v2::Resource>,
    entitlements: Vec<v2::Entitlement>,
    grants: Vec<v2::Grant>,
    /// How many pages that took.
    pages: usize,
}

impl Listing {
    /// Asks as the engine does: parents before their children, and nothing that is to be skipped.
    fn of(demo: &Demo) -> Self {
        let registry = Registry::of(demo).unwrap();
        let mut listing = Self { types: registry.resource_types().cloned().collect(), ..Self::default() };
        for (_, syncer) in registry.syncers() {
            let found = listing.all(|request| syncer.list(None, request));
            listing.resources.extend(found);
        }
        for parent in listing.resources.clone() {
            for kind in annotations::all::<v2::ChildResourceType>(&parent.annotations) {
                let kind = kind.unwrap();
                let syncer = registry.syncer(&kind.resource_type_id).unwrap();
                let found = listing.all(|request| syncer.list(parent.id.as_ref(), request));
                listing.resources.extend(found);
            }
        }
        for resource in listing.resources.clone() {
            let kind = &resource.id.as_ref().unwrap().resource_type;
            let kind = listing.types.iter().find(|known| known.id == *kind).unwrap();
            if annotations::has::<v2::SkipEntitlementsAndGrants>(&kind.annotations) {
                continue;
            }
            let syncer = registry.syncer(&kind.id.clone()).unwrap();
            let found = listing.all(|request| syncer.entitlements(&resource, request));
            listing.entitlements.extend(found);
            let found = listing.all(|request| syncer.grants(&resource, request));
            listing.grants.extend(found);
        }
        listing
    }

    fn all<T>(&mut self, mut page: impl FnMut(&Request<'_>) -> Answer<Page<T>>) -> Vec<T> {
        let (mut items, mut token) = (Vec::new(), String::new());
        loop {
            let request = Request { token: &token, sync_id: "", session: &NoSession };
            let page = page(&request).unwrap();
            assert!(page.next.is_empty() || page.next != token, "the connector goes round in circles");
            self.pages += 1;
            items.extend(page.items);
            if page.next.is_empty() {
                return items;
            }
            token = page.next;
        }
    }

    fn resource(&self, kind: &str, id: &str) -> Option<&v2::Resource> {
        self.resources.iter().find(|resource| resource.id == Some(build::id(kind, id)))
    }

    fn entitlement(&self, id: &str) -> &v2::Entitlement {
        self.entitlements.iter().find(|entitlement| entitlement.id == id).unwrap()
    }

    fn grant(&self, id: &str) -> Option<&v2::Grant> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    fn grant_ids(&self) -> BTreeSet<&str> {
        self.grants.iter().map(|grant| grant.id.as_str()).collect()
    }
}

/// Grants an entitlement by its id, filled in as the provisioning command does.
fn grant(demo: &Demo, entitlement: &str, principal: &v2::ResourceId) -> Answer<Granted> {
    let listing = Listing::of(demo);
    let entitlement = listing.entitlement(entitlement);
    let kind = &entitlement.resource.as_ref().unwrap().id.as_ref().unwrap().resource_type;
    let registry = Registry::of(demo)?;
    let principal = v2::Resource { id: Some(principal.clone()), ..Default::default() };
    registry.syncer(kind)?.provisioner().unwrap().grant(&principal, entitlement)
}

/// Takes back what [`grant`] gave.
fn revoke(demo: &Demo, entitlement: &str, principal: &v2::ResourceId) -> Answer<Removed> {
    let listing = Listing::of(demo);
    let entitlement = listing.entitlement(entitlement);
    let resource = entitlement.resource.as_ref().unwrap();
    let grant = build::grant(resource, &entitlement.slug, principal).build();
    let registry = Registry::of(demo)?;
    registry.syncer(&resource.id.as_ref().unwrap().resource_type)?.provisioner().unwrap().revoke(&grant)
}

fn user(id: &str) -> v2::ResourceId {
    build::id("user", id)
}

fn group(id: &str) -> v2::ResourceId {
    build::id("group", id)
}

/// The code and the words of a refusal.
fn refusal<T: std::fmt::Debug>(answer: Answer<T>) -> (Code, String) {
    let error: ConnectorError = answer.unwrap_err();
    (error.code(), error.message().to_owned())
}

/// The annotation of a type, if there is one.
fn picked<M: Name + Default>(annotations: &[Any]) -> Option<M> {
    annotations::pick(annotations).map(Result::unwrap)
}
