//! The event feed.

use std::time::SystemTime;

use prost_types::Timestamp;

use super::*;
use crate::model::v2::event::Event as Told;
use crate::sync::{Credentials, EventPage};

fn events(demo: &Demo, since: Option<&Timestamp>, cursor: &str) -> Answer<EventPage> {
    demo.event_feeds()[0].events(since, cursor)
}

/// All events after `cursor` in short, with the last cursor.
fn told(demo: &Demo, mut cursor: String) -> (Vec<String>, String) {
    let mut all = Vec::new();
    loop {
        let page = events(demo, None, &cursor).unwrap();
        assert!(page.events.len() <= demo.page_size);
        all.extend(page.events.iter().map(short));
        cursor = page.cursor;
        if !page.has_more {
            return (all, cursor);
        }
    }
}

fn short(event: &v2::Event) -> String {
    let held = |entitlement: &Option<v2::Entitlement>, principal: &Option<v2::Resource>| {
        let principal = principal.as_ref().unwrap().id.clone().unwrap();
        build::grant_id(&entitlement.as_ref().unwrap().id, &principal)
    };
    match event.event.as_ref().unwrap() {
        Told::CreateGrantEvent(e) => format!("+ {}", held(&e.entitlement, &e.principal)),
        Told::CreateRevokeEvent(e) => format!("- {}", held(&e.entitlement, &e.principal)),
        Told::ResourceChangeEvent(e) => {
            let id = e.resource_id.as_ref().unwrap();
            format!("{}/{}", id.resource_type, id.resource)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_that_is_done_is_told_in_its_order() {
    let demo = demo();
    assert_eq!(told(&demo, String::new()), (vec![], String::new()));

    grant(&demo, "role:viewer:assignment", &user("ulla")).unwrap();
    grant(&demo, "role:viewer:assignment", &user("ulla")).unwrap();
    revoke(&demo, "role:viewer:assignment", &user("ulla")).unwrap();
    revoke(&demo, "role:viewer:assignment", &user("ulla")).unwrap();
    let registry = Registry::of(&demo).unwrap();
    let users = registry.syncer("user").unwrap();
    let groups = registry.syncer("group").unwrap().manager().unwrap();
    let secrets = registry.syncer("secret").unwrap().rotator().unwrap();
    let (id, key) = (build::id("secret", "deploy-key"), Credentials::Password("x".into()));
    users.rotator().unwrap().rotate(&user("nadia"), &key).unwrap();
    secrets.rotate(&id, &key).unwrap();
    let arguments = build::profile([("user_id", "ulla".into())]);
    users.actions().unwrap().invoke("enable_user", &arguments).unwrap();
    users.actions().unwrap().invoke("enable_user", &arguments).unwrap();
    groups.create(&v2::Resource { display_name: "New".into(), ..Default::default() }).unwrap();
    let (all, cursor) = told(&demo, String::new());
    let expected = [
        "+ role:viewer:assignment:user:ulla",
        "- role:viewer:assignment:user:ulla",
        "user/nadia",
        "secret/deploy-key",
        "user/ulla",
        "group/new",
    ];
    assert_eq!(all, expected);

    groups.delete(&group("field"), None).unwrap();
    users.deleter().unwrap().delete(&user("deploy-bot"), None).unwrap();
    let (later, end) = told(&demo, cursor);
    let expected = [
        "- group:field:admin:user:tomas",
        "- group:field:member:user:ruben",
        "- project:atlas:access:group:field",
        "- project:field:access:group:field",
        "- role:auditor:assignment:group:field",
        "- role:viewer:assignment:group:field",
        "group/field",
        "secret/deploy-key",
        "- role:auditor:assignment:user:deploy-bot",
        "user/deploy-bot",
    ];
    assert_eq!(later, expected);
    assert_eq!(told(&demo, end.clone()), (vec![], end));
}

#[test]
fn what_was_refused_is_not_told() {
    let demo = demo();
    grant(&demo, "role:viewer:assignment", &user("nobody")).unwrap_err();
    revoke(&demo, "role:viewer:assignment", &user("nadia")).unwrap_err();
    assert_eq!(told(&demo, String::new()).0, [""; 0]);
}

#[test]
fn one_may_begin_at_a_time_or_at_a_cursor() {
    let demo = demo();
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64;
    let earlier = Timestamp { seconds: now(), nanos: 0 };
    grant(&demo, "role:viewer:assignment", &user("ulla")).unwrap();
    let later = Timestamp { seconds: now() + 60, nanos: 0 };
    let page = events(&demo, Some(&earlier), "").unwrap();
    assert_eq!((page.events.len(), &*page.cursor, page.has_more), (1, "1", false));
    let event = &page.events[0];
    assert!((earlier.seconds..later.seconds).contains(&event.occurred_at.unwrap().seconds));
    assert_eq!(event.id, "1");
    assert_eq!(events(&demo, Some(&later), "").unwrap(), EventPage::default());
    // A cursor says it more exactly than a time.
    assert_eq!(events(&demo, Some(&later), "0").unwrap().events.len(), 1);
    let (code, words) = refusal(events(&demo, None, "yesterday"));
    assert_eq!((code, &*words), (Code::InvalidArgument, "\"yesterday\" is no cursor"));
}

#[test]
fn the_feed_says_what_it_tells() {
    let demo = demo();
    let metadata = demo.event_feeds()[0].metadata();
    let kinds: Vec<_> = metadata.supported_event_types().collect();
    use v2::EventType::{CreateGrant, CreateRevoke, ResourceChange};
    assert_eq!((&*metadata.id, kinds), ("audit", vec![ResourceChange, CreateGrant, CreateRevoke]));
}
