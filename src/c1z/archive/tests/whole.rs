//! Whole archives: all encodings, what is in them, and how they are read.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;

/// An archive of one sync with two resources, one entitlement and one grant; the reference opens it.
const SMALLEST: &str = "\
    QzFaMwAAAABCCgdwZWJibGUzEBggBcICLwobM01TYXF4UnRsc2FMUlF6aHRNTmJIajJNdjhSEAEaBgiA8tbKBiIGCLzy1soG0AICKLUv/WRUAgURAFZb\
    ZkMwb5sDAPJIszb1WJgwZF4lOboKOjAgK6rvR1ZK5RAR0SXLyE1ID9cFKj+OUCGJB3FudozExFIIHvKEqO0go29LpJQyVQBXAFEAkoIB1MFfDq2oi/XX\
    22B4Ez6mrhexSA1syM68sD13/Lw1mRBMZF4YnhLDcWoyZMZgpCNd1uf9eXMAoBYRJFZkmCwgEjoRMpHKZYWPaRVl+DhKGiATA67ZMIf8I3HMGWPU1nuw\
    gmfjPPpzzzvN6c89+rOPR1KHlC4iARlisnxcMiNLAOKAXGhwIXC0BZMJ2QObO52VYLAjHAQCKMuBywe2Z0VdLktjYXvzeW80YhMVuQmXq9V2m5dpgWeO\
    xHUopN6tc5B3D2r7NvRAzaImD0O6lvj2cdW7a3XdPNtbPxrY3Xq3/NHAlzpiihG4A1URRxojSq24AQUGiA/k8jvIEykoJ6IUlBNRjB5UVKDSQnrYoHCi\
    hMQhO6c/rOIHq6JBsvDdWdCkMNJEyD+VxP7ETFR27vXn8gIjc/X2JzEm1/ZzbbUP1K6HHoLV8btXZSYPSQU5IEACQgzUPDoEUBtsdy2Dqsx0d/0WU8rX\
    CsuHUrauKIDxAou5ivSLFSaKl325XYQCQ3E0tLgoo9stW5S3VeITCRhxwGOnjsoS2OdXgQzRSJsMozJ3ohxjO52OFZ6jQgOiLA9W5qAEt46cSVpFEUDC\
    mCjhCioIIhFIolTAQKqwDGzLALxQRlL/KLUv/SRYpQIApATSUECUUQABARpsZXZlbGRiLkJ5dGV3aXNlQ29tcGFyYXRvcgMDBApkBgLUBg4DAQBncnAB\
    ABoD/2tleXNwYWNlX3ZlcnNpb24AAAIAfZJQA9gD+yvR2ii1L/0kAAEAAJnp2FEotS/9JAABAACZ6dhRCj8KCjAwMDAwMi5zc3QQSxiuBCDUBilQRlL/\
    bkjudzIgm44XwdhrXUPz589YK2FGQY+dMDF2Mw+cGcFMEXT7cYUKQwoPTUFOSUZFU1QtMDAwMDAxEPkEGGEgWCn7K9Hara8LPjIgwEVj65Wvch4KKJmz\
    5BESphvk/r4ccHmiCQ9cbcORt5gKUgogbWFya2VyLmZvcm1hdC12ZXJzaW9uLjAwMDAwMS4wMTMQ2gUYDSmZ6dhRN9tG7zIg47DEQpj8HBSa+/TImW+5\
    JCeuQeRkm5NMpJWZG3hSuFUKWAombWFya2VyLm1hbmlmZXN0LjAwMDAwMS5NQU5JRkVTVC0wMDAwMDEQ5wUYDSmZ6dhRN9tG7zIg47DEQpj8HBSa+/TI\
    mW+5JCeuQeRkm5NMpJWZG3hSuFUQrAcYqQUh+sAnxLyLv4YAAAAAAAAC9AAAAUPV9W67Lhi8q0MxWklEWDEA";

/// The smallest archive that makes sense.
pub(super) fn smallest() -> Vec<u8> {
    BASE64_STANDARD.decode(SMALLEST).unwrap()
}

#[test]
fn an_archive_that_the_reference_opens_is_read() {
    let file = smallest();
    assert_eq!(file.len(), 1107);
    let (_directory, path) = on_disk(&file);
    let opened = open_path(&path, &OpenOptions::default()).unwrap();
    assert_eq!(opened.envelope, Envelope { format: Format::V3, gzip: false });
    assert!(opened.warnings.is_empty());
    let archive = archive_of(opened);
    assert_eq!((archive.engine(), archive.schema_version()), ("pebble3", 24));
    assert_eq!(archive.encoding(), Encoding::Indexed);
    assert_eq!(archive.manifest(), &file[9..75]);
    let entries: Vec<_> = archive
        .entries()
        .iter()
        .map(|entry| (&*entry.name, entry.offset, entry.stored, entry.size, entry.hash))
        .collect();
    assert_eq!(
        entries,
        [
            ("000002.sst", 75, 558, 852, 0x77ee_486e_ff52_4650),
            ("MANIFEST-000001", 633, 97, 88, 0x3e0b_afad_dad1_2bfb),
            ("marker.format-version.000001.013", 730, 13, 0, 0xef46_db37_51d8_e999),
            ("marker.manifest.000001.MANIFEST-000001", 743, 13, 0, 0xef46_db37_51d8_e999),
        ]
    );
    let table = archive.read("000002.sst").unwrap();
    assert_eq!(table.len(), 852);
    assert!(table.ends_with(&[0xf0, 0x9f, 0xaa, 0xb3, 0xf0, 0x9f, 0xaa, 0xb3]));
    let edits = archive.read("MANIFEST-000001").unwrap();
    assert!(edits.windows(27).any(|part| part == b"leveldb.BytewiseComparator\x03"));
    assert_eq!(archive.read("marker.format-version.000001.013").unwrap(), b"");
    assert!(archive.inspect(&mut |_, _| {}).is_empty());
    check_files(
        &open_bytes(&file),
        &[
            ("000002.sst", table),
            ("MANIFEST-000001", edits),
            ("marker.format-version.000001.013", b""),
            ("marker.manifest.000001.MANIFEST-000001", b""),
        ],
    );
}

#[test]
fn hashes_are_xxh64_with_seed_0() {
    assert_eq!(hash(b""), 0xef46_db37_51d8_e999);
    assert_eq!(hash(b"user\0u0"), 0x8402_80ea_8679_08bc);
}

#[test]
fn an_entry_and_a_footer_are_laid_out_as_the_reference_does() {
    let line = Line {
        name: b"000004.sst".to_vec(),
        start: 23054,
        stored: 938,
        size: 1082,
        hash: 0xd415_3e26_bdf3_c298,
        sha256: vec![0x20; 32],
    };
    let start = [
        &[0x0a, 0x0a][..],
        b"000004.sst",
        &[0x10, 0x8e, 0xb4, 0x01, 0x18, 0xaa, 0x07, 0x20, 0xba, 0x08],
        &[0x29, 0x98, 0xc2, 0xf3, 0xbd, 0x26, 0x3e, 0x15, 0xd4, 0x32, 0x20],
    ];
    let wire = line.wire();
    assert_eq!((wire.len(), &wire[..33]), (65, &start.concat()[..]));
    let expected = [
        0, 0, 0, 0, 0, 0, 0x6b, 0xa7, 0, 0, 2, 0x13, 0xb4, 0x1c, 0x12, 0x2f, 0x64, 0x1c, 0x71, 0xaf, 0x43,
        0x31, 0x5a, 0x49, 0x44, 0x58, 0x31, 0,
    ];
    assert_eq!(footer(27559, 531, 0xb41c_122f_641c_71af), expected);
}

#[test]
fn every_encoding_gives_the_same_files() {
    let large = content(3_000_000, 1);
    let long = format!("folder/{}", "n".repeat(200));
    let files = [FEW, &[("b.sst", &large), (&*long, b"deep"), ("ends-with-block", &large[..1024])]].concat();
    for (encoding, file) in every_encoding(&files) {
        let archive = open_bytes(&file);
        assert_eq!(archive.encoding(), encoding);
        check_files(&archive, &files);
        assert!(archive.inspect(&mut |_, _| {}).is_empty());
        assert_eq!(archive.entry("b.sst").unwrap().size, 3_000_000);
        assert!(archive.entry("c.sst").is_none());
    }
}

#[test]
fn offsets_lead_to_the_bytes_in_the_file() {
    let files = [("a", &b"first"[..]), ("b", b"second")];
    for (encoding, file) in every_encoding(&files) {
        let archive = open_bytes(&file);
        for (entry, (_, content)) in archive.entries().iter().zip(files) {
            let at = entry.offset as usize..(entry.offset + entry.stored) as usize;
            match encoding {
                Encoding::Indexed => assert_eq!(&file[at], frame(content, false, &[])),
                Encoding::Tar => assert_eq!(&file[at], content),
                _ => assert_eq!(&tar_of(&files)[at], content),
            }
        }
    }
}

#[test]
fn an_archive_of_no_files_is_one() {
    for (_, file) in every_encoding(&[]) {
        let archive = open_bytes(&file);
        check_files(&archive, &[]);
        archive.prefetch(&[], &mut |_, _| {}).unwrap();
        assert!(archive.inspect(&mut |_, _| {}).is_empty());
    }
    let mut plan = Plan::of(&[]);
    plan.manifest_hash = 0;
    assert!(open_bytes(&plan.seal_with(b"")).entries().is_empty());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for (_, file) in every_encoding(FEW) {
        let archive = open_bytes(&file);
        let absent = Fault::Absent { name: "000005.sst".into() };
        assert_eq!(read_fault(&archive, "000005.sst"), absent);
        let error = archive.prefetch(&["000004.sst", "000005.sst"], &mut |_, _| {}).unwrap_err();
        assert_eq!(fault_of(sound(error)), absent);
    }
}

#[test]
fn all_engines_of_the_family_are_known() {
    for engine in ENGINES {
        let mut plan = Plan::of(FEW);
        plan.manifest = manifest(engine, 5);
        plan.manifest_hash = 0;
        plan.lines.clear();
        assert_eq!(open_bytes(&plan.seal()).engine(), engine);
    }
}

#[test]
fn of_fields_that_come_twice_the_last_counts_and_others_are_ignored() {
    let odd = [bytes(1, b"old"), number(4, 1), fixed(1, 5), bytes(4, b"no"), number(99, 3)].concat();
    let mut plan = Plan::of(&[]);
    plan.manifest = [odd, manifest("pebble2", 5)].concat();
    plan.manifest_hash = hash(&plan.manifest);
    assert_eq!(open_bytes(&plan.seal()).engine(), "pebble2");
}

#[test]
fn a_file_may_be_several_frames() {
    let large = content(100_000, 3);
    let plan = Plan::with(&[("a", &large), ("b", b"")], |content| {
        let (one, other) = content.split_at(content.len() / 3);
        [frame(one, true, &[]), skippable(20), frame(other, false, &[])].concat()
    });
    check_files(&open_bytes(&plan.seal()), &[("a", &large), ("b", b"")]);
}

/// What lies between the frames of a file is never read: here it would take minutes.
#[test]
#[cfg(unix)]
fn an_indexed_file_is_not_read_as_a_whole() {
    use std::io::{Seek, SeekFrom, Write};
    let plan = Plan::of(FEW);
    let (_directory, path) = on_disk(&[&head(&plan.manifest)[..], &plan.frames].concat());
    let mut file = File::options().append(false).write(true).open(&path).unwrap();
    let start = 1_u64 << 40;
    let index = plan.index();
    if file.seek(SeekFrom::Start(start)).and_then(|_| file.write_all(&index)).is_err() {
        // Not every file system has files of that size.
        return;
    }
    file.write_all(&footer(start, index.len() as u32, hash(&index))).unwrap();
    let archive = archive_of(open_path(&path, &OpenOptions::default()).unwrap());
    check_files(&archive, FEW);
    let faults: Vec<_> = archive.inspect(&mut |_, _| {}).into_iter().map(sound).map(fault_of).collect();
    let offset = plan.index_start() as u64;
    assert_eq!(faults, [Fault::Gap { offset, length: start - offset }]);
}

#[test]
fn what_gzip_holds_says_so_in_its_errors() {
    let mut plan = Plan::of(FEW);
    plan.lines[0].hash ^= 1;
    let file = plan.seal();
    let options = OpenOptions::default();
    let opened = open_reader(&Source::Stdin, &mut &*gzip(&file), None, &options, &mut |_, _| {}).unwrap();
    assert_eq!(opened.envelope, Envelope { format: Format::V3, gzip: true });
    let archive = archive_of(opened);
    let error = archive.read("000004.sst").unwrap_err().to_string();
    assert!(error.starts_with("standard input (inside gzip): is damaged"), "{error}");
    assert_eq!(archive.read("MANIFEST-000001").unwrap(), b"edits");
}
