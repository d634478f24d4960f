//! Files are damaged, salvaged, and compared with what they were.

mod pebble;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::c1z::Payload;
use crate::store::{EntitlementFilter, GrantFilter, Reader, ResourceFilter};

/// A record: its sync, its kind, its message.
type Record = (String, &'static str, Vec<u8>);

struct Bench {
    directory: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Salvages these bytes.
    fn salvage(&self, bytes: &[u8]) -> Result<(Salvaged, PathBuf), SalvageError> {
        let (from, to) = (self.path("in.c1z"), self.path("out.c1z"));
        fs::write(&from, bytes).unwrap();
        let _ = fs::remove_file(&to);
        let salvaged = salvage(
            &Source::from(&*from),
            &OpenOptions::default(),
            &to,
            SaveOptions::default(),
            &mut |_, _, _| {},
        );
        assert_eq!(fs::read(&from).unwrap(), bytes, "the input is never written");
        match salvaged {
            Ok(salvaged) => Ok((salvaged, to)),
            Err(error) => {
                assert!(!to.exists(), "nothing is written after {error}");
                Err(error)
            }
        }
    }
}

fn testdata(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)).unwrap()
}

fn open(path: &Path) -> Reader {
    Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap()
}

/// All records of all syncs, in their order.
fn records(path: &Path) -> Vec<Record> {
    let reader = open(path);
    let mut all = Vec::new();
    for run in reader.runs() {
        let snapshot = reader.at(run);
        let mut add = |kind, message: &[u8]| all.push((run.id.clone(), kind, message.to_vec()));
        let mut scan = snapshot.resource_types().unwrap();
        let mut rows = scan.rows().unwrap();
        while rows.next(|record| add("resource type", record.message)).unwrap().is_some() {}
        let mut scan = snapshot.resources(&ResourceFilter::default()).unwrap();
        let mut rows = scan.rows().unwrap();
        while rows.next(|record| add("resource", record.message)).unwrap().is_some() {}
        let mut scan = snapshot.entitlements(&EntitlementFilter::default()).unwrap();
        let mut rows = scan.rows().unwrap();
        while rows.next(|record| add("entitlement", record.message)).unwrap().is_some() {}
        let mut scan = snapshot.grants(&GrantFilter::default()).unwrap();
        let mut rows = scan.rows().unwrap();
        while rows
            .next(|record| {
                add("grant", record.message);
                add("expansion", record.expansion);
            })
            .unwrap()
            .is_some()
        {}
    }
    all
}

/// The new file is as sound as a file can be.
fn assert_sound(path: &Path) {
    let verified =
        super::super::verify(&Source::from(path), &OpenOptions::default(), &mut |_, _, _| {}).unwrap();
    assert!(verified.report.is_sound(), "{:#?}", verified.report.faults);
}

/// The decoded database of a version 1 file.
fn image(bytes: &[u8]) -> Vec<u8> {
    let opened =
        c1z::open_reader(&Source::Stdin, &mut &*bytes, None, &OpenOptions::default(), &mut |_, _| {});
    let Payload::Sqlite(image) = opened.unwrap().payload else { panic!("a version 1 file") };
    image.to_vec()
}

/// A file with this database inside.
fn packed(image: &[u8]) -> Vec<u8> {
    [&b"C1ZF\0"[..], &frame(image)].concat()
}

/// A zstd frame with a checksum, in blocks of at most 1 KiB where the content allows it.
fn frame(content: &[u8]) -> Vec<u8> {
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
    context.set_parameter(zstd_safe::CParameter::ContentSizeFlag(true)).unwrap();
    let mut out = vec![0; zstd_safe::compress_bound(content.len())];
    let length = context.compress2(&mut out[..], content).unwrap();
    out.truncate(length);
    out
}

const SOUND: [&str; 7] = [
    "company.c1z",
    "empty.c1z",
    "generated.c1z",
    "old-schema.c1z",
    "partial-newest.c1z",
    "slim.c1z",
    "unfinished.c1z",
];

#[test]
fn a_sound_file_gives_the_same_records_syncs_and_counts() {
    let bench = Bench::new();
    for name in SOUND {
        let (salvaged, to) = bench.salvage(&testdata(name)).unwrap();
        assert_eq!(salvaged.lost, Losses::default(), "{name}");
        assert_eq!(records(&to), records(&bench.path("in.c1z")), "{name}");
        assert_eq!(open(&to).runs(), open(&bench.path("in.c1z")).runs(), "{name}");
        let stated =
            salvaged.records().map(|count| count.stated.is_none_or(|stated| stated <= count.readable));
        assert_eq!(stated, [true; 5], "{name}");
        if !name.starts_with("old") {
            assert_sound(&to);
        }
        // Once more: the result is a file like any other.
        let again = fs::read(&to).unwrap();
        let (salvaged, to) = bench.salvage(&again).unwrap();
        assert!(salvaged.is_sound(), "{name}: {:?}", salvaged.lost);
        assert_eq!(image(&fs::read(&to).unwrap()), image(&again), "{name}");
    }
}

#[test]
fn nothing_is_there_that_was_not_and_what_is_lost_is_told() {
    let bench = Bench::new();
    let whole = testdata("generated.c1z");
    bench.salvage(&whole).unwrap();
    let sound: BTreeSet<Record> = records(&bench.path("in.c1z")).into_iter().collect();
    let mut most = 0;
    for length in (0..whole.len()).step_by(1 + whole.len() / 23) {
        let Ok((salvaged, to)) = bench.salvage(&whole[..length]) else { continue };
        assert!(!salvaged.is_sound(), "{length}");
        let found = records(&to);
        assert!(found.iter().all(|record| sound.contains(record)), "{length}");
        // More bytes never give less.
        assert!(found.len() >= most, "{length}: {} of {most}", found.len());
        most = most.max(found.len());
        assert_sound(&to);
    }
    assert!(most > sound.len() / 2, "{most} of {}", sound.len());
}

#[test]
fn a_wrong_checksum_loses_nothing() {
    let bench = Bench::new();
    let mut bytes = testdata("company.c1z");
    *bytes.last_mut().unwrap() ^= 1;
    let (salvaged, to) = bench.salvage(&bytes).unwrap();
    assert_eq!(salvaged.lost.list().len(), 1);
    assert!(salvaged.lost.list()[0].reason.contains("checksum"), "{}", salvaged.lost.list()[0]);
    fs::write(bench.path("whole.c1z"), testdata("company.c1z")).unwrap();
    assert_eq!(records(&to), records(&bench.path("whole.c1z")));
}

/// Syncs by their ids: type, state, parent, token.
fn syncs(path: &Path) -> BTreeMap<String, (String, bool, String, String)> {
    let runs = open(path);
    let fact = |run: &crate::store::SyncRun| {
        (run.kind.clone(), run.finished, run.parent_id.clone(), run.token.clone())
    };
    runs.runs().iter().map(|run| (run.id.clone(), fact(run))).collect()
}

#[test]
fn damaged_pages_lose_their_rows_and_nothing_else() {
    let bench = Bench::new();
    let whole = testdata("generated.c1z");
    let image = image(&whole);
    bench.salvage(&whole).unwrap();
    let original = bench.path("original.c1z");
    fs::write(&original, &whole).unwrap();
    let sound: BTreeSet<Record> = records(&original).into_iter().collect();
    for page in (1..image.len() / 4096).step_by(7) {
        let mut damaged = image.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0xa5);
        let (salvaged, to) = bench.salvage(&packed(&damaged)).unwrap();
        let found: BTreeSet<Record> = records(&to).into_iter().collect();
        assert!(found.is_subset(&sound), "page {page}");
        if !salvaged.syncs.iter().any(|sync| !sync.known) {
            assert_eq!(syncs(&to), syncs(&original), "page {page}");
        }
        // A page of an index holds nothing that a table does not.
        assert!(found == sound || !salvaged.is_sound(), "page {page}: {:?}", salvaged.lost);
        assert_sound(&to);
    }
}

#[test]
fn rows_whose_sync_run_is_gone_are_kept_as_a_sync_that_did_not_end() {
    let bench = Bench::new();
    let mut image = image(&testdata("slim.c1z"));
    let original = bench.path("original.c1z");
    fs::write(&original, testdata("slim.c1z")).unwrap();
    let ids: Vec<String> = open(&original).runs().iter().map(|run| run.id.clone()).collect();
    // The first page of the runs.
    let page = image.chunks(4096).position(|page| {
        page[0] == 13
            && page.windows(4).any(|text| text == b"full")
            && page.windows(27).any(|id| id == ids[0].as_bytes())
    });
    let start = page.unwrap() * 4096;
    image[start..start + 4096].fill(0);
    let (salvaged, to) = bench.salvage(&packed(&image)).unwrap();
    assert!(salvaged.lost.list().iter().any(|lost| lost.what == "sync run"), "{:?}", salvaged.lost);
    assert!(salvaged.syncs.iter().all(|sync| !sync.known && !sync.finished));
    let reader = open(&to);
    let found: BTreeSet<&str> = reader.runs().iter().map(|run| run.id.as_str()).collect();
    assert!(found.iter().all(|id| ids.iter().any(|known| known == id)), "{found:?}");
    assert!(!found.is_empty());
    let mut kept: Vec<Record> = records(&to);
    let mut sound = records(&original);
    kept.sort();
    sound.sort();
    assert_eq!(kept, sound);
}

#[test]
fn what_holds_nothing_gives_nothing() {
    let bench = Bench::new();
    for bytes in [&b"C1ZF\0\x28\xb5\x2f\xfd"[..], b"hello, this is no c1z", b"", &packed(&[7; 10_000])] {
        bench.salvage(bytes).unwrap_err();
    }
    // An empty store is a sound file.
    assert!(bench.salvage(b"C1ZF\0").unwrap().0.is_sound());
}

#[test]
fn the_damaged_file_itself_and_other_files_are_not_replaced() {
    let bench = Bench::new();
    let path = bench.path("in.c1z");
    fs::write(&path, testdata("slim.c1z")).unwrap();
    let go = |overwrite| {
        let save = SaveOptions { overwrite };
        salvage(&Source::from(&*path), &OpenOptions::default(), &path, save, &mut |_, _, _| {})
    };
    assert!(matches!(go(true), Err(SalvageError::Itself { .. })));
    assert!(matches!(go(false), Err(SalvageError::Write(_))));
    assert_eq!(fs::read(&path).unwrap(), testdata("slim.c1z"));
}
