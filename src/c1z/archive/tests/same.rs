//! Whether two archives hold the same files.

use super::*;

#[test]
fn the_same_files_are_the_same_whatever_surrounds_them() {
    let (one, two) = (content(300_000, 1), content(5_000, 2));
    let files: [Named<'_>; 2] = [("000004.sst", &one), ("CURRENT", &two)];
    for (_, file) in every_encoding(&files) {
        let (a, b) = (open_bytes(&file), open_bytes(&file));
        assert!(a.has_same_files(&b).unwrap());
    }
    let turned = [files[1], files[0]];
    let (a, b) = (open_bytes(&indexed(&files)), open_bytes(&indexed(&turned)));
    assert!(a.has_same_files(&b).unwrap(), "in another order");
}

#[test]
fn one_byte_makes_another_file() {
    let (one, two) = (content(300_000, 1), content(5_000, 2));
    let mut other = one.clone();
    other[250_000] ^= 1;
    let files: [Named<'_>; 2] = [("000004.sst", &one), ("CURRENT", &two)];
    let changed: [Named<'_>; 2] = [("000004.sst", &other), ("CURRENT", &two)];
    let renamed: [Named<'_>; 2] = [("000005.sst", &one), ("CURRENT", &two)];
    let files = every_encoding(&files);
    for others in [every_encoding(&changed), every_encoding(&renamed)] {
        for ((_, a), (_, b)) in files.iter().zip(others) {
            assert!(!open_bytes(a).has_same_files(&open_bytes(&b)).unwrap());
        }
    }
    for (_, a) in &files {
        assert!(!open_bytes(a).has_same_files(&open_bytes(&indexed(&[("CURRENT", &two)]))).unwrap());
    }
}

#[test]
fn frames_are_compared_and_not_what_is_said_of_them() {
    let one = content(300_000, 1);
    let file = indexed(&[("000004.sst", &one)]);
    let mut flipped = file.clone();
    let archive = open_bytes(&file);
    let at = archive.entries()[0].offset as usize + 20_000;
    flipped[at] ^= 1;
    assert!(!archive.has_same_files(&open_bytes(&flipped)).unwrap());
}
