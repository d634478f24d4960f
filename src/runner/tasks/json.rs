//! JSON from a flag, as messages carry it; and messages as JSON.

use prost::Message;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use crate::model::{descriptor, protojson};
use crate::ui::CommandError;

/// Reads an object; `source` is the flag that it stands in.
///
/// # Errors
/// A usage error for text that is no JSON, and for JSON that is no object.
pub(super) fn object(source: &str, text: &str) -> Result<Struct, CommandError> {
    let wrong = |why: &str| CommandError::usage(format!("{source} is no JSON object: {why}"));
    match serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))? {
        serde_json::Value::Object(members) => Ok(structure(members)),
        _ => Err(wrong("it stands without braces")),
    }
}

fn structure(members: serde_json::Map<String, serde_json::Value>) -> Struct {
    Struct { fields: members.into_iter().map(|(key, member)| (key, value(member))).collect() }
}

fn value(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(truth) => Kind::BoolValue(truth),
        // All numbers of such messages are floating-point ones.
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text),
        Json::Array(items) => Kind::ListValue(ListValue { values: items.into_iter().map(value).collect() }),
        Json::Object(members) => Kind::StructValue(structure(members)),
    };
    Value { kind: Some(kind) }
}

/// A message of this kind as one line of protojson, without a line end.
pub(in crate::runner) fn line(kind: &'static descriptor::Message, message: &impl Message) -> Vec<u8> {
    let mut out = Vec::new();
    // Fails only for bytes that are no message, and these are one.
    let _ = protojson::Writer::new().message(&mut out, kind, &message.encode_to_vec());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::descriptor::GOOGLE_PROTOBUF_STRUCT;

    #[test]
    fn an_object_survives_the_way_there_and_back() {
        let text = r#"{"a":[1,2.5,null,true],"b":{"c":"d\n"},"e":{}}"#;
        let read = object("--x", text).unwrap();
        assert_eq!(String::from_utf8(line(&GOOGLE_PROTOBUF_STRUCT, &read)).unwrap(), text);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "{", "[]", "1", "null", "{'a':1}"] {
            let error = object("--x", text).unwrap_err();
            assert!(error.message().starts_with("--x is no JSON object: "), "{}", error.message());
        }
    }
}
