//! How ids are spelled: apart by more than their case, and in the form that builders give them.

use super::interner::Interner;
use super::notes::{Notes, Tally, record};
use super::rules::Code;
use super::state::State;
use super::{Record, RecordKind};
use crate::model::keys::ResourceKey;
use crate::store::{Entitlement, Grant, Place};

/// Ids without their case, and who came first with each.
#[derive(Debug, Default)]
pub(super) struct Cases {
    folded: Interner,
    first: Vec<u32>,
    text: Vec<u8>,
}

impl Cases {
    /// Looks at an id of `owner`. `number` is that of its record, and `other` gives the record of one that came before.
    pub(super) fn look(
        &mut self,
        notes: &mut Notes,
        (owner, id): (u32, &[u8]),
        number: u32,
        records: impl Fn(u32) -> Record,
        place: Place<'_>,
    ) {
        if !notes.wants(Code::IdCase) {
            return;
        }
        fold(id, &mut self.text);
        let (folded, new) = self.folded.intern(owner, &self.text);
        if new {
            self.first.push(number);
        }
        let Some(&first) = self.first.get(folded as usize) else { return };
        if first != number {
            let mut both = [records(first), records(number)];
            // About the greater one, whichever came first.
            both.sort_unstable_by(|a, b| b.cmp(a));
            let [greater, less] = &both;
            let message = format!("{} and {} differ only in case", less.id, greater.id);
            notes.add(Code::IdCase, &both, &message, Some(place));
        }
    }
}

/// The id in lower case.
fn fold(id: &[u8], out: &mut Vec<u8>) {
    out.clear();
    match std::str::from_utf8(id) {
        Ok(id) if !id.is_ascii() => out.extend_from_slice(id.to_lowercase().as_bytes()),
        _ => out.extend(id.iter().map(u8::to_ascii_lowercase)),
    }
}

/// What follows the type and the id of its resource in the id of an entitlement; `None` when it does not start so.
pub(super) fn own_part<'a>(id: &'a [u8], resource: ResourceKey<'_>) -> Option<&'a [u8]> {
    let rest = id.strip_prefix(resource.kind)?.strip_prefix(b":")?;
    rest.strip_prefix(resource.id)?.strip_prefix(b":")
}

/// Whether the id of a grant is made of entitlement and principal.
pub(super) fn is_derived(grant: &Grant<'_>) -> bool {
    let rest = grant.id.strip_prefix(grant.entitlement).and_then(|rest| rest.strip_prefix(b":"));
    let rest = rest.and_then(|rest| rest.strip_prefix(grant.principal.kind)?.strip_prefix(b":"));
    rest == Some(grant.principal.id)
}

pub(super) fn entitlement(notes: &mut Notes, kind: u32, entitlement: &Entitlement<'_>) {
    if own_part(entitlement.id, entitlement.resource).is_none() && !entitlement.id.is_empty() {
        let record = || record(RecordKind::Entitlement, entitlement.id);
        notes.count(Code::EntitlementIdForm, kind, entitlement.place, record);
    }
}

pub(super) fn grant(notes: &mut Notes, kind: u32, grant: &Grant<'_>) {
    if !is_derived(grant) && !grant.id.is_empty() {
        notes.count(Code::GrantIdForm, kind, grant.place, || record(RecordKind::Grant, grant.id));
    }
}

/// One finding for each resource type whose entitlements or grants have ids of their own.
pub(super) fn conclude(state: &mut State) {
    let State { notes, known, .. } = state;
    let about = |kind: u32, _: &Tally| Some(known.kind_record(kind));
    notes.conclude(Code::EntitlementIdForm, about, |target, kind, tally| {
        let (all, kind) = (known.counts(target)[1], &kind.id);
        let (count, example) = (tally.count, tally.first());
        format!(
            "{count} of {all} entitlement ids of type {kind} do not begin with {kind}:ID:, such as {example}"
        )
    });
    notes.conclude(Code::GrantIdForm, about, |target, kind, tally| {
        let (all, kind) = (known.counts(target)[2], &kind.id);
        let (count, example) = (tally.count, tally.first());
        format!("{count} of {all} grant ids of type {kind} are not ENTITLEMENT:TYPE:ID, such as {example}")
    });
}
