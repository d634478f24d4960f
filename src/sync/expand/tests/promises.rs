//! What expansion promises to stores and their readers, case by case.

use prost::Message as _;

use super::*;
use crate::model::v2;
use crate::sync::expand::testing::{Full, entitlement, grant, member_of, resource};
use crate::sync::expand::{ExpandError, Missing};

fn row(memory: &Memory, id: &str) -> v2::Grant {
    memory.grants().find(|grant| grant.id == id).unwrap()
}

#[test]
fn a_new_grant_is_whole() {
    let mut memory = Memory::of(&["user:u in a", "group:a in b by a"]);
    let mut member = grant("a", "user:u");
    let ada = v2::Resource { description: "of the first grant".into(), ..resource("user:u") };
    member.principal = Some(ada.clone());
    memory.insert(&member, None);
    expand(&mut memory).unwrap();
    let made = row(&memory, "group:b:member:user:u");
    assert_eq!(made.entitlement, Some(entitlement("b")), "the stored entitlement, not the stub in grants");
    assert_ne!(made.entitlement, grant("b", "user:u").entitlement);
    assert_eq!(made.principal, Some(ada));
    let [immutable] = &made.annotations[..] else { panic!("{made:?}") };
    assert_eq!(immutable.type_url, "type.googleapis.com/c1.connector.v2.GrantImmutable");
    assert_eq!(v2::GrantImmutable::decode(&*immutable.value).unwrap(), v2::GrantImmutable::default());
}

#[test]
fn a_grant_that_was_there_only_gets_sources() {
    let stored = ["user:u in a", "group:a in b by a", "user:u in b as mine annotated", "user:u in b"];
    let mut memory = Memory::of(&stored);
    let before = row(&memory, "mine");
    expand(&mut memory).unwrap();
    let after = row(&memory, "mine");
    assert_ne!(before.sources, after.sources);
    assert_eq!(before, v2::Grant { sources: None, ..after });
    assert_eq!(
        memory.show(),
        sorted(&[
            "group:a in b",
            "user:u in a",
            "user:u in b as mine from a=true b=true annotated",
            "user:u in b from a=true b=true",
        ])
    );
}

#[test]
fn sources_are_raised_and_never_lowered() {
    for (known, holds, after) in [
        ("a=false", "", "a=true c=true"),
        ("a=true", " from z=true", "a=true c=true"),
        ("a=true c=true", " from z=true", "a=true c=true"),
        ("z=false", "", "a=true c=true z=false"),
        ("b=true", " from z=true", "a=false b=true c=true"),
    ] {
        let stored = [
            &format!("user:u in a{holds}"),
            "user:u in c",
            "group:a in b by a",
            "group:c in b by c",
            &format!("user:u in b from {known}"),
        ];
        let (grants, _) = expanded(&stored);
        assert!(grants.contains(&format!("user:u in b from {after}")), "{grants:?}");
    }
}

#[test]
fn one_direct_grant_of_several_makes_direct() {
    let stored =
        ["user:u in a as x from z=true", "user:u in a", "user:u in a as y from z=true", "group:a in b by a"];
    for shallow in ["", " shallow"] {
        let last = format!("{}{shallow}", stored[3]);
        let (grants, _) = expanded(&[stored[0], stored[1], stored[2], &last]);
        assert!(grants.contains(&"user:u in b from a=true immutable".to_owned()), "{grants:?}");
    }
}

#[test]
fn new_grants_come_sorted_after_the_old_ones() {
    let stored = [
        "user:v in a",
        "user:w in b",
        "app:z in a",
        "user:v in b",
        "user:b in a",
        "user:w in a",
        "group:a in b by a for user app",
    ];
    let mut memory = Memory::of(&stored);
    expand(&mut memory).unwrap();
    assert_eq!(
        memory.puts,
        ["user:w", "user:v", "app:z", "user:b"].map(|name| format!("group:b:member:{name}"))
    );
}

#[test]
fn a_source_is_read_once_for_a_node() {
    let stored =
        ["user:u in s", "group:s in a by s", "group:a in b by a", "group:b in a by b", "group:t in b by t"];
    let mut memory = Memory::of(&stored);
    let report = expand(&mut memory).unwrap();
    assert_eq!(memory.done, [(1, 2), (2, 2)]);
    assert_eq!((report.cycles, report.edges), (1, 4));
    let reads: Vec<(&str, usize)> = memory.reads.iter().map(|(id, &times)| (id.as_str(), times)).collect();
    let ids = ["a", "b", "s", "t"].map(member_of);
    assert_eq!(reads, [(&*ids[0], 1), (&*ids[1], 1), (&*ids[2], 1), (&*ids[3], 1)]);
}

#[test]
fn nobody_inherits_nothing() {
    let stored = ["group:a in b by a shallow", "user:u in a from z=true", "user:v in b"];
    let mut memory = Memory::of(&stored);
    expand(&mut memory).unwrap();
    assert_eq!(memory.puts, Vec::<String>::new());
    assert_eq!(memory.reads.get(&member_of("b")), None, "nor are the grants of the destination read");
}

#[test]
fn a_missing_source_costs_its_edge() {
    let mut memory = Memory::of(&["user:u in a", "group:a in b by a a/owner", "group:a in c by a/owner"]);
    memory.forget("a/owner");
    let report = expand(&mut memory).unwrap();
    let missing = Missing { count: 2, examples: vec![member_of("a/owner")] };
    assert_eq!((report.edges, &report.dropped_edges), (1, &missing));
    assert_eq!((report.destinations, report.created), (1, 1));
}

#[test]
fn a_missing_destination_is_skipped() {
    let mut memory =
        Memory::of(&["user:u in a", "group:a in b by a", "group:a in c by a", "group:b in d by b"]);
    memory.forget("b");
    let report = expand(&mut memory).unwrap();
    assert_eq!(report.skipped_destinations, Missing { count: 1, examples: vec![member_of("b")] });
    assert_eq!(report.dropped_edges.count, 1);
    assert_eq!((report.destinations, report.created), (2, 1));
    assert_eq!(memory.done.last(), Some(&(2, 2)));
}

#[test]
fn examples_are_few_and_different() {
    let groups: Vec<String> = (0..20).map(|number| format!("g{:02}", number / 2)).collect();
    let lines: Vec<String> =
        groups.iter().enumerate().map(|(at, group)| format!("group:{group} in d{at} by {group}")).collect();
    let mut memory = Memory::of(&lines);
    groups.iter().for_each(|group| memory.forget(group));
    let missing = expand(&mut memory).unwrap().dropped_edges;
    let examples = ["g00", "g01", "g02", "g03", "g04"].map(member_of);
    assert_eq!((missing.count, &missing.examples[..]), (20, &examples[..]));
}

#[test]
fn nobody_hands_out_what_is_not_theirs() {
    let mut memory = Memory::of(&["user:u in a", "group:c in b by a as odd"]);
    let error = expand(&mut memory).unwrap_err();
    assert!(matches!(error, ExpandError::Foreign { .. }));
    assert_eq!(
        error.to_string(),
        "grant \"odd\" expands from \"group:a:member\", which is of \"group/a\" and not of its principal \"group/c\""
    );
    assert!(memory.puts.is_empty());
    // Not even with a principal and a resource that are both unknown.
    let mut memory = Memory::of(&["user:u in a", "group:a in b by a"]);
    memory.entitlements.get_mut(&member_of("a")).unwrap().resource = None;
    expand(&mut memory).unwrap_err();
    let expandable = v2::GrantExpandable { entitlement_ids: vec![member_of("a")], ..Default::default() };
    memory.insert(&v2::Grant { principal: None, ..grant("b", "group:a") }, Some(&expandable));
    expand(&mut memory).unwrap_err();
}

#[test]
fn blank_ids_are_nothing() {
    let mut memory = Memory::of(&["user:u in a", "group:a in b"]);
    let ids = ["", " ", "\t\u{a0}\n", &member_of("a"), ""].map(str::to_owned);
    let expandable = v2::GrantExpandable { entitlement_ids: ids.into(), ..Default::default() };
    memory.insert(&grant("b", "group:a"), Some(&expandable));
    let report = expand(&mut memory).unwrap();
    assert_eq!((report.edges, report.dropped_edges.count, report.created), (1, 0, 1));
}

#[test]
fn a_group_in_itself_is_no_cycle() {
    let (_, report) = expanded(&["user:u in a", "group:a in a by a"]);
    assert_eq!(report, Report::default());
}

#[test]
fn grants_without_principals_pass_nothing() {
    let mut memory = Memory::of(&["group:a in b by a"]);
    for (id, principal) in [("x", None), ("y", Some(v2::Resource::default()))] {
        for group in ["a", "b"] {
            let id = format!("{id} in {group}");
            memory.insert(&v2::Grant { id, principal: principal.clone(), ..grant(group, "user:u") }, None);
        }
    }
    expand(&mut memory).unwrap();
    assert!(memory.puts.is_empty());
}

#[test]
fn odd_ids_are_joined_as_they_are() {
    let mut memory = Memory::of(&["group:a in b by a"]);
    let id = v2::ResourceId {
        resource_type: "a:b".into(),
        resource: "c/ :\u{1f9f8}".into(),
        ..Default::default()
    };
    let odd = v2::Resource { id: Some(id), ..Default::default() };
    memory.insert(&v2::Grant { principal: Some(odd), ..grant("a", "user:u") }, None);
    expand(&mut memory).unwrap();
    assert_eq!(memory.puts, ["group:b:member:a:b:c/ :\u{1f9f8}"]);
}

#[test]
fn damage_is_named() {
    for (row, what) in [
        ("group:a in b", "an expandable grant does not parse: it ends in the middle of a field"),
        ("user:u in a", "a grant of \"group:a:member\" does not parse: it ends in the middle of a field"),
        ("user:v in b", "a grant of \"group:b:member\" does not parse: it ends in the middle of a field"),
    ] {
        let stored = ["group:a in b by a", "user:u in a", "user:v in b"];
        let mut memory = Memory::of(&stored);
        let at = stored.iter().position(|line| line.starts_with(row)).unwrap();
        memory.rows[at].0 = vec![0x12, 9, 1];
        let error = expand(&mut memory).unwrap_err();
        assert!(matches!(error, ExpandError::Malformed { .. }));
        assert_eq!(error.to_string(), what);
    }
    let mut memory = Memory::of(&["group:a in b by a"]);
    memory.rows[0].1 = Some(vec![0x0a, 9, 1]);
    assert!(matches!(expand(&mut memory).unwrap_err(), ExpandError::Malformed { .. }));
    // A text that is no text, where it must become one.
    let mut memory = Memory::of(&["group:a in b by a", "user:u in a"]);
    let place = memory.rows[1].0.windows(6).position(|bytes| bytes == b"the us").unwrap();
    memory.rows[1].0[place] = 0xff;
    assert!(matches!(expand(&mut memory).unwrap_err(), ExpandError::Malformed { .. }));
}

#[test]
fn what_the_store_says_is_passed_on() {
    let mut memory = Memory::of(&["user:u in a", "group:a in b by a"]);
    memory.room = Some(0);
    let error = expand(&mut memory).unwrap_err();
    assert!(matches!(error, ExpandError::Store(Full)));
    assert_eq!(error.to_string(), "full");
}

#[test]
fn nothing_to_expand_is_nothing_to_do() {
    let (grants, report) = expanded(&["user:u in a", "group:a in b"]);
    assert_eq!((grants.len(), report), (2, Report::default()));
}

/// Each group is in the next one, and users pass.
fn chain(length: usize) -> Vec<String> {
    (1..length).map(|at| format!("group:{:06} in {at:06} by {:06} for user", at - 1, at - 1)).collect()
}

#[test]
fn length_is_no_matter() {
    const LENGTH: usize = 100_000;
    let mut lines = chain(LENGTH);
    lines.push("user:u in 000000".into());
    let mut memory = Memory::of(&lines);
    let report = expand(&mut memory).unwrap();
    assert_eq!((report.edges, report.created, report.updated), (LENGTH - 1, LENGTH as u64 - 1, 0));
    assert_eq!(memory.puts.last().unwrap(), "group:099999:member:user:u");

    let (made, last) = (memory.rows.len(), LENGTH - 1);
    memory.line(&format!("group:{last:06} in 000000 by {last:06}"));
    let report = expand(&mut memory).unwrap();
    assert_eq!(report, Report { edges: LENGTH, cycles: 1, ..Report::default() });
    assert_eq!(memory.rows.len(), made + 1);
}
