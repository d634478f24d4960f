//! Who works for the company on which day.
//!
//! A company has as many *places* as users. In each sync a place may go to somebody else, and its holder may
//! be disabled, enabled again, or take another name; all of it is decided by place and sync, so that nobody
//! has to remember the day before.

use super::plan::{Plan, Topic};

/// The holder of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person {
    /// Different for every person there ever was.
    pub(super) number: u64,
    /// The sync of the first day; 0 also for those who were there before.
    pub(super) joined: u32,
    /// How often the family name has changed.
    pub(super) renames: u32,
    /// Whether the account is disabled.
    pub(super) disabled: bool,
}

impl Plan {
    /// The holder of a place in a sync, counted from 0.
    pub(super) fn person(&self, place: u32, sync: u32) -> Person {
        let first = u64::from(place);
        let disabled = self.chance(Topic::Person).of(first).of(1).percent(4);
        let mut person = Person { number: first, joined: 0, renames: 0, disabled };
        for day in 1..=sync {
            let chance = self.chance(Topic::Turnover).of(first).of(day.into());
            if chance.of(0).happens(self.turnover.replaced) {
                let number = person.number + u64::from(self.users);
                person = Person { number, joined: day, renames: 0, disabled: false };
                continue;
            }
            person.disabled ^= chance.of(1).happens(self.turnover.switched);
            person.renames += u32::from(chance.of(2).happens(self.turnover.renamed));
        }
        person
    }
}
