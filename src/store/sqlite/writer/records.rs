//! Storing records: a message into the blob, the ids in it into columns.
//!
//! A record whose id the sync has already replaces the message and nothing else: row id, key columns and time of
//! discovery stay those of the first, as in the program that connectors use. Messages are encoded with their fields in
//! ascending order and their maps sorted, since other programs compare the bytes.

use prost::Message as _;
use prost_types::Any;
use rusqlite::{ToSql, params};

use super::error::{WriteError, sqlite};
use super::{Stored, Writer};
use crate::model::wire::push_bytes;
use crate::model::{any, v2};

/// The name of the annotation that is kept outside the grants.
const EXPANDABLE: &[u8] = b"c1.connector.v2.GrantExpandable";

/// The statements that store one kind of record, with the same parameters: `?1` id, `?2` sync, `?3` time of discovery,
/// `?4` message, then keys.
struct Statements {
    doing: &'static str,
    /// Does nothing when there is a row of that id. (What a column refuses would be ignored as well, but every value
    /// is there and has a type that all columns take.)
    insert: &'static str,
    /// Returns whether the keys of the row are these.
    replace: &'static str,
}

const RESOURCE_TYPES: Statements = Statements {
    doing: "storing a resource type",
    insert: "INSERT OR IGNORE INTO v1_resource_types (external_id, sync_id, discovered_at, data) VALUES (?1, ?2, ?3, ?4)",
    replace: "UPDATE v1_resource_types SET data = ?4 WHERE external_id = ?1 AND sync_id = ?2 RETURNING 1",
};

const RESOURCES: Statements = Statements {
    doing: "storing a resource",
    insert: "INSERT OR IGNORE INTO v1_resources (external_id, sync_id, discovered_at, data, resource_type_id,
            parent_resource_type_id, parent_resource_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    replace: "UPDATE v1_resources SET data = ?4 WHERE external_id = ?1 AND sync_id = ?2
        RETURNING resource_type_id = ?5 AND parent_resource_type_id IS ?6 AND parent_resource_id IS ?7",
};

const ENTITLEMENTS: Statements = Statements {
    doing: "storing an entitlement",
    insert: "INSERT OR IGNORE INTO v1_entitlements (external_id, sync_id, discovered_at, data, resource_type_id, resource_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    replace: "UPDATE v1_entitlements SET data = ?4 WHERE external_id = ?1 AND sync_id = ?2
        RETURNING resource_type_id = ?5 AND resource_id = ?6",
};

/// A grant that a connector found; `?10` is what it expands to. `needs_expansion` marks an expandable grant and is not
/// cleared by expansion, so an unchanged one keeps its mark.
const GRANTS: Statements = Statements {
    doing: "storing a grant",
    insert: "INSERT OR IGNORE INTO v1_grants (external_id, sync_id, discovered_at, data, resource_type_id, resource_id,
            entitlement_id, principal_resource_type_id, principal_resource_id, expansion, needs_expansion)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10 IS NOT NULL)",
    replace: "UPDATE v1_grants SET data = ?4, expansion = ?10, needs_expansion = CASE
            WHEN ?10 IS NULL THEN 0
            WHEN expansion IS NOT ?10 THEN 1
            ELSE needs_expansion END
        WHERE external_id = ?1 AND sync_id = ?2
        RETURNING resource_type_id = ?5 AND resource_id = ?6 AND entitlement_id = ?7
            AND principal_resource_type_id = ?8 AND principal_resource_id = ?9",
};

/// A grant that expansion made or touched: what it expands to itself stays as it is.
const EXPANDED_GRANTS: Statements = Statements {
    doing: "storing an expanded grant",
    insert: "INSERT OR IGNORE INTO v1_grants (external_id, sync_id, discovered_at, data, resource_type_id, resource_id,
            entitlement_id, principal_resource_type_id, principal_resource_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    replace: "UPDATE v1_grants SET data = ?4 WHERE external_id = ?1 AND sync_id = ?2
        RETURNING resource_type_id = ?5 AND resource_id = ?6 AND entitlement_id = ?7
            AND principal_resource_type_id = ?8 AND principal_resource_id = ?9",
};

const ASSETS: Statements = Statements {
    doing: "storing an asset",
    insert: "INSERT OR IGNORE INTO v1_assets (external_id, sync_id, discovered_at, data, content_type)
        VALUES (?1, ?2, ?3, ?4, ?5)",
    replace: "UPDATE v1_assets SET data = ?4, content_type = coalesce(content_type, ?5)
        WHERE external_id = ?1 AND sync_id = ?2 RETURNING 1",
};

impl Writer {
    /// Stores a resource type.
    ///
    /// # Errors
    /// [`WriteError::Incomplete`] without an id; [`WriteError::NoSync`], as in every call below.
    pub fn put_resource_type(&mut self, record: &v2::ResourceType) -> Result<Stored, WriteError> {
        need(&record.id, || "resource type".into(), "id")?;
        let data = record.encode_to_vec();
        let sync = &self.open_sync()?.id;
        self.store(&RESOURCE_TYPES, params![record.id, sync, self.time, data])
    }

    /// Stores a resource.
    ///
    /// # Errors
    /// [`WriteError::Incomplete`] without type and id.
    pub fn put_resource(&mut self, record: &v2::Resource) -> Result<Stored, WriteError> {
        let named = || format!("resource {:?}", record.display_name);
        let id = identity(Some(record), &named, "id", "resource type")?;
        let parent = record.parent_resource_id.as_ref();
        let (parent_type, parent_id) =
            (parent.map(|id| id.resource_type.as_str()), parent.map(|id| id.resource.as_str()));
        let external = format!("{}:{}", id.resource_type, id.resource);
        let data = record.encode_to_vec();
        let sync = &self.open_sync()?.id;
        self.store(
            &RESOURCES,
            params![external, sync, self.time, data, id.resource_type, parent_type, parent_id],
        )
    }

    /// Stores an entitlement.
    ///
    /// # Errors
    /// [`WriteError::Incomplete`] without an id or a resource.
    pub fn put_entitlement(&mut self, record: &v2::Entitlement) -> Result<Stored, WriteError> {
        let resource = entitlement_resource(record)?;
        let data = record.encode_to_vec();
        let sync = &self.open_sync()?.id;
        self.store(
            &ENTITLEMENTS,
            params![record.id, sync, self.time, data, resource.resource_type, resource.resource],
        )
    }

    /// Stores a grant that a connector found.
    ///
    /// Its `GrantExpandable` moves into a column of its own; one that names no entitlement is dropped.
    ///
    /// # Errors
    /// [`WriteError::Incomplete`] without an id, an entitlement with its resource, or a principal;
    /// [`WriteError::Expandable`].
    pub fn put_grant(&mut self, record: &v2::Grant) -> Result<Stored, WriteError> {
        let expansion = expansion(record)?;
        self.store_grant(&GRANTS, record, Some(expansion))
    }

    /// Stores a grant that expansion made, or gave sources: as [`Writer::put_grant`], but what a grant of the same id
    /// expands to stays as it is.
    ///
    /// # Errors
    /// As [`Writer::put_grant`].
    pub fn put_expanded_grant(&mut self, record: &v2::Grant) -> Result<Stored, WriteError> {
        self.store_grant(&EXPANDED_GRANTS, record, None)
    }

    /// Stores an asset, such as an icon. One without content is skipped, and one without a content type gets
    /// `unknown`; a second asset of the same id replaces the content, but not its type.
    ///
    /// # Errors
    /// [`WriteError::Incomplete`] without an id.
    pub fn put_asset(&mut self, id: &str, content_type: &str, data: &[u8]) -> Result<Stored, WriteError> {
        need(id, || "asset".into(), "id")?;
        let sync = &self.open_sync()?.id;
        if data.is_empty() {
            return Ok(Stored::Skipped);
        }
        let content_type = if content_type.is_empty() { "unknown" } else { content_type };
        self.store(&ASSETS, params![id, sync, self.time, data, content_type])
    }

    /// `expansion` is the last parameter of statements that have it.
    fn store_grant(
        &self,
        statements: &Statements,
        record: &v2::Grant,
        expansion: Option<Option<Vec<u8>>>,
    ) -> Result<Stored, WriteError> {
        let named = || format!("grant {:?}", record.id);
        need(&record.id, || "grant".into(), "id")?;
        let Some(entitlement) = &record.entitlement else {
            return Err(WriteError::Incomplete { record: named(), lacks: "entitlement" });
        };
        let resource = entitlement_resource(entitlement)?;
        let principal =
            identity(record.principal.as_ref(), &named, "principal with an id", "principal with a type")?;
        let data = without_expandable(record);
        let sync = &self.open_sync()?.id;
        let mut values: Vec<&dyn ToSql> = vec![
            &record.id,
            sync,
            &self.time,
            &data,
            &resource.resource_type,
            &resource.resource,
            &entitlement.id,
            &principal.resource_type,
            &principal.resource,
        ];
        if let Some(expansion) = &expansion {
            values.push(expansion);
        }
        self.store(statements, &values)
    }

    fn store(&self, statements: &Statements, values: &[&dyn ToSql]) -> Result<Stored, WriteError> {
        let failed = sqlite(statements.doing);
        let mut insert = self.connection().prepare_cached(statements.insert).map_err(&failed)?;
        if insert.execute(values).map_err(&failed)? == 1 {
            return Ok(Stored::New);
        }
        let mut replace = self.connection().prepare_cached(statements.replace).map_err(&failed)?;
        let same: bool = replace.query_row(values, |row| row.get(0)).map_err(&failed)?;
        Ok(if same { Stored::Replaced } else { Stored::KeysDiffer })
    }
}

fn need(id: &str, record: impl FnOnce() -> String, lacks: &'static str) -> Result<(), WriteError> {
    if id.is_empty() { Err(WriteError::Incomplete { record: record(), lacks }) } else { Ok(()) }
}

/// The type and id of a resource, neither of them empty.
fn identity<'a>(
    resource: Option<&'a v2::Resource>,
    record: &dyn Fn() -> String,
    id: &'static str,
    kind: &'static str,
) -> Result<&'a v2::ResourceId, WriteError> {
    let Some(key) = resource.and_then(|resource| resource.id.as_ref()) else {
        return Err(WriteError::Incomplete { record: record(), lacks: id });
    };
    need(&key.resource, record, id)?;
    need(&key.resource_type, record, kind)?;
    Ok(key)
}

fn entitlement_resource(record: &v2::Entitlement) -> Result<&v2::ResourceId, WriteError> {
    let named = || format!("entitlement {:?}", record.id);
    need(&record.id, || format!("entitlement {:?}", record.display_name), "id")?;
    identity(record.resource.as_ref(), &named, "resource with an id", "resource with a type")
}

fn is_expandable(annotation: &Any) -> bool {
    any::type_name(annotation.type_url.as_bytes()) == EXPANDABLE
}

/// What a grant expands to: the payload of its first `GrantExpandable`, if that names any entitlement.
fn expansion(grant: &v2::Grant) -> Result<Option<Vec<u8>>, WriteError> {
    let Some(annotation) = grant.annotations.iter().find(|annotation| is_expandable(annotation)) else {
        return Ok(None);
    };
    let expandable = v2::GrantExpandable::decode(&annotation.value[..])
        .map_err(|source| WriteError::Expandable { id: grant.id.clone(), source })?;
    let names_any = expandable.entitlement_ids.iter().any(|id| !id.trim().is_empty());
    Ok(names_any.then(|| annotation.value.clone()))
}

/// The bytes of a grant without its `GrantExpandable`.
fn without_expandable(grant: &v2::Grant) -> Vec<u8> {
    let sources = grant.sources.as_ref().filter(|sources| has_indirect(sources));
    if sources.is_none() && !grant.annotations.iter().any(is_expandable) {
        return grant.encode_to_vec();
    }
    let mut rest = grant.clone();
    rest.annotations.retain(|annotation| !is_expandable(annotation));
    let Some(sources) = sources else { return rest.encode_to_vec() };
    // The last of the fields of a grant.
    rest.sources = None;
    let mut bytes = rest.encode_to_vec();
    push_bytes(&mut bytes, SOURCES, &encoded(sources));
    bytes
}

/// The field of a grant that holds its sources.
const SOURCES: u32 = 5;

fn has_indirect(sources: &v2::GrantSources) -> bool {
    sources.sources.values().any(|source| !source.is_direct)
}

/// The bytes of sources, with key and value in each entry: other programs write an empty value too.
fn encoded(sources: &v2::GrantSources) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (id, source) in &sources.sources {
        let mut entry = Vec::new();
        push_bytes(&mut entry, 1, id.as_bytes());
        push_bytes(&mut entry, 2, &source.encode_to_vec());
        push_bytes(&mut bytes, 1, &entry);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indirect_source_has_an_empty_value() {
        let source = |id: &str, is_direct| (id.to_owned(), v2::grant_sources::GrantSource { is_direct });
        let grant = v2::Grant {
            id: "g".into(),
            sources: Some(v2::GrantSources { sources: [source("b", true), source("a", false)].into() }),
            ..Default::default()
        };
        let bytes = without_expandable(&grant);
        assert_eq!(bytes, b"\x1a\x01g\x2a\x10\x0a\x05\x0a\x01a\x12\x00\x0a\x07\x0a\x01b\x12\x02\x08\x01");
        assert_eq!(v2::Grant::decode(&bytes[..]).unwrap(), grant);
    }
}
