//! Grants and revocations.

use serde_json::json;

use crate::run::{Desk, output};

const ULLA: [&str; 4] = ["--grant-principal", "ulla", "--grant-principal-type", "user"];

fn grant(entitlement: &str) -> Vec<&str> {
    [&["--grant-entitlement", entitlement], &ULLA[..]].concat()
}

#[test]
fn a_grant_shows_in_the_next_sync_and_not_before() {
    let desk = Desk::synced();
    let before = desk.grants();
    let file = std::fs::read(desk.file("sync.c1z")).unwrap();
    let done = desk.demo(&grant("role:author:assignment"));
    assert!(done.stderr.ends_with("Granted role:author:assignment to user/ulla; the next sync shows it\n"));
    assert_eq!(
        done.json(),
        json!({
            "outcome": "granted", "entitlementId": "role:author:assignment",
            "principal": {"resourceType": "user", "resource": "ulla"},
            "grantIds": ["role:author:assignment:user:ulla"],
        })
    );
    assert_eq!(std::fs::read(desk.file("sync.c1z")).unwrap(), file);
    desk.sync();
    let after = desk.grants();
    let new: Vec<_> = after.difference(&before).collect();
    assert_eq!(new, ["role:author:assignment:user:ulla"]);
    assert!(before.is_subset(&after));
}

#[test]
fn a_revocation_shows_in_the_next_sync() {
    let desk = Desk::synced();
    let before = desk.grants();
    let words = ["--revoke-grant", "role:author:assignment:user:tomas"];
    let done = desk.demo(&words);
    assert_eq!(done.json(), json!({"outcome": "revoked", "grantId": "role:author:assignment:user:tomas"}));
    desk.sync();
    let after = desk.grants();
    let gone: Vec<_> = before.difference(&after).collect();
    assert_eq!(gone, ["role:author:assignment:user:tomas"]);
}

#[test]
fn what_is_so_already_is_said_and_no_error() {
    let desk = Desk::synced();
    desk.demo(&grant("group:field:member")).ok();
    let done = desk.demo(&grant("group:field:member"));
    assert!(done.stderr.contains("Already granted: user/ulla has group:field:member"), "{}", done.stderr);
    assert_eq!(done.json()["outcome"], "already-granted");

    let words = ["--revoke-grant", "role:author:assignment:user:tomas"];
    desk.demo(&words).ok();
    let done = desk.demo(&words);
    assert!(done.stderr.contains("Already revoked: role:author:assignment:user:tomas"), "{}", done.stderr);
    assert_eq!(done.json()["outcome"], "already-revoked");
}

#[test]
fn wrong_ids_are_answered_with_near_ones() {
    let desk = Desk::synced();
    let error = desk.demo(&grant("role:auther:assignment")).trouble();
    assert!(
        error.starts_with("error: sync.c1z: there is no entitlement role:auther:assignment\n"),
        "{error}"
    );
    assert!(error.contains("\nhint: did you mean role:author:assignment"), "{error}");
    let words = ["--grant-entitlement", "role:author:assignment", "--grant-principal", "ula"];
    let error = desk.demo(&[&words[..], &ULLA[2..]].concat()).trouble();
    assert!(error.contains("there is no resource user/ula\n") && error.contains("did you mean user/ulla?"));
    let error = desk.demo(&["--revoke-grant", "role:author:assignment:user:tomaz"]).trouble();
    assert!(error.contains("did you mean role:author:assignment:user:tomas"), "{error}");
}

#[test]
fn the_connector_has_the_last_word() {
    let desk = Desk::synced();
    // Groups may hold this one too, but only users are members of groups.
    let words = ["--grant-entitlement", "group:field:member", "--grant-principal", "platform"];
    let error = desk.demo(&[&words[..], &["--grant-principal-type", "group"]].concat()).trouble();
    assert!(error.starts_with("error: "), "{error}");
    assert_eq!(desk.grants().len(), 36);
}

#[test]
fn grants_are_looked_up_in_a_file_that_must_be_there() {
    let desk = Desk::new();
    let error = desk.demo(&grant("role:author:assignment")).trouble();
    assert!(error.starts_with("error: sync.c1z: there is no such file\nhint: "), "{error}");
}

#[test]
fn a_grant_may_be_asked_for_by_variables() {
    let desk = Desk::synced();
    let mut command = desk.demo_command(&[]);
    command.env("BATON_GRANT_ENTITLEMENT", "role:author:assignment");
    command.env("BATON_GRANT_PRINCIPAL", "ulla").env("BATON_GRANT_PRINCIPAL_TYPE", "user");
    assert_eq!(output(command).json()["outcome"], "granted");
}
