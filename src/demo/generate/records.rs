//! The records of a company but for its grants: resource types, resources and entitlements.

use prost_types::{Struct, Timestamp};

use super::names::{self, title};
use super::people::Person;
use super::plan::{Level, Plan, Principal, Right, Topic};
use super::random::Chance;
use super::{DAY, FIRST_DAY};
use crate::model::v2;
use crate::sync::build::{self, AccountType, ResourceBuilder, Status, Trait, UserBuilder};

/// The id of the only company.
const ORG: &str = "acme";

const PLACES: [&str; 7] = ["Lisbon", "Berlin", "Toronto", "Osaka", "Nairobi", "Austin", "Remote"];

const DEPARTMENTS: [&str; 14] = [
    "Engineering",
    "Engineering",
    "Engineering",
    "Product",
    "Sales",
    "Sales",
    "Support",
    "Support",
    "Operations",
    "Marketing",
    "Finance",
    "People",
    "Security",
    "Legal",
];

const TITLES: [&str; 10] = [
    "Associate",
    "Specialist",
    "Specialist",
    "Senior Specialist",
    "Engineer",
    "Senior Engineer",
    "Analyst",
    "Manager",
    "Director",
    "Contractor",
];

/// The resource types of a company.
#[derive(Debug)]
pub(super) struct Types {
    org: v2::ResourceType,
    user: v2::ResourceType,
    group: v2::ResourceType,
    role: v2::ResourceType,
    repo: v2::ResourceType,
}

impl Types {
    pub(super) fn new() -> Self {
        let about = |name: &str, words: &str| build::resource_type(name).description(words);
        let user = about("User", "People and programs with an account").trait_(Trait::User);
        Self {
            org: about("Organization", "The company").id("org").build(),
            user: user.skip_entitlements_and_grants().build(),
            group: about("Group", "Teams, and groups of teams").trait_(Trait::Group).build(),
            role: about("Role", "Sets of permissions").trait_(Trait::Role).build(),
            repo: about("Repository", "Source code").id("repo").build(),
        }
    }

    /// All, in the order in which their resources are listed.
    pub(super) fn all(&self) -> [&v2::ResourceType; 5] {
        [&self.org, &self.user, &self.group, &self.role, &self.repo]
    }

    /// The company itself.
    pub(super) fn company(&self) -> v2::Resource {
        let company = build::resource(&self.org, ORG, "Acme").description("Makes everything");
        let company = company.created_at(at(FIRST_DAY - 4_000 * DAY));
        ["user", "group", "role", "repo"].into_iter().fold(company, ResourceBuilder::child_type).build()
    }

    /// A resource of the company.
    fn part(&self, kind: &v2::ResourceType, id: &str, name: String) -> ResourceBuilder {
        build::resource(kind, id, name).parent(&build::id("org", ORG))
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

impl Plan {
    /// Appends the id of a principal.
    pub(super) fn push_principal(&self, out: &mut String, principal: Principal, sync: u32) {
        match principal {
            Principal::User(place) => self.push_login(out, self.person(place, sync).number),
            Principal::Group(group) => names::push_group(out, group),
        }
    }

    /// The account of a person.
    pub(super) fn user(&self, types: &Types, person: Person) -> v2::Resource {
        let mut login = String::new();
        self.push_login(&mut login, person.number);
        let chance = self.chance(Topic::Person).of(person.number);
        let created = self.created(person, chance.of(2));
        let account = build::user().login(&login).created_at(at(created));
        let account = match last_login(person, created, chance.of(3)) {
            Some(time) => account.last_login(at(time)),
            None => account,
        };
        let (name, account) = match self.is_service(person.number) {
            true => self.service(person, account),
            false => self.human(person, account, &login, chance.of(4)),
        };
        let status = if person.disabled { Status::Disabled } else { Status::Enabled };
        types.part(&types.user, &login, name).user(account.status(status, "")).build()
    }

    /// In the eight years before the first sync, or within the day before the sync of the first day.
    fn created(&self, person: Person, chance: Chance) -> i64 {
        let span = if person.joined == 0 { 8 * 365 * DAY } else { DAY };
        FIRST_DAY + i64::from(person.joined) * DAY - 1 - within(span, chance)
    }

    fn service(&self, person: Person, account: UserBuilder) -> (String, UserBuilder) {
        let task = self.task(person.number);
        let profile = profile([("department", "Operations"), ("purpose", task)]);
        let name = format!("{} service {}", title(task), person.number);
        (name, account.account_type(AccountType::Service).profile(profile))
    }

    fn human(
        &self,
        person: Person,
        account: UserBuilder,
        login: &str,
        chance: Chance,
    ) -> (String, UserBuilder) {
        let named = self.named(person.number);
        let employee = format!("E{:06}", person.number + 1);
        let profile = profile([
            ("department", chance.of(0).pick(&DEPARTMENTS)),
            ("employee_id", &employee),
            ("location", chance.of(1).pick(&PLACES)),
            ("title", chance.of(2).pick(&TITLES)),
        ]);
        let account = account
            .email(format!("{login}@{ORG}.example"))
            .name(named.given.1, named.family_after(person.renames).1)
            .employee_id(employee)
            .mfa(chance.of(3).percent(90))
            .profile(profile);
        (named.shown(person.renames), account)
    }

    /// A group.
    pub(super) fn group(&self, types: &Types, group: u32) -> v2::Resource {
        let mut id = String::new();
        names::push_group(&mut id, group);
        let age = self.chance(Topic::Group).of(group.into()).of(1);
        types.part(&types.group, &id, title(&id)).created_at(long_ago(age)).group(build::group()).build()
    }

    /// A role.
    pub(super) fn role(&self, types: &Types, role: u32) -> v2::Resource {
        let mut id = String::new();
        names::push_role(&mut id, role);
        let age = self.chance(Topic::Role).of(role.into());
        types.part(&types.role, &id, title(&id)).created_at(long_ago(age)).role(build::role()).build()
    }

    /// A repository, shown by its id as programmers write it.
    pub(super) fn repo(&self, types: &Types, repo: u32) -> v2::Resource {
        let mut id = String::new();
        names::push_repo(&mut id, repo);
        let age = self.chance(Topic::Repo).of(repo.into());
        types.part(&types.repo, &id, id.clone()).created_at(long_ago(age)).build()
    }

    /// The resource that offers an entitlement, with enough of it to be named.
    fn resource_of(&self, types: &Types, right: Right) -> v2::Resource {
        let whole = match right {
            Right::OrgMember | Right::OrgOwner => types.company(),
            Right::GroupMember(group) | Right::GroupOwner(group) => self.group(types, group),
            Right::Role(role) => self.role(types, role),
            Right::Repo(repo, _) => self.repo(types, repo),
        };
        v2::Resource {
            id: whole.id,
            parent_resource_id: whole.parent_resource_id,
            display_name: whole.display_name,
            ..Default::default()
        }
    }

    /// An entitlement.
    pub(super) fn entitlement(&self, types: &Types, right: Right) -> v2::Entitlement {
        let resource = self.resource_of(types, right);
        let name = &resource.display_name;
        let entitlement = match right {
            Right::OrgMember | Right::GroupMember(_) => build::assignment(&resource, "member")
                .display_name(format!("{name} Member"))
                .description(format!("Is a member of {name}")),
            Right::OrgOwner | Right::GroupOwner(_) => build::ownership(&resource, "owner")
                .display_name(format!("{name} Owner"))
                .description(format!("Owns {name}")),
            Right::Role(_) => build::assignment(&resource, "assigned")
                .display_name(format!("{name} Role"))
                .description(format!("Has the role {name}")),
            Right::Repo(_, level) => {
                let slug = level.slug();
                build::permission(&resource, slug)
                    .display_name(format!("{name} {}", title(slug)))
                    .description(format!("Has {slug} access to {name}"))
            }
        };
        let to_groups = !matches!(right, Right::OrgMember | Right::OrgOwner | Right::GroupOwner(_));
        let holders = [&types.user, &types.group].into_iter().take(1 + usize::from(to_groups));
        entitlement.grantable_to(holders).build()
    }
}

impl Level {
    fn slug(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

fn profile<const N: usize>(facts: [(&str, &str); N]) -> Struct {
    build::profile(facts.map(|(key, text)| (key, text.into())))
}

/// Some of these seconds.
fn within(seconds: i64, chance: Chance) -> i64 {
    chance.below(seconds.unsigned_abs()).cast_signed()
}

/// In the nine years before the first sync.
fn long_ago(chance: Chance) -> Timestamp {
    at(FIRST_DAY - 1 - within(9 * 365 * DAY, chance))
}

/// Some never log in and some stopped long ago; most did so a few days before the first sync.
fn last_login(person: Person, created: i64, chance: Chance) -> Option<i64> {
    let end = FIRST_DAY + i64::from(person.joined) * DAY;
    let days = match chance.of(0).below(100) {
        0..4 => return None,
        4..10 => 400,
        10..30 => 30,
        _ => 3,
    };
    Some((end - 1 - within(days * DAY, chance.of(1))).max(created))
}
