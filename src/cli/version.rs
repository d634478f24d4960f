//! `baton version`

use std::io::Write as _;

use super::Answer;
use super::session::Session;
use crate::ui::CommandError;

/// Print the version
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(session: &Session, _: &Args) -> Result<Answer, CommandError> {
    let mut stdout = session.ui.stdout();
    writeln!(stdout, "baton {}", env!("CARGO_PKG_VERSION"))?;
    stdout.flush()?;
    Ok(Answer::Yes)
}
