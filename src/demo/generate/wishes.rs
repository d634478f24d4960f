//! What each user is granted in their own right, and through it how many grants there are.
//!
//! A user wishes for membership in groups, roles and repositories, at random, popular ones more often. A wish
//! is fulfilled unless the user would then hold more than their quota, with all that is inherited; wishes go
//! on until the quota is reached. Quotas differ from user to user, but their sum, with what groups hold, is
//! what was asked for.
//!
//! From one sync to the next, some of the fulfilled wishes change into others of the same kind. Quotas hold
//! only for the first day of a person: later on, what comes passes on more or less than what went.

use std::io;

use hashbrown::HashSet;

use super::plan::{Plan, Right, Topic};
use super::random::Chance;
use super::reach::Reach;
use super::sort::{Link, Sorter, Source};

/// Wishes for each grant of the quota, before entitlements are taken one after the other.
const PATIENCE: u64 = 8;
/// Draws for a changed wish, to find one that the user did not have on the first day.
const DRAWS: u64 = 8;

/// A wish that was fulfilled on the first day of a person.
#[derive(Debug, Clone, Copy)]
struct Wish {
    /// Different for each wish of a person.
    key: u64,
    entitlement: u32,
}

/// Finds out what everybody holds.
#[derive(Debug)]
pub(super) struct Wishes<'p> {
    plan: &'p Plan,
    reach: Reach<'p>,
    first: Vec<Wish>,
    direct: HashSet<u32>,
    now: Vec<u32>,
}

impl<'p> Wishes<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self { plan, reach: Reach::new(plan), first: Vec::new(), direct: HashSet::new(), now: Vec::new() }
    }

    /// How many grants all groups hold.
    pub(super) fn held_by_groups(&mut self) -> u64 {
        (0..self.plan.groups).map(|group| self.reach_of_group(group)).sum()
    }

    /// What a group holds: the number of entitlements, of which those in its own right are in `now`.
    fn reach_of_group(&mut self, group: u32) -> u64 {
        let mut edges = Vec::new();
        self.plan.edges(group, &mut edges);
        self.now.clear();
        self.now.extend(edges.iter().map(|edge| edge.to));
        self.reach.begin(true);
        for &entitlement in &self.now {
            self.reach.hold(entitlement, u64::MAX);
        }
        self.reach.len()
    }

    /// Adds what a group holds.
    pub(super) fn add_group(&mut self, group: u32, links: &mut Sorter) -> io::Result<()> {
        self.reach_of_group(group);
        self.add(self.plan.group_as_principal(group), links)
    }

    /// Adds what the holder of a place holds in a sync.
    pub(super) fn add_user(&mut self, place: u32, sync: u32, links: &mut Sorter) -> io::Result<()> {
        let person = self.plan.person(place, sync);
        let chance = self.plan.chance(Topic::Wish).of(person.number);
        self.wish(place, chance);
        self.now.clear();
        for wish in &self.first {
            let changes =
                (person.joined + 1..=sync).filter(|&day| self.changes(chance, wish.key, day)).count();
            self.now.push(self.after(chance, *wish, changes as u64));
        }
        if person.joined < sync {
            self.now.sort_unstable();
            self.now.dedup();
            self.reach.begin(false);
            for &entitlement in &self.now {
                self.reach.hold(entitlement, u64::MAX);
            }
        }
        self.add(place, links)
    }

    fn add(&mut self, principal: u32, links: &mut Sorter) -> io::Result<()> {
        for &entitlement in &self.now {
            links.push(Link { entitlement, principal, source: Source::OWN })?;
        }
        self.reach.inherited(principal, |link| links.push(link))
    }

    /// Fulfils wishes until the quota is reached. Everybody is a member of the company before anything else.
    fn wish(&mut self, place: u32, chance: Chance) {
        let quota = self.plan.quota(place);
        self.first.clear();
        self.direct.clear();
        self.reach.begin(false);
        if quota > 0 {
            self.fulfil(0, self.plan.number(Right::OrgMember), quota);
        }
        let patience = PATIENCE * quota;
        for key in 1..=patience {
            if self.reach.len() >= quota {
                return;
            }
            if let Some(right) = self.draw(chance.of(key)) {
                self.fulfil(key, self.plan.number(right), quota);
            }
        }
        self.take(chance, patience + 1, quota);
    }

    /// Takes one entitlement after the other: first those that bring no others along, then groups, umbrella
    /// groups first.
    fn take(&mut self, chance: Chance, key: u64, quota: u64) {
        let plan = self.plan;
        let all = plan.entitlements();
        let start = chance.of(0).below(all.into()) as u32;
        let is_group = |number: &u32| matches!(plan.right(*number), Right::GroupMember(_));
        let alone = (start..all).chain(0..start).filter(|number| !is_group(number));
        let groups = (0..plan.groups).map(|group| plan.number(Right::GroupMember(group)));
        for (key, number) in (key..).zip(alone.chain(groups)) {
            if self.reach.len() >= quota {
                return;
            }
            self.fulfil(key, number, quota);
        }
    }

    fn fulfil(&mut self, key: u64, entitlement: u32, quota: u64) {
        if !self.direct.contains(&entitlement) && self.reach.hold(entitlement, quota) {
            self.direct.insert(entitlement);
            self.first.push(Wish { key, entitlement });
        }
    }

    fn draw(&self, chance: Chance) -> Option<Right> {
        let (kind, chance) = (chance.of(0).below(10_000), chance.of(1));
        match kind {
            0..2 => Some(Right::OrgOwner),
            2..3000 => self.plan.some_group(chance).map(Right::GroupMember),
            3000..3200 => self.plan.some_group(chance).map(Right::GroupOwner),
            3200..4000 => self.plan.some_role(chance),
            _ => self.plan.some_repo(chance),
        }
    }

    /// Whether a wish changes on a day.
    fn changes(&self, chance: Chance, key: u64, day: u32) -> bool {
        chance.of(key).of(2).of(day.into()).happens(self.plan.turnover.moved)
    }

    /// What a wish has become after so many changes: another of its kind, if one is found.
    fn after(&self, chance: Chance, wish: Wish, changes: u64) -> u32 {
        if changes == 0 {
            return wish.entitlement;
        }
        let chance = chance.of(wish.key).of(3).of(changes);
        let another = |draw| {
            let chance = chance.of(draw);
            match self.plan.right(wish.entitlement) {
                Right::OrgMember | Right::OrgOwner => None,
                Right::GroupMember(_) => self.plan.some_group(chance).map(Right::GroupMember),
                Right::GroupOwner(_) => self.plan.some_group(chance).map(Right::GroupOwner),
                Right::Role(_) => self.plan.some_role(chance),
                Right::Repo(..) => self.plan.some_repo(chance),
            }
        };
        let numbers = (0..DRAWS).filter_map(another).map(|right| self.plan.number(right));
        // Only the wishes of the first day are avoided: they do not depend on what else has changed since.
        numbers.into_iter().find(|number| !self.direct.contains(number)).unwrap_or(wish.entitlement)
    }
}

impl Plan {
    /// How many grants the holders of a place get, whose sum is what groups leave for users.
    fn quota(&self, place: u32) -> u64 {
        let (place, users) = (u64::from(place), u64::from(self.users));
        let (all, most) = (self.grants - self.by_groups, u64::from(self.entitlements()));
        let up_to = |place: u64| (u128::from(place) * u128::from(all) / u128::from(users.max(1))) as u64;
        let fair = |place| (up_to(place + 1) - up_to(place)).min(most);
        // Of two neighbours, one gets what the other does not.
        let pair = place - place % 2;
        if pair + 1 >= users {
            return fair(place);
        }
        let (less, more) = (fair(pair).min(fair(pair + 1)), fair(pair).max(fair(pair + 1)));
        let chance = self.chance(Topic::Quota).of(pair);
        let moved = chance.of(0).below(less * 3 / 4 + 1).min(most - more);
        let gets = (place == pair) == chance.of(1).percent(50);
        if gets { fair(place) + moved } else { fair(place) - moved }
    }
}
