//! The one door to the terminal: streams, colour, progress, errors.
//!
//! Data goes to standard output and nothing else does; words go to standard error.

mod board;
mod error;
mod progress;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

pub use board::{Bar, Board, thousands};
pub use error::{CommandError, INTERRUPTED, Kind};
pub use progress::Progress;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set; everywhere if CLICOLOR_FORCE is.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

impl Colour {
    /// Whether a stream gets colour. `variable` looks up the environment, where an empty value counts as unset.
    fn allows(self, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR") => false,
            Self::Auto if variable("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0") => true,
            Self::Auto => terminal && variable("TERM").as_deref() != Some("dumb"),
        }
    }
}

/// The terminal, or what stands for it.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    colour: Colour,
    quiet: bool,
}

/// Rows leave in pieces of this size: few system calls, and the first rows of a long list come at once.
const BUFFER: usize = 32 << 10;

impl Ui {
    /// `quiet` silences warnings and hints, never errors.
    #[must_use]
    pub fn new(colour: Colour, quiet: bool) -> Self {
        Self { colour, quiet }
    }

    /// Whether nothing but errors is told.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Standard output, buffered.
    #[must_use]
    pub fn stdout(&self) -> BufWriter<Box<dyn Write>> {
        BufWriter::with_capacity(BUFFER, self.raw_stdout())
    }

    /// The standard library looks for line ends in all that it writes to standard output, also in a pipe or a file.
    fn raw_stdout(&self) -> Box<dyn Write> {
        match duplicate_stdout() {
            Ok(file) if !self.stdout_is_terminal() => Box::new(file),
            _ => Box::new(io::stdout().lock()),
        }
    }

    /// Whether standard output gets colour.
    #[must_use]
    pub fn stdout_colour(&self) -> bool {
        self.colour.allows(self.stdout_is_terminal(), variable)
    }

    /// Whether a person looks at standard output.
    #[must_use]
    pub fn stdout_is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether standard input would be typed.
    #[must_use]
    pub fn stdin_is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// The columns of the terminal at standard output, if it is one.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        if !self.stdout_is_terminal() {
            return None;
        }
        terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
    }

    /// A line that the user should read although the command went on.
    pub fn warn(&self, text: &str) {
        if !self.quiet {
            self.word("warning", AnsiColor::Yellow, text);
        }
    }

    /// A line about what was read, or what to do next.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.word("note", AnsiColor::Cyan, text);
        }
    }

    /// A line for a person who looks at the output; nothing when it goes to a pipe.
    pub fn hint(&self, text: &str) {
        if !self.quiet && self.stdout_is_terminal() && io::stderr().is_terminal() {
            self.word("hint", AnsiColor::Cyan, text);
        }
    }

    /// Progress of a piece of work, for a person who waits at the terminal.
    #[must_use]
    pub fn progress(&self, what: impl Into<String>) -> Progress {
        Progress::new(what.into(), !self.quiet && io::stderr().is_terminal())
    }

    /// Standard error, shared by lines and a bar; the bar is drawn only for a person at the terminal.
    #[must_use]
    pub fn board(&self) -> Board {
        Board::new(!self.quiet && io::stderr().is_terminal(), self.stderr_colour())
    }

    /// Whether a person looks at standard error.
    #[must_use]
    pub fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    fn stderr_colour(&self) -> bool {
        self.colour.allows(io::stderr().is_terminal(), variable)
    }

    /// The lines of an error.
    pub fn error(&self, error: &CommandError) {
        if error.kind() == Kind::BrokenPipe {
            return;
        }
        for line in error.lines() {
            match line.split_once(": ") {
                Some(("hint", text)) => self.word("hint", AnsiColor::Cyan, text),
                Some((word, text)) => self.word(word, AnsiColor::Red, text),
                None => self.word("error", AnsiColor::Red, &line),
            }
        }
    }

    fn word(&self, word: &str, colour: AnsiColor, text: &str) {
        let style = match self.stderr_colour() {
            true => Style::new().bold().fg_color(Some(colour.into())),
            false => Style::new(),
        };
        let mut safe = String::new();
        crate::model::visible::push_visible(&mut safe, text);
        // Nothing can be done about a standard error that is gone.
        let _ = writeln!(io::stderr(), "{style}{word}:{style:#} {safe}");
    }
}

#[cfg(unix)]
fn duplicate_stdout() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn duplicate_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn colour_follows_flag_then_environment_then_terminal() {
        let none = |_: &str| None;
        let only = |wanted: &'static str, value: &'static str| {
            move |name: &str| (name == wanted).then(|| value.to_owned())
        };
        assert!(Colour::Auto.allows(true, none));
        assert!(!Colour::Auto.allows(false, none));
        assert!(!Colour::Auto.allows(true, only("NO_COLOR", "1")));
        assert!(Colour::Auto.allows(true, only("NO_COLOR", "")));
        assert!(Colour::Auto.allows(false, only("CLICOLOR_FORCE", "1")));
        assert!(!Colour::Auto.allows(false, only("CLICOLOR_FORCE", "0")));
        assert!(!Colour::Auto.allows(true, only("TERM", "dumb")));
        assert!(Colour::Always.allows(false, only("NO_COLOR", "1")));
        assert!(!Colour::Never.allows(true, only("CLICOLOR_FORCE", "1")));
    }
}
