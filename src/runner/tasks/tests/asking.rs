//! Tests of events and actions.

use serde_json::json;

use crate::runner::tasks::testing::{Acme, Stage};

#[test]
fn events_come_one_a_line_until_there_are_no_more() {
    let acme = Acme { feeds: vec!["audit"], ..Acme::default() };
    let ran = Stage::empty().run(&acme, &["--event-feed"]);
    assert!(ran.result.is_ok());
    assert_eq!(ran.out, "{\"id\":\"audit1\"}\n{\"id\":\"audit2\"}\n{\"id\":\"audit3\"}\n");
    assert_eq!(ran.log, ["INFO  Read events count=3 cursor=3"]);
    assert_eq!(
        *acme.calls.borrow(),
        [
            "events since Some(1785456000) after \"\"",
            "events since Some(1785456000) after \"1\"",
            "events since Some(1785456000) after \"2\"",
        ]
    );
}

#[test]
fn events_go_on_from_a_cursor_or_a_time() {
    let calls = |flags: &[&str]| {
        let acme = Acme { feeds: vec!["audit"], ..Acme::default() };
        assert!(Stage::empty().run(&acme, flags).result.is_ok());
        acme.calls.into_inner()
    };
    assert_eq!(calls(&["--event-feed", "--event-feed-cursor=2"]), ["events since None after \"2\""]);
    let since =
        calls(&["--event-feed", "--event-feed-start-at=1970-01-02T00:00:00Z", "--event-feed-cursor=2"]);
    assert_eq!(since, ["events since Some(86400) after \"2\""]);
}

#[test]
fn of_several_feeds_one_must_be_named() {
    let acme = Acme { feeds: vec!["audit", "usage"], ..Acme::default() };
    let stage = Stage::empty();
    assert_eq!(
        stage.run(&acme, &["--event-feed"]).error(),
        "error: the connector has several event feeds\nhint: choose with --event-feed-id: audit, usage"
    );
    assert_eq!(
        stage.run(&acme, &["--event-feed", "--event-feed-id=audits"]).error(),
        "error: the connector has no event feed audits\nhint: did you mean audit?\nhint: it has audit, usage"
    );
    let ran = stage.run(&acme, &["--event-feed", "--event-feed-id=usage"]);
    assert!(ran.out.starts_with("{\"id\":\"usage1\"}\n"));
}

#[test]
fn a_feed_that_never_ends_is_stopped() {
    let acme = Acme { feeds: vec!["endless"], ..Acme::default() };
    let ran = Stage::empty().run(&acme, &["--event-feed"]);
    let error = ran.result.unwrap_err();
    assert_eq!(
        error.message(),
        "internal error: the event feed gives the cursor \"3\" twice, so that it never ends"
    );
    assert_eq!(ran.out.lines().count(), 4);
}

#[test]
fn an_action_prints_its_answer() {
    let flags = [
        "--invoke-action=disable",
        "--invoke-action-resource-type=user",
        r#"--invoke-action-args={"b":[1]}"#,
    ];
    let ran = Stage::empty().run(&Acme::default(), &flags);
    assert_eq!((&*ran.out, &*ran.log), ("{\"b\":[1]}\n", &["INFO  Ran the action disable".to_owned()][..]));
}

#[test]
fn the_schemas_of_actions_carry_their_type() {
    let ran = Stage::empty().run(&Acme::default(), &["--list-action-schemas"]);
    assert_eq!(ran.json(), json!({"schemas": [{"name": "disable", "resourceTypeId": "user"}]}));
}
