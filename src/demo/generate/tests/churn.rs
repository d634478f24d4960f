//! What changes from one sync to the next, and what does not.

use std::collections::BTreeSet;

use super::*;
use crate::sync::build::annotations;

const BIG: Company = Company { users: 700, groups: 60, roles: 30, repos: 300, syncs: 2, ..SMALL };

/// The ids of the grants to users.
fn ids(content: &Content) -> BTreeSet<&String> {
    content.grants_to("user").map(|(id, _)| id).collect()
}

/// The percentage of grants to users that are gone in the second sync.
fn gone(before: &Content, after: &Content) -> f64 {
    let (before, after) = (ids(before), ids(after));
    before.difference(&after).count() as f64 * 100.0 / before.len() as f64
}

#[test]
fn without_churn_the_next_day_is_the_same() {
    let [first, second, third] = &read(&make(&Company { syncs: 3, ..SMALL }))[..] else { panic!() };
    assert!(first == second);
    assert!(first == third);
}

#[test]
fn about_as_many_grants_change_as_was_asked_for() {
    for churn in [2.0, 30.0] {
        let company = Company { syncs: 3, churn, ..BIG };
        let [first, second, third] = &read(&make(&company))[..] else { panic!() };
        for (before, after) in [(first, second), (second, third)] {
            let (gone, come) = (gone(before, after), gone(after, before));
            assert!((churn * 0.8..churn * 1.15).contains(&gone), "{churn}: {gone} gone");
            assert!((churn * 0.8..churn * 1.2).contains(&come), "{churn}: {come} new");
            let (before, after) = (before.grants.len() as f64, after.grants.len() as f64);
            assert!((after - before).abs() < before * 0.02, "{churn}: {before} and then {after}");
        }
    }
}

#[test]
fn with_all_churn_nearly_nothing_stays() {
    let [first, second] = &read(&make(&Company { churn: 100.0, ..BIG }))[..] else { panic!() };
    // Those who stay remain members of the organization, and some get back by chance what went.
    let gone = gone(first, second);
    assert!(gone > 80.0, "{gone}");
}

#[test]
fn only_users_and_their_grants_change() {
    let contents = read(&make(&Company { syncs: 3, churn: 25.0, ..SMALL }));
    let [first, rest @ ..] = &contents[..] else { panic!() };
    let things = |content: &Content| -> Vec<v2::Resource> {
        content.resources.values().filter(|resource| kind_of(resource) != "user").cloned().collect()
    };
    for content in rest {
        assert_eq!(things(first), things(content));
        assert_eq!(first.types, content.types);
        assert_eq!(first.entitlements, content.entitlements);
        assert!(first.grants_to("group").eq(content.grants_to("group")));
    }
}

fn kind_of(resource: &v2::Resource) -> &str {
    &resource.id.as_ref().unwrap().resource_type
}

#[test]
fn a_few_users_come_go_change_their_names_or_are_disabled() {
    let company = Company { users: 1_500, grants_per_user: 3, churn: 20.0, ..BIG };
    let [first, second] = &read(&make(&company))[..] else { panic!() };
    let [before, after] = [first, second].map(|content| {
        content.of_type("user").map(|user| (name_of(user.id.as_ref()), user)).collect::<BTreeMap<_, _>>()
    });
    // 2 percent of 1500 each.
    let few = 15..50;
    let new: Vec<_> = after.iter().filter(|(id, _)| !before.contains_key(*id)).collect();
    assert!(few.contains(&new.len()), "{} new", new.len());
    assert_eq!(before.keys().filter(|id| !after.contains_key(*id)).count(), new.len());
    let day = FIRST_DAY..FIRST_DAY + DAY;
    assert!(new.iter().all(|(_, user)| day.contains(&user.created_at.unwrap().seconds)));

    let both = || before.iter().filter_map(|(id, user)| Some((*user, *after.get(id)?)));
    let renamed = both().filter(|(a, b)| a.display_name != b.display_name).count();
    let switched = both().filter(|(a, b)| a.status != b.status).count();
    assert!(few.contains(&renamed), "{renamed} renamed");
    assert!(few.contains(&switched), "{switched} switched");
    let changed = both().filter(|(a, b)| a != b).count();
    assert!(changed <= renamed + switched, "nothing else about a user changes: {changed}");
    let account =
        |user: &v2::Resource| -> v2::UserTrait { annotations::pick(&user.annotations).unwrap().unwrap() };
    for (a, b) in both() {
        assert_eq!((account(a).login, account(a).emails), (account(b).login, account(b).emails));
    }
}

#[test]
fn those_who_are_gone_hold_nothing() {
    for content in read(&make(&Company { churn: 40.0, ..SMALL })) {
        company::check(&content);
    }
}
