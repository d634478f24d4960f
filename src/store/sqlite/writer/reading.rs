//! Reading back what the open sync holds.
//!
//! Lists come in pages by row id, so that records can be stored between two pages: those are seen by later pages.
//! Records that another program wrote into a sync that is resumed may be damaged, which is an error here: a sync cannot
//! go on from what it cannot read.

use std::borrow::Cow;

use prost::Message;
use rusqlite::types::ValueRef;
use rusqlite::{Row as SqlRow, ToSql, params};

use super::error::{WriteError, sqlite};
use super::{Writer, stats};
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::v2;
use crate::model::wire::Fields;

/// A record and the id of its row, which rises in the order of first storing.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// The id of the row: what the next page is asked for with.
    pub row: i64,
    /// The record.
    pub record: T,
}

/// The columns of a grant: row id, message, and what a slim message lacks.
const GRANT: &str = "rowid, data, entitlement_id, resource_type_id, resource_id, principal_resource_type_id,
    principal_resource_id";

impl Writer {
    /// Resource types of the open sync: those with a row id above `after`, in its order, at most `limit`.
    ///
    /// # Errors
    /// [`WriteError::NoSync`]; [`WriteError::Damaged`] for a message that does not parse; [`WriteError::Sqlite`]. So
    /// do all calls below.
    pub fn resource_types_page(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Row<v2::ResourceType>>, WriteError> {
        self.page("v1_resource_types", after, limit)
    }

    /// Resources of the open sync, as [`Writer::resource_types_page`].
    ///
    /// # Errors
    /// The same.
    pub fn resources_page(&self, after: i64, limit: usize) -> Result<Vec<Row<v2::Resource>>, WriteError> {
        self.page("v1_resources", after, limit)
    }

    /// Resources of one type, as [`Writer::resource_types_page`].
    ///
    /// # Errors
    /// The same.
    pub fn resources_of_type_page(
        &self,
        kind: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Row<v2::Resource>>, WriteError> {
        let sql = "SELECT rowid, data FROM v1_resources
            WHERE resource_type_id = ?4 AND sync_id = ?1 AND rowid > ?2 ORDER BY rowid LIMIT ?3";
        let sync = &self.open_sync()?.id;
        self.collect("v1_resources", sql, params![sync, after, at_most(limit), kind])
    }

    /// Entitlements of the open sync, as [`Writer::resource_types_page`].
    ///
    /// # Errors
    /// The same.
    pub fn entitlements_page(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Row<v2::Entitlement>>, WriteError> {
        self.page("v1_entitlements", after, limit)
    }

    /// Lends every grant that expands, with what it expands to, to `each`, in its order: the bytes of a
    /// `c1.connector.v2.Grant` and of a `c1.connector.v2.GrantExpandable`. An entitlement or principal that the message
    /// leaves out is made of the ids in its row.
    ///
    /// # Errors
    /// The same.
    pub fn expandable_grants(&self, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), WriteError> {
        let sql = format!(
            "SELECT {GRANT}, expansion FROM v1_grants
            WHERE sync_id = ?1 AND expansion IS NOT NULL AND length(expansion) > 0 ORDER BY rowid"
        );
        let sync = &self.open_sync()?.id;
        self.each("v1_grants", &sql, params![sync], &mut |row, id| {
            each(&whole_grant(row, id)?, bytes(row, 7));
            Ok(())
        })
    }

    /// The resource of that type and id.
    ///
    /// # Errors
    /// The same.
    pub fn resource(&self, kind: &str, id: &str) -> Result<Option<v2::Resource>, WriteError> {
        // Two resources can have one external id, since nothing in it is escaped.
        let sql = "SELECT rowid, data FROM v1_resources
            WHERE external_id = ?2 AND sync_id = ?1 AND resource_type_id = ?3 ORDER BY rowid LIMIT 1";
        let sync = &self.open_sync()?.id;
        self.one("v1_resources", sql, params![sync, format!("{kind}:{id}"), kind])
    }

    /// The entitlement of that id.
    ///
    /// # Errors
    /// The same.
    pub fn entitlement(&self, id: &str) -> Result<Option<v2::Entitlement>, WriteError> {
        let sql = "SELECT rowid, data FROM v1_entitlements
            WHERE external_id = ?2 AND sync_id = ?1 ORDER BY rowid LIMIT 1";
        let sync = &self.open_sync()?.id;
        self.one("v1_entitlements", sql, params![sync, id])
    }

    /// Lends every grant of an entitlement to `each`, in its order: the bytes of a `c1.connector.v2.Grant`, completed as
    /// those of [`Writer::expandable_grants`].
    ///
    /// # Errors
    /// The same.
    pub fn grants_of(&self, entitlement: &str, each: &mut dyn FnMut(&[u8])) -> Result<(), WriteError> {
        let sql = format!(
            "SELECT {GRANT} FROM v1_grants WHERE entitlement_id = ?2 AND sync_id = ?1 ORDER BY rowid"
        );
        let sync = &self.open_sync()?.id;
        self.each("v1_grants", &sql, params![sync, entitlement], &mut |row, id| {
            each(&whole_grant(row, id)?);
            Ok(())
        })
    }

    /// Counts the records of the open sync, as [`Writer::end_sync`] does.
    ///
    /// # Errors
    /// [`WriteError::NoSync`], [`WriteError::Sqlite`].
    pub fn counts(&self) -> Result<SyncStats, WriteError> {
        let sync = self.open_sync()?;
        stats::count(self.connection(), &sync.id, sync.kind).map_err(sqlite("counting"))
    }

    fn page<M: Message + Default>(
        &self,
        table: &'static str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Row<M>>, WriteError> {
        let sql = format!(
            "SELECT rowid, data FROM {table} NOT INDEXED WHERE sync_id = ?1 AND rowid > ?2 ORDER BY rowid LIMIT ?3"
        );
        let sync = &self.open_sync()?.id;
        self.collect(table, &sql, params![sync, after, at_most(limit)])
    }

    fn collect<M: Message + Default>(
        &self,
        table: &'static str,
        sql: &str,
        values: &[&dyn ToSql],
    ) -> Result<Vec<Row<M>>, WriteError> {
        let mut records = Vec::new();
        self.each(table, sql, values, &mut |row, id| {
            let record = M::decode(bytes(row, 1)).map_err(damaged(table, id))?;
            records.push(Row { row: id, record });
            Ok(())
        })?;
        Ok(records)
    }

    fn one<M: Message + Default>(
        &self,
        table: &'static str,
        sql: &str,
        values: &[&dyn ToSql],
    ) -> Result<Option<M>, WriteError> {
        Ok(self.collect(table, sql, values)?.into_iter().map(|row| row.record).next())
    }

    /// Hands each row of a statement, and its first column, to `f`.
    fn each(
        &self,
        table: &'static str,
        sql: &str,
        values: &[&dyn ToSql],
        f: &mut dyn FnMut(&SqlRow<'_>, i64) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let failed = |source| WriteError::Reading { table, source };
        let mut statement = self.connection().prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query(values).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            f(row, row.get(0).map_err(failed)?)?;
        }
        Ok(())
    }
}

/// A number of rows, as SQLite counts them.
fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn damaged(table: &'static str, row: i64) -> impl Fn(prost::DecodeError) -> WriteError {
    move |source| WriteError::Damaged { table, row, source }
}

/// The message in a row whose columns are [`GRANT`]; one that does not parse is left to its reader.
fn whole_grant<'r>(row: &'r SqlRow<'_>, id: i64) -> Result<Cow<'r, [u8]>, WriteError> {
    let message = bytes(row, 1);
    let (mut entitlement, mut principal) = (false, false);
    let mut fields = Fields::of(message);
    while let Ok(Some((number, _))) = fields.next_field() {
        entitlement |= number == 1;
        principal |= number == 2;
    }
    if entitlement && principal {
        return Ok(Cow::Borrowed(message));
    }
    let mut grant = v2::Grant::decode(message).map_err(damaged("v1_grants", id))?;
    grant.entitlement.get_or_insert_with(|| v2::Entitlement {
        id: text(row, 2),
        resource: Some(resource(row, 3)),
        ..Default::default()
    });
    grant.principal.get_or_insert_with(|| resource(row, 5));
    Ok(Cow::Owned(grant.encode_to_vec()))
}

/// The resource whose type is the text of one column and whose id that of the next.
fn resource(row: &SqlRow<'_>, first: usize) -> v2::Resource {
    let id = v2::ResourceId {
        resource_type: text(row, first),
        resource: text(row, first + 1),
        ..Default::default()
    };
    v2::Resource { id: Some(id), ..Default::default() }
}

/// The bytes of a column that holds them; a text is taken for its bytes, anything else for none.
fn bytes<'r>(row: &'r SqlRow<'_>, column: usize) -> &'r [u8] {
    match row.get_ref(column) {
        Ok(ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => bytes,
        _ => &[],
    }
}

fn text(row: &SqlRow<'_>, column: usize) -> String {
    String::from_utf8_lossy(bytes(row, column)).into_owned()
}
