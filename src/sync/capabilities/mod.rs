//! What a connector can do, which follows from the traits that it implements.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use prost::{Message as _, Name as _};

use super::build::annotations;
use super::contract::{Connector, ResourceSyncer};
use super::error::{Answer, Code, ConnectorError};
use super::provision::CredentialChoices;
use super::registry::Registry;
use crate::model::v2::{self, Capability, CapabilityDetailCredentialOption as CredentialOption};
use crate::model::{descriptor, protojson};

/// What the connector can do, as a whole and with each resource type. Types stand by their ids.
///
/// The choices of credentials are those of the first type, by id, that has any: a connector tells them once.
///
/// # Errors
/// [`Code::InvalidArgument`] when a syncer prefers credentials that it does not support;
/// [`Code::Internal`] when the permissions of a type do not parse.
pub fn capabilities(registry: &Registry<'_>, connector: &dyn Connector) -> Answer<v2::ConnectorCapabilities> {
    let mut syncers: Vec<_> = registry.syncers().collect();
    syncers.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));

    let mut all = BTreeSet::new();
    let mut types = Vec::new();
    let mut details = v2::CredentialDetails::default();
    for (kind, syncer) in &syncers {
        let own = of_type(*syncer);
        all.extend(own.iter().copied().map(i32::from));
        all.extend(beyond_type(*syncer).map(i32::from));
        types.push(describe(kind, own)?);
        add_credentials(&mut details, kind, *syncer)?;
    }
    if connector.actions().is_some() {
        all.insert(Capability::Actions.into());
    }
    if !connector.event_feeds().is_empty() {
        all.insert(Capability::EventFeedV2.into());
    }
    Ok(v2::ConnectorCapabilities {
        resource_type_capabilities: types,
        connector_capabilities: all.into_iter().collect(),
        credential_details: Some(details),
    })
}

/// What a syncer can do with its type, in the order in which the reference finds out.
fn of_type(syncer: &dyn ResourceSyncer) -> Vec<Capability> {
    let mut found = vec![Capability::Sync];
    let mut add = |has: bool, capabilities: &[Capability]| {
        if has {
            found.extend_from_slice(capabilities);
        }
    };
    let manager = syncer.manager().is_some();
    add(syncer.targeted().is_some(), &[Capability::TargetedSync]);
    add(syncer.provisioner().is_some(), &[Capability::Provision]);
    add(syncer.account_manager().is_some(), &[Capability::AccountProvisioning]);
    add(manager, &[Capability::ResourceDelete, Capability::ResourceCreate]);
    add(!manager && syncer.deleter().is_some(), &[Capability::ResourceDelete]);
    add(syncer.rotator().is_some(), &[Capability::CredentialRotation]);
    found
}

/// What a syncer lets the connector as a whole do.
fn beyond_type(syncer: &dyn ResourceSyncer) -> impl Iterator<Item = Capability> {
    let targeted = syncer.targeted().map(|_| Capability::ServiceModeTargetedSync);
    let actions = syncer.actions().map(|_| Capability::Actions);
    targeted.into_iter().chain(actions)
}

fn describe(kind: &v2::ResourceType, own: Vec<Capability>) -> Answer<v2::ResourceTypeCapability> {
    let marks = &*kind.annotations;
    let permissions = annotations::pick::<v2::CapabilityPermissions>(marks).transpose().map_err(|error| {
        let words = format!("the permissions of the resource type {:?} do not parse", kind.id);
        ConnectorError::new(Code::Internal, words).because(error)
    })?;
    Ok(v2::ResourceTypeCapability {
        resource_type: Some(kind.clone()),
        capabilities: own.into_iter().map(i32::from).collect(),
        permissions: Some(permissions.unwrap_or_default()),
        opt_in_required: annotations::has::<v2::OptInRequired>(marks),
        skip_sync_anomaly_detection: annotations::has::<v2::SkipSyncAnomalyDetection>(marks),
        credential_issue: None,
        deprecated: annotations::has::<v2::Deprecated>(marks),
    })
}

/// Checks the choices of every type, and keeps the first.
fn add_credentials(
    details: &mut v2::CredentialDetails,
    kind: &v2::ResourceType,
    syncer: &dyn ResourceSyncer,
) -> Answer<()> {
    if let Some(manager) = syncer.account_manager() {
        let (supported, preferred) = checked(&manager.credential_choices(), kind, "new accounts")?;
        details.capability_account_provisioning.get_or_insert(v2::CredentialDetailsAccountProvisioning {
            supported_credential_options: supported,
            preferred_credential_option: preferred,
        });
    }
    if let Some(rotator) = syncer.rotator() {
        let (supported, preferred) = checked(&rotator.credential_choices(), kind, "rotation")?;
        details.capability_credential_rotation.get_or_insert(v2::CredentialDetailsCredentialRotation {
            supported_credential_options: supported,
            preferred_credential_option: preferred,
        });
    }
    Ok(())
}

fn checked(choices: &CredentialChoices, kind: &v2::ResourceType, purpose: &str) -> Answer<(Vec<i32>, i32)> {
    let problem = if choices.preferred == CredentialOption::Unspecified {
        "no preferred credentials"
    } else if !choices.supported.contains(&choices.preferred) {
        "preferred credentials that are not among the supported ones"
    } else {
        let supported = choices.supported.iter().copied().map(i32::from).collect();
        return Ok((supported, choices.preferred.into()));
    };
    let words = format!("the resource type {:?} has {problem} for {purpose}", kind.id);
    Err(ConnectorError::new(Code::InvalidArgument, words))
}

/// The text of a `baton_capabilities.json`: protojson of an `Any`, indented by two spaces, without a final newline.
#[must_use]
pub fn capabilities_json(capabilities: &v2::ConnectorCapabilities) -> String {
    let any = annotations::any(capabilities).encode_to_vec();
    let mut compact = Vec::new();
    if let Some(message) = descriptor::find(prost_types::Any::full_name().as_bytes()) {
        // Fails only for bytes that are no message, and these are one.
        let _ = protojson::Writer::new().message(&mut compact, message, &any);
    }
    protojson::indent(&String::from_utf8_lossy(&compact))
}
