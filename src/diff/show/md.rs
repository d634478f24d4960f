//! `-o md`: for a comment on a pull request, or the summary of a job.
//!
//! ```text
//! ### 12 grants added, 3 removed; 1 account disabled
//!
//! From the sync 37dyNByS9PhdL7pYDtLO1HlrLz8 of 2026-01-01T06:00:00Z to 37gnUwlLyOz8xLJDw79dEXlMUo1 of …
//!
//! <details open>
//! <summary>Grants: 12 added, 3 removed</summary>
//!
//! | | Principal | Entitlement | Resource | |
//! | --- | --- | --- | --- | --- |
//! | + | ada@corp.example | admin | prod-db | |
//!
//! 5 more are left out.
//!
//! </details>
//! ```
//!
//! A comment on GitHub holds 65,536 characters; unless told how many rows to write, a section ends before that.

use std::io::{self, Write};

use super::cells::{Told, places, titles, told};
use super::survey::{Class, Subject, Survey, Turn, said};
use super::words::clipped;
use super::{Difference, Error};
use crate::render::push_md;

/// How many rows a section has unless told otherwise.
const ROWS: usize = 200;
/// All sections together have less than this many bytes unless told otherwise.
const ROOM: usize = 65_000;
/// What is kept back of the room for the frames of all sections.
const FRAMES: usize = 3_000;
/// The longest text of a cell, in characters.
const CELL: usize = 200;

/// How much may be written.
struct Limits {
    rows: usize,
    room: usize,
}

impl Limits {
    fn of(max_rows: Option<usize>) -> Self {
        match max_rows {
            None => Self { rows: ROWS, room: ROOM - FRAMES },
            Some(0) => Self { rows: usize::MAX, room: usize::MAX },
            Some(rows) => Self { rows, room: usize::MAX },
        }
    }

    /// Whether there is room for a line, which is then taken.
    fn take(&mut self, line: &str) -> bool {
        let left = self.room.checked_sub(line.len());
        self.room = left.unwrap_or(self.room);
        left.is_some()
    }
}

pub(super) fn write(
    out: &mut dyn Write,
    difference: &Difference<'_>,
    survey: &Survey,
    max_rows: Option<usize>,
) -> Result<(), Error> {
    write_head(out, difference, survey)?;
    let mut limits = Limits::of(max_rows);
    for subject in Subject::ALL {
        let counts = Turn::ALL.map(|turn| (turn, survey.count(Class { subject, turn })));
        if let Some(said) = said(counts.into_iter(), None) {
            let open = if subject == Subject::Grants { " open" } else { "" };
            let title = capital(subject.noun(2));
            writeln!(out, "\n<details{open}>\n<summary>{title}: {said}</summary>\n")?;
            section(out, difference, survey, subject, &mut limits)?;
            writeln!(out, "\n</details>")?;
        }
    }
    Ok(())
}

/// The summary as a heading, and which syncs were compared.
pub(super) fn write_head(
    out: &mut dyn Write,
    difference: &Difference<'_>,
    survey: &Survey,
) -> io::Result<()> {
    let mut line = String::new();
    for (words, view) in [("From the sync ", &difference.old), (" to ", &difference.new)] {
        let run = view.snapshot().run();
        line.push_str(words);
        push_md(&mut line, &clipped(&run.id, CELL));
        if let Some(end) = run.ended_at.or(run.started_at) {
            line.push_str(&format!(" of {}", end.to_seconds_text()));
        }
    }
    write!(out, "### {}\n\n{line}\n", capital(&survey.summary()))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn section(
    out: &mut dyn Write,
    difference: &Difference<'_>,
    survey: &Survey,
    subject: Subject,
    limits: &mut Limits,
) -> Result<(), Error> {
    let titles = titles(subject);
    writeln!(out, "| | {} | |\n|{}", titles.join(" | "), " --- |".repeat(titles.len() + 2))?;
    let places = places(difference, survey, subject)?;
    let mut written = 0;
    for &place in places.iter().take(limits.rows) {
        let (Some(change), Some(class)) = (difference.changes.get(place), survey.class(place)) else {
            continue;
        };
        let Some(told) = told(difference, change, class, false)? else { continue };
        let line = line(&told);
        if !limits.take(&line) {
            break;
        }
        out.write_all(line.as_bytes())?;
        written += 1;
    }
    match places.len() - written {
        0 => {}
        1 => writeln!(out, "\n1 more is left out.")?,
        more => writeln!(out, "\n{more} more are left out.")?,
    }
    Ok(())
}

fn line(told: &Told) -> String {
    let mut line = String::from(match told.turn {
        Turn::Added => "| + |",
        Turn::Removed => "| - |",
        Turn::Disabled | Turn::Enabled | Turn::Modified => "| ~ |",
    });
    for text in told.cells.iter().chain([&told.words]) {
        if !text.is_empty() {
            line.push(' ');
        }
        push_md(&mut line, &clipped(text, CELL));
        line.push_str(" |");
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_foreign_text_as_it_is() {
        let told = Told {
            turn: Turn::Modified,
            cells: vec!["a|b".into(), "@team".into(), String::new(), "x".repeat(500)],
            words: "name: <b> → c".into(),
        };
        let line = line(&told);
        assert_eq!(
            line,
            format!("| ~ | a\\|b | @&#8203;team | | {}… | name: &lt;b> → c |\n", "x".repeat(200))
        );
    }

    #[test]
    fn room_is_taken_until_there_is_none() {
        let mut limits = Limits { rows: 1, room: 5 };
        assert!(limits.take("abc"));
        assert!(!limits.take("abc"));
        assert!(limits.take("ab"));
        assert!(!limits.take("a"));
    }
}
