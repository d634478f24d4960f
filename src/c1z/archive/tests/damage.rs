//! One thing wrong at a time.

use super::super::super::frame::Frame;
use super::whole::smallest;
use super::*;

#[test]
fn a_file_cut_off_anywhere_is_an_error() {
    let file = smallest();
    let payload = 75;
    cut(&file, 5..file.len(), |length, opened| {
        let kind = opened.unwrap_err();
        let found = match &kind {
            ErrorKind::Truncated { offset, layer } => (*offset, Some(*layer)),
            ErrorKind::Archive(Fault::EndMark { offset }) => (*offset + 8, None),
            other => panic!("{length}: {other}"),
        };
        let layer = match length {
            ..9 => Some(Layer::Head),
            9..75 => Some(Layer::Manifest),
            _ if length < payload + 28 => Some(Layer::Footer),
            _ => None,
        };
        assert_eq!(found, (length as u64, layer));
    });
}

#[test]
fn every_flipped_bit_is_an_error_or_changes_nothing() {
    let file = smallest();
    let names: Vec<_> = open_bytes(&file).entries().iter().map(|entry| entry.name.clone()).collect();
    for position in 0..file.len() {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[position] ^= 1 << bit;
            let Ok(archive) = open_quickly(&changed) else { continue };
            let frames = 75..756;
            assert!(frames.contains(&position), "byte {position}, bit {bit}");
            let wrong = names.iter().filter(|name| archive.read(name).is_err()).count();
            // Bit 4 of the descriptor of a frame means nothing, and the window may be larger than needed.
            assert!(wrong <= 1);
            assert_eq!(archive.inspect(&mut |_, _| {}).len(), wrong);
        }
    }
}

#[test]
fn a_manifest_longer_than_any_is_refused_before_it_is_read() {
    let mut file = smallest();
    file[5..9].copy_from_slice(&(MAX_MANIFEST as u32 + 1).to_be_bytes());
    assert_eq!(fault(&file), Fault::ManifestTooLarge { declared: MAX_MANIFEST + 1 });
    file[5..9].copy_from_slice(&(MAX_MANIFEST as u32).to_be_bytes());
    assert!(matches!(error(&file), ErrorKind::Truncated { layer: Layer::Manifest, offset: 1107 }));
}

#[test]
fn a_malformed_manifest_is_named_with_its_place() {
    let broken = [manifest("pebble3", 5), vec![0x0a, 100, 1]].concat();
    let offset = (9 + broken.len() - 3) as u64;
    assert_eq!(fault(&head(&broken)), Fault::Manifest { offset });
}

#[test]
fn unknown_engines_are_named() {
    for (manifest, engine) in [
        (manifest("pebble4", 5), "pebble4"),
        (manifest("", 5), ""),
        (number(4, 5), ""),
        (Vec::new(), ""),
        (bytes(1, b"sqlite\xff"), "sqlite\u{fffd}"),
    ] {
        let found = fault(&head(&manifest));
        assert_eq!(found, Fault::Engine { engine: engine.into() });
        assert!(found.to_string().contains("pebble3, pebble2, pebble"), "{found}");
        assert!(found.class() == Class::Other && found.hint().is_some());
    }
}

#[test]
fn unknown_encodings_are_named() {
    for encoding in [0, 3, 4, 6, u64::MAX] {
        assert_eq!(fault(&head(&manifest("pebble3", encoding))), Fault::Encoding { encoding });
    }
    assert_eq!(fault(&head(&bytes(1, b"pebble3"))), Fault::Encoding { encoding: 0 });
}

/// A change to the footer, and what becomes of it.
#[test]
fn each_field_of_the_footer_is_checked() {
    let plan = Plan::of(FEW);
    let (file, index) = (plan.seal(), plan.index());
    let (start, length) = (plan.index_start() as u64, index.len() as u64);
    let offset = start + length;
    let with = |start: u64, length: u64, hash: u64| {
        let mut file = file.clone();
        file.truncate(offset as usize);
        file.extend(footer(start, length as u32, hash));
        fault(&file)
    };
    for (start, length) in [
        (start + 1, length),
        (start, length - 1),
        (9 + plan.manifest.len() as u64 - 1, length + plan.frames.len() as u64 + 1),
        (u64::MAX, length),
        (u64::MAX - 5, 6),
    ] {
        assert_eq!(with(start, length, hash(&index)), Fault::IndexPlace { offset, start, length });
    }
    assert_eq!(with(start, length, hash(&index) ^ 1 << 63), Fault::IndexHash { offset: start });
    for position in file.len() - 8..file.len() {
        let mut file = file.clone();
        file[position] ^= 0x20;
        assert_eq!(fault(&file), Fault::EndMark { offset: file.len() as u64 - 8 });
    }
}

#[test]
fn a_footer_inside_the_manifest_is_none() {
    let file = [head(&manifest("pebble3", 5)), vec![0; 27]].concat();
    assert!(matches!(error(&file), ErrorKind::Truncated { layer: Layer::Footer, .. }));
}

#[test]
fn each_byte_of_the_index_is_under_its_hash() {
    let plan = Plan::of(FEW);
    for position in 0..plan.index().len() {
        let mut file = plan.seal();
        file[plan.index_start() + position] ^= 0x10;
        let found = fault_of(sound(open_quickly(&file).unwrap_err()));
        assert_eq!(found, Fault::IndexHash { offset: plan.index_start() as u64 });
    }
}

#[test]
fn each_byte_of_the_manifest_is_under_its_hash() {
    let mut plan = Plan::of(FEW);
    plan.manifest_hash ^= 1;
    assert_eq!(fault(&plan.seal()), Fault::ManifestHash);
    let mut file = Plan::of(FEW).seal();
    let description = 9 + manifest("pebble3", 5).len() - 10;
    file[description] ^= 1;
    assert_eq!(fault(&file), Fault::ManifestHash);
    plan.manifest_hash = 0;
    assert_eq!(open_bytes(&plan.seal()).entries().len(), 3, "0 means that there is no hash");
}

#[test]
fn a_malformed_index_is_named_with_its_place() {
    let plan = Plan::of(FEW);
    let start = plan.index_start() as u64;
    let end = plan.index().len() as u64;
    let broken = [plan.index(), vec![0x08]].concat();
    assert_eq!(fault(&plan.seal_with(&broken)), Fault::Index { offset: start + end });
    let inside = bytes(1, &[bytes(1, b"a"), vec![0x12, 9]].concat());
    assert_eq!(fault(&plan.seal_with(&inside)), Fault::Index { offset: start + 5 });
}

/// The fault after a change to the second entry, which stands at this position.
fn entry_fault(change: impl Fn(&mut Line)) -> (u64, Fault) {
    let mut plan = Plan::of(FEW);
    change(&mut plan.lines[1]);
    let first = bytes(1, &plan.lines[0].wire()).len();
    let tag = bytes(1, &plan.lines[1].wire()).len() - plan.lines[1].wire().len();
    ((plan.index_start() + first + tag) as u64, fault(&plan.seal()))
}

#[test]
fn each_bad_name_is_an_error_of_its_own() {
    for (name, expected) in [
        (&b""[..], NameFault::Empty),
        (b".", NameFault::Empty),
        (&[b'x'; 4097], NameFault::Long { length: 4097 }),
        (b"a\xff", NameFault::NotUtf8),
        (b"a\0", NameFault::Nul),
        (b"/etc/passwd", NameFault::Absolute),
        (b"../a", NameFault::Climbs),
        (b"a/../../b", NameFault::Climbs),
        (b"000004.sst", NameFault::Duplicate),
        (b"./000004.sst", NameFault::Duplicate),
    ] {
        let (offset, found) = entry_fault(|line| line.name = name.to_vec());
        assert_eq!(found, Fault::Name { offset, packed: false, fault: expected });
    }
}

#[test]
fn each_bad_field_of_an_entry_is_an_error_of_its_own() {
    let plan = Plan::of(FEW);
    let (start, stored) = (plan.lines[1].start, plan.lines[1].stored);
    let index = plan.index_start() as i64;
    let payload = plan.lines[0].start;
    let place = |start, length| EntryFault::Place { start, length };
    type Change = Box<dyn Fn(&mut Line)>;
    let cases: Vec<(Change, EntryFault)> = vec![
        (Box::new(|line| line.size = -1), EntryFault::NegativeSize),
        (Box::new(|line| line.size = i64::MIN), EntryFault::NegativeSize),
        (Box::new(|line| line.stored = 0), EntryFault::NoFrame),
        (Box::new(|line| line.stored = -5), EntryFault::NoFrame),
        (Box::new(move |line| line.start = payload - 1), place(payload - 1, stored)),
        (Box::new(|line| line.start = -1), place(-1, stored)),
        (Box::new(|line| line.start = i64::MAX), place(i64::MAX, stored)),
        (Box::new(move |line| line.stored = index - start + 1), place(start, index - start + 1)),
        (Box::new(|line| line.stored = i64::MAX), place(start, i64::MAX)),
        (Box::new(|line| line.sha256.truncate(31)), EntryFault::Sha256 { length: 31 }),
        (Box::new(|line| line.sha256.clear()), EntryFault::Sha256 { length: 0 }),
        (Box::new(|line| line.sha256.push(0)), EntryFault::Sha256 { length: 33 }),
    ];
    for (change, expected) in cases {
        let (offset, found) = entry_fault(change);
        assert_eq!(found, Fault::Entry { offset, name: "MANIFEST-000001".into(), fault: expected });
    }
}

/// The fault of reading the second file after a change to its entry; the others can still be read.
fn frame_fault(plan: &Plan) -> FrameFault {
    let archive = open_bytes(&plan.seal());
    let found = read_fault(&archive, "b");
    assert_eq!(read_fault(&archive, "b"), found, "it stays so");
    assert_eq!(archive.read("a").unwrap(), b"one");
    assert_eq!(archive.read("c").unwrap(), b"three");
    let inspected: Vec<_> = archive.inspect(&mut |_, _| {}).into_iter().map(sound).map(fault_of).collect();
    assert!(inspected.contains(&found), "{inspected:?}");
    match found {
        Fault::Frame { offset, name, fault } => {
            assert_eq!((offset, &*name), (plan.lines[1].start as u64, "b"));
            fault
        }
        other => panic!("{other}"),
    }
}

fn three(second: &[u8]) -> Plan {
    Plan::of(&[("a", b"one"), ("b", second), ("c", b"three")])
}

#[test]
fn a_file_has_the_size_that_the_index_says() {
    // Frames with and without a size of their own.
    for second in [&content(100, 5), &content(3000, 5), &content(300_000, 5)] {
        let declared = second.len() as u64;
        for (change, more) in
            [(1, false), (100_000, false), (-1, true), (-50, true), (-(declared as i64), true)]
        {
            let mut plan = three(second);
            plan.lines[1].size += change;
            let declared = declared.wrapping_add_signed(change);
            for memory_limit in [0, 512 << 20] {
                let options = OpenOptions { memory_limit, ..OpenOptions::default() };
                let archive = open_with(&plan.seal(), &options).unwrap();
                let fault = FrameFault::Size { declared, more };
                let expected = Fault::Frame { offset: plan.lines[1].start as u64, name: "b".into(), fault };
                assert_eq!(read_fault(&archive, "b"), expected);
            }
            assert_eq!(frame_fault(&plan), FrameFault::Size { declared, more });
        }
    }
}

#[test]
fn a_file_has_the_hash_that_the_index_says() {
    for second in [&b""[..], b"two", &content(3000, 6)] {
        for bit in [0, 31, 32, 63] {
            let mut plan = three(second);
            plan.lines[1].hash ^= 1 << bit;
            assert_eq!(frame_fault(&plan), FrameFault::Hash);
        }
    }
}

#[test]
fn a_frame_ends_where_the_index_says() {
    let mut plan = three(b"two");
    plan.lines[1].stored -= 1;
    let end = (plan.lines[1].start + plan.lines[1].stored) as u64;
    assert_eq!(frame_fault(&plan), FrameFault::Unfinished { end });
    // Not even the magic number of a frame.
    let mut plan = three(b"two");
    plan.lines[1].stored = 3;
    let end = plan.lines[1].start as u64 + 3;
    assert_eq!(frame_fault(&plan), FrameFault::Unfinished { end });
}

#[test]
fn a_frame_is_one_and_nothing_else() {
    let mut plan = three(b"two");
    let at = plan.lines[1].start as usize - 9 - plan.manifest.len();
    plan.frames[at] ^= 1;
    assert_eq!(frame_fault(&plan), FrameFault::Foreign);
    let with_tail = |content: &[u8]| {
        let tail = if content == b"two" { &b"tail"[..] } else { b"" };
        [&frame(content, false, &[]), tail].concat()
    };
    let plan = Plan::with(&[("a", b"one"), ("b", b"two"), ("c", b"three")], with_tail);
    let from = (plan.lines[1].start + plan.lines[1].stored) as u64 - 4;
    assert_eq!(frame_fault(&plan), FrameFault::Trailing { from });
}

#[test]
fn damage_inside_a_frame_has_its_place_in_the_file() {
    let plan = three(&content(3000, 7));
    let (start, stored) = (plan.lines[1].start as usize, plan.lines[1].stored as usize);
    let mut file = plan.seal();
    file[start + stored - 1] ^= 1;
    let kind = sound(open_bytes(&file).read("b").unwrap_err());
    assert!(matches!(kind, ErrorKind::Checksum { offset } if offset == start as u64), "{kind}");
    let mut file = plan.seal();
    let Ok(Frame::Zstd(header)) = Frame::parse(&file[start..start + 18]) else { panic!() };
    file[start + header.length] |= 0b110;
    let kind = sound(open_bytes(&file).read("b").unwrap_err());
    assert!(matches!(kind, ErrorKind::Corrupt { offset, .. } if offset == start as u64), "{kind}");
}

#[test]
fn a_file_that_became_shorter_meanwhile_is_cut_off() {
    let (_directory, path) = on_disk(&three(&content(3000, 8)).seal());
    let archive = archive_of(open_path(&path, &OpenOptions::default()).unwrap());
    let entry = archive.entry("b").unwrap();
    let length = entry.offset + 100;
    File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
    let kind = sound(archive.read("b").unwrap_err());
    assert!(matches!(kind, ErrorKind::Truncated { offset, .. } if offset == length), "{kind}");
}

#[test]
fn inspection_finds_everything_and_says_it_in_order() {
    let mut plan = three(b"two");
    plan.lines[0].hash ^= 1;
    plan.lines[2].size += 1;
    // Something between the last frame and the index.
    plan.frames.extend([0; 7]);
    let mut index = plan.index();
    index.extend(number(2, 1000));
    let archive = open_bytes(&plan.seal_with(&index));
    let faults: Vec<_> = archive.inspect(&mut |_, _| {}).into_iter().map(sound).map(fault_of).collect();
    let frame = |line: usize, name: &str, fault| Fault::Frame {
        offset: plan.lines[line].start as u64,
        name: name.into(),
        fault,
    };
    assert_eq!(
        faults,
        [
            frame(0, "a", FrameFault::Hash),
            frame(2, "c", FrameFault::Size { declared: 6, more: false }),
            Fault::Gap { offset: plan.index_start() as u64 - 7, length: 7 },
            Fault::Total { what: "files", stated: 1000, actual: 12 },
        ]
    );
}

#[test]
fn inspection_finds_frames_that_share_bytes() {
    let mut plan = three(b"two");
    let copy = Line { name: b"d".to_vec(), ..plan.lines[1].clone() };
    plan.lines.push(copy);
    let archive = open_bytes(&plan.seal());
    assert_eq!(archive.read("d").unwrap(), b"two");
    let faults: Vec<_> = archive.inspect(&mut |_, _| {}).into_iter().map(sound).map(fault_of).collect();
    assert_eq!(faults, [Fault::Overlap { offset: plan.lines[1].start as u64, name: "d".into() }]);
}

#[test]
fn messages_say_what_is_wrong_and_where() {
    let name = "a\u{1b}[31m.sst".to_owned();
    let at = |offset, packed, fault| Fault::Tar { offset, packed, fault };
    for (fault, expected) in [
        (
            Fault::Frame {
                offset: 75,
                name: name.clone(),
                fault: FrameFault::Size { declared: 9, more: true },
            },
            r#"is damaged: the frame of "a\u{1b}[31m.sst" at byte 75 holds more than the 9 bytes that the index says"#,
        ),
        (
            Fault::Name { offset: 512, packed: true, fault: NameFault::Duplicate },
            "is damaged: the entry at byte 512 of the unpacked tar has a name that an earlier entry has too",
        ),
        (at(512, false, TarFault::CutFile), "is damaged at byte 512: the tar ends inside a file"),
        (
            at(0, true, TarFault::Mode { mode: 0o4755 }),
            "is damaged at byte 0 of the unpacked tar: a tar header has the mode 4755, more than permissions",
        ),
        (
            Fault::ManifestTooLarge { declared: 17 << 20 },
            "declares a manifest of 17 MiB, more than the 16 MiB that one may have",
        ),
        (Fault::Encoding { encoding: 3 }, "has the payload encoding 3, a draft that was abandoned"),
        (Fault::Absent { name }, r#"holds no file "a\u{1b}[31m.sst""#),
    ] {
        assert_eq!(fault.to_string(), expected);
    }
}
