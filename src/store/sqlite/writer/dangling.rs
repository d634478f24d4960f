//! References of the open sync that lead to records which it does not hold.
//!
//! What is referred to counts once, however many records refer to it; so inherited grants do not change the picture.

use std::collections::BTreeMap;

use prost::{Message as _, Name as _};
use prost_types::Any;
use rusqlite::params;

use super::Writer;
use super::error::WriteError;
use crate::model::{any, v2};

/// A kind of reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// From an entitlement to the resource that offers it.
    EntitlementResource,
    /// From a grant to the resource of its entitlement.
    GrantResource,
    /// From a grant to its entitlement.
    GrantEntitlement,
    /// From a grant to its principal.
    GrantPrincipal,
}

/// What references of one kind lead to in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// The kind.
    pub reference: Reference,
    /// The resource type of what is missing.
    pub resource_type: String,
    /// Whether the sync holds that type: then the connector left something out, else nobody asked for it.
    pub type_is_held: bool,
    /// How many records are missing.
    pub missing: u64,
    /// The first few of them: an entitlement by its id, a resource by `type/id`.
    pub examples: Vec<String>,
}

/// How many records make an example.
const EXAMPLES: usize = 5;

impl Reference {
    /// Whether a grant with this annotation brings what it refers to along, or has it found later.
    fn is_exempted_by(self, annotation: &Any) -> bool {
        let name = any::type_name(annotation.type_url.as_bytes());
        let is = |other: String| name == other.as_bytes();
        match self {
            Self::EntitlementResource => false,
            Self::GrantResource | Self::GrantEntitlement => is(v2::InsertResourceGrants::full_name()),
            Self::GrantPrincipal => {
                is(v2::ExternalResourceMatch::full_name())
                    || is(v2::ExternalResourceMatchAll::full_name())
                    || is(v2::ExternalResourceMatchId::full_name())
            }
        }
    }

    /// Selects the type of what is missing, its id, and a text for people. `?1` is the sync.
    fn sql(self) -> &'static str {
        match self {
            Self::EntitlementResource => {
                "SELECT DISTINCT resource_type_id, resource_id, resource_type_id || '/' || resource_id
                FROM v1_entitlements AS one WHERE sync_id = ?1 AND NOT EXISTS (SELECT 1 FROM v1_resources
                    WHERE external_id = one.resource_type_id || ':' || one.resource_id AND sync_id = ?1)"
            }
            Self::GrantResource => {
                "SELECT DISTINCT resource_type_id, resource_id, resource_type_id || '/' || resource_id
                FROM v1_grants AS one WHERE sync_id = ?1 AND NOT EXISTS (SELECT 1 FROM v1_resources
                    WHERE external_id = one.resource_type_id || ':' || one.resource_id AND sync_id = ?1)"
            }
            Self::GrantEntitlement => {
                "SELECT DISTINCT resource_type_id, entitlement_id, entitlement_id
                FROM v1_grants AS one WHERE sync_id = ?1 AND NOT EXISTS (SELECT 1 FROM v1_entitlements
                    WHERE external_id = one.entitlement_id AND sync_id = ?1)"
            }
            Self::GrantPrincipal => {
                "SELECT DISTINCT principal_resource_type_id, principal_resource_id,
                    principal_resource_type_id || '/' || principal_resource_id
                FROM v1_grants AS one WHERE sync_id = ?1 AND NOT EXISTS (SELECT 1 FROM v1_resources
                    WHERE external_id = one.principal_resource_type_id || ':' || one.principal_resource_id
                        AND sync_id = ?1)"
            }
        }
    }

    /// Selects the grants that refer to what is missing: `?2` its type, `?3` its id.
    fn grants(self) -> &'static str {
        match self {
            Self::EntitlementResource | Self::GrantResource => {
                "SELECT rowid, data FROM v1_grants
                WHERE sync_id = ?1 AND resource_type_id = ?2 AND resource_id = ?3"
            }
            Self::GrantEntitlement => {
                "SELECT rowid, data FROM v1_grants
                WHERE sync_id = ?1 AND resource_type_id = ?2 AND entitlement_id = ?3"
            }
            Self::GrantPrincipal => {
                "SELECT rowid, data FROM v1_grants
                WHERE sync_id = ?1 AND principal_resource_type_id = ?2 AND principal_resource_id = ?3"
            }
        }
    }
}

/// Something that is missing.
struct Missing {
    kind: String,
    id: String,
    label: String,
}

impl Writer {
    /// What records of the open sync refer to although it does not hold it, by kind of reference and resource type.
    ///
    /// # Errors
    /// [`WriteError::NoSync`], [`WriteError::Reading`], [`WriteError::Damaged`].
    pub fn dangling(&self) -> Result<Vec<Dangling>, WriteError> {
        let references = [
            Reference::EntitlementResource,
            Reference::GrantResource,
            Reference::GrantEntitlement,
            Reference::GrantPrincipal,
        ];
        let mut found = Vec::new();
        for reference in references {
            let mut kinds: BTreeMap<String, Dangling> = BTreeMap::new();
            for missing in self.missing(reference)? {
                if !self.is_exempt(reference, &missing)? {
                    let kind = kinds.entry(missing.kind.clone()).or_insert_with(|| Dangling {
                        reference,
                        resource_type: missing.kind.clone(),
                        type_is_held: false,
                        missing: 0,
                        examples: Vec::new(),
                    });
                    kind.missing += 1;
                    if kind.examples.len() < EXAMPLES {
                        kind.examples.push(missing.label);
                    }
                }
            }
            for (_, mut kind) in kinds {
                kind.type_is_held = self.holds_type(&kind.resource_type)?;
                found.push(kind);
            }
        }
        Ok(found)
    }

    fn missing(&self, reference: Reference) -> Result<Vec<Missing>, WriteError> {
        let table = match reference {
            Reference::EntitlementResource => "v1_entitlements",
            _ => "v1_grants",
        };
        let failed = |source| WriteError::Reading { table, source };
        let sync = &self.open_sync()?.id;
        let mut statement = self.connection().prepare_cached(reference.sql()).map_err(failed)?;
        let rows = statement
            .query_map([sync], |row| Ok(Missing { kind: row.get(0)?, id: row.get(1)?, label: row.get(2)? }));
        let mut all = rows.map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        // Whatever way SQLite found them.
        all.sort_by(|a, b| (&a.kind, &a.id).cmp(&(&b.kind, &b.id)));
        Ok(all)
    }

    /// Whether all grants that refer to it say that it is not there yet.
    fn is_exempt(&self, reference: Reference, missing: &Missing) -> Result<bool, WriteError> {
        if reference == Reference::EntitlementResource {
            return Ok(false);
        }
        let failed = |source| WriteError::Reading { table: "v1_grants", source };
        let sync = &self.open_sync()?.id;
        let mut statement = self.connection().prepare_cached(reference.grants()).map_err(failed)?;
        let mut rows = statement.query(params![sync, missing.kind, missing.id]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (id, data): (i64, Vec<u8>) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            let grant = v2::Grant::decode(&data[..]).map_err(|source| WriteError::Damaged {
                table: "v1_grants",
                row: id,
                source,
            })?;
            if !grant.annotations.iter().any(|annotation| reference.is_exempted_by(annotation)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds_type(&self, kind: &str) -> Result<bool, WriteError> {
        let sql = "SELECT count(*) FROM v1_resource_types WHERE external_id = ?2 AND sync_id = ?1";
        let failed = |source| WriteError::Reading { table: "v1_resource_types", source };
        let sync = &self.open_sync()?.id;
        let mut statement = self.connection().prepare_cached(sql).map_err(failed)?;
        let count: i64 = statement.query_row(params![sync, kind], |row| row.get(0)).map_err(failed)?;
        Ok(count > 0)
    }
}
