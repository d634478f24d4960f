//! What must hold of a sync as a whole before it may end.

use std::collections::BTreeMap;

use super::error::SyncError;
use super::quality::counted;
use crate::model::v2;
use crate::store::{Dangling, Reference, Writer};
use crate::sync::build::annotations;

/// One line for each kind of reference that leads to what the sync does not hold.
///
/// # Errors
/// [`SyncError::Store`]
pub(super) fn dangling(writer: &Writer) -> Result<Vec<String>, SyncError> {
    let line = |dangling: &Dangling| {
        let (names, what) = match dangling.reference {
            Reference::EntitlementResource => ("entitlements name", "resource"),
            Reference::GrantResource => ("grants name", "resource"),
            Reference::GrantEntitlement => ("grants name", "entitlement"),
            Reference::GrantPrincipal => ("grants name", "principal"),
        };
        let synced = if dangling.type_is_held { "a synced type" } else { "a type that is not synced" };
        let (missing, kind) = (counted(dangling.missing, what), &dangling.resource_type);
        let examples = dangling.examples.join(", ");
        format!("{names} {missing} of {synced}, {kind}, which the connector did not list: {examples}")
    };
    Ok(writer.dangling()?.iter().map(line).collect())
}

/// The most entitlements that exclude each other.
const LARGEST_GROUP: usize = 50;
/// Rows read at once.
const PAGE: usize = 1_000;

/// What is known of one exclusion group: entitlements of which a principal can hold one at a time.
#[derive(Debug, Default)]
struct Group {
    kind: String,
    size: usize,
    default: Option<String>,
}

/// Checks the exclusion groups: each within one resource type, with at most one default, and not too large.
///
/// # Errors
/// [`SyncError::Invariant`] names the group and what is wrong.
pub(super) fn exclusion_groups(writer: &Writer) -> Result<(), SyncError> {
    let mut groups = BTreeMap::new();
    let mut after = 0;
    loop {
        let rows = writer.entitlements_page(after, PAGE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.row;
        for row in rows {
            join(&mut groups, &row.record).map_err(SyncError::Invariant)?;
        }
    }
}

/// Adds an entitlement to its group.
fn join(groups: &mut BTreeMap<String, Group>, entitlement: &v2::Entitlement) -> Result<(), String> {
    let Some(annotation) = annotations::pick::<v2::EntitlementExclusionGroup>(&entitlement.annotations)
    else {
        return Ok(());
    };
    let annotation = annotation.map_err(|error| {
        format!("entitlement {:?}: its exclusion group does not parse: {error}", entitlement.id)
    })?;
    let id = annotation.exclusion_group_id;
    let kind = entitlement.resource.as_ref().and_then(|resource| resource.id.as_ref());
    let kind = kind.map_or("", |id| &id.resource_type);
    let group = groups.entry(id.clone()).or_insert_with(|| Group { kind: kind.into(), ..Group::default() });
    group.size += 1;
    if group.kind != kind {
        return Err(format!(
            "the exclusion group {id:?} spans the resource types {:?} and {kind:?}",
            group.kind
        ));
    }
    if group.size > LARGEST_GROUP {
        return Err(format!("the exclusion group {id:?} has more than {LARGEST_GROUP} entitlements"));
    }
    if annotation.is_default
        && let Some(other) = group.default.replace(entitlement.id.clone())
    {
        let (one, two) = (&other, &entitlement.id);
        return Err(format!("the exclusion group {id:?} has two defaults, {one:?} and {two:?}"));
    }
    Ok(())
}
