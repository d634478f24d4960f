//! `baton access`

use std::io::Write as _;

use clap::builder::NonEmptyStringValueParser;

use super::Answer;
use super::args::{ListArgs, SyncArgs};
use super::output::Plan;
use super::session::Session;
use crate::model::keys::ResourceKey;
use crate::render::{OutputFormat, write_tree};
use crate::store::Reader;
use crate::ui::CommandError;
use crate::view::{Filter, GRANTS, Person, View};

/// Show what one principal holds, by resource
///
/// What is shown is what the sync stored: access through groups appears when the connector expanded its grants. The
/// table is a tree; the other formats, and any list option, give the principal's grants.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "baton access [OPTIONS] <WHO>\n       baton access [OPTIONS] -t <TYPE> -r <ID>",
    group = clap::ArgGroup::new("who").required(true).args(["who_is", "resource"]),
    after_help = "\
Examples:
  baton access ada@corp.example
  baton access user/u1 -o csv
  baton access -t user -r u1"
)]
pub(super) struct Args {
    /// The principal: type/id, an e-mail address, a login or an exact name
    #[arg(
        id = "who_is",
        value_name = "WHO",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "resource_type"
    )]
    principal: Option<String>,
    /// With -r: the principal's type
    #[arg(short = 't', long, value_name = "TYPE", requires = "resource", value_parser = NonEmptyStringValueParser::new())]
    resource_type: Option<String>,
    /// With -t: the principal's id
    #[arg(short, long, value_name = "ID", requires = "resource_type", value_parser = NonEmptyStringValueParser::new())]
    resource: Option<String>,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    sync: SyncArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Answer, CommandError> {
    let Some(plan) = Plan::new(session, &GRANTS, &args.list)? else { return Ok(Answer::Yes) };
    let reader = session.open()?;
    let snapshot = session.choose(&reader, &args.sync.choice())?;
    let view = View::new(snapshot, plan.need());
    let person = args.person(&view)?;
    match session.format() {
        OutputFormat::Json => write_json(session, &view, &person)?,
        OutputFormat::Table if !args.list.asks_for_rows() => write_access_tree(session, &view, &person)?,
        _ => write_grants(session, &reader, &plan, &view, person)?,
    }
    session.close(&reader, Answer::Yes)
}

impl Args {
    fn person(&self, view: &View<'_>) -> Result<Person, CommandError> {
        if let Some(wanted) = &self.principal {
            return Ok(view.principal(wanted)?);
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_default().into_bytes();
        let (kind, id) = (text(&self.resource_type), text(&self.resource));
        let person = Person::of(ResourceKey { kind: &kind, id: &id });
        if view.exists(person.key())? { Ok(person) } else { Err(view.unknown(&person.name())?.into()) }
    }
}

fn write_json(session: &Session, view: &View<'_>, person: &Person) -> Result<(), CommandError> {
    let mut json = Vec::new();
    let access = view.access(person)?;
    access.push_json(&mut json);
    access.tell(&mut view.snapshot().reader().problems());
    json.push(b'\n');
    let mut stdout = session.ui.stdout();
    stdout.write_all(&json)?;
    Ok(stdout.flush()?)
}

fn write_access_tree(session: &Session, view: &View<'_>, person: &Person) -> Result<(), CommandError> {
    let access = view.access(person)?;
    access.tell(&mut view.snapshot().reader().problems());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let branches: Vec<(String, Vec<String>)> =
        access.to.iter().map(|to| (text(&to.title()), to.labels().into_iter().map(text).collect())).collect();
    let mut stdout = session.ui.stdout();
    write_tree(&mut stdout, &text(&access.title()), &branches)?;
    Ok(stdout.flush()?)
}

fn write_grants(
    session: &Session,
    reader: &Reader,
    plan: &Plan,
    view: &View<'_>,
    person: Person,
) -> Result<(), CommandError> {
    let filter = Filter { principal: Some(person), ..Filter::default() };
    plan.write(session, reader, |sink| view.grants(&filter, sink))?;
    Ok(())
}
