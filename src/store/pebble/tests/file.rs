//! Files of tests: rows, spread over tables, in an archive.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use prost::Message as _;
use tempfile::TempDir;
use twox_hash::XxHash64;

use super::super::identity::Identity;
use super::super::keys::{BY_PRINCIPAL_PENDING, ID_FORMAT, KEYSPACE_VERSION, STATS, SYNC_RUN, Space};
use super::*;
use crate::model::proto::c1::c1z::v3::{
    C1zManifestV3, IndexedFrameEntry, IndexedFrameIndex, PayloadEncoding, SyncRunSummary,
};
use crate::model::proto::c1::storage::v3::{
    AssetRecord, EntitlementRecord, GrantRecord, ResourceRecord, ResourceTypeRecord, SyncRunRecord,
    SyncStatsRecord,
};
use crate::pebble::testing::{Compression, DatabaseWriter, Random, Row, Span, TableWriter};

/// The rows of a store that is being made, by their keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    pub(crate) rows: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) manifest: C1zManifestV3,
    pub(crate) legacy: bool,
}

impl Store {
    /// A store of a finished full sync, without records.
    pub(crate) fn new() -> Self {
        let mut store = Self::empty();
        store.put_run(&run());
        store
    }

    /// A store without a sync.
    pub(crate) fn empty() -> Self {
        let mut store = Self {
            manifest: C1zManifestV3 {
                engine: "pebble3".into(),
                engine_schema_version: 24,
                ..Default::default()
            },
            ..Self::default()
        };
        store.put(KEYSPACE_VERSION, &2_u32.to_be_bytes());
        store.put(ID_FORMAT, &2_u32.to_be_bytes());
        store
    }

    /// Keys from now on are those of the layout before.
    pub(crate) fn legacy(mut self) -> Self {
        self.rows.remove(ID_FORMAT);
        Self { legacy: true, ..self }
    }

    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) {
        self.rows.insert(key.to_vec(), value.to_vec());
    }

    pub(crate) fn put_run(&mut self, run: &SyncRunRecord) {
        self.put(SYNC_RUN, &run.encode_to_vec());
    }

    pub(crate) fn put_stats(&mut self, stats: &SyncStatsRecord) {
        self.put(STATS, &stats.encode_to_vec());
    }

    /// Lets the manifest tell of the sync.
    pub(crate) fn tell(&mut self, run: &SyncRunRecord, stats: Option<SyncStatsRecord>) {
        self.manifest.sync_runs = vec![SyncRunSummary {
            sync_id: run.sync_id.clone(),
            r#type: run.r#type,
            started_at: run.started_at,
            ended_at: run.ended_at,
            parent_sync_id: run.parent_sync_id.clone(),
            stats,
        }];
    }

    pub(crate) fn put_type(&mut self, record: &ResourceTypeRecord) {
        self.put(&Space::ResourceTypes.key(&[record.external_id.as_bytes()]), &record.encode_to_vec());
    }

    pub(crate) fn put_resource(&mut self, record: &ResourceRecord) {
        let own = [record.resource_type_id.as_bytes(), record.resource_id.as_bytes()];
        self.put(&Space::Resources.key(&own), &record.encode_to_vec());
        if let Some(parent) = record.parent.as_ref().filter(|parent| !parent.resource_id.is_empty()) {
            let named = [parent.resource_type_id.as_bytes(), parent.resource_id.as_bytes()];
            self.put(&Space::Children.key(&[named, own].concat()), b"");
        }
    }

    pub(crate) fn entitlement_key(&self, record: &EntitlementRecord) -> Vec<u8> {
        let (key, id) = (reference(record.resource.as_ref().unwrap()), record.external_id.as_bytes());
        if self.legacy { Space::Entitlements.key(&[id]) } else { Identity::of(key, id).key() }
    }

    pub(crate) fn put_entitlement(&mut self, record: &EntitlementRecord) {
        self.put(&self.entitlement_key(record), &record.encode_to_vec());
    }

    pub(crate) fn grant_key(&self, record: &GrantRecord) -> Vec<u8> {
        if self.legacy {
            return Space::Grants.key(&[record.external_id.as_bytes()]);
        }
        let (entitlement, principal) = grant_parts(record);
        Space::Grants.key(&[&entitlement[..], &principal].concat())
    }

    pub(crate) fn put_grant(&mut self, record: &GrantRecord) {
        self.put(&self.grant_key(record), &record.encode_to_vec());
        let (entitlement, principal) = grant_parts(record);
        let row = if self.legacy {
            [&principal[..], &[record.external_id.as_bytes()]].concat()
        } else {
            [&principal[..], &entitlement].concat()
        };
        self.put(&Space::ByPrincipal.key(&row), b"");
    }

    pub(crate) fn put_asset(&mut self, record: &AssetRecord) {
        self.put(&Space::Assets.key(&[record.external_id.as_bytes()]), &record.encode_to_vec());
    }

    /// Takes away the index of grants by principal, as long as it is not built.
    pub(crate) fn defer_principal_index(&mut self) {
        self.rows.retain(|key, _| Space::ByPrincipal.parts(key).is_none());
        self.put(BY_PRINCIPAL_PENDING, b"");
    }

    /// The files of a database with these rows, in one table.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut database = DatabaseWriter::new();
        let rows: Vec<Row> = self.rows.iter().map(|(key, value)| Row::set(key, 10, value)).collect();
        if !rows.is_empty() {
            database.add(6, &TableWriter::new(7), &rows, &[]);
        }
        database.finish().files
    }

    /// The files of a database with these rows and with others that are deleted, in tables of any kind.
    pub(crate) fn scattered(&self, random: &mut Random) -> BTreeMap<String, Vec<u8>> {
        let mut database = DatabaseWriter::new();
        // What was there before, all of it deleted by the next table.
        let old: Vec<Row> = self.rows.keys().map(|key| Row::set(key, 1, b"old")).collect();
        if !old.is_empty() {
            database.add(6, &any_table(random), &old, &[]);
            database.add(5, &any_table(random), &[], &[Span::new(&[0], &[0xff], 2)]);
        }
        let mut tables: Vec<Vec<Row>> = vec![Vec::new(); 1 + random.below(4)];
        for (key, value) in &self.rows {
            let place = random.below(tables.len());
            tables[place].push(Row::set(key, 10 + place as u64, value));
            if place > 0 && random.one_in(4) {
                tables[place - 1].push(match random.one_in(2) {
                    true => Row::delete(key, 9 + place as u64),
                    false => Row::set(key, 9 + place as u64, b"older"),
                });
            }
        }
        for rows in tables.iter().filter(|rows| !rows.is_empty()) {
            database.add(0, &any_table(random), rows, &[]);
        }
        database.finish().files
    }

    /// The whole file.
    pub(crate) fn file(&self) -> Vec<u8> {
        seal(&self.files(), &self.manifest)
    }

    pub(crate) fn try_read(&self) -> Result<Reader, Error> {
        try_open(&self.file())
    }

    pub(crate) fn read(&self) -> Reader {
        self.try_read().unwrap()
    }
}

fn any_table(random: &mut Random) -> TableWriter {
    let mut table = TableWriter::new(1 + random.below(7) as u32);
    table.block_size = random.of(&[64, 500, 32 << 10]);
    table.compression = random.of(&[Compression::None, Compression::Snappy]);
    table
}

fn reference(resource: &ResourceRef) -> ResourceKey<'_> {
    ResourceKey { kind: resource.resource_type_id.as_bytes(), id: resource.resource_id.as_bytes() }
}

/// What a grant is keyed by: the parts of its entitlement, and its principal.
fn grant_parts(record: &GrantRecord) -> ([&[u8]; 4], [&[u8]; 2]) {
    let entitlement = record.entitlement.as_ref().unwrap();
    let resource =
        ResourceKey { kind: entitlement.resource_type_id.as_bytes(), id: entitlement.resource_id.as_bytes() };
    let principal = record.principal.as_ref().unwrap();
    let parts = Identity::of(resource, entitlement.entitlement_id.as_bytes()).parts();
    (parts, [principal.resource_type_id.as_bytes(), principal.resource_id.as_bytes()])
}

/// An archive, each file a frame.
pub(super) fn seal(files: &BTreeMap<String, Vec<u8>>, manifest: &C1zManifestV3) -> Vec<u8> {
    let mut manifest = manifest.clone();
    manifest.set_payload_encoding(PayloadEncoding::IndexedZstd);
    let manifest = manifest.encode_to_vec();
    let mut out = b"C1Z3\0".to_vec();
    out.extend((manifest.len() as u32).to_be_bytes());
    out.extend(&manifest);
    let mut index =
        IndexedFrameIndex { manifest_xxh64: XxHash64::oneshot(0, &manifest), ..Default::default() };
    for (name, content) in files {
        let frame = compressed(content);
        index.entries.push(IndexedFrameEntry {
            name: name.clone(),
            frame_offset: out.len() as i64,
            compressed_size: frame.len() as i64,
            raw_size: content.len() as i64,
            raw_xxh64: XxHash64::oneshot(0, content),
            raw_sha256: vec![0; 32],
        });
        index.total_raw_size += content.len() as i64;
        index.total_compressed_size += frame.len() as i64;
        out.extend(frame);
    }
    let (start, index) = (out.len() as u64, index.encode_to_vec());
    out.extend(&index);
    out.extend(start.to_be_bytes());
    out.extend((index.len() as u32).to_be_bytes());
    out.extend(XxHash64::oneshot(0, &index).to_be_bytes());
    out.extend(b"C1ZIDX1\0");
    out
}

fn compressed(content: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    zstd_safe::compress(&mut frame, content, 1).unwrap();
    frame
}

pub(super) fn on_disk(file: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    std::fs::write(&path, file).unwrap();
    (directory, path)
}

pub(super) fn try_open(file: &[u8]) -> Result<Reader, Error> {
    let (_directory, path) = on_disk(file);
    try_open_path(&path)
}

pub(super) fn try_open_path(path: &Path) -> Result<Reader, Error> {
    Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {})
}
