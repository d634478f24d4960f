//! Grants that expand: what they name, and circles of groups.

use prost::Message as _;

use super::annotations::GrantMarks;
use super::components::{circles, sorted};
use super::notes::{Notes, Tally, record, text};
use super::references::Joined;
use super::rules::Code;
use super::state::State;
use super::{Record, RecordKind};
use crate::model::v2;
use crate::store::Grant;

/// Records of a circle that are named.
const NAMED: usize = 20;

const ALL: [Code; 7] = [
    Code::ExpansionMalformed,
    Code::ExpansionEmpty,
    Code::ExpansionSourceMissing,
    Code::ExpansionSourceForeign,
    Code::ExpansionSelf,
    Code::ExpansionTypeMissing,
    Code::ExpansionCycle,
];

/// Which entitlement hands its holders to which.
#[derive(Debug, Default)]
pub(super) struct Expansions {
    /// The numbers of the ids of source and destination.
    edges: Vec<(u32, u32)>,
}

/// A grant that expands.
struct Expandable<'g> {
    grant: &'g Grant<'g>,
    joined: Joined,
}

impl Expansions {
    pub(super) fn grant(&mut self, state: &mut State, grant: &Grant<'_>, joined: Joined, marks: GrantMarks) {
        if grant.expansion.is_empty() || !state.notes.wants_any(&ALL) {
            return;
        }
        let this = Expandable { grant, joined };
        let Ok(expandable) = v2::GrantExpandable::decode(grant.expansion) else {
            this.add(&mut state.notes, Code::ExpansionMalformed, None, "expands by what does not parse");
            return;
        };
        let sources = expandable.entitlement_ids.iter().filter(|id| !id.trim().is_empty());
        let (mut count, mut foreign) = (0, None);
        for id in sources {
            count += 1;
            // A principal that is still to be found has its entitlements elsewhere.
            if !marks.matches_elsewhere {
                let is_offered = self.source(state, &this, id);
                foreign = foreign.or((!is_offered).then_some(id));
            }
        }
        if let Some(id) = foreign {
            let principal = text(&grant.principal.to_name());
            let source = record(RecordKind::Entitlement, id.as_bytes());
            let says = format!("expands by {id}, which its principal {principal} does not offer");
            this.add(&mut state.notes, Code::ExpansionSourceForeign, Some(source), &says);
        }
        if count == 0 {
            this.add(&mut state.notes, Code::ExpansionEmpty, None, "expands by no entitlement");
        }
        for kind in &expandable.resource_type_ids {
            let number = state.known.kind(kind.as_bytes());
            if state.scope.closed && !state.known.has_kind(number) {
                let named = || record(RecordKind::Grant, grant.id);
                state.notes.count(Code::ExpansionTypeMissing, number, grant.place, named);
            }
        }
    }

    /// An entitlement whose holders are to receive what the grant gives; false when others than the principal offer it.
    fn source(&mut self, state: &mut State, this: &Expandable<'_>, id: &str) -> bool {
        let State { scope, notes, known } = state;
        let source = known.name(id.as_bytes());
        if !known.has_name(source) {
            if scope.closed {
                let named = || record(RecordKind::Grant, this.grant.id);
                notes.count(Code::ExpansionSourceMissing, source, this.grant.place, named);
            }
            return true;
        }
        let offer = known.find_offer(source, this.joined.principal);
        if offer.and_then(|offer| known.offers.get(offer as usize)).is_none_or(|offer| !offer.is_held()) {
            return false;
        }
        if source == this.joined.name {
            this.add(notes, Code::ExpansionSelf, None, "expands by the entitlement that it grants");
        } else if notes.wants(Code::ExpansionCycle) {
            self.edges.push((source, this.joined.name));
        }
        true
    }

    pub(super) fn conclude(&mut self, state: &mut State) {
        let State { notes, known, .. } = state;
        notes.conclude(
            Code::ExpansionSourceMissing,
            |name, _| Some(known.name_record(name)),
            |_, entitlement, tally| {
                let who = tally.who("expands by", "expand by");
                format!("{who} entitlement {}, which is not in the sync", entitlement.id)
            },
        );
        notes.conclude(
            Code::ExpansionTypeMissing,
            |kind, _: &Tally| Some(known.kind_record(kind)),
            |_, kind, tally| {
                let who = tally.who("expands for", "expand for");
                format!("{who} principals of type {}, which is not in the sync", kind.id)
            },
        );
        let circles = circles(&mut self.edges);
        for circle in sorted(&circles, |name| known.name_record(name)) {
            tell_circle(notes, circle);
        }
    }
}

impl Expandable<'_> {
    fn add(&self, notes: &mut Notes, code: Code, other: Option<Record>, says: &str) {
        if notes.wants(code) {
            let mut records = vec![record(RecordKind::Grant, self.grant.id)];
            records.extend(other);
            let message = format!("grant {} {says}", text(self.grant.id));
            notes.add(code, &records, &message, Some(self.grant.place));
        }
    }
}

fn tell_circle(notes: &mut Notes, mut records: Vec<Record>) {
    let all = records.len();
    records.truncate(NAMED);
    let named: Vec<_> = records.iter().take(3).map(|record| record.id.as_str()).collect();
    let more = if all > named.len() { " and others" } else { "" };
    let message = format!("{all} entitlements expand in a circle: {}{more}", named.join(", "));
    notes.add(Code::ExpansionCycle, &records, &message, None);
}
