//! The log: lines for people, or an object per line for programs.
//!
//! Connectors write through the `log` crate, as the runner itself does; fields are its key-values:
//! `log::info!(count = 12; "Synced users")`. A line for people is `TIME LEVEL MESSAGE KEY=VALUE…`; an object has
//! `level`, `ts` (Unix seconds) and `msg`, and the fields beside them.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use log::kv::{self, VisitSource, VisitValue};
use log::{Level, LevelFilter, Log, Metadata, Record};
use serde_json::Value;

use super::config::Config;
use super::flags::Logging;
use crate::model::visible::push_visible;
use crate::ui::{Board, CommandError};

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Console,
    /// For programs.
    Json,
}

/// Where lines go.
#[derive(Debug)]
enum Place {
    Stderr,
    Stdout,
    File(Mutex<File>),
}

/// What is logged, how, and where.
#[derive(Debug)]
pub(super) struct Logger {
    level: LevelFilter,
    format: Format,
    places: Vec<Place>,
    board: Board,
}

/// What the rest of the runner needs to know about the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Whether what a person reads on standard error is made of lines for people.
    pub(super) console: bool,
    /// Whether errors leave a trace in the log too, because it goes elsewhere.
    pub(super) elsewhere: bool,
    /// Whether progress is of interest.
    pub(super) chatty: bool,
}

/// Before there is a log.
impl Default for Manner {
    fn default() -> Self {
        Self { console: true, elsewhere: false, chatty: true }
    }
}

impl Logger {
    /// Opens the places that the fields name.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub(super) fn new(
        flags: &Logging,
        config: &Config,
        board: &Board,
        terminal: bool,
    ) -> Result<Self, CommandError> {
        let mut places = Vec::new();
        for path in config.get(&flags.path) {
            places.push(match &*path {
                "stderr" => Place::Stderr,
                "stdout" => Place::Stdout,
                file => Place::File(Mutex::new(open(Path::new(file))?)),
            });
        }
        if places.is_empty() {
            places.push(Place::Stderr);
        }
        let person = terminal && places.iter().any(|place| matches!(place, Place::Stderr));
        let format = match config.find(&flags.format).as_deref() {
            Some("json") => Format::Json,
            Some(_) => Format::Console,
            None if person => Format::Console,
            None => Format::Json,
        };
        let level = config.get(&flags.level).parse().unwrap_or(LevelFilter::Info);
        Ok(Self { level, format, places, board: board.clone() })
    }

    /// What the rest of the runner needs to know.
    pub(super) fn manner(&self) -> Manner {
        let here = self.places.iter().any(|place| matches!(place, Place::Stderr));
        Manner {
            console: !here || self.format == Format::Console,
            elsewhere: self.places.iter().any(|place| !matches!(place, Place::Stderr)),
            chatty: self.level >= LevelFilter::Info,
        }
    }

    /// Takes what the `log` crate is told from now on, unless the program has a log of its own.
    pub(super) fn install(self) {
        let level = self.level;
        if log::set_boxed_logger(Box::new(self)).is_ok() {
            log::set_max_level(level);
        }
    }
}

fn open(path: &Path) -> Result<File, CommandError> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.map_err(|error| CommandError::trouble(format!("--log-path {}: {error}", path.display())))
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let now = SystemTime::now();
        for place in &self.places {
            let colour = matches!(place, Place::Stderr) && self.board.colour();
            let line = match self.format {
                Format::Console => console_line(record, now, colour),
                Format::Json => json_line(record, now),
            };
            // Nothing can be done about a log that cannot be written.
            match place {
                Place::Stderr => self.board.line(&line),
                Place::Stdout => drop(writeln!(io::stdout(), "{line}")),
                Place::File(file) => {
                    let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    drop(file.write_all(format!("{line}\n").as_bytes()));
                }
            }
        }
    }

    fn flush(&self) {}
}

/// The fields of a record, in the order in which it has them.
fn fields(record: &Record<'_>) -> Vec<(String, Value)> {
    let mut fields = Fields(Vec::new());
    // A field that cannot be read is one less, not a reason to lose the line.
    let _ = record.key_values().visit(&mut fields);
    fields.0
}

struct Fields(Vec<(String, Value)>);

impl<'k> VisitSource<'k> for Fields {
    fn visit_pair(&mut self, key: kv::Key<'k>, value: kv::Value<'k>) -> Result<(), kv::Error> {
        let mut json = Json(Value::Null);
        value.visit(&mut json)?;
        self.0.push((key.as_str().to_owned(), json.0));
        Ok(())
    }
}

struct Json(Value);

impl<'v> VisitValue<'v> for &mut Json {
    fn visit_any(&mut self, value: kv::Value<'_>) -> Result<(), kv::Error> {
        self.0 = Value::String(value.to_string());
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.0 = value.into();
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.0 = value.into();
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        self.0 = value.into();
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.0 = value.into();
        Ok(())
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        self.0 = value.into();
        Ok(())
    }
}

/// A line for people.
fn console_line(record: &Record<'_>, now: SystemTime, colour: bool) -> String {
    let time = Timestamp::try_from(now).unwrap_or_default();
    let (dim, loud) = match colour {
        true => (Style::new().dimmed(), Style::new().bold().fg_color(Some(hue(record.level()).into()))),
        false => (Style::new(), Style::new()),
    };
    format!("{dim}{time:.0}{dim:#} {}", words(record, dim, loud))
}

/// A line for people without the time.
#[cfg(test)]
pub(super) fn plain(record: &Record<'_>) -> String {
    words(record, Style::new(), Style::new())
}

fn words(record: &Record<'_>, dim: Style, loud: Style) -> String {
    let mut line = format!("{loud}{:<5}{loud:#} ", record.level());
    push_visible(&mut line, &record.args().to_string());
    for (key, value) in fields(record) {
        let value = match value {
            Value::String(text) if is_word(&text) => text,
            other => other.to_string(),
        };
        let _ = write!(line, " {dim}{key}={dim:#}");
        push_visible(&mut line, &value);
    }
    line
}

/// Whether a text can stand without quotes.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', '"', '='])
}

fn hue(level: Level) -> AnsiColor {
    match level {
        Level::Error => AnsiColor::Red,
        Level::Warn => AnsiColor::Yellow,
        Level::Info => AnsiColor::Green,
        Level::Debug | Level::Trace => AnsiColor::Blue,
    }
}

/// An object for programs.
fn json_line(record: &Record<'_>, now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let level = record.level().as_str().to_lowercase();
    let message = Value::String(record.args().to_string());
    let mut line = format!(r#"{{"level":"{level}","ts":{seconds:.6},"msg":{message}"#);
    for (key, value) in fields(record) {
        let _ = write!(line, ",{}:{value}", Value::String(key));
    }
    line.push('}');
    line
}

#[cfg(test)]
mod tests;
