//! Who holds what, grant by grant: the same twice, inherited from nowhere, or inherited and direct.
//!
//! A grant is kept as eight bytes, the numbers of its entitlement and its principal. When all are read, the sorted list
//! shows which are there twice, and which sources nobody holds; only then are the grants read again, to name them.

use std::hash::BuildHasher as _;

use hashbrown::DefaultHashBuilder;

use super::annotations::GrantMarks;
use super::interner::Interner;
use super::known::{Known, thing_record};
use super::notes::{Notes, Tally, record, text};
use super::references::Joined;
use super::rules::Code;
use super::state::State;
use super::{Record, RecordKind};
use crate::model::facts::grant_sources;
use crate::store::{Grant, KeptPlace};

/// An entitlement and a principal, by their numbers.
type Pair = u64;

fn pair(offer: u32, principal: u32) -> Pair {
    u64::from(offer) << 32 | u64::from(principal)
}

/// All grants.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    held: Vec<Pair>,
    /// What inherited grants come from.
    needed: Vec<Pair>,
    /// Hashes of the ids of grants.
    ids: Vec<u64>,
    hasher: DefaultHashBuilder,
}

impl Holdings {
    pub(super) fn grant(&mut self, state: &mut State, grant: &Grant<'_>, joined: Joined) {
        let State { scope, notes, known } = state;
        if notes.wants_any(&[Code::GrantTwice, Code::SourceNotHeld]) {
            self.held.push(pair(joined.offer, joined.principal));
        }
        if notes.wants(Code::GrantDuplicate) && !grant.id.is_empty() {
            self.ids.push(self.hasher.hash_one(grant.id));
        }
        if grant.sources.is_empty() {
            return;
        }
        let sources = grant_sources(grant.sources).unwrap_or_default();
        let others = || sources.iter().copied().filter(|id| *id != grant.entitlement);
        for id in others().filter(|_| scope.closed) {
            let name = known.name(id);
            if !known.has_name(name) {
                notes.count(Code::SourceMissing, name, grant.place, || record(RecordKind::Grant, grant.id));
            } else if let Some(pair) = needed(known, name, joined.principal)
                && scope.access
                && notes.wants(Code::SourceNotHeld)
            {
                self.needed.push(pair);
            }
        }
        if sources.contains(&grant.entitlement) && others().next().is_some() {
            redundant(notes, grant, others().map(|id| record(RecordKind::Entitlement, id)));
        }
    }

    /// What is to be looked at again, after the last grant.
    pub(super) fn suspects(self, state: &State) -> Suspects {
        let Self { mut held, mut needed, ids, hasher } = self;
        held.sort_unstable();
        needed.sort_unstable();
        needed.dedup();
        needed.retain(|pair| held.binary_search(pair).is_err());
        let twice = if state.notes.wants(Code::GrantTwice) { repeated(held) } else { Vec::new() };
        Suspects {
            holders: twice.iter().map(|_| Holders::default()).collect(),
            twice,
            not_held: needed,
            ids: repeated(ids),
            hasher,
            numbers: Interner::default(),
        }
    }
}

/// The entitlement that a principal must hold to inherit by an id; `None` when the id has several meanings.
fn needed(known: &Known, name: u32, principal: u32) -> Option<Pair> {
    let name = known.names.get(name as usize).filter(|name| name.offers == 1)?;
    Some(pair(name.first, principal))
}

/// What a sorted list has more than once, each once.
fn repeated(mut list: Vec<u64>) -> Vec<u64> {
    list.sort_unstable();
    let same = list.chunk_by(|a, b| a == b).filter(|same| same.len() > 1);
    same.filter_map(|same| same.first().copied()).collect()
}

fn redundant(notes: &mut Notes, grant: &Grant<'_>, sources: impl Iterator<Item = Record>) {
    if !notes.wants(Code::GrantRedundant) {
        return;
    }
    let mut records = vec![record(RecordKind::Grant, grant.id)];
    records.extend(sources.take(super::notes::EXAMPLES));
    let source = records.get(1).map_or("", |record| &record.id);
    let principal = text(&grant.principal.to_name());
    let message =
        format!("{principal} holds {} directly, and inherits it from {source}", text(grant.entitlement));
    notes.add(Code::GrantRedundant, &records, &message, Some(grant.place));
}

/// Grants that are to be named.
#[derive(Debug)]
pub(super) struct Suspects {
    twice: Vec<Pair>,
    /// The grants of each of these pairs.
    holders: Vec<Holders>,
    not_held: Vec<Pair>,
    /// Hashes of ids that come more than once, or by chance.
    ids: Vec<u64>,
    hasher: DefaultHashBuilder,
    /// Ids with such a hash.
    numbers: Interner,
}

/// The grants of one pair.
#[derive(Debug, Default)]
struct Holders {
    count: u64,
    grants: Vec<Record>,
    /// Where the second one stands.
    place: Option<KeptPlace>,
    says: String,
}

impl Suspects {
    pub(super) fn is_empty(&self) -> bool {
        self.twice.is_empty() && self.not_held.is_empty() && self.ids.is_empty()
    }

    /// Looks at a grant again.
    pub(super) fn grant(&mut self, state: &mut State, grant: &Grant<'_>) {
        let State { notes, known, .. } = state;
        if self.ids.binary_search(&self.hasher.hash_one(grant.id)).is_ok() {
            let (number, _) = self.numbers.intern(0, grant.id);
            notes.count(Code::GrantDuplicate, number, grant.place, || thing_record(grant.principal));
        }
        let Some(principal) = known.find_thing(grant.principal) else { return };
        self.see_holder(known, grant, principal);
        self.see_sources(notes, known, grant, principal);
    }

    fn see_holder(&mut self, known: &Known, grant: &Grant<'_>, principal: u32) {
        if self.twice.is_empty() {
            return;
        }
        let name = known.find_name(grant.entitlement).zip(known.find_thing(grant.resource));
        let offer = name.and_then(|(name, resource)| known.find_offer(name, resource));
        let place = offer.and_then(|offer| self.twice.binary_search(&pair(offer, principal)).ok());
        let Some(holders) = place.and_then(|place| self.holders.get_mut(place)) else { return };
        // Several grants can wait for their principals under one name.
        if GrantMarks::read(grant.message).is_ok_and(|marks| marks.matches_elsewhere) {
            return;
        }
        holders.count += 1;
        if holders.grants.len() < super::notes::EXAMPLES {
            holders.grants.push(record(RecordKind::Grant, grant.id));
        }
        match holders.count {
            1 => {
                let principal = text(&grant.principal.to_name());
                holders.says = format!("{principal} holds {} by", text(grant.entitlement));
            }
            2 => holders.place = Some(grant.place.keep()),
            _ => {}
        }
    }

    fn see_sources(&self, notes: &mut Notes, known: &Known, grant: &Grant<'_>, principal: u32) {
        if self.not_held.is_empty() || grant.sources.is_empty() {
            return;
        }
        let missing = |id: &&[u8]| {
            let pair = known.find_name(id).and_then(|name| needed(known, name, principal));
            *id != grant.entitlement && pair.is_some_and(|pair| self.not_held.binary_search(&pair).is_ok())
        };
        let sources = grant_sources(grant.sources).unwrap_or_default();
        let mut missing =
            sources.iter().copied().filter(missing).map(|id| record(RecordKind::Entitlement, id));
        let Some(first) = missing.next() else { return };
        let (grant_id, principal) = (text(grant.id), text(&grant.principal.to_name()));
        let message =
            format!("grant {grant_id} is inherited from {}, which {principal} does not hold", first.id);
        let mut records = vec![record(RecordKind::Grant, grant.id), first];
        records.extend(missing.take(super::notes::EXAMPLES));
        notes.add(Code::SourceNotHeld, &records, &message, Some(grant.place));
    }

    /// Names what is there twice.
    pub(super) fn conclude(self, state: &mut State) {
        let State { notes, known, .. } = state;
        let source = |name: u32, _: &Tally| Some(known.name_record(name));
        notes.conclude(Code::SourceMissing, source, |_, entitlement, tally| {
            let who = tally.who("is", "are");
            format!("{who} inherited from entitlement {}, which is not in the sync", entitlement.id)
        });
        let id = |number: u32| record(RecordKind::Grant, self.numbers.get(number).1);
        // Different ids can have the same hash.
        let about = |number: u32, tally: &Tally| (tally.count > 1).then(|| id(number));
        notes.conclude(Code::GrantDuplicate, about, |_, grant, tally| {
            let holders: Vec<_> = tally.examples.iter().map(|record| record.id.as_str()).collect();
            format!("{} grants have the id {}, held by {}", tally.count, grant.id, holders.join(", "))
        });
        let mut holders: Vec<_> = self.holders.into_iter().filter(|holders| holders.count > 1).collect();
        holders.sort_by(|a, b| a.grants.cmp(&b.grants));
        for Holders { count, grants, place, says } in holders {
            let ids: Vec<_> = grants.iter().map(|record| record.id.as_str()).collect();
            let message = format!("{says} {count} grants: {}", ids.join(", "));
            notes.add(Code::GrantTwice, &grants, &message, place.as_ref().map(KeptPlace::place));
        }
    }
}
