//! Accounts, groups and what they hold: what makes them useless, or doubtful.

use super::carried::Carried;
use super::known::{Flags, Known, Offer, Thing, thing_record};
use super::notes::{Notes, counted, record, text};
use super::rules::Code;
use super::state::State;
use super::traits::{GROUP, USER};
use super::{Record, RecordKind};
use crate::model::facts::{EntitlementFacts, ResourceFacts, Status};
use crate::store::{Entitlement, Resource};

/// What is said of resources when all grants are known.
pub(super) const AT_LAST: [Code; 4] =
    [Code::DeletedAccountGrant, Code::DisabledAccountGrant, Code::UserUngranted, Code::GroupEmpty];

/// Notes what kind of account or group a resource is, and looks at its addresses.
pub(super) fn resource(
    state: &mut State,
    resource: &Resource<'_>,
    thing: u32,
    facts: &ResourceFacts<'_>,
    carried: &Carried<'_>,
) {
    let State { notes, known, .. } = state;
    let kind = known.kinds.get(known.kind_of(thing) as usize).copied().unwrap_or_default();
    let traits = kind.traits | carried.traits;
    let mut flags = Flags::default();
    if traits & USER != 0 {
        flags.set(Flags::USER);
        addresses(notes, resource, facts, carried);
    }
    if traits & GROUP != 0 {
        flags.set(Flags::GROUP);
    }
    match facts.status {
        Some(Status::Disabled) => flags.set(Flags::DISABLED),
        Some(Status::Deleted) => flags.set(Flags::DELETED),
        Some(Status::Enabled) | None => {}
    }
    if carried.no_grants || kind.flags.has(Flags::NO_GRANTS) {
        flags.set(Flags::NO_GRANTS);
    }
    if carried.foreign {
        flags.set(Flags::FOREIGN);
    }
    known.flag_thing(thing, flags);
}

/// A user whom nobody can recognize, and addresses that are none.
fn addresses(notes: &mut Notes, resource: &Resource<'_>, facts: &ResourceFacts<'_>, carried: &Carried<'_>) {
    let machine = matches!(facts.account_type, "service" | "system");
    // Without a trait, or with a broken one, there is nowhere to look.
    let told = carried.traits & USER != 0 && carried.malformed & USER == 0;
    if told && facts.email.is_empty() && facts.login.is_empty() && !machine {
        let record = thing_record(resource.key);
        let message = format!("{} has neither an e-mail address nor a login", named(&record, facts.name));
        notes.add(Code::UserAnonymous, &[record], &message, Some(resource.place));
    }
    if notes.wants(Code::EmailMalformed)
        && let Some(address) = facts.emails().find(|address| !is_address(address))
    {
        let record = thing_record(resource.key);
        let message = format!("{:?}, an e-mail address of {}, is none", text(address), record.id);
        notes.add(Code::EmailMalformed, &[record], &message, Some(resource.place));
    }
}

/// Whether a text has something before and after an `@`, and no blanks.
fn is_address(text: &[u8]) -> bool {
    let at = text.iter().rposition(|byte| *byte == b'@');
    at.is_some_and(|at| at > 0 && at + 1 < text.len())
        && !text.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
}

/// `user/u1 (Ada)`.
fn named(record: &Record, name: &[u8]) -> String {
    match name {
        [] => record.id.clone(),
        name => format!("{} ({})", record.id, text(name)),
    }
}

/// Notes whether an entitlement makes its holder a member of the resource.
pub(super) fn entitlement(known: &mut Known, offer: u32, resource: u32, facts: &EntitlementFacts<'_>) {
    let is_membership = facts.purpose == "assignment" || matches!(facts.slug, b"member" | b"members");
    if is_membership && let Some(offer) = known.offers.get_mut(offer as usize) {
        offer.flags.set(Flags::MEMBERSHIP);
        known.flag_thing(resource, Flags::MEMBERSHIP);
    }
}

/// Notes who holds what.
pub(super) fn grant(known: &mut Known, offer: u32, principal: u32) {
    if let Some(Offer { flags, resource, .. }) = known.offers.get_mut(offer as usize) {
        flags.set(Flags::TAKEN);
        if flags.has(Flags::MEMBERSHIP) {
            let group = *resource;
            known.flag_thing(group, Flags::TAKEN);
        }
    }
    if let Some(thing) = known.things.get_mut(principal as usize) {
        thing.grants = thing.grants.saturating_add(1);
    }
}

/// What is to be said of a resource when all grants are known.
fn verdict(thing: &Thing) -> Option<Code> {
    let Thing { flags, grants, .. } = *thing;
    let idle = flags.has(Flags::DISABLED) || flags.has(Flags::DELETED);
    if !flags.has(Flags::HELD) {
        return None;
    }
    if flags.has(Flags::USER) {
        return match grants {
            0 if idle || flags.has(Flags::FOREIGN) => None,
            0 => Some(Code::UserUngranted),
            _ if flags.has(Flags::DELETED) => Some(Code::DeletedAccountGrant),
            _ if flags.has(Flags::DISABLED) => Some(Code::DisabledAccountGrant),
            _ => None,
        };
    }
    is_empty_group(flags).then_some(Code::GroupEmpty)
}

fn is_empty_group(flags: Flags) -> bool {
    flags.has(Flags::GROUP)
        && flags.has(Flags::MEMBERSHIP)
        && !flags.has(Flags::TAKEN)
        && !flags.has(Flags::NO_GRANTS)
        && !flags.has(Flags::FOREIGN)
        && !flags.has(Flags::DELETED)
}

/// Whether any resource has to be looked at again.
pub(super) fn needs_resources(state: &State) -> bool {
    let wanted = |thing: &Thing| verdict(thing).is_some_and(|code| state.notes.wants(code));
    let State { scope, notes, known } = state;
    scope.access && notes.wants_any(&AT_LAST) && known.has_grants() && known.things.iter().any(wanted)
}

/// Looks at a resource again, when all grants are known.
pub(super) fn resource_at_last(state: &mut State, resource: &Resource<'_>) {
    let State { notes, known, .. } = state;
    let thing = known.find_thing(resource.key).and_then(|thing| known.things.get(thing as usize));
    let Some((thing, code)) = thing.and_then(|thing| Some((thing, verdict(thing)?))) else { return };
    if !notes.wants(code) {
        return;
    }
    let record = thing_record(resource.key);
    let name = ResourceFacts::read(resource.message).map(|facts| facts.name).unwrap_or_default();
    let (name, grants) = (named(&record, name), counted(u64::from(thing.grants), "grant"));
    let message = match code {
        Code::DeletedAccountGrant => format!("{name} is deleted and holds {grants}"),
        Code::DisabledAccountGrant => format!("{name} is disabled and holds {grants}"),
        Code::UserUngranted => format!("{name} holds no grant"),
        _ => format!("{name} has no members"),
    };
    notes.add(code, &[record], &message, Some(resource.place));
}

/// Whether nobody holds an entitlement, although its resource has grants to list, and is no empty group.
fn is_unheld(known: &Known, offer: &Offer) -> bool {
    let of = known.flags_of(offer.resource);
    let quiet = of.has(Flags::NO_GRANTS) || of.has(Flags::FOREIGN);
    let told = is_empty_group(of) && offer.flags.has(Flags::MEMBERSHIP);
    offer.is_held() && !offer.flags.has(Flags::TAKEN) && !quiet && !told
}

/// Whether any entitlement has to be looked at again.
pub(super) fn needs_entitlements(state: &State) -> bool {
    let State { scope, notes, known } = state;
    scope.access
        && notes.wants(Code::EntitlementUnheld)
        && known.has_grants()
        && known.offers.iter().any(|offer| is_unheld(known, offer))
}

/// Looks at an entitlement again, when all grants are known.
pub(super) fn entitlement_at_last(state: &mut State, entitlement: &Entitlement<'_>) {
    let State { notes, known, .. } = state;
    let name = known.find_name(entitlement.id);
    let offer = name.zip(known.find_thing(entitlement.resource));
    let offer = offer.and_then(|(name, resource)| known.find_offer(name, resource));
    if offer.and_then(|offer| known.offers.get(offer as usize)).is_some_and(|offer| is_unheld(known, offer)) {
        let record = record(RecordKind::Entitlement, entitlement.id);
        let message = format!("nobody holds entitlement {}", record.id);
        notes.add(Code::EntitlementUnheld, &[record], &message, Some(entitlement.place));
    }
}
