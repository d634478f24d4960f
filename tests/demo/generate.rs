//! Invented companies.

use crate::run::Desk;

const SMALL: [&str; 11] =
    ["generate", "--users", "40", "--groups", "5", "--roles", "3", "--repos", "6", "--grants-per-user", "4"];

#[test]
fn a_company_has_the_size_that_was_asked_for() {
    let desk = Desk::new();
    let done = desk.demo(&SMALL);
    assert_eq!(done.stderr, "note: wrote sync.c1z: 1 sync, 160 grants\n");
    assert_eq!(done.ok(), "");
    assert_eq!(desk.files(), ["sync.c1z"]);
    assert_eq!(desk.grants().len(), 160);
    assert_eq!(desk.baton("resources -t user -o name").lines().count(), 40);
}

#[test]
fn the_same_numbers_give_the_same_file_and_other_seeds_others() {
    let desk = Desk::new();
    let made = |name: &str, words: &[&str]| {
        desk.demo(&[&SMALL[..], &["-f", name], words].concat()).ok();
        std::fs::read(desk.file(name)).unwrap()
    };
    let first = made("a.c1z", &[]);
    assert!(first == made("b.c1z", &[]));
    assert!(first != made("c.c1z", &["--seed", "2"]));
}

#[test]
fn several_syncs_differ_by_the_churn() {
    let desk = Desk::new();
    desk.demo(&[&SMALL[..], &["--syncs", "3", "--churn", "10"]].concat()).ok();
    let syncs = desk.baton("syncs -o name");
    assert_eq!(syncs.lines().count(), 3);
    let grants: Vec<String> =
        syncs.lines().map(|id| desk.baton(&format!("grants --sync-id {id} -o name"))).collect();
    assert!(grants[0] != grants[1] && grants[1] != grants[2]);
}

#[test]
fn a_file_is_replaced_only_by_force() {
    let desk = Desk::new();
    std::fs::write(desk.file("sync.c1z"), "mine").unwrap();
    let error = desk.demo(&SMALL).trouble();
    assert_eq!(error, "error: sync.c1z: already exists\nhint: use --force to replace it\n");
    assert_eq!(std::fs::read(desk.file("sync.c1z")).unwrap(), b"mine");
    desk.demo(&[&SMALL[..], &["--force"]].concat()).ok();
    assert_eq!(desk.grants().len(), 160);
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    let desk = Desk::new();
    for (words, error) in [
        (["--churn", "101"], "error: 101 is no percentage"),
        (["--syncs", "0"], "error: a company without a sync is none"),
        (["--users", "many"], "error: invalid value 'many' for '--users <N>'"),
    ] {
        let found = desk.demo(&[&["generate"], &words[..]].concat()).trouble();
        assert!(found.starts_with(error), "{found}");
    }
    assert!(desk.files().is_empty());
}
