//! The first two stages: which resource types there are, and their resources with all children.

use super::error::SyncError;
use super::ingest::Verdict;
use super::plan::name;
use super::run::{Run, Step};
use super::token::{Action, Operation};
use crate::model::v2;
use crate::store::Stored;

impl Run<'_> {
    /// Stores the connector's types, in its order: those that were asked for, or all.
    pub(super) fn resource_types(&mut self) -> Result<Step, SyncError> {
        for kind in self.registry.resource_types() {
            if kind.id.is_empty() {
                self.state.ingest_quality.invalid_resource_types_observed += 1;
                self.state.ingest_quality.flag(super::quality::Reason::InvalidDataRetained);
            } else if self.plan.kinds.contains(&kind.id) {
                let stored = self.writer.get_mut().put_resource_type(kind)?;
                self.scheduled.insert(kind.id.clone());
                self.types.insert(kind.id.clone(), kind.clone());
                self.stored(stored);
            }
        }
        Ok(Step::done())
    }

    /// Reads the types of a sync that goes on.
    pub(super) fn recall_types(&mut self) -> Result<(), SyncError> {
        let mut after = 0;
        loop {
            let rows = self.writer.get_mut().resource_types_page(after, 1_000)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.row;
            for row in rows {
                self.registry.syncer(&row.record.id).map_err(|_| self.foreign(&row.record.id))?;
                self.scheduled.insert(row.record.id.clone());
                self.types.insert(row.record.id.clone(), row.record);
            }
        }
    }

    fn foreign(&self, kind: &str) -> SyncError {
        SyncError::Options(format!(
            "the unfinished sync {} has the resource type {kind:?}, which this connector does not know",
            self.sync_id
        ))
    }

    /// A page of the resources of one type, with or without a parent; or the plan of all types.
    pub(super) fn resources(&mut self, action: &Action) -> Result<Step, SyncError> {
        if !action.has_subject() {
            return self.plan_types(action, |_, _| true);
        }
        let (registry, parent) = (self.registry, action.parent());
        let what = match &parent {
            Some(parent) => format!("listing {} below {}", action.resource_type_id, name(parent)),
            None => format!("listing {}", action.resource_type_id),
        };
        let syncer = registry.syncer(&action.resource_type_id);
        let syncer = syncer.map_err(|source| super::run::failed(&what, source))?;
        let page = self.ask(action, &what, |request| syncer.list(parent.as_ref(), request))?;
        let Some(page) = page else { return Ok(Step::done()) };
        let keep = self.admitted(&what, page.items)?;
        let mut children = Vec::new();
        for resource in &keep {
            self.store_resource(resource)?;
            children.extend(self.children_of(resource)?);
        }
        Ok(Step { next: page.next, children })
    }

    /// The resources of a page that are stored. Nothing of a page with an impossible one is.
    pub(super) fn admitted(
        &mut self,
        what: &str,
        page: Vec<v2::Resource>,
    ) -> Result<Vec<v2::Resource>, SyncError> {
        let mut keep = Vec::with_capacity(page.len());
        for resource in page {
            match self.judge(&resource) {
                Verdict::Keep => keep.push(resource),
                Verdict::Fail(problem) => {
                    let id = resource.id.as_ref().map_or_else(|| resource.display_name.clone(), name);
                    let problem = format!("resource {id}: {problem}");
                    return Err(SyncError::Record { call: what.to_owned(), problem });
                }
                Verdict::Invalid | Verdict::Unscheduled => {
                    self.state.ingest_quality.invalid_resources_observed += 1;
                    self.state.ingest_quality.flag(super::quality::Reason::InvalidDataRetained);
                }
            }
        }
        Ok(keep)
    }

    pub(super) fn store_resource(&mut self, resource: &v2::Resource) -> Result<(), SyncError> {
        let stored = self.writer.get_mut().put_resource(resource)?;
        if stored == Stored::New {
            self.resources = self.resources.map(|count| count + 1);
        }
        self.stored(stored);
        Ok(())
    }

    /// The stored resource of an action; `None` when the sync does not hold it.
    pub(super) fn subject(&mut self, action: &Action) -> Result<Option<v2::Resource>, SyncError> {
        debug_assert!(action.operation != Operation::ListResources);
        Ok(self.writer.get_mut().resource(&action.resource_type_id, &action.resource_id)?)
    }
}
