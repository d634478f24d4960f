//! `-o table` and `-o wide`: what changed about access, for people.
//!
//! ```text
//! + ada@corp.example    admin   prod-db                       grants, by resource
//! - robin@corp.example  member  eng
//!
//! ~ zoe@corp.example  status: enabled → disabled             accounts
//!
//!   entitlements  repo  3 added                              everything else, by type
//!
//! 1 grant added, 1 removed; 1 account disabled; 3 entitlements added
//! ```
//!
//! `wide` has ids, and lists everything else as well.

use std::io::Write;

use super::cells::{places, told};
use super::lines::{Line, Lines, Look};
use super::survey::{Subject, Survey, said};
use super::{Difference, Error};

pub(super) fn write(
    out: &mut dyn Write,
    difference: &Difference<'_>,
    survey: &Survey,
    look: Look,
) -> Result<(), Error> {
    let listed = |subject| look.wide || matches!(subject, Subject::Grants | Subject::Accounts);
    for subject in Subject::ALL.into_iter().filter(|subject| listed(*subject)) {
        list(out, difference, survey, subject, look)?;
    }
    counts(out, survey, look, &|subject| !listed(subject))?;
    Ok(writeln!(out, "{}", survey.summary())?)
}

fn list(
    out: &mut dyn Write,
    difference: &Difference<'_>,
    survey: &Survey,
    subject: Subject,
    look: Look,
) -> Result<(), Error> {
    let places = places(difference, survey, subject)?;
    let mut lines = Lines::new(out, look);
    for &place in &places {
        let (Some(change), Some(class)) = (difference.changes.get(place), survey.class(place)) else {
            continue;
        };
        if let Some(told) = told(difference, change, class, look.wide)? {
            lines.push(Line { turn: Some(told.turn), cells: told.cells, words: told.words })?;
        }
    }
    lines.finish()?;
    if !places.is_empty() {
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn counts(
    out: &mut dyn Write,
    survey: &Survey,
    look: Look,
    wanted: &dyn Fn(Subject) -> bool,
) -> Result<(), Error> {
    let mut lines = Lines::new(out, look);
    let mut any = false;
    for (subject, kind, counts) in survey.kinds().filter(|(subject, ..)| wanted(*subject)) {
        let cells = vec![subject.noun(2).to_owned(), String::from_utf8_lossy(kind).into_owned()];
        let counts = counts.iter().map(|(turn, count)| (*turn, *count));
        lines.push(Line { turn: None, cells, words: said(counts, None).unwrap_or_default() })?;
        any = true;
    }
    lines.finish()?;
    if any {
        out.write_all(b"\n")?;
    }
    Ok(())
}
