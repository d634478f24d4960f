//! Writing a version 1 file.
//!
//! ```text
//! Writer::create ─ begin_sync ─ put_… ─ end_sync ─ begin_sync ─ … ─ save
//!                                  └ leave_sync (stays unfinished)
//! Writer::beside ─ begin_sync or resume_sync ─ put_… ─ commit ─ put_… ─ commit ─ … ─ end_sync ─ save_beside
//! ```
//!
//! Rows go into a working database. That of [`Writer::create`] nobody else sees; it is filled in one transaction, and
//! [`Writer::save`] compresses it into the target. That of [`Writer::beside`] lies beside its target, so that a sync
//! that is killed can go on, and holds the syncs that the target had before. Nothing here reads a clock or draws a
//! random number: the same calls give the same bytes.

mod beside;
mod bulk;
mod cleanup;
mod copied;
mod dangling;
mod ddl;
mod error;
mod migrate;
mod opening;
mod raw;
mod reading;
mod records;
mod sessions;
mod spot;
mod stats;
#[cfg(test)]
mod tests;
mod working;

use std::path::Path;

use rusqlite::{Connection, ErrorCode, params};

pub use beside::{BesideOptions, Found};
pub(crate) use copied::CopiedSyncs;
pub use dangling::{Dangling, Reference};
pub use error::WriteError;
pub use raw::RawValue;
pub use reading::Row;

use crate::c1z::{self, SaveOptions};
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::time::Instant;
use bulk::Indexes;
use error::sqlite;
use working::Working;

/// What a sync covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncKind {
    /// Everything.
    Full,
    /// All resource types and resources, and nothing else.
    ResourcesOnly,
    /// Some resources and what belongs to them.
    Partial,
    /// What was added or changed since the parent.
    PartialUpserts,
    /// What has gone since the parent.
    PartialDeletions,
}

impl SyncKind {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ResourcesOnly => "resources_only",
            Self::Partial => "partial",
            Self::PartialUpserts => "partial_upserts",
            Self::PartialDeletions => "partial_deletions",
        }
    }

    /// The kind that a word in a file stands for.
    fn of(word: &str) -> Option<Self> {
        let all =
            [Self::Full, Self::ResourcesOnly, Self::Partial, Self::PartialUpserts, Self::PartialDeletions];
        all.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a sync of this kind stands on its own.
    fn is_whole(self) -> bool {
        matches!(self, Self::Full | Self::ResourcesOnly)
    }
}

/// A sync to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSync {
    /// Its id: a [`Ksuid`](crate::model::ksuid::Ksuid) of `started_at`.
    pub id: String,
    /// What it covers.
    pub kind: SyncKind,
    /// When it began. Files hold it without a zone, as UTC.
    pub started_at: Instant,
    /// The sync that a partial one builds on, else empty.
    pub parent_id: String,
    /// The other half of a pair of upserts and deletions, else empty.
    pub linked_id: String,
}

impl NewSync {
    /// A sync without parent and partner.
    #[must_use]
    pub fn new(id: impl Into<String>, kind: SyncKind, started_at: Instant) -> Self {
        Self { id: id.into(), kind, started_at, parent_id: String::new(), linked_id: String::new() }
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The sync had none of that id.
    New,
    /// It replaced the record of the same id.
    Replaced,
    /// It replaced the record of the same id, whose keys were different: another resource, entitlement, principal or
    /// parent. The row keeps the keys of the first, as in the program that connectors use, so filters find the new
    /// record under the old keys. The caller should say so.
    KeysDiffer,
    /// An asset without content, of which no row is made.
    Skipped,
}

/// The sync that is being written.
#[derive(Debug)]
struct OpenSync {
    id: String,
    kind: SyncKind,
    token: String,
}

/// Builds a version 1 file.
#[derive(Debug)]
pub struct Writer {
    working: Working,
    sync: Option<OpenSync>,
    /// The time of discovery of the rows to come, as a column holds it.
    time: String,
}

impl Writer {
    /// Starts an empty file. The working database lies in `temp_dir`, or in the system's directory for such files;
    /// it is private and does not outlive the process.
    ///
    /// # Errors
    /// [`WriteError::TempFile`]; and, as in every call below, [`WriteError::Sqlite`] when the disk is full.
    pub fn create(temp_dir: Option<&Path>) -> Result<Self, WriteError> {
        Self::temporary(temp_dir, Indexes::First)
    }

    /// Starts an empty file that is to take millions of records whose ids are known to be different: as
    /// [`Writer::create`], but the records are indexed only when the file is saved. Until then every record is
    /// [`Stored::New`], and looking one up by its id reads all of them.
    ///
    /// # Errors
    /// As [`Writer::create`]; and [`Writer::save`] gives [`WriteError::Duplicate`] when two records of a sync have the
    /// same id.
    pub fn create_bulk(temp_dir: Option<&Path>) -> Result<Self, WriteError> {
        Self::temporary(temp_dir, Indexes::Last)
    }

    fn temporary(temp_dir: Option<&Path>, indexes: Indexes) -> Result<Self, WriteError> {
        Working::temporary(temp_dir, indexes).map(Self::of)
    }

    /// Begins a sync, to which all records belong until it is ended or left. The clock is set to its start.
    ///
    /// # Errors
    /// [`WriteError::SyncOpen`], [`WriteError::SyncExists`], [`WriteError::ParentOfWhole`], and
    /// [`WriteError::Incomplete`] for an empty id.
    pub fn begin_sync(&mut self, new: NewSync) -> Result<(), WriteError> {
        if let Some(open) = &self.sync {
            return Err(WriteError::SyncOpen { id: open.id.clone() });
        }
        if new.id.is_empty() {
            return Err(WriteError::Incomplete { record: "sync".into(), lacks: "id" });
        }
        if new.kind.is_whole() && !new.parent_id.is_empty() {
            return Err(WriteError::ParentOfWhole { kind: new.kind.word() });
        }
        self.set_time(new.started_at);
        // Expansions never stay inside the grants that this writer stores, so nothing is left to be moved out.
        let sql = "INSERT INTO v1_sync_runs
                (sync_id, started_at, sync_token, sync_type, parent_sync_id, linked_sync_id, grants_backfilled)
            VALUES (?1, ?2, '', ?3, ?4, ?5, 1)";
        let values = params![new.id, self.time, new.kind.word(), new.parent_id, new.linked_id];
        self.connection().execute(sql, values).map_err(|source| match source.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => WriteError::SyncExists { id: new.id.clone() },
            _ => sqlite("beginning a sync")(source),
        })?;
        self.sync = Some(OpenSync { id: new.id, kind: new.kind, token: String::new() });
        Ok(())
    }

    /// Sets the clock: the time of discovery of the records to come.
    pub fn set_time(&mut self, now: Instant) {
        self.time = now.to_sqlite();
    }

    /// Stores the checkpoint of the open sync; connectors write JSON.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn set_sync_token(&mut self, token: &str) -> Result<(), WriteError> {
        self.update_sync("storing a checkpoint", "sync_token = ?2", token)?;
        if let Some(sync) = &mut self.sync {
            sync.token = token.to_owned();
        }
        Ok(())
    }

    /// Declares that every grant of the open sync went through this writer with what it expands to, so that two such
    /// syncs can be compared. Connectors do so when they begin to expand grants.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn set_supports_diff(&mut self) -> Result<(), WriteError> {
        self.update_sync("marking a sync", "supports_diff = ?2", 1)
    }

    /// Ends the open sync, counts its records and stores the counts with it.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn end_sync(&mut self, ended_at: Instant) -> Result<SyncStats, WriteError> {
        let sync = self.open_sync()?;
        let stats = stats::count(self.connection(), &sync.id, sync.kind).map_err(sqlite("counting"))?;
        let json = stats::to_json(&stats, &sync.token);
        self.update_sync("storing counts", "stats = ?2", json)?;
        self.update_sync("ending a sync", "ended_at = ?2", ended_at.to_sqlite())?;
        self.sync = None;
        Ok(stats)
    }

    /// Leaves the open sync unfinished.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]
    pub fn leave_sync(&mut self) -> Result<(), WriteError> {
        self.sync.take().map(drop).ok_or(WriteError::NoSync)
    }

    /// What [`Writer::save`] would say of `target` before it writes anything: for those who have much to collect.
    ///
    /// # Errors
    /// [`WriteError::Save`]
    pub fn check_target(target: &Path, options: SaveOptions) -> Result<(), WriteError> {
        Ok(c1z::check_target(target, options)?)
    }

    /// Saves the file at `target`. A sync that is still open stays unfinished; the working database of a writer that
    /// has a target of its own stays as well.
    ///
    /// # Errors
    /// [`WriteError::Save`], which leaves what was at `target`; [`WriteError::RolledBack`].
    pub fn save(self, target: &Path, options: SaveOptions) -> Result<(), WriteError> {
        self.working.save(target, options)
    }

    fn connection(&self) -> &Connection {
        self.working.connection()
    }

    fn open_sync(&self) -> Result<&OpenSync, WriteError> {
        self.sync.as_ref().ok_or(WriteError::NoSync)
    }

    /// Sets one column of the open sync.
    fn update_sync(
        &self,
        doing: &'static str,
        assignment: &str,
        value: impl rusqlite::ToSql,
    ) -> Result<(), WriteError> {
        let sync = self.open_sync()?;
        let sql = format!("UPDATE v1_sync_runs SET {assignment} WHERE sync_id = ?1");
        self.connection().execute(&sql, params![sync.id, value]).map_err(sqlite(doing)).map(drop)
    }
}
