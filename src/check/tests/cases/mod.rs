//! One fault for each rule.

mod meaning;
mod records;
mod spared;

use super::world::{World, any};
use crate::model::v2;

pub(super) use spared::SPARED;

/// A fault, and what is found of it.
pub(super) struct Case {
    /// The rule.
    pub(super) code: &'static str,
    pub(super) plant: fn(&mut World),
    /// What its findings are about, in order: kind and id.
    pub(super) about: &'static [&'static str],
    /// Other rules that have something to say about the same fault.
    pub(super) also: &'static [&'static str],
    pub(super) engines: Engines,
}

/// Which files can hold the fault.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Engines {
    Both,
    Sqlite,
    Pebble,
}

pub(super) const fn both(code: &'static str, plant: fn(&mut World), about: &'static [&'static str]) -> Case {
    Case { code, plant, about, also: &[], engines: Engines::Both }
}

pub(super) const fn sqlite(
    code: &'static str,
    plant: fn(&mut World),
    about: &'static [&'static str],
) -> Case {
    Case { engines: Engines::Sqlite, ..both(code, plant, about) }
}

pub(super) const fn pebble(
    code: &'static str,
    plant: fn(&mut World),
    about: &'static [&'static str],
) -> Case {
    Case { engines: Engines::Pebble, ..both(code, plant, about) }
}

impl Case {
    pub(super) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }
}

/// All faults, in the order of the rules.
pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    records::RECORDS.iter().chain(meaning::MEANING)
}

/// Puts an entitlement into the exclusion group `one`.
fn exclusive(entitlement: &mut v2::Entitlement, is_default: bool) {
    let group =
        v2::EntitlementExclusionGroup { exclusion_group_id: "one".into(), is_default, ..Default::default() };
    entitlement.annotations.push(any(&group));
}
