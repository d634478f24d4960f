//! What mutations start from: files that a connector wrote, and parts of files that are made here.

use std::path::Path;
use std::sync::OnceLock;

use baton::c1z::{OpenOptions, Payload, Source};
use baton::model::proto::c1::storage::v3;
use baton::store::{EntitlementFilter, GrantFilter, Reader, ResourceFilter};
use prost::Message as _;
use twox_hash::XxHash64;

use crate::targets;
use crate::testing::{Compression, DatabaseWriter, MemoryDirectory, Row, Span, TableWriter};
use crate::{Random, databases};

/// What mutations start from.
#[derive(Default)]
struct Corpora {
    files: Vec<Vec<u8>>,
    images: Vec<Vec<u8>>,
    /// Every message of the records in the files, behind the two bytes that pick its type.
    messages: Vec<Vec<u8>>,
}

fn corpora() -> &'static Corpora {
    static CORPORA: OnceLock<Corpora> = OnceLock::new();
    CORPORA.get_or_init(|| {
        let mut corpora = Corpora::default();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "c1z")) {
            let opened =
                baton::c1z::open(&Source::from(&**path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
            let Payload::Sqlite(image) = opened.payload else { continue };
            corpora.files.push(std::fs::read(path).unwrap());
            corpora.images.push(image.to_vec());
            add_messages(path, &mut corpora.messages);
        }
        let last = corpora.images.last().unwrap().clone();
        corpora.files.extend([b"C1ZF\0".to_vec(), last]);
        corpora.messages.sort();
        corpora.messages.dedup();
        corpora
    })
}

fn add_messages(path: &Path, found: &mut Vec<Vec<u8>>) {
    let types = targets::messages();
    let pick = |name: &str| {
        let place = types.iter().position(|message| message.name.ends_with(&format!("connector.v2.{name}")));
        u16::try_from(place.unwrap()).unwrap().to_le_bytes()
    };
    let reader = Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    macro_rules! add {
        ($name:literal, $scan:expr) => {{
            let (pick, mut scan) = (pick($name), $scan.unwrap());
            let mut rows = scan.rows().unwrap();
            while rows.next(|record| found.push([&pick[..], record.message].concat())).unwrap().is_some() {}
        }};
    }
    for run in reader.runs() {
        let at = reader.at(run);
        add!("ResourceType", at.resource_types());
        add!("Resource", at.resources(&ResourceFilter::default()));
        add!("Entitlement", at.entitlements(&EntitlementFilter::default()));
        add!("Grant", at.grants(&GrantFilter::default()));
    }
}

pub(crate) fn container_corpus() -> Vec<Vec<u8>> {
    [corpora().files.clone(), archive_corpus()].concat()
}

/// A message of protobuf with bytes in its fields and numbers.
fn index_entry(name: &str, start: u8, stored: u8, content: &[u8]) -> Vec<u8> {
    let name = [&[0x0a, name.len() as u8], name.as_bytes()].concat();
    let numbers = [0x10, start, 0x18, stored, 0x20, content.len() as u8, 0x29];
    let hash = XxHash64::oneshot(0, content).to_le_bytes();
    let entry = [&name[..], &numbers, &hash, &[0x32, 32], &[7; 32]].concat();
    [&[0x0a, entry.len() as u8], &entry[..]].concat()
}

pub(crate) fn archive_index_corpus() -> Vec<Vec<u8>> {
    let first = index_entry("000004.sst", 20, 14, b"frame");
    let second = index_entry("folder/marker", 34, 9, b"");
    let both = [&first[..], &second, &[0x10, 5, 0x18, 23]].concat();
    vec![Vec::new(), first, second, both]
}

/// The header of a file in a tar, or of what describes the next one, and its content.
fn tar_part(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut part = [&header[..], content].concat();
    part.resize(part.len().next_multiple_of(512), 0);
    part
}

pub(crate) fn archive_tar_corpus() -> Vec<Vec<u8>> {
    let file = tar_part("000004.sst", b'0', b"some table");
    let directory = tar_part("folder/", b'5', b"");
    let extended = tar_part("x", b'x', b"13 path=long\n10 size=3\n");
    let long = tar_part("././@LongLink", b'L', b"folder/long name\0");
    let end = [0; 1024];
    vec![
        end.to_vec(),
        [&file[..], &end].concat(),
        [&directory[..], &file, &extended, &tar_part("short", b'0', b"one"), &end].concat(),
        [&long[..], &tar_part("short", 0, b"one"), &file, &end].concat(),
    ]
}

pub(crate) fn archive_corpus() -> Vec<Vec<u8>> {
    let indexed = archive_index_corpus().iter().map(|index| targets::archive_of(index)).collect::<Vec<_>>();
    let tars = archive_tar_corpus().iter().map(|tar| targets::archive_of_tar(tar)).collect::<Vec<_>>();
    [indexed, tars].concat()
}

/// The sync run and the stamps of a v3 file.
fn heads(keyed_by: u32) -> Vec<(Vec<u8>, Vec<u8>)> {
    let run = v3::SyncRunRecord {
        sync_id: "3MSce4tpn4AaTFke0LZe7Id3Jsv".into(),
        r#type: 1,
        ended_at: Some(prost_types::Timestamp { seconds: 1, nanos: 0 }),
        ..Default::default()
    };
    vec![
        (b"\x03\x06".to_vec(), run.encode_to_vec()),
        (b"\x03\xffkeyspace_version".to_vec(), 2_u32.to_be_bytes().to_vec()),
        (b"\x03\xffgrant_entitlement_id_format".to_vec(), keyed_by.to_be_bytes().to_vec()),
    ]
}

fn records() -> Vec<(Vec<u8>, Vec<u8>)> {
    let resource =
        |kind: &str, id: &str| v3::ResourceRef { resource_type_id: kind.into(), resource_id: id.into() };
    let kind = v3::ResourceTypeRecord {
        external_id: "user".into(),
        traits: vec!["USER".into(), "NONE".into()],
        ..Default::default()
    };
    let user = v3::ResourceRecord {
        resource_type_id: "user".into(),
        resource_id: "u".into(),
        parent: Some(resource("org", "o")),
        status: Some(v3::StatusRecord { status: 1, details: "d".into() }),
        icon_asset_external_id: "i".into(),
        ..Default::default()
    };
    let offer = v3::EntitlementRecord {
        external_id: "org:o:m".into(),
        resource: Some(resource("org", "o")),
        purpose: "ASSIGNMENT".into(),
        grantable_to_resource_type_ids: vec!["user".into()],
        ..Default::default()
    };
    let held = v3::GrantRecord {
        entitlement: Some(v3::EntitlementRef {
            resource_type_id: "org".into(),
            resource_id: "o".into(),
            entitlement_id: "org:o:m".into(),
        }),
        principal: Some(v3::PrincipalRef {
            resource_type_id: "user".into(),
            resource_id: "u".into(),
            ..Default::default()
        }),
        expansion: Some(v3::GrantExpandableRecord {
            entitlement_ids: vec!["e".into()],
            ..Default::default()
        }),
        sources: [("e".into(), v3::GrantSourceRecord { is_direct: true, ..Default::default() })].into(),
        annotations: vec![prost_types::Any { type_url: "t".into(), value: vec![8, 1] }],
        ..Default::default()
    };
    vec![
        (b"\x03\x01\0user".to_vec(), kind.encode_to_vec()),
        (b"\x03\x02\0user\0u".to_vec(), user.encode_to_vec()),
        (b"\x03\x03\0org\0o\x001\0m".to_vec(), offer.encode_to_vec()),
        (b"\x03\x04\0org\0o\x001\0m\0user\0u".to_vec(), held.encode_to_vec()),
        (b"\x03\x07\x01\0org\0o\0user\0u".to_vec(), Vec::new()),
        (b"\x03\x07\x04\0user\0u\0org\0o\x001\0m".to_vec(), Vec::new()),
    ]
}

pub(crate) fn rows_corpus() -> Vec<Vec<u8>> {
    let stream = |rows: &[_]| targets::stores::stream(rows);
    let all = |keyed_by| stream(&[records(), heads(keyed_by)].concat());
    vec![stream(&[]), stream(&heads(2)), all(2), all(2), all(0)]
}

pub(crate) fn verify_corpus() -> Vec<Vec<u8>> {
    let stores = rows_corpus().iter().map(|rows| targets::stores::file(rows)).collect();
    [container_corpus(), image_corpus(), stores].concat()
}

pub(crate) fn frame_corpus() -> Vec<Vec<u8>> {
    let mut headers: Vec<Vec<u8>> =
        corpora().files.iter().map(|file| file[5..].iter().take(24).copied().collect()).collect();
    headers.push(vec![0x5a, 0x2a, 0x4d, 0x18, 9, 0, 0, 0]);
    headers.push(vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0111, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8]);
    headers.push(vec![0x28, 0xb5, 0x2f, 0xfd, 0b0100_0001, 0x50, 7, 1, 2]);
    headers
}

/// Messages, and the same bytes as messages of any other type.
pub(crate) fn protojson_corpus() -> Vec<Vec<u8>> {
    let mut random = Random(7);
    let mut all = corpora().messages.clone();
    for message in &corpora().messages {
        let mut other = message.clone();
        other[..2].copy_from_slice(&random.next().to_be_bytes()[..2]);
        all.push(other);
    }
    all.extend(
        (0..targets::messages().len())
            .map(|pick| vec![pick as u8, (pick >> 8) as u8, 0x0a, 3, b'a', b'b', b'c', 0x10, 1, 0x1a, 0]),
    );
    all
}

pub(crate) fn keys_corpus() -> Vec<Vec<u8>> {
    corpora().messages.iter().map(|message| message[2..].to_vec()).collect()
}

pub(crate) fn image_corpus() -> Vec<Vec<u8>> {
    corpora().images.clone()
}

pub(crate) fn time_corpus() -> Vec<Vec<u8>> {
    [
        "2026-11-22 11:40:59.768119127",
        "2026-11-22T11:40:59.5Z",
        "2026-11-22 11:40:59.12+02:00",
        "2026-11-22 11:40",
        "2026-11-22",
        "2026-11-22 11:40:59.5 -0500 EST m=+0.01",
        "9999-12-31 23:59:60 +0000 UTC",
        "0001-01-01 00:00:00-23:59",
        "-009999-01-01T00:00:00[Europe/Zurich]",
        "3MSce4tpn4AaTFke0LZe7Id3Jsv",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Rows of a table: each key once, some gone, some hidden.
fn rows() -> Vec<Row> {
    let rows = (0..60_u8).map(|number| {
        let key = format!("\u{3}\u{4}\0group\0g{}\0member\0user\0u{number:02}", number / 8);
        match number % 9 {
            7 => Row::delete(key.as_bytes(), 9),
            8 => Row::set(key.as_bytes(), 8, b"old").obsolete(),
            _ => Row::set(key.as_bytes(), 5 + u64::from(number), &vec![number; usize::from(number)]),
        }
    });
    rows.collect()
}

fn spans() -> Vec<Span> {
    vec![Span::new(b"\x03\x04\0group\0g2", b"\x03\x04\0group\0g3", 20)]
}

/// Writers of every format, with small blocks so that there are many.
fn table_writers() -> impl Iterator<Item = TableWriter> {
    let kinds = (1..=7).flat_map(|format| {
        [Compression::None, Compression::Snappy, Compression::Zstd].map(|compression| (format, compression))
    });
    kinds.flat_map(|(format, compression)| {
        [usize::MAX, 2].map(|index_entries| TableWriter {
            compression,
            block_size: 512,
            index_entries,
            ..TableWriter::new(format)
        })
    })
}

pub(crate) fn table_corpus() -> Vec<Vec<u8>> {
    table_writers().flat_map(|writer| [writer.write(&rows(), &spans()), writer.write(&rows(), &[])]).collect()
}

pub(crate) fn database_corpus() -> Vec<Vec<u8>> {
    let stream = |directory: MemoryDirectory| {
        databases::stream(directory.files.iter().map(|(name, bytes)| (&**name, &**bytes)))
    };
    table_writers()
        .map(|writer| {
            let mut database = DatabaseWriter::new();
            database.add(0, &writer, &rows(), &spans());
            database.add(6, &writer, &rows()[..30], &[]);
            database.ingest(6, &writer, &rows()[40..], &[], 3);
            stream(database.finish())
        })
        .collect()
}
