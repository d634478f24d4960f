//! The writer against a reflection crate as oracle, and against texts that Go is known to print.

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};

use super::super::descriptor::{self, REGISTRY};
use super::*;
use crate::model::wire::push_bytes;

static POOL: std::sync::LazyLock<DescriptorPool> = std::sync::LazyLock::new(|| {
    let bytes: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
    DescriptorPool::decode(bytes).unwrap()
});

fn write(name: &str, bytes: &[u8]) -> Result<(String, Notes), Malformed> {
    let mut writer = Writer::new();
    let mut out = b"before".to_vec();
    let message = descriptor::find(name.as_bytes()).unwrap();
    let written = writer.message(&mut out, message, bytes);
    if written.is_err() {
        assert_eq!(out, b"before", "an error leaves the output alone");
    }
    written?;
    let text = String::from_utf8(out.split_off(6)).expect("the output is UTF-8");
    Ok((text, writer.take_notes()))
}

fn text(name: &str, bytes: &[u8]) -> String {
    write(name, bytes).unwrap().0
}

fn pack(url: &str, value: &[u8]) -> Vec<u8> {
    prost_types::Any { type_url: url.into(), value: value.to_vec() }.encode_to_vec()
}

const RESOURCE: &str = "c1.connector.v2.Resource";
const GRANT: &str = "c1.connector.v2.Grant";
const STRUCT: &str = "google.protobuf.Struct";

#[test]
fn keys_stand_in_declaration_order_whatever_the_wire_says() {
    // Wire order: annotations (4), sources (5), then id (3) out of place.
    let mut bytes = Vec::new();
    push_bytes(&mut bytes, 4, &pack("type.googleapis.com/c1.connector.v2.RawId", b"\x0a\x01x"));
    push_bytes(&mut bytes, 5, b"");
    push_bytes(&mut bytes, 3, b"g");
    assert_eq!(
        text(GRANT, &bytes),
        r#"{"id":"g","sources":{},"annotations":[{"@type":"type.googleapis.com/c1.connector.v2.RawId","id":"x"}]}"#
    );
}

#[test]
fn parts_of_a_message_merge_and_the_last_scalar_wins() {
    // id twice: {type:"a"}, then {resource:"b"}; display_name twice.
    let bytes = [0x0a, 3, 0x0a, 1, b'a', 0x0a, 3, 0x12, 1, b'b', 0x1a, 1, b'x', 0x1a, 1, b'y'];
    assert_eq!(text(RESOURCE, &bytes), r#"{"id":{"resourceType":"a","resource":"b"},"displayName":"y"}"#);
}

#[test]
fn repeated_numbers_may_be_packed_or_not() {
    let ty = "c1.connector.v2.ResourceType";
    let traits = r#"{"traits":["TRAIT_USER",99]}"#;
    assert_eq!(text(ty, &[0x1a, 2, 1, 99]), traits);
    assert_eq!(text(ty, &[0x18, 1, 0x18, 99]), traits);
    assert_eq!(text(ty, &[0x18, 1, 0x1a, 0, 0x1a, 1, 99]), traits);
    assert_eq!(text(ty, &[0x1a, 0]), "{}");
}

#[test]
fn numbers_print_as_go_prints_them() {
    let number = |n: f64| {
        let value = prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(n)) };
        text("google.protobuf.Value", &value.encode_to_vec())
    };
    for (n, shown) in [
        (3.0, "3"),
        (35001.0, "35001"),
        (1.5, "1.5"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.25e300, "1.25e+300"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-2.5e-9, "-2.5e-9"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
    ] {
        assert_eq!(number(n), shown);
    }
}

#[test]
fn numbers_that_json_cannot_hold_are_words() {
    let value = prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(f64::NAN)) };
    assert_eq!(text("google.protobuf.Value", &value.encode_to_vec()), r#""NaN""#);
    let mut bytes = vec![0x11];
    bytes.extend(f64::INFINITY.to_le_bytes());
    assert_eq!(text("c1.connector.v2.LineItem", &bytes), r#"{"quantity":"Infinity"}"#);
}

#[test]
fn only_what_must_be_escaped_is() {
    let name = "\u{8}\u{c}\n\r\t\u{1}\u{1f}\"\\</script>&\u{7f}é🧸\u{2028}";
    let mut bytes = Vec::new();
    push_bytes(&mut bytes, 3, name.as_bytes());
    assert_eq!(
        text(RESOURCE, &bytes),
        "{\"displayName\":\"\\b\\f\\n\\r\\t\\u0001\\u001f\\\"\\\\</script>&\u{7f}é🧸\u{2028}\"}"
    );
}

#[test]
fn invalid_text_is_replaced_and_noted() {
    let (json, notes) = write(RESOURCE, &[0x1a, 3, b'a', 0xff, b'b']).unwrap();
    assert_eq!(json, "{\"displayName\":\"a\u{fffd}b\"}");
    assert!(notes.replaced_text && !notes.kept_payload);
}

#[test]
fn an_unknown_any_is_kept_whole() {
    let mut bytes = Vec::new();
    push_bytes(&mut bytes, 4, &pack("x/y.Unknown", &[1, 2, 255]));
    push_bytes(&mut bytes, 4, &pack("", b""));
    let (json, notes) = write(RESOURCE, &bytes).unwrap();
    assert_eq!(json, r#"{"annotations":[{"@type":"x/y.Unknown","value":"AQL/"},{"@type":"","value":""}]}"#);
    assert_eq!(notes, Notes::default());
}

#[test]
fn a_payload_that_does_not_parse_is_kept_and_noted() {
    let url = "type.googleapis.com/c1.connector.v2.UserTrait";
    let mut bytes = Vec::new();
    push_bytes(&mut bytes, 4, &pack(url, &[0x0a, 9, 1]));
    let (json, notes) = write(RESOURCE, &bytes).unwrap();
    assert_eq!(json, format!(r#"{{"annotations":[{{"@type":"{url}","value":"CgkB"}}]}}"#));
    assert!(notes.kept_payload);
}

#[test]
fn types_are_found_by_what_follows_the_slash() {
    for url in ["c1.connector.v2.RawId", "a/b/c1.connector.v2.RawId"] {
        let bytes = pack(url, b"\x0a\x01x");
        assert_eq!(text("google.protobuf.Any", &bytes), format!(r#"{{"@type":"{url}","id":"x"}}"#));
    }
    let bytes = pack("z/google.protobuf.Duration", &[0x08, 90, 0x10, 0x80, 0xca, 0xb5, 0xee, 1]);
    assert_eq!(
        text("google.protobuf.Any", &bytes),
        r#"{"@type":"z/google.protobuf.Duration","value":"90.500s"}"#
    );
    let nested = pack("google.protobuf.Any", &pack("c1.connector.v2.RawId", b""));
    assert_eq!(
        text("google.protobuf.Any", &nested),
        r#"{"@type":"google.protobuf.Any","value":{"@type":"c1.connector.v2.RawId"}}"#
    );
}

#[test]
fn a_later_member_of_a_oneof_clears_an_earlier_one() {
    // KeyGenerationProfile: rsa_modulus_bits (2), then crv (3).
    let ty = "c1.connector.v2.KeyGenerationProfile";
    assert_eq!(text(ty, &[0x10, 7, 0x1a, 1, b'p']), r#"{"crv":"p"}"#);
    assert_eq!(text(ty, &[0x1a, 1, b'p', 0x10, 0]), r#"{"rsaModulusBits":0}"#);
}

#[test]
fn map_keys_are_sorted_and_zero_values_kept() {
    let stats = super::super::proto::c1::reader::v2::SyncStats {
        grants: 7,
        resources_by_resource_type: [("b".into(), 0), ("a".into(), 2)].into(),
        ..Default::default()
    };
    assert_eq!(
        text("c1.reader.v2.SyncStats", &stats.encode_to_vec()),
        r#"{"grants":"7","resourcesByResourceType":{"a":"2","b":"0"}}"#
    );
    // Keys out of order and one twice: the last wins.
    let bytes = [
        0x0a, 7, 0x0a, 1, b'z', 0x12, 2, 0x20, 1, 0x0a, 7, 0x0a, 1, b'a', 0x12, 2, 0x20, 0, 0x0a, 7, 0x0a, 1,
        b'z', 0x12, 2, 0x20, 0,
    ];
    assert_eq!(text(STRUCT, &bytes), r#"{"a":false,"z":false}"#);
}

#[test]
fn depth_is_bounded() {
    let mut bytes = Vec::new();
    for _ in 0..200 {
        let mut outer = Vec::new();
        push_bytes(&mut outer, 1, &bytes);
        let mut list = Vec::new();
        push_bytes(&mut list, 6, &outer);
        bytes = list;
    }
    assert_eq!(write("google.protobuf.Value", &bytes).unwrap_err().reason, Reason::TooDeep);
    // Any in Any in Any: the innermost levels stay undecoded.
    let mut bytes = pack("c1.connector.v2.RawId", b"");
    for _ in 0..300 {
        bytes = pack("google.protobuf.Any", &bytes);
    }
    assert!(write("google.protobuf.Any", &bytes).unwrap().1.kept_payload);
}

#[test]
fn a_message_of_a_million_fields_is_refused() {
    // Empty annotations, two bytes each, print as 23.
    let bytes = [0x22, 0].repeat(crate::model::wire::MAX_FIELDS + 1);
    assert_eq!(write(RESOURCE, &bytes).unwrap_err().reason, Reason::TooMany);
}

#[test]
fn times_outside_the_calendar_are_kept_as_fields() {
    let bytes = prost_types::Timestamp { seconds: 253_402_300_800, nanos: 5 }.encode_to_vec();
    let (json, notes) = write("google.protobuf.Timestamp", &bytes).unwrap();
    assert_eq!(json, r#"{"seconds":"253402300800","nanos":5}"#);
    assert!(notes.kept_payload);
    let bytes = prost_types::Duration { seconds: 1, nanos: -5 }.encode_to_vec();
    assert_eq!(text("google.protobuf.Duration", &bytes), r#"{"seconds":"1","nanos":-5}"#);
}

/// A random message of any type, by random fields that fit its descriptor.
fn arbitrary_message(name: String, depth: u32) -> BoxedStrategy<Vec<u8>> {
    let descriptor = POOL.get_message_by_name(&name).unwrap();
    let fields: Vec<_> = descriptor.fields().collect();
    if fields.is_empty() {
        return Just(Vec::new()).boxed();
    }
    prop::collection::vec(
        prop::sample::select(fields).prop_flat_map(move |f| arbitrary_field(f, depth)),
        0..6,
    )
    .prop_map(|parts| parts.concat())
    .boxed()
}

fn arbitrary_field(field: prost_reflect::FieldDescriptor, depth: u32) -> BoxedStrategy<Vec<u8>> {
    use prost_reflect::Kind as K;
    let number = field.number();
    let tagged = move |wire: u32, body: Vec<u8>| {
        let mut out = Vec::new();
        prost::encoding::encode_varint(u64::from(number << 3 | wire), &mut out);
        if wire == 2 {
            prost::encoding::encode_varint(body.len() as u64, &mut out);
        }
        out.extend(body);
        out
    };
    match field.kind() {
        K::Message(message) => {
            let body = match message.full_name() {
                _ if depth == 0 => Just(Vec::new()).boxed(),
                "google.protobuf.Any" => arbitrary_any(depth),
                "google.protobuf.Timestamp" => (0i64..4_000_000_000, 0i32..1_000_000_000)
                    .prop_map(|(seconds, nanos)| prost_types::Timestamp { seconds, nanos }.encode_to_vec())
                    .boxed(),
                "google.protobuf.Duration" => (0i64..4_000_000, 0i32..1_000_000_000)
                    .prop_map(|(seconds, nanos)| prost_types::Duration { seconds, nanos }.encode_to_vec())
                    .boxed(),
                "google.protobuf.Value" => arbitrary_value().boxed(),
                name => arbitrary_message(name.to_owned(), depth - 1),
            };
            body.prop_map(move |b| tagged(2, b)).boxed()
        }
        K::String => "\\PC{0,8}".prop_map(move |s| tagged(2, s.into_bytes())).boxed(),
        K::Bytes => prop::collection::vec(any::<u8>(), 0..8).prop_map(move |b| tagged(2, b)).boxed(),
        K::Double => {
            (-1000i32..1000).prop_map(move |n| tagged(1, (f64::from(n) + 0.5).to_le_bytes().to_vec())).boxed()
        }
        K::Float => {
            (-1000i16..1000).prop_map(move |n| tagged(5, (f32::from(n) + 0.5).to_le_bytes().to_vec())).boxed()
        }
        K::Fixed64 | K::Sfixed64 => {
            any::<u64>().prop_map(move |n| tagged(1, n.to_le_bytes().to_vec())).boxed()
        }
        K::Fixed32 | K::Sfixed32 => {
            any::<u32>().prop_map(move |n| tagged(5, n.to_le_bytes().to_vec())).boxed()
        }
        K::Bool => any::<bool>().prop_map(move |b| tagged(0, vec![u8::from(b)])).boxed(),
        K::Enum(_) => (0u8..12).prop_map(move |n| tagged(0, vec![n])).boxed(),
        _ => any::<u64>()
            .prop_map(move |n| {
                let mut body = Vec::new();
                prost::encoding::encode_varint(n, &mut body);
                tagged(0, body)
            })
            .boxed(),
    }
}

fn arbitrary_value() -> impl Strategy<Value = Vec<u8>> {
    use prost_types::value::Kind as V;
    prop_oneof![
        Just(V::NullValue(0)),
        any::<bool>().prop_map(V::BoolValue),
        (-1_000_000i32..1_000_000).prop_map(|n| V::NumberValue(f64::from(n) + 0.25)),
        "\\PC{0,8}".prop_map(V::StringValue),
    ]
    .prop_map(|kind| prost_types::Value { kind: Some(kind) }.encode_to_vec())
}

fn arbitrary_any(depth: u32) -> BoxedStrategy<Vec<u8>> {
    let names: Vec<String> = REGISTRY
        .iter()
        .map(|m| m.name)
        .filter(|n| n.starts_with("c1.connector.v2."))
        .map(String::from)
        .collect();
    prop::sample::select(names)
        .prop_flat_map(move |name| {
            let url = format!("type.googleapis.com/{name}");
            arbitrary_message(name, depth.saturating_sub(1)).prop_map(move |value| pack(&url, &value))
        })
        .boxed()
}

fn arbitrary_record() -> impl Strategy<Value = (String, Vec<u8>)> {
    let names: Vec<String> = REGISTRY
        .iter()
        .map(|m| m.name)
        .filter(|n| !n.starts_with("google.") && !n.ends_with("Entry"))
        .map(String::from)
        .collect();
    prop::sample::select(names).prop_flat_map(|name| {
        let bytes = arbitrary_message(name.clone(), 4);
        (Just(name), bytes)
    })
}

/// Whole doubles print without a fraction in Go and with one in the oracle, so numbers compare as doubles.
fn same(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value as J;
    match (a, b) {
        (J::Number(a), J::Number(b)) => a.as_f64() == b.as_f64(),
        (J::Array(a), J::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (J::Object(a), J::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn agrees_with_the_oracle((name, bytes) in arbitrary_record()) {
        let dynamic = DynamicMessage::decode(POOL.get_message_by_name(&name).unwrap(), bytes.as_slice()).unwrap();
        let options = SerializeOptions::new().stringify_64_bit_integers(true);
        let oracle = dynamic.serialize_with_options(serde_json::value::Serializer, &options);
        let ours: serde_json::Value = serde_json::from_str(&text(&name, &bytes)).unwrap();
        if let Ok(oracle) = oracle {
            prop_assert!(same(&ours, &oracle), "{name}\nours   {ours}\noracle {oracle}");
        }
    }

    #[test]
    fn any_bytes_give_json_or_an_error((name, mut bytes) in arbitrary_record(), at in any::<prop::sample::Index>(), flip in 1u8..) {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        if let Ok((json, _)) = write(&name, &bytes) {
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok(), "{json}");
        }
    }
}
