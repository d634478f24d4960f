//! `baton diff`

mod sides;

use std::io::Write as _;
use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser as _};

use super::Answer;
use super::explain::explain_empty;
use super::session::Session;
use crate::diff::show::{Class, Difference, Show, Subject, Survey};
use crate::diff::{Ignore, Options, Records, compare};
use crate::render::{self, OutputFormat};
use crate::store::Snapshot;
use crate::ui::CommandError;
use crate::view::{Filter, Need, Person, PrincipalError, View};
use sides::Files;

/// What changed from one sync to another: who gained and lost access
///
/// Also which accounts came, went, were disabled or enabled, and what else changed, field by field.
///
/// Two files are compared by the sync that is read of each, whatever engines they hold. In one file the two newest
/// finished full syncs are compared. Records are the same when their ids are; what only engines make differ is no
/// difference, and a renamed group is one change, not one for each grant that repeats its name.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{DETAILS}"))]
pub(super) struct Args {
    /// The older file; - is standard input. Alone it stands for -f: its two newest full syncs are compared
    old: Option<PathBuf>,
    /// The newer file
    new: Option<PathBuf>,
    /// The older sync [default: of two files that which is read, of one file the newest full one before --to]
    #[arg(long, value_name = "SYNC", value_parser = NonEmptyStringValueParser::new(), help_heading = SYNCS)]
    from: Option<String>,
    /// The newer sync [default: the newest full one]
    #[arg(long, value_name = "SYNC", value_parser = NonEmptyStringValueParser::new(), help_heading = SYNCS)]
    to: Option<String>,
    /// Which sync of one: other commands have it.
    #[arg(long, value_name = "ID", hide = true)]
    sync_id: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Count by resource type instead of showing the changes
    #[arg(long, help_heading = OUTPUT)]
    stat: bool,
    /// With -o md: rows of a section, 0 for all [default: 200, and no more than a comment on GitHub holds]
    #[arg(long, value_name = "N", help_heading = OUTPUT)]
    max_rows: Option<usize>,
    /// Leave out the header of csv and tsv
    #[arg(long, help_heading = OUTPUT)]
    no_headers: bool,
    /// Leave csv cells alone that a spreadsheet would run as formulas
    #[arg(long, help_heading = OUTPUT)]
    raw_cells: bool,
    #[command(flatten)]
    exit: ExitArgs,
}

const SYNCS: &str = "Sync options";
const OUTPUT: &str = "Output options";

/// Which records, and what counts as a change.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filters")]
struct FilterArgs {
    /// Only these records: grants, resources, entitlements, resource-types
    #[arg(
        long,
        value_name = "RECORDS",
        value_delimiter = ',',
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(Records::ALL.map(Records::name)).map(records)
    )]
    only: Vec<Records>,
    /// Only of this resource type; may be repeated
    #[arg(short = 't', long, value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    resource_type: Vec<String>,
    /// Only of this principal, who may be found in either sync: type/id, e-mail address, login or exact name
    #[arg(short, long, value_name = "WHO", value_parser = NonEmptyStringValueParser::new())]
    principal: Option<String>,
    /// Only of entitlements with this id or slug, where * stands for any text; may be repeated
    #[arg(short, long, value_name = "PATTERN", value_parser = NonEmptyStringValueParser::new())]
    entitlement: Vec<String>,
    /// Do not compare this field, such as lastLogin or profile.*; may be repeated
    #[arg(long, value_name = "FIELD")]
    ignore: Vec<String>,
    /// Do not compare the fields of this file, one a line; # begins a comment
    #[arg(long, value_name = "FILE")]
    ignore_file: Option<PathBuf>,
    /// Compare records as they are stored, with all that they repeat of others
    #[arg(long)]
    strict: bool,
}

fn records(name: String) -> Records {
    Records::ALL.into_iter().find(|records| records.name() == name).unwrap_or(Records::Grants)
}

/// What the exit code says.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Exit code")]
struct ExitArgs {
    /// Exit with 1 when there are differences
    #[arg(long)]
    exit_code: bool,
    /// As terraform has it: 0 no differences, 2 differences, 1 trouble
    #[arg(long, conflicts_with = "exit_code")]
    detailed_exitcode: bool,
    /// Exit with 1 only when there are such differences, as in added-grants,disabled-accounts
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    fail_on: Vec<Class>,
}

const EXAMPLES: &str = "\
Examples:
  baton diff monday.c1z tuesday.c1z
  baton diff -f sync.c1z --stat            its two newest full syncs
  baton diff old.c1z new.c1z -p alice@corp.example
  baton diff old.c1z new.c1z -o md >> $GITHUB_STEP_SUMMARY
  baton diff old.c1z new.c1z -e '*:admin' --fail-on added-grants
  baton diff old.c1z new.c1z -o ndjson | jq -r 'select(.change == \"deleted\").id'";

const DETAILS: &str = "\
Output:
  table   + came, - went, ~ changed: grants by resource, then accounts, then counts of the rest
  wide    the same with ids and every field, and the rest is listed too
  json    the reference tool's shape, and its equality when both syncs have the same engine: as with
          --strict; it has no resource types
  ndjson  one change a line: \"change\" (created, deleted, modified), \"record\" (grant, resource,
          entitlement, resource_type), the columns that lists have, and of a modified record
          \"fields\", a list of {\"path\", \"old\", \"new\"}
  csv     one change a row, the same columns for all records; tsv likewise
  md      for a comment or a job summary: which syncs, a summary, and sections to unfold
  name    mark, record and id

The words of --fail-on; every change is exactly one of them:
  added-grants, removed-grants, modified-grants,
  added-accounts, removed-accounts, disabled-accounts, enabled-accounts, modified-accounts,
  added-resources, removed-resources, modified-resources,
  added-entitlements, removed-entitlements, modified-entitlements,
  added-resource-types, removed-resource-types, modified-resource-types
Accounts are resources with a user trait, resources are all others.

-q prints nothing at all, and the exit code says whether there are differences, as in git diff.";

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let show = args.show(session)?;
    let ignore = args.filter.ignore()?;
    let files = Files::open(session, args)?;
    let (old, new) = files.choose(session, args)?;
    let options = args.filter.options(old, new, show.format, ignore)?;
    let changes = compare(old, new, &options)?;
    let difference = Difference::new(changes, old, new);
    if !session.ui.is_quiet() {
        write(session, &show, &difference)?;
    }
    if difference.changes().is_empty() {
        args.filter.explain(session, old, new)?;
    }
    let answer = args.exit.answer(session, &difference)?;
    files.close(session, answer)
}

fn write(session: &Session, show: &Show, difference: &Difference<'_>) -> Result<(), CommandError> {
    let mut stdout = session.ui.stdout();
    show.write(&mut stdout, difference)?;
    stdout.flush()?;
    let silent = matches!(
        show.format,
        OutputFormat::Ndjson | OutputFormat::Csv | OutputFormat::Tsv | OutputFormat::Name
    );
    if silent && difference.changes().is_empty() {
        session.ui.note("no differences");
    }
    Ok(())
}

impl Args {
    /// How the answer is shown; checked before a file is opened.
    fn show(&self, session: &Session) -> Result<Show, CommandError> {
        let format = session.format();
        if session.ui.is_quiet() && (session.asks_for_format() || self.stat) {
            let error = "-q prints nothing, so that neither -o nor --stat goes with it";
            return Err(CommandError::usage(error).hint("2>/dev/null silences warnings and notes alone"));
        }
        if self.stat && format == OutputFormat::Name {
            let error = "--stat has no names: its formats are table, wide, json, ndjson, csv, tsv, md";
            return Err(CommandError::usage(error));
        }
        if format == OutputFormat::Json && self.wants_resource_types() {
            return Err(CommandError::usage("the reference tool's json has no resource types")
                .hint("-o ndjson has them"));
        }
        if self.sync_id.is_some() {
            return Err(CommandError::usage("--sync-id names one sync, and it takes two to compare")
                .hint("--from and --to name them"));
        }
        let options = render::Options {
            header: !self.no_headers,
            raw_cells: self.raw_cells,
            colour: session.ui.stdout_colour(),
            ..render::Options::default()
        };
        Ok(Show { format, stat: self.stat, options, max_rows: self.max_rows })
    }
}

impl Args {
    /// Whether anything is asked that only resource types can answer.
    fn wants_resource_types(&self) -> bool {
        let only = &self.filter.only;
        let nothing_else = !only.is_empty() && only.iter().all(|records| *records == Records::ResourceTypes);
        let mut classes = self.exit.fail_on.iter();
        nothing_else || classes.any(|class| class.subject == Subject::ResourceTypes)
    }
}

impl FilterArgs {
    fn ignore(&self) -> Result<Ignore, CommandError> {
        let text = match &self.ignore_file {
            None => String::new(),
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| CommandError::trouble(format!("{}: {error}", file.display())))?,
        };
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let patterns = self.ignore.iter().map(String::as_str).chain(lines.filter(|line| !line.is_empty()));
        Ignore::parse(patterns).map_err(|error| CommandError::usage(error.to_string()))
    }

    fn options(
        &self,
        old: Snapshot<'_>,
        new: Snapshot<'_>,
        format: OutputFormat,
        ignore: Ignore,
    ) -> Result<Options, CommandError> {
        let mut options = Options {
            strict: self.strict,
            only: self.only.clone(),
            kinds: self.resource_type.clone(),
            principal: self.principal.as_deref().map(|wanted| person(old, new, wanted)).transpose()?,
            entitlements: self.entitlement.clone(),
            ignore,
            ..Options::default()
        };
        if format == OutputFormat::Json {
            options.strict |= old.reader().engine() == new.reader().engine();
            if options.only.is_empty() {
                options.only = Records::ALL.to_vec();
            }
            options.only.retain(|records| *records != Records::ResourceTypes);
        }
        Ok(options)
    }

    /// Says which resource type neither sync knows.
    fn explain(&self, session: &Session, old: Snapshot<'_>, new: Snapshot<'_>) -> Result<(), CommandError> {
        for kind in &self.resource_type {
            if old.resource_type(kind.as_bytes(), |_| ())?.is_none() {
                explain_empty(session, new, &Filter { kind: Some(kind.clone()), ..Filter::default() })?;
            }
        }
        Ok(())
    }
}

/// Who `wanted` is: in the new sync, or in the old one, for somebody who is gone.
fn person(old: Snapshot<'_>, new: Snapshot<'_>, wanted: &str) -> Result<Person, PrincipalError> {
    let find = |snapshot| View::new(snapshot, Need { cells: true, json: false }).principal(wanted);
    match find(new) {
        Err(unknown @ PrincipalError::Unknown { .. }) => match find(old) {
            Err(PrincipalError::Unknown { .. }) => Err(unknown),
            found => found,
        },
        found => found,
    }
}

impl ExitArgs {
    fn answer(&self, session: &Session, difference: &Difference<'_>) -> Result<Answer, CommandError> {
        let differs = if self.fail_on.is_empty() {
            let asked = self.exit_code || self.detailed_exitcode || session.ui.is_quiet();
            asked && !difference.changes().is_empty()
        } else {
            let survey = Survey::of(difference)?;
            self.fail_on.iter().any(|class| survey.count(*class) > 0)
        };
        Ok(if differs { Answer::No } else { Answer::Yes })
    }
}
