//! Files with two syncs, made record by record.

use prost_types::Any;
use tempfile::TempDir;

use crate::diff::{Change, Kind, Options, Records, compare};
use crate::model::time::Instant;
use crate::model::v2;
use crate::store::{NewSync, OpenOptions, Reader, SaveOptions, Snapshot, Source, SyncKind, Writer};

pub(super) const OLD: &str = "3MSce4tpn4AaTFke0LZe7Id3Jsv";
pub(super) const NEW: &str = "3MScfGVLsCQ2Wdvt1YYbGz1eV2E";

/// A file with two syncs; its directory goes away with it.
pub(super) struct Pair {
    pub(super) reader: Reader,
    _directory: TempDir,
}

impl Pair {
    /// Each sync is filled by its function; then `sql` is run.
    pub(super) fn changed(old: impl FnOnce(&mut Writer), new: impl FnOnce(&mut Writer), sql: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.c1z");
        let mut writer = Writer::create(Some(directory.path())).unwrap();
        let time = |text| Instant::parse(text).unwrap();
        writer.begin_sync(NewSync::new(OLD, SyncKind::Full, time("2026-11-21 11:00:00"))).unwrap();
        old(&mut writer);
        writer.end_sync(time("2026-11-21 12:00:00")).unwrap();
        writer.begin_sync(NewSync::new(NEW, SyncKind::Full, time("2026-11-22 11:00:00"))).unwrap();
        new(&mut writer);
        writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
        writer.execute(sql).unwrap();
        writer.save(&path, SaveOptions::default()).unwrap();
        let reader = Reader::open(&Source::from(&*path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
        Self { reader, _directory: directory }
    }

    pub(super) fn of(old: impl FnOnce(&mut Writer), new: impl FnOnce(&mut Writer)) -> Self {
        Self::changed(old, new, "")
    }

    pub(super) fn at(&self, id: &str) -> Snapshot<'_> {
        self.reader.at(self.reader.runs().iter().find(|run| run.id == id).unwrap())
    }

    pub(super) fn compare(&self, options: &Options) -> Vec<Change> {
        let changes = compare(self.at(OLD), self.at(NEW), options).unwrap();
        let mut problems = self.reader.problems();
        problems.mute(false);
        assert_eq!((problems.incomplete(), problems.lines()), (None, Vec::new()));
        changes
    }

    /// What happened to what: `+ grants g1`.
    pub(super) fn told(&self, options: &Options) -> Vec<String> {
        self.compare(options).iter().map(told).collect()
    }
}

pub(super) fn told(change: &Change) -> String {
    let sign = match change.kind {
        Kind::Created => '+',
        Kind::Deleted => '-',
        Kind::Modified => '~',
    };
    format!("{sign} {} {}", change.records.name(), String::from_utf8_lossy(&change.name))
}

/// `path: old → new` for each field.
pub(super) fn fields(change: &Change) -> Vec<String> {
    let text = |value: &Option<serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "-".into(),
    };
    let line =
        |field: &crate::diff::Field| format!("{}: {} → {}", field.path, text(&field.old), text(&field.new));
    change.fields.iter().map(line).collect()
}

pub(super) fn id(kind: &str, id: &str) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() }
}

pub(super) fn kind(id: &str) -> v2::ResourceType {
    v2::ResourceType { id: id.into(), display_name: id.to_uppercase(), ..Default::default() }
}

pub(super) fn resource(kind: &str, name: &str) -> v2::Resource {
    v2::Resource { id: Some(id(kind, name)), display_name: name.to_uppercase(), ..Default::default() }
}

pub(super) fn entitlement(of: &v2::Resource, slug: &str) -> v2::Entitlement {
    let key = of.id.as_ref().unwrap();
    v2::Entitlement {
        id: format!("{}:{}:{slug}", key.resource_type, key.resource),
        resource: Some(of.clone()),
        slug: slug.into(),
        display_name: format!("{slug} of {}", key.resource),
        ..Default::default()
    }
}

pub(super) fn grant(of: &v2::Entitlement, to: &v2::Resource) -> v2::Grant {
    let key = to.id.as_ref().unwrap();
    v2::Grant {
        id: format!("{}:{}:{}", of.id, key.resource_type, key.resource),
        entitlement: Some(of.clone()),
        principal: Some(to.clone()),
        ..Default::default()
    }
}

pub(super) fn packed(name: &str, message: &impl prost::Message) -> Any {
    Any { type_url: format!("type.googleapis.com/c1.connector.v2.{name}"), value: message.encode_to_vec() }
}

pub(super) fn structure(fields: &[(&str, &str)]) -> prost_types::Struct {
    let value = |text: &str| prost_types::Value {
        kind: Some(prost_types::value::Kind::StringValue(text.to_owned())),
    };
    prost_types::Struct {
        fields: fields.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect(),
    }
}

/// What differs between two resources.
pub(super) fn resources(old: &v2::Resource, new: &v2::Resource, options: &Options) -> Vec<String> {
    let pair = Pair::of(
        |writer| {
            writer.put_resource(old).unwrap();
        },
        |writer| {
            writer.put_resource(new).unwrap();
        },
    );
    modified(&pair.compare(options), Records::Resources)
}

/// What differs between two grants.
pub(super) fn grants(old: &v2::Grant, new: &v2::Grant, options: &Options) -> Vec<String> {
    let pair = Pair::of(
        |writer| {
            writer.put_grant(old).unwrap();
        },
        |writer| {
            writer.put_grant(new).unwrap();
        },
    );
    modified(&pair.compare(options), Records::Grants)
}

/// The fields of the only change, if there is one.
pub(super) fn modified(changes: &[Change], records: Records) -> Vec<String> {
    match changes {
        [] => Vec::new(),
        [change] => {
            assert_eq!((change.records, change.kind), (records, Kind::Modified));
            fields(change)
        }
        more => panic!("{more:?}"),
    }
}
