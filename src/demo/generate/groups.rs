//! What groups hold: membership in other groups, roles and repositories. Whatever a group holds, it passes
//! on.
//!
//! A group has a level from 0 to 3, and only joins groups of a lower level and a lower number, so there are
//! no circles and chains are short. Low numbers are popular: the umbrella groups, the roles and repositories
//! that everybody uses.

use super::plan::{Level, Plan, Right, Topic};
use super::random::{Chance, Odds};

/// Grants that a group may have: to be a member of two others, and five roles and repositories.
const PARENTS: u64 = 2;
const HOLDINGS: u64 = 5;

/// A grant to a group, which its members inherit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    /// The number of the entitlement.
    pub(super) to: u32,
    /// Only for members in their own right.
    pub(super) shallow: bool,
    /// Only for users, not for groups that are members.
    pub(super) users_only: bool,
}

impl Plan {
    /// What a group holds in its own right, in no order, nothing twice.
    pub(super) fn edges(&self, group: u32, edges: &mut Vec<Edge>) {
        edges.clear();
        let chance = self.chance(Topic::Edge).of(group.into());
        let first = self.level(group);
        // Half of the places for holdings are taken, and a second parent is rare.
        let half = Odds::of(0.5).and(self.density);
        let rare = Odds::of(0.15).and(self.density);
        for slot in 0..PARENTS + HOLDINGS {
            let chance = chance.of(slot);
            let (odds, to) = match slot {
                0 => (self.density, self.parent(group, first, chance)),
                1 => (rare, self.parent(group, first, chance)),
                _ => (half, self.holding(chance)),
            };
            let Some(to) = to.filter(|_| chance.of(1).happens(odds)) else { continue };
            if !edges.iter().any(|edge| edge.to == to) {
                let (shallow, users_only) = (chance.of(2).percent(10), chance.of(3).percent(60));
                edges.push(Edge { to, shallow, users_only });
            }
        }
    }

    fn level(&self, group: u32) -> usize {
        match self.chance(Topic::Group).of(group.into()).below(10) {
            0..4 => 0,
            4..7 => 1,
            7..9 => 2,
            _ => 3,
        }
    }

    fn parent(&self, group: u32, level: usize, chance: Chance) -> Option<u32> {
        if level == 0 || group == 0 {
            return None;
        }
        let parent = chance.of(4).lowest(group.into()) as u32;
        (self.level(parent) < level).then(|| self.number(Right::GroupMember(parent)))
    }

    fn holding(&self, chance: Chance) -> Option<u32> {
        match chance.of(4).percent(20) {
            true => self.some_role(chance.of(5)),
            false => self.some_repo(chance.of(5)),
        }
        .map(|right| self.number(right))
    }

    /// A group, popular ones more often.
    pub(super) fn some_group(&self, chance: Chance) -> Option<u32> {
        (self.groups > 0).then(|| chance.lowest(self.groups.into()) as u32)
    }

    /// A role, popular ones more often.
    pub(super) fn some_role(&self, chance: Chance) -> Option<Right> {
        (self.roles > 0).then(|| Right::Role(chance.low(self.roles.into()) as u32))
    }

    /// Access to a repository, popular ones more often, mostly to read.
    pub(super) fn some_repo(&self, chance: Chance) -> Option<Right> {
        let level = match chance.of(1).below(10) {
            0..6 => Level::Read,
            6..9 => Level::Write,
            _ => Level::Admin,
        };
        (self.repos > 0).then(|| Right::Repo(chance.low(self.repos.into()) as u32, level))
    }
}
