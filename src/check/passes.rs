//! Reading a sync: each family once, and again where something has to be named.

use super::annotations::{GrantMarks, each};
use super::assets::Assets;
use super::carried::Carried;
use super::exclusion::Exclusions;
use super::expansion::Expansions;
use super::holdings::{Holdings, Suspects};
use super::known::{Family, Flags, NONE, thing_record};
use super::notes::record;
use super::references::{self, Joined};
use super::rules::Code;
use super::spelling::{self, Cases};
use super::state::State;
use super::texts::{self, Subject};
use super::{Checked, RecordKind, duplicates, parents, people, run, traits};
use crate::model::facts::{EntitlementFacts, ResourceFacts, ResourceTypeFacts};
use crate::model::wire::Malformed;
use crate::store::{
    Entitlement, EntitlementFilter, Error, Grant, GrantFilter, Place, Resource, ResourceFilter, ResourceType,
    Snapshot,
};

/// The longest description of a resource type, and of other records, in bytes.
const LONGEST_OF_TYPE: usize = 4096;
const LONGEST: usize = 2048;

/// A sync that is being read.
pub(super) struct Passes<'r> {
    snapshot: Snapshot<'r>,
    pub(super) state: State,
    pub(super) checked: Checked,
    kind_cases: Cases,
    thing_cases: Cases,
    entitlement_cases: Cases,
    assets: Assets,
    exclusions: Exclusions,
    expansions: Expansions,
    holdings: Holdings,
}

impl<'r> Passes<'r> {
    pub(super) fn new(snapshot: Snapshot<'r>, state: State) -> Self {
        Self {
            snapshot,
            state,
            checked: Checked { sync: snapshot.run().id.clone(), ..Checked::default() },
            kind_cases: Cases::default(),
            thing_cases: Cases::default(),
            entitlement_cases: Cases::default(),
            assets: Assets::default(),
            exclusions: Exclusions::default(),
            expansions: Expansions::default(),
            holdings: Holdings::default(),
        }
    }

    /// Reads everything.
    ///
    /// # Errors
    /// [`Error`] when the file is damaged.
    pub(super) fn run(&mut self) -> Result<(), Error> {
        let snapshot = self.snapshot;
        let mut scan = snapshot.resource_types()?;
        let mut rows = scan.rows()?;
        while rows.next(|kind| self.resource_type(&kind))?.is_some() {}
        let mut scan = snapshot.resources(&ResourceFilter::default())?;
        let mut rows = scan.rows()?;
        while rows.next(|resource| self.resource(&resource))?.is_some() {}
        let mut scan = snapshot.entitlements(&EntitlementFilter::default())?;
        let mut rows = scan.rows()?;
        while rows.next(|entitlement| self.entitlement(&entitlement))?.is_some() {}
        let mut scan = snapshot.grants(&GrantFilter::default())?;
        let mut rows = scan.rows()?;
        while rows.next(|grant| self.grant(&grant))?.is_some() {}
        self.conclude()
    }

    /// What can only be said when all is read.
    fn conclude(&mut self) -> Result<(), Error> {
        let Self { snapshot, state, checked, assets, .. } = self;
        if state.notes.wants_any(&[Code::AssetMissing, Code::StatsMismatch]) {
            assets.read(*snapshot)?;
        }
        run::ended(state, *snapshot, checked);
        run::counts(state, *snapshot, checked, assets.count)?;
        assets.conclude(state);
        references::conclude(state);
        parents::conclude(state);
        duplicates::conclude(state);
        spelling::conclude(state);
        traits::conclude(state);
        self.expansions.conclude(state);
        let suspects = std::mem::take(&mut self.holdings).suspects(state);
        self.look_again(suspects)
    }

    /// Reads families again of which records have to be named.
    fn look_again(&mut self, mut suspects: Suspects) -> Result<(), Error> {
        let (snapshot, state) = (self.snapshot, &mut self.state);
        // What is odd about rows was told when they were read first.
        snapshot.reader().problems().mute(true);
        let mut again = || -> Result<(), Error> {
            if people::needs_resources(state) {
                let mut scan = snapshot.resources(&ResourceFilter::default())?;
                let mut rows = scan.rows()?;
                while rows.next(|resource| people::resource_at_last(state, &resource))?.is_some() {}
            }
            if people::needs_entitlements(state) {
                let mut scan = snapshot.entitlements(&EntitlementFilter::default())?;
                let mut rows = scan.rows()?;
                while rows.next(|entitlement| people::entitlement_at_last(state, &entitlement))?.is_some() {}
            }
            if !suspects.is_empty() {
                let mut scan = snapshot.grants(&GrantFilter::default())?;
                let mut rows = scan.rows()?;
                while rows.next(|grant| suspects.grant(state, &grant))?.is_some() {}
            }
            Ok(())
        };
        let outcome = again();
        snapshot.reader().problems().mute(false);
        suspects.conclude(&mut self.state);
        outcome
    }

    /// What was read of a record; nothing, with a note of it, when it does not parse.
    fn parsed<T>(&self, place: Place<'_>, read: Result<T, Malformed>) -> Option<T> {
        let mut problems = self.snapshot.reader().problems();
        read.inspect_err(|error| problems.damaged(place, &error.to_string())).ok()
    }

    fn resource_type(&mut self, kind: &ResourceType<'_>) {
        self.checked.resource_types += 1;
        let number = self.state.known.kind(kind.id);
        duplicates::resource_type(&mut self.state, kind, number);
        self.state.known.hold_kind(number);
        let read = ResourceTypeFacts::read(kind.message);
        let Some(facts) = self.parsed(kind.place, read) else { return };
        let State { notes, known, .. } = &mut self.state;
        if let Some(known) = known.kinds.get_mut(number as usize) {
            known.traits |= traits::bits(facts.traits.iter().map(|word| &**word));
            let _ = each(kind.message, 4, |name, _| {
                if name == b"SkipEntitlementsAndGrants" {
                    known.flags.set(Flags::NO_GRANTS);
                }
            });
        }
        let named = || record(RecordKind::ResourceType, kind.id);
        let subject = Subject::new(&named, kind.place, kind.id);
        texts::id(notes, subject, kind.id, kind.id);
        texts::name(notes, subject, facts.name, facts.description, LONGEST_OF_TYPE);
        self.kind_cases.look(notes, (0, kind.id), number, |number| known.kind_record(number), kind.place);
    }

    fn resource(&mut self, resource: &Resource<'_>) {
        self.checked.resources += 1;
        let known = &mut self.state.known;
        let thing = known.thing(resource.key);
        // An empty parent is none.
        let parent = resource.parent.filter(|key| !key.kind.is_empty() || !key.id.is_empty());
        let parent = parent.map(|key| known.thing(key));
        let kind = known.kind_of(thing);
        known.count(kind, Family::Resource);
        duplicates::resource(&mut self.state, resource, thing);
        if let Some(thing) = self.state.known.things.get_mut(thing as usize) {
            thing.flags.set(Flags::HELD);
            thing.parent = parent.unwrap_or(NONE);
        }
        references::resource(&mut self.state, resource, thing, parent);
        let parse =
            self.state.notes.wants_any(&[Code::TraitMalformed, Code::TraitUndeclared, Code::UserAnonymous]);
        let read = ResourceFacts::read(resource.message)
            .and_then(|facts| Ok((facts, Carried::read(resource.message, parse)?)));
        let Some((facts, carried)) = self.parsed(resource.place, read) else { return };
        self.resource_carries(resource, thing, &facts, &carried);
    }

    fn resource_carries(
        &mut self,
        resource: &Resource<'_>,
        thing: u32,
        facts: &ResourceFacts<'_>,
        carried: &Carried<'_>,
    ) {
        people::resource(&mut self.state, resource, thing, facts, carried);
        self.assets.resource(&mut self.state, resource, &carried.assets);
        let State { scope, notes, known } = &mut self.state;
        let kind = known.kind_of(thing);
        let named = || thing_record(resource.key);
        let subject = Subject::new(&named, resource.place, resource.key.id);
        texts::id(notes, subject, resource.key.id, resource.key.id);
        texts::name(notes, subject, facts.name, facts.description, LONGEST);
        let records = |number: u32| known.thing_record(number);
        self.thing_cases.look(notes, (kind, resource.key.id), thing, records, resource.place);
        for child in &carried.children {
            let child = known.kind(child);
            if scope.closed && !known.has_kind(child) {
                notes.count(Code::ChildTypeMissing, child, resource.place, named);
            }
        }
        match known.kinds.get_mut(kind as usize) {
            Some(kind) if carried.raw_id => kind.raw_ids += 1,
            _ if carried.foreign => {}
            _ => notes.count(Code::RawIdMissing, kind, resource.place, named),
        }
        if known.has_kind(kind) {
            let kind = known.kinds.get(kind as usize).copied().unwrap_or_default();
            traits::resource(&mut self.state, resource, kind, carried.traits, carried.malformed);
        }
    }

    fn entitlement(&mut self, entitlement: &Entitlement<'_>) {
        self.checked.entitlements += 1;
        let known = &mut self.state.known;
        let resource = known.thing(entitlement.resource);
        let (name, kind) = (known.name(entitlement.id), known.kind_of(resource));
        let offer = known.offer(name, resource);
        known.count(kind, Family::Entitlement);
        duplicates::entitlement(&mut self.state, entitlement, name);
        self.state.known.hold_offer(offer);
        references::entitlement(&mut self.state, entitlement, resource);
        spelling::entitlement(&mut self.state.notes, kind, entitlement);
        self.exclusions.entitlement(&mut self.state, entitlement, kind);
        let Some(facts) = self.parsed(entitlement.place, EntitlementFacts::read(entitlement.message)) else {
            return;
        };
        let State { scope, notes, known } = &mut self.state;
        people::entitlement(known, offer, resource, &facts);
        let named = || record(RecordKind::Entitlement, entitlement.id);
        let own = spelling::own_part(entitlement.id, entitlement.resource).unwrap_or(entitlement.id);
        let subject = Subject::new(&named, entitlement.place, own);
        texts::id(notes, subject, entitlement.id, own);
        texts::name(notes, subject, facts.name, facts.description, LONGEST);
        let records = |number: u32| known.name_record(number);
        self.entitlement_cases.look(notes, (resource, own), name, records, entitlement.place);
        for grantable in facts.grantable_to {
            let grantable = known.kind(grantable);
            if scope.closed && !known.has_kind(grantable) {
                notes.count(Code::GrantableTypeMissing, grantable, entitlement.place, named);
            }
        }
    }

    fn grant(&mut self, grant: &Grant<'_>) {
        self.checked.grants += 1;
        let known = &mut self.state.known;
        let (resource, name) = (known.thing(grant.resource), known.name(grant.entitlement));
        let joined = Joined {
            name,
            resource,
            offer: known.offer(name, resource),
            principal: known.thing(grant.principal),
        };
        let kind = known.kind_of(resource);
        known.count(kind, Family::Grant);
        people::grant(known, joined.offer, joined.principal);
        let Some(marks) = self.parsed(grant.place, GrantMarks::read(grant.message)) else { return };
        references::grant(&mut self.state, grant, joined, marks);
        self.expansions.grant(&mut self.state, grant, joined, marks);
        self.holdings.grant(&mut self.state, grant, joined);
        let notes = &mut self.state.notes;
        if !spelling::is_derived(grant) {
            let named = || record(RecordKind::Grant, grant.id);
            let subject = Subject::new(&named, grant.place, grant.id);
            texts::id(notes, subject, grant.id, grant.id);
            spelling::grant(notes, kind, grant);
        }
    }
}
