//! Exclusion groups: entitlements of which a principal can hold one at a time.

use prost::Message as _;

use super::annotations::each;
use super::interner::Interner;
use super::known::Known;
use super::notes::{record, text};
use super::rules::Code;
use super::state::State;
use super::{Record, RecordKind};
use crate::model::v2;
use crate::store::Entitlement;

/// The most entitlements that exclude each other.
const LARGEST: u32 = 50;

/// All exclusion groups.
#[derive(Debug, Default)]
pub(super) struct Exclusions {
    ids: Interner,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    /// The type of its resources.
    kind: u32,
    size: u32,
    default: Option<Record>,
}

impl Exclusions {
    /// Adds an entitlement of a resource of type `kind` to its group.
    pub(super) fn entitlement(&mut self, state: &mut State, entitlement: &Entitlement<'_>, kind: u32) {
        let State { notes, known, .. } = state;
        if !notes.wants(Code::ExclusionGroup) {
            return;
        }
        let mut found = Vec::new();
        // What does not parse as a whole was told already.
        let _ = each(entitlement.message, 6, |name, payload| {
            if name == b"EntitlementExclusionGroup" {
                found.push(payload);
            }
        });
        let (says, other) = match found[..] {
            [] => return,
            [payload] => match v2::EntitlementExclusionGroup::decode(payload) {
                Ok(annotation) => self.join(known, entitlement, kind, &annotation),
                Err(_) => ("has an exclusion group that does not parse".to_owned(), None),
            },
            _ => ("is in more than one exclusion group".to_owned(), None),
        };
        if !says.is_empty() {
            let mut records = vec![record(RecordKind::Entitlement, entitlement.id)];
            records.extend(other);
            let message = format!("entitlement {} {says}", text(entitlement.id));
            notes.add(Code::ExclusionGroup, &records, &message, Some(entitlement.place));
        }
    }

    /// Adds an entitlement to its group. What it breaks by that, and another entitlement that it cannot stand with.
    fn join(
        &mut self,
        known: &Known,
        entitlement: &Entitlement<'_>,
        kind: u32,
        annotation: &v2::EntitlementExclusionGroup,
    ) -> (String, Option<Record>) {
        let id = &annotation.exclusion_group_id;
        let (number, new) = self.ids.intern(0, id.as_bytes());
        if new {
            self.groups.push(Group { kind, size: 0, default: None });
        }
        let Some(group) = self.groups.get_mut(number as usize) else { return Default::default() };
        group.size += 1;
        let rival = group.default.clone().filter(|_| annotation.is_default);
        if annotation.is_default && rival.is_none() {
            group.default = Some(record(RecordKind::Entitlement, entitlement.id));
        }
        let says = if group.kind != kind {
            let (one, two) = (text(known.kind_id(group.kind)), text(known.kind_id(kind)));
            format!("is in exclusion group {id}, which spans the resource types {one} and {two}")
        } else if let Some(rival) = &rival {
            format!("is a default of exclusion group {id}, and so is {}", rival.id)
        } else if group.size == LARGEST + 1 {
            format!("is in exclusion group {id}, which has more than {LARGEST} entitlements")
        } else {
            String::new()
        };
        (says, rival)
    }
}
