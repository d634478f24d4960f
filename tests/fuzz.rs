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

#[path = "fuzz/corpora.rs"]
mod corpora;
#[path = "fuzz/targets.rs"]
mod targets;
// The library's own test writer of databases.
#[allow(dead_code, unused_imports, reason = "it writes more than is mutated here")]
#[path = "../src/pebble/testing/mod.rs"]
mod testing;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use baton::c1z::{OpenOptions, Payload, Source, open_reader};
// Where the test writer finds the traits of the room that it belongs to.
use baton::pebble;
use baton::store::Reader;
use corpora::{
    archive_corpus, archive_index_corpus, archive_tar_corpus, container_corpus, database_corpus,
    frame_corpus, image_corpus, keys_corpus, protojson_corpus, rows_corpus, table_corpus, time_corpus,
    verify_corpus,
};
use targets::databases;

/// How long one round may take, in seconds.
const PATIENCE: u64 = 10;
/// How much memory the process may ask for, in bytes: all targets and what they start from at once.
#[cfg(unix)]
const MEMORY: u64 = 256 << 20;
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
    let maximum = getrlimit(Resource::Data).maximum;
    let current = Some(maximum.map_or(MEMORY, |maximum| maximum.min(MEMORY)));
    setrlimit(Resource::Data, Rlimit { current, maximum }).expect("a lower limit is always allowed");
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
target!(verify, verify_corpus, 1);
target!(verify_rows, rows_corpus, 1);
// Every round writes a file and syncs it.
target!(salvage, verify_corpus, 20);
target!(salvage_rows, rows_corpus, 20);
target!(pebble_table, table_corpus, 1);
target!(pebble_database, database_corpus, 1);
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
