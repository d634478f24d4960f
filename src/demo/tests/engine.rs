//! The demo connector under the engine.

use super::*;
use crate::store::{GrantFilter, OpenOptions, Reader, Source, SyncChoice};
use crate::sync::{Sync, Target};

#[test]
fn a_sync_holds_all_that_is_listed_and_what_the_engine_expands() {
    let demo = demo();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sync.c1z");
    let outcome = Sync::new(&demo).run(&file).unwrap();
    let stats = &outcome.stats;
    let counted = (stats.resource_types, stats.resources, stats.entitlements, stats.grants);
    assert_eq!((counted, outcome.warnings), ((6, 16, 11, 36), 0));

    let reader = Reader::open(&Source::Path(file), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let newest = reader.choose(&SyncChoice::Newest).unwrap().run;
    let mut stored = BTreeSet::new();
    let mut scan = reader.at(newest).grants(&GrantFilter::default()).unwrap();
    let mut rows = scan.rows().unwrap();
    while rows.next(|grant| stored.insert(String::from_utf8(grant.id.to_vec()).unwrap())).unwrap().is_some() {
    }
    let listing = Listing::of(&demo);
    let mut expected: BTreeSet<_> = listing.grant_ids().into_iter().map(str::to_owned).collect();
    // Who is in the group Field.
    expected.extend(["ruben", "tomas"].map(|id| format!("role:auditor:assignment:user:{id}")));
    assert_eq!(stored, expected);
}

#[test]
fn single_resources_can_be_synced() {
    let demo = demo();
    let folder = tempfile::tempdir().unwrap();
    let targets = [
        Target { id: build::id("role", "viewer"), parent: None },
        Target { id: build::id("project", "field"), parent: Some(build::id("org", "harbour")) },
    ];
    let outcome = Sync::new(&demo).targets(targets).run(folder.path().join("sync.c1z")).unwrap();
    let stats = &outcome.stats;
    assert_eq!((stats.resources, stats.entitlements, stats.grants, outcome.warnings), (2, 3, 11, 0));
}
