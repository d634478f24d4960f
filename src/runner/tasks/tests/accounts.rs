//! Tests of accounts and credentials.

use serde_json::json;

use super::{ACCOUNT, ROTATE};
use crate::model::v2;
use crate::model::v2::CapabilityDetailCredentialOption as Choice;
use crate::runner::tasks::testing::{Acme, Stage};
use crate::sync::AccountOutcome;

#[test]
fn a_new_account_keeps_its_secrets_unless_they_are_asked_for() {
    let (stage, acme) = (Stage::empty(), Acme::default());
    let ran = stage.run(&acme, &ACCOUNT);
    assert_eq!(
        ran.out,
        "{\"outcome\":\"created\",\"resource\":{\"resourceType\":\"user\",\"resource\":\"joan\"},\
         \"displayName\":\"joan\",\"secrets\":[{\"name\":\"password\",\"description\":\"the password\"},\
         {\"name\":\"key\",\"description\":\"the key\"}]}\n"
    );
    assert_eq!(
        ran.log,
        [
            "INFO  Created user/joan (joan); the next sync shows it",
            "WARN  Not shown, and not told again: password, key; --show-secrets prints such secrets",
        ]
    );
    let ran = stage.run(&acme, &[&ACCOUNT[..], &["--show-secrets"]].concat());
    let secrets = &ran.json()["secrets"];
    assert_eq!(secrets[0]["value"].as_str().unwrap().chars().count(), 20);
    assert_eq!(secrets[1], json!({"name": "key", "description": "the key", "base64": "/wA="}));
    assert_eq!(ran.log.len(), 1);
    assert!(!ran.log[0].contains(secrets[0]["value"].as_str().unwrap()));
}

#[test]
fn login_and_address_stand_in_the_profile_too() {
    for (flags, call) in [
        (
            &ACCOUNT[..],
            r#"create user joan <joan@corp.example> {"email":"joan@corp.example","login":"joan"}"#,
        ),
        (
            &[r#"--create-account-profile={"login":"j","email":"j@x.example","n":1}"#],
            r#"create user j <j@x.example> {"email":"j@x.example","login":"j","n":1}"#,
        ),
        (
            &["--create-account-login=joan", r#"--create-account-profile={"login":"j","team":"a"}"#],
            r#"create user joan <> {"login":"j","team":"a"}"#,
        ),
        (&["--create-account-profile={}"], "create user  <> {}"),
    ] {
        let acme = Acme::default();
        Stage::empty().run(&acme, flags).json();
        assert_eq!(*acme.calls.borrow(), [call]);
    }
}

#[test]
fn every_end_of_an_account_has_its_outcome() {
    let there = v2::Resource {
        id: Some(v2::ResourceId { resource_type: "user".into(), resource: "7".into(), ..Default::default() }),
        display_name: "Joan".into(),
        ..Default::default()
    };
    for (outcome, printed, logged) in [
        (
            AccountOutcome::Exists(there),
            json!({"outcome": "already-exists", "displayName": "Joan", "secrets": [],
                "resource": {"resourceType": "user", "resource": "7"}}),
            "INFO  Already there: user/7 (Joan)",
        ),
        (
            AccountOutcome::ActionRequired("ask Grace".into()),
            json!({"outcome": "action-required", "message": "ask Grace", "secrets": []}),
            "WARN  Something is to be done first: ask Grace",
        ),
        (
            AccountOutcome::InProgress,
            json!({"outcome": "in-progress", "secrets": []}),
            "INFO  The system is still creating the account",
        ),
    ] {
        let acme = Acme { account: Some(outcome), choices: vec![Choice::NoPassword], ..Acme::default() };
        let ran = Stage::empty().run(&acme, &ACCOUNT);
        assert_eq!((ran.json(), &*ran.log), (printed, &[logged.to_owned()][..]));
    }
}

#[test]
fn the_right_type_creates_the_account() {
    let create = |types: &[&'static str], wanted: Option<&str>| {
        let acme = Acme { account_types: types.to_vec(), ..Acme::default() };
        let wanted = wanted.map(|kind| format!("--create-account-resource-type={kind}"));
        let flags: Vec<&str> = ACCOUNT.into_iter().chain(wanted.as_deref()).collect();
        let ran = Stage::empty().run(&acme, &flags);
        let call = acme.calls.borrow().first().map(|call| call.split(' ').nth(1).unwrap().to_owned());
        call.unwrap_or_else(|| ran.error())
    };
    assert_eq!(create(&["robot"], None), "robot");
    assert_eq!(create(&["robot", "user"], None), "user");
    assert_eq!(create(&["robot", "user"], Some("robot")), "robot");
    assert_eq!(
        create(&["robot", "guest"], None),
        "error: the connector has several kinds of accounts\n\
         hint: choose with --create-account-resource-type: robot, guest"
    );
}

#[test]
fn credentials_are_the_preferred_ones_that_can_be_made_up() {
    for (choices, count) in [
        (vec![Choice::RandomPassword, Choice::NoPassword], 2),
        (vec![Choice::NoPassword, Choice::RandomPassword], 0),
        (vec![Choice::Sso, Choice::RandomPassword], 2),
    ] {
        let acme = Acme { choices, ..Acme::default() };
        let ran = Stage::empty().run(&acme, &ROTATE);
        assert_eq!(ran.json()["secrets"].as_array().unwrap().len(), count);
    }
    let acme = Acme { choices: vec![Choice::Sso], ..Acme::default() };
    let error = Stage::empty().run(&acme, &ROTATE).error();
    assert!(
        error.starts_with("error: the connector wants credentials that cannot be made up here\n"),
        "{error}"
    );
    assert!(acme.calls.borrow().is_empty());
}

#[test]
fn rotation_tells_the_new_secrets_on_request() {
    let ran = Stage::empty().run(&Acme::default(), &[&ROTATE[..], &["--show-secrets"]].concat());
    let outcome = ran.json();
    assert_eq!(outcome["outcome"], "rotated");
    assert_eq!(outcome["resource"], json!({"resourceType": "user", "resource": "ada"}));
    assert_eq!(outcome["secrets"][0]["value"].as_str().unwrap().len(), 20);
    assert_eq!(ran.log, ["INFO  Rotated the credentials of user/ada"]);
}
