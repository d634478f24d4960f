//! Arguments that several commands share.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::render::{OutputFormat, UnknownFormat};
use crate::store::SyncChoice;
use crate::ui::{Colour, CommandError, Ui};

/// Options of every command, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// The .c1z file; - is standard input [default: $BATON_FILE or sync.c1z]
    #[arg(short, long, global = true, value_name = "FILE")]
    file: Option<PathBuf>,

    /// table (or console), wide, json, ndjson, csv, tsv, md, name [default: $BATON_OUTPUT_FORMAT or table]
    #[arg(short, long, global = true, value_name = "FORMAT")]
    output_format: Option<Asked>,

    /// When to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = false
    )]
    pub(super) color: Colour,

    /// No warnings, hints and progress, only errors
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,

    /// Where to unpack what does not fit in memory
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true)]
    pub(super) temp_dir: Option<PathBuf>,

    /// Unpack larger files into a temporary file without a name [default: $BATON_MEMORY_LIMIT_MB or 512]
    #[arg(long, global = true, value_name = "MIB", hide_short_help = true)]
    memory_limit: Option<u64>,
}

impl Global {
    pub(super) fn ui(&self) -> Ui {
        Ui::new(self.color, self.quiet)
    }

    pub(super) fn file(&self) -> PathBuf {
        let variable = || std::env::var_os("BATON_FILE").filter(|value| !value.is_empty());
        self.file.clone().or_else(|| variable().map(PathBuf::from)).unwrap_or_else(|| "sync.c1z".into())
    }

    /// The file that the command line names.
    pub(super) fn asked_file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Whether the command line names a format.
    pub(super) fn asks_for_format(&self) -> bool {
        self.output_format.is_some()
    }

    /// The format that was asked for, one that every list has or one of `own`.
    pub(super) fn output_format(&self, own: &[OwnFormat]) -> Result<Asked, CommandError> {
        let asked = self.output_format.or(variable("BATON_OUTPUT_FORMAT")?).unwrap_or_default();
        match asked {
            Asked::Own(format) if !own.contains(&format) => Err(format.is_not_here()),
            asked => Ok(asked),
        }
    }

    /// In bytes.
    pub(super) fn memory_limit(&self) -> Result<u64, CommandError> {
        let limit = self.memory_limit.or(variable("BATON_MEMORY_LIMIT_MB")?);
        Ok(limit.unwrap_or(512).saturating_mul(1 << 20))
    }
}

/// What `-o` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A format that every list has.
    Common(OutputFormat),
    /// A format that belongs to one question.
    Own(OwnFormat),
}

/// A format that belongs to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnFormat {
    /// Findings, for code scanning.
    Sarif,
}

impl OwnFormat {
    const ALL: [Self; 1] = [Self::Sarif];

    /// The name that `-o` takes, and the command that has it.
    fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Sarif => ("sarif", "check"),
        }
    }

    /// A usage error for commands that do not have it.
    pub(super) fn is_not_here(self) -> CommandError {
        let (name, command) = self.name();
        CommandError::usage(format!("{name} is a format of `baton {command}` alone"))
            .hint(format!("the formats of every list are {}", OutputFormat::NAMES.join(", ")))
    }
}

impl Default for Asked {
    fn default() -> Self {
        Self::Common(OutputFormat::default())
    }
}

impl FromStr for Asked {
    type Err = NoFormat;

    fn from_str(text: &str) -> Result<Self, NoFormat> {
        match OwnFormat::ALL.into_iter().find(|own| own.name().0 == text) {
            Some(own) => Ok(Self::Own(own)),
            None => text.parse().map(Self::Common).map_err(NoFormat),
        }
    }
}

/// A word after `-o` that is no format of any command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; `baton check` also has sarif")]
pub(super) struct NoFormat(UnknownFormat);

/// The value of an environment variable; an empty one counts as unset.
fn variable<T: FromStr<Err: Display>>(name: &str) -> Result<Option<T>, CommandError> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => {
            let parsed = value.parse();
            parsed.map(Some).map_err(|error| CommandError::usage(format!("{name} is '{value}': {error}")))
        }
        _ => Ok(None),
    }
}

/// Which sync a command reads.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sync options")]
pub(super) struct SyncArgs {
    /// Read this sync, finished or not [default: the newest finished full one]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    sync_id: Option<String>,
}

impl SyncArgs {
    pub(super) fn choice(&self) -> SyncChoice {
        self.sync_id.clone().map_or(SyncChoice::Newest, SyncChoice::Id)
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.sync_id.as_deref()
    }
}

/// How a list is shown.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "List options")]
pub(super) struct ListArgs {
    /// Show at most N rows, the first ones after sorting
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,

    /// Show these columns; `--columns help` lists them
    #[arg(long, value_name = "A,B", value_parser = NonEmptyStringValueParser::new())]
    pub(super) columns: Option<String>,

    /// Leave out the header
    #[arg(long)]
    pub(super) no_headers: bool,

    /// Sort by a column, COLUMN:desc for descending; the one option that holds rows in memory
    #[arg(long, value_name = "COLUMN", value_parser = NonEmptyStringValueParser::new())]
    pub(super) sort: Option<String>,

    /// Leave csv cells alone that a spreadsheet would run as formulas
    #[arg(long)]
    pub(super) raw_cells: bool,
}

impl ListArgs {
    /// Whether anything asks for a list of rows.
    pub(super) fn asks_for_rows(&self) -> bool {
        self.limit.is_some() || self.columns.is_some() || self.sort.is_some()
    }
}

/// Which records. The help of each command says what a filter means there.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct TypeArgs {
    /// Of this resource type
    #[arg(short = 't', long, value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) resource_type: Option<String>,

    /// With -t: of this resource of that type
    #[arg(
        short,
        long,
        value_name = "ID",
        requires = "resource_type",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(super) resource: Option<String>,
}

/// A filter by entitlement.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct EntitlementArgs {
    /// Of this entitlement
    #[arg(short, long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(super) entitlement: Option<String>,
}

/// A filter by principal.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct PrincipalArgs {
    /// Of this principal: type/id, an e-mail address, a login or an exact name
    #[arg(short, long, value_name = "WHO", value_parser = NonEmptyStringValueParser::new())]
    pub(super) principal: Option<String>,
}
