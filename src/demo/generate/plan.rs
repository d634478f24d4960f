//! The plan of a company: how many there are of everything, and which number each entitlement has.
//!
//! ```text
//! entitlement   0                        org:acme:member
//!               1                        org:acme:owner
//!               2 + 2g, 3 + 2g           group g: member, owner
//!               then 1 for each role     assigned
//!               then 3 for each repo     read, write, admin
//! principal     users, then groups
//! ```
//!
//! Everything else is a function of the seed and these numbers.

use super::random::{Chance, Odds};
use super::wishes::Wishes;
use super::{Company, GenerateError};

/// The most of each kind of resource.
const MOST_RESOURCES: u64 = 100_000_000;
/// The most grants of one user.
const MOST_GRANTS_PER_USER: u64 = 100_000;
/// The most grants of all syncs together.
const MOST_GRANTS: u64 = 1_000_000_000;
/// The most syncs: one a day for more than two years.
const MOST_SYNCS: u64 = 1_000;

/// What can be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    OrgMember,
    OrgOwner,
    GroupMember(u32),
    GroupOwner(u32),
    Role(u32),
    Repo(u32, Level),
}

/// What can be done with a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Read,
    Write,
    Admin,
}

/// Who can hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principal {
    User(u32),
    Group(u32),
}

/// Topics of chance, so that no two decisions hang together.
#[derive(Debug, Clone, Copy)]
pub(super) enum Topic {
    SyncId = 1,
    Quota,
    Wish,
    Person,
    Turnover,
    Group,
    Edge,
    Role,
    Repo,
    Name,
}

/// The plan of a company.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) users: u32,
    pub(super) groups: u32,
    pub(super) roles: u32,
    pub(super) repos: u32,
    pub(super) syncs: u32,
    /// Grants of one sync that were asked for.
    pub(super) grants: u64,
    /// As many of them are to groups.
    pub(super) by_groups: u64,
    pub(super) turnover: Turnover,
    /// How many there are of the grants that the groups of a big company hold.
    pub(super) density: Odds,
    root: Chance,
}

/// What happens from one sync to the next, to each user and to each direct grant of a user.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turnover {
    /// The user goes, and another comes.
    pub(super) replaced: Odds,
    /// The account is disabled, or enabled again.
    pub(super) switched: Odds,
    /// The user gets another family name.
    pub(super) renamed: Odds,
    /// The grant goes, and another of its kind comes.
    pub(super) moved: Odds,
}

impl Turnover {
    /// `share` of the grants go in all, a tenth of these with their users.
    fn of(share: f64, grants_per_user: u32) -> Self {
        let tenth = share / 10.0;
        // One grant of each user stays as long as they do, that of the organization; the others make up for
        // it.
        let others = f64::from(grants_per_user) - 1.0;
        let weight = if others > 0.0 { (others + 1.0) / others } else { 1.0 };
        Self {
            replaced: Odds::of(tenth),
            switched: Odds::of(tenth),
            renamed: Odds::of(tenth),
            moved: Odds::of((share - tenth) / (1.0 - tenth) * weight),
        }
    }
}

/// A count that fits, or what is wrong with it.
fn at_most(what: &'static str, asked: u64, most: u64) -> Result<u32, GenerateError> {
    match u32::try_from(asked) {
        Ok(fits) if asked <= most => Ok(fits),
        _ => Err(GenerateError::TooMany { what, asked: asked.into(), most }),
    }
}

impl Plan {
    pub(super) fn new(company: &Company) -> Result<Self, GenerateError> {
        let Company { users, groups, roles, repos, grants_per_user, seed, syncs, churn } = *company;
        if syncs == 0 {
            return Err(GenerateError::NoSync);
        }
        if !(0.0..=100.0).contains(&churn) {
            return Err(GenerateError::Churn { asked: churn });
        }
        let for_each = at_most("grants per user", grants_per_user, MOST_GRANTS_PER_USER)?;
        at_most("syncs", syncs.into(), MOST_SYNCS)?;
        let mut plan = Self {
            users: at_most("users", users, MOST_RESOURCES)?,
            groups: at_most("groups", groups, MOST_RESOURCES)?,
            roles: at_most("roles", roles, MOST_RESOURCES)?,
            repos: at_most("repositories", repos, MOST_RESOURCES)?,
            syncs,
            grants: users * grants_per_user,
            by_groups: 0,
            turnover: Turnover::of(churn / 100.0, for_each),
            // A group holds about four grants, and groups hold at most about a quarter of all.
            density: Odds::in_all(users * grants_per_user, groups * 16),
            root: Chance::new(seed),
        };
        let asked = u128::from(plan.grants) * u128::from(syncs);
        if asked > u128::from(MOST_GRANTS) {
            return Err(GenerateError::TooMany { what: "grants", asked, most: MOST_GRANTS });
        }
        plan.by_groups = Wishes::new(&plan).held_by_groups();
        // That happens only where there are few grants for many groups.
        if plan.by_groups > plan.grants / 2 {
            (plan.density, plan.by_groups) = (Odds::NEVER, 0);
        }
        Ok(plan)
    }

    /// The root of chance for a topic.
    pub(super) fn chance(&self, topic: Topic) -> Chance {
        self.root.of(topic as u64)
    }

    fn first_role(&self) -> u32 {
        2 + 2 * self.groups
    }

    fn first_repo(&self) -> u32 {
        self.first_role() + self.roles
    }

    /// How many entitlements there are.
    pub(super) fn entitlements(&self) -> u32 {
        self.first_repo() + 3 * self.repos
    }

    /// The number of an entitlement.
    pub(super) fn number(&self, right: Right) -> u32 {
        match right {
            Right::OrgMember => 0,
            Right::OrgOwner => 1,
            Right::GroupMember(group) => 2 + 2 * group,
            Right::GroupOwner(group) => 3 + 2 * group,
            Right::Role(role) => self.first_role() + role,
            Right::Repo(repo, level) => self.first_repo() + 3 * repo + level as u32,
        }
    }

    /// The entitlement of a number.
    pub(super) fn right(&self, number: u32) -> Right {
        if number < 2 {
            return if number == 0 { Right::OrgMember } else { Right::OrgOwner };
        }
        if number < self.first_role() {
            let group = (number - 2) / 2;
            return if number.is_multiple_of(2) {
                Right::GroupMember(group)
            } else {
                Right::GroupOwner(group)
            };
        }
        if number < self.first_repo() {
            return Right::Role(number - self.first_role());
        }
        let rest = number - self.first_repo();
        let level = match rest % 3 {
            0 => Level::Read,
            1 => Level::Write,
            _ => Level::Admin,
        };
        Right::Repo(rest / 3, level)
    }

    /// The principal of a number.
    pub(super) fn principal(&self, number: u32) -> Principal {
        match number.checked_sub(self.users) {
            None => Principal::User(number),
            Some(group) => Principal::Group(group),
        }
    }

    /// The number of a group as a principal.
    pub(super) fn group_as_principal(&self, group: u32) -> u32 {
        self.users + group
    }
}
