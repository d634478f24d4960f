//! Tars: headers of all times, extended ones, and one thing wrong at a time.

use super::*;

/// Opens a tar in both ways and checks what it holds.
fn check_tar(tar: &[u8], files: &[Named<'_>]) {
    check_files(&open_bytes(&in_tar(tar)), files);
    check_files(&open_bytes(&in_tar_zstd(tar)), files);
}

/// The fault of a tar, at this position of it; both ways agree, but for where they count from.
fn tar_fault(tar: &[u8]) -> (u64, TarFault) {
    let start = head(&manifest("pebble3", 2)).len() as u64;
    let Fault::Tar { offset, packed: false, fault: plain } = fault(&in_tar(tar)) else { panic!() };
    let unpacked = fault(&in_tar_zstd(tar));
    assert!(unpacked.offset().is_none() && unpacked.to_string().contains("unpacked"), "{unpacked}");
    let Fault::Tar { offset: at, packed: true, fault: packed } = unpacked else { panic!() };
    assert_eq!((offset - start, plain), (at, packed));
    (at, packed)
}

fn name_fault(tar: &[u8]) -> (u64, NameFault) {
    match fault(&in_tar_zstd(tar)) {
        Fault::Name { offset, packed: true, fault } => (offset, fault),
        other => panic!("{other}"),
    }
}

fn ended(parts: &[&[u8]]) -> Vec<u8> {
    [&parts.concat()[..], &[0; 1024]].concat()
}

/// One file whose header is changed, and whose checksum is right again.
fn changed(change: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut header = tar_header(b"a", 3, b'0');
    change(&mut header);
    sum(&mut header);
    ended(&[&header, &padded(b"one")])
}

#[test]
fn a_tar_cut_off_anywhere_is_an_error() {
    let tar = tar_of(&[("a", b"one"), ("b", &[7; 512]), ("c", b"")]);
    let end = tar.len() - 1024;
    let start = head(&manifest("pebble3", 2)).len();
    let file = in_tar(&tar);
    cut(&file, start..file.len(), |length, opened| {
        let at = length - start;
        if at == end + 512 {
            // After one whole block of zeros it may end.
            return assert_eq!(opened.unwrap().entries().len(), 3);
        }
        let expected = match at {
            _ if [0, 1024, 2048, 2560].contains(&at) => TarFault::CutEnd,
            512..1024 | 1536..2048 => TarFault::CutFile,
            _ if at > end + 512 => TarFault::CutEnd,
            _ => TarFault::CutHeader,
        };
        let found = fault_of(opened.unwrap_err());
        assert_eq!(found, Fault::Tar { offset: length as u64, packed: false, fault: expected }, "{at}");
        assert!(found.class() == Class::Damage);
    });
    assert_eq!(end, 2560);
}

#[test]
fn a_packed_tar_cut_off_anywhere_is_an_error() {
    let file = in_tar_zstd(&tar_of(&[("a", b"one"), ("b", &content(5000, 1))]));
    let start = head(&manifest("pebble3", 1)).len();
    cut(&file, start + 1..file.len(), |length, opened| {
        let kind = opened.unwrap_err();
        assert!(
            matches!(kind, ErrorKind::Truncated { offset, layer: Layer::ZstdFrame } if offset == length as u64),
            "{kind}"
        );
    });
    assert!(matches!(fault(&file[..start]), Fault::Tar { offset: 0, fault: TarFault::CutEnd, .. }));
    let mut file = file;
    *file.last_mut().unwrap() ^= 1;
    assert!(matches!(error(&file), ErrorKind::Checksum { offset } if offset == start as u64));
    file.push(0);
    let tail = error(&[&in_tar_zstd(&tar_of(FEW))[..], b"x"].concat());
    assert!(matches!(tail, ErrorKind::TrailingGarbage { .. }), "{tail}");
    let foreign = error(&[head(&manifest("pebble3", 1)), b"plain".to_vec()].concat());
    assert!(matches!(foreign, ErrorKind::NoFrame { offset } if offset == start as u64), "{foreign}");
}

#[test]
fn what_follows_the_end_is_not_read_but_found() {
    let tar = tar_of(FEW);
    let length = tar.len() as u64;
    for tail in [&[0; 10_240 - 512][..], &[0; 3]] {
        let tar = [&tar[..], tail].concat();
        check_tar(&tar, FEW);
        assert!(open_bytes(&in_tar(&tar)).inspect(&mut |_, _| {}).is_empty());
    }
    let garbage = [&tar[..], &[0; 100], b"lost", &[0; 50]].concat();
    check_tar(&garbage, FEW);
    for (file, start) in [(in_tar(&garbage), in_tar(&[]).len() as u64), (in_tar_zstd(&garbage), 0)] {
        let faults: Vec<_> =
            open_bytes(&file).inspect(&mut |_, _| {}).into_iter().map(sound).map(fault_of).collect();
        assert_eq!(faults, [Fault::Gap { offset: start + length + 100, length: 4 }]);
    }
}

#[test]
fn half_an_end_mark_is_none() {
    let tar = [&tar_file("a", b"one")[..], &[0; 512], &tar_file("b", b"two"), &[0; 1024]].concat();
    assert_eq!(tar_fault(&tar), (1536, TarFault::HalfEnd));
}

#[test]
fn each_byte_of_a_header_is_under_its_checksum() {
    // Of the checksum itself, the last byte comes after the zero that ends it.
    for position in (0..512).filter(|position| *position != 155) {
        let mut tar = tar_of(&[("a", b"one"), ("b", b"two")]);
        tar[1024 + position] ^= 1;
        let expected = (in_tar(&[]).len() + 1024) as u64;
        match fault_of(sound(open_quickly(&in_tar(&tar)).unwrap_err())) {
            Fault::Tar { offset, fault: TarFault::Checksum, .. } if offset == expected => {}
            Fault::Tar { offset, fault: TarFault::Number { field: "checksum" }, .. } => {
                assert!(offset == expected && (148..156).contains(&position));
            }
            other => panic!("{position}: {other}"),
        }
    }
}

#[test]
fn checksums_of_signed_bytes_are_right_too() {
    let mut header = tar_header("ä".as_bytes(), 3, b'0');
    header[148..156].fill(b' ');
    let signed: i32 = header.iter().map(|byte| i32::from(byte.cast_signed())).sum();
    header[148..156].copy_from_slice(format!("{signed:06o}\0 ").as_bytes());
    check_tar(&ended(&[&header, &padded(b"one")]), &[("ä", b"one")]);
}

#[test]
fn numbers_may_be_written_in_all_ways() {
    for size in [
        &b"3\0\0\0\0\0\0\0\0\0\0\0"[..],
        b"          3 ",
        b"00000000003 ",
        b"\0\0 03  \0    ",
        b"000000000003",
    ] {
        check_tar(&changed(|header| header[124..136].copy_from_slice(size)), &[("a", b"one")]);
    }
    let binary = changed(|header| header[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]));
    check_tar(&binary, &[("a", b"one")]);
    let nothing = changed(|header| header[100..108].fill(0));
    check_tar(&nothing, &[("a", b"one")]);
}

#[test]
fn what_is_no_number_is_named() {
    for size in [
        &b"00000000009\0"[..],
        b"-0000000003\0",
        b"0x000000003\0",
        b"3 3        \0",
        &[0xff; 12],
        &[0xc0; 12],
    ] {
        let tar = changed(|header| header[124..136].copy_from_slice(size));
        assert_eq!(tar_fault(&tar), (0, TarFault::Number { field: "size" }));
    }
    let large = changed(|header| header[124..136].copy_from_slice(&[0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(tar_fault(&large), (0, TarFault::Number { field: "size" }));
    let mode = changed(|header| header[100..108].copy_from_slice(b"rw-r--r\0"));
    assert_eq!(tar_fault(&mode), (0, TarFault::Number { field: "mode" }));
}

#[test]
fn a_size_beyond_the_end_is_cut_off() {
    for size in [&b"77777777777\0"[..], &[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]] {
        let tar = changed(|header| header[124..136].copy_from_slice(size));
        assert_eq!(tar_fault(&tar), (tar.len() as u64, TarFault::CutFile));
    }
}

#[test]
fn a_mode_is_permissions_and_no_more() {
    for mode in [0, 0o600, 0o777] {
        let text = format!("{mode:07o}\0");
        check_tar(&changed(|header| header[100..108].copy_from_slice(text.as_bytes())), &[("a", b"one")]);
    }
    for mode in [0o1000, 0o4755, 0o100_644, 0o7_777_777] {
        let text = format!("{mode:07o}\0");
        for kind in [b'0', b'5'] {
            let tar = changed(|header| {
                header[100..108].copy_from_slice(text.as_bytes());
                header[156] = kind;
                if kind == b'5' {
                    header[124..136].fill(0);
                }
            });
            assert_eq!(tar_fault(&tar), (0, TarFault::Mode { mode }));
        }
    }
    // Of what is skipped it does not matter.
    let link = changed(|header| {
        header[100..108].copy_from_slice(b"0120777\0");
        header[156] = b'2';
        header[124..136].fill(0);
    });
    let link = [&link[..512], &tar_of(FEW)].concat();
    check_tar(&link, FEW);
}

#[test]
fn only_regular_files_count() {
    let mut parts = Vec::new();
    for kind in *b"1234567gKVM" {
        // Links, devices, directories and pipes have no content, whatever their size says.
        let size = if (b'1'..=b'6').contains(&kind) { 0 } else { 9 };
        parts.extend(tar_header(&[b'x', kind], if size == 0 { 77 } else { size }, kind));
        parts.extend(padded(&b"something"[..size]));
        parts.extend(tar_file(&format!("file{}", kind as char), &[kind]));
    }
    let names: Vec<String> = b"1234567gKVM".iter().map(|kind| format!("file{}", *kind as char)).collect();
    let files: Vec<Named<'_>> = names.iter().map(|name| (&**name, &name.as_bytes()[4..])).collect();
    check_tar(&ended(&[&parts]), &files);
}

#[test]
fn directories_are_passed_over_and_their_names_checked() {
    let directory = |name: &[u8], kind| tar_header(name, 0, kind);
    let tar = ended(&[&directory(b"./", b'5'), &directory(b"sub/", 0), &tar_file("./sub/a", b"one")]);
    check_tar(&tar, &[("sub/a", b"one")]);
    assert_eq!(name_fault(&ended(&[&directory(b"../", b'5')])), (0, NameFault::Climbs));
    assert_eq!(name_fault(&ended(&[&directory(b"/tmp/", 0)])), (0, NameFault::Absolute));
}

#[test]
fn headers_of_older_times_are_read() {
    let old = changed(|header| {
        header[156] = 0;
        header[257..265].fill(0);
        // Before USTAR nothing stood here.
        header[345..350].copy_from_slice(b"other");
    });
    check_tar(&old, &[("a", b"one")]);
    let gnu = changed(|header| {
        header[257..265].copy_from_slice(b"ustar  \0");
        header[345..356].copy_from_slice(b"14524731214");
    });
    check_tar(&gnu, &[("a", b"one")]);
    let prefixed = changed(|header| header[345..350].copy_from_slice(b"x/y/z"));
    check_tar(&prefixed, &[("x/y/z/a", b"one")]);
}

#[test]
fn names_may_fill_their_field() {
    let name = "n".repeat(100);
    let tar = changed(|header| {
        header[..100].copy_from_slice(name.as_bytes());
        header[345..500].fill(b'p');
    });
    check_tar(&tar, &[(&format!("{}/{name}", "p".repeat(155)), b"one")]);
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let long = format!("{}/{}", "d".repeat(150), "f".repeat(400));
    check_tar(&tar_of(&[(&long, b"one"), ("b", b"two")]), &[(&long, b"one"), ("b", b"two")]);
    let gnu = [long.as_bytes(), b"\0"].concat();
    let tar = ended(&[
        &tar_header(b"././@LongLink", gnu.len(), b'L'),
        &padded(&gnu),
        &tar_file("short", b"one"),
        &tar_file("b", b"two"),
    ]);
    check_tar(&tar, &[(&long, b"one"), ("b", b"two")]);
}

fn extended(records: &[u8]) -> Vec<u8> {
    ended(&[&tar_header(b"x", records.len(), b'x'), &padded(records), &tar_file("a", b"one")])
}

#[test]
fn records_of_extended_headers_are_read() {
    let records = [pax("mtime", b"12.5"), pax("path", "é=\n".as_bytes()), pax("comment", b"")].concat();
    check_tar(&extended(&records), &[("é=\n", b"one")]);
    // A size too large for its field is in a record.
    check_tar(&extended(&pax("size", b"2")), &[("a", b"on")]);
    let taken_back = [pax("path", b"x"), pax("size", b"9"), pax("path", b""), pax("size", b"")].concat();
    check_tar(&extended(&taken_back), &[("a", b"one")]);
    check_tar(&extended(b""), &[("a", b"one")]);
}

#[test]
fn records_that_are_malformed_are_an_error() {
    for records in [
        &b"path=x\n"[..],
        b"7 path=x\n",
        b"99 path=x\n",
        b"9 path=x!",
        b"x path=x\n",
        b" path=x\n",
        b"+9 path=x\n",
        b"9 pathx!\n",
        b"5 =x\n",
        b"1 ",
        b"0 ",
        b"\0\0\0",
        b"18446744073709551616 path=x\n",
        &pax("size", b"-1"),
        &pax("size", b"x"),
        &pax("size", b"1e3"),
    ] {
        let found = tar_fault(&extended(records));
        assert_eq!(found, (0, TarFault::Pax), "{}", String::from_utf8_lossy(records));
    }
}

#[test]
fn files_with_holes_are_refused() {
    assert_eq!(tar_fault(&changed(|header| header[156] = b'S')), (0, TarFault::Sparse));
    for key in ["GNU.sparse.major", "GNU.sparse.map"] {
        assert_eq!(tar_fault(&extended(&pax(key, b"1"))), (0, TarFault::Sparse));
    }
}

#[test]
fn extended_headers_have_a_longest_length() {
    for (length, sound) in [(1 << 20, true), ((1 << 20) + 1, false)] {
        // Another record first, which fills what is allowed.
        let rest = pax("path", b"b");
        let filler = "8 comment=".len() + "048570".len() + "\n".len();
        let filler = pax("comment", &vec![b'x'; length - rest.len() - filler]);
        let records = [&filler[..], &rest].concat();
        assert_eq!(records.len(), length);
        match sound {
            true => check_tar(&extended(&records), &[("b", b"one")]),
            false => assert_eq!(tar_fault(&extended(&records)), (0, TarFault::LongExtension)),
        }
    }
}

#[test]
fn each_bad_name_is_an_error_of_its_own() {
    let long = "x".repeat(4097);
    for (name, expected) in [
        ("/etc/passwd", NameFault::Absolute),
        ("../a", NameFault::Climbs),
        ("a/../../b", NameFault::Climbs),
        ("./", NameFault::Empty),
        (&*long, NameFault::Long { length: 4097 }),
        ("first", NameFault::Duplicate),
        (".//first", NameFault::Duplicate),
    ] {
        let first = tar_file("first", b"one");
        let at = first.len() + if name.len() > 100 { 512 + 4608 } else { 0 };
        let tar = ended(&[&first, &tar_file(name, b"two")]);
        assert_eq!(name_fault(&tar), (at as u64, expected), "{name}");
    }
    assert_eq!(name_fault(&changed(|header| header[..2].fill(0xff))), (0, NameFault::NotUtf8));
    assert_eq!(name_fault(&changed(|header| header[..2].fill(0))), (0, NameFault::Empty));
    assert_eq!(name_fault(&extended(&pax("path", b"a\0b"))), (1024, NameFault::Nul));
}
