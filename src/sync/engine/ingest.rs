//! What the engine lets in. Each kind of record has one verdict, by the first rule that fits it.

use std::collections::BTreeSet;

use prost_types::Any;

use crate::model::v2;
use crate::model::v2::resource_type::Trait;
use crate::sync::build::annotations;

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is stored, even where it names a resource that the sync does not hold.
    Keep,
    /// It lacks what would identify it: skipped and counted.
    Invalid,
    /// It belongs to a resource type that is not synced: dropped and counted.
    Unscheduled,
    /// It cannot be true, and the sync stops: a bug of the connector.
    Fail(&'static str),
}

/// The resource types that the sync collects.
pub(super) type Scheduled = BTreeSet<String>;

/// A resource. `kind` is its type, where the sync has it.
pub(super) fn resource(resource: &v2::Resource, kind: Option<&v2::ResourceType>) -> Verdict {
    if annotations::has::<v2::BatonId>(&resource.annotations) {
        return Verdict::Fail("it has a BatonID, which only resources of other connectors have");
    }
    let Some(id) = &resource.id else { return Verdict::Invalid };
    if id.resource_type.is_empty() || id.resource.is_empty() {
        return Verdict::Invalid;
    }
    match kind.and_then(|kind| missing_trait(kind, &resource.annotations)) {
        Some(words) => Verdict::Fail(words),
        None => Verdict::Keep,
    }
}

/// What a resource of a type with this trait must say of itself.
fn missing_trait(kind: &v2::ResourceType, list: &[Any]) -> Option<&'static str> {
    kind.traits().find_map(|one| match one {
        Trait::User if !annotations::has::<v2::UserTrait>(list) => {
            Some("its type has the trait user, and it has no UserTrait")
        }
        Trait::Group if !annotations::has::<v2::GroupTrait>(list) => {
            Some("its type has the trait group, and it has no GroupTrait")
        }
        Trait::Role if !annotations::has::<v2::RoleTrait>(list) => {
            Some("its type has the trait role, and it has no RoleTrait")
        }
        Trait::App if !annotations::has::<v2::AppTrait>(list) => {
            Some("its type has the trait app, and it has no AppTrait")
        }
        Trait::Secret if !annotations::has::<v2::SecretTrait>(list) => {
            Some("its type has the trait secret, and it has no SecretTrait")
        }
        _ => None,
    })
}

/// An entitlement; `None` for `scheduled` lets every type in.
pub(super) fn entitlement(entitlement: &v2::Entitlement, scheduled: Option<&Scheduled>) -> Verdict {
    let groups = entitlement.annotations.iter();
    if groups.filter(|one| annotations::is::<v2::EntitlementExclusionGroup>(one)).count() > 1 {
        return Verdict::Fail("it has more than one exclusion group");
    }
    let Some(id) = entitlement.resource.as_ref().and_then(|resource| resource.id.as_ref()) else {
        return Verdict::Invalid;
    };
    if entitlement.id.is_empty() || id.resource_type.is_empty() || id.resource.is_empty() {
        return Verdict::Invalid;
    }
    if is_unscheduled(id, scheduled) { Verdict::Unscheduled } else { Verdict::Keep }
}

/// A grant; `None` for `scheduled` lets every type in.
pub(super) fn grant(grant: &v2::Grant, scheduled: Option<&Scheduled>) -> Verdict {
    let Some(entitlement) = &grant.entitlement else { return Verdict::Fail("it has no entitlement") };
    let Some(resource) = entitlement.resource.as_ref().and_then(|resource| resource.id.as_ref()) else {
        return Verdict::Fail("its entitlement has no resource");
    };
    let Some(principal) = grant.principal.as_ref().and_then(|principal| principal.id.as_ref()) else {
        return Verdict::Fail("it has no principal");
    };
    let matched_later = is_matched_later(&grant.annotations);
    if is_unscheduled(resource, scheduled) || (is_unscheduled(principal, scheduled) && !matched_later) {
        return Verdict::Unscheduled;
    }
    let parts = [
        (&grant.id, "it has no id"),
        (&entitlement.id, "its entitlement has no id"),
        (&resource.resource_type, "the resource of its entitlement has no type"),
        (&resource.resource, "the resource of its entitlement has no id"),
        (&principal.resource_type, "its principal has no type"),
        (&principal.resource, "its principal has no id"),
    ];
    let empty = parts.into_iter().find(|(part, _)| part.is_empty());
    empty.map_or(Verdict::Keep, |(_, words)| Verdict::Fail(words))
}

/// A type that is not named at all is a bug, not a choice.
fn is_unscheduled(id: &v2::ResourceId, scheduled: Option<&Scheduled>) -> bool {
    let known = scheduled.is_none_or(|types| types.contains(&id.resource_type));
    !known && !id.resource_type.is_empty()
}

/// Whether the principal of a grant is to be found in another connector's file.
pub(super) fn is_matched_later(list: &[Any]) -> bool {
    annotations::has::<v2::ExternalResourceMatch>(list)
        || annotations::has::<v2::ExternalResourceMatchAll>(list)
        || annotations::has::<v2::ExternalResourceMatchId>(list)
}

/// What became of the expansion of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expansion {
    /// There is none, or one that names nothing.
    None,
    /// It is as it was.
    Kept,
    /// So many types that are not synced were taken out of it.
    Narrowed(u64),
    /// None of its types is synced. An empty list would mean all types, so it went altogether.
    Dropped,
}

/// Takes types that are not synced out of what a grant expands to.
///
/// # Errors
/// When the annotation does not parse.
pub(super) fn narrow_expansion(
    list: &mut Vec<Any>,
    scheduled: Option<&Scheduled>,
) -> Result<Expansion, prost::DecodeError> {
    let Some(mut expandable) = annotations::pick::<v2::GrantExpandable>(list).transpose()? else {
        return Ok(Expansion::None);
    };
    if expandable.entitlement_ids.iter().all(|id| id.trim().is_empty()) {
        return Ok(Expansion::None);
    }
    let before = expandable.resource_type_ids.len();
    if let Some(scheduled) = scheduled {
        expandable.resource_type_ids.retain(|kind| scheduled.contains(kind));
    }
    let after = expandable.resource_type_ids.len();
    if after == before {
        return Ok(Expansion::Kept);
    }
    if after == 0 {
        annotations::remove::<v2::GrantExpandable>(list);
        return Ok(Expansion::Dropped);
    }
    annotations::update(list, &expandable);
    Ok(Expansion::Narrowed((before - after) as u64))
}
