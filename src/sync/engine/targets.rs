//! Partial syncs: resources that are asked for one by one, with their children and all that belongs to them.

use super::Target;
use super::call::{NoAnswer, is_gone};
use super::error::SyncError;
use super::plan::name;
use super::run::{Run, Step, failed};
use super::token::{Action, Operation};
use crate::model::v2;
use crate::sync::error::Code;

impl Target {
    pub(super) fn action(&self) -> Action {
        Action::of_resource(Operation::TargetedResourceSync, &self.id).under(self.parent.as_ref())
    }
}

impl Run<'_> {
    /// Fetches one resource; its children, entitlements and grants follow.
    pub(super) fn target(&mut self, action: &Action) -> Result<Step, SyncError> {
        let (id, parent) = (action.resource(), action.parent());
        let Some(resource) = self.fetch(&id, parent.as_ref())? else { return Ok(Step::done()) };
        self.store_resource(&resource)?;
        let mut children = self.children_of(&resource)?;
        if self.has_entitlements(&resource) && !self.plan.skip_entitlements {
            children.push(Action::of_resource(Operation::ListEntitlements, &id));
        }
        if self.has_grants(&resource) && !self.plan.skip_grants && !self.plan.skip_entitlements {
            children.push(Action::of_resource(Operation::ListGrants, &id));
        }
        Ok(Step { next: String::new(), children })
    }

    /// The resource whose entitlement a grant is of, unless it is stored already. It is asked for once, and what belongs
    /// to it is left out.
    pub(super) fn fetch_related(&mut self, grant: &v2::Grant) -> Result<(), SyncError> {
        let resource = grant.entitlement.as_ref().and_then(|entitlement| entitlement.resource.as_ref());
        let Some(resource) = resource else { return Ok(()) };
        let Some(id) = &resource.id else { return Ok(()) };
        let first = self.related.insert((id.resource_type.clone(), id.resource.clone()));
        if !first || !self.scheduled.contains(&id.resource_type) {
            return Ok(());
        }
        if self.writer.get_mut().resource(&id.resource_type, &id.resource)?.is_some() {
            return Ok(());
        }
        match self.fetch(id, resource.parent_resource_id.as_ref())? {
            Some(resource) => self.store_resource(&resource),
            None => Ok(()),
        }
    }

    /// One resource from the connector; `None`, and a warning, when it is gone or cannot be had one by one.
    fn fetch(
        &mut self,
        id: &v2::ResourceId,
        parent: Option<&v2::ResourceId>,
    ) -> Result<Option<v2::Resource>, SyncError> {
        let what = format!("fetching {}", name(id));
        let syncer = self.registry.syncer(&id.resource_type).ok();
        let Some(targeted) = syncer.and_then(|syncer| syncer.targeted()) else {
            self.caller.warn(format!("{what}: the connector cannot fetch single resources of this type"));
            return Ok(None);
        };
        let resource = match self.caller.call(&what, None, || targeted.get(id, parent)) {
            Ok(resource) => resource,
            Err(NoAnswer::Stopped) => return Err(self.stopped()),
            Err(NoAnswer::Failed(error)) if is_gone(&error) || error.code() == Code::Unimplemented => {
                self.caller.warn(format!("{what}: {error}"));
                return Ok(None);
            }
            Err(NoAnswer::Failed(source)) => return Err(failed(&what, source)),
        };
        Ok(self.admitted(&what, vec![resource])?.pop())
    }
}
