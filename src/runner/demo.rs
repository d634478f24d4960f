//! The program around the demo connector, which can also invent whole companies.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::{Field, Runner};
use crate::demo::Demo;
use crate::demo::generate::{Company, GenerateError, generate};
use crate::ui::{CommandError, Ui, thousands};

/// Runs `baton-demo`.
pub fn main() -> ExitCode {
    let database = Field::path("db-file")
        .describe("The demo's own database, made with built-in data if it is missing; without it, changes are forgotten");
    Runner::new("baton-demo")
        .about("A connector for trying things out: it has its data built in, and needs no credentials")
        .title("Demo")
        .field(&database)
        .extra(Generate::augment_args(Command::new("generate")), run)
        .main(|config| Demo::open(config.find(&database).as_deref()))
}

/// Invent a company of any size, and write its syncs into a .c1z file
#[derive(Debug, Args)]
#[command(after_help = "\
The same numbers always give the same file.

Examples:
  baton-demo generate -f small.c1z
  baton-demo generate -f big.c1z --users 50000 --grants-per-user 40
  baton-demo generate -f week.c1z --syncs 7 --churn 1.5")]
struct Generate {
    /// The file to write [default: $BATON_FILE or sync.c1z]
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    force: bool,
    /// Users in each sync
    #[arg(long, value_name = "N", default_value_t = Company::default().users)]
    users: u64,
    /// Groups
    #[arg(long, value_name = "N", default_value_t = Company::default().groups)]
    groups: u64,
    /// Roles
    #[arg(long, value_name = "N", default_value_t = Company::default().roles)]
    roles: u64,
    /// Repositories
    #[arg(long, value_name = "N", default_value_t = Company::default().repos)]
    repos: u64,
    /// Grants in the first sync for each user, direct and inherited ones
    #[arg(long, value_name = "N", default_value_t = Company::default().grants_per_user)]
    grants_per_user: u64,
    /// Another number makes another company
    #[arg(long, value_name = "N", default_value_t = Company::default().seed)]
    seed: u64,
    /// Syncs, a day apart
    #[arg(long, value_name = "N", default_value_t = Company::default().syncs)]
    syncs: u32,
    /// Grants that change from one sync to the next
    #[arg(long, value_name = "PERCENT", default_value_t = Company::default().churn)]
    churn: f64,
}

fn run(ui: &Ui, matches: &ArgMatches) -> Result<(), CommandError> {
    let args = Generate::from_arg_matches(matches).map_err(|error| CommandError::of_parser(&error))?;
    let variable = || std::env::var_os("BATON_FILE").filter(|value| !value.is_empty());
    let file =
        args.file.clone().or_else(|| variable().map(PathBuf::from)).unwrap_or_else(|| "sync.c1z".into());
    let company = Company {
        users: args.users,
        groups: args.groups,
        roles: args.roles,
        repos: args.repos,
        grants_per_user: args.grants_per_user,
        seed: args.seed,
        syncs: args.syncs,
        churn: args.churn,
    };
    let mut bar = ui.board().bar();
    let made = generate(&company, &file, args.force, &mut |done, all| {
        bar.update("grants written", done, Some(all));
    });
    drop(bar);
    let made = made?;
    let syncs = match made.syncs.len() {
        1 => "1 sync".to_owned(),
        count => format!("{count} syncs"),
    };
    ui.note(&format!("wrote {}: {syncs}, {} grants", file.display(), thousands(made.grants())));
    Ok(())
}

impl From<GenerateError> for CommandError {
    fn from(error: GenerateError) -> Self {
        let (message, hint) = (error.to_string(), error.hint());
        match error {
            GenerateError::Sort(_) | GenerateError::Write(_) => Self::trouble(message),
            _ => Self::usage(message),
        }
        .maybe_hint(hint)
    }
}
