//! What can be read of a damaged file becomes a new one.

use std::fs;
use std::path::Path;

use crate::run::{call, run, testdata};

/// A directory with a file in it.
fn bench(name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(name), bytes).unwrap();
    directory
}

fn read(name: &str) -> Vec<u8> {
    fs::read(testdata().join(name)).unwrap()
}

/// Everything that is listed of a sync, in every family.
fn lists(directory: &Path, file: &str, sync: &str) -> Vec<String> {
    let list = |what: &str| {
        let line = format!("{what} -f {file} --sync-id {sync} -o ndjson");
        call(&line).dir(directory).run().ok().stdout
    };
    ["resource-types", "resources --all", "entitlements", "grants", "principals"].map(list).to_vec()
}

fn syncs(directory: &Path, file: &str) -> Vec<String> {
    let listed = call(&format!("syncs -f {file} -o ndjson")).dir(directory).run().ok();
    listed.lines().iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn a_sound_file_gives_its_equal() {
    for name in ["company.c1z", "generated.c1z", "partial-newest.c1z", "slim.c1z", "unfinished.c1z"] {
        let bench = bench("in.c1z", &read(name));
        let output = call("verify in.c1z --salvage out.c1z").dir(bench.path()).run();
        assert_eq!(output.code, 0, "{name}: {}", output.stderr);
        assert_eq!(output.said("warning"), Vec::<&str>::new(), "{name}");
        let note = output.said("note").join("\n");
        assert!(note.starts_with("out.c1z: ") && note.contains("sync"), "{name}: {note}");
        assert_eq!(syncs(bench.path(), "in.c1z"), syncs(bench.path(), "out.c1z"), "{name}");
        let ids = call("syncs -f in.c1z -o name").dir(bench.path()).run().ok().stdout;
        for id in ids.lines() {
            assert_eq!(lists(bench.path(), "in.c1z", id), lists(bench.path(), "out.c1z", id), "{name} {id}");
            let stats = |file: &str| {
                let line = format!("stats -f {file} --sync-id {id} -o json");
                call(&line).dir(bench.path()).run().ok().json()["stats"].clone()
            };
            assert_eq!(stats("in.c1z"), stats("out.c1z"), "{name} {id}");
        }
        assert_eq!(call("verify out.c1z").dir(bench.path()).run().code, 0, "{name}");
    }
}

#[test]
fn what_was_lost_of_a_damaged_file_is_told() {
    let whole = read("generated.c1z");
    let bench = bench("in.c1z", &whole[..whole.len() * 3 / 4]);
    let output = call("verify in.c1z --salvage out.c1z").dir(bench.path()).run();
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(output.stdout.contains("1 fault"), "the report of verify is as without: {}", output.stdout);
    let lost = output.said("warning").join("\n");
    assert!(lost.contains("lost: container, frame 1"), "{lost}");
    assert!(lost.contains("page "), "{lost}");
    assert!(output.said("note")[0].starts_with("out.c1z: "), "{}", output.stderr);
    assert_eq!(fs::read(bench.path().join("in.c1z")).unwrap().len(), whole.len() * 3 / 4);
    assert_eq!(call("verify out.c1z").dir(bench.path()).run().code, 0);
    // All that is listed was there before.
    fs::write(bench.path().join("whole.c1z"), &whole).unwrap();
    let ids = call("syncs -f out.c1z -o name").dir(bench.path()).run().ok().stdout;
    assert!(!ids.is_empty());
    for id in ids.lines() {
        let (found, sound) = (lists(bench.path(), "out.c1z", id), lists(bench.path(), "whole.c1z", id));
        let ids_of = |list: &str| -> Vec<String> {
            let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].to_string();
            list.lines().map(id).collect()
        };
        for (found, sound) in found.iter().zip(&sound).take(4) {
            let sound = ids_of(sound);
            assert!(ids_of(found).iter().all(|id| sound.contains(id)));
        }
    }
}

#[test]
fn other_files_are_replaced_by_force_only_and_the_damaged_one_never() {
    let bench = bench("in.c1z", &read("slim.c1z"));
    fs::write(bench.path().join("out.c1z"), "mine").unwrap();
    let stderr = call("verify in.c1z --salvage out.c1z").dir(bench.path()).run().failed();
    assert!(stderr.contains("out.c1z: already exists") && stderr.contains("--force"), "{stderr}");
    assert_eq!(fs::read(bench.path().join("out.c1z")).unwrap(), b"mine");
    let output = call("verify in.c1z --salvage out.c1z --force").dir(bench.path()).run();
    assert_eq!(output.code, 0, "{}", output.stderr);
    let stderr = call("verify in.c1z --salvage in.c1z --force").dir(bench.path()).run().failed();
    assert!(stderr.contains("it is the file that is to be salvaged"), "{stderr}");
    assert_eq!(fs::read(bench.path().join("in.c1z")).unwrap(), read("slim.c1z"));
    let stderr = call("verify in.c1z --salvage no/where.c1z").dir(bench.path()).run().failed();
    assert!(stderr.contains("the directory no does not exist"), "{stderr}");
    let stderr = call("verify in.c1z --force").dir(bench.path()).run().stderr;
    assert!(stderr.contains("--salvage"), "{stderr}");
}

#[test]
fn nothing_is_written_when_nothing_is_left() {
    for (bytes, code) in [(&b"C1ZF\0\x28\xb5\x2f\xfd"[..], 2), (b"no c1z at all, but a text", 2)] {
        let bench = bench("in.c1z", bytes);
        let output = call("verify in.c1z --salvage out.c1z").dir(bench.path()).run();
        assert_eq!(output.code, code, "{}", output.stderr);
        assert!(!bench.path().join("out.c1z").exists());
    }
    let output = run("verify - --salvage /tmp/never.c1z");
    assert_eq!(output.code, 2);
}

#[test]
fn a_version_3_file_becomes_one_of_version_1() {
    let directory = tempfile::tempdir().unwrap();
    let file = crate::stores::file(&crate::stores::stream(crate::v3::company_rows()));
    fs::write(directory.path().join("in.c1z"), &file).unwrap();
    let output = call("verify in.c1z --salvage out.c1z").dir(directory.path()).run();
    assert_eq!(output.said("warning"), Vec::<&str>::new(), "{}", output.stderr);
    let id = crate::run::SECOND;
    let sorted = |lists: Vec<String>| -> Vec<Vec<String>> {
        let sort = |list: String| {
            let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        lists.into_iter().map(sort).collect()
    };
    let (there, here) = (lists(directory.path(), "in.c1z", id), lists(directory.path(), "out.c1z", id));
    assert_eq!(sorted(here), sorted(there));
    let engine = call("stats -f out.c1z").dir(directory.path()).run().ok().stdout;
    assert!(engine.contains("sqlite"), "{engine}");
    // The table is damaged, and all rows are in one block.
    let mut damaged = file;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(directory.path().join("in.c1z"), &damaged).unwrap();
    let output = call("verify in.c1z --salvage gone.c1z").dir(directory.path()).run();
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(output.stderr.contains("nothing of it can be salvaged"), "{}", output.stderr);
    assert!(!directory.path().join("gone.c1z").exists());
}
