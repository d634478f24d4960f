//! Groups: users who work together.

use super::access::{Access, Offer};
use super::state::{Group, Kind};
use super::{Demo, invalid, link, object_id, time};
use crate::model::v2;
use crate::sync::build::{self, Trait};
use crate::sync::{
    Answer, Page, Provisioner, Removed, Request, ResourceDeleter, ResourceManager, ResourceSyncer, Targeted,
};

const OFFERS: &[Offer] = &[
    Offer {
        slug: "member",
        means: "Is a member of the group",
        grantable_to: &[Kind::User],
        begin: |group, slug| build::assignment(group, slug),
    },
    Offer {
        slug: "admin",
        means: "Manages, and is a member of, the group",
        grantable_to: &[Kind::User],
        begin: |group, slug| build::permission(group, slug),
    },
];

pub(super) fn resource_type() -> v2::ResourceType {
    build::resource_type("Group").trait_(Trait::Group).description("Users who work together").build()
}

pub(super) struct Groups<'d> {
    demo: &'d Demo,
    access: Access<'d>,
}

impl<'d> Groups<'d> {
    pub(super) fn of(demo: &'d Demo) -> Self {
        Self { demo, access: Access { demo, kind: Kind::Group, offers: OFFERS } }
    }
}

impl ResourceSyncer for Groups<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        resource_type()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        match parent {
            None => self.demo.objects(request, resource),
            Some(_) => Ok(Page::default()),
        }
    }

    fn entitlements(&self, group: &v2::Resource, _: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        Ok(self.access.entitlements(group))
    }

    fn grants(&self, group: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Grant>> {
        self.access.grants(group, request)
    }

    fn targeted(&self) -> Option<&dyn Targeted> {
        Some(self)
    }

    fn provisioner(&self) -> Option<&dyn Provisioner> {
        Some(&self.access)
    }

    fn manager(&self) -> Option<&dyn ResourceManager> {
        Some(self)
    }
}

fn resource(group: &Group) -> v2::Resource {
    build::resource(&resource_type(), &group.id, &group.name)
        .description(&group.description)
        .created_at(time(group.created_at))
        .raw_id(&group.id)
        .external_link(link(Kind::Group, &group.id))
        .group(build::group())
        .build()
}

impl Targeted for Groups<'_> {
    fn get(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        self.demo.state.get(object_id(Kind::Group, id)?).map(|group| resource(&group))
    }
}

impl ResourceManager for Groups<'_> {
    /// The id is made from the name, whatever id is asked for.
    fn create(&self, group: &v2::Resource) -> Answer<v2::Resource> {
        if group.display_name.is_empty() {
            return Err(invalid("a group needs a name"));
        }
        let created = self.demo.state.create_group(&group.display_name, &group.description)?;
        Ok(resource(&created))
    }
}

impl ResourceDeleter for Groups<'_> {
    fn delete(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<Removed> {
        self.demo.state.delete(Kind::Group, object_id(Kind::Group, id)?)
    }
}
