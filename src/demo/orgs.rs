//! Organisations: whom projects belong to.

use super::state::{Kind, Org};
use super::{Demo, link, object_id, time};
use crate::model::v2;
use crate::sync::build;
use crate::sync::{Answer, Page, Request, ResourceSyncer, Targeted};

/// The type. It has no trait: organisations are nothing that everybody knows how to treat.
pub(super) fn resource_type() -> v2::ResourceType {
    build::resource_type("Organisation")
        .id(Kind::Org.word())
        .description("Whom projects belong to")
        .skip_entitlements_and_grants()
        .build()
}

pub(super) struct Orgs<'d>(pub(super) &'d Demo);

impl ResourceSyncer for Orgs<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        resource_type()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        match parent {
            None => self.0.objects(request, resource),
            Some(_) => Ok(Page::default()),
        }
    }

    fn targeted(&self) -> Option<&dyn Targeted> {
        Some(self)
    }
}

/// An organisation says that it has projects; the engine asks for them.
fn resource(org: &Org) -> v2::Resource {
    build::resource(&resource_type(), &org.id, &org.name)
        .created_at(time(org.created_at))
        .child_type(Kind::Project.word())
        .raw_id(&org.id)
        .external_link(link(Kind::Org, &org.id))
        .build()
}

impl Targeted for Orgs<'_> {
    fn get(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        self.0.state.get(object_id(Kind::Org, id)?).map(|org| resource(&org))
    }
}
