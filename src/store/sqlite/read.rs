//! From a row to a record: the blob as it is, or filled up from the columns where it is slim.
//!
//! Writers may leave the entitlement and the principal out of a grant's blob, since columns hold their ids; very
//! odd files have empty blobs. Such a message is rebuilt in front of what the blob has, so that everything after this
//! module sees whole records. Expansions that old files keep inside the grant are taken out of it, as the
//! reference does when it opens such a file.

use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement};

use super::super::place::Place;
use super::super::record::{
    Entitlement, Entitlements, Family, Grant, Grants, Resource, ResourceType, ResourceTypes, Resources,
};
use super::super::sync::SyncRun;
use super::Engine;
use super::schema::Table;
use crate::model::keys::{
    EntitlementKeys, GrantKeys, ResourceKey, ResourceKeys, ResourceTypeKeys, push_text,
};
use crate::model::wire::{Fields, Malformed, Value, push_bytes};
use crate::model::{any, facts};

/// The largest blob that is looked at. Connectors hand records over in messages of 4 MiB at most.
pub(super) const LARGEST: usize = 16 << 20;

/// Why a row gives no record.
pub(in super::super) enum Fault {
    /// It is damaged; the next one may not be.
    Row(String),
    /// The database is.
    Sqlite(rusqlite::Error),
}

impl From<&str> for Fault {
    fn from(reason: &str) -> Self {
        Self::Row(reason.to_owned())
    }
}

impl From<Malformed> for Fault {
    fn from(error: Malformed) -> Self {
        Self::Row(error.to_string())
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Space for messages that are not lent as they are.
#[derive(Debug, Default)]
pub(in super::super) struct Scratch {
    message: Vec<u8>,
    expansion: Vec<u8>,
}

/// Where a row stands.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct RowAt {
    pub(super) table: &'static str,
    pub(super) row: i64,
}

impl RowAt {
    pub(super) fn place(self) -> Place<'static> {
        Place::Row { table: self.table, row: self.row }
    }
}

/// A row as a scan selects it.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct RawRow<'a> {
    pub(super) at: RowAt,
    /// The `data` column, or why it holds no message.
    pub(super) message: Result<&'a [u8], &'static str>,
    /// The `expansion` column of a grant.
    pub(super) expansion: &'a [u8],
    /// The keys of a grant, where they are known already.
    pub(super) keys: Option<GrantKeys<'a>>,
}

impl<'a> RawRow<'a> {
    /// The columns of a row: row id, data, and for grants the expansion.
    pub(super) fn of(table: &'static str, row: &'a Row<'_>) -> rusqlite::Result<Self> {
        let expansion = match row.as_ref().column_count() {
            3 => row.get_ref(2)?.as_blob().unwrap_or_default(),
            _ => &[],
        };
        let message = match row.get_ref(1)? {
            ValueRef::Blob(message) if message.len() <= LARGEST => Ok(message),
            ValueRef::Blob(_) => Err("the record is larger than 16 MiB"),
            ValueRef::Text(_) => Err("the record is stored as text, not as a blob"),
            ValueRef::Null => Err("there is no record"),
            _ => Err("the record is stored as a number, not as a blob"),
        };
        Ok(Self { at: RowAt { table, row: row.get(0)? }, message, expansion, keys: None })
    }
}

/// Makes one kind of record of a row, in the scratch space where the row is slim.
pub(in super::super) trait ReadRow: Family {
    /// Where its rows stand.
    const TABLE: Table;

    fn read<'a>(
        engine: &Engine,
        run: &SyncRun,
        row: RawRow<'a>,
        scratch: &'a mut Scratch,
    ) -> Result<Self::Record<'a>, Fault>;
}

impl ReadRow for ResourceTypes {
    const TABLE: Table = Table::ResourceTypes;

    fn read<'a>(
        engine: &Engine,
        _: &SyncRun,
        row: RawRow<'a>,
        scratch: &'a mut Scratch,
    ) -> Result<ResourceType<'a>, Fault> {
        let (at, mut message) = (row.at, row.message?);
        let mut keys = ResourceTypeKeys::read(message)?;
        if keys.id.is_none() {
            let [id] = columns(engine, at, ["external_id"])?;
            scratch.message.clear();
            push_text(&mut scratch.message, 1, id.as_bytes());
            scratch.message.extend_from_slice(message);
            message = &scratch.message;
            keys = ResourceTypeKeys::read(message)?;
        }
        Ok(ResourceType { id: present(keys.id, "an id")?, message, place: at.place() })
    }
}

impl ReadRow for Resources {
    const TABLE: Table = Table::Resources;

    fn read<'a>(
        engine: &Engine,
        _: &SyncRun,
        row: RawRow<'a>,
        scratch: &'a mut Scratch,
    ) -> Result<Resource<'a>, Fault> {
        let (at, mut message) = (row.at, row.message?);
        let mut keys = ResourceKeys::read(message)?;
        if keys.key.is_none() {
            rebuild_resource(engine, at, message, &mut scratch.message)?;
            message = &scratch.message;
            keys = ResourceKeys::read(message)?;
        }
        Ok(Resource { key: present(keys.key, "an id")?, parent: keys.parent, message, place: at.place() })
    }
}

impl ReadRow for Entitlements {
    const TABLE: Table = Table::Entitlements;

    fn read<'a>(
        engine: &Engine,
        _: &SyncRun,
        row: RawRow<'a>,
        scratch: &'a mut Scratch,
    ) -> Result<Entitlement<'a>, Fault> {
        let (at, mut message) = (row.at, row.message?);
        let mut keys = EntitlementKeys::read(message)?;
        if keys.id.is_none() || keys.resource.is_none() {
            rebuild_entitlement(engine, at, message, keys, &mut scratch.message)?;
            message = &scratch.message;
            keys = EntitlementKeys::read(message)?;
        }
        let resource = present(keys.resource, "a resource")?;
        Ok(Entitlement { id: present(keys.id, "an id")?, resource, message, place: at.place() })
    }
}

impl ReadRow for Grants {
    const TABLE: Table = Table::Grants;

    fn read<'a>(
        engine: &Engine,
        run: &SyncRun,
        row: RawRow<'a>,
        scratch: &'a mut Scratch,
    ) -> Result<Grant<'a>, Fault> {
        let (at, mut message, mut expansion) = (row.at, row.message?, row.expansion);
        let keys = match row.keys {
            Some(keys) => keys,
            None => GrantKeys::read(message)?,
        };
        let Scratch { message: rebuilt, expansion: moved } = scratch;
        let slim = keys.id.is_none() || keys.entitlement.is_none() || keys.principal.is_none();
        let inside = !run.backfilled && expansion.is_empty() && take_expansion(message, rebuilt, moved)?;
        if slim {
            let taken;
            let rest = if inside {
                taken = std::mem::take(rebuilt);
                taken.as_slice()
            } else {
                message
            };
            rebuild_grant(engine, at, rest, keys, rebuilt)?;
        }
        if inside {
            expansion = moved;
        }
        if inside || slim {
            message = rebuilt;
            return grant(GrantKeys::read(message)?, at, message, expansion);
        }
        grant(keys, at, message, expansion)
    }
}

fn grant<'a>(
    keys: GrantKeys<'a>,
    at: RowAt,
    message: &'a [u8],
    expansion: &'a [u8],
) -> Result<Grant<'a>, Fault> {
    let entitlement = present(keys.entitlement, "an entitlement")?;
    Ok(Grant {
        id: present(keys.id, "an id")?,
        entitlement: entitlement.id.unwrap_or_default(),
        resource: entitlement.resource.unwrap_or_default(),
        principal: present(keys.principal, "a principal")?,
        sources: keys.sources,
        expansion,
        message,
        place: at.place(),
    })
}

fn present<T>(value: Option<T>, what: &str) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::Row(format!("it lacks {what}, also in its columns")))
}

/// The texts of some columns of one row.
fn columns<const N: usize>(engine: &Engine, at: RowAt, names: [&str; N]) -> Result<[String; N], Fault> {
    let list = names.join(", ");
    let sql = format!("SELECT {list} FROM {} WHERE rowid = ?1", at.table);
    let mut statement = engine.connection.prepare_cached(&sql)?;
    row_texts(&mut statement, at.row)
}

fn row_texts<const N: usize>(statement: &mut Statement<'_>, row: i64) -> Result<[String; N], Fault> {
    let mut rows = statement.query([row])?;
    let Some(row) = rows.next()? else { return Err(Fault::Row("it is gone".into())) };
    let mut texts = [const { String::new() }; N];
    for (index, text) in texts.iter_mut().enumerate() {
        if let ValueRef::Text(bytes) = row.get_ref(index)? {
            *text = String::from_utf8_lossy(bytes).into_owned();
        }
    }
    Ok(texts)
}

/// `{1: id}`: what stands for a resource of which only the id is known.
fn push_resource(out: &mut Vec<u8>, field: u32, kind: &str, id: &str) {
    if kind.is_empty() && id.is_empty() {
        return;
    }
    let key = ResourceKey { kind: kind.as_bytes(), id: id.as_bytes() };
    let mut resource = Vec::new();
    push_bytes(&mut resource, 1, &key.to_message());
    push_bytes(out, field, &resource);
}

fn rebuild_resource(engine: &Engine, at: RowAt, blob: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let [external, kind, parent_kind, parent_id] = columns(
        engine,
        at,
        ["external_id", "resource_type_id", "parent_resource_type_id", "parent_resource_id"],
    )?;
    out.clear();
    // Types and ids may hold colons, so only the known prefix is cut off.
    if let Some(id) = external.strip_prefix(&kind).and_then(|rest| rest.strip_prefix(':')) {
        let key = ResourceKey { kind: kind.as_bytes(), id: id.as_bytes() };
        push_bytes(out, 1, &key.to_message());
    }
    if !parent_kind.is_empty() && ResourceKeys::read(blob)?.parent.is_none() {
        let parent = ResourceKey { kind: parent_kind.as_bytes(), id: parent_id.as_bytes() };
        push_bytes(out, 2, &parent.to_message());
    }
    out.extend_from_slice(blob);
    Ok(())
}

fn rebuild_entitlement(
    engine: &Engine,
    at: RowAt,
    blob: &[u8],
    keys: EntitlementKeys<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let [id, kind, resource] = columns(engine, at, ["external_id", "resource_type_id", "resource_id"])?;
    out.clear();
    if keys.resource.is_none() {
        push_resource(out, 1, &kind, &resource);
    }
    if keys.id.is_none() {
        push_text(out, 2, id.as_bytes());
    }
    out.extend_from_slice(blob);
    Ok(())
}

fn rebuild_grant(
    engine: &Engine,
    at: RowAt,
    blob: &[u8],
    keys: GrantKeys<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let [id, entitlement, kind, resource, principal_kind, principal_id] = columns(
        engine,
        at,
        [
            "external_id",
            "entitlement_id",
            "resource_type_id",
            "resource_id",
            "principal_resource_type_id",
            "principal_resource_id",
        ],
    )?;
    out.clear();
    if keys.entitlement.is_none() && !entitlement.is_empty() {
        let mut stub = Vec::new();
        push_resource(&mut stub, 1, &kind, &resource);
        push_text(&mut stub, 2, entitlement.as_bytes());
        push_bytes(out, 1, &stub);
    }
    if keys.principal.is_none() {
        push_resource(out, 2, &principal_kind, &principal_id);
    }
    if keys.id.is_none() {
        push_text(out, 3, id.as_bytes());
    }
    out.extend_from_slice(blob);
    Ok(())
}

/// Splits a grant that holds its expansion into the grant without it and the expansion.
///
/// False, and nothing split, when there is none or it names no entitlement: then it stays where it is.
pub(crate) fn take_expansion(
    message: &[u8],
    rest: &mut Vec<u8>,
    expansion: &mut Vec<u8>,
) -> Result<bool, Malformed> {
    let mut found = None;
    let mut walk = Fields::of(message);
    while let Some((number, value)) = walk.next_field()? {
        if let (4, Value::Bytes(annotation)) = (number, value) {
            let (url, payload) = any::parts(annotation)?;
            if any::type_name(url) == b"c1.connector.v2.GrantExpandable" {
                found = Some(payload);
                break;
            }
        }
    }
    let Some(payload) = found else { return Ok(false) };
    let ids = facts::expandable_ids(payload).unwrap_or_default();
    if ids.iter().all(|id| String::from_utf8_lossy(id).trim().is_empty()) {
        return Ok(false);
    }
    expansion.clear();
    expansion.extend_from_slice(payload);
    copy_without(message, rest)?;
    Ok(true)
}

/// Copies a grant field by field, leaving out its expansions.
fn copy_without(message: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    out.clear();
    let mut walk = Fields::of(message);
    let mut before = message;
    while let Some((number, value)) = walk.next_field()? {
        let after = walk.rest();
        let taken = before.len() - after.len();
        let expandable = match (number, value) {
            (4, Value::Bytes(annotation)) => {
                any::type_name(any::parts(annotation)?.0) == b"c1.connector.v2.GrantExpandable"
            }
            _ => false,
        };
        if !expandable {
            out.extend_from_slice(before.get(..taken).unwrap_or_default());
        }
        before = after;
    }
    Ok(())
}
