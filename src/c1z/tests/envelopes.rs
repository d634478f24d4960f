//! What a file is known by, where it comes from, and gzip around it.

use super::*;

#[test]
fn the_magic_number_alone_is_an_empty_store() {
    let opened = open_with(MAGIC_V1, &OpenOptions::default()).unwrap();
    let image = image_of(opened);
    assert!(image.is_empty());
    assert!(image.lend().is_empty());
}

#[test]
fn too_few_bytes_are_an_error() {
    assert!(matches!(error(b"").kind(), ErrorKind::Empty));
    for length in 1..5 {
        let error = error(&MAGIC_V1[..length]);
        assert!(matches!(error.kind(), ErrorKind::TooShort { length: found } if *found == length));
        assert!(error.is_not_c1z());
    }
}

#[test]
fn other_formats_are_named() {
    assert!(matches!(error(b"C1Z2\0whatever").kind(), ErrorKind::Draft));
    let zip = error(b"PK\x03\x04 and so on");
    assert!(zip.to_string().contains("50 4b 03 04"), "{zip}");
    assert!(zip.is_not_c1z() && zip.hint().is_some());
    let bare_zstd = error(&ordinary()[5..]);
    assert!(bare_zstd.is_not_c1z(), "{bare_zstd}");
}

#[test]
fn every_byte_of_the_magic_number_counts() {
    for position in 0..5 {
        let mut file = ordinary();
        file[position] ^= 0x80;
        assert!(error(&file).is_not_c1z());
    }
}

#[test]
fn a_bare_database_is_read_as_it_is() {
    let opened = open_with(&database(300), &OpenOptions::default()).unwrap();
    assert_eq!(opened.envelope, Envelope { format: Format::Sqlite, gzip: false });
    assert_eq!(*image_of(opened), *database(300));
    assert!(matches!(error_with(&database(8), &limited(4095)).kind(), ErrorKind::TooLarge { limit: 4095 }));
    assert!(error(&database(8)[..4000]).is_damage());
}

#[test]
fn gzip_around_either_is_unwrapped() {
    for (inner, format) in [(ordinary(), Format::V1), (database(8), Format::Sqlite)] {
        let (first, second) = inner.split_at(700);
        for file in [gzip(&inner), [gzip(first), gzip(second)].concat(), [gzip(&inner), gzip(b"")].concat()] {
            let opened = open_with(&file, &OpenOptions::default()).unwrap();
            assert_eq!(opened.envelope, Envelope { format, gzip: true });
            assert_eq!(*image_of(opened), *database(8));
        }
    }
    assert!(image(&gzip(MAGIC_V1)).is_empty());
}

#[test]
fn gzip_inside_gzip_is_refused() {
    assert!(matches!(error(&gzip(&gzip(&ordinary()))).kind(), ErrorKind::NestedGzip));
}

#[test]
fn damage_of_the_gzip_layer_is_told_from_damage_inside() {
    let file = gzip(&ordinary());
    for length in 2..file.len() {
        let error = error(&file[..length]);
        assert!(
            matches!(error.kind(), ErrorKind::Truncated { layer: Layer::GzipMember, .. }),
            "{length}: {error}"
        );
        assert!(!error.to_string().contains("inside gzip"), "{error}");
    }
    let mut wrong_checksum = file.clone();
    let position = file.len() - 8;
    wrong_checksum[position] ^= 1;
    assert!(matches!(error(&wrong_checksum).kind(), ErrorKind::Gzip { .. }));
    let inside = error(&gzip(&ordinary()[..600]));
    assert!(matches!(inside.kind(), ErrorKind::Truncated { offset: 600, layer: Layer::ZstdFrame }));
    assert!(inside.to_string().contains("inside gzip"), "{inside}");
}

#[test]
fn bytes_after_the_gzip_layer_are_an_error() {
    let file = gzip(&ordinary());
    let expected = file.len() as u64;
    for tail in [&b"\0"[..], b"\x1f", b"some text"] {
        let error = error(&[&file, tail].concat());
        assert!(
            matches!(error.kind(), ErrorKind::TrailingGarbage { offset, layer: Layer::GzipMember } if *offset == expected),
            "{error}"
        );
    }
}

#[test]
fn what_gzip_unpacks_to_is_limited_too() {
    // A skippable frame of many zeros costs no decoded bytes, but should not be unpacked without end.
    let file = gzip(&c1z(&[&skippable(8 << 20), &frame(&database(8), true, &[])]));
    assert_eq!(image(&file).len(), 4096);
    assert!(error_with(&file, &limited(1 << 20)).is_limit());
}

#[test]
fn trouble_of_the_reader_is_passed_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "no"))
        }
    }
    for start in [ordinary(), gzip(&ordinary()), database(8)] {
        let mut reader = start[..500.min(start.len() - 40)].chain(Broken);
        let error = open_reader(&Source::Stdin, &mut reader, None, &OpenOptions::default(), &mut |_, _| {});
        let error = error.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Read(_)), "{error}");
        assert!(!error.is_damage());
    }
}

fn open_path(path: &std::path::Path) -> Result<Opened, Error> {
    open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {})
}

#[test]
fn paths_that_are_no_files_have_their_own_errors() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(open_path(directory.path()).unwrap_err().kind(), ErrorKind::Directory));
    let path = directory.path().join("a.c1z");
    let missing = open_path(&path).unwrap_err();
    assert!(matches!(missing.kind(), ErrorKind::Missing));
    assert!(missing.to_string().ends_with("a.c1z: does not exist"), "{missing}");
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(open_path(&path).unwrap_err().kind(), ErrorKind::Empty));
}

#[test]
fn a_log_beside_a_bare_database_is_warned_about() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    std::fs::write(&path, database(8)).unwrap();
    let log = directory.path().join("a.db-wal");
    assert!(open_path(&path).unwrap().warnings.is_empty());
    std::fs::write(&log, b"").unwrap();
    assert!(open_path(&path).unwrap().warnings.is_empty());
    std::fs::write(&log, b"pages").unwrap();
    let warnings = open_path(&path).unwrap().warnings;
    assert_eq!(warnings, [Warning::LogNotRead { path: log, size: 5 }]);
    std::fs::write(&path, ordinary()).unwrap();
    assert!(open_path(&path).unwrap().warnings.is_empty(), "a c1z has no log");
}

#[test]
fn the_observer_hears_how_far_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    let file = c1z(&[&skippable(5 << 20), &frame(&database(8), true, &[])]);
    std::fs::write(&path, &file).unwrap();
    let mut heard = Vec::new();
    open(&Source::Path(path), &OpenOptions::default(), &mut |done, total| heard.push((done, total))).unwrap();
    let size = file.len() as u64;
    assert!(heard.iter().all(|(_, total)| *total == Some(size)));
    assert!(heard.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(heard.last().unwrap().0, size);
    assert!((5..=7).contains(&heard.len()), "{heard:?}");
}
