//! `baton dump`

use std::io::Write as _;
use std::path::PathBuf;

use super::Answer;
use super::session::Session;
use crate::ui::CommandError;
use crate::verify::{self, DumpError, Keys};

/// Show what the database inside a v3 file is made of
///
/// Live tables by level with their bounds, and how many keys there are of each family; with --keys, the keys themselves.
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(super) struct Args {
    /// The file; without it, that of -f
    #[arg(value_name = "FILE")]
    path: Option<PathBuf>,
    /// The keys that start with these bytes, in hexadecimal: 0304 is all grants
    #[arg(long, value_name = "PREFIX")]
    keys: Option<String>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let keys = args.keys.as_deref().map(|prefix| {
        Keys::parse(prefix).ok_or_else(|| {
            CommandError::usage(format!(
                "--keys {prefix:?}: a prefix is pairs of hexadecimal digits, such as 0304"
            ))
        })
    });
    let keys = keys.transpose()?;
    let (source, options) = session.source(args.path.as_deref().unwrap_or(session.file()))?;
    let mut out = session.ui.stdout();
    verify::dump(&source, &options, keys.as_ref(), &mut out)?;
    out.flush()?;
    Ok(Answer::Yes)
}

impl From<DumpError> for CommandError {
    fn from(error: DumpError) -> Self {
        match error {
            DumpError::Container(error) => error.into(),
            DumpError::Output(error) => error.into(),
            other => Self::trouble(other.to_string()),
        }
    }
}
