//! Files that are unfinished, empty, slim, old or damaged.

use baton::model::v2;
use baton::store::{RawValue, SyncKind, Writer};
use prost::Message as _;
use prost_types::Any;

use crate::Outcome;
use crate::company::{Company, first};
use crate::records::{any, entitlement, grant, kind, parts, resource, sync, time};

/// A full sync that was interrupted before its first grant.
pub(crate) fn unfinished(writer: &mut Writer) -> Outcome<()> {
    writer.begin_sync(first()?)?;
    Company::on_day(false).put_objects(writer)?;
    let token = r#"{"actions_map":{"0000000031":{"id":"0000000031","operation":"list-grants","resource_type_id":"org","resource_id":"acme"}},"action_order":["0000000031"],"current_action_id":31,"completed_actions_count":30,"version":1}"#;
    writer.set_sync_token(token)?;
    Ok(writer.leave_sync()?)
}

/// A finished full sync of nothing.
pub(crate) fn empty(writer: &mut Writer) -> Outcome<()> {
    writer.begin_sync(first()?)?;
    writer.end_sync(time("2026-03-01 06:00:00.75")?)?;
    Ok(())
}

/// The second day's company; every other grant, the first included, leaves its entitlement and principal to the columns.
pub(crate) fn slim(writer: &mut Writer) -> Outcome<()> {
    let company = Company::on_day(true);
    writer.begin_sync(sync(SyncKind::Full, "2026-03-02 06:00:00.25", 4)?)?;
    company.put_objects(writer)?;
    for (number, record) in company.grants.iter().enumerate() {
        if number % 2 == 1 {
            writer.put_grant(record)?;
        } else {
            put_slim(writer, record)?;
        }
    }
    writer.end_sync(time("2026-03-02 06:00:02")?)?;
    Ok(())
}

fn put_slim(writer: &mut Writer, record: &v2::Grant) -> Outcome<()> {
    let mut slim = v2::Grant { entitlement: None, principal: None, ..record.clone() };
    let expandable = slim.annotations.iter().find(|any| any.type_url.ends_with(".GrantExpandable"));
    let expansion = expandable.map(|any| any.value.clone());
    slim.annotations.retain(|any| !any.type_url.ends_with(".GrantExpandable"));
    let mut more = Vec::new();
    if let Some(expansion) = &expansion {
        more = vec![("expansion", RawValue::Blob(expansion)), ("needs_expansion", RawValue::Integer(1))];
    }
    put_grant_blob(writer, record, &slim.encode_to_vec(), &more)
}

/// A row with the keys of `record` and any message.
fn put_grant_blob(
    writer: &mut Writer,
    record: &v2::Grant,
    blob: &[u8],
    more: &[(&'static str, RawValue<'_>)],
) -> Outcome<()> {
    let entitlement = record.entitlement.as_ref().ok_or("a grant of nothing")?;
    let (kind, id) = entitlement.resource.as_ref().map(parts).unwrap_or_default();
    let (principal_kind, principal_id) = record.principal.as_ref().map(parts).unwrap_or_default();
    let mut columns = vec![
        ("external_id", RawValue::Text(&record.id)),
        ("entitlement_id", RawValue::Text(&entitlement.id)),
        ("resource_type_id", RawValue::Text(kind)),
        ("resource_id", RawValue::Text(id)),
        ("principal_resource_type_id", RawValue::Text(principal_kind)),
        ("principal_resource_id", RawValue::Text(principal_id)),
        ("data", RawValue::Blob(blob)),
    ];
    columns.extend_from_slice(more);
    Ok(writer.put_raw("v1_grants", &columns)?)
}

/// From the current layout back to the first one.
const FIRST_LAYOUT: &str = "
DROP INDEX idx_grants_sync_expansion_v1;
DROP INDEX idx_grants_sync_needs_expansion_v1;
DROP INDEX idx_grants_entitlement_sync_grant_v1;
DROP INDEX idx_grants_entitlement_id_principal_id_v1;
CREATE INDEX idx_grants_entitlement_id_v1 ON v1_grants (entitlement_id);
ALTER TABLE v1_grants DROP COLUMN expansion;
ALTER TABLE v1_grants DROP COLUMN needs_expansion;
ALTER TABLE v1_sync_runs DROP COLUMN sync_type;
ALTER TABLE v1_sync_runs DROP COLUMN parent_sync_id;
ALTER TABLE v1_sync_runs DROP COLUMN linked_sync_id;
ALTER TABLE v1_sync_runs DROP COLUMN supports_diff;
ALTER TABLE v1_sync_runs DROP COLUMN grants_backfilled;
ALTER TABLE v1_sync_runs DROP COLUMN stats;
ALTER TABLE v1_sync_runs DROP COLUMN ingest_invariant_generation;
ALTER TABLE v1_sync_runs DROP COLUMN ingest_invariant_coverage;
ALTER TABLE v1_sync_runs DROP COLUMN ingest_invariant_mode;
DROP TABLE v1_connector_sessions;
";

/// The first day's company as the first release laid it out: expansions stand inside the grants, and one of them names
/// nothing.
pub(crate) fn old_schema(writer: &mut Writer) -> Outcome<()> {
    let mut company = Company::on_day(false);
    let expands_nothing = v2::GrantExpandable { entitlement_ids: vec![" ".into()], ..Default::default() };
    for record in &mut company.grants {
        if record.id == "app:wiki:access:group:ops" {
            record.annotations.push(any("GrantExpandable", &expands_nothing));
        }
    }
    writer.begin_sync(first()?)?;
    company.put_objects(writer)?;
    for record in &company.grants {
        put_grant_blob(writer, record, &record.encode_to_vec(), &[])?;
    }
    writer.set_sync_token(
        r#"{"actions":null,"current_action":{"operation":"init"},"needs_expansion":false,"entitlement_graph":null}"#,
    )?;
    writer.end_sync(time("2026-03-01 06:00:03.25")?)?;
    Ok(writer.execute(FIRST_LAYOUT)?)
}

/// A few good rows, and one of each kind of damage.
pub(crate) fn damaged_rows(writer: &mut Writer) -> Outcome<()> {
    writer.begin_sync(sync(SyncKind::Full, "2026-03-03 06:00:00", 5)?)?;
    let user = kind("user", "User", &[v2::resource_type::Trait::User]);
    let group_type = kind("group", "Group", &[v2::resource_type::Trait::Group]);
    writer.put_resource_type(&user)?;
    writer.put_resource_type(&group_type)?;
    let group = resource("group", "g1", "Group One");
    writer.put_resource(&group)?;
    let users: Vec<_> = ["good one", "good two"]
        .iter()
        .zip(["u1", "u2"])
        .map(|(name, id)| resource("user", id, name))
        .collect();
    let member =
        entitlement(&group, ("member", "Member"), v2::entitlement::PurposeValue::Assignment, &[&user]);
    writer.put_entitlement(&member)?;
    for user in &users {
        writer.put_resource(user)?;
        writer.put_grant(&grant(&member, user))?;
    }
    damaged_resources(writer)?;
    let cut = grant(&member, &resource("user", "cut-grant", "Holder of a cut grant"));
    put_grant_blob(writer, &cut, truncated(&cut.encode_to_vec()), &[])?;
    let empty = grant(&member, &resource("user", "empty-grant", ""));
    put_grant_blob(writer, &empty, &[], &[])?;
    let broken = entitlement(&group, ("broken", "Broken"), v2::entitlement::PurposeValue::Permission, &[]);
    writer.put_raw(
        "v1_entitlements",
        &[
            ("external_id", RawValue::Text(&broken.id)),
            ("resource_type_id", RawValue::Text("group")),
            ("resource_id", RawValue::Text("g1")),
            ("data", RawValue::Blob(truncated(&broken.encode_to_vec()))),
        ],
    )?;
    writer.end_sync(time("2026-03-03 06:00:01")?)?;
    Ok(())
}

fn damaged_resources(writer: &mut Writer) -> Outcome<()> {
    let cut = resource("user", "cut", "Cut in the middle of this name").encode_to_vec();
    put_user(writer, "cut", RawValue::Blob(truncated(&cut)))?;
    put_user(writer, "text", RawValue::Text("a text, where a blob should be"))?;
    put_user(writer, "empty", RawValue::Blob(&[]))?;
    // `?` is replaced after encoding, because no string of ours can hold the bytes.
    let mut latin = resource("user", "latin-1", "Ren? and ?").encode_to_vec();
    latin.iter_mut().filter(|byte| **byte == b'?').for_each(|byte| *byte = 0xe9);
    put_user(writer, "latin-1", RawValue::Blob(&latin))?;
    let mut trait_cut = resource("user", "bad-trait", "Bad Trait");
    let type_url = "type.googleapis.com/c1.connector.v2.UserTrait".into();
    trait_cut.annotations.push(Any { type_url, value: vec![0x32, 0x09, b'c', b'u', b't'] });
    put_user(writer, "bad-trait", RawValue::Blob(&trait_cut.encode_to_vec()))
}

fn put_user(writer: &mut Writer, id: &str, data: RawValue<'_>) -> Outcome<()> {
    let external = format!("user:{id}");
    let columns = [
        ("external_id", RawValue::Text(&external)),
        ("resource_type_id", RawValue::Text("user")),
        ("data", data),
    ];
    Ok(writer.put_raw("v1_resources", &columns)?)
}

/// All but the last five bytes, which end in the middle of a field.
fn truncated(blob: &[u8]) -> &[u8] {
    blob.get(..blob.len().saturating_sub(5)).unwrap_or_default()
}
