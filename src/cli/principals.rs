//! `baton principals`

use super::args::{EntitlementArgs, ListArgs, SyncArgs, TypeArgs};
use super::session::Session;
use super::{Answer, compare, records};
use crate::ui::CommandError;
use crate::view::RESOURCES;

/// List principals: the users, groups and others that hold something
///
/// Each is listed once, in the order of its first grant. -t with -r keeps those who hold something on that resource,
/// -e the holders of one entitlement.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton principals -e group:g1:member      the members of the group g1
  baton principals -t app -r crm -o csv    everybody with access to the CRM
  baton principals compare -e group:g1:member --compare-entitlement app:crm:user")]
pub(super) struct Args {
    #[command(flatten)]
    kind: PrincipalTypeArgs,
    #[command(flatten)]
    entitlement: EntitlementArgs,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    sync: SyncArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// A principal is found through what it holds, so a type alone would say nothing: is it the principal's or the
/// resource's?
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Filters")]
struct PrincipalTypeArgs {
    /// With -r: the type of the resource
    #[arg(
        short = 't',
        long,
        value_name = "TYPE",
        requires = "resource",
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    resource_type: Option<String>,

    /// With -t: who holds something on this resource
    #[arg(
        short,
        long,
        value_name = "ID",
        requires = "resource_type",
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    resource: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Compare(compare::Args),
}

impl Args {
    /// What stands before `compare` would be lost: it has options of its own.
    fn refuse_before_compare(&self) -> Result<(), CommandError> {
        let list = self.list.asks_for_rows() || self.list.no_headers || self.list.raw_cells;
        let filter = self.kind.resource_type.is_some() || self.entitlement.entitlement.is_some();
        if list || filter || self.sync.id().is_some() {
            return Err(CommandError::usage("only global options may stand before `compare`")
                .hint("put the others after it"));
        }
        Ok(())
    }
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    if let Some(Command::Compare(compared)) = &args.command {
        args.refuse_before_compare()?;
        return compare::run(session, compared);
    }
    let PrincipalTypeArgs { resource_type, resource } = args.kind.clone();
    let filter = records::filter(&TypeArgs { resource_type, resource }, &args.entitlement);
    records::list(
        session,
        &RESOURCES,
        &args.list,
        &args.sync,
        |_| Ok(filter),
        |view, filter, sink| view.principals(filter, sink),
    )
}
