//! v3 files in each of their encodings, for tests that change them.

use std::sync::OnceLock;

use baton::model::proto::c1::c1z::v3::{C1zManifestV3, SyncRunSummary};
use baton::model::proto::c1::storage::v3;
use baton::store::{OpenOptions, Source};
use baton::verify::{Layer, Report, verify};
use prost::Message as _;

use crate::run::{SECOND, temporary};
use crate::{stores, v3 as company};

/// How the payload of a v3 file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    TarZstd = 1,
    Tar = 2,
    Indexed = 5,
}

impl Encoding {
    pub(crate) const ALL: [Self; 3] = [Self::TarZstd, Self::Tar, Self::Indexed];
}

/// The files inside a v3 file.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The second day of the company with its counts, in this encoding.
pub(crate) fn company(encoding: Encoding) -> Vec<u8> {
    static FILES: OnceLock<Files> = OnceLock::new();
    pack(encoding, &manifest(encoding), FILES.get_or_init(|| files(&stores::stream(company::company_rows()))))
}

/// The files of a database with these rows.
pub(crate) fn files(stream: &[u8]) -> Files {
    let file = stores::file(stream);
    let (mut rest, mut files) = (&file[9 + usize::from(file[8])..], Vec::new());
    while rest[0] != 0 {
        let (header, after) = rest.split_at(512);
        let name = String::from_utf8(header[..100].to_vec()).unwrap();
        let size = std::str::from_utf8(&header[124..135]).unwrap();
        let size = usize::from_str_radix(size, 8).unwrap();
        files.push((name.trim_end_matches('\0').to_owned(), after[..size].to_vec()));
        rest = &after[size.next_multiple_of(512)..];
    }
    files
}

/// The manifest of the company.
pub(crate) fn manifest(encoding: Encoding) -> C1zManifestV3 {
    let counts =
        |counts: &[(&str, i64)]| counts.iter().map(|(id, count)| ((*id).to_owned(), *count)).collect();
    let stats = v3::SyncStatsRecord {
        sync_id: SECOND.into(),
        resource_types: 7,
        resources: 29,
        entitlements: 18,
        grants: 62,
        resources_by_resource_type: counts(&[
            ("app", 1),
            ("group", 4),
            ("org", 2),
            ("project", 3),
            ("role", 3),
            ("secret", 2),
            ("user", 14),
        ]),
        entitlements_by_resource_type: counts(&[
            ("app", 1),
            ("group", 5),
            ("org", 3),
            ("project", 6),
            ("role", 3),
        ]),
        grants_by_entitlement_resource_type: counts(&[
            ("app", 3),
            ("group", 19),
            ("org", 21),
            ("project", 5),
            ("role", 14),
        ]),
        ..Default::default()
    };
    let time = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let summary = SyncRunSummary {
        sync_id: SECOND.into(),
        r#type: 1,
        started_at: time(1_795_000_000),
        ended_at: time(1_795_000_131),
        stats: Some(stats),
        ..Default::default()
    };
    C1zManifestV3 {
        engine: "pebble3".into(),
        engine_schema_version: 24,
        payload_encoding: encoding as i32,
        sync_runs: vec![summary],
        pebble_id_index_format: 2,
        ..Default::default()
    }
}

/// A v3 file with this manifest and these files.
pub(crate) fn pack(encoding: Encoding, manifest: &C1zManifestV3, files: &Files) -> Vec<u8> {
    let manifest = manifest.encode_to_vec();
    let length = u32::try_from(manifest.len()).unwrap();
    let mut out = [&b"C1Z3\0"[..], &length.to_be_bytes(), &manifest].concat();
    if encoding == Encoding::Indexed {
        index(&mut out, &manifest, files);
        return out;
    }
    let mut tar = Vec::new();
    files.iter().for_each(|(name, content)| stores::push_tar(&mut tar, name, content));
    tar.resize(tar.len() + 1024, 0);
    match encoding {
        Encoding::TarZstd => out.extend(zstd(&tar)),
        _ => out.extend(tar),
    }
    out
}

fn index(out: &mut Vec<u8>, manifest: &[u8], files: &Files) {
    let hash = |bytes: &[u8]| twox_hash::XxHash64::oneshot(0, bytes);
    let (mut index, mut stored, mut raw) = (Vec::new(), 0, 0);
    for (name, content) in files {
        let frame = zstd(content);
        let mut entry = Vec::new();
        push_bytes(&mut entry, 1, name.as_bytes());
        for (field, number) in [(2, out.len()), (3, frame.len()), (4, content.len())] {
            push_number(&mut entry, field, number as u64);
        }
        entry.push(5 << 3 | 1);
        entry.extend(hash(content).to_le_bytes());
        push_bytes(&mut entry, 6, &[7; 32]);
        push_bytes(&mut index, 1, &entry);
        out.extend(&frame);
        (stored, raw) = (stored + frame.len(), raw + content.len());
    }
    push_number(&mut index, 2, raw as u64);
    push_number(&mut index, 3, stored as u64);
    index.push(4 << 3 | 1);
    index.extend(hash(manifest).to_le_bytes());
    let start = out.len() as u64;
    out.extend(&index);
    out.extend(start.to_be_bytes());
    out.extend(u32::try_from(index.len()).unwrap().to_be_bytes());
    out.extend(hash(&index).to_be_bytes());
    out.extend(b"C1ZIDX1\0");
}

fn push_number(out: &mut Vec<u8>, field: u8, number: u64) {
    out.push(field << 3);
    prost::encoding::encode_varint(number, out);
}

fn push_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(field << 3 | 2);
    prost::encoding::encode_varint(bytes.len() as u64, out);
    out.extend(bytes);
}

/// A frame with content size and checksum.
pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    context.compress2(&mut out, content).unwrap();
    out
}

/// What is found in a file with these bytes.
pub(crate) fn look(bytes: &[u8]) -> Report {
    let (file, _) = temporary(bytes);
    let source = Source::from(file.path());
    verify(&source, &OpenOptions::default(), &mut |_, _, _| {}).unwrap().report
}

/// The faults that count: layer, place, offset, message.
pub(crate) fn faults(report: &Report) -> Vec<(Layer, &str, Option<u64>, &str)> {
    let bad = report.faults.iter().filter(|fault| !fault.harmless);
    bad.map(|fault| (fault.layer, &*fault.place, fault.offset, &*fault.message)).collect()
}

/// What is odd and harms nobody.
pub(crate) fn odd(report: &Report) -> Vec<(Layer, &str, Option<u64>, &str)> {
    let odd = report.faults.iter().filter(|fault| fault.harmless);
    odd.map(|fault| (fault.layer, &*fault.place, fault.offset, &*fault.message)).collect()
}

/// A v1 file with this database.
pub(crate) fn v1(database: &[u8]) -> Vec<u8> {
    [&b"C1ZF\0"[..], &zstd(database)].concat()
}

/// How many records of each family can be read, of the sync at this place.
pub(crate) fn readable(report: &Report, sync: usize) -> [u64; 5] {
    report.readable.syncs[sync].counts.map(|count| count.readable)
}
