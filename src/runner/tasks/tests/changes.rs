//! Tests of grants, revocations and deletions.

use serde_json::json;

use super::{ACCOUNT, DELETE, GRANT, REVOKE, ROTATE};
use crate::runner::tasks::testing::{Acme, NOW, Ran, Stage, is_alone, write_foreign};
use crate::sync::{Code, ConnectorError, RateLimit};
use crate::ui::Kind;

fn failing(codes: &[Code]) -> Acme {
    let failures = codes.iter().map(|code| ConnectorError::new(*code, "no")).collect();
    Acme { failures: std::cell::RefCell::new(failures), ..Acme::default() }
}

#[test]
fn a_grant_hands_the_connector_what_the_file_knows() {
    let (stage, acme) = (Stage::synced(), Acme::default());
    let before = std::fs::read(stage.file()).unwrap();
    let ran = stage.run(&acme, &GRANT);
    assert_eq!(
        ran.out,
        "{\"outcome\":\"granted\",\"entitlementId\":\"group:eng:member\",\
         \"principal\":{\"resourceType\":\"user\",\"resource\":\"grace\"},\
         \"grantIds\":[\"group:eng:member:user:grace\"]}\n"
    );
    assert_eq!(ran.log, ["INFO  Granted group:eng:member to user/grace; the next sync shows it"]);
    assert_eq!(
        *acme.calls.borrow(),
        ["grant group:eng:member of eng (from the system) to grace (from the system)"]
    );
    assert_eq!(std::fs::read(stage.file()).unwrap(), before);
    assert!(is_alone(&stage.file()));
}

#[test]
fn what_is_already_so_is_a_success() {
    let (stage, acme) = (Stage::synced(), Acme { already: true, ..Acme::default() });
    let outcome = |ran: &Ran| ran.json()["outcome"].as_str().unwrap().to_owned();
    let ran = stage.run(&acme, &GRANT);
    assert_eq!((&*outcome(&ran), &ran.json()["grantIds"]), ("already-granted", &json!([])));
    assert_eq!(ran.log, ["INFO  Already granted: user/grace has group:eng:member"]);
    let ran = stage.run(&acme, &REVOKE);
    assert_eq!(outcome(&ran), "already-revoked");
    assert_eq!(ran.log, ["INFO  Already revoked: group:eng:member:user:ada"]);
    let ran = stage.run(&acme, &DELETE);
    assert_eq!(outcome(&ran), "already-gone");
    assert_eq!(ran.log, ["INFO  Already gone: user/ada"]);
}

#[test]
fn a_revocation_hands_on_the_whole_grant() {
    let (stage, acme) = (Stage::synced(), Acme::default());
    let ran = stage.run(&acme, &REVOKE);
    assert_eq!(ran.json(), json!({"outcome": "revoked", "grantId": "group:eng:member:user:ada"}));
    stage.run(&acme, &["--revoke-grant=group:all:member:group:eng"]).json();
    assert_eq!(
        *acme.calls.borrow(),
        [
            "revoke member of eng (from the system) from ada (from the system), expandable: false",
            "revoke member of all (from the system) from eng (from the system), expandable: true",
        ]
    );
}

#[test]
fn ids_that_are_not_in_the_file_are_not_asked_for() {
    let (stage, acme) = (Stage::synced(), Acme::default());
    let file = stage.file().display().to_string();
    for (flags, words) in [
        (
            ["--grant-entitlement=group:egn:member", GRANT[1], GRANT[2]],
            format!(
                "error: {file}: there is no entitlement group:egn:member\n\
                 hint: baton entitlements -f {file} lists what there is\n\
                 hint: did you mean group:eng:member, group:all:member?"
            ),
        ),
        (
            [GRANT[0], "--grant-principal=grce", GRANT[2]],
            format!(
                "error: {file}: there is no resource user/grce\n\
                 hint: baton resources -t user -f {file} lists what there is\n\
                 hint: did you mean user/grace?"
            ),
        ),
    ] {
        assert_eq!(stage.run(&acme, &flags).error(), words);
    }
    let error = stage.run(&acme, &["--revoke-grant=group:eng:member:user:adda"]).error();
    assert!(error.starts_with(&format!("error: {file}: there is no grant group:eng:member:user:adda\n")));
    assert!(error.contains("did you mean group:eng:member:user:ada"), "{error}");
    assert!(acme.calls.borrow().is_empty());
}

#[test]
fn without_a_file_there_is_a_hint_to_sync() {
    let error = Stage::empty().run(&Acme::default(), &GRANT).error();
    assert!(error.ends_with("hint: grants are looked up in what a sync wrote: sync first"), "{error}");
}

#[test]
fn an_unfinished_sync_is_not_looked_at() {
    let stage = Stage::empty();
    let stopped = Acme { stop: Some(stage.stop.clone()), ..Acme::default() };
    assert_eq!(stage.run(&stopped, &[]).kind(), Kind::Interrupted);
    let error = stage.run(&Acme::default(), &GRANT).error();
    assert!(error.contains("it holds no finished sync"), "{error}");
    assert!(error.ends_with("hint: let a sync come to its end first"), "{error}");
}

#[test]
fn resources_of_other_connectors_are_left_alone() {
    let stage = Stage::empty();
    write_foreign(&stage.file());
    let acme = Acme::default();
    let flags = ["--grant-entitlement=foreign:f:use", GRANT[1], GRANT[2]];
    let error = stage.run(&acme, &flags).error();
    assert_eq!(error, "error: foreign/f comes from another connector, and only that one can change it");
    assert!(acme.calls.borrow().is_empty());
}

#[test]
fn what_a_connector_cannot_do_is_said() {
    let (stage, acme) = (Stage::synced(), Acme::default());
    for (flags, words) in [
        (
            &["--delete-resource=eng", "--delete-resource-type=group"][..],
            "error: unimplemented: the connector does not delete resources of the type \"group\"",
        ),
        (
            &["--delete-resource=x", "--delete-resource-type=usr"],
            "error: not found: the connector has no resource type \"usr\"\nhint: it has user, group, foreign",
        ),
        (
            &["--rotate-credentials=eng", "--rotate-credentials-type=group"],
            "error: unimplemented: the connector does not rotate credentials of resources of the type \"group\"",
        ),
        (
            &["--create-account-login=a", "--create-account-resource-type=group"],
            "error: unimplemented: the connector does not create accounts of the type \"group\"",
        ),
        (&["--event-feed"], "error: unimplemented: the connector has no event feed"),
        (
            &["--invoke-action=disable"],
            "error: unimplemented: the connector has no actions that belong to no resource type\n\
             hint: say --invoke-action-resource-type user",
        ),
        (
            &["--invoke-action=disabel", "--invoke-action-resource-type=user"],
            "error: not found: no action disabel\n\
             hint: --list-action-schemas lists what there is\nhint: did you mean disable?",
        ),
    ] {
        assert_eq!(stage.run(&acme, flags).error(), words);
    }
}

#[test]
fn changes_are_tried_three_times_while_the_system_is_away() {
    for flags in [&GRANT[..], &REVOKE, &DELETE] {
        let stage = Stage::synced();
        let acme = failing(&[Code::Unavailable, Code::DeadlineExceeded]);
        let ran = stage.run(&acme, flags);
        ran.json();
        assert_eq!(acme.calls.borrow().len(), 3);
        assert_eq!(*stage.clock.seconds.borrow(), [15, 30]);
        let warning = r#"WARN  Trying again after a while error="unavailable: no" attempt=1 wait_seconds=15"#;
        assert_eq!(ran.log[0], warning);

        let acme = failing(&[Code::Unavailable; 3]);
        let error = stage.run(&acme, flags).error();
        assert_eq!(error, "error: unavailable: no\nhint: it may work a little later");
        assert_eq!(acme.calls.borrow().len(), 3);
    }
}

#[test]
fn other_failures_are_final() {
    let (stage, acme) = (Stage::synced(), failing(&[Code::PermissionDenied]));
    assert_eq!(stage.run(&acme, &GRANT).error(), "error: permission denied: no");
    assert_eq!(acme.calls.borrow().len(), 1);
}

#[test]
fn what_might_be_done_twice_is_tried_once() {
    for flags in [&ACCOUNT[..], &ROTATE, &["--invoke-action=disable", "--invoke-action-resource-type=user"]] {
        let (stage, acme) = (Stage::empty(), failing(&[Code::Unavailable]));
        stage.run(&acme, flags).error();
        assert_eq!(acme.calls.borrow().len(), 1, "{flags:?}");
    }
}

#[test]
fn a_rate_limit_says_how_long_to_wait_but_not_over_a_minute() {
    let limited = |seconds: u64| {
        let reset_at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(NOW + seconds);
        ConnectorError::new(Code::Unavailable, "slow down").limited(RateLimit { remaining: 0, reset_at })
    };
    let stage = Stage::synced();
    let acme = Acme::default();
    acme.failures.borrow_mut().extend([limited(4), limited(900)]);
    stage.run(&acme, &GRANT).json();
    assert_eq!(*stage.clock.seconds.borrow(), [4, 60]);
}

#[test]
fn a_signal_ends_the_waiting() {
    let stage = Stage::synced();
    stage.clock.stops.set(true);
    let ran = stage.run(&failing(&[Code::Unavailable]), &GRANT);
    assert_eq!(ran.error(), "error: stopped while waiting to try again: unavailable: no");
    assert_eq!(ran.kind(), Kind::Interrupted);
}
