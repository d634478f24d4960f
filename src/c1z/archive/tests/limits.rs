//! What an archive may ask for.

use super::super::super::Limits;
use super::*;

fn three() -> Vec<u8> {
    indexed(&[("a", &[1; 1000]), ("b", &[2; 2000]), ("c", b"")])
}

#[test]
fn the_sizes_of_all_files_are_limited_before_any_is_decoded() {
    assert!(open_with(&three(), &limited(3000)).is_ok());
    let kind = error_with(&three(), &limited(2999));
    assert_eq!(fault_of(kind), Fault::DeclaredTooLarge { declared: 3000, limit: 2999 });
    let hint = Fault::DeclaredTooLarge { declared: 3 << 20, limit: 1 }.hint().unwrap();
    assert!(hint.ends_with("BATON_DECODER_MAX_DECODED_SIZE_MB=3"), "{hint}");
}

#[test]
fn sizes_that_overflow_are_too_large() {
    let mut plan = Plan::of(&[("a", b"x"), ("b", b"x"), ("c", b"x")]);
    plan.lines.iter_mut().for_each(|line| line.size = i64::MAX);
    let kind = error(
        &plan.seal_with(&plan.lines.iter().flat_map(|line| bytes(1, &line.wire())).collect::<Vec<_>>()),
    );
    assert_eq!(fault_of(kind), Fault::DeclaredTooLarge { declared: u64::MAX, limit: 10 << 30 });
}

#[test]
fn without_the_early_check_only_what_is_decoded_counts() {
    let mut options = limited(2999);
    options.limits.check_declared_size = false;
    let archive = open_with(&three(), &options).unwrap();
    assert_eq!(archive.read("a").unwrap().len(), 1000);
    for _ in 0..2 {
        let kind = sound(archive.read("b").unwrap_err());
        assert!(matches!(kind, ErrorKind::TooLarge { limit: 2999 }), "{kind}");
    }
    assert_eq!(archive.read("a").unwrap().len(), 1000, "what is decoded stays");
    assert_eq!(archive.read("c").unwrap(), b"");
}

#[test]
fn what_fails_does_not_count() {
    let mut plan = Plan::of(&[("a", &[1; 1000]), ("b", &[2; 2000])]);
    plan.lines[0].hash ^= 1;
    let archive = open_with(&plan.seal(), &limited(3000)).unwrap();
    for _ in 0..5 {
        assert!(archive.read("a").is_err());
    }
    assert_eq!(archive.read("b").unwrap().len(), 2000);
}

#[test]
fn an_archive_may_be_a_hundred_times_its_size() {
    let file = indexed(&[("a", &vec![0; 200_000])]);
    let size = file.len() as u64;
    let options = |max_ratio| OpenOptions {
        limits: Limits { max_decoded: 1000, max_ratio, ..Limits::default() },
        ..OpenOptions::default()
    };
    let (_directory, path) = on_disk(&file);
    let ratio = 200_000 / size;
    assert!(open_path(&path, &options(ratio + 1)).is_ok());
    let kind = sound(open_path(&path, &options(ratio)).unwrap_err());
    assert_eq!(fault_of(kind), Fault::DeclaredTooLarge { declared: 200_000, limit: ratio * size });
    // The size of what comes through a pipe is not known.
    let piped = open_reader(&Source::Stdin, &mut Pipe(&file, 0), None, &options(ratio + 1), &mut |_, _| {});
    assert_eq!(
        fault_of(sound(piped.unwrap_err())),
        Fault::DeclaredTooLarge { declared: 200_000, limit: 1000 }
    );
}

#[test]
fn a_tar_is_limited_too() {
    let tar = tar_of(&[("a", &[1; 1000])]);
    let limit = tar.len() as u64;
    for (file, packed) in [(in_tar(&tar), false), (in_tar_zstd(&tar), true)] {
        assert!(open_with(&file, &limited(limit)).is_ok());
        match error_with(&file, &limited(limit - 1)) {
            ErrorKind::DeclaredTooLarge { declared, .. } => assert!(packed && declared == limit),
            ErrorKind::TooLarge { limit: found } => assert!(!packed && found == limit - 1),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn windows_are_limited() {
    let file = indexed(&[("a", &content(300_000, 1)), ("b", b"small")]);
    let limits = Limits { max_window: 100_000, ..Limits::default() };
    let archive = open_with(&file, &OpenOptions { limits, ..OpenOptions::default() }).unwrap();
    let kind = sound(archive.read("a").unwrap_err());
    let start = archive.entry("a").unwrap().offset;
    assert!(matches!(kind, ErrorKind::Window { offset, limit: 100_000, .. } if offset == start), "{kind}");
    assert_eq!(archive.read("b").unwrap(), b"small");
}

#[test]
fn above_the_memory_limit_files_go_to_temporary_files() {
    let (one, two) = (content(300_000, 1), content(200_000, 2));
    let files = [("a", &*one), ("b", &*two), ("c", b""), ("d", b"few")];
    let file = indexed(&files);
    let (_directory, path) = on_disk(&file);
    for memory_limit in [0, 2, 200_000, 300_000, 500_003] {
        let options = OpenOptions { memory_limit, ..OpenOptions::default() };
        check_files(&open_with(&file, &options).unwrap(), &files);
        // Where no temporary file can be made, what fits can be read all the same.
        let missing = Some(PathBuf::from("/nowhere/at/all"));
        let options = OpenOptions { temp_dir: missing, ..options };
        let archive = archive_of(open_path(&path, &options).unwrap());
        let mut left = memory_limit;
        for (name, content) in files {
            let size = content.len() as u64;
            match archive.read(name) {
                Ok(read) => assert!(read == content && size <= left, "{name} {memory_limit}"),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::TempFile { .. }), "{error}");
                    assert!(size > left, "{name} {memory_limit}");
                    continue;
                }
            }
            left -= size;
        }
    }
}

#[test]
fn temporary_files_have_no_names() {
    let directory = tempfile::tempdir().unwrap();
    let temp_dir = Some(directory.path().to_owned());
    let options = OpenOptions { memory_limit: 0, temp_dir, ..OpenOptions::default() };
    for (_, file) in every_encoding(FEW) {
        check_files(&open_with(&file, &options).unwrap(), FEW);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_size_that_lies_costs_no_memory() {
    let mut plan = Plan::of(&[("a", b"x"), ("b", b"")]);
    plan.lines.iter_mut().for_each(|line| line.size = 4 << 30);
    for memory_limit in [1 << 20, 16 << 30] {
        let options = OpenOptions { memory_limit, ..OpenOptions::default() };
        let archive = open_with(&plan.seal(), &options).unwrap();
        for name in ["a", "b"] {
            let Fault::Frame { fault, .. } = read_fault(&archive, name) else { panic!() };
            assert_eq!(fault, FrameFault::Size { declared: 4 << 30, more: false });
        }
    }
}

/// A process may have 1,024 open files.
#[test]
#[cfg(unix)]
fn many_files_beyond_the_memory_limit_are_not_all_open() {
    let names: Vec<String> = (0..3000).map(|number| format!("{number:06}.sst")).collect();
    let files: Vec<Named<'_>> = names.iter().map(|name| (&**name, name.as_bytes())).collect();
    let (_directory, path) = on_disk(&indexed(&files));
    let options = OpenOptions { memory_limit: 0, ..OpenOptions::default() };
    check_files(&archive_of(open_path(&path, &options).unwrap()), &files);
}
