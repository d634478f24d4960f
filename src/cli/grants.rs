//! `baton grants`

use super::Answer;
use super::records::RecordArgs;
use super::session::Session;
use crate::ui::CommandError;
use crate::view::GRANTS;

/// List grants: who holds which entitlement
///
/// Filters combine. -t is the type of the resource that offers the entitlement, -t with -r one such resource, -e the
/// id of an entitlement, -p whoever holds it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton grants | head
  baton grants -t group -r g1              who is in the group g1, and as what
  baton grants -e app:crm:admin -o csv     who is an administrator of the CRM
  baton grants -p ada@corp.example -o wide")]
pub(super) struct Args {
    #[command(flatten)]
    records: RecordArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    args.records.list(session, &GRANTS, |view, filter, sink| view.grants(filter, sink))
}
