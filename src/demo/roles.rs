//! Roles: what users and groups may do everywhere.

use super::access::{Access, Offer};
use super::state::{Kind, Role};
use super::{Demo, link, object_id, time};
use crate::model::v2;
use crate::sync::build::{self, Trait};
use crate::sync::{Answer, Page, Provisioner, Removed, Request, ResourceDeleter, ResourceSyncer, Targeted};

const OFFERS: &[Offer] = &[Offer {
    slug: "assignment",
    means: "Is assigned the role",
    grantable_to: &[Kind::User, Kind::Group],
    begin: |role, slug| build::assignment(role, slug),
}];

pub(super) fn resource_type() -> v2::ResourceType {
    build::resource_type("Role").trait_(Trait::Role).description("What its holders may do everywhere").build()
}

pub(super) struct Roles<'d> {
    demo: &'d Demo,
    access: Access<'d>,
}

impl<'d> Roles<'d> {
    pub(super) fn of(demo: &'d Demo) -> Self {
        Self { demo, access: Access { demo, kind: Kind::Role, offers: OFFERS } }
    }
}

impl ResourceSyncer for Roles<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        resource_type()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        match parent {
            None => self.demo.objects(request, resource),
            Some(_) => Ok(Page::default()),
        }
    }

    fn entitlements(&self, role: &v2::Resource, _: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        Ok(self.access.entitlements(role))
    }

    fn grants(&self, role: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Grant>> {
        self.access.grants(role, request)
    }

    fn targeted(&self) -> Option<&dyn Targeted> {
        Some(self)
    }

    fn provisioner(&self) -> Option<&dyn Provisioner> {
        Some(&self.access)
    }

    fn deleter(&self) -> Option<&dyn ResourceDeleter> {
        Some(self)
    }
}

fn resource(role: &Role) -> v2::Resource {
    build::resource(&resource_type(), &role.id, &role.name)
        .description(&role.description)
        .created_at(time(role.created_at))
        .raw_id(&role.id)
        .external_link(link(Kind::Role, &role.id))
        .role(build::role())
        .build()
}

impl Targeted for Roles<'_> {
    fn get(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        self.demo.state.get(object_id(Kind::Role, id)?).map(|role| resource(&role))
    }
}

impl ResourceDeleter for Roles<'_> {
    fn delete(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<Removed> {
        self.demo.state.delete(Kind::Role, object_id(Kind::Role, id)?)
    }
}
