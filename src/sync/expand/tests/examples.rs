//! Small companies, worked out by hand.

use super::*;

#[track_caller]
fn check(stored: &[&str], after: &[&str]) -> Report {
    let (grants, report) = expanded(stored);
    assert_eq!(grants, sorted(after));
    assert!(!report.stopped);
    report
}

#[test]
fn a_chain() {
    let report = check(
        &["user:u in a", "group:a in b by a", "group:b in c by b"],
        &[
            "user:u in a",
            "group:a in b",
            "group:b in c",
            "user:u in b from a=true immutable",
            "group:a in c from b=true immutable",
            "user:u in c from b=false immutable",
        ],
    );
    assert_eq!((report.edges, report.destinations, report.cycles), (2, 2, 0));
    assert_eq!((report.created, report.updated), (3, 0));
}

#[test]
fn a_diamond_with_a_direct_member() {
    let report = check(
        &[
            "user:u in a",
            "group:a in b by a",
            "group:a in c by a",
            "group:b in d by b",
            "group:c in d by c",
            "user:u in d",
        ],
        &[
            "user:u in a",
            "group:a in b",
            "group:a in c",
            "group:b in d",
            "group:c in d",
            "user:u in b from a=true immutable",
            "user:u in c from a=true immutable",
            "group:a in d from b=true c=true immutable",
            "user:u in d from b=false c=false d=true",
        ],
    );
    assert_eq!((report.created, report.updated), (3, 1));
}

#[test]
fn a_shallow_edge_for_users() {
    let stored = |edge| ["user:u in a", "user:w in b", "group:a in b by a", edge];
    let base = [
        "user:u in a",
        "user:w in b",
        "group:a in b",
        "group:b in c",
        "user:u in b from a=true immutable",
        "user:w in c from b=true immutable",
    ];
    check(&stored("group:b in c by b shallow for user"), &base);
    let deep = "user:u in c from b=false immutable";
    check(&stored("group:b in c by b for user"), &[&base[..], &[deep]].concat());
    let group = "group:a in c from b=true immutable";
    check(&stored("group:b in c by b shallow"), &[&base[..], &[group]].concat());
    check(&stored("group:b in c by b"), &[&base[..], &[deep, group]].concat());
    check(&stored("group:b in c by b for group"), &[&base[..5], &[group]].concat());
}

#[test]
fn a_cycle_with_something_before_it() {
    let report = check(
        &["user:u in z", "group:a in b by a", "group:b in a by b", "group:z in a by z"],
        &[
            "user:u in z",
            "group:a in b",
            "group:b in a",
            "group:z in a",
            "user:u in a from z=true immutable",
            "user:u in b from z=true immutable",
        ],
    );
    assert_eq!((report.edges, report.destinations, report.cycles), (3, 2, 1));
}

#[test]
fn a_cycle_with_something_after_it() {
    let report = check(
        &["user:u in a", "user:w in b", "group:a in b by a", "group:b in a by b", "group:a in d by a"],
        &[
            "user:u in a",
            "user:w in b",
            "group:a in b",
            "group:b in a",
            "user:u in d from a=true immutable",
            "user:w in d from b=true immutable",
            "group:b in d from a=true immutable",
            "group:a in d from b=true d=true",
        ],
    );
    assert_eq!((report.created, report.updated), (3, 1));
}

#[test]
fn new_and_old_members() {
    let stored = [
        "user:alice in d",
        "user:dave in d",
        "group:s1 in d by s1",
        "group:s2 in d by s2",
        "user:alice in s1",
        "user:bob in s1",
        "user:bob in s2 from t=true",
        "user:carol in s2",
    ];
    let kept = &stored[1..];
    let made = [
        "user:alice in d from d=true s1=true",
        "user:bob in d from s1=true s2=false immutable",
        "user:carol in d from s2=true immutable",
    ];
    let unbound: Vec<&str> = kept.iter().map(|line| line.split(" by ").next().unwrap()).collect();
    check(&stored, &[&unbound[..], &made].concat());
    let mut memory = Memory::of(&stored);
    expand(&mut memory).unwrap();
    let ids = ["alice", "bob", "carol"].map(|user| format!("group:d:member:user:{user}"));
    assert_eq!(memory.puts, ids, "dave is not written");
}

#[test]
fn only_what_expansion_made_is_immutable() {
    let (grants, _) = expanded(&[
        "user:user1 in group2",
        "user:user2 in group2",
        "group:group2 in group1 by group2",
        "user:user1 in group1",
    ]);
    assert_eq!(grants.len(), 5);
    assert!(grants.contains(&"user:user1 in group1 from group1=true group2=true".to_owned()));
    assert!(grants.contains(&"user:user2 in group1 from group2=true immutable".to_owned()));
}

#[test]
fn a_ring() {
    let stored = [
        "user:u in a",
        "user:v in b",
        "user:w in c",
        "group:a in b by a",
        "group:b in c by b",
        "group:c in a by c",
    ];
    let (grants, report) = expanded(&stored);
    assert_eq!(grants.len(), 6);
    assert_eq!(report, Report { edges: 3, cycles: 1, ..Report::default() });
}
