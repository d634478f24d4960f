//! Whether a row holds a record, and whether that is the one that its columns name.

use super::record::Value;
use crate::model::keys::{EntitlementKeys, GrantKeys, ResourceKey, ResourceKeys, ResourceTypeKeys};
use crate::model::time::Instant;
use crate::model::wire::Malformed;

/// The largest record that readers look at.
const LARGEST: usize = 16 << 20;

/// A row: its columns and what they hold.
pub(super) type Columns<'c, 'r> = &'c [(&'static str, Value<'r>)];

/// Whether the ids in the record of a row are those in its columns; `None` when it holds no record.
///
/// Rows whose ids differ exist in sound files: a record that is stored again leaves the columns as they were.
pub(super) fn agrees(table: &str, row: Columns<'_, '_>) -> Option<bool> {
    let text = |name| text(row, name);
    let same = |found: Option<&[u8]>, name| found.is_none_or(|found| found == text(name));
    let key = |found: Option<ResourceKey<'_>>, kind, id| {
        found.is_none_or(|found| found.kind == text(kind) && found.id == text(id))
    };
    let is_time = |name| std::str::from_utf8(text(name)).is_ok_and(|text| Instant::parse(text).is_some());
    let data = match column(row, if table == "v1_connector_sessions" { "value" } else { "data" }) {
        Some(Value::Blob(data)) => *data,
        _ => &[],
    };
    if data.len() > LARGEST {
        return None;
    }
    let agrees = || -> Result<bool, Malformed> {
        Ok(match table {
            "v1_resource_types" => same(ResourceTypeKeys::read(data)?.id, "external_id"),
            "v1_resources" => {
                let found = ResourceKeys::read(data)?;
                let external =
                    |key: ResourceKey<'_>| [key.kind, b":", key.id].concat() == text("external_id");
                let parent = found.parent.is_some() == column(row, "parent_resource_id").is_some_and(is_set);
                found.key.is_none_or(external) && parent
            }
            "v1_entitlements" => {
                let found = EntitlementKeys::read(data)?;
                same(found.id, "external_id") && key(found.resource, "resource_type_id", "resource_id")
            }
            "v1_grants" => {
                let found = GrantKeys::read(data)?;
                let entitlement = found.entitlement.is_none_or(|found| {
                    same(found.id, "entitlement_id") && key(found.resource, "resource_type_id", "resource_id")
                });
                let principal = key(found.principal, "principal_resource_type_id", "principal_resource_id");
                same(found.id, "external_id") && entitlement && principal
            }
            "v1_sync_runs" => is_time("started_at") && (is_time("ended_at") || text("ended_at").is_empty()),
            _ => true,
        })
    };
    let named = table == "v1_sync_runs" || !text("sync_id").is_empty();
    agrees().ok().map(|agrees| agrees && named)
}

fn is_set(value: &Value<'_>) -> bool {
    !matches!(value, Value::Null)
}

fn column<'c, 'r>(row: Columns<'c, 'r>, name: &str) -> Option<&'c Value<'r>> {
    row.iter().find(|(column, _)| *column == name).map(|(_, value)| value)
}

fn text<'r>(row: Columns<'_, 'r>, name: &str) -> &'r [u8] {
    match column(row, name) {
        Some(Value::Text(text)) => text,
        _ => &[],
    }
}
