//! What resources offer: the same for all of a type, and each resource's own.

use super::error::SyncError;
use super::ingest::{self, Verdict};
use super::plan::name;
use super::quality::Reason;
use super::run::{Run, Step, failed};
use super::token::Action;
use crate::model::v2;
use crate::sync::build::{self, annotations};

/// Resources that get the entitlements of their type at once.
const BATCH: usize = 1_000;

impl Run<'_> {
    /// A page of the entitlements that all resources of a type offer; or the plan of all types. Annotations that
    /// skip entitlements are about each resource's own.
    pub(super) fn static_entitlements(&mut self, action: &Action) -> Result<Step, SyncError> {
        let registry = self.registry;
        if !action.has_subject() {
            let offers = |kind: &str| registry.syncer(kind).ok()?.static_entitlements();
            return self.plan_types(action, |_, kind| offers(&kind.id).is_some());
        }
        let kind = &action.resource_type_id;
        let what = format!("listing the static entitlements of {kind}");
        let syncer = registry.syncer(kind).map_err(|source| failed(&what, source))?;
        let Some(syncer) = syncer.static_entitlements() else { return Ok(Step::done()) };
        let page = self.ask(action, &what, |request| syncer.static_entitlements(request))?;
        let Some(page) = page else { return Ok(Step::done()) };
        let mut after = 0;
        loop {
            let rows = self.writer.get_mut().resources_of_type_page(kind, after, BATCH)?;
            let Some(last) = rows.last() else { return Ok(Step::then(page.next)) };
            after = last.row;
            for row in &rows {
                let own = page.items.iter().map(|template| applied(template, &row.record));
                let own = own.collect::<Result<Vec<_>, _>>();
                let own = own.map_err(|problem| SyncError::Record { call: what.clone(), problem })?;
                self.store_entitlements(&what, &own)?;
            }
        }
    }

    /// A page of what one resource offers; or the plan of all resources.
    pub(super) fn entitlements(&mut self, action: &Action) -> Result<Step, SyncError> {
        if !action.has_subject() {
            return self.plan_resources(action, Self::has_entitlements);
        }
        let what = format!("listing the entitlements of {}", name(&action.resource()));
        let Some(resource) = self.subject(action)? else { return Ok(Step::done()) };
        let syncer = self.registry.syncer(&action.resource_type_id);
        // A resource may be of a type that the connector has no syncer for: then nobody knows what it offers.
        let Ok(syncer) = syncer else { return Ok(Step::done()) };
        let page = self.ask(action, &what, |request| syncer.entitlements(&resource, request))?;
        let Some(page) = page else { return Ok(Step::done()) };
        self.store_entitlements(&what, &page.items)?;
        Ok(Step::then(page.next))
    }

    fn store_entitlements(&mut self, what: &str, page: &[v2::Entitlement]) -> Result<(), SyncError> {
        for entitlement in page {
            match ingest::entitlement(entitlement, self.filter()) {
                Verdict::Keep => {
                    let stored = self.writer.get_mut().put_entitlement(entitlement)?;
                    self.stored(stored);
                }
                Verdict::Invalid => {
                    self.state.ingest_quality.invalid_entitlements_observed += 1;
                    self.state.ingest_quality.flag(Reason::InvalidDataRetained);
                }
                Verdict::Unscheduled => {
                    self.state.ingest_quality.entitlements_dropped += 1;
                    self.state.ingest_quality.flag(Reason::EntitlementDropped);
                }
                Verdict::Fail(problem) => {
                    let problem = format!("entitlement {:?}: {problem}", entitlement.id);
                    return Err(SyncError::Record { call: what.to_owned(), problem });
                }
            }
        }
        Ok(())
    }
}

/// The entitlement that a template gives a resource.
fn applied(template: &v2::Entitlement, resource: &v2::Resource) -> Result<v2::Entitlement, String> {
    let mut own = template.clone();
    let id = resource.id.as_ref().ok_or("a stored resource has no id")?;
    own.id = build::entitlement_id(id, &template.slug);
    if own.display_name.is_empty() {
        own.display_name.clone_from(&resource.display_name);
    }
    if own.description.is_empty() {
        own.description.clone_from(&resource.description);
    }
    if let Some(group) = annotations::pick::<v2::EntitlementExclusionGroup>(&own.annotations) {
        let mut group =
            group.map_err(|error| format!("{:?}: its exclusion group does not parse: {error}", own.id))?;
        if group.scope_to_resource {
            group.exclusion_group_id = format!("{}-{}", group.exclusion_group_id, id.resource);
            annotations::update(&mut own.annotations, &group);
        }
    }
    own.resource = Some(resource.clone());
    Ok(own)
}
