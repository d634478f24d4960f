//! Several threads at one archive, and many files at a time.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

fn many() -> (Vec<String>, Vec<Vec<u8>>) {
    let names = (0..40).map(|number| format!("{number:06}.sst")).collect();
    let contents = (0..40).map(|number| content(number as usize * 9973 % 700_000, number)).collect();
    (names, contents)
}

fn pairs<'a>(names: &'a [String], contents: &'a [Vec<u8>]) -> Vec<Named<'a>> {
    names.iter().zip(contents).map(|(name, content)| (&**name, &**content)).collect()
}

#[test]
fn an_archive_may_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Archive>();
}

#[test]
fn what_is_decoded_ahead_is_what_is_read() {
    let (names, contents) = many();
    let files = pairs(&names, &contents);
    let all: Vec<&str> = names.iter().map(|name| &**name).collect();
    for (_, file) in every_encoding(&files) {
        let archive = open_bytes(&file);
        // Twice, and in part before, and some more than once.
        archive.prefetch(&all[3..9], &mut |_, _| {}).unwrap();
        archive.prefetch(&[&all[..], &all[..5]].concat(), &mut |_, _| {}).unwrap();
        archive.prefetch(&all, &mut |_, _| panic!("nothing is left to do")).unwrap();
        check_files(&archive, &files);
    }
}

#[test]
fn threads_that_want_the_same_file_get_the_same_bytes() {
    let (names, contents) = many();
    let archive = open_bytes(&indexed(&pairs(&names, &contents)));
    let all: Vec<&str> = names.iter().map(|name| &**name).collect();
    let start = Barrier::new(6);
    let read = |thread: usize| {
        start.wait();
        if thread < 2 {
            archive.prefetch(&all, &mut |_, _| {}).unwrap();
        }
        // Each in another order.
        let mut places: Vec<_> = (0..all.len())
            .map(|step| (step * 7 + thread * 11) % all.len())
            .map(|at| (at, archive.read(all[at])))
            .collect();
        places.sort_by_key(|(at, _)| *at);
        places.into_iter().map(|(_, bytes)| bytes.unwrap().as_ptr() as usize).collect::<Vec<_>>()
    };
    let read = &read;
    let seen: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|thread| scope.spawn(move || read(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "each file was decoded once");
    check_files(&archive, &pairs(&names, &contents));
}

#[test]
fn the_memory_limit_holds_for_all_threads_together() {
    let (names, contents) = many();
    let files = pairs(&names, &contents);
    let all: Vec<&str> = names.iter().map(|name| &**name).collect();
    let total: usize = contents.iter().map(Vec::len).sum();
    let directory = tempfile::tempdir().unwrap();
    for memory_limit in [0, total as u64 / 3] {
        let temp_dir = Some(directory.path().to_owned());
        let options = OpenOptions { memory_limit, temp_dir, ..OpenOptions::default() };
        let archive = open_with(&indexed(&files), &options).unwrap();
        archive.prefetch(&all, &mut |_, _| {}).unwrap();
        check_files(&archive, &files);
    }
}

#[test]
fn of_several_errors_the_first_name_counts_and_the_rest_is_decoded() {
    let (names, contents) = many();
    let mut plan = Plan::of(&pairs(&names, &contents));
    for bad in [7, 31] {
        plan.lines[bad].hash ^= 1;
    }
    let archive = open_bytes(&plan.seal());
    let mut order: Vec<&str> = names.iter().map(|name| &**name).collect();
    for first in ["000007.sst", "000031.sst"] {
        let error = archive.prefetch(&order, &mut |_, _| {}).unwrap_err();
        let Fault::Frame { name, fault: FrameFault::Hash, .. } = fault_of(sound(error)) else { panic!() };
        assert_eq!(name, first);
        order.reverse();
    }
    // What is decoded already cannot fail any more.
    let good: Vec<&str> =
        order.into_iter().filter(|name| !["000007.sst", "000031.sst"].contains(name)).collect();
    archive.prefetch(&good, &mut |_, _| panic!("nothing is left to do")).unwrap();
    assert_eq!(archive.inspect(&mut |_, _| {}).len(), 2);
}

#[test]
fn the_observer_hears_how_far_it_is() {
    let (names, contents) = many();
    let archive = open_bytes(&indexed(&pairs(&names, &contents)));
    let total: u64 = archive.entries().iter().map(|entry| entry.stored).sum();
    let all: Vec<&str> = names.iter().map(|name| &**name).collect();
    let last = AtomicU64::new(0);
    archive
        .prefetch(&all, &mut |done, of| {
            assert_eq!(of, Some(total));
            assert!(done <= total && done >= last.swap(done, Ordering::Relaxed));
        })
        .unwrap();
    assert_eq!(last.into_inner(), total);
}

#[test]
fn a_lent_archive_lives_on() {
    let archive: &'static Archive = Box::new(open_bytes(&indexed(FEW))).lend();
    let bytes: &'static [u8] = archive.read("000004.sst").unwrap();
    assert_eq!(bytes, b"some table");
}
