//! Events and actions.

use serde_json::Value;

use crate::run::Desk;

#[test]
fn events_tell_of_changes_one_a_line() {
    let desk = Desk::synced();
    let words = ["--delete-resource", "ulla", "--delete-resource-type", "user"];
    desk.demo(&words).ok();
    desk.demo(&["--revoke-grant", "role:author:assignment:user:tomas"]).ok();
    let done = desk.demo(&["--event-feed"]);
    let cursor = done.stderr.trim_end().rsplit_once("cursor=").unwrap().1.to_owned();
    let out = done.ok();
    let events: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        events
            .iter()
            .any(|event| event["createRevokeEvent"]["entitlement"]["id"] == "role:author:assignment")
    );
    assert!(events.iter().any(|event| event["resourceChangeEvent"]["resourceId"]["resource"] == "ulla"));

    assert_eq!(desk.demo(&["--event-feed", "--event-feed-cursor", &cursor]).ok(), "");
    desk.demo(&["--delete-resource", "ruben", "--delete-resource-type", "user"]).ok();
    let later = desk.demo(&["--event-feed", "true", "--event-feed-cursor", &cursor]).ok();
    assert!(later.contains("ruben") && !later.contains("ulla"), "{later}");
    assert_eq!(desk.demo(&["--event-feed", "--event-feed-start-at", "2200-01-01T00:00:00Z"]).ok(), "");
}

#[test]
fn an_unknown_feed_is_answered_with_the_known_ones() {
    let error = Desk::new().demo(&["--event-feed", "--event-feed-id", "audits"]).trouble();
    assert!(error.contains("hint: it has audit\n"), "{error}");
}

#[test]
fn every_listed_action_can_be_looked_for() {
    let desk = Desk::new();
    let listed = desk.demo(&["--list-action-schemas"]).json();
    let schemas = listed["schemas"].as_array().unwrap();
    assert!(
        schemas.iter().any(|schema| schema["name"] == "disable_user" && schema["resourceTypeId"] == "user")
    );
    assert!(
        schemas.iter().any(|schema| schema["name"] == "statistics" && schema.get("resourceTypeId").is_none())
    );
}

#[test]
fn an_action_changes_the_system_and_prints_its_answer() {
    let desk = Desk::synced();
    let disable = |user: &str| {
        let arguments = format!(r#"{{"user_id":"{user}","reason":"left"}}"#);
        let words = ["--invoke-action", "disable_user", "--invoke-action-resource-type", "user"];
        desk.demo(&[&words[..], &["--invoke-action-args", &arguments]].concat())
    };
    assert_eq!(disable("tomas").json()["changed"], true);
    assert_eq!(disable("tomas").json()["changed"], false);
    desk.sync();
    let users = desk.baton("resources -t user -o ndjson");
    let tomas = users.lines().find(|line| line.contains("\"tomas\"")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(tomas).unwrap()["status"], "disabled", "{tomas}");
    assert!(desk.demo(&["--invoke-action", "statistics"]).json()["users"].is_number());
}

#[test]
fn an_action_that_is_not_there_is_answered_with_near_ones() {
    let desk = Desk::new();
    let error = desk.demo(&["--invoke-action", "statistic"]).trouble();
    assert!(error.contains("hint: did you mean statistics?"), "{error}");
    let error = desk.demo(&["--invoke-action", "disable_user"]).trouble();
    assert!(error.contains("hint: say --invoke-action-resource-type user"), "{error}");
}
