//! Records, whichever engine is inside a file.
//!
//! A [`Reader`] knows the sync runs of a file; a [`Snapshot`] of it reads the records of one of them. Scans lend each
//! record for the length of a call: no record is copied on the way from the engine to the output.

mod error;
mod lost;
mod pebble;
mod place;
mod problems;
mod record;
mod scan;
mod sqlite;
mod sync;
mod tally;

use std::cell::RefMut;

pub use error::Error;
pub use lost::Lost;
pub use pebble::inspect::{Asset, Pairs, Piece};
pub use place::{KeptPlace, Place};
pub use problems::Problems;
pub use record::{
    Entitlement, EntitlementFilter, Entitlements, Family, Grant, GrantFilter, Grants, Resource,
    ResourceFilter, ResourceType, ResourceTypes, Resources,
};
pub(crate) use scan::Read;
pub use scan::{Cursor, Scan};
// For looking below the records.
pub(crate) use pebble::inspect::Concern;
#[cfg(test)]
pub(crate) use pebble::tests::Store as PebbleStore;
pub(crate) use pebble::{Files as PebbleFiles, shown as shown_key};
pub(crate) use sqlite::inspect::Judge;
pub use sqlite::inspect::{DatabaseFault, RawRow, RowFault, TableFacts, Tables};
pub(crate) use sqlite::pages::{PageRow, Tables as PageTables, Value as PageValue};
pub(crate) use sqlite::split_expansion;
pub(crate) use sqlite::writer::CopiedSyncs;
pub use sqlite::writer::{
    BesideOptions, Dangling, Found, NewSync, RawValue, Reference, Row, Stored, SyncKind, WriteError, Writer,
};
pub use sync::{Chosen, SyncChoice, SyncRun};
pub use tally::Tally;
pub(crate) use tally::differences;

use crate::c1z::{self, Payload};
pub use crate::c1z::{
    Error as ContainerError, Limits, OpenOptions, SaveOptions, Source, check_target, save_plain,
};
use crate::model::keys::ResourceKey;
use crate::model::proto::c1::reader::v2::SyncStats;

/// An opened file.
#[derive(Debug)]
pub struct Reader {
    file: String,
    runs: Vec<SyncRun>,
    engine: Engine,
    warnings: Vec<String>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Engine),
    Pebble(pebble::Engine),
}

impl Reader {
    /// Opens a file; `observer` hears of progress, see [`c1z::open`].
    ///
    /// # Errors
    /// [`Error::Container`] for a file that is no `.c1z` or a damaged one; [`Error::Sqlite`], [`Error::Layout`],
    /// [`Error::Pebble`], [`Error::Keyspace`] and the like for a database that is not laid out like one.
    pub fn open(
        source: &Source,
        options: &OpenOptions,
        observer: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Self, Error> {
        let opened = c1z::open(source, options, observer)?;
        let file = source.to_string();
        let (engine, runs) = match opened.payload {
            Payload::Sqlite(image) => {
                let engine = sqlite::Engine::open(file.clone(), image)?;
                let runs = engine.runs()?;
                (Engine::Sqlite(engine), runs)
            }
            Payload::Archive(archive) => {
                let (engine, run) = pebble::Engine::open(file.clone(), *archive)?;
                (Engine::Pebble(engine), Vec::from_iter(run))
            }
        };
        let warnings = opened.warnings.iter().map(ToString::to_string).collect();
        Ok(Self { file, runs, engine, warnings })
    }

    /// The name of the file, for messages.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The name of the engine inside: `sqlite` or `pebble`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match &self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Pebble(_) => "pebble",
        }
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

    /// The finished full syncs, the newest first.
    #[must_use]
    pub fn full_syncs(&self) -> Vec<&SyncRun> {
        sync::full(&self.runs)
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
        match &self.engine {
            Engine::Sqlite(engine) => engine.problems.borrow_mut(),
            Engine::Pebble(engine) => engine.problems.borrow_mut(),
        }
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

    /// Whether both have the same records beyond doubt, as far as that can be told without reading them: they are one
    /// sync of one reader, or their files hold the same.
    ///
    /// # Errors
    /// [`Error`] when a file cannot be read.
    pub fn is_same_as(&self, other: &Snapshot<'_>) -> Result<bool, Error> {
        if std::ptr::eq(self.reader, other.reader) {
            return Ok(self.run.id == other.run.id);
        }
        match (&self.reader.engine, &other.reader.engine) {
            (Engine::Pebble(engine), Engine::Pebble(other)) => engine.is_same_as(other),
            _ => Ok(false),
        }
    }

    /// Counts the records.
    ///
    /// # Errors
    /// [`Error`] when the file is damaged, as for every call below.
    pub fn count(&self) -> Result<SyncStats, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.count(self.run),
            Engine::Pebble(engine) => engine.count(),
        }
    }

    /// All resource types.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resource_types(&self) -> Result<Scan<'r, ResourceTypes>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.resource_types(self.run).map(Scan::sqlite),
            Engine::Pebble(engine) => engine.resource_types().map(Scan::pebble),
        }
    }

    /// Resources.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resources(&self, filter: &ResourceFilter<'_>) -> Result<Scan<'r, Resources>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.resources(self.run, filter).map(Scan::sqlite),
            Engine::Pebble(engine) => engine.resources(filter).map(Scan::pebble),
        }
    }

    /// Entitlements.
    ///
    /// # Errors
    /// [`Error`]
    pub fn entitlements(&self, filter: &EntitlementFilter<'_>) -> Result<Scan<'r, Entitlements>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.entitlements(self.run, filter).map(Scan::sqlite),
            Engine::Pebble(engine) => engine.entitlements(filter).map(Scan::pebble),
        }
    }

    /// Grants.
    ///
    /// # Errors
    /// [`Error`]
    pub fn grants(&self, filter: &GrantFilter<'_>) -> Result<Scan<'r, Grants>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.grants(self.run, filter).map(Scan::sqlite),
            Engine::Pebble(engine) => engine.grants(filter).map(Scan::pebble),
        }
    }

    /// Hands the id of each asset to `f`, in storage order.
    ///
    /// # Errors
    /// [`Error`]
    pub fn assets(&self, f: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.assets(self.run, f),
            Engine::Pebble(engine) => engine.assets(f),
        }
    }

    /// Hands one resource type to `f`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resource_type<R>(
        &self,
        id: &[u8],
        f: impl FnOnce(ResourceType<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.resource_type(self.run, id, f),
            Engine::Pebble(engine) => engine.resource_type(id, f),
        }
    }

    /// Hands one resource to `f`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resource<R>(
        &self,
        key: ResourceKey<'_>,
        f: impl FnOnce(Resource<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.resource(self.run, key, f),
            Engine::Pebble(engine) => engine.resource(key, f),
        }
    }

    /// Hands one entitlement to `f`, the first with this id; `None` when there is none.
    ///
    /// # Errors
    /// [`Error`]
    pub fn entitlement<R>(
        &self,
        id: &[u8],
        f: impl FnOnce(Entitlement<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.entitlement(self.run, id, f),
            Engine::Pebble(engine) => engine.entitlement(id, None, f),
        }
    }

    /// Hands the entitlement that a resource offers to `f`; when it offers none with this id, one that another does.
    ///
    /// Ids are unique among the entitlements of a resource; only SQLite files make sure of more.
    ///
    /// # Errors
    /// [`Error`]
    pub fn entitlement_of<R>(
        &self,
        resource: ResourceKey<'_>,
        id: &[u8],
        f: impl FnOnce(Entitlement<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.entitlement(self.run, id, f),
            Engine::Pebble(engine) => engine.entitlement(id, Some(resource), f),
        }
    }

    /// Hands the first grant that passes the filter to `f`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error`]
    pub fn grant<R>(
        &self,
        filter: &GrantFilter<'_>,
        f: impl FnOnce(Grant<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        match &self.reader.engine {
            Engine::Sqlite(engine) => engine.grant(self.run, filter, f),
            Engine::Pebble(engine) => engine.grant(filter, f),
        }
    }

    /// Hands the resource type that stands at `place` to `f`; `None` when none of this sync does.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resource_type_at<R>(
        &self,
        place: Place<'_>,
        f: impl FnOnce(ResourceType<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.at::<ResourceTypes, R>(place, f)
    }

    /// Hands the resource that stands at `place` to `f`; `None` when none of this sync does.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resource_at<R>(
        &self,
        place: Place<'_>,
        f: impl FnOnce(Resource<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.at::<Resources, R>(place, f)
    }

    /// Hands the entitlement that stands at `place` to `f`; `None` when none of this sync does.
    ///
    /// # Errors
    /// [`Error`]
    pub fn entitlement_at<R>(
        &self,
        place: Place<'_>,
        f: impl FnOnce(Entitlement<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.at::<Entitlements, R>(place, f)
    }

    /// Hands the grant that stands at `place` to `f`; `None` when none of this sync does.
    ///
    /// # Errors
    /// [`Error`]
    pub fn grant_at<R>(&self, place: Place<'_>, f: impl FnOnce(Grant<'_>) -> R) -> Result<Option<R>, Error> {
        self.at::<Grants, R>(place, f)
    }

    /// Hands the record that stands at `place` to `f`; `None` when none of this kind and this sync does.
    ///
    /// # Errors
    /// [`Error`]
    pub(crate) fn at<F: Read, R>(
        &self,
        place: Place<'_>,
        f: impl FnOnce(F::Record<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        match (&self.reader.engine, place) {
            (Engine::Sqlite(engine), Place::Row { table, row }) => engine.at::<F, R>(self.run, table, row, f),
            (Engine::Pebble(engine), Place::Key { key, .. }) => engine.at::<F, R>(key, f),
            _ => Ok(None),
        }
    }
}
