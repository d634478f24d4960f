//! Records, whichever engine is inside a file.
//!
//! A [`Reader`] knows the sync runs of a file; a [`Snapshot`] of it reads the records of one of them. Scans lend each
//! record for the length of a call: no record is copied on the way from the engine to the output.

mod error;
mod problems;
mod record;
mod sqlite;
mod sync;

use std::cell::RefMut;

pub use error::Error;
pub use problems::Problems;
pub use record::{
    Entitlement, EntitlementFilter, Entitlements, Family, Grant, GrantFilter, Grants, Place, Resource,
    ResourceFilter, ResourceType, ResourceTypes, Resources,
};
pub use sqlite::writer::{
    BesideOptions, Dangling, Found, NewSync, RawValue, Reference, Row, Stored, SyncKind, WriteError, Writer,
};
pub use sqlite::{Cursor, Scan};
pub use sync::{Chosen, SyncChoice, SyncRun};

use crate::c1z::{self, Payload};
pub use crate::c1z::{Error as ContainerError, Limits, OpenOptions, SaveOptions, Source};
use crate::model::keys::ResourceKey;
use crate::model::proto::c1::reader::v2::SyncStats;

/// An opened file.
#[derive(Debug)]
pub struct Reader {
    file: String,
    runs: Vec<SyncRun>,
    engine: sqlite::Engine,
    warnings: Vec<String>,
}

impl Reader {
    /// Opens a file; `observer` hears of progress, see [`c1z::open`].
    ///
    /// # Errors
    /// [`Error::Container`] for a file that is no `.c1z` or a damaged one, [`Error::Sqlite`] and
    /// [`Error::Layout`] for a database that is not laid out like one.
    pub fn open(
        source: &Source,
        options: &OpenOptions,
        observer: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Self, Error> {
        let opened = c1z::open(source, options, observer)?;
        let file = source.to_string();
        let engine = match opened.payload {
            Payload::Sqlite(image) => sqlite::Engine::open(file.clone(), image)?,
        };
        let runs = engine.runs()?;
        let warnings = opened.warnings.iter().map(ToString::to_string).collect();
        Ok(Self { file, runs, engine, warnings })
    }

    /// The name of the file, for messages.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The name of the engine inside: `sqlite`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        "sqlite"
    }

    /// What the user should know although the file could be read.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Every sync run, finished or not, in storage order.
    #[must_use]
    pub fn runs(&self) -> &[SyncRun] {
        &self.runs
    }

    /// The sync that `choice` leads to.
    ///
    /// # Errors
    /// [`Error::UnknownSync`], [`Error::NoFinishedSync`].
    pub fn choose(&self, choice: &SyncChoice) -> Result<Chosen<'_>, Error> {
        sync::choose(&self.file, &self.runs, choice)
    }

    /// The records of one sync.
    #[must_use]
    pub fn at<'r>(&'r self, run: &'r SyncRun) -> Snapshot<'r> {
        Snapshot { reader: self, run }
    }

    /// Where to note what was odd about the records read so far.
    ///
    /// # Panics
    /// When the guard of an earlier call is still held.
    pub fn problems(&self) -> RefMut<'_, Problems> {
        self.engine.problems.borrow_mut()
    }
}

/// The records of one sync: a complete copy, which shares nothing with other syncs.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'r> {
    reader: &'r Reader,
    run: &'r SyncRun,
}

impl<'r> Snapshot<'r> {
    /// The file.
    #[must_use]
    pub fn reader(&self) -> &'r Reader {
        self.reader
    }

    /// The sync.
    #[must_use]
    pub fn run(&self) -> &'r SyncRun {
        self.run
    }

    /// Counts the records.
    ///
    /// # Errors
    /// [`Error::Sqlite`], as for every call below.
    pub fn count(&self) -> Result<SyncStats, Error> {
        self.reader.engine.count(self.run)
    }

    /// All resource types.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn resource_types(&self) -> Result<Scan<'r, ResourceTypes>, Error> {
        self.reader.engine.resource_types(self.run)
    }

    /// Resources.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn resources(&self, filter: &ResourceFilter<'_>) -> Result<Scan<'r, Resources>, Error> {
        self.reader.engine.resources(self.run, filter)
    }

    /// Entitlements.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn entitlements(&self, filter: &EntitlementFilter<'_>) -> Result<Scan<'r, Entitlements>, Error> {
        self.reader.engine.entitlements(self.run, filter)
    }

    /// Grants.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn grants(&self, filter: &GrantFilter<'_>) -> Result<Scan<'r, Grants>, Error> {
        self.reader.engine.grants(self.run, filter)
    }

    /// Hands one resource type to `f`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn resource_type<R>(
        &self,
        id: &[u8],
        f: impl FnOnce(ResourceType<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.reader.engine.resource_type(self.run, id, f)
    }

    /// Hands one resource to `f`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn resource<R>(
        &self,
        key: ResourceKey<'_>,
        f: impl FnOnce(Resource<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.reader.engine.resource(self.run, key, f)
    }

    /// Hands one entitlement to `f`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn entitlement<R>(
        &self,
        id: &[u8],
        f: impl FnOnce(Entitlement<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.reader.engine.entitlement(self.run, id, f)
    }

    /// Hands the first grant that passes the filter to `f`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Sqlite`]
    pub fn grant<R>(
        &self,
        filter: &GrantFilter<'_>,
        f: impl FnOnce(Grant<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.reader.engine.grant(self.run, filter, f)
    }
}
