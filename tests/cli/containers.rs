//! Files of all kinds, few of which can be read.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::run::{call, company, database, fixture, run, temporary, testdata};

const COMMANDS: [&str; 9] = [
    "resource-types",
    "resources",
    "entitlements",
    "grants",
    "principals",
    "principals compare -e x --compare-entitlement y",
    "access ada",
    "syncs",
    "stats",
];

/// Every command refuses the file at once, with one error that names it and all of `words`.
#[track_caller]
fn refuses(path: &str, words: &[&str]) {
    for command in COMMANDS {
        let start = Instant::now();
        let error = run(&format!("{command} -f {path} -o json")).failed();
        assert!(start.elapsed() < Duration::from_secs(1), "{command}: {:?}", start.elapsed());
        for word in words.iter().chain(&[path.trim_matches('\'')]) {
            assert!(error.contains(word), "{command}: {word}: {error}");
        }
    }
}

#[track_caller]
fn refuses_bytes(bytes: &[u8], words: &[&str]) {
    let (_file, path) = temporary(bytes);
    refuses(&path, words);
}

/// Every command reads the bytes as it reads `company.c1z`.
#[track_caller]
fn reads(bytes: &[u8]) {
    let (_file, path) = temporary(bytes);
    for line in ["grants -o csv", "resources -o json", "stats -o json", "syncs -o json", "access ada"] {
        assert_eq!(run(&format!("{line} -f {path}")).ok().stdout, company(line).stdout, "{line}");
    }
    let piped = call("grants -o csv -f -").stdin(bytes.to_vec()).run().ok();
    assert_eq!(piped.stdout, company("grants -o csv").stdout);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_missing_file() {
    refuses("no-such-file.c1z", &["hint: "]);
    refuses("no/such/directory/sync.c1z", &["hint: "]);
}

#[test]
fn a_directory() {
    let directory = tempfile::tempdir().unwrap();
    refuses(&format!("'{}'", directory.path().display()), &["directory"]);
}

#[test]
fn an_empty_file() {
    refuses_bytes(b"", &["empty"]);
}

#[test]
fn something_else_altogether() {
    refuses_bytes(b"id,name\nu1,Ada Park\n", &["not a c1z file"]);
    refuses_bytes(b"C1", &[]);
    refuses_bytes(&[0; 4096], &["not a c1z file"]);
    refuses_bytes(&gzip(b"only some text"), &[]);
    refuses_bytes(&gzip(&gzip(&fixture("company.c1z"))), &[]);
}

#[test]
fn formats_that_are_no_more_or_damaged() {
    refuses_bytes(b"C1Z2\0 and then something", &[]);
    refuses_bytes(b"C1Z3\0 and then something", &[]);
    refuses_bytes(b"C1Z3\0", &[]);
}

#[test]
fn a_file_that_is_cut_off() {
    let whole = fixture("company.c1z");
    for length in [6, 9, 20, 1000, whole.len() / 2, whole.len() - 1] {
        refuses_bytes(&whole[..length], &["byte"]);
    }
    let wrapped = gzip(&whole);
    refuses_bytes(&wrapped[..wrapped.len() / 2], &[]);
    refuses_bytes(&wrapped[..wrapped.len() - 3], &[]);
    let bare = database("company.c1z");
    refuses_bytes(&bare[..bare.len() / 2], &["cut off"]);
}

#[test]
fn a_file_with_something_appended() {
    let mut bytes = fixture("company.c1z");
    let end = bytes.len().to_string();
    bytes.extend_from_slice(b"and more");
    refuses_bytes(&bytes, &[&end]);
    let mut wrapped = gzip(&fixture("company.c1z"));
    wrapped.extend_from_slice(b"and more");
    refuses_bytes(&wrapped, &["byte"]);
}

#[test]
fn a_file_with_a_changed_byte() {
    let whole = fixture("company.c1z");
    for place in [5, 8, 40, whole.len() / 2, whole.len() - 2] {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        refuses_bytes(&bytes, &[]);
    }
}

#[test]
fn a_payload_that_is_no_database() {
    let mut bytes = b"C1ZF\0".to_vec();
    let mut frame = [0; 200];
    let length = zstd_safe::compress(&mut frame[..], b"not a database", 3).unwrap();
    bytes.extend_from_slice(&frame[..length]);
    refuses_bytes(&bytes, &["not a SQLite database"]);
}

#[test]
fn gzip_around_a_file_is_read() {
    reads(&gzip(&fixture("company.c1z")));
    reads(&gzip(&database("company.c1z")));
}

#[test]
fn a_bare_database_is_read() {
    reads(&database("company.c1z"));
}

#[test]
fn a_file_is_known_by_its_bytes_not_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["sync", "sync.txt", "sync.gz", "a name with blanks.db"] {
        let path = directory.path().join(name);
        std::fs::write(&path, fixture("company.c1z")).unwrap();
        let output = run(&format!("grants -o name -f '{}'", path.display())).ok();
        assert_eq!(output.lines().len(), 62);
    }
}

#[test]
fn a_magic_number_alone_is_a_store_without_syncs() {
    let (_file, path) = temporary(b"C1ZF\0");
    let syncs = run(&format!("syncs -f {path} -o json"));
    assert_eq!((syncs.code, syncs.stdout.as_str()), (0, "{}\n"), "{}", syncs.stderr);
    let error = run(&format!("grants -f {path}")).failed();
    assert!(error.contains("no sync"), "{error}");
}

#[test]
fn the_input_is_never_written() {
    let before = fixture("company.c1z");
    let (file, path) = temporary(&database("company.c1z"));
    let bare = std::fs::read(file.path()).unwrap();
    for command in COMMANDS {
        run(&format!("{command} -f company.c1z"));
        run(&format!("{command} -f {path}"));
    }
    assert_eq!(fixture("company.c1z"), before);
    assert_eq!(std::fs::read(file.path()).unwrap(), bare);
    assert!(!testdata().join("company.c1z-journal").exists());
}
