//! What can go wrong between an opened container and its records.

use crate::c1z;
use crate::pebble;

/// A store that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The container.
    #[error(transparent)]
    Container(#[from] c1z::Error),
    /// SQLite refuses: the image is damaged, or laid out like no `.c1z`.
    #[error("{file}: {doing}: {source}")]
    Sqlite {
        /// The file.
        file: String,
        /// What was being read.
        doing: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A table is not laid out as in any `.c1z`.
    #[error("{file}: {table} {problem}")]
    Layout {
        /// The file.
        file: String,
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The pages of a table lead back to rows that came before: without this check a walk would never end.
    #[error("{file}: {table} is damaged: after row {before} comes row {row} again")]
    Loop {
        /// The file.
        file: String,
        /// The table.
        table: &'static str,
        /// The row id that came last.
        before: i64,
        /// The row id that came after it.
        row: i64,
    },
    /// SQLite was stopped because it took more steps than a sound database of this size can need.
    #[error("{file}: {table} is damaged: reading it does not end")]
    Endless {
        /// The file.
        file: String,
        /// The table.
        table: &'static str,
    },
    /// The Pebble database cannot be read.
    #[error("{}", pebble(file, source))]
    Pebble {
        /// The file.
        file: String,
        /// What is wrong with which of the files inside, and where.
        source: pebble::Error,
    },
    /// The keys are made in a way that is not known.
    #[error("{file}: {}", keyspace(*found))]
    Keyspace {
        /// The file.
        file: String,
        /// The version of the keyspace; `None` when it states none.
        found: Option<u32>,
    },
    /// The keys of entitlements and grants are made in a way that is not known.
    #[error("{file}: its entitlements and grants are keyed by format {found}, which is not supported")]
    IdFormat {
        /// The file.
        file: String,
        /// The format.
        found: u32,
    },
    /// What the engine notes about itself is no number.
    #[error("{file}: {name} is damaged: it has {length} bytes instead of 4")]
    Stamp {
        /// The file.
        file: String,
        /// What it notes.
        name: &'static str,
        /// Bytes that stand there.
        length: usize,
    },
    /// The row of the sync run.
    #[error("{file}: the sync run is damaged: {problem}")]
    SyncRun {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The thread that reads ahead ended without a word.
    #[error("{file}: reading ahead broke off")]
    BrokenOff {
        /// The file.
        file: String,
    },
    /// Nothing in the file is finished.
    #[error("{file}: {}", no_finished(unfinished))]
    NoFinishedSync {
        /// The file.
        file: String,
        /// The syncs that were begun.
        unfinished: Vec<String>,
    },
    /// The file has no such sync.
    #[error("{file}: there is no sync {id}")]
    UnknownSync {
        /// The file.
        file: String,
        /// The id that was asked for.
        id: String,
        /// The ids that there are.
        known: Vec<String>,
    },
}

fn no_finished(unfinished: &[String]) -> String {
    match unfinished {
        [] => "it holds no sync".to_owned(),
        ids => format!("it holds no finished sync, only unfinished: {}", ids.join(", ")),
    }
}

/// What the container says, if the database is not to blame.
fn container(source: &pebble::Error) -> Option<&c1z::Error> {
    match source.kind() {
        pebble::ErrorKind::Read(error) => error.downcast_ref(),
        _ => None,
    }
}

fn pebble(file: &str, source: &pebble::Error) -> String {
    match container(source) {
        Some(error) => error.to_string(),
        None => format!("{file}: {source}"),
    }
}

fn keyspace(found: Option<u32>) -> String {
    match found {
        Some(version) => format!("it uses keyspace version {version}, which is not supported"),
        None => "it states no version of its keyspace, so an early version of the engine wrote it".to_owned(),
    }
}

impl Error {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Container(error) => error.hint(),
            Self::NoFinishedSync { unfinished, .. } => {
                unfinished.first().map(|id| format!("read an unfinished one with --sync-id {id}"))
            }
            Self::UnknownSync { known, .. } if known.is_empty() => {
                Some("the file holds no sync at all".into())
            }
            Self::UnknownSync { known, .. } => Some(format!("the file holds {}", known.join(", "))),
            Self::Pebble { source, .. } => container(source).and_then(c1z::Error::hint),
            Self::Keyspace { found: None, .. } => {
                Some("sync again with a connector of today, or with --storage-engine sqlite".into())
            }
            Self::Keyspace { .. } | Self::IdFormat { .. } => {
                Some("a newer version of baton may read it".into())
            }
            Self::Sqlite { .. }
            | Self::Layout { .. }
            | Self::Stamp { .. }
            | Self::SyncRun { .. }
            | Self::Loop { .. }
            | Self::Endless { .. }
            | Self::BrokenOff { .. } => None,
        }
    }
}
