//! Records in a Pebble database, the payload of version 3.
//!
//! Keys are tuples behind the number of a family of records ([`keys`]); values are messages of their own, flatter
//! than those that connectors know, into which they are translated ([`translate`]). There is one sync at most.
//!
//! ```text
//! filter ──query──► path: ranges, an index, keys ──rows──► values ──translate──► records
//! ```
//!
//! Nothing is decoded before it is asked for: opening a file reads its manifests and the row of the sync run, and a
//! scan the tables that can hold its keys.

mod ahead;
mod batch;
mod called;
mod files;
mod identity;
pub(super) mod inspect;
mod keys;
mod query;
mod rows;
mod runs;
mod scan;
mod stamps;
mod stats;
#[cfg(test)]
pub(super) mod tests;
mod translate;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use super::record::{
    Entitlement, EntitlementFilter, Entitlements, Grant, GrantFilter, Grants, Resource, ResourceFilter,
    ResourceType, ResourceTypes, Resources,
};
use super::sync::SyncRun;
use super::{Error, Problems};
use crate::c1z::Archive;
use crate::model::keys::ResourceKey;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::pebble::{self, Database};
use called::Called;
pub(crate) use files::Files;
pub(crate) use keys::shown;
use query::Query;
pub(super) use scan::{Cursor, Scan};
use stamps::Layout;
pub(super) use translate::Translate;

/// The engine that wrote the keyspaces of several generations, the oldest of which cannot be read.
const FIRST_ENGINE: &str = "pebble";

/// A database that is being read.
#[derive(Debug)]
pub(super) struct Engine {
    file: String,
    files: Files,
    database: Arc<Database<'static>>,
    layout: Cell<Option<Layout>>,
    principal_index: Cell<Option<bool>>,
    called: OnceCell<Called>,
    pub(super) problems: RefCell<Problems>,
}

impl Engine {
    /// Opens the database in an archive; the sync run comes with it, if there is one.
    ///
    /// The stamps of the keyspace are checked before the first record is read, as they may stand in tables that nobody
    /// needs who only asks for the sync run. Newer engines say by their names that it is one of ours.
    pub(super) fn open(file: String, archive: Archive) -> Result<(Self, Option<SyncRun>), Error> {
        let (manifest, first) = (archive.manifest().to_vec(), archive.engine() == FIRST_ENGINE);
        let files = Files::new(archive);
        let database = match Database::open(files.clone()) {
            Ok(database) => Arc::new(database),
            Err(source) => return Err(Error::Pebble { file, source }),
        };
        let engine = Self {
            file,
            files,
            database,
            layout: Cell::default(),
            principal_index: Cell::default(),
            called: OnceCell::default(),
            problems: RefCell::default(),
        };
        if first {
            engine.layout()?;
        }
        let run = runs::read(&engine, &manifest)?;
        if run.is_none() {
            engine.layout()?;
        }
        Ok((engine, run))
    }

    /// Whether another database has the same files, beyond doubt.
    pub(super) fn is_same_as(&self, other: &Self) -> Result<bool, Error> {
        Ok(self.files.0.has_same_files(&other.files.0)?)
    }

    fn failed(&self, source: pebble::Error) -> Error {
        Error::Pebble { file: self.file.clone(), source }
    }

    fn get(&self, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, Error> {
        self.database.get(key).map_err(|source| self.failed(source))
    }

    /// How entitlements and grants are keyed. Whoever reads records asks first, because it may be a way that cannot be
    /// read.
    fn layout(&self) -> Result<Layout, Error> {
        if let Some(layout) = self.layout.get() {
            return Ok(layout);
        }
        let layout = stamps::layout(self)?;
        self.layout.set(Some(layout));
        Ok(layout)
    }

    /// Whether the index leads from a principal to all of its grants.
    fn has_principal_index(&self) -> Result<bool, Error> {
        if let Some(known) = self.principal_index.get() {
            return Ok(known);
        }
        let has = stamps::has_principal_index(self)?;
        self.principal_index.set(Some(has));
        Ok(has)
    }

    /// The encoded parts of the entitlements with an id, in the order of their keys.
    fn entitlements_called(&self, id: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        called::find(self, id)
    }

    pub(super) fn count(&self) -> Result<SyncStats, Error> {
        stats::count(self)
    }

    /// Hands the id of each asset to `f`.
    pub(super) fn assets(&self, f: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        self.layout()?;
        stats::asset_ids(self, f)
    }

    pub(super) fn resource_types(&self) -> Result<Scan<'_, ResourceTypes>, Error> {
        self.scan(query::resource_types())
    }

    pub(super) fn resources(&self, filter: &ResourceFilter<'_>) -> Result<Scan<'_, Resources>, Error> {
        self.scan(query::resources(filter))
    }

    pub(super) fn entitlements(
        &self,
        filter: &EntitlementFilter<'_>,
    ) -> Result<Scan<'_, Entitlements>, Error> {
        self.scan(query::entitlements(self, filter)?)
    }

    pub(super) fn grants(&self, filter: &GrantFilter<'_>) -> Result<Scan<'_, Grants>, Error> {
        self.scan(query::grants(self, filter)?)
    }

    fn scan<F: Translate>(&self, query: Query) -> Result<Scan<'_, F>, Error> {
        self.layout()?;
        Ok(Scan::new(self, query))
    }

    pub(super) fn resource_type<R>(
        &self,
        id: &[u8],
        f: impl FnOnce(ResourceType<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.find::<ResourceTypes, R>(&query::resource_type(id), f)
    }

    pub(super) fn resource<R>(
        &self,
        key: ResourceKey<'_>,
        f: impl FnOnce(Resource<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let filter = ResourceFilter { key: Some(key), ..ResourceFilter::default() };
        self.find::<Resources, R>(&query::resources(&filter), f)
    }

    /// The entitlement with an id: the one that `resource` offers if it does, else the first.
    pub(super) fn entitlement<R>(
        &self,
        id: &[u8],
        resource: Option<ResourceKey<'_>>,
        f: impl FnOnce(Entitlement<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let mut f = Some(f);
        let mut take = |entitlement: Entitlement<'_>| f.take().map(|f| f(entitlement));
        if let (Layout::Structured, Some(resource)) = (self.layout()?, resource) {
            let query = query::entitlement_of(resource, id);
            if let Some(found) = self.find::<Entitlements, _>(&query, &mut take)? {
                return Ok(found);
            }
        }
        let query = query::entitlements_with(self, id)?;
        Ok(self.find::<Entitlements, _>(&query, take)?.flatten())
    }

    /// The first grant that passes the filter.
    pub(super) fn grant<R>(
        &self,
        filter: &GrantFilter<'_>,
        f: impl FnOnce(Grant<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.find::<Grants, R>(&query::grants(self, filter)?, f)
    }

    /// The record with a key.
    pub(super) fn at<F: Translate, R>(
        &self,
        key: &[u8],
        f: impl FnOnce(F::Record<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        match query::with_key(F::SPACE, key) {
            Some(query) => self.find::<F, R>(&query, f),
            None => Ok(None),
        }
    }

    fn find<F: Translate, R>(
        &self,
        query: &Query,
        f: impl FnOnce(F::Record<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.layout()?;
        scan::find::<F, R>(self, query, f)
    }
}
