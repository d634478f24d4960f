//! Errors as users see them, and the exit code that goes with each.

use std::io;
use std::process::ExitCode;

/// What kind of trouble ended a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line is wrong.
    Usage,
    /// The file, the output or the system is.
    Trouble,
    /// A signal ended it before it was done.
    Interrupted,
    /// Whoever read our output went away: no trouble at all.
    BrokenPipe,
}

/// The exit code after a signal: 128 and the number of SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// An error with what to do next.
#[derive(Debug)]
pub struct CommandError {
    kind: Kind,
    message: String,
    hints: Vec<String>,
}

impl CommandError {
    /// A command line that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hints: Vec::new() }
    }

    /// A file, an output or a system that fails us.
    pub fn trouble(message: impl Into<String>) -> Self {
        Self { kind: Kind::Trouble, message: message.into(), hints: Vec::new() }
    }

    /// A signal that was obeyed before all was done.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self { kind: Kind::Interrupted, message: message.into(), hints: Vec::new() }
    }

    /// A command line that the parser refused: its words in one line, and hints.
    #[must_use]
    pub fn of_parser(error: &clap::Error) -> Self {
        Self::of_parser_words(&error.to_string())
    }

    fn of_parser_words(text: &str) -> Self {
        let mut parts = text.split("\n\n");
        let message = parts.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let message: Vec<&str> = message.lines().map(str::trim).collect();
        let mut error = Self::usage(message.join(" "));
        for part in parts {
            let part = part.trim();
            if let Some(tip) = part.strip_prefix("tip: ") {
                error = error.hint(tip);
            } else if let Some(usage) = part.strip_prefix("Usage: ") {
                let command: Vec<&str> =
                    usage.split(' ').take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
                error = error.hint(format!("{} --help says more", command.join(" ")));
            }
        }
        error
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what to do next, where that is known.
    #[must_use]
    pub fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Adds `did you mean …?`, where there is something near.
    #[must_use]
    pub fn did_you_mean(self, near: &[String]) -> Self {
        if near.is_empty() { self } else { self.hint(format!("did you mean {}?", near.join(", "))) }
    }

    /// The kind of trouble.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What went wrong, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The lines for standard error.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let hints = self.hints.iter().map(|hint| format!("hint: {hint}"));
        std::iter::once(format!("error: {}", self.message)).chain(hints).collect()
    }

    /// 0 when only the reader of a pipe went away, 130 (which shells know as "interrupted") after a signal, else 2.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        self.exit_code_with(2)
    }

    /// [`CommandError::exit_code`] where another code than 2 stands for trouble.
    #[must_use]
    pub fn exit_code_with(&self, trouble: u8) -> ExitCode {
        match self.kind {
            Kind::BrokenPipe => ExitCode::SUCCESS,
            Kind::Interrupted => ExitCode::from(INTERRUPTED),
            Kind::Usage | Kind::Trouble => ExitCode::from(trouble),
        }
    }
}

/// An error of the output; those of inputs carry their file and come as [`CommandError::trouble`].
impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        let kind = if is_broken_pipe(&error) { Kind::BrokenPipe } else { Kind::Trouble };
        Self { kind, message: format!("cannot write the output: {error}"), hints: Vec::new() }
    }
}

fn is_broken_pipe(error: &io::Error) -> bool {
    // Windows also says ERROR_NO_DATA when the other end of a pipe is being closed.
    const ERROR_NO_DATA: i32 = 232;
    error.kind() == io::ErrorKind::BrokenPipe
        || (cfg!(windows) && error.raw_os_error() == Some(ERROR_NO_DATA))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_error() {
        let gone = CommandError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(gone.kind(), Kind::BrokenPipe);
        let full = CommandError::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.kind(), Kind::Trouble);
    }

    #[test]
    fn usage_errors_are_one_line_and_a_hint() {
        let error = CommandError::of_parser_words(
            "error: unexpected argument '--fle' found\n\n  tip: a similar argument exists: '--file'\n\n\
             Usage: baton grants [OPTIONS]\n\nFor more information, try '--help'.\n",
        );
        assert_eq!(
            error.lines(),
            [
                "error: unexpected argument '--fle' found",
                "hint: a similar argument exists: '--file'",
                "hint: baton grants --help says more",
            ]
        );
    }

    #[test]
    fn hints_follow_the_error() {
        let error = CommandError::usage("no").did_you_mean(&["yes".into()]).maybe_hint(None);
        assert_eq!(error.lines(), ["error: no", "hint: did you mean yes?"]);
    }
}
