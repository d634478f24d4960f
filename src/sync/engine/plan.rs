//! Planning: an action without a subject becomes one for each type, or one for each resource, a page at a time.

use super::error::SyncError;
use super::ingest::{Verdict, resource};
use super::run::{Run, Step};
use super::token::{Action, Operation};
use crate::model::v2;
use crate::store::Row;
use crate::sync::build::annotations;

/// Actions that are planned at once.
const PAGE: usize = 100;

impl Run<'_> {
    /// One action for each stored type that `wanted` picks.
    pub(super) fn plan_types(
        &mut self,
        action: &Action,
        wanted: impl Fn(&Self, &v2::ResourceType) -> bool,
    ) -> Result<Step, SyncError> {
        let rows = self.writer.get_mut().resource_types_page(cursor(action), PAGE)?;
        let next = next(&rows);
        let kinds = rows.iter().map(|row| &row.record).filter(|kind| wanted(self, kind));
        let children = kinds.map(|kind| Action::of_type(action.operation, &kind.id)).collect();
        Ok(Step { next, children })
    }

    /// One action for each stored resource that `wanted` picks.
    pub(super) fn plan_resources(
        &mut self,
        action: &Action,
        wanted: impl Fn(&Self, &v2::Resource) -> bool,
    ) -> Result<Step, SyncError> {
        let rows = self.writer.get_mut().resources_page(cursor(action), PAGE)?;
        let next = next(&rows);
        let resources = rows.iter().map(|row| &row.record).filter(|resource| wanted(self, resource));
        let ids = resources.filter_map(|resource| resource.id.as_ref());
        let children: Vec<_> = ids.map(|id| Action::of_resource(action.operation, id)).collect();
        // Of the others there is nothing to ask.
        self.done(self.count().done + (rows.len() - children.len()) as u64);
        Ok(Step { next, children })
    }

    /// Whether a resource offers anything that is to be asked for.
    pub(super) fn has_entitlements(&self, resource: &v2::Resource) -> bool {
        let kind = self.kind_of(resource).map_or(&[][..], |kind| &kind.annotations);
        ![&resource.annotations[..], kind].into_iter().any(|list| {
            annotations::has::<v2::SkipEntitlementsAndGrants>(list)
                || annotations::has::<v2::SkipEntitlements>(list)
        })
    }

    /// Whether anybody holds it. `SkipGrants` counts on resources only, as in the reference.
    pub(super) fn has_grants(&self, resource: &v2::Resource) -> bool {
        let kind = self.kind_of(resource).map_or(&[][..], |kind| &kind.annotations);
        !annotations::has::<v2::SkipGrants>(&resource.annotations)
            && !annotations::has::<v2::SkipEntitlementsAndGrants>(&resource.annotations)
            && !annotations::has::<v2::SkipEntitlementsAndGrants>(kind)
    }

    /// The stored type of a resource.
    pub(super) fn kind_of(&self, resource: &v2::Resource) -> Option<&v2::ResourceType> {
        self.types.get(&resource.id.as_ref()?.resource_type)
    }

    /// The lists of children that follow from a resource, each once.
    pub(super) fn children_of(&mut self, resource: &v2::Resource) -> Result<Vec<Action>, SyncError> {
        let Some(parent) = &resource.id else { return Ok(Vec::new()) };
        let mut actions = Vec::new();
        for child in annotations::all::<v2::ChildResourceType>(&resource.annotations) {
            let child = child.map_err(|error| SyncError::Record {
                call: format!("listing {}", parent.resource_type),
                problem: format!("resource {}: its ChildResourceType does not parse: {error}", name(parent)),
            })?;
            let kind = child.resource_type_id;
            let list = (kind.clone(), parent.resource_type.clone(), parent.resource.clone());
            if self.scheduled.contains(&kind) && self.asked.insert(list) {
                actions.push(Action::of_type(Operation::ListResources, &kind).under(Some(parent)));
            }
        }
        Ok(actions)
    }

    /// The verdict on a resource.
    pub(super) fn judge(&self, record: &v2::Resource) -> Verdict {
        resource(record, self.kind_of(record))
    }
}

/// The row before those of the page. Its token is the first row that may be in it, for other programs too.
fn cursor(action: &Action) -> i64 {
    action.page_token.parse::<i64>().map_or(0, |first| first.saturating_sub(1))
}

/// The token of the page after these rows.
fn next<T>(rows: &[Row<T>]) -> String {
    match rows.last() {
        Some(last) if rows.len() == PAGE => last.row.saturating_add(1).to_string(),
        _ => String::new(),
    }
}

/// A resource in messages.
pub(super) fn name(id: &v2::ResourceId) -> String {
    format!("{}/{}", id.resource_type, id.resource)
}
