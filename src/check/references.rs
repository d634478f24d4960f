//! References that lead nowhere.
//!
//! What is missing makes one finding, however many records name it. When its type is not in the sync either, nobody asked
//! for it, and that is told apart from what a connector left out, as the reference engine does. A grant can say that its
//! principal is still to be found elsewhere, or that its entitlement came along and is not listed.

use super::annotations::GrantMarks;
use super::known::{Known, Offer, thing_record};
use super::notes::{Notes, Tally, record, text};
use super::rules::Code;
use super::state::State;
use super::{Record, RecordKind};
use crate::model::keys::ResourceKey;
use crate::store::{Entitlement, Grant, Place, Resource};

/// A rule for what is missing although its type is there, and one for when that is not.
type Pair = (Code, Code);

const PARENT: Pair = (Code::ParentMissing, Code::ParentTypeUnsynced);
const OFFERED_BY: Pair = (Code::EntitlementResourceMissing, Code::EntitlementResourceTypeUnsynced);
const GRANTED_ON: Pair = (Code::GrantResourceMissing, Code::GrantResourceTypeUnsynced);
const GRANTED: Pair = (Code::GrantEntitlementMissing, Code::GrantEntitlementTypeUnsynced);
const GRANTED_TO: Pair = (Code::GrantPrincipalMissing, Code::GrantPrincipalTypeUnsynced);

fn of(pair: Pair, known: &Known, kind: u32) -> Code {
    if known.has_kind(kind) { pair.0 } else { pair.1 }
}

fn is_empty(key: ResourceKey<'_>) -> bool {
    key.kind.is_empty() || key.id.is_empty()
}

/// What a record names without saying which. At most one finding for a record.
fn without_id(notes: &mut Notes, record: impl Fn() -> Record, what: &[(&str, bool)], place: Place<'_>) {
    if !what.iter().any(|(_, is_empty)| *is_empty) || !notes.wants(Code::ReferenceEmpty) {
        return;
    }
    let record = record();
    let what: Vec<_> = what.iter().filter(|(_, is_empty)| *is_empty).map(|(what, _)| *what).collect();
    let (kind, id, what) = (record.kind.name(), &record.id, what.join(" and "));
    let message = format!("{kind} {id} names {what} without saying which");
    notes.add(Code::ReferenceEmpty, &[record], &message, Some(place));
}

/// A resource, its number, and its parent's. The parent may be still to come.
pub(super) fn resource(state: &mut State, resource: &Resource<'_>, thing: u32, parent: Option<u32>) {
    let State { scope, notes, known } = state;
    let named = || thing_record(resource.key);
    let kind = known.kind_of(thing);
    if scope.closed && !known.has_kind(kind) {
        notes.count(Code::ResourceTypeMissing, kind, resource.place, named);
    }
    let (Some(parent), Some(key)) = (parent, resource.parent) else { return };
    without_id(notes, named, &[("a parent", is_empty(key))], resource.place);
    if !is_empty(key) && scope.closed && !known.has_thing(parent) {
        notes.count(of(PARENT, known, known.kind_of(parent)), parent, resource.place, named);
    }
}

/// An entitlement and the number of its resource.
pub(super) fn entitlement(state: &mut State, entitlement: &Entitlement<'_>, resource: u32) {
    let State { scope, notes, known } = state;
    let named = || record(RecordKind::Entitlement, entitlement.id);
    let empty = is_empty(entitlement.resource);
    without_id(notes, named, &[("a resource", empty)], entitlement.place);
    if !empty && scope.closed && !known.has_thing(resource) {
        notes.count(of(OFFERED_BY, known, known.kind_of(resource)), resource, entitlement.place, named);
    }
}

/// The numbers of what a grant joins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined {
    pub(super) name: u32,
    pub(super) resource: u32,
    pub(super) offer: u32,
    pub(super) principal: u32,
}

pub(super) fn grant(state: &mut State, grant: &Grant<'_>, joined: Joined, marks: GrantMarks) {
    let State { scope, notes, known } = state;
    let named = || record(RecordKind::Grant, grant.id);
    let Joined { name, resource, offer, principal } = joined;
    let kind = known.kind_of(resource);
    let (no_resource, no_principal) = (is_empty(grant.resource), is_empty(grant.principal));
    let no_entitlement = grant.entitlement.is_empty();
    let what =
        [("a resource", no_resource), ("an entitlement", no_entitlement), ("a principal", no_principal)];
    without_id(notes, named, &what, grant.place);
    if !no_resource && scope.closed && !known.has_thing(resource) {
        notes.count(of(GRANTED_ON, known, kind), resource, grant.place, named);
    }
    if known.has_name(name) {
        let is_offered = known.offers.get(offer as usize).is_some_and(Offer::is_held);
        if !is_offered && !no_resource && !no_entitlement {
            notes.count(Code::GrantResourceDiffers, offer, grant.place, named);
        }
    } else if !no_entitlement && scope.closed && !marks.brings_resources {
        notes.count(of(GRANTED, known, kind), name, grant.place, named);
    }
    if !no_principal && scope.closed && !known.has_thing(principal) && !marks.matches_elsewhere {
        notes.count(of(GRANTED_TO, known, known.kind_of(principal)), principal, grant.place, named);
    }
}

/// Says what is missing.
pub(super) fn conclude(state: &mut State) {
    let State { notes, known, .. } = state;
    notes.conclude(
        Code::ResourceTypeMissing,
        |kind, _| Some(known.kind_record(kind)),
        |_, kind, tally| format!("{} of type {}, which is not in the sync", tally.who("is", "are"), kind.id),
    );
    for (pair, to) in [
        (PARENT, "lies below"),
        (OFFERED_BY, "is offered by"),
        (GRANTED_ON, "is of resource"),
        (GRANTED_TO, "is held by"),
    ] {
        for code in [pair.0, pair.1] {
            let about = |thing: u32, _: &Tally| {
                // A parent may have come after its children.
                (!known.has_thing(thing)).then(|| known.thing_record(thing))
            };
            notes.conclude(code, about, |thing, resource, tally| {
                let who = tally.who(to, &plural(to));
                format!(
                    "{who} {}, which is not in the sync{}",
                    resource.id,
                    its_type(known, code == pair.1, thing)
                )
            });
        }
    }
    for code in [GRANTED.0, GRANTED.1] {
        let about = |name: u32, _: &Tally| Some(known.name_record(name));
        notes.conclude(code, about, |_, entitlement, tally| {
            let also = if code == GRANTED.1 { "; neither is the type of its resource" } else { "" };
            let who = tally.who("is of", "are of");
            format!("{who} entitlement {}, which is not in the sync{also}", entitlement.id)
        });
    }
    differing(notes, known);
    types(notes, known);
}

/// Types that are named in passing.
fn types(notes: &mut Notes, known: &Known) {
    let about = |kind: u32, _: &Tally| Some(known.kind_record(kind));
    notes.conclude(Code::ChildTypeMissing, about, |_, kind, tally| {
        let who = tally.who("announces", "announce");
        format!("{who} children of type {}, which is not in the sync", kind.id)
    });
    notes.conclude(Code::GrantableTypeMissing, about, |_, kind, tally| {
        let who = tally.who("is", "are");
        format!("{who} for principals of type {}, which is not in the sync", kind.id)
    });
}

/// `lies below` becomes `lie below`, `is of` becomes `are of`.
fn plural(words: &str) -> String {
    match words.strip_prefix("is ") {
        Some(rest) => format!("are {rest}"),
        None => words.replacen("lies", "lie", 1),
    }
}

fn its_type(known: &Known, is_missing: bool, thing: u32) -> String {
    match is_missing {
        true => format!("; neither is its type {}", text(known.kind_id(known.kind_of(thing)))),
        false => String::new(),
    }
}

fn differing(notes: &mut Notes, known: &Known) {
    let offer = |offer: u32| known.offers.get(offer as usize).copied();
    let about = |number: u32, _: &Tally| Some(known.name_record(offer(number)?.name));
    notes.conclude(Code::GrantResourceDiffers, about, |number, entitlement, tally| {
        let named = offer(number).map(|offer| known.thing_record(offer.resource).id).unwrap_or_default();
        let first = offer(number).and_then(|of| known.names.get(of.name as usize)).map(|name| name.first);
        let real =
            first.and_then(offer).map(|offer| known.thing_record(offer.resource).id).unwrap_or_default();
        let who = tally.who("says", "say");
        format!("{who} that entitlement {} is of resource {named}, but it is of {real}", entitlement.id)
    });
}
