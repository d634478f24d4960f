//! One thing wrong at a time.

use super::*;

#[test]
fn a_file_cut_off_anywhere_says_where_it_ends() {
    let file = ordinary();
    for length in 6..file.len() {
        let error = error(&file[..length]);
        match error.kind() {
            ErrorKind::Truncated { offset, layer: Layer::ZstdFrame } => assert_eq!(*offset, length as u64),
            other => panic!("{length}: {other}"),
        }
        assert!(error.is_damage());
    }
}

#[test]
fn a_file_cut_off_anywhere_without_size_and_checksum_says_so_too() {
    let file = c1z(&[&frame(&database(8), false, &[CParameter::ChecksumFlag(false)])]);
    for length in 6..file.len() {
        let error = error(&file[..length]);
        assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{length}: {error}");
    }
}

#[test]
fn a_wrong_checksum_is_told_from_other_damage() {
    for size in [true, false] {
        let mut file = c1z(&[&frame(&database(8), size, &[])]);
        *file.last_mut().unwrap() ^= 1;
        assert!(matches!(error(&file).kind(), ErrorKind::Checksum { offset: 5 }));
    }
}

#[test]
fn a_reserved_block_type_is_corrupt_and_says_near_where() {
    let mut file = ordinary();
    let Ok(frame::Frame::Zstd(header)) = frame::Frame::parse(&file[5..23]) else { panic!() };
    file[5 + header.length] |= 0b110;
    let error = error(&file);
    assert!(matches!(error.kind(), ErrorKind::Corrupt { offset: 5, .. }), "{error}");
    assert!(error.offset().unwrap() <= file.len() as u64);
}

#[test]
fn every_flipped_bit_is_an_error_or_changes_nothing() {
    let file = ordinary();
    let original = database(8);
    for position in 0..file.len() {
        for bit in 0..8 {
            let mut file = file.clone();
            file[position] ^= 1 << bit;
            match image_with(&file, &OpenOptions::default()) {
                // Bit 4 of the descriptor means nothing, and the window may be larger than needed.
                Ok(image) => assert_eq!(*image, *original, "byte {position}, bit {bit}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn what_follows_the_magic_must_be_a_frame() {
    for bytes in [&b"plain text"[..], &[0x1f, 0x8b, 8, 0, 0, 0], &[0; 64]] {
        let error = error(&c1z(&[bytes]));
        assert!(matches!(error.kind(), ErrorKind::NoFrame { offset: 5 }), "{error}");
    }
}

#[test]
fn bytes_after_the_last_frame_are_an_error() {
    let file = ordinary();
    for tail in [&b"x"[..], b"\n", &[0; 100], b"C1ZF\0", b"SQLite format 3\0", &[0x28, 0xb5, 0x2f, 0x00]] {
        let error = error(&[&file, tail].concat());
        let expected = file.len() as u64;
        assert!(matches!(
            error.kind(),
            ErrorKind::TrailingGarbage { offset, layer: Layer::ZstdFrame } if *offset == expected
        ));
    }
}

#[test]
fn a_dictionary_is_named() {
    let mut file = c1z(&[&frame(&database(8), false, &[])]);
    // One byte of dictionary id, after the window byte.
    file[9] |= 1;
    file.insert(11, 42);
    assert!(matches!(error(&file).kind(), ErrorKind::Dictionary { offset: 5, id: 42 }));
}

#[test]
fn a_reserved_bit_is_named() {
    let mut file = ordinary();
    file[9] |= 0b1000;
    assert!(matches!(error(&file).kind(), ErrorKind::FrameHeader { offset: 5 }));
}

#[test]
fn a_payload_that_is_no_database_is_told_by_its_first_bytes() {
    for content in [&b"not a database, but long enough to be one"[..], &[7; 4000], b"S"] {
        for size in [true, false] {
            let error = error(&c1z(&[&frame(content, size, &[])]));
            let expected = &content[..content.len().min(16)];
            assert!(matches!(error.kind(), ErrorKind::NotSqlite { first } if first == expected), "{error}");
        }
    }
}

#[test]
fn a_database_shorter_than_its_header_says_is_an_error_with_both_numbers() {
    let whole = database(8);
    let error = error(&c1z(&[&frame(&whole[..2048], true, &[])]));
    assert!(matches!(error.kind(), ErrorKind::TruncatedDatabase { declared: 4096, actual: 2048 }));
    assert!(error.to_string().contains("4096") && error.to_string().contains("2048"));
}

#[test]
fn a_header_that_cannot_be_relied_on_is_not_held_against_the_database() {
    let mut old = database(8);
    old[28..32].copy_from_slice(&[0; 4]);
    assert_eq!(image(&c1z(&[&frame(&old, false, &[])])).len(), 4096);
    let mut stale = database(8);
    stale[28..32].copy_from_slice(&1000_u32.to_be_bytes());
    stale[92] ^= 1;
    assert_eq!(image(&c1z(&[&frame(&stale, true, &[])])).len(), 4096);
}

#[test]
fn fewer_bytes_than_a_header_are_no_database() {
    let error = error(&c1z(&[&frame(&database(1)[..50], true, &[])]));
    assert!(matches!(error.kind(), ErrorKind::TruncatedDatabase { declared: 100, actual: 50 }));
}
