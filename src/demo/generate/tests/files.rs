//! The file: the same every time, and only where it may be.

use std::fs;

use super::*;
use crate::model::ksuid::Ksuid;
use crate::store::SyncChoice;

#[test]
fn the_same_company_gives_the_same_bytes() {
    let company = Company { syncs: 3, churn: 8.0, ..SMALL };
    let bytes = |company: &Company| fs::read(make(company).path).unwrap();
    let first = bytes(&company);
    assert!(first == bytes(&company));
    assert!(first != bytes(&Company { seed: 6, ..company }));
    assert!(first != bytes(&Company { churn: 9.0, ..company }));
}

#[test]
fn another_seed_gives_other_people_with_other_grants() {
    let [one] = &read(&make(&SMALL))[..] else { panic!() };
    let [other] = &read(&make(&Company { seed: 6, ..SMALL }))[..] else { panic!() };
    assert_ne!(one.resources, other.resources);
    let in_both = one.grants.keys().filter(|id| other.grants.contains_key(*id)).count();
    assert!(in_both * 4 < one.grants.len(), "{in_both}");
    // The rest of the plan does not depend on it.
    assert_eq!(one.types, other.types);
    assert_eq!(one.entitlements, other.entitlements);
}

#[test]
fn an_existing_file_is_replaced_only_on_request() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("there.c1z");
    fs::write(&path, "something else").unwrap();
    let mut told = 0;
    let refused = generate(&SMALL, &path, false, &mut |_, _| told += 1).unwrap_err();
    assert!(refused.to_string().contains("there.c1z"), "{refused}");
    assert_eq!(refused.hint().as_deref(), Some("use --force to replace it"));
    assert_eq!(told, 0, "the refusal comes before the work");
    assert_eq!(fs::read(&path).unwrap(), b"something else");
    generate(&SMALL, &path, true, &mut |_, _| {}).unwrap();
    assert!(fs::read(&path).unwrap().starts_with(b"C1ZF\0"));
}

#[test]
fn a_missing_directory_is_named_before_the_work() {
    let path = tempfile::tempdir().unwrap().path().join("none/made.c1z");
    let refused = generate(&SMALL, &path, false, &mut |_, _| panic!("it has begun")).unwrap_err();
    assert!(matches!(refused, GenerateError::Write(WriteError::Save(_))), "{refused}");
}

#[test]
fn the_observer_hears_how_far_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    let company = Company { syncs: 2, churn: 5.0, ..SMALL };
    let target = directory.path().join("made.c1z");
    let made = generate(&company, &target, false, &mut |done, all| told.push((done, all))).unwrap();
    assert!(told.len() >= 4);
    assert!(told.is_sorted());
    assert!(told.iter().all(|(done, all)| done <= all && (4_080..4_300).contains(all)), "{told:?}");
    assert_eq!(told.last().unwrap().0, made.grants());
}

#[test]
fn syncs_are_finished_and_a_day_apart() {
    let made = make(&Company { syncs: 3, churn: 1.0, ..SMALL });
    let source = Source::Path(made.path.clone());
    let reader = Reader::open(&source, &OpenOptions::default(), &mut |_, _| {}).unwrap();
    for (day, run) in (1..).zip(reader.runs()) {
        let started_at = run.started_at.unwrap();
        assert_eq!(started_at.to_string(), format!("2026-01-0{day}T06:00:00Z"));
        assert_eq!(run.id.parse::<Ksuid>().unwrap().seconds(), started_at.to_proto().seconds);
        assert!(run.finished);
        assert!(run.ended_at > run.started_at);
        assert_eq!((run.kind.as_str(), run.parent_id.as_str(), run.backfilled), ("full", "", true));
        let token: serde_json::Value = serde_json::from_str(&run.token).unwrap();
        assert_eq!((&token["version"], &token["needs_expansion"]), (&1.into(), &true.into()));
        assert_eq!(token["current_action_id"], token["completed_actions_count"]);
    }
    let chosen = reader.choose(&SyncChoice::Newest).unwrap();
    assert_eq!(Some(&chosen.run.id), made.summary.syncs.last().map(|(id, _)| id));
}

#[test]
fn the_fixture_is_what_its_command_makes() {
    let company = Company {
        users: 40,
        groups: 8,
        roles: 5,
        repos: 12,
        grants_per_user: 7,
        seed: 15,
        syncs: 2,
        churn: 10.0,
    };
    let mut made = make(&company);
    let now = read(&made);
    made.path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/generated.c1z");
    assert!(now == read(&made), "the generator has changed; see testdata/README.md");
}
