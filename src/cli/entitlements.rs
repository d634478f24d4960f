//! `baton entitlements`

use super::Answer;
use super::records::RecordArgs;
use super::session::Session;
use crate::ui::CommandError;
use crate::view::ENTITLEMENTS;

/// List entitlements: the permissions that resources offer
///
/// Filters combine. -t is the type of the resource that offers an entitlement, -t with -r one such resource, -e the
/// entitlement itself, -p whoever holds it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton entitlements -t group
  baton entitlements -p ada@corp.example   what Ada holds, each once
  baton entitlements -o name | sort        ids, to paste into other commands")]
pub(super) struct Args {
    #[command(flatten)]
    records: RecordArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    args.records.list(session, &ENTITLEMENTS, |view, filter, sink| view.entitlements(filter, sink))
}
