//! Each filter against what a reader of the whole list would pick by hand.

use std::collections::BTreeSet;

use crate::run::{Record, column, names, records, run, text};

/// The whole of `company.c1z`.
struct Company {
    types: Vec<String>,
    resources: Vec<Record>,
    entitlements: Vec<Record>,
    grants: Vec<Record>,
}

impl Company {
    fn read() -> Self {
        Self {
            types: names("resource-types"),
            resources: records("resources"),
            entitlements: records("entitlements"),
            grants: records("grants"),
        }
    }

    /// Type and id of all resources.
    fn keys(&self) -> Vec<(&str, &str)> {
        self.resources.iter().map(|record| (text(record, "type"), text(record, "id"))).collect()
    }

    /// Type and id of all that hold something, each once.
    fn principals(&self) -> Vec<(&str, &str)> {
        distinct(self.grants.iter().map(principal))
    }
}

fn principal(grant: &Record) -> (&str, &str) {
    (text(grant, "principal_type"), text(grant, "principal_id"))
}

fn offered_by(record: &Record) -> (&str, &str) {
    (text(record, "resource_type"), text(record, "resource_id"))
}

fn distinct<'a>(keys: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let mut seen = BTreeSet::new();
    keys.filter(|key| seen.insert(*key)).collect()
}

#[track_caller]
fn lists(line: &str, expected: impl Iterator<Item = Record>) {
    assert_eq!(records(line), expected.collect::<Vec<_>>(), "{line}");
}

fn picked<'a>(
    records: &'a [Record],
    wanted: impl Fn(&Record) -> bool + 'a,
) -> impl Iterator<Item = Record> + 'a {
    records.iter().filter(move |record| wanted(record)).cloned()
}

#[test]
fn resources_of_a_type() {
    let all = Company::read();
    for kind in &all.types {
        lists(&format!("resources -t {kind}"), picked(&all.resources, |record| text(record, "type") == kind));
    }
}

#[test]
fn resources_of_a_resource_are_its_children() {
    let all = Company::read();
    for (kind, id) in all.keys() {
        let child = |record: &Record| (text(record, "parent_type"), text(record, "parent_id")) == (kind, id);
        lists(&format!("resources -t {kind} -r '{id}'"), picked(&all.resources, child));
    }
}

#[test]
fn resources_of_an_entitlement_offer_it() {
    let all = Company::read();
    for entitlement in &all.entitlements {
        let (kind, id) = offered_by(entitlement);
        let offers = |record: &Record| (text(record, "type"), text(record, "id")) == (kind, id);
        let line = format!("resources -e '{}'", text(entitlement, "id"));
        lists(&line, picked(&all.resources, offers));
        lists(&format!("{line} -t {kind}"), picked(&all.resources, offers));
        lists(&format!("{line} -t secret"), std::iter::empty());
    }
}

#[test]
fn resources_of_a_principal_are_itself() {
    let all = Company::read();
    for (kind, id) in all.keys() {
        let itself = |record: &Record| (text(record, "type"), text(record, "id")) == (kind, id);
        let line = format!("resources -p '{kind}/{id}'");
        lists(&line, picked(&all.resources, itself));
        lists(&format!("{line} -t {kind}"), picked(&all.resources, itself));
    }
    lists("resources -p ada -t group", std::iter::empty());
    lists("resources -p ada -e org:acme:owner", std::iter::empty());
    let child = |record: &Record| text(record, "id") == "ada";
    lists("resources -p ada -t org -r acme", picked(&all.resources, child));
}

#[test]
fn entitlements_of_a_type_of_a_resource_and_by_id() {
    let all = Company::read();
    for kind in &all.types {
        let of = |record: &Record| text(record, "resource_type") == kind;
        lists(&format!("entitlements -t {kind}"), picked(&all.entitlements, of));
    }
    for (kind, id) in all.keys() {
        let of = |record: &Record| offered_by(record) == (kind, id);
        lists(&format!("entitlements -t {kind} -r '{id}'"), picked(&all.entitlements, of));
    }
    for entitlement in column(&all.entitlements, "id") {
        let itself = |record: &Record| text(record, "id") == entitlement;
        lists(&format!("entitlements -e '{entitlement}'"), picked(&all.entitlements, itself));
    }
}

#[test]
fn entitlements_of_a_principal_are_those_it_holds_each_once() {
    let all = Company::read();
    for (kind, id) in all.principals() {
        let held: BTreeSet<&str> = all
            .grants
            .iter()
            .filter(|grant| principal(grant) == (kind, id))
            .map(|grant| text(grant, "entitlement_id"))
            .collect();
        let holds = |record: &Record| held.contains(text(record, "id"));
        let line = format!("entitlements -p '{kind}/{id}'");
        lists(&line, picked(&all.entitlements, holds));
        let of_groups = |record: &Record| holds(record) && text(record, "resource_type") == "group";
        lists(&format!("{line} -t group"), picked(&all.entitlements, of_groups));
        let of_eng = |record: &Record| holds(record) && offered_by(record) == ("group", "eng");
        lists(&format!("{line} -t group -r eng"), picked(&all.entitlements, of_eng));
        let one = |record: &Record| holds(record) && text(record, "id") == "role:viewer:assigned";
        lists(&format!("{line} -e role:viewer:assigned"), picked(&all.entitlements, one));
    }
}

#[test]
fn grants_on_a_type_and_on_a_resource() {
    let all = Company::read();
    for kind in &all.types {
        let on = |record: &Record| text(record, "resource_type") == kind;
        lists(&format!("grants -t {kind}"), picked(&all.grants, on));
    }
    for (kind, id) in all.keys() {
        let on = |record: &Record| offered_by(record) == (kind, id);
        lists(&format!("grants -t {kind} -r '{id}'"), picked(&all.grants, on));
    }
}

#[test]
fn grants_of_an_entitlement_whether_or_not_the_sync_holds_it() {
    let all = Company::read();
    let ids: BTreeSet<String> = column(&all.grants, "entitlement_id").into_iter().collect();
    assert!(ids.contains("project:atlas:delete"));
    for id in ids {
        let of = |record: &Record| text(record, "entitlement_id") == id;
        lists(&format!("grants -e '{id}'"), picked(&all.grants, of));
    }
}

#[test]
fn grants_to_a_principal_and_combinations_of_filters() {
    let all = Company::read();
    for (kind, id) in all.principals() {
        let to = |record: &Record| principal(record) == (kind, id);
        let line = format!("grants -p '{kind}/{id}'");
        lists(&line, picked(&all.grants, to));
        let on_groups = |record: &Record| to(record) && text(record, "resource_type") == "group";
        lists(&format!("{line} -t group"), picked(&all.grants, on_groups));
        let on_ops = |record: &Record| to(record) && offered_by(record) == ("group", "ops");
        lists(&format!("{line} -t group -r ops"), picked(&all.grants, on_ops));
        let one = |record: &Record| to(record) && text(record, "entitlement_id") == "org:acme:member";
        lists(&format!("{line} -e org:acme:member"), picked(&all.grants, one));
        lists(&format!("{line} -e org:acme:member -t org -r acme"), picked(&all.grants, one));
        lists(&format!("{line} -e org:acme:member -t group"), std::iter::empty());
    }
}

#[test]
fn principals_are_listed_once_in_the_order_of_their_first_grants() {
    let all = Company::read();
    let check = |line: &str, wanted: &dyn Fn(&Record) -> bool| {
        let keys = distinct(all.grants.iter().filter(|grant| wanted(grant)).map(principal));
        let listed = records(line);
        let found: Vec<_> = listed.iter().map(|record| (text(record, "type"), text(record, "id"))).collect();
        assert_eq!(found, keys, "{line}");
        for record in listed.iter().filter(|record| text(record, "id") != "ghost") {
            assert!(all.resources.contains(record), "{line}: a principal is shown as the resource it is");
        }
    };
    check("principals", &|_| true);
    for (kind, id) in all.keys() {
        check(&format!("principals -t {kind} -r '{id}'"), &|grant| offered_by(grant) == (kind, id));
    }
    for id in column(&all.entitlements, "id") {
        check(&format!("principals -e '{id}'"), &|grant| text(grant, "entitlement_id") == id);
    }
    let owners = |grant: &Record| {
        offered_by(grant) == ("org", "acme") && text(grant, "entitlement_id") == "org:acme:owner"
    };
    check("principals -t org -r acme -e org:acme:owner", &owners);
}

#[test]
fn filters_work_in_every_format() {
    for format in ["table", "wide", "csv", "tsv"] {
        let output = run(&format!("grants -f company.c1z -t app -o {format}")).ok();
        assert_eq!(output.lines().len(), 4, "{format}");
    }
    let json = run("grants -f company.c1z -t app -o json").ok().json();
    assert_eq!(json["grants"].as_array().unwrap().len(), 3);
}

#[test]
fn long_names_of_filters_mean_the_same() {
    let long = "grants --resource-type group --resource eng --entitlement group:eng:member --principal ada";
    assert_eq!(names(long), names("grants -t group -r eng -e group:eng:member -p ada"));
    assert_eq!(names(long), ["group:eng:member:user:ada"]);
}

#[test]
fn filters_that_mean_nothing_are_refused() {
    for line in [
        "principals -t group",
        "principals -r eng",
        "principals -p ada",
        "resource-types -t user",
        "resource-types -t user -r ada",
        "resource-types -e org:acme:owner",
        "resource-types -p ada",
        "syncs -t user",
        "stats -t user",
    ] {
        run(&format!("{line} -f company.c1z")).refused();
    }
}

#[test]
fn a_resource_without_its_type_is_refused() {
    for command in ["resources", "entitlements", "grants", "principals", "access"] {
        let error = run(&format!("{command} -r ada -f company.c1z")).refused();
        assert!(error.contains("--resource-type") || error.contains("-t"), "{error}");
    }
}

#[test]
fn empty_values_are_refused() {
    for command in ["resources", "entitlements", "grants", "principals"] {
        for filter in ["-t ''", "-t '' -r x", "-t user -r ''", "-e ''", "--sync-id ''", "--sort ''"] {
            run(&format!("{command} {filter} -f company.c1z")).refused();
        }
    }
    for command in ["resources", "entitlements", "grants"] {
        run(&format!("{command} -p '' -f company.c1z")).refused();
    }
    run("access '' -f company.c1z").refused();
}
