//! `baton principals compare`

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;

use super::Answer;
use super::args::{ListArgs, SyncArgs};
use super::explain::explain_empty;
use super::output::{Plan, note};
use super::session::Session;
use crate::render::{OutputFormat, Row};
use crate::store::{Place, Reader, SyncChoice};
use crate::ui::CommandError;
use crate::view::{
    Compared, Filter, Identity, Match, PRINCIPALS_COMPARED, Person, Sink, Verdict, View, compare_by,
};

/// Compare who holds one entitlement with who holds another, in this file or in a second one
///
/// Two principals are the same when their type and id are equal, or else one of their e-mail addresses (in any
/// case), or else their login. `missing` holds only the first entitlement, `extra` only the second.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  baton principals compare -e group:g1:member --compare-entitlement app:crm:user
  baton principals compare -f okta.c1z -e group:staff:member \\
      --compare-file github.c1z --compare-entitlement org:corp:member --exit-code")]
pub(super) struct Args {
    /// The entitlement whose holders are expected
    #[arg(short, long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    entitlement: String,
    /// The entitlement whose holders are compared with them
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    compare_entitlement: String,
    /// The file of the second entitlement [default: the same file]
    #[arg(long, value_name = "FILE")]
    compare_file: Option<PathBuf>,
    /// The sync of the second file
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    compare_sync_id: Option<String>,
    /// By what principals are the same
    #[arg(long, value_enum, default_value = "identity", value_name = "HOW")]
    r#match: How,
    /// Exit with 1 when somebody is missing or extra
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    sync: SyncArgs,
}

/// By what principals are the same.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum How {
    /// Type and id, e-mail address, login
    Identity,
    /// The same, and at last the display name
    Name,
}

/// One side of the comparison.
struct Side<'r> {
    view: View<'r>,
    people: Vec<(Person, Identity)>,
}

impl<'r> Side<'r> {
    fn read(session: &Session, view: View<'r>, entitlement: &str) -> Result<Self, CommandError> {
        let filter = Filter { entitlement: Some(entitlement.to_owned()), ..Filter::default() };
        let people = view.identities(&filter)?;
        if people.is_empty() {
            explain_empty(session, view.snapshot(), &filter)?;
        }
        Ok(Self { view, people })
    }
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let Some(plan) = Plan::new(session, &PRINCIPALS_COMPARED, &args.list)? else { return Ok(Answer::Yes) };
    let base_reader = session.open()?;
    let second_reader = args.second_reader(session)?;
    let compared_reader = second_reader.as_ref().unwrap_or(&base_reader);
    let base_sync = session.choose(&base_reader, &args.sync.choice())?;
    let compared_sync = match (&second_reader, args.second_choice() == args.sync.choice()) {
        (None, true) => base_sync,
        _ => session.choose(compared_reader, &args.second_choice())?,
    };
    let base = Side::read(session, View::new(base_sync, plan.need()), &args.entitlement)?;
    let compared = Side::read(session, View::new(compared_sync, plan.need()), &args.compare_entitlement)?;
    let how = match args.r#match {
        How::Identity => Match::Identity,
        How::Name => Match::Name,
    };
    let (found, taken) = compare_by(&base.people, &compared.people, how);
    let missing = people(&base, |place| found.get(place) == Some(&None));
    let extra = people(&compared, |place| taken.get(place) == Some(&false));
    if session.format() == OutputFormat::Json {
        write_json(session, [(&base_reader, &base), (compared_reader, &compared)], &missing, &extra)?;
    } else {
        plan.write(session, &base_reader, |sink| {
            list(&base.view, &missing, Verdict::Missing, sink)?;
            // A sink that has had enough says so again.
            list(&compared.view, &extra, Verdict::Extra, sink)
        })?;
        if missing.is_empty() && extra.is_empty() {
            session.ui.note("nobody is missing and nobody is extra");
        }
    }
    let same = missing.is_empty() && extra.is_empty();
    let second = second_reader.as_ref().map_or(Ok(Answer::Yes), |reader| session.close(reader, Answer::Yes));
    let answer = if same || !args.exit_code { Answer::Yes } else { Answer::No };
    session.close(&base_reader, answer).and_then(|answer| second.map(|_| answer))
}

impl Args {
    /// The second file, unless it is the first again.
    fn second_reader(&self, session: &Session) -> Result<Option<Reader>, CommandError> {
        match &self.compare_file {
            Some(file) if file != session.file() => session.open_file(file).map(Some),
            _ => Ok(None),
        }
    }

    /// The second sync; in the same file it is the first one's choice unless it has its own.
    fn second_choice(&self) -> SyncChoice {
        match (&self.compare_sync_id, &self.compare_file) {
            (Some(id), _) => SyncChoice::Id(id.clone()),
            (None, None) => self.sync.choice(),
            (None, Some(_)) => SyncChoice::Newest,
        }
    }
}

fn people(side: &Side<'_>, wanted: impl Fn(usize) -> bool) -> Vec<Person> {
    let chosen = side.people.iter().enumerate().filter(|(place, _)| wanted(*place));
    chosen.map(|(_, (person, _))| person.clone()).collect()
}

/// Hands people to the sink with what was found about them.
fn list(
    view: &View<'_>,
    people: &[Person],
    verdict: Verdict,
    sink: &mut dyn Sink,
) -> Result<(), crate::view::Error> {
    let mut sink = Compared::new(verdict, sink);
    for person in people {
        if view.person(person, &mut sink)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// `{"missing": […], "extra": […], "base": […], "compared": […]}`; an empty list is left out, as everywhere.
fn write_json(
    session: &Session,
    sides: [(&Reader, &Side<'_>); 2],
    missing: &[Person],
    extra: &[Person],
) -> Result<(), CommandError> {
    let [base, compared] = sides;
    let mut stdout = session.ui.stdout();
    let all = |side: &Side<'_>| people(side, |_| true);
    let lists = [
        ("missing", base, missing.to_vec()),
        ("extra", compared, extra.to_vec()),
        ("base", base, all(base.1)),
        ("compared", compared, all(compared.1)),
    ];
    let mut opening = "{";
    for (name, (reader, side), people) in lists {
        let mut members =
            Members { out: &mut stdout, reader, opening: format!("{opening}\"{name}\":["), row: Vec::new() };
        for person in &people {
            let _ = side.view.person(person, &mut members)?;
        }
        if !people.is_empty() {
            stdout.write_all(b"]")?;
            opening = ",";
        }
    }
    stdout.write_all(if opening == "{" { b"{}\n" } else { b"}\n" })?;
    Ok(stdout.flush()?)
}

/// Writes rows as the members of a JSON list.
struct Members<'w> {
    out: &'w mut dyn Write,
    reader: &'w Reader,
    /// What stands before the next member.
    opening: String,
    row: Vec<u8>,
}

impl Sink for Members<'_> {
    fn row(&mut self, row: &dyn Row, place: Place<'_>) -> io::Result<ControlFlow<()>> {
        self.row.clear();
        match row.json(&mut self.row) {
            Ok(notes) => {
                note(self.reader, place, notes);
                self.out.write_all(self.opening.as_bytes())?;
                self.out.write_all(&self.row)?;
                self.opening = ",".to_owned();
            }
            Err(error) => self.reader.problems().damaged(place, &error.to_string()),
        }
        Ok(ControlFlow::Continue(()))
    }
}
