//! Profiles: facts about a record that have no field of their own.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct};

/// A value in a profile.
///
/// All numbers are doubles there: whole ones beyond 2⁵³ lose their last digits, and a text serves them better. What is no
/// number at all, or infinite, becomes null, because JSON has no word for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Value(prost_types::Value);

impl Value {
    /// Nothing, said expressly.
    pub const NULL: Self = Self(prost_types::Value { kind: Some(Kind::NullValue(0)) });

    fn of(kind: Kind) -> Self {
        Self(prost_types::Value { kind: Some(kind) })
    }
}

/// Facts by their keys.
///
/// ```
/// use baton::sync::build;
/// let profile = build::profile([
///     ("department", "Research".into()),
///     ("badge", 4711.into()),
///     ("remote", true.into()),
///     ("languages", ["en", "fr"].into()),
/// ]);
/// assert_eq!(profile.fields.len(), 4);
/// ```
pub fn profile<K: Into<String>>(facts: impl IntoIterator<Item = (K, Value)>) -> Struct {
    Struct { fields: facts.into_iter().map(|(key, value)| (key.into(), value.0)).collect() }
}

impl From<Value> for prost_types::Value {
    fn from(value: Value) -> Self {
        value.0
    }
}

impl From<prost_types::Value> for Value {
    fn from(value: prost_types::Value) -> Self {
        Self(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::of(Kind::StringValue(text.into()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::of(Kind::StringValue(text.clone()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::of(Kind::StringValue(text))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::of(Kind::BoolValue(truth))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        if number.is_finite() { Self::of(Kind::NumberValue(number)) } else { Self::NULL }
    }
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::of(Kind::NumberValue(number as f64))
            }
        }
    )*};
}

whole_numbers!(i32 i64 u32 u64 usize);

impl From<Struct> for Value {
    fn from(facts: Struct) -> Self {
        Self::of(Kind::StructValue(facts))
    }
}

impl<V: Into<Value>> From<Vec<V>> for Value {
    fn from(values: Vec<V>) -> Self {
        list(values)
    }
}

impl<V: Into<Value>, const N: usize> From<[V; N]> for Value {
    fn from(values: [V; N]) -> Self {
        list(values)
    }
}

/// Nothing is null.
impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::NULL, Into::into)
    }
}

fn list<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Value {
    let values = values.into_iter().map(|value| value.into().0).collect();
    Value::of(Kind::ListValue(ListValue { values }))
}
