//! The commands of `baton`: one file each, whose doc comment is its help. A command opens, asks and writes; what it
//! asks and how the answer looks is the business of other rooms.

mod access;
mod args;
mod check;
mod compare;
mod completion;
mod diff;
mod dump;
mod entitlements;
mod error;
mod explain;
mod grants;
mod output;
mod principals;
mod records;
mod resource_types;
mod resources;
mod session;
mod stats;
mod syncs;
mod verify;
mod version;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::ui::{Colour, CommandError, Ui};
use args::{Global, OwnFormat};
use session::Session;

/// Who has access to what, as a connector saw it: inspect .c1z files.
///
/// A .c1z file holds resource types, resources (users, groups, roles, apps …), entitlements (permissions that
/// resources offer), grants (who holds which entitlement) and the sync runs that collected them.
#[derive(Debug, Parser)]
#[command(name = "baton", version, disable_version_flag = true, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
}

const EXAMPLES: &str = "\
Examples:
  baton resources -f sync.c1z              how many resources of each type
  baton resources -t user                  all users of ./sync.c1z
  baton grants -p alice@corp.example       what Alice holds
  baton grants -o csv > grants.csv         every grant, for a spreadsheet
  baton grants -o json | jq '.grants[].grant.id'
  baton diff old.c1z new.c1z               what changed
  baton check                              what a connector got wrong
  baton verify                             whether the file is whole

Exit codes: 0 done; 1 the answer is no: they differ (--exit-code), findings (check), damaged (verify); 2 trouble.";

#[derive(Debug, Subcommand)]
enum Command {
    Resources(resources::Args),
    ResourceTypes(resource_types::Args),
    Entitlements(entitlements::Args),
    Grants(grants::Args),
    Principals(principals::Args),
    Access(access::Args),
    Diff(diff::Args),
    Check(check::Args),
    Syncs(syncs::Args),
    Stats(stats::Args),
    Verify(verify::Args),
    Completion(completion::Args),
    Dump(dump::Args),
    Version(version::Args),
}

impl Command {
    /// The formats that it has beside those of every list.
    fn own_formats(&self) -> &'static [OwnFormat] {
        match self {
            Self::Check(_) => &[OwnFormat::Sarif],
            _ => &[],
        }
    }
}

/// What a command that did its work has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Done, or yes, or the same.
    Yes,
    /// No, or they differ, or there are findings.
    No,
}

/// Runs `baton` with these arguments, the first of which is the program's name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let codes = Codes::of(&args);
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, codes),
    };
    let ui = cli.global.ui();
    match run(&ui, cli) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(codes.no),
        Err(error) => {
            ui.error(&error);
            error.exit_code_with(codes.trouble)
        }
    }
}

/// The exit codes of "no" and of trouble.
#[derive(Debug, Clone, Copy)]
struct Codes {
    no: u8,
    trouble: u8,
}

impl Codes {
    /// `--detailed-exitcode` has them the other way round. It is looked for in the words themselves, since a command
    /// line that does not parse is trouble too.
    fn of(args: &[OsString]) -> Self {
        let mut options = args.iter().take_while(|arg| *arg != "--");
        if options.any(|arg| arg == "--detailed-exitcode") {
            Self { no: 2, trouble: 1 }
        } else {
            Self { no: 1, trouble: 2 }
        }
    }
}

/// Help and version on standard output, a wrong command line on standard error.
fn usage(error: &clap::Error, codes: Codes) -> ExitCode {
    let ui = Ui::new(Colour::Auto, false);
    let told = if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        help(&ui).map_err(CommandError::from)
    } else if error.use_stderr() {
        Err(CommandError::of_parser(error))
    } else {
        error.print().map_err(CommandError::from)
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui.error(&error);
            error.exit_code_with(codes.trouble)
        }
    }
}

/// Help for who has not yet said what to do.
fn help(ui: &Ui) -> std::io::Result<()> {
    let mut stdout = ui.stdout();
    stdout.write_all(Cli::command().render_help().to_string().as_bytes())?;
    stdout.flush()
}

fn run(ui: &Ui, cli: Cli) -> Result<Answer, CommandError> {
    let session = Session::new(*ui, cli.global, cli.command.own_formats())?;
    match cli.command {
        Command::Resources(args) => resources::run(&session, &args),
        Command::ResourceTypes(args) => resource_types::run(&session, &args),
        Command::Entitlements(args) => entitlements::run(&session, &args),
        Command::Grants(args) => grants::run(&session, &args),
        Command::Principals(args) => principals::run(&session, &args),
        Command::Access(args) => access::run(&session, &args),
        Command::Diff(args) => diff::run(&session, &args),
        Command::Check(args) => check::run(&session, &args),
        Command::Syncs(args) => syncs::run(&session, &args),
        Command::Stats(args) => stats::run(&session, &args),
        Command::Verify(args) => verify::run(&session, &args),
        Command::Completion(args) => completion::run(&session, &args),
        Command::Dump(args) => dump::run(&session, &args),
        Command::Version(args) => version::run(&session, &args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
