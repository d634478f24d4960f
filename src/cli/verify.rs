//! `baton verify`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Answer;
use super::session::Session;
use crate::render::{Options, OutputFormat, RowError, format};
use crate::store::{OpenOptions, SaveOptions, Source};
use crate::ui::{CommandError, Progress};
use crate::verify::{self, FAULTS, Remains, Report, SalvageError, VerifyError};

/// Look at every byte of a file, and say what is damaged and where
///
/// From the bottom up: the container, zstd frames and checksums, the pages or tables of the database inside, every
/// record, every sync run and its counts. A fault in one of them does not keep the others from being looked at. All
/// syncs are, finished or not. Places are counted in bytes from the start of the file, or of the decoded database, or of
/// the file inside that is named. Exits with 1 when the file is damaged, with 2 when it is no c1z.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton verify -f sync.c1z
  baton verify sync.c1z -o json | jq .sound
  baton verify sync.c1z -o ndjson          one fault a line
  baton verify sync.c1z --salvage new.c1z  what can be read, as a new file")]
pub(super) struct Args {
    /// The file; without it, that of -f
    #[arg(value_name = "FILE")]
    path: Option<PathBuf>,
    /// Write what can be read to a new file of version 1, and list what was lost on standard error
    #[arg(long, value_name = "OUT")]
    salvage: Option<PathBuf>,
    /// Replace the file that --salvage writes
    #[arg(long, requires = "salvage")]
    force: bool,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let (source, options) = session.source(args.path.as_deref().unwrap_or(session.file()))?;
    let whole = match &args.salvage {
        Some(target) => salvage(session, &source, &options, target, args.force)?,
        None => true,
    };
    let mut stages = Stages::new(session, &source);
    let found = verify::verify(&source, &options, &mut |what, done, total| stages.update(what, done, total));
    drop(stages);
    let found = found?;
    write(session, &found.report)?;
    let sound = found.report.is_sound();
    if !sound && args.salvage.is_none() && !matches!(found.remains, Remains::Nothing) {
        session.ui.hint("--salvage OUT.c1z writes what can be read to a new file");
    }
    Ok(if sound && whole { Answer::Yes } else { Answer::No })
}

/// Losses that are told; the rest is counted.
const TOLD: usize = 20;

/// Writes what can be read, and says what that is; whether it is everything.
fn salvage(
    session: &Session,
    source: &Source,
    options: &OpenOptions,
    target: &Path,
    force: bool,
) -> Result<bool, CommandError> {
    if *source == Source::Stdin {
        return Err(CommandError::usage(
            "--salvage reads the file twice: save standard input to a file first",
        ));
    }
    let save = SaveOptions { overwrite: force };
    let mut stages = Stages::new(session, source);
    let salvaged = verify::salvage(source, options, target, save, &mut |what, done, total| {
        stages.update(what, done, total);
    });
    drop(stages);
    let salvaged = salvaged?;
    let lost = &salvaged.lost;
    for loss in lost.list().iter().take(TOLD) {
        session.ui.warn(&format!("lost: {loss}"));
    }
    let more = lost.list().len().saturating_sub(TOLD) as u64 + lost.more();
    if more > 0 {
        session.ui.warn(&format!("lost: {more} more"));
    }
    session.ui.note(&format!("{}: {}", target.display(), salvaged.summary()));
    Ok(salvaged.is_sound())
}

/// The progress of one stage after the other.
struct Stages<'s> {
    session: &'s Session,
    source: &'s Source,
    doing: Option<(&'static str, Progress)>,
}

impl<'s> Stages<'s> {
    fn new(session: &'s Session, source: &'s Source) -> Self {
        Self { session, source, doing: None }
    }

    fn update(&mut self, what: &'static str, done: u64, total: Option<u64>) {
        if self.doing.as_ref().is_none_or(|(before, _)| *before != what) {
            self.doing = Some((what, self.session.ui.progress(format!("{what} {}", self.source))));
        }
        if let Some((_, progress)) = &mut self.doing {
            progress.update(done, total);
        }
    }
}

fn write(session: &Session, report: &Report) -> Result<(), CommandError> {
    let mut stdout = session.ui.stdout();
    match session.format() {
        OutputFormat::Table | OutputFormat::Wide => {
            report.write_tables(&mut stdout, session.ui.stdout_colour())?;
        }
        OutputFormat::Json => report.write_json(&mut stdout)?,
        kind => {
            let mut rows = format(kind, &FAULTS, &Options::default(), &mut stdout);
            for fault in &report.faults {
                match rows.row(fault) {
                    Ok(_) | Err(RowError::Malformed(_)) => {}
                    Err(RowError::Io(error)) => return Err(error.into()),
                }
            }
            rows.finish()?;
        }
    }
    Ok(stdout.flush()?)
}

impl From<VerifyError> for CommandError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Container(error) => error.into(),
        }
    }
}

impl From<SalvageError> for CommandError {
    fn from(error: SalvageError) -> Self {
        match error {
            SalvageError::Container(error) => error.into(),
            SalvageError::Write(error) => Self::trouble(error.to_string()).maybe_hint(error.hint()),
            other => Self::trouble(other.to_string()),
        }
    }
}
