//! Projects: what users and groups work on. They are children of organisations.

use super::access::{Access, Offer};
use super::state::{Kind, Object as _, Project};
use super::{Demo, link, object_id, time};
use crate::model::v2;
use crate::sync::build;
use crate::sync::{Answer, Page, Provisioner, Removed, Request, ResourceDeleter, ResourceSyncer, Targeted};

const OFFERS: &[Offer] = &[
    Offer {
        slug: "access",
        means: "Has access to the project",
        grantable_to: &[Kind::User, Kind::Group],
        begin: |project, slug| build::assignment(project, slug),
    },
    Offer {
        slug: "owner",
        means: "Owns, and has access to, the project",
        grantable_to: &[Kind::User],
        begin: |project, slug| build::permission(project, slug),
    },
];

pub(super) fn resource_type() -> v2::ResourceType {
    build::resource_type("Project").description("What users and groups work on").build()
}

pub(super) struct Projects<'d> {
    demo: &'d Demo,
    access: Access<'d>,
}

impl<'d> Projects<'d> {
    pub(super) fn of(demo: &'d Demo) -> Self {
        Self { demo, access: Access { demo, kind: Kind::Project, offers: OFFERS } }
    }
}

impl ResourceSyncer for Projects<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        resource_type()
    }

    /// Those of one organisation. Every project has one, so there are none without a parent.
    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        let Some(org) = parent else {
            return Ok(Page::default());
        };
        let org = object_id(Kind::Org, org)?;
        self.demo.page(
            |most| self.demo.state.projects(org, request.token, most),
            |project: &Project| project.id().to_owned(),
            resource,
        )
    }

    fn entitlements(&self, project: &v2::Resource, _: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        Ok(self.access.entitlements(project))
    }

    fn grants(&self, project: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Grant>> {
        self.access.grants(project, request)
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

fn resource(project: &Project) -> v2::Resource {
    build::resource(&resource_type(), &project.id, &project.name)
        .parent(&build::id(Kind::Org.word(), &project.org))
        .description(&project.description)
        .created_at(time(project.created_at))
        .raw_id(&project.id)
        .external_link(link(Kind::Project, &project.id))
        .build()
}

impl Targeted for Projects<'_> {
    fn get(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        self.demo.state.get(object_id(Kind::Project, id)?).map(|project| resource(&project))
    }
}

impl ResourceDeleter for Projects<'_> {
    fn delete(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<Removed> {
        self.demo.state.delete(Kind::Project, object_id(Kind::Project, id)?)
    }
}
