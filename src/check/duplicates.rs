//! Records that are there twice.

use super::known::{Known, thing_record};
use super::notes::{Tally, record, text};
use super::rules::Code;
use super::state::State;
use super::{Record, RecordKind};
use crate::store::{Entitlement, Resource, ResourceType};

/// A resource type; it is not marked as held yet, unless it came before.
pub(super) fn resource_type(state: &mut State, kind: &ResourceType<'_>, number: u32) {
    if state.known.has_kind(number) {
        let record = || record(RecordKind::ResourceType, kind.id);
        state.notes.count(Code::ResourceTypeDuplicate, number, kind.place, record);
    }
}

/// A resource, likewise.
pub(super) fn resource(state: &mut State, resource: &Resource<'_>, number: u32) {
    if state.known.has_thing(number) {
        let record = || thing_record(resource.key);
        state.notes.count(Code::ResourceDuplicate, number, resource.place, record);
    }
}

/// An entitlement, whose id has the number `name`.
pub(super) fn entitlement(state: &mut State, entitlement: &Entitlement<'_>, name: u32) {
    if state.known.has_name(name) {
        let resource = || thing_record(entitlement.resource);
        state.notes.count(Code::EntitlementDuplicate, name, entitlement.place, resource);
    }
}

/// One finding for each id that several records have.
pub(super) fn conclude(state: &mut State) {
    let State { notes, known, .. } = state;
    let often = |record: &Record, tally: &Tally| {
        format!("{} {} is there {} times", record.kind.name(), record.id, tally.count + 1)
    };
    let kind = |kind: u32, _: &Tally| Some(known.kind_record(kind));
    notes.conclude(Code::ResourceTypeDuplicate, kind, |_, record, tally| often(record, tally));
    let thing = |thing: u32, _: &Tally| Some(known.thing_record(thing));
    notes.conclude(Code::ResourceDuplicate, thing, |_, record, tally| often(record, tally));
    let about = |name: u32, _: &Tally| Some(known.name_record(name));
    notes.conclude(Code::EntitlementDuplicate, about, |name, entitlement, tally| {
        let first = first_resource(known, name);
        let (id, count, other) = (&entitlement.id, tally.count + 1, tally.first());
        match first == other {
            true => format!("{count} entitlements of resource {first} have the id {id}"),
            false => {
                format!("{count} entitlements have the id {id}, among them those of {first} and {other}")
            }
        }
    });
}

fn first_resource(known: &Known, name: u32) -> String {
    let first = known.names.get(name as usize).and_then(|name| known.offers.get(name.first as usize));
    first.map(|offer| text(&known.key_of(offer.resource).to_name())).unwrap_or_default()
}
