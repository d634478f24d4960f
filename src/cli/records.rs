//! The lists of records: their options, and the one way from these to the output.

use super::Answer;
use super::args::{EntitlementArgs, ListArgs, PrincipalArgs, SyncArgs, TypeArgs};
use super::explain::explain_empty;
use super::output::Plan;
use super::session::Session;
use crate::render::Shape;
use crate::ui::CommandError;
use crate::view::{self, Filter, Sink, View};

/// Options of the lists that take every filter.
#[derive(Debug, clap::Args)]
pub(super) struct RecordArgs {
    #[command(flatten)]
    pub(super) kind: TypeArgs,
    #[command(flatten)]
    pub(super) entitlement: EntitlementArgs,
    #[command(flatten)]
    pub(super) principal: PrincipalArgs,
    #[command(flatten)]
    pub(super) list: ListArgs,
    #[command(flatten)]
    pub(super) sync: SyncArgs,
}

/// The list of a view that answers a command.
pub(super) type Ask = fn(&View<'_>, &Filter, &mut dyn Sink) -> Result<(), view::Error>;

impl RecordArgs {
    /// Lists what `ask` answers.
    pub(super) fn list(
        &self,
        session: &Session,
        shape: &'static Shape,
        ask: Ask,
    ) -> Result<Answer, CommandError> {
        list(session, shape, &self.list, &self.sync, |view| self.filter(view), ask)
    }

    fn filter(&self, view: &View<'_>) -> Result<Filter, CommandError> {
        let mut filter = filter(&self.kind, &self.entitlement);
        if let Some(wanted) = &self.principal.principal {
            filter.principal = Some(view.principal(wanted)?);
        }
        Ok(filter)
    }
}

/// The filter of `-t`, `-r` and `-e`.
pub(super) fn filter(kind: &TypeArgs, entitlement: &EntitlementArgs) -> Filter {
    let mut filter = Filter { entitlement: entitlement.entitlement.clone(), ..Filter::default() };
    match (&kind.resource_type, &kind.resource) {
        (Some(kind), Some(id)) => filter.resource = Some((kind.clone(), id.clone())),
        (kind, _) => filter.kind = kind.clone(),
    }
    filter
}

/// Opens, asks and writes; an empty answer to a name that nothing has is explained.
pub(super) fn list(
    session: &Session,
    shape: &'static Shape,
    list: &ListArgs,
    sync: &SyncArgs,
    filter: impl FnOnce(&View<'_>) -> Result<Filter, CommandError>,
    ask: Ask,
) -> Result<Answer, CommandError> {
    let Some(plan) = Plan::new(session, shape, list)? else { return Ok(Answer::Yes) };
    let reader = session.open()?;
    let snapshot = session.choose(&reader, &sync.choice())?;
    let view = View::new(snapshot, plan.need());
    let filter = filter(&view)?;
    let rows = plan.write(session, &reader, |sink| ask(&view, &filter, sink))?;
    if rows == 0 {
        explain_empty(session, snapshot, &filter)?;
    }
    session.close(&reader, Answer::Yes)
}
