//! Tests of the rules: one fault in a sound company, and what is found of it.

mod cases;
mod files;
mod pebble;
mod properties;
mod world;

use std::collections::BTreeSet;

use super::*;
use cases::{Case, Engines, SPARED, cases};
use world::{File, World};

fn planted(plant: fn(&mut World)) -> World {
    let mut world = World::sound();
    plant(&mut world);
    world
}

/// The files that can hold a fault.
fn files(world: &World, engines: Engines) -> Vec<(&'static str, File)> {
    let sqlite = || ("sqlite", world.sqlite());
    let pebble = || ("pebble", world.pebble());
    match engines {
        Engines::Both => vec![sqlite(), pebble()],
        Engines::Sqlite => vec![sqlite()],
        Engines::Pebble => vec![pebble()],
    }
}

fn lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{}: {}", finding.rule.code, finding.message)).collect()
}

#[test]
fn nothing_is_found_in_a_sound_file() {
    for (engine, file) in files(&World::sound(), Engines::Both) {
        assert_eq!(lines(&file.findings()), [""; 0], "{engine}");
    }
}

#[test]
fn every_rule_has_a_fault() {
    let covered: BTreeSet<_> = cases().map(|case| case.code).collect();
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(covered, rules);
}

/// Whether a record is the one that is expected; long ids are known by their start.
fn is(record: &Record, expected: &str) -> bool {
    let name = format!("{} {}", record.kind.name(), record.id);
    name == expected || name.len() > 1024 && name.starts_with(expected)
}

/// What is not as the case says.
fn difference(case: &Case, findings: &[Finding]) -> Option<String> {
    let mine: Vec<_> = findings.iter().filter(|finding| finding.rule.code == case.code).collect();
    let about: Vec<_> = mine.iter().filter_map(|finding| finding.records.first()).collect();
    let same = about.len() == case.about.len()
        && about.iter().zip(case.about).all(|(record, expected)| is(record, expected));
    let one_sentence = |finding: &Finding| !finding.message.ends_with('.') && !finding.message.contains("  ");
    let codes: BTreeSet<_> = findings.iter().map(|finding| finding.rule.code).collect();
    let expected: BTreeSet<_> = case.also.iter().copied().chain([case.code]).collect();
    let good = same && codes == expected && mine.into_iter().all(one_sentence);
    (!good).then(|| format!("{about:?} {:#?}", lines(findings)))
}

#[test]
fn each_fault_is_found_and_nothing_else() {
    let mut differences = Vec::new();
    for case in cases() {
        let world = planted(case.plant);
        for (engine, file) in files(&world, case.engines) {
            let difference = difference(case, &file.findings());
            differences
                .extend(difference.map(|difference| format!("{} in {engine}: {difference}", case.code)));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_rule_finds_the_same_alone() {
    for case in cases() {
        let world = planted(case.plant);
        for (engine, file) in files(&world, case.engines) {
            let (mine, others): (Vec<_>, Vec<_>) =
                file.findings().into_iter().partition(|finding| finding.rule.code == case.code);
            let alone = file.findings_of(&|rule| rule.code == case.code);
            assert_eq!(alone, mine, "{} in {engine}", case.code);
            let without = file.findings_of(&|rule| rule.code != case.code);
            assert_eq!(without, others, "without {} in {engine}", case.code);
        }
    }
}

#[test]
fn what_only_looks_like_a_fault_is_not_told() {
    for case in SPARED {
        let world = planted(case.plant);
        for (engine, file) in files(&world, Engines::Both) {
            let findings = file.findings_of(&|rule| rule.code == case.code);
            assert_eq!(lines(&findings), [""; 0], "{} in {engine}", case.code);
        }
    }
}

/// All faults that can stand together.
fn all_faults() -> World {
    let mut world = World::sound();
    for case in cases().filter(|case| case.engines == Engines::Both) {
        // Some faults take away what others change.
        if !matches!(
            case.code,
            "sync-unfinished"
                | "sync-empty"
                | "sync-without-grants"
                | "resource-type-missing"
                | "trait-malformed"
        ) {
            (case.plant)(&mut world);
        }
    }
    world
}
