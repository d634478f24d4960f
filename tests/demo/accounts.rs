//! New accounts, credentials, and deletions.

use serde_json::json;

use crate::run::Desk;

const JOAN: [&str; 4] = ["--create-account-login", "joan", "--create-account-email", "joan@corp.example"];

#[test]
fn a_new_account_shows_in_the_next_sync() {
    let desk = Desk::synced();
    let before = desk.resources();
    let done = desk.demo(&JOAN);
    assert!(
        done.stderr.contains("Not shown, and not told again: password; --show-secrets"),
        "{}",
        done.stderr
    );
    let outcome = done.json();
    assert_eq!(outcome["outcome"], "created");
    assert_eq!(outcome["resource"]["resourceType"], "user");
    assert_eq!(outcome["secrets"].as_array().unwrap().len(), 1);
    assert!(outcome["secrets"][0].get("value").is_none());
    desk.sync();
    let new: Vec<_> = desk.resources().difference(&before).cloned().collect();
    assert_eq!(new, [format!("user/{}", outcome["resource"]["resource"].as_str().unwrap())]);
    let user = desk.baton("resources -t user -o ndjson");
    assert!(user.contains("joan@corp.example"), "{user}");
}

#[test]
fn a_password_is_shown_on_request_and_never_logged() {
    let desk = Desk::new();
    let words = [&JOAN[..], &["--show-secrets", "--log-level", "debug"]].concat();
    let done = desk.demo(&words);
    let log = done.stderr.clone();
    let outcome = done.json();
    let password = outcome["secrets"][0]["value"].as_str().unwrap();
    assert_eq!(password.chars().count(), 20);
    assert!(!log.contains(password), "{log}");
}

#[test]
fn an_account_that_is_there_is_not_made_again() {
    let desk = Desk::new();
    desk.demo(&JOAN).ok();
    let done = desk.demo(&JOAN);
    assert!(done.stderr.contains("Already there: user/"), "{}", done.stderr);
    assert_eq!(done.json()["outcome"], "already-exists");
}

#[test]
fn an_account_may_be_all_profile() {
    let desk = Desk::new();
    let profile = r#"{"login":"joan","email":"joan@corp.example","team":"x"}"#;
    assert_eq!(desk.demo(&["--create-account-profile", profile]).json()["outcome"], "created");
    assert_eq!(desk.demo(&JOAN).json()["outcome"], "already-exists");
}

#[test]
fn a_deleted_resource_is_gone_in_the_next_sync() {
    let desk = Desk::synced();
    let words = ["--delete-resource", "ulla", "--delete-resource-type", "user"];
    let gone = json!({"resourceType": "user", "resource": "ulla"});
    assert_eq!(desk.demo(&words).json(), json!({"outcome": "deleted", "resource": gone}));
    let done = desk.demo(&words);
    assert!(done.stderr.contains("Already gone: user/ulla"), "{}", done.stderr);
    assert_eq!(done.json(), json!({"outcome": "already-gone", "resource": gone}));
    desk.sync();
    assert!(!desk.resources().contains("user/ulla"));
    assert!(!desk.grants().iter().any(|id| id.ends_with(":user:ulla")));
}

#[test]
fn rotation_makes_a_new_secret_each_time() {
    let desk = Desk::new();
    let words = ["--rotate-credentials", "tomas", "--rotate-credentials-type", "user", "--show-secrets"];
    let password = || {
        let outcome = desk.demo(&words).json();
        assert_eq!(outcome["outcome"], "rotated");
        outcome["secrets"][0]["value"].as_str().unwrap().to_owned()
    };
    assert_ne!(password(), password());
    let unknown = ["--rotate-credentials", "nobody", "--rotate-credentials-type", "user"];
    assert!(desk.demo(&unknown).trouble().starts_with("error: not found: "));
}

#[test]
fn types_that_cannot_do_it_say_so() {
    let desk = Desk::new();
    let error = desk.demo(&["--rotate-credentials", "field", "--rotate-credentials-type", "group"]).trouble();
    assert!(error.starts_with("error: unimplemented: the connector does not rotate"), "{error}");
    let error = desk.demo(&["--delete-resource", "x", "--delete-resource-type", "usr"]).trouble();
    assert_eq!(
        error,
        "error: not found: the connector has no resource type \"usr\"\n\
         hint: it has user, group, role, org, project, secret\n"
    );
}
