//! Profiles.

use prost_types::value::Kind;

use super::*;

fn kind(value: Value) -> Kind {
    prost_types::Value::from(value).kind.unwrap()
}

#[test]
fn every_kind_of_value_is_told_as_what_it_is() {
    assert_eq!(kind("x".into()), Kind::StringValue("x".into()));
    assert_eq!(kind(String::from("x").into()), kind((&String::from("x")).into()));
    assert_eq!(kind(true.into()), Kind::BoolValue(true));
    assert_eq!(kind(1.5.into()), Kind::NumberValue(1.5));
    assert_eq!(kind(i64::from(i32::MIN).into()), Kind::NumberValue(-2_147_483_648.0));
    assert_eq!(kind((1u64 << 53).into()), Kind::NumberValue(9_007_199_254_740_992.0));
    assert_eq!(kind(None::<&str>.into()), Kind::NullValue(0));
    assert_eq!(kind(Some("x").into()), kind("x".into()));
    let inner = profile([("a", 1.into())]);
    assert_eq!(kind(inner.clone().into()), Kind::StructValue(inner));
    let Kind::ListValue(list) = kind(vec!["a", "b"].into()) else { panic!() };
    assert_eq!(list.values, [prost_types::Value::from("a"), prost_types::Value::from("b")]);
    assert_eq!(kind(["a", "b"].into()), Kind::ListValue(list));
    let mixed: Value = vec![Value::from("a"), 1.into(), Value::NULL].into();
    let Kind::ListValue(list) = kind(mixed) else { panic!() };
    assert_eq!(list.values.len(), 3);
}

#[test]
fn what_is_no_number_in_json_is_null() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(kind(number.into()), Kind::NullValue(0));
    }
}

#[test]
fn the_last_value_of_a_key_counts() {
    let facts = profile([(String::from("k"), Value::from(1)), ("k".into(), 2.into())]);
    assert_eq!(facts, profile([("k", 2.into())]));
}
