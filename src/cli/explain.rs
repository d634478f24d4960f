//! Why a filtered list is empty: a name that the sync does not know is worth a word, and a near one a suggestion.

use super::session::Session;
use crate::model::keys::ResourceKey;
use crate::store::{EntitlementFilter, ResourceFilter, Snapshot};
use crate::ui::CommandError;
use crate::view::{Filter, Near};

/// Warns about the first part of `filter` that nothing in the sync is called.
pub(super) fn explain_empty(
    session: &Session,
    snapshot: Snapshot<'_>,
    filter: &Filter,
) -> Result<(), CommandError> {
    // What could not be read may be just what was asked for.
    if snapshot.reader().problems().incomplete().is_some() {
        return Ok(());
    }
    if let Some((what, name, near)) = unknown(snapshot, filter)? {
        let meant =
            if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
        session.ui.warn(&format!("there is no {what} '{name}' in this sync{meant}"));
    }
    Ok(())
}

type Unknown = (&'static str, String, Vec<String>);

fn unknown(snapshot: Snapshot<'_>, filter: &Filter) -> Result<Option<Unknown>, CommandError> {
    let kind = filter.kind.as_ref().or(filter.resource.as_ref().map(|(kind, _)| kind));
    if let Some(kind) = kind
        && snapshot.resource_type(kind.as_bytes(), |_| ())?.is_none()
    {
        return Ok(Some(("resource type", kind.clone(), near_types(snapshot, kind)?)));
    }
    if let Some((kind, id)) = &filter.resource {
        let key = ResourceKey { kind: kind.as_bytes(), id: id.as_bytes() };
        if snapshot.resource(key, |_| ())?.is_none() {
            let near = near_resources(snapshot, kind, id)?;
            return Ok(Some(("resource", format!("{kind}/{id}"), near)));
        }
    }
    if let Some(person) = &filter.principal
        && snapshot.resource(person.key(), |_| ())?.is_none()
    {
        return Ok(Some(("resource", person.name(), Vec::new())));
    }
    if let Some(id) = &filter.entitlement
        && snapshot.entitlement(id.as_bytes(), |_| ())?.is_none()
    {
        return Ok(Some(("entitlement", id.clone(), near_entitlements(snapshot, id)?)));
    }
    Ok(None)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn near_types(snapshot: Snapshot<'_>, wanted: &str) -> Result<Vec<String>, CommandError> {
    let mut names = Near::of(wanted);
    let mut scan = snapshot.resource_types()?;
    let mut rows = scan.rows()?;
    while rows.next(|kind| names.add(text(kind.id)))?.is_some() {}
    Ok(names.finish())
}

fn near_resources(snapshot: Snapshot<'_>, kind: &str, wanted: &str) -> Result<Vec<String>, CommandError> {
    let mut names = Near::of(wanted);
    let mut scan = snapshot.resources(&ResourceFilter { kind: Some(kind), ..Default::default() })?;
    let mut rows = scan.rows()?;
    while rows.next(|resource| names.add(text(resource.key.id)))?.is_some() {}
    Ok(names.finish())
}

fn near_entitlements(snapshot: Snapshot<'_>, wanted: &str) -> Result<Vec<String>, CommandError> {
    let mut names = Near::of(wanted);
    let mut scan = snapshot.entitlements(&EntitlementFilter::default())?;
    let mut rows = scan.rows()?;
    while rows.next(|entitlement| names.add(text(entitlement.id)))?.is_some() {}
    Ok(names.finish())
}
