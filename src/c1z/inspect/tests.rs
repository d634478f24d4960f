//! Files that are cut or changed, and what is left of them.

use zstd_safe::{CCtx, CParameter};

use super::*;

/// A database, as far as the container can see, of `pages` pages of 4096 bytes.
fn database(pages: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..pages * 4096).map(|at| (at / 7 % 251) as u8).collect();
    bytes[..100].fill(0);
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    bytes[16..20].copy_from_slice(&[16, 0, 2, 2]);
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes
}

fn frame(content: &[u8], parameters: &[CParameter]) -> Vec<u8> {
    let mut context = CCtx::create();
    for parameter in parameters {
        context.set_parameter(*parameter).unwrap();
    }
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    context.compress2(&mut out, content).unwrap();
    out
}

fn look_with(bytes: &[u8], options: &OpenOptions) -> Result<Inspection, Error> {
    read(&Source::Stdin, &mut &*bytes, None, None, options, &mut |_, _| {})
}

/// The bytes that are left, how many were decoded, and what is wrong.
fn look(bytes: &[u8]) -> (Vec<u8>, u64, Vec<String>) {
    let found = look_with(bytes, &OpenOptions::default()).unwrap();
    let flaws = found.flaws.iter().map(|flaw| format!("{}: {}", flaw.place, flaw.error.kind())).collect();
    match found.remains {
        Remains::Database { image, decoded, .. } => (image.to_vec(), decoded, flaws),
        _ => (Vec::new(), 0, flaws),
    }
}

fn v1(frames: &[&[u8]]) -> Vec<u8> {
    [MAGIC_V1, &frames.concat()].concat()
}

/// A database as readers get it: without the mark of a log.
fn unmarked(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[18..20].fill(1);
    bytes
}

#[test]
fn every_way_to_write_a_frame_is_decoded() {
    let content = database(100);
    for parameters in [
        &[][..],
        &[CParameter::ChecksumFlag(true)],
        &[CParameter::ContentSizeFlag(false)],
        &[CParameter::ContentSizeFlag(false), CParameter::ChecksumFlag(true)],
        &[CParameter::CompressionLevel(19), CParameter::WindowLog(17)],
        &[CParameter::TargetCBlockSize(1400)],
    ] {
        let bytes = v1(&[&frame(&content, parameters)]);
        for memory_limit in [0, 5000, 1 << 20] {
            let options = OpenOptions { memory_limit, ..OpenOptions::default() };
            let found = look_with(&bytes, &options).unwrap();
            assert!(found.flaws.is_empty(), "{:?}", found.flaws);
            let Remains::Database { image, decoded, .. } = found.remains else { panic!("a database") };
            assert_eq!((&image[..], decoded), (&unmarked(content.clone())[..], content.len() as u64));
            assert_eq!(found.frames.len(), 1);
            assert_eq!(found.frames[0].stored + 5, bytes.len() as u64);
            assert_eq!(found.frames[0].decoded, content.len() as u64);
        }
    }
}

#[test]
fn wherever_a_file_is_cut_what_came_before_is_there() {
    let content = database(100);
    let bytes = v1(&[&frame(&content, &[CParameter::CompressionLevel(1), CParameter::ChecksumFlag(true)])]);
    let expected = unmarked(content);
    let mut before = 0;
    for length in 5..bytes.len() {
        let (image, decoded, flaws) = look(&bytes[..length]);
        let end = format!("is cut off: it ends at byte {length}, inside a zstd frame");
        assert!(length == 5 || flaws[0].ends_with(&end), "{length}: {flaws:?}");
        assert!(decoded >= before, "more bytes, no less of the database");
        before = decoded;
        if decoded >= 100 {
            assert_eq!(image, &expected[..decoded as usize]);
        }
    }
    assert_eq!(before, expected.len() as u64);
}

#[test]
fn no_change_of_a_byte_is_passed_over() {
    let content = database(3);
    let bytes = v1(&[&frame(&content, &[CParameter::ChecksumFlag(true)])]);
    let sound = look(&bytes);
    for at in 5..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            match look_with(&changed, &OpenOptions::default()) {
                Ok(found) if found.flaws.is_empty() => {
                    assert_eq!(look(&changed), sound, "bit {bit} of byte {at}")
                }
                Ok(_) => {}
                Err(error) => assert!(!error.is_damage(), "{error}"),
            }
        }
    }
}

#[test]
fn a_frame_that_declares_another_size_is_damaged() {
    let content = database(2);
    let sound = frame(&content, &[]);
    // The size of a frame of less than 64 KiB has two bytes, and counts from 256.
    let at = sound.windows(2).position(|pair| pair == (content.len() as u16 - 256).to_le_bytes()).unwrap();
    for size in [7000_u16, 9000] {
        let mut changed = sound.clone();
        changed[at..at + 2].copy_from_slice(&(size - 256).to_le_bytes());
        let (_, _, flaws) = look(&v1(&[&changed]));
        assert!(flaws[0].starts_with("frame 1"), "{size}: {flaws:?}");
    }
}

#[test]
fn limits_are_no_damage() {
    let bytes = v1(&[&frame(&database(100), &[])]);
    let limited = |max_decoded| {
        let limits = crate::c1z::Limits { max_decoded, max_ratio: 0, ..Default::default() };
        look_with(&bytes, &OpenOptions { limits, ..OpenOptions::default() })
    };
    assert!(limited(409_600).is_ok());
    assert!(limited(409_599).unwrap_err().is_limit());
    let unsized_frame = v1(&[&frame(&database(100), &[CParameter::ContentSizeFlag(false)])]);
    let limits = crate::c1z::Limits { max_decoded: 100_000, max_ratio: 0, ..Default::default() };
    let error = look_with(&unsized_frame, &OpenOptions { limits, ..OpenOptions::default() }).unwrap_err();
    assert!(error.is_limit(), "{error}");
}

#[test]
fn what_is_no_c1z_is_an_error() {
    for bytes in [&b""[..], b"C1", b"PK\x03\x04", b"C1Z2\0"] {
        assert!(look_with(bytes, &OpenOptions::default()).is_err());
    }
}
