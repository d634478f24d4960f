//! Records in a SQLite database, the payload of version 1.
//!
//! The image is read where it lies: SQLite is given the bytes, not a file. It is foreign, so it is opened read-only
//! and hardened, and nothing but ordinary tables is looked at. One table each holds resource types, resources,
//! entitlements, grants and sync runs; the message of a record is its `data` blob, a few texts out of it are copied
//! into columns with indexes.

mod ahead;
mod connection;
pub(super) mod inspect;
pub(super) mod pages;
mod query;
mod read;
mod runs;
mod scan;
mod schema;
mod spans;
mod stats;
#[cfg(test)]
mod tests;
pub(super) mod writer;

use std::cell::RefCell;
use std::sync::atomic::Ordering;

use rusqlite::{Connection, ErrorCode};

use super::record::{
    Entitlement, EntitlementFilter, Entitlements, Grant, GrantFilter, Grants, Resource, ResourceFilter,
    ResourceType, ResourceTypes, Resources,
};
use super::sync::SyncRun;
use super::{Error, Problems};
use crate::c1z::Image;
use crate::model::keys::ResourceKey;
use crate::model::proto::c1::reader::v2::SyncStats;
use connection::Steps;
pub(super) use read::ReadRow;
pub(crate) use read::take_expansion as split_expansion;
pub(super) use scan::{Cursor, Scan};
use schema::{Schema, SchemaError, Table};

/// A database that is being read.
#[derive(Debug)]
pub(super) struct Engine {
    file: String,
    connection: Connection,
    steps: Steps,
    /// The image, when it is lent for good: another connection may read it as well.
    shared: Option<&'static [u8]>,
    schema: Schema,
    pub(super) problems: RefCell<Problems>,
}

impl Engine {
    /// Opens the database in `image`; no bytes at all are a database without tables.
    pub(super) fn open(file: String, image: Image) -> Result<Self, Error> {
        if image.len() > connection::COPIED {
            let (image, steps) = (image.lend(), Steps::default());
            let connection = connection::open_lent(image, &steps);
            return Self::of(file, connection, steps, Some(image));
        }
        let steps = Steps::default();
        let connection = connection::open_copy(&image, &steps);
        Self::of(file, connection, steps, None)
    }

    /// A second connection to an image that is lent for good. It does not read ahead itself.
    fn second(file: String, image: &'static [u8]) -> Result<Self, Error> {
        let steps = Steps::default();
        let connection = connection::open_lent(image, &steps);
        Self::of(file, connection, steps, None)
    }

    fn of(
        file: String,
        connection: rusqlite::Result<Connection>,
        steps: Steps,
        shared: Option<&'static [u8]>,
    ) -> Result<Self, Error> {
        let failed = |source| Error::Sqlite { file: file.clone(), doing: "opening the database", source };
        let connection = connection.map_err(failed)?;
        let schema = match Schema::read(&connection) {
            Ok(schema) => schema,
            Err(SchemaError::Sqlite(source)) => return Err(failed(source)),
            Err(SchemaError::Table(table, problem)) => {
                return Err(Error::Layout { file, table: table.name(), problem });
            }
        };
        Ok(Self { file, connection, steps, shared, schema, problems: RefCell::default() })
    }

    /// A new statement begins.
    fn begin(&self) {
        self.steps.store(0, Ordering::Relaxed);
    }

    fn failed(&self, table: Table) -> impl Fn(rusqlite::Error) -> Error {
        let doing = match table {
            Table::ResourceTypes => "reading v1_resource_types",
            Table::Resources => "reading v1_resources",
            Table::Entitlements => "reading v1_entitlements",
            Table::Grants => "reading v1_grants",
            Table::SyncRuns => "reading v1_sync_runs",
        };
        move |source| match source.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => {
                Error::Endless { file: self.file.clone(), table: table.name() }
            }
            _ => Error::Sqlite { file: self.file.clone(), doing, source },
        }
    }

    pub(super) fn runs(&self) -> Result<Vec<SyncRun>, Error> {
        runs::read(self)
    }

    pub(super) fn count(&self, run: &SyncRun) -> Result<SyncStats, Error> {
        stats::count(self, run)
    }

    pub(super) fn resource_types<'r>(&'r self, run: &'r SyncRun) -> Result<Scan<'r, ResourceTypes>, Error> {
        Scan::new(self, run, query::resource_types(&self.schema, &run.id))
    }

    pub(super) fn resources<'r>(
        &'r self,
        run: &'r SyncRun,
        filter: &ResourceFilter<'_>,
    ) -> Result<Scan<'r, Resources>, Error> {
        Scan::new(self, run, query::resources(&self.schema, &run.id, filter))
    }

    pub(super) fn entitlements<'r>(
        &'r self,
        run: &'r SyncRun,
        filter: &EntitlementFilter<'_>,
    ) -> Result<Scan<'r, Entitlements>, Error> {
        Scan::new(self, run, query::entitlements(&self.schema, &run.id, filter))
    }

    pub(super) fn grants<'r>(
        &'r self,
        run: &'r SyncRun,
        filter: &GrantFilter<'_>,
    ) -> Result<Scan<'r, Grants>, Error> {
        Scan::new(self, run, query::grants(&self.schema, &run.id, filter))
    }

    /// Hands the id of each asset to `f`.
    pub(super) fn assets(&self, run: &SyncRun, f: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        stats::asset_ids(self, &run.id, f)
    }

    pub(super) fn resource_type<R>(
        &self,
        run: &SyncRun,
        id: &[u8],
        f: impl FnOnce(ResourceType<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let Ok(id) = std::str::from_utf8(id) else { return Ok(None) };
        scan::find::<ResourceTypes, R>(self, run, query::resource_type(&self.schema, &run.id, id), f)
    }

    pub(super) fn resource<R>(
        &self,
        run: &SyncRun,
        key: ResourceKey<'_>,
        f: impl FnOnce(Resource<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let filter = ResourceFilter { key: Some(key), ..Default::default() };
        scan::find::<Resources, R>(self, run, query::resources(&self.schema, &run.id, &filter), f)
    }

    pub(super) fn entitlement<R>(
        &self,
        run: &SyncRun,
        id: &[u8],
        f: impl FnOnce(Entitlement<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let Ok(id) = std::str::from_utf8(id) else { return Ok(None) };
        let filter = EntitlementFilter { id: Some(id), ..Default::default() };
        scan::find::<Entitlements, R>(self, run, query::entitlements(&self.schema, &run.id, &filter), f)
    }

    /// The first grant that passes the filter.
    pub(super) fn grant<R>(
        &self,
        run: &SyncRun,
        filter: &GrantFilter<'_>,
        f: impl FnOnce(Grant<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        scan::find::<Grants, R>(self, run, query::grants(&self.schema, &run.id, filter), f)
    }

    /// The record in a row of its table.
    pub(super) fn at<F: ReadRow, R>(
        &self,
        run: &SyncRun,
        table: &str,
        row: i64,
        f: impl FnOnce(F::Record<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        if table != F::TABLE.name() {
            return Ok(None);
        }
        scan::find::<F, R>(self, run, query::row(&self.schema, F::TABLE, &run.id, row), f)
    }
}
