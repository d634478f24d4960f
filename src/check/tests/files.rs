//! Order, counts and whole files.

use std::path::Path;

use super::world::grant;
use super::*;
use crate::store::{OpenOptions, Reader, Source, SyncChoice};

#[test]
fn findings_come_by_rule_and_are_the_same_each_time() {
    let world = all_faults();
    for (engine, file) in files(&world, Engines::Both) {
        let findings = file.findings();
        let places: Vec<_> = findings
            .iter()
            .map(|finding| RULES.iter().position(|rule| rule.code == finding.rule.code).unwrap())
            .collect();
        assert!(places.is_sorted(), "{engine}");
        assert!(places.len() > 30, "{engine}: {}", places.len());
        for _ in 0..3 {
            assert_eq!(file.findings(), findings, "{engine}");
        }
    }
}

#[test]
fn a_rule_and_its_first_record_make_a_finding_unique() {
    for (engine, file) in files(&all_faults(), Engines::Both) {
        let mut seen = BTreeSet::new();
        for finding in file.findings() {
            assert!(seen.insert((finding.rule.code, finding.records[0].clone())), "{engine}: {finding:?}");
        }
    }
}

#[test]
fn it_says_what_was_looked_at_and_stops_when_told() {
    let world = all_faults();
    let file = world.sqlite();
    let run = &file.reader.runs()[0];
    let mut count = 0;
    let checked = check(file.reader.at(run), &|_| true, &mut |_| {
        count += 1;
        if count == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(count, 2);
    assert_eq!((checked.sync, checked.resource_types), (run.id.clone(), world.types.len() as u64));
    assert_eq!(checked.resources, world.resources.len() as u64);
    assert_eq!(checked.entitlements, world.entitlements.len() as u64);
    let ids: BTreeSet<_> = world.grants.iter().map(|grant| &grant.id).collect();
    assert_eq!(checked.grants, ids.len() as u64);
}

#[test]
fn what_is_missing_is_told_once_with_examples() {
    let mut world = World::sound();
    for slug in ["a", "b", "c", "d", "e"] {
        world.grants.push(grant(&format!("app:crm:{slug}"), ("user", "ghost")));
    }
    for (engine, file) in files(&world, Engines::Both) {
        let findings = file.findings_of(&|rule| rule.code == "grant-principal-missing");
        let [finding] = &findings[..] else { panic!("{engine}: {findings:?}") };
        assert_eq!(
            finding.message,
            "5 grants, such as app:crm:a:user:ghost, are held by user/ghost, which is not in the sync"
        );
        let records: Vec<_> = finding.records.iter().map(|record| record.id.as_str()).collect();
        assert_eq!(
            records,
            ["user/ghost", "app:crm:a:user:ghost", "app:crm:b:user:ghost", "app:crm:c:user:ghost"]
        );
        let place = finding.place.as_ref().unwrap().place().to_string();
        assert!(place.contains("grants"), "{engine}: {place}");
    }
}

fn fixture(name: &str) -> Reader {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    Reader::open(&Source::from(&*path), &OpenOptions::default(), &mut |_, _| {}).unwrap()
}

/// What is found at error level, in every sync of a fixture.
fn errors(name: &str) -> Vec<String> {
    let reader = fixture(name);
    let mut errors = Vec::new();
    for run in reader.runs() {
        let run = reader.choose(&SyncChoice::Id(run.id.clone())).unwrap().run;
        check(reader.at(run), &|rule| rule.severity == Severity::Error, &mut |finding| {
            errors.push(format!("{} {}", finding.rule.code, finding.records[0].id));
            ControlFlow::Continue(())
        })
        .unwrap();
    }
    errors
}

#[test]
fn fixtures_have_no_other_errors_than_those_that_are_planted() {
    const PLANTED: [&str; 2] =
        ["grant-entitlement-missing project:atlas:delete", "grant-principal-missing user/ghost"];
    let none: [&str; 0] = [];
    assert_eq!(errors("generated.c1z"), none);
    assert_eq!(errors("empty.c1z"), none);
    assert_eq!(errors("unfinished.c1z"), none);
    assert_eq!(errors("company.c1z"), [PLANTED, PLANTED].concat());
    assert_eq!(errors("partial-newest.c1z"), PLANTED);
    assert_eq!(errors("slim.c1z"), PLANTED);
    assert_eq!(errors("old-schema.c1z"), PLANTED);
}

#[test]
fn rows_that_cannot_be_read_do_not_stop_it() {
    let found = errors("damaged-rows.c1z");
    assert!(found.contains(&"text-not-utf8 user/latin-1".to_owned()), "{found:?}");
    assert!(found.contains(&"trait-malformed user/bad-trait".to_owned()), "{found:?}");
}
