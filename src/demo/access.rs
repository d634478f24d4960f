//! What groups, roles and projects have in common: they offer a few entitlements, which are given and taken by hand.

use super::state::{Held, Kind, Slot};
use super::{Demo, invalid, object_id, resource_type};
use crate::model::v2;
use crate::sync::build::{self, EntitlementBuilder};
use crate::sync::{Answer, Code, ConnectorError, Granted, Page, Provisioner, Removed, Request};

/// Something that every resource of a type offers.
pub(super) struct Offer {
    /// Its name, which is a part of its id.
    pub(super) slug: &'static str,
    /// What holding it means, before the name of the resource.
    pub(super) means: &'static str,
    /// Who can hold it.
    pub(super) grantable_to: &'static [Kind],
    /// How its entitlement begins.
    pub(super) begin: fn(&v2::Resource, &'static str) -> EntitlementBuilder,
}

/// The resources of one kind, and what they offer.
pub(super) struct Access<'d> {
    pub(super) demo: &'d Demo,
    pub(super) kind: Kind,
    pub(super) offers: &'static [Offer],
}

impl Access<'_> {
    /// All entitlements of a resource. They are few, and make one page.
    pub(super) fn entitlements(&self, resource: &v2::Resource) -> Page<v2::Entitlement> {
        Page::last(self.offers.iter().map(|offer| {
            let kinds: Vec<_> = offer.grantable_to.iter().map(|kind| resource_type(*kind)).collect();
            let description = format!("{} {}", offer.means, resource.display_name);
            (offer.begin)(resource, offer.slug).description(description).grantable_to(&kinds).build()
        }))
    }

    /// A page of the grants of a resource, of all its entitlements.
    pub(super) fn grants(&self, resource: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Grant>> {
        let id = present(resource.id.as_ref(), "the resource")?;
        let name = object_id(self.kind, id)?;
        self.demo.page(
            |most| self.demo.state.held(self.kind, name, request.token, most),
            |held: &Held| held.key.clone(),
            |held| as_grant(id, held),
        )
    }

    /// What somebody wants to have granted or revoked, after a look whether that makes sense.
    fn slot<'a>(
        &self,
        entitlement: Option<&'a v2::Entitlement>,
        principal: Option<&'a v2::Resource>,
    ) -> Answer<Slot<'a>> {
        let entitlement = present(entitlement, "the entitlement")?;
        let resource = present(entitlement.resource.as_ref().and_then(|r| r.id.as_ref()), "the resource")?;
        let principal = present(principal.and_then(|p| p.id.as_ref()), "the principal")?;
        let offer = self.offer(resource, &entitlement.id)?;
        Ok(Slot {
            resource_type: self.kind,
            resource: object_id(self.kind, resource)?,
            slug: offer.slug,
            principal_type: offer.kind_of(principal)?,
            principal: &principal.resource,
        })
    }

    /// The offer behind the id of an entitlement. Ids are compared rather than taken apart, for the id of the resource
    /// may have colons in it.
    fn offer(&self, resource: &v2::ResourceId, id: &str) -> Answer<&'static Offer> {
        let found = self.offers.iter().find(|offer| build::entitlement_id(resource, offer.slug) == id);
        found.ok_or_else(|| {
            let words = format!("{}/{} has no entitlement {id:?}", resource.resource_type, resource.resource);
            ConnectorError::new(Code::NotFound, words)
        })
    }
}

impl Provisioner for Access<'_> {
    fn grant(&self, principal: &v2::Resource, entitlement: &v2::Entitlement) -> Answer<Granted> {
        let slot = self.slot(Some(entitlement), Some(principal))?;
        if !self.demo.state.assign(&slot)? {
            return Ok(Granted::Already);
        }
        let resource = build::id(self.kind.word(), slot.resource);
        let held = self.demo.state.holder(&slot)?;
        Ok(Granted::Now(held.iter().map(|held| as_grant(&resource, held)).collect()))
    }

    fn revoke(&self, grant: &v2::Grant) -> Answer<Removed> {
        self.demo.state.unassign(&self.slot(grant.entitlement.as_ref(), grant.principal.as_ref())?)
    }
}

impl Offer {
    /// The kind of a principal, which must be one that can hold this.
    fn kind_of(&self, principal: &v2::ResourceId) -> Answer<Kind> {
        let kind = self.grantable_to.iter().copied().find(|kind| kind.word() == principal.resource_type);
        kind.ok_or_else(|| {
            let able: Vec<_> = self.grantable_to.iter().map(|kind| kind.word()).collect();
            let able = able.join(" or ");
            invalid(format!("{} is for a {able}, and not for a {}", self.slug, principal.resource_type))
        })
    }
}

/// A row as a grant.
fn as_grant(resource: &v2::ResourceId, held: &Held) -> v2::Grant {
    let principal = build::id(&held.principal_type, &held.principal);
    let mut grant = build::grant(resource, &held.slug, &principal);
    if held.expandable {
        // Every member of the group has it too. The engine finds out who that is.
        grant = grant.expandable([build::entitlement_id(&principal, "member")]);
    }
    if let Some(source) = &held.source {
        // Nobody gave it to them, so nobody can take it away.
        grant = grant.annotation(&v2::GrantImmutable { source_id: source.clone(), metadata: None });
    }
    grant.build()
}

fn present<'a, T>(part: Option<&'a T>, name: &str) -> Answer<&'a T> {
    part.ok_or_else(|| invalid(format!("{name} is missing")))
}
