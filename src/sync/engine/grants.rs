//! Who holds what resources offer.

use super::error::SyncError;
use super::ingest::{self, Expansion, Verdict};
use super::plan::name;
use super::quality::Reason;
use super::run::{Run, Step};
use super::token::Action;
use crate::model::v2;
use crate::sync::build::annotations;

impl Run<'_> {
    /// A page of who holds what one resource offers; or the plan of all resources.
    pub(super) fn grants(&mut self, action: &Action) -> Result<Step, SyncError> {
        if !action.has_subject() {
            return self.plan_resources(action, Self::has_grants);
        }
        let what = format!("listing the grants of {}", name(&action.resource()));
        let Some(resource) = self.subject(action)? else { return Ok(Step::done()) };
        let Ok(syncer) = self.registry.syncer(&action.resource_type_id) else { return Ok(Step::done()) };
        let page = self.ask(action, &what, |request| syncer.grants(&resource, request))?;
        let Some(page) = page else { return Ok(Step::done()) };
        let brings_resources = annotations::has::<v2::InsertResourceGrants>(&page.annotations);
        for mut grant in page.items {
            if brings_resources {
                annotations::update(&mut grant.annotations, &v2::InsertResourceGrants::default());
                if !self.insert_resource(&what, &grant)? {
                    continue;
                }
            }
            self.store_grant(&what, grant)?;
        }
        Ok(Step::then(page.next))
    }

    /// Stores the resource that a grant brings along. Whether the grant itself can be stored: not without one.
    fn insert_resource(&mut self, what: &str, grant: &v2::Grant) -> Result<bool, SyncError> {
        let resource = grant.entitlement.as_ref().and_then(|entitlement| entitlement.resource.as_ref());
        let Some(resource) = resource.filter(|resource| resource.id.is_some()) else {
            self.state.ingest_quality.grants_dropped += 1;
            self.state.ingest_quality.flag(Reason::GrantDropped);
            return Ok(false);
        };
        let scheduled = resource.id.as_ref().is_some_and(|id| self.scheduled.contains(&id.resource_type));
        match self.judge(resource) {
            Verdict::Fail(problem) if annotations::has::<v2::BatonId>(&resource.annotations) => {
                let problem = format!("the resource of grant {:?}: {problem}", grant.id);
                Err(SyncError::Record { call: what.to_owned(), problem })
            }
            // Grants name resources by a stub, which lacks traits.
            Verdict::Keep | Verdict::Fail(_) if scheduled => {
                self.store_resource(resource)?;
                Ok(true)
            }
            _ => {
                self.state.ingest_quality.grant_resources_dropped += 1;
                self.state.ingest_quality.flag(Reason::GrantResourceDropped);
                Ok(true)
            }
        }
    }

    fn store_grant(&mut self, what: &str, mut grant: v2::Grant) -> Result<(), SyncError> {
        match ingest::grant(&grant, self.filter()) {
            Verdict::Keep => {}
            Verdict::Fail(problem) => {
                let problem = format!("grant {:?}: {problem}", grant.id);
                return Err(SyncError::Record { call: what.to_owned(), problem });
            }
            Verdict::Invalid | Verdict::Unscheduled => {
                self.state.ingest_quality.grants_dropped += 1;
                self.state.ingest_quality.flag(Reason::GrantDropped);
                return Ok(());
            }
        }
        self.narrow(what, &mut grant)?;
        if ingest::is_matched_later(&grant.annotations) {
            self.state.has_external_resource_grants = true;
        }
        let stored = self.writer.get_mut().put_grant(&grant)?;
        self.stored(stored);
        if self.state.should_fetch_related_resources {
            self.fetch_related(&grant)?;
        }
        Ok(())
    }

    /// Keeps what a grant expands to within the types that are synced.
    fn narrow(&mut self, what: &str, grant: &mut v2::Grant) -> Result<(), SyncError> {
        let filter = (self.plan.kind != crate::store::SyncKind::Partial).then_some(&self.scheduled);
        let outcome = ingest::narrow_expansion(&mut grant.annotations, filter).map_err(|error| {
            let problem = format!("grant {:?}: its GrantExpandable does not parse: {error}", grant.id);
            SyncError::Record { call: what.to_owned(), problem }
        })?;
        let quality = &mut self.state.ingest_quality;
        match outcome {
            Expansion::None => return Ok(()),
            Expansion::Kept => {}
            Expansion::Narrowed(types) => {
                quality.expansion_resource_types_dropped += types;
                quality.flag(Reason::ExpansionTypeDropped);
            }
            Expansion::Dropped => {
                quality.expansions_dropped += 1;
                quality.flag(Reason::ExpansionDropped);
                return Ok(());
            }
        }
        self.state.needs_expansion = true;
        Ok(())
    }
}
