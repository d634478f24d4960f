//! What can go wrong while a file is written.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::c1z;

/// A file that cannot be written, or a record that cannot go into it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There is no room for the working database.
    #[error("{}: no temporary file can be made: {source}", directory.display())]
    TempFile {
        /// Where it was to be.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// SQLite refuses; a full disk, most likely.
    #[error("working database: {doing}: {source}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// An earlier error undid everything that was written so far.
    #[error("working database: an earlier error undid what was written")]
    RolledBack,
    /// The record lacks an id, without which nobody could find it again.
    #[error("{record} cannot be stored: it has no {lacks}")]
    Incomplete {
        /// The kind of the record, and what there is of its id.
        record: String,
        /// What is missing or empty.
        lacks: &'static str,
    },
    /// The `GrantExpandable` of a grant does not parse.
    #[error("grant {id:?} cannot be stored: its GrantExpandable does not parse: {source}")]
    Expandable {
        /// The id of the grant.
        id: String,
        /// What is wrong.
        source: prost::DecodeError,
    },
    /// Another sync is still being written.
    #[error("the sync {id} is still open")]
    SyncOpen {
        /// Its id.
        id: String,
    },
    /// Records belong to a sync, and none is being written.
    #[error("no sync has been begun")]
    NoSync,
    /// A file holds a sync once.
    #[error("there is a sync {id} already")]
    SyncExists {
        /// Its id.
        id: String,
    },
    /// A writer that does not look for earlier records of the same id got two.
    #[error("{table}: two records of the sync {sync} have the id {id:?}")]
    Duplicate {
        /// The table.
        table: &'static str,
        /// The id.
        id: String,
        /// The sync.
        sync: String,
    },
    /// A sync that holds everything builds on no other.
    #[error("a sync of the type {kind} has no parent")]
    ParentOfWhole {
        /// The type.
        kind: &'static str,
    },
    /// There is no such sync.
    #[error("there is no sync {id}")]
    UnknownSync {
        /// The id.
        id: String,
    },
    /// Only a sync that has not ended can go on.
    #[error("the sync {id} has ended")]
    Ended {
        /// The id.
        id: String,
    },
    /// A sync of a type of the future cannot go on: nobody knows what belongs to it.
    #[error("the sync {id} is of the unknown type {kind:?}")]
    UnknownKind {
        /// The id.
        id: String,
        /// The type.
        kind: String,
    },
    /// SQLite cannot read what the working database holds.
    #[error("working database: reading {table}: {source}")]
    Reading {
        /// The table.
        table: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A record of a sync that goes on does not parse.
    #[error("working database: row {row} of {table} does not parse: {source}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The id of the row.
        row: i64,
        /// What is wrong.
        source: prost::DecodeError,
    },
    /// Another process is writing the same target.
    #[error("{}: the working database is in use by another process", working.display())]
    InUse {
        /// The working database.
        working: PathBuf,
    },
    /// The working database that an earlier process left is not one, or damaged.
    #[error("{}: the working database of an earlier sync cannot be used: {problem}", working.display())]
    Unusable {
        /// The working database.
        working: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The target is not the one that the working database was made from.
    #[error("{}: it is not the file that the earlier sync in {working} belongs to: {problem}", target.display())]
    Foreign {
        /// The target.
        target: PathBuf,
        /// The name of the working database.
        working: String,
        /// How that shows.
        problem: String,
    },
    /// Somebody else has written the target since the sync began.
    #[error("{}: somebody else has written it since this sync began", target.display())]
    Changed {
        /// The target.
        target: PathBuf,
        /// The name of the working database.
        working: String,
    },
    /// The target holds something that no sync can be added to.
    #[error("{}: it cannot be extended: {problem}", target.display())]
    Inextensible {
        /// The target.
        target: PathBuf,
        /// What it holds.
        problem: String,
    },
    /// The target cannot be opened.
    #[error(transparent)]
    Open(c1z::Error),
    /// The system refuses something.
    #[error("{}: {doing}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The writer has no target of its own.
    #[error("the file belongs to no target: it must be saved under a name")]
    NoTarget,
    /// The finished file cannot be saved.
    #[error(transparent)]
    Save(#[from] c1z::Error),
}

impl WriteError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Save(error) | Self::Open(error) => error.hint(),
            Self::InUse { .. } => {
                Some("wait until the other sync has ended, or write to another file with -f".into())
            }
            Self::Unusable { .. } | Self::Foreign { .. } => {
                Some("--fresh discards the earlier sync and starts again".into())
            }
            Self::Changed { working, .. } => {
                Some(format!("what was collected is kept in {working}; --fresh discards it and starts again"))
            }
            Self::Inextensible { .. } => Some("write to another file with -f".into()),
            error if error.is_full() => Some("make room on the disk, and run it again".into()),
            _ => None,
        }
    }
}

impl WriteError {
    fn is_full(&self) -> bool {
        match self {
            Self::Sqlite { source, .. } | Self::Reading { source, .. } => {
                source.sqlite_error_code() == Some(ErrorCode::DiskFull)
            }
            Self::TempFile { source, .. } | Self::File { source, .. } => {
                source.kind() == io::ErrorKind::StorageFull
            }
            _ => false,
        }
    }
}

/// Says what was being done when SQLite refused.
pub(super) fn sqlite(doing: &'static str) -> impl Fn(rusqlite::Error) -> WriteError {
    move |source| WriteError::Sqlite { doing, source }
}

/// Says what was being done to a file when the system refused.
pub(super) fn file_error(path: &Path, doing: &'static str) -> impl Fn(io::Error) -> WriteError + use<> {
    let path = path.to_owned();
    move |source| WriteError::File { path: path.clone(), doing, source }
}
