//! Marked and aligned lines, as people know them from git and terraform.
//!
//! ```text
//! + ada@corp.example    member  eng⏎                      green: it came
//! - robin@corp.example  member  ops⏎                      red: it went
//! ~ zoe@corp.example    admin   eng   direct → inherited⏎  yellow: it changed
//! ```
//!
//! A first window of lines decides how wide the columns are, then every line leaves at once; a wider value pushes the
//! rest of its line to the right. What stands behind the columns is not aligned.

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::survey::Turn;
use crate::model::visible::visible;
use crate::render::width;

/// The window ends after this many lines.
const WINDOW: usize = 500;
/// One value beyond this pads no other line.
const WIDEST: usize = 64;

/// How lines look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// With ids, and nothing cut.
    pub(super) wide: bool,
    /// Whether marks have colour.
    pub(super) colour: bool,
}

/// One line.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// What happened; without it the line stands indented.
    pub(super) turn: Option<Turn>,
    /// What is aligned with other lines.
    pub(super) cells: Vec<String>,
    /// What stands behind that.
    pub(super) words: String,
}

/// Writes the lines of one section.
pub(super) struct Lines<'w> {
    out: &'w mut dyn Write,
    colour: bool,
    widths: Vec<usize>,
    /// Lines that wait for the widths; `None` once these are known.
    window: Option<Vec<Line>>,
}

impl<'w> Lines<'w> {
    pub(super) fn new(out: &'w mut dyn Write, look: Look) -> Self {
        Self { out, colour: look.colour, widths: Vec::new(), window: Some(Vec::new()) }
    }

    pub(super) fn push(&mut self, mut line: Line) -> io::Result<()> {
        for text in line.cells.iter_mut().chain([&mut line.words]) {
            if let Cow::Owned(escaped) = visible(text) {
                *text = escaped;
            }
        }
        let Some(window) = &mut self.window else { return self.write(&line) };
        self.widths.resize(self.widths.len().max(line.cells.len()), 0);
        for (known, cell) in self.widths.iter_mut().zip(&line.cells) {
            *known = (*known).max(Some(width(cell)).filter(|width| *width <= WIDEST).unwrap_or_default());
        }
        window.push(line);
        if window.len() >= WINDOW { self.finish() } else { Ok(()) }
    }

    /// Writes what has waited.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let window = self.window.take().unwrap_or_default();
        window.iter().try_for_each(|line| self.write(line))
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        let (mark, colour) = match line.turn {
            None => (' ', None),
            Some(Turn::Added) => ('+', Some(AnsiColor::Green)),
            Some(Turn::Removed) => ('-', Some(AnsiColor::Red)),
            Some(Turn::Disabled | Turn::Enabled | Turn::Modified) => ('~', Some(AnsiColor::Yellow)),
        };
        let style = match colour {
            Some(colour) if self.colour => Style::new().fg_color(Some(colour.into())),
            _ => Style::new(),
        };
        let mut text = format!("{mark} ");
        for (place, cell) in line.cells.iter().enumerate() {
            text.push_str(cell);
            let wanted = self.widths.get(place).copied().unwrap_or_default();
            text.extend(std::iter::repeat_n(' ', wanted.saturating_sub(width(cell)) + 2));
        }
        text.push_str(&line.words);
        let text = text.trim_end_matches(' ');
        self.out.write_all(format!("{style}{text}{style:#}\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(lines: Vec<Line>, colour: bool) -> String {
        let mut out = Vec::new();
        let mut all = Lines::new(&mut out, Look { wide: false, colour });
        lines.into_iter().for_each(|line| all.push(line).unwrap());
        all.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn line(turn: Turn, cells: [&str; 2], words: &str) -> Line {
        Line { turn: Some(turn), cells: cells.map(String::from).to_vec(), words: words.to_owned() }
    }

    #[test]
    fn lines_are_marked_and_aligned() {
        let lines = vec![
            line(Turn::Added, ["ada", "admin"], ""),
            line(Turn::Removed, ["日本", "x"], ""),
            line(Turn::Disabled, ["dmitri", "x"], "a → b"),
        ];
        assert_eq!(print(lines, false), "+ ada     admin\n- 日本    x\n~ dmitri  x      a → b\n");
    }

    #[test]
    fn what_does_not_print_is_escaped() {
        let printed = print(vec![line(Turn::Added, ["a\u{1b}[2J", "b\n"], "c\r")], true);
        assert_eq!(printed, "\u{1b}[32m+ a\\x1b[2J  b\\n  c\\r\u{1b}[0m\n");
    }

    #[test]
    fn colour_covers_whole_lines() {
        let printed = print(vec![line(Turn::Added, ["a", ""], ""), line(Turn::Enabled, ["b", ""], "")], true);
        assert_eq!(printed, "\u{1b}[32m+ a\u{1b}[0m\n\u{1b}[33m~ b\u{1b}[0m\n");
        let plain = print(vec![Line { cells: vec!["a".into()], ..Line::default() }], true);
        assert_eq!(plain, "  a\n");
    }

    #[test]
    fn a_long_value_pads_no_other_line() {
        let long = "x".repeat(1000);
        let printed =
            print(vec![line(Turn::Added, [&long, "y"], ""), line(Turn::Added, ["z", "y"], "")], false);
        assert_eq!(printed, format!("+ {long}  y\n+ z  y\n"));
    }

    #[test]
    fn behind_the_window_lines_leave_at_once() {
        let many = (0..WINDOW + 2).map(|_| line(Turn::Added, ["a", "b"], "")).collect();
        assert_eq!(print(many, false).lines().filter(|line| *line == "+ a  b").count(), WINDOW + 2);
    }
}
