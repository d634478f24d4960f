//! What can go wrong while a file is written.

use std::io;
use std::path::PathBuf;

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
    /// A sync that holds everything builds on no other.
    #[error("a sync of the type {kind} has no parent")]
    ParentOfWhole {
        /// The type.
        kind: &'static str,
    },
    /// The finished file cannot be saved.
    #[error(transparent)]
    Save(#[from] c1z::Error),
}

impl WriteError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Save(error) => error.hint(),
            _ => None,
        }
    }
}

/// Says what was being done when SQLite refused.
pub(super) fn sqlite(doing: &'static str) -> impl Fn(rusqlite::Error) -> WriteError {
    move |source| WriteError::Sqlite { doing, source }
}
