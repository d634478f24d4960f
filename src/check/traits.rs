//! What kind of thing a resource is: its traits against those of its type.

use prost::Message as _;

use super::known::{Kind, thing_record};
use super::rules::Code;
use super::state::State;
use crate::model::v2;
use crate::store::Resource;

/// A trait that resources must have when their type declares it; the sync engine refuses them otherwise.
struct Trait {
    bit: u8,
    /// Its word in the facts of a resource type.
    word: &'static str,
    /// The name of its message.
    message: &'static str,
    parses: fn(&[u8]) -> bool,
}

pub(super) const USER: u8 = 1;
pub(super) const GROUP: u8 = 1 << 1;

const TRAITS: [Trait; 5] = [
    Trait {
        bit: USER,
        word: "user",
        message: "UserTrait",
        parses: |bytes| v2::UserTrait::decode(bytes).is_ok(),
    },
    Trait {
        bit: GROUP,
        word: "group",
        message: "GroupTrait",
        parses: |bytes| v2::GroupTrait::decode(bytes).is_ok(),
    },
    Trait {
        bit: 1 << 2,
        word: "role",
        message: "RoleTrait",
        parses: |bytes| v2::RoleTrait::decode(bytes).is_ok(),
    },
    Trait {
        bit: 1 << 3,
        word: "app",
        message: "AppTrait",
        parses: |bytes| v2::AppTrait::decode(bytes).is_ok(),
    },
    Trait {
        bit: 1 << 4,
        word: "secret",
        message: "SecretTrait",
        parses: |bytes| v2::SecretTrait::decode(bytes).is_ok(),
    },
];

/// The bit of a trait by its word; 0 for one that need not be there.
pub(super) fn bit(word: &[u8]) -> u8 {
    TRAITS.iter().find(|item| item.word.as_bytes() == word).map_or(0, |item| item.bit)
}

/// The bit of a trait by the name of its message.
pub(super) fn bit_of_message(name: &[u8]) -> u8 {
    TRAITS.iter().find(|item| item.message.as_bytes() == name).map_or(0, |item| item.bit)
}

/// Whether the payload of a trait parses. Others than these are not looked at.
pub(super) fn parses(name: &[u8], payload: &[u8]) -> bool {
    TRAITS.iter().find(|item| item.message.as_bytes() == name).is_none_or(|item| (item.parses)(payload))
}

/// The traits that a resource has, against those of its type.
pub(super) fn resource(state: &mut State, resource: &Resource<'_>, kind: Kind, found: u8, malformed: u8) {
    let notes = &mut state.notes;
    let declared = kind.traits;
    for (code, bits) in [
        (Code::TraitMissing, declared & !found),
        (Code::TraitMalformed, malformed),
        (Code::TraitUndeclared, found & !declared & !malformed),
    ] {
        if bits == 0 || !notes.wants(code) {
            continue;
        }
        let names: Vec<_> =
            TRAITS.iter().filter(|item| item.bit & bits != 0).map(|item| item.message).collect();
        let (record, names) = (thing_record(resource.key), names.join(" and "));
        let message = match code {
            Code::TraitMissing => format!("resource {} has no {names}, as its type declares", record.id),
            Code::TraitMalformed => format!("resource {} has a {names} that does not parse", record.id),
            _ => format!("resource {} is marked by a {names}, which its type does not declare", record.id),
        };
        notes.add(code, &[record], &message, Some(resource.place));
    }
}

/// The words for traits of a type, as bits.
pub(super) fn bits<'a>(words: impl IntoIterator<Item = &'a [u8]>) -> u8 {
    words.into_iter().map(bit).fold(0, |all, bit| all | bit)
}

/// One finding for each resource type of which only some resources have a raw id.
pub(super) fn conclude(state: &mut State) {
    let State { notes, known, .. } = state;
    let kind_of = |kind: u32| known.kinds.get(kind as usize).copied().unwrap_or_default();
    notes.conclude(
        Code::RawIdMissing,
        |kind, _| (kind_of(kind).raw_ids > 0).then(|| known.kind_record(kind)),
        |target, kind, tally| {
            let (all, id) = (kind_of(target).raw_ids + tally.count, &kind.id);
            format!(
                "{} of {all} resources of type {id} lack a RawId annotation, such as {}",
                tally.count,
                tally.first()
            )
        },
    );
}
