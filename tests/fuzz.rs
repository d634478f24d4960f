//! Parsers of foreign bytes under mutated files.
//!
//! An ordinary run takes 200 rounds of each target. The long run is
//!
//! ```text
//! cargo test --release --test fuzz -- --ignored
//! ```
//!
//! with `BATON_FUZZ_ROUNDS` (20000 unless it is set) and `BATON_FUZZ_SEED`. A round is made from seed, target and
//! number alone. What fails says which it was, and `BATON_FUZZ_ONLY=TARGET:ROUND` runs it again. A round that takes
//! longer than [`PATIENCE`] ends the process, and so does one that takes more memory than [`MEMORY`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]
#![allow(clippy::print_stderr, reason = "a process that must end says why")]

#[path = "fuzz/targets.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use baton::c1z::{OpenOptions, Payload, Source, open_reader};
use baton::model::proto::c1::storage::v3;
use baton::store::{EntitlementFilter, GrantFilter, Reader, ResourceFilter};
use prost::Message as _;
use twox_hash::XxHash64;

/// How long one round may take, in seconds.
const PATIENCE: u64 = 10;
/// How much address space the process may have: all targets at once.
#[cfg(unix)]
const MEMORY: u64 = 4 << 30;
/// The largest input.
const LONGEST: usize = 600_000;

/// xorshift64*, by Marsaglia and Vigna.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end.max(1)
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Bytes and numbers that parsers stumble over.
const ODD: [&[u8]; 12] = [
    &[0],
    &[0xff],
    &[0x80],
    &[0x7f],
    &[0xff, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    &[0, 0, 0, 1],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0x28, 0xb5, 0x2f, 0xfd],
    &[0xed, 0xa0, 0x80],
    b"\0\0\0\0\0\0\0\0",
];

/// A change or a few of one of `corpus`, near each other or anywhere.
fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = random.of(corpus).clone();
    let home = random.below(bytes.len());
    // Where all is found by its offset, one byte more or less spoils everything behind it: most rounds keep the length.
    let kinds = if random.below(4) == 0 { 10 } else { 6 };
    for _ in 0..1 + random.below(8) {
        // Half of the changes keep near one place: headers and their fields hang together.
        let place = match random.below(5) {
            0 | 1 => (home + random.below(24)).min(bytes.len()),
            2 => random.below(bytes.len().min(128)),
            // The headers of pages.
            3 if bytes.len() > 8192 => random.below(bytes.len() / 4096) * 4096 + random.below(48),
            _ => random.below(bytes.len() + 1),
        };
        let end = (place + 1 + random.below(16)).min(bytes.len());
        match random.below(kinds) {
            0..=2 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
            3 if place < bytes.len() => bytes[place] = random.next() as u8,
            4 => bytes[place.min(end)..end].iter_mut().for_each(|byte| *byte = random.next() as u8),
            5 => {
                let odd = random.of(&ODD);
                let end = (place + odd.len()).min(bytes.len());
                drop(bytes.splice(place..end, odd.iter().copied()));
            }
            6 => drop(bytes.splice(place..place, random.of(&ODD).iter().copied())),
            7 => drop(bytes.splice(place..end, None)),
            8 => {
                let other = random.of(corpus);
                let from = random.below(other.len());
                let part = &other[from..(from + 1 + random.below(512)).min(other.len())];
                let end = if random.below(2) == 0 { place } else { (place + part.len()).min(bytes.len()) };
                drop(bytes.splice(place..end, part.iter().copied()));
            }
            _ if random.below(4) == 0 => bytes.truncate(place),
            _ => {}
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

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

fn container_corpus() -> Vec<Vec<u8>> {
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

fn archive_index_corpus() -> Vec<Vec<u8>> {
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

fn archive_tar_corpus() -> Vec<Vec<u8>> {
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

fn archive_corpus() -> Vec<Vec<u8>> {
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

fn rows_corpus() -> Vec<Vec<u8>> {
    let stream = |rows: &[_]| targets::stores::stream(rows);
    let all = |keyed_by| stream(&[records(), heads(keyed_by)].concat());
    vec![stream(&[]), stream(&heads(2)), all(2), all(2), all(0)]
}

fn frame_corpus() -> Vec<Vec<u8>> {
    let mut headers: Vec<Vec<u8>> =
        corpora().files.iter().map(|file| file[5..].iter().take(24).copied().collect()).collect();
    headers.push(vec![0x5a, 0x2a, 0x4d, 0x18, 9, 0, 0, 0]);
    headers.push(vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0111, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8]);
    headers.push(vec![0x28, 0xb5, 0x2f, 0xfd, 0b0100_0001, 0x50, 7, 1, 2]);
    headers
}

/// Messages, and the same bytes as messages of any other type.
fn protojson_corpus() -> Vec<Vec<u8>> {
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

fn keys_corpus() -> Vec<Vec<u8>> {
    corpora().messages.iter().map(|message| message[2..].to_vec()).collect()
}

fn image_corpus() -> Vec<Vec<u8>> {
    corpora().images.clone()
}

fn time_corpus() -> Vec<Vec<u8>> {
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

fn seed() -> u64 {
    std::env::var("BATON_FUZZ_SEED").map_or(1, |text| text.parse().expect("BATON_FUZZ_SEED is a number"))
}

fn rounds() -> u64 {
    std::env::var("BATON_FUZZ_ROUNDS")
        .map_or(20_000, |text| text.parse().expect("BATON_FUZZ_ROUNDS is a number"))
}

/// Seconds since the first call.
fn clock() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs()
}

/// Ends the process when a round takes too long: nothing else ends a loop without end.
fn watch(name: &'static str, round: &Arc<AtomicU64>, since: &Arc<AtomicU64>) {
    let (round, since) = (Arc::clone(round), Arc::downgrade(since));
    std::thread::spawn(move || {
        while let Some(since) = since.upgrade() {
            if clock().saturating_sub(since.load(Ordering::Relaxed)) > PATIENCE {
                let round = round.load(Ordering::Relaxed);
                eprintln!("fuzz: {name}: round {round} of seed {} does not end", seed());
                std::process::abort();
            }
            drop(since);
            std::thread::sleep(Duration::from_millis(500));
        }
    });
}

#[cfg(unix)]
fn bound_memory() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::As).maximum;
    let current = Some(maximum.map_or(MEMORY, |maximum| maximum.min(MEMORY)));
    setrlimit(Resource::As, Rlimit { current, maximum }).expect("a lower limit is always allowed");
}

#[cfg(not(unix))]
fn bound_memory() {}

/// Runs rounds of one target, each from its own seed.
fn fuzz(name: &'static str, target: fn(&[u8]), corpus: fn() -> Vec<Vec<u8>>, rounds: u64) {
    bound_memory();
    let corpus = corpus();
    let only = std::env::var("BATON_FUZZ_ONLY").ok();
    let wanted =
        match only.as_deref().map(|only| only.split_once(':').expect("BATON_FUZZ_ONLY is TARGET:ROUND")) {
            Some((other, _)) if other != name => return,
            Some((_, round)) => round.parse().map(|round| round..round + 1).expect("a round is a number"),
            None => 0..rounds,
        };
    let (now, since) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(clock())));
    watch(name, &now, &since);
    let name_seed = name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    for round in wanted {
        let mut random = Random((seed() << 40) ^ (name_seed << 20) ^ (round + 1));
        // The first few numbers of seeds that differ in a bit are alike.
        for _ in 0..8 {
            random.next();
        }
        let bytes = mutated(&mut random, &corpus);
        now.store(round, Ordering::Relaxed);
        since.store(clock(), Ordering::Relaxed);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(&bytes))) {
            let place = std::env::temp_dir().join(format!("baton-fuzz-{name}-{round}"));
            let _ = std::fs::write(&place, &bytes);
            eprintln!(
                "fuzz: {name}: round {round} of seed {} fails; its bytes are in {}",
                seed(),
                place.display()
            );
            resume_unwind(panic);
        }
    }
}

/// Two tests of a target: a short one, and a long one that is asked for.
macro_rules! target {
    ($name:ident, $corpus:ident, $share:literal) => {
        mod $name {
            #[test]
            fn smoke() {
                super::fuzz(stringify!($name), super::targets::$name, super::$corpus, 200 / $share + 1);
            }

            #[test]
            #[ignore = "long"]
            fn long() {
                super::fuzz(
                    stringify!($name),
                    super::targets::$name,
                    super::$corpus,
                    super::rounds() / $share,
                );
            }
        }
    };
}

target!(container, container_corpus, 1);
target!(archive, archive_corpus, 1);
target!(archive_index, archive_index_corpus, 1);
target!(archive_tar, archive_tar_corpus, 1);
target!(frame, frame_corpus, 1);
target!(protojson, protojson_corpus, 1);
target!(keys, keys_corpus, 1);
target!(image, image_corpus, 1);
// Images that are read ahead are never given back.
target!(image_ahead, image_corpus, 200);
target!(rows, rows_corpus, 1);
target!(time, time_corpus, 1);

#[test]
fn every_message_type_is_reached() {
    let names: Vec<_> = targets::messages().iter().map(|message| message.name).collect();
    assert!(names.len() > 250, "only {}", names.len());
    for name in ["c1.connector.v2.Grant", "c1.connector.v2.UserTrait.Email", "google.protobuf.Struct"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn the_archives_that_mutations_start_from_are_sound() {
    for file in archive_corpus() {
        let opened =
            open_reader(&Source::Stdin, &mut &*file, None, &OpenOptions::default(), &mut |_, _| {}).unwrap();
        let Payload::Archive(archive) = opened.payload else { panic!("no archive") };
        let names: Vec<&str> = archive.entries().iter().map(|entry| &*entry.name).collect();
        archive.prefetch(&names, &mut |_, _| {}).unwrap();
    }
}

#[test]
fn the_rows_that_mutations_start_from_are_read() {
    for bytes in rows_corpus() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, &targets::stores::file(&bytes)).unwrap();
        let reader =
            Reader::open(&Source::from(file.path()), &OpenOptions::default(), &mut |_, _| {}).unwrap();
        for run in reader.runs() {
            let counted = reader.at(run).count().unwrap();
            let many = i64::from(bytes.len() > 200);
            assert_eq!((counted.resources, counted.entitlements, counted.grants), (many, many, many));
        }
        assert_eq!(reader.runs().len(), usize::from(!bytes.is_empty()));
        assert_eq!(reader.problems().incomplete(), None);
    }
}
