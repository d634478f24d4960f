//! `baton access`: what one principal holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::run::{FIRST, company, names, records, run, text};

#[test]
fn access_is_a_tree_of_resources_and_entitlements() {
    assert_eq!(
        company("access ada@corp.example").lines(),
        [
            "ada@corp.example (User)",
            "├─ Engineering & Design (Group)",
            "│  ├─ member",
            "│  └─ owner",
            "├─ Acme GmbH (Organisation)",
            "│  ├─ member",
            "│  └─ owner",
            "├─ Atlas (Project)",
            "│  └─ read",
            "└─ Administrator (Role)",
            "   └─ assigned",
        ]
    );
}

#[test]
fn all_ways_to_name_somebody_are_the_same() {
    let tree = company("access user/ada");
    for who in
        ["ada", "ADA@corp.example", "'Ada Lovelace'", "-t user -r ada", "--resource-type user --resource ada"]
    {
        assert_eq!(company(&format!("access {who}")), tree, "{who}");
    }
    assert_eq!(company("access -t user -r 'dept/eng:jo smith'"), company("access jsmith"));
}

#[test]
fn somebody_must_be_named_once() {
    for words in
        ["", "ada -t user -r ada", "ada -t user", "ada -r ada", "-t user", "-r ada", "ada zoe", "-t '' -r ''"]
    {
        run(&format!("access {words} -f company.c1z")).refused();
    }
}

#[test]
fn json_groups_entitlements_by_resource_sorted_by_type_and_id() {
    for who in ["user/ada", "user/mallory", "user/u-14", "group/eng"] {
        let document = company(&format!("access {who} -o json")).json();
        let (kind, id) = who.split_once('/').unwrap();
        let key = serde_json::json!({"resourceType": kind, "resource": id});
        assert_eq!(document["principal"]["id"], key);
        let mut expected: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for grant in records(&format!("grants -p {who}")) {
            let resource = (text(&grant, "resource_type").to_owned(), text(&grant, "resource_id").to_owned());
            expected.entry(resource).or_default().push(text(&grant, "entitlement_id").to_owned());
        }
        let found: Vec<((String, String), Vec<String>)> = document["access"]
            .as_array()
            .unwrap()
            .iter()
            .map(|to| {
                let of = |pointer| to.pointer(pointer).unwrap().as_str().unwrap().to_owned();
                let resource = (of("/resource/id/resourceType"), of("/resource/id/resource"));
                assert_eq!(of("/resourceType/id"), resource.0);
                let entitlements = to["entitlements"].as_array().unwrap();
                (resource, entitlements.iter().map(|held| held["id"].as_str().unwrap().to_owned()).collect())
            })
            .collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{who}");
    }
}

#[test]
fn other_formats_list_the_grants() {
    for format in ["ndjson", "csv", "tsv", "md", "name", "wide"] {
        let access = company(&format!("access zoe -o {format}"));
        assert_eq!(access, company(&format!("grants -p zoe -o {format}")), "{format}");
    }
    assert_eq!(company("access zoe --limit 2"), company("grants -p zoe --limit 2"));
}

#[test]
fn the_tree_holds_what_the_grants_hold() {
    for who in names("principals") {
        let tree = company(&format!("access '{who}'")).stdout;
        let leaves = tree.lines().filter(|line| line.starts_with("│  ") || line.starts_with("   ")).count();
        let held: BTreeSet<String> = records(&format!("grants -p '{who}'"))
            .iter()
            .map(|g| text(g, "entitlement_id").to_owned())
            .collect();
        assert_eq!(leaves, held.len(), "{who}: {tree}");
    }
}

#[test]
fn who_holds_nothing_is_only_named() {
    assert_eq!(company("access role/auditor").stdout, "Auditor (Role)\n");
    let document = company("access role/auditor -o json").json();
    assert_eq!(document["principal"]["displayName"], "Auditor");
    assert!(document.get("access").is_none());
    assert_eq!(company("access role/auditor -o ndjson").stdout, "");
}

#[test]
fn an_entitlement_that_the_sync_lacks_is_shown_by_its_id() {
    let output = company("access zoe");
    assert!(output.stdout.contains("─ project:atlas:delete\n"), "{}", output.stdout);
    assert!(output.warning().contains("entitlement project:atlas:delete"), "{}", output.stderr);
}

#[test]
fn access_reads_the_sync_that_is_asked_for() {
    let leaves = |line: &str| company(line).stdout.contains("Operations");
    assert!(!leaves("access robin"));
    assert!(leaves(&format!("access robin --sync-id {FIRST}")));
}
