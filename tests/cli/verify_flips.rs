//! A single bit that is changed anywhere in a file is detected, or it changes nothing that anybody reads.
//!
//! `BATON_FLIPS=20000 cargo test --release --test cli verify_flips` takes more flips; `BATON_FLIP_FILES` names more files,
//! separated by colons.

use std::fmt::Write as _;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::thread;

use baton::store::{
    EntitlementFilter, Error, GrantFilter, OpenOptions, Reader, ResourceFilter, Snapshot, Source,
};
use baton::verify::verify;

use crate::run::fixture;
use crate::verify_files::{Encoding, company};

/// Everything that a reader gives: all sync runs with their counts, and every record of each.
fn everything(source: &Source) -> Result<String, Error> {
    let reader = Reader::open(source, &OpenOptions::default(), &mut |_, _| {})?;
    let mut out = String::new();
    for run in reader.runs() {
        writeln!(out, "{run:?}").unwrap();
        writeln!(out, "{:?}", reader.at(run).count()?).unwrap();
        records(reader.at(run), &mut out)?;
    }
    let problems = reader.problems();
    writeln!(out, "{:?} {:?}", problems.incomplete(), problems.lines()).unwrap();
    drop(problems);
    Ok(out)
}

fn records(at: Snapshot<'_>, out: &mut String) -> Result<(), Error> {
    let mut scan = at.resource_types()?;
    let mut rows = scan.rows()?;
    while rows.next(|record| writeln!(out, "{record:?}").unwrap())?.is_some() {}
    let mut scan = at.resources(&ResourceFilter::default())?;
    let mut rows = scan.rows()?;
    while rows.next(|record| writeln!(out, "{record:?}").unwrap())?.is_some() {}
    let mut scan = at.entitlements(&EntitlementFilter::default())?;
    let mut rows = scan.rows()?;
    while rows.next(|record| writeln!(out, "{record:?}").unwrap())?.is_some() {}
    let mut scan = at.grants(&GrantFilter::default())?;
    let mut rows = scan.rows()?;
    while rows.next(|record| writeln!(out, "{record:?}").unwrap())?.is_some() {}
    Ok(())
}

/// A file, and how many of its bits are changed, one at a time.
struct Subject {
    name: String,
    bytes: Vec<u8>,
    flips: usize,
}

fn subjects() -> Vec<Subject> {
    let many = std::env::var("BATON_FLIPS").ok().and_then(|number| number.parse().ok());
    let mut subjects = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>, flips| {
        subjects.push(Subject { name, bytes, flips: many.unwrap_or(flips) });
    };
    for (name, flips) in
        [("unfinished", 200), ("empty", 200), ("company", 60), ("slim", 60), ("old-schema", 60)]
    {
        add(name.to_owned(), fixture(&format!("{name}.c1z")), flips);
    }
    for encoding in Encoding::ALL {
        add(format!("{encoding:?}"), company(encoding), 200);
    }
    let more = std::env::var("BATON_FLIP_FILES").unwrap_or_default();
    for path in more.split(':').filter(|path| !path.is_empty()) {
        add(path.to_owned(), std::fs::read(path).unwrap(), 200);
    }
    subjects
}

/// A seeded stream of numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((number ^ number >> 31) % limit as u64) as usize
    }
}

/// How many changes were detected; panics at the first that was not and that changes what is read.
fn flip(subject: &Subject, seed: u64) -> usize {
    let Subject { name, bytes, flips } = subject;
    let mut file = tempfile::Builder::new().suffix(".c1z").tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let source = Source::from(file.path());
    let sound = verify(&source, &OpenOptions::default(), &mut |_, _, _| {}).unwrap().report;
    assert!(sound.is_sound(), "{name}: {:?}", sound.faults);
    let before = everything(&source).unwrap();
    let (mut random, mut detected) = (Random(seed), 0);
    for _ in 0..*flips {
        let (at, bit) = (random.below(bytes.len()), random.below(8));
        let mut put = |byte: u8| {
            file.seek(SeekFrom::Start(at as u64)).unwrap();
            file.write_all(&[byte]).unwrap();
        };
        put(bytes[at] ^ 1 << bit);
        let found = verify(&source, &OpenOptions::default(), &mut |_, _, _| {});
        if found.is_err() || found.is_ok_and(|found| !found.report.is_sound()) {
            detected += 1;
        } else {
            let after = everything(&source).map_err(|error| error.to_string());
            assert_eq!(after.as_ref(), Ok(&before), "{name}: bit {bit} of byte {at}");
        }
        put(bytes[at]);
    }
    detected
}

#[test]
fn a_changed_bit_is_detected_or_changes_nothing() {
    let subjects = subjects();
    let flips: usize = subjects.iter().map(|subject| subject.flips).sum();
    assert!(flips >= 1000);
    let (first, second) = subjects.split_at(subjects.len() / 2);
    let run = |subjects: &[Subject]| {
        let seeds = subjects.iter().zip(1_u64..);
        seeds.map(|(subject, seed)| flip(subject, seed << 32 | subject.bytes.len() as u64)).sum::<usize>()
    };
    let detected = thread::scope(|scope| {
        let other = scope.spawn(|| run(second));
        run(first) + other.join().unwrap()
    });
    println!("{detected} of {flips} detected");
    assert!(detected * 10 > flips * 8, "{detected} of {flips}");
}
