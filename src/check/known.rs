//! What is known of a sync: the identity of each record that it holds or names, and a few words about it.

use hashbrown::HashMap;

use super::interner::Interner;
use super::notes::text;
use super::{Record, RecordKind};
use crate::model::keys::ResourceKey;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// What can be true of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u16);

impl Flags {
    /// The sync holds it, and does not only name it.
    pub(super) const HELD: Self = Self(1);
    /// A user, by its type or by its trait.
    pub(super) const USER: Self = Self(1 << 1);
    /// Of a type of groups.
    pub(super) const GROUP: Self = Self(1 << 2);
    /// A disabled resource.
    pub(super) const DISABLED: Self = Self(1 << 3);
    /// A deleted resource.
    pub(super) const DELETED: Self = Self(1 << 4);
    /// The connector is not asked for its grants.
    pub(super) const NO_GRANTS: Self = Self(1 << 5);
    /// A group that offers a membership; an entitlement that is one.
    pub(super) const MEMBERSHIP: Self = Self(1 << 6);
    /// From another system, and copied into this sync.
    pub(super) const FOREIGN: Self = Self(1 << 8);
    /// A group with a member; an entitlement that somebody holds.
    pub(super) const TAKEN: Self = Self(1 << 7);

    /// Whether all of `other` is true.
    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn set(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What is counted by resource type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Family {
    Resource,
    Entitlement,
    Grant,
}

/// A resource type.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kind {
    pub(super) flags: Flags,
    /// Its traits, as [`super::traits`] numbers them.
    pub(super) traits: u8,
    /// Resources of it; entitlements and grants of these.
    pub(super) counts: [u64; 3],
    /// Resources of it with a raw id.
    pub(super) raw_ids: u64,
}

/// A resource. Its owner in the interner is its type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thing {
    pub(super) flags: Flags,
    /// Its parent's number, or [`NONE`].
    pub(super) parent: u32,
    /// Grants that it holds.
    pub(super) grants: u32,
}

/// An entitlement, as one resource offers it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) flags: Flags,
    /// The number of its id.
    pub(super) name: u32,
    /// The number of its resource.
    pub(super) resource: u32,
}

impl Offer {
    /// Whether the sync holds it.
    pub(super) fn is_held(&self) -> bool {
        self.flags.has(Flags::HELD)
    }
}

/// The id of an entitlement, which several resources may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// The first entitlement of this id that the sync holds, or [`NONE`].
    pub(super) first: u32,
    /// How many there are.
    pub(super) offers: u32,
}

/// All identities. Numbers are given out as records come.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) kinds: Vec<Kind>,
    pub(super) things: Vec<Thing>,
    pub(super) offers: Vec<Offer>,
    pub(super) names: Vec<Name>,
    kind_ids: Interner,
    thing_ids: Interner,
    name_ids: Interner,
    /// Entitlements by the numbers of their id and their resource.
    offered: HashMap<(u32, u32), u32>,
    /// The type that was asked for last: resources come type by type.
    last_kind: Option<u32>,
}

impl Known {
    /// The number of a resource type.
    pub(super) fn kind(&mut self, id: &[u8]) -> u32 {
        if let Some(last) = self.last_kind
            && self.kind_ids.get(last).1 == id
        {
            return last;
        }
        let (number, new) = self.kind_ids.intern(0, id);
        if new {
            self.kinds.push(Kind::default());
        }
        self.last_kind = Some(number);
        number
    }

    /// The number of a resource.
    pub(super) fn thing(&mut self, key: ResourceKey<'_>) -> u32 {
        let kind = self.kind(key.kind);
        let (number, new) = self.thing_ids.intern(kind, key.id);
        if new {
            self.things.push(Thing { flags: Flags::default(), parent: NONE, grants: 0 });
        }
        number
    }

    /// The number of the id of an entitlement.
    pub(super) fn name(&mut self, id: &[u8]) -> u32 {
        let (number, new) = self.name_ids.intern(0, id);
        if new {
            self.names.push(Name { first: NONE, offers: 0 });
        }
        number
    }

    /// The number of the entitlement that a resource offers under an id.
    pub(super) fn offer(&mut self, name: u32, resource: u32) -> u32 {
        *self.offered.entry((name, resource)).or_insert_with(|| {
            self.offers.push(Offer { flags: Flags::default(), name, resource });
            self.offers.len() as u32 - 1
        })
    }

    /// The number of the entitlement that a resource offers under an id, if it is known.
    pub(super) fn find_offer(&self, name: u32, resource: u32) -> Option<u32> {
        self.offered.get(&(name, resource)).copied()
    }

    /// The number of a resource, if it is known.
    pub(super) fn find_thing(&self, key: ResourceKey<'_>) -> Option<u32> {
        self.thing_ids.find(self.kind_ids.find(0, key.kind)?, key.id)
    }

    /// The number of the id of an entitlement, if it is known.
    pub(super) fn find_name(&self, id: &[u8]) -> Option<u32> {
        self.name_ids.find(0, id)
    }

    /// How many resources there are of a type, and entitlements and grants of these.
    pub(super) fn counts(&self, kind: u32) -> [u64; 3] {
        self.kinds.get(kind as usize).map(|kind| kind.counts).unwrap_or_default()
    }

    /// Counts one more record of a type: a resource, an entitlement or a grant.
    pub(super) fn count(&mut self, kind: u32, family: Family) {
        if let Some([resources, entitlements, grants]) =
            self.kinds.get_mut(kind as usize).map(|kind| &mut kind.counts)
        {
            *match family {
                Family::Resource => resources,
                Family::Entitlement => entitlements,
                Family::Grant => grants,
            } += 1;
        }
    }

    /// Whether there is any grant.
    pub(super) fn has_grants(&self) -> bool {
        self.kinds.iter().any(|kind| kind.counts.last().is_some_and(|grants| *grants > 0))
    }

    /// Whether there is an entitlement that somebody can hold.
    pub(super) fn offers_any(&self) -> bool {
        self.offers.iter().any(|offer| !self.flags_of(offer.resource).has(Flags::NO_GRANTS))
    }

    /// Whether the sync holds a resource type.
    pub(super) fn has_kind(&self, kind: u32) -> bool {
        self.kinds.get(kind as usize).is_some_and(|kind| kind.flags.has(Flags::HELD))
    }

    /// Whether the sync holds a resource.
    pub(super) fn has_thing(&self, thing: u32) -> bool {
        self.flags_of(thing).has(Flags::HELD)
    }

    /// Whether the sync holds an entitlement with an id.
    pub(super) fn has_name(&self, name: u32) -> bool {
        self.names.get(name as usize).is_some_and(|name| name.offers > 0)
    }

    /// Marks a resource type as one that the sync holds.
    pub(super) fn hold_kind(&mut self, kind: u32) {
        if let Some(kind) = self.kinds.get_mut(kind as usize) {
            kind.flags.set(Flags::HELD);
        }
    }

    /// Marks an entitlement as one that the sync holds, and as one more of its id.
    pub(super) fn hold_offer(&mut self, number: u32) {
        let Some(offer) = self.offers.get_mut(number as usize) else { return };
        offer.flags.set(Flags::HELD);
        if let Some(name) = self.names.get_mut(offer.name as usize) {
            name.first = if name.offers == 0 { number } else { name.first };
            name.offers += 1;
        }
    }

    /// What is true of a resource.
    pub(super) fn flags_of(&self, thing: u32) -> Flags {
        self.things.get(thing as usize).map(|thing| thing.flags).unwrap_or_default()
    }

    /// What is true of a resource, to be changed.
    pub(super) fn flag_thing(&mut self, thing: u32, flags: Flags) {
        if let Some(thing) = self.things.get_mut(thing as usize) {
            thing.flags.set(flags);
        }
    }

    /// The type of a resource.
    pub(super) fn kind_of(&self, thing: u32) -> u32 {
        self.thing_ids.get(thing).0
    }

    /// The id of a resource type.
    pub(super) fn kind_id(&self, kind: u32) -> &[u8] {
        self.kind_ids.get(kind).1
    }

    /// The id of an entitlement.
    pub(super) fn name_id(&self, name: u32) -> &[u8] {
        self.name_ids.get(name).1
    }

    /// A resource by its type and its id.
    pub(super) fn key_of(&self, thing: u32) -> ResourceKey<'_> {
        let (kind, id) = self.thing_ids.get(thing);
        ResourceKey { kind: self.kind_id(kind), id }
    }

    pub(super) fn kind_record(&self, kind: u32) -> Record {
        Record { kind: RecordKind::ResourceType, id: text(self.kind_id(kind)) }
    }

    pub(super) fn thing_record(&self, thing: u32) -> Record {
        thing_record(self.key_of(thing))
    }

    pub(super) fn name_record(&self, name: u32) -> Record {
        Record { kind: RecordKind::Entitlement, id: text(self.name_id(name)) }
    }
}

/// A resource as findings name it.
pub(super) fn thing_record(key: ResourceKey<'_>) -> Record {
    Record { kind: RecordKind::Resource, id: text(&key.to_name()) }
}
