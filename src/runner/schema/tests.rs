//! Tests of the printed fields.

use serde_json::{Value, json};

use super::*;
use crate::runner::Field;

fn printed(runner: &Runner) -> Value {
    let text = json(runner, &Common::new());
    assert!(text.starts_with("{\n  \"fields\": [\n") && text.ends_with("}\n"), "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_type_has_its_object_with_default_and_rules() {
    let runner = Runner::new("baton-acme")
        .title("Acme")
        .help_url("https://acme.example/help")
        .icon_url("https://acme.example/icon.svg")
        .field(
            Field::text("area")
                .label("Area")
                .placeholder("north")
                .describe("Where")
                .one_of(["north", "south"]),
        )
        .field(Field::text("token").secret().required().default("hunter2").length(3..=9))
        .field(Field::flag("deep").default(true))
        .field(Field::number("page-size").default(100).range(1..=500))
        .field(Field::list("teams").default(["a".to_owned()]).items(1..=2).each_of(["a", "b"]))
        .field(Field::path("db-file").default("x.db"));
    let printed = printed(&runner);
    assert_eq!(printed["displayName"], "Acme");
    assert_eq!(printed["helpUrl"], "https://acme.example/help");
    assert_eq!(printed["iconUrl"], "https://acme.example/icon.svg");
    let fields = printed["fields"].as_array().unwrap();
    assert_eq!((&fields[0]["name"], &fields[0]["isOps"]), (&json!("log-level"), &json!(true)));
    assert_eq!(
        fields[1..],
        [
            json!({"name": "area", "displayName": "Area", "description": "Where", "placeholder": "north",
                "stringField": {"rules": {"in": ["north", "south"]}}}),
            json!({"name": "token", "isRequired": true, "isSecret": true,
                "stringField": {"rules": {"minLen": "3", "maxLen": "9", "isRequired": true}}}),
            json!({"name": "deep", "boolField": {"defaultValue": true}}),
            json!({"name": "page-size",
                "intField": {"defaultValue": "100", "rules": {"lte": "500", "gte": "1"}}}),
            json!({"name": "teams", "stringSliceField": {"defaultValue": ["a"],
                "rules": {"minItems": "1", "maxItems": "2", "itemRules": {"in": ["a", "b"]}}}}),
            json!({"name": "db-file", "stringField": {"defaultValue": "x.db"}}),
        ]
    );
}

#[test]
fn a_field_without_rules_says_nothing_of_them() {
    let printed = printed(&Runner::new("baton-acme").field(Field::number("n")).field(Field::list("l")));
    let fields = printed["fields"].as_array().unwrap();
    assert_eq!(
        fields[1..],
        [json!({"name": "n", "intField": {}}), json!({"name": "l", "stringSliceField": {}})]
    );
    assert_eq!(printed.as_object().unwrap().len(), 1);
}
