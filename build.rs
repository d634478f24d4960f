//! Compiles `proto/` without an installed `protoc`, into three things in `OUT_DIR`:
//!
//! * `proto.rs` and its parts: the prost messages, for code that builds records;
//! * `messages.rs`: static tables of every message, which the protojson writer walks;
//! * `descriptors.bin`: the `FileDescriptorSet`, for reflection in tests.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a build that fails stops with the reason")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files = Vec::new();
    find_protos(Path::new("proto"), &mut files)?;
    files.sort();
    let set = protox::compile(&files, ["proto"])?;
    fs::write(out.join("descriptors.bin"), set.encode_to_vec())?;
    fs::write(out.join("messages.rs"), Tables::of(&set).render())?;
    prost_build::Config::new()
        .btree_map(["."])
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com")
        .include_file("proto.rs")
        .compile_fds(set)?;
    Ok(())
}

fn find_protos(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_protos(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}

/// Prints as `null`, so its one name is never needed.
const NULL_VALUE: &str = ".google.protobuf.NullValue";

/// Every message and enum by its full name (with the leading dot that references carry).
struct Tables<'a> {
    messages: BTreeMap<String, &'a DescriptorProto>,
    enums: BTreeMap<String, &'a EnumDescriptorProto>,
}

impl<'a> Tables<'a> {
    fn of(set: &'a FileDescriptorSet) -> Self {
        let mut tables = Tables { messages: BTreeMap::new(), enums: BTreeMap::new() };
        for file in &set.file {
            // The description of descriptors is of no use to a file reader.
            if file.name().ends_with("descriptor.proto") {
                continue;
            }
            let scope = format!(".{}", file.package());
            tables.add(&scope, &file.message_type, &file.enum_type);
        }
        tables
    }

    fn add(&mut self, scope: &str, messages: &'a [DescriptorProto], enums: &'a [EnumDescriptorProto]) {
        for message in messages {
            let name = format!("{scope}.{}", message.name());
            self.add(&name, &message.nested_type, &message.enum_type);
            self.messages.insert(name, message);
        }
        for item in enums {
            self.enums.insert(format!("{scope}.{}", item.name()), item);
        }
    }

    fn render(&self) -> String {
        let mut out = String::from("// Made by build.rs from proto/.\n");
        for (name, item) in &self.enums {
            if name == NULL_VALUE {
                continue;
            }
            let values: String =
                item.value.iter().map(|v| format!("({}, {:?}), ", v.number(), v.name())).collect();
            let _ = writeln!(out, "pub static {}: Enum = Enum {{ values: &[{values}] }};", ident(name));
        }
        for (name, message) in &self.messages {
            let _ = writeln!(out, "{}", self.message(name, message));
        }
        let _ = writeln!(
            out,
            "/// Every message by its full name, sorted.\npub(super) static REGISTRY: &[&Message] = &["
        );
        for name in self.messages.keys() {
            let _ = writeln!(out, "    &{},", ident(name));
        }
        out.push_str("];\n");
        out
    }

    fn message(&self, name: &str, message: &DescriptorProto) -> String {
        let fields: String = message.field.iter().map(|f| self.field(f)).collect();
        let highest = message.field.iter().map(|f| f.number()).max().unwrap_or(0);
        let mut slots = vec![0u8; usize::try_from(highest).expect("field numbers are positive") + 1];
        for (slot, field) in message.field.iter().enumerate() {
            slots[field.number() as usize] = u8::try_from(slot + 1).expect("under 255 fields");
        }
        format!(
            "/// `{full}`\npub static {}: Message = Message {{ name: {full:?}, form: Form::{}, slots: &{slots:?}, \
             oneofs: {}, fields: &[{fields}] }};",
            ident(name),
            form(name),
            !message.oneof_decl.is_empty(),
            full = &name[1..],
        )
    }

    fn field(&self, field: &FieldDescriptorProto) -> String {
        let repeated = field.label() == Label::Repeated;
        let map = repeated
            && field.r#type() == Type::Message
            && self.messages[field.type_name()].options.as_ref().is_some_and(|o| o.map_entry());
        let label = match (map, repeated, field.oneof_index.is_some()) {
            (true, ..) => "Map",
            (_, true, _) => "Repeated",
            (.., true) => "Explicit",
            _ => "Implicit",
        };
        let key = format!("\"{}\":", field.json_name());
        format!(
            "Field {{ number: {}, key: {key:?}, label: Label::{label}, oneof: {}, kind: {} }}, ",
            field.number(),
            field.oneof_index.map_or(0, |i| i + 1),
            kind(field)
        )
    }
}

fn kind(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message => format!("Kind::Message(&{})", ident(field.type_name())),
        Type::Enum if field.type_name() == NULL_VALUE => "Kind::Null".into(),
        Type::Enum => format!("Kind::Enum(&{})", ident(field.type_name())),
        Type::Group => unreachable!("proto3 has no groups"),
        scalar => format!("Kind::{scalar:?}"),
    }
}

/// How protojson prints the message: its fields, or a form of its own.
fn form(name: &str) -> &'static str {
    match name.strip_prefix(".google.protobuf.").unwrap_or("") {
        "Any" => "Any",
        "Timestamp" => "Timestamp",
        "Duration" => "Duration",
        "FieldMask" => "FieldMask",
        "Struct" => "Struct",
        "Value" => "Value",
        "ListValue" => "ListValue",
        "Empty" => "Empty",
        name if name.ends_with("Value") => "Wrapper",
        _ => "Fields",
    }
}

fn ident(name: &str) -> String {
    name.trim_start_matches('.').replace('.', "_").to_uppercase()
}
