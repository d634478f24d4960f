//! `baton completion`

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::session::Session;
use super::{Answer, Cli};
use crate::ui::CommandError;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton completion bash > /etc/bash_completion.d/baton
  baton completion fish > ~/.config/fish/completions/baton.fish")]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    // Through memory: the generator panics when it cannot write.
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "baton", &mut script);
    let mut stdout = session.ui.stdout();
    stdout.write_all(&script)?;
    stdout.flush()?;
    Ok(Answer::Yes)
}
