//! A search for findings: what is asked for, how it is shown, and what is written down.

use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::Path;

use super::super::Answer;
use super::super::args::OwnFormat;
use super::super::output::Plan;
use super::super::session::Session;
use super::Args;
use crate::check::report::{
    Baseline, Choice, Digest, FindingRow, Json, Look, Markdown, Report, Sarif, Summary, Tally, save_baseline,
};
use crate::check::{Checked, Finding, Severity, check};
use crate::render::OutputFormat;
use crate::store::{Place, Reader, Snapshot};
use crate::ui::{CommandError, Ui};
use crate::view;

/// Findings of a code that people are shown.
const MOST_PER_CODE: u64 = 20;

/// How findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Sarif,
    Json,
    Digest,
    Markdown,
    /// As every list.
    Rows,
}

impl Layout {
    fn of(session: &Session, args: &Args) -> Self {
        match (session.own_format(), session.format()) {
            (Some(OwnFormat::Sarif), _) => Self::Sarif,
            (None, OutputFormat::Json) => Self::Json,
            (None, OutputFormat::Table) if !args.rows.asks_for_rows() => Self::Digest,
            (None, OutputFormat::Md) if !args.rows.asks_for_rows() => Self::Markdown,
            _ => Self::Rows,
        }
    }

    /// Whether it holds what it shows, and is read from its top to its end.
    fn is_for_people(self) -> bool {
        matches!(self, Self::Digest | Self::Markdown)
    }
}

/// How text is shown to people.
pub(super) fn look(ui: &Ui) -> Look {
    Look { colour: ui.stdout_colour(), width: ui.width() }
}

/// A search for findings: what is asked for, and what was found.
pub(super) struct Search<'a> {
    choice: &'a Choice,
    layout: Layout,
    /// Below this, findings are counted but not shown.
    shown: Severity,
    per_code: u64,
    limit: usize,
    known: Option<Baseline>,
    /// Everything that was found, if it is to be written down.
    found: Option<Baseline>,
    tally: Tally,
    whole: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(session: &Session, args: &Args, choice: &'a Choice) -> Result<Self, CommandError> {
        let layout = Layout::of(session, args);
        let (shown, most) = match layout.is_for_people() {
            true => (args.shown(), MOST_PER_CODE),
            false => (Severity::Note, u64::MAX),
        };
        Ok(Self {
            choice,
            layout,
            shown,
            per_code: args.max_per_code.unwrap_or(most),
            // A plan for rows has its own limit, which counts after sorting.
            limit: args.rows.limit.filter(|_| layout != Layout::Rows).unwrap_or(usize::MAX),
            known: args.baseline.as_deref().map(Baseline::read).transpose()?,
            found: args.write_baseline.as_ref().map(|_| Baseline::default()),
            tally: Tally::default(),
            whole: false,
        })
    }

    /// Searches, and writes what is found.
    pub(super) fn tell(
        &mut self,
        session: &Session,
        plan: &Plan,
        snapshot: Snapshot<'_>,
    ) -> Result<(), CommandError> {
        let mut stdout = session.ui.stdout();
        match self.layout {
            Layout::Rows => return self.tell_rows(session, plan, snapshot),
            Layout::Sarif => {
                let file = session.file().to_string_lossy();
                self.report(snapshot, &mut Sarif::new(&file, &mut stdout))?;
            }
            Layout::Json => self.report(snapshot, &mut Json::new(&mut stdout))?,
            Layout::Digest => {
                self.report(snapshot, &mut Digest::new(look(&session.ui), &mut stdout))?;
            }
            Layout::Markdown => self.report(snapshot, &mut Markdown::new(&mut stdout))?,
        }
        Ok(stdout.flush()?)
    }

    fn report(&mut self, snapshot: Snapshot<'_>, report: &mut dyn Report) -> Result<(), CommandError> {
        let mut left = self.limit;
        let checked = self.run(snapshot, &mut |finding| {
            if left > 0 {
                left -= 1;
                report.finding(finding)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(report.finish(&self.summary(snapshot, checked))?)
    }

    fn tell_rows(
        &mut self,
        session: &Session,
        plan: &Plan,
        snapshot: Snapshot<'_>,
    ) -> Result<(), CommandError> {
        plan.write(session, snapshot.reader(), |sink| {
            let mut row = 0;
            self.run(snapshot, &mut |finding| {
                row += 1;
                let listed = Place::Row { table: "findings", row };
                let place = finding.place.as_ref().map_or(listed, |place| place.place());
                sink.row(&FindingRow(&finding), place)
            })
            .map(drop)
        })?;
        if !self.whole {
            // A limit of nothing asks for nothing; what there is decides all the same how the command ends.
            self.run(snapshot, &mut |_| Ok(ControlFlow::Break(())))?;
        }
        Ok(())
    }

    /// Hands new findings to `each` until it has had enough, and counts all.
    fn run(
        &mut self,
        snapshot: Snapshot<'_>,
        each: &mut dyn FnMut(Finding) -> io::Result<ControlFlow<()>>,
    ) -> Result<Checked, view::Error> {
        let choice = self.choice;
        let mut telling = true;
        let mut output = Ok(());
        let checked = check(snapshot, &|rule| choice.takes(rule), &mut |finding| {
            if let Some(found) = &mut self.found {
                found.add(&finding);
            }
            if self.known.as_mut().is_some_and(|known| known.meet(&finding)) {
                self.tally.add_known();
                return ControlFlow::Continue(());
            }
            let number = self.tally.add(&finding);
            if !telling || finding.rule.severity < self.shown || number > self.per_code {
                return ControlFlow::Continue(());
            }
            match each(finding) {
                Ok(flow) => telling = flow.is_continue(),
                Err(error) => (output, telling) = (Err(error), false),
            }
            // A baseline is written even if nobody reads the output.
            if output.is_err() && self.found.is_none() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        self.whole = output.is_ok() || self.found.is_some();
        output?;
        Ok(checked)
    }

    fn summary(&self, snapshot: Snapshot<'_>, checked: Checked) -> Summary {
        Summary {
            file: snapshot.reader().file().to_owned(),
            tally: self.tally.clone(),
            checked,
            asked: self.choice.severities(),
            shown: self.shown,
            gone: self.gone(),
            unread: snapshot.reader().problems().incomplete(),
        }
    }

    fn gone(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.gone(|code| self.choice.covers(code)))
    }

    pub(super) fn mention_gone(&self, session: &Session, args: &Args) {
        if let (Some(path), None, count @ 1..) = (&args.baseline, &args.write_baseline, self.gone()) {
            let path = path.display();
            session.ui.note(&format!(
                "{count} of the findings in {path} are gone; to drop them add --write-baseline {path}"
            ));
        }
    }

    /// Writes down everything that was found, and what is known of codes that were not looked for.
    pub(super) fn write_baseline(
        &mut self,
        session: &Session,
        reader: &Reader,
        path: &Path,
    ) -> Result<(), CommandError> {
        let (true, Some(mut found)) = (self.whole, self.found.take()) else { return Ok(()) };
        if reader.problems().incomplete().is_some() {
            session.ui.warn(&format!("{} is not written, since not all could be read", path.display()));
            return Ok(());
        }
        if let Some(known) = &self.known {
            found.keep(known, |code| !self.choice.covers(code));
        }
        save_baseline(&found, path)?;
        session.ui.note(&format!("{} findings are known now, in {}", found.len(), path.display()));
        Ok(())
    }

    pub(super) fn answer(&self, args: &Args) -> Answer {
        let failures = args.fail_on.severity().map_or(0, |severity| self.tally.at_least(severity));
        if failures == 0 || args.write_baseline.is_some() { Answer::Yes } else { Answer::No }
    }
}
