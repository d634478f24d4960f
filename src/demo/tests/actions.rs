//! Actions.

use prost_types::Struct;

use super::*;
use crate::sync::Actions;

fn status(demo: &Demo, id: &str) -> (i32, String) {
    let status = Listing::of(demo).resource("user", id).unwrap().status.clone().unwrap();
    (status.status, status.details)
}

fn on_users(demo: &Demo, name: &str, arguments: &Struct) -> Answer<Struct> {
    let registry = Registry::of(demo)?;
    registry.syncer("user")?.actions().unwrap().invoke(name, arguments)
}

#[test]
fn a_user_is_disabled_and_enabled_again() {
    let demo = demo();
    let before = Listing::of(&demo);
    let disable = build::profile([("user_id", "ruben".into()), ("reason", "on leave".into())]);
    let enable = build::profile([("user_id", "ruben".into())]);
    let changed = |truth: bool| build::profile([("changed", truth.into())]);

    assert_eq!(on_users(&demo, "enable_user", &enable).unwrap(), changed(false));
    assert_eq!(on_users(&demo, "disable_user", &disable).unwrap(), changed(true));
    assert_eq!(status(&demo, "ruben"), (2, "on leave".into()));
    assert_eq!(Listing::of(&demo).grants, before.grants);
    // The first reason stays.
    let other = build::profile([("user_id", "ruben".into()), ("reason", "no reason".into())]);
    assert_eq!(on_users(&demo, "disable_user", &other).unwrap(), changed(false));
    assert_eq!(status(&demo, "ruben"), (2, "on leave".into()));
    assert_eq!(on_users(&demo, "enable_user", &enable).unwrap(), changed(true));
    assert_eq!(Listing::of(&demo), before);
}

#[test]
fn statistics_count_what_is_listed() {
    let demo = demo();
    let counted = Actions::invoke(&demo, "statistics", &Struct::default()).unwrap();
    let expected = build::profile([
        ("users", 7.into()),
        ("groups", 2.into()),
        ("roles", 3.into()),
        ("orgs", 1.into()),
        ("projects", 2.into()),
        ("secrets", 1.into()),
        ("grants", 34.into()),
    ]);
    assert_eq!(counted, expected);
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    let demo = demo();
    let none = Struct::default();
    let missing = |name: &str| (Code::InvalidArgument, format!("the argument {name:?} is missing"));
    assert_eq!(refusal(on_users(&demo, "disable_user", &none)), missing("user_id"));
    let alone = build::profile([("user_id", "ulla".into())]);
    assert_eq!(refusal(on_users(&demo, "disable_user", &alone)), missing("reason"));
    assert_eq!(refusal(on_users(&demo, "enable_user", &none)), missing("user_id"));
    let empty = build::profile([("user_id", "".into())]);
    assert_eq!(refusal(on_users(&demo, "enable_user", &empty)), missing("user_id"));
    let number = build::profile([("user_id", 7.into())]);
    let expected = (Code::InvalidArgument, "the argument \"user_id\" is not a text".to_owned());
    assert_eq!(refusal(on_users(&demo, "enable_user", &number)), expected);
    let nobody = build::profile([("user_id", "nobody".into())]);
    assert_eq!(refusal(on_users(&demo, "enable_user", &nobody)).0, Code::NotFound);
    let expected = (Code::NotFound, "there is no action \"dance\"".to_owned());
    assert_eq!(refusal(on_users(&demo, "dance", &none)), expected);
    assert_eq!(refusal(Actions::invoke(&demo, "dance", &none)), expected);
}

/// Every action that has a schema runs with the arguments that it names, and returns what it promises.
#[test]
fn actions_keep_to_their_schemas() {
    let demo = demo();
    let registry = Registry::of(&demo).unwrap();
    let users = registry.syncer("user").unwrap().actions().unwrap();
    let everywhere: &dyn Actions = &demo;
    for (actions, kind) in [(users, "user"), (everywhere, "")] {
        for schema in actions.schemas().unwrap() {
            assert_eq!(schema.resource_type_id, kind);
            assert!(schema.arguments.iter().all(|argument| argument.is_required), "{}", schema.name);
            let names: Vec<_> = schema.arguments.iter().map(|argument| &argument.name).collect();
            let arguments = build::profile(names.into_iter().map(|name| (name, "ulla".into())));
            let returned = actions.invoke(&schema.name, &arguments).unwrap();
            let promised: BTreeSet<_> = schema.return_types.iter().map(|field| &field.name).collect();
            assert_eq!(returned.fields.keys().collect::<BTreeSet<_>>(), promised, "{}", schema.name);
        }
    }
}
