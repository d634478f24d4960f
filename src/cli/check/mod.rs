//! `baton check`

mod search;

use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::Answer;
use super::args::{ListArgs, SyncArgs};
use super::output::Plan;
use super::session::Session;
use crate::check::Severity;
use crate::check::report::{
    BaselineError, Choice, ChoiceError, FINDINGS, RULE_LIST, RuleRow, check_baseline_target, write_rules,
};
use crate::render::{Options, OutputFormat, RowError, format};
use crate::ui::CommandError;
use search::{Search, look};

/// Look for what a connector got wrong
///
/// Every finding has a code and a severity: an error is what readers or services stumble over, a warning most likely
/// not meant, a note worth knowing. Findings of a code are passed over with --skip CODE, single ones with a baseline:
/// --write-baseline FILE once, --baseline FILE from then on.
///
/// Exits with 1 when there are findings that count (--fail-on).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton check                              errors and warnings, by code
  baton check --severity note              notes as well
  baton check --list                       every code, and what to do about it
  baton check --skip 'grant-*,group-empty' without these codes
  baton check -o csv > findings.csv        every finding, for a spreadsheet
  baton check -o sarif > check.sarif       for code scanning
  baton check --write-baseline known.txt   accept what there is,
  baton check --baseline known.txt         and hear only of what is new

With -o sarif, findings are written for dashboards of code scanning (SARIF 2.1.0).")]
pub(super) struct Args {
    /// Show all codes with their severity and what to do; no file is opened
    #[arg(long, conflicts_with_all = ["baseline", "write_baseline", "limit", "sort"])]
    list: bool,

    /// Look only for these codes; * stands for any signs
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    only: Vec<String>,

    /// Do not look for these codes
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    skip: Vec<String>,

    /// Look only for findings at or above this [default: note; table and md show those from warning up]
    #[arg(long, value_enum, value_name = "LEVEL")]
    severity: Option<Level>,

    /// Exit with 1 when there are findings at or above this
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "error")]
    fail_on: FailOn,

    /// Show at most N findings of a code [default: 20 in table and md, all elsewhere]
    #[arg(long, value_name = "N")]
    max_per_code: Option<u64>,

    /// Pass over the findings in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write all findings into this file, and exit with 0; with --baseline, drop those that are gone
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,

    /// Let --write-baseline replace a file that is no baseline
    #[arg(long, requires = "write_baseline")]
    force: bool,

    #[command(flatten)]
    rows: ListArgs,
    #[command(flatten)]
    sync: SyncArgs,
}

/// A severity, as one types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    Note,
    Warning,
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

/// Which findings are a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Note,
    Warning,
    Error,
    Never,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Note => Some(Severity::Note),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
            Self::Never => None,
        }
    }
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let choice = Choice::new(&trimmed(&args.only), &trimmed(&args.skip), args.severity())?;
    if args.list {
        return list(session, args, &choice);
    }
    let Some(plan) = Plan::new(session, &FINDINGS, &args.rows)? else { return Ok(Answer::Yes) };
    let mut search = Search::new(session, args, &choice)?;
    if let Some(path) = &args.write_baseline {
        check_target(session, path, args.force)?;
    }
    let reader = session.open()?;
    let snapshot = session.choose(&reader, &args.sync.choice())?;
    let told = search.tell(session, &plan, snapshot);
    if let Some(path) = &args.write_baseline {
        search.write_baseline(session, &reader, path)?;
    }
    told?;
    search.mention_gone(session, args);
    session.close(&reader, search.answer(args))
}

impl Args {
    fn severity(&self) -> Severity {
        self.severity.map_or(Severity::Note, Severity::from)
    }

    /// What people are shown of what is found: notes only when something asks for them.
    fn shown(&self) -> Severity {
        match self.severity {
            None if self.only.is_empty() && self.fail_on != FailOn::Note => Severity::Warning,
            _ => self.severity(),
        }
    }
}

fn trimmed(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.trim().to_owned()).collect()
}

/// `--list`
fn list(session: &Session, args: &Args, choice: &Choice) -> Result<Answer, CommandError> {
    if let Some(format) = session.own_format() {
        return Err(format.is_not_here());
    }
    let ui = &session.ui;
    let mut stdout = ui.stdout();
    if session.format() == OutputFormat::Table && !args.rows.asks_for_rows() {
        write_rules(choice.rules(), look(ui), &mut stdout)?;
        return Ok(Answer::Yes);
    }
    let columns = args.rows.columns.as_deref().map(|names| RULE_LIST.pick(names)).transpose();
    let options = Options {
        columns: columns.map_err(|error| CommandError::usage(error.to_string()))?,
        header: !args.rows.no_headers,
        raw_cells: args.rows.raw_cells,
        colour: ui.stdout_colour(),
        width: ui.width(),
    };
    let mut rows = format(session.format(), &RULE_LIST, &options, &mut stdout);
    for rule in choice.rules() {
        rows.row(&RuleRow(rule)).map_err(|error| match error {
            RowError::Io(error) => error,
            RowError::Malformed(error) => io::Error::other(error),
        })?;
    }
    rows.finish()?;
    Ok(Answer::Yes)
}

/// Nothing is searched when what is found could not be written down.
fn check_target(session: &Session, path: &Path, force: bool) -> Result<(), CommandError> {
    let real = |path: &Path| path.canonicalize().ok();
    if real(path).is_some_and(|target| Some(target) == real(session.file())) {
        return Err(CommandError::usage(format!(
            "--write-baseline {}: this is the file that is checked",
            path.display()
        )));
    }
    check_baseline_target(path, force).map_err(|error| match error {
        BaselineError::Foreign { .. } | BaselineError::Line { .. } => {
            CommandError::from(error).hint("use --force to replace it")
        }
        error => error.into(),
    })
}

impl From<ChoiceError> for CommandError {
    fn from(error: ChoiceError) -> Self {
        let words = Self::usage(error.to_string());
        let words = match &error {
            ChoiceError::Unknown { near, .. } => words.did_you_mean(near),
            ChoiceError::Nothing => words,
        };
        words.hint("baton check --list shows all codes")
    }
}

impl From<BaselineError> for CommandError {
    fn from(error: BaselineError) -> Self {
        match error {
            BaselineError::Save(error) => error.into(),
            BaselineError::Read { ref source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Self::trouble(error.to_string()).hint("--write-baseline makes one")
            }
            error => Self::trouble(error.to_string()),
        }
    }
}
