//! Tests of syncs.

use crate::runner::tasks::testing::{Acme, Stage, is_alone};
use crate::sync::Stop;
use crate::ui::Kind;

#[test]
fn a_sync_writes_the_file_and_says_what_it_holds() {
    let stage = Stage::empty();
    let ran = stage.run(&Acme::default(), &[]);
    assert!(ran.result.is_ok(), "{:?}", ran.result);
    assert_eq!(ran.out, "");
    let last = ran.log.last().unwrap();
    assert!(last.starts_with("INFO  Sync complete. file="), "{last}");
    // Ada is a member of `all` through `eng`.
    assert!(last.ends_with("resource_types=3 resources=4 entitlements=2 grants=3 warnings=0"), "{last}");
    assert!(is_alone(&stage.file()));
}

#[test]
fn the_options_of_a_sync_reach_the_engine() {
    let held = |flags: &[&str]| {
        let ran = Stage::empty().run(&Acme::default(), flags);
        assert!(ran.result.is_ok(), "{:?}", ran.result);
        let last = ran.log.last().unwrap().clone();
        let kind = ran.log.iter().find_map(|line| line.split_once("sync_type=")).unwrap().1.to_owned();
        (kind, last[last.find("resource_types").unwrap()..].to_owned())
    };
    let full = "full".to_owned();
    assert_eq!(
        held(&["--sync-resource-types=user"]),
        (full, "resource_types=1 resources=2 entitlements=0 grants=0 warnings=0".into())
    );
    assert_eq!(
        held(&["--skip-entitlements-and-grants"]),
        ("resources_only".into(), "resource_types=3 resources=4 entitlements=0 grants=0 warnings=0".into())
    );
    let error = Stage::empty().run(&Acme::default(), &["--sync-resource-types=usr"]);
    assert_eq!(error.kind(), Kind::Usage);
}

#[test]
fn as_many_syncs_are_kept_as_asked_for() {
    let stage = Stage::empty();
    let removed = |flags: &[&str]| {
        let ran = stage.run(&Acme::default(), flags);
        ran.log.iter().any(|line| line.starts_with("INFO  Removed earlier syncs sync_ids="))
    };
    assert!(!removed(&["--keep-syncs=1"]));
    assert!(!removed(&["--skip-cleanup"]));
    assert!(!removed(&["--keep-syncs=3"]));
    assert!(removed(&["--keep-syncs=3"]));
    assert!(removed(&["--keep-syncs=1"]));
}

#[test]
fn a_stopped_sync_says_how_to_go_on_and_the_next_one_does() {
    let stage = Stage::empty();
    let acme = Acme { stop: Some(stage.stop.clone()), ..Acme::default() };
    let ran = stage.run(&acme, &[]);
    assert_eq!(ran.kind(), Kind::Interrupted);
    let error = ran.error();
    assert!(error.starts_with("error: stopped before the end\nhint: what it collected is saved"), "{error}");
    assert!(is_alone(&stage.file()));

    let again = Stage { stop: Stop::new(), ..stage };
    let ran = again.run(&Acme::default(), &[]);
    assert!(ran.log.iter().any(|line| line.starts_with("INFO  Sync resumed sync_id=")), "{:?}", ran.log);
    assert!(ran.log.last().unwrap().ends_with("grants=3 warnings=0"), "{:?}", ran.log);
}
