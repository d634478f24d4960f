//! Every shape that a zstd stream may have, and what frames may declare.

use super::*;

const NO_CHECKSUM: CParameter = CParameter::ChecksumFlag(false);

#[test]
fn frames_of_every_shape_decode() {
    let content = database(2000);
    for size in [true, false] {
        for parameters in
            [&[][..], &[NO_CHECKSUM], &[CParameter::WindowLog(10)], &[CParameter::WindowLog(27)]]
        {
            let file = c1z(&[&frame(&content, size, parameters)]);
            assert_eq!(*image(&file), *content, "{size} {parameters:?}");
        }
    }
}

#[test]
fn several_frames_are_one_image() {
    let content = database(2000);
    let (head, rest) = content.split_at(50);
    let (middle, tail) = rest.split_at(300_000);
    for sizes in 0..8 {
        let file = c1z(&[
            &skippable(0),
            &frame(head, sizes & 1 != 0, &[]),
            &frame(b"", true, &[]),
            &skippable(70_000),
            &frame(middle, sizes & 2 != 0, &[NO_CHECKSUM]),
            &frame(tail, sizes & 4 != 0, &[]),
            &skippable(3),
        ]);
        assert_eq!(*image(&file), *content, "{sizes:03b}");
    }
}

#[test]
fn a_frame_for_every_byte_decodes() {
    let content = database(8);
    let frames: Vec<_> = content.chunks(1).flat_map(|byte| frame(byte, true, &[])).collect();
    assert_eq!(*image(&c1z(&[&frames])), *content);
}

#[test]
fn only_skippable_frames_are_an_empty_store() {
    assert!(image(&c1z(&[&skippable(10), &skippable(0)])).is_empty());
}

#[test]
fn a_skippable_frame_that_is_cut_off_says_where_the_file_ends() {
    let file = c1z(&[&frame(&database(8), true, &[]), &skippable(100)]);
    for cut in 1..108 {
        let length = file.len() - cut;
        let error = error(&file[..length]);
        assert!(
            matches!(error.kind(), ErrorKind::Truncated { offset, .. } if *offset == length as u64),
            "{length}: {error}"
        );
    }
}

/// A file of one frame, with the declared size overwritten.
fn declaring(content: &[u8], size: u32) -> Vec<u8> {
    // A window below the content, so that the frame is not single-segment: magic, descriptor, window, size.
    let mut file = c1z(&[&frame(content, true, &[CParameter::WindowLog(17)])]);
    assert_eq!(file[9] >> 6, 2);
    file[11..15].copy_from_slice(&size.to_le_bytes());
    file
}

#[test]
fn a_false_content_size_is_damage() {
    let content = database(1000);
    assert_eq!(*image(&declaring(&content, 512_000)), *content);
    for size in [0, 1, 511_999, 512_001, 600_000, 100_000_000, 4_000_000_000] {
        let file = declaring(&content, size);
        for memory_limit in [0, 100_000, 512_000, 512 << 20] {
            let options = OpenOptions { memory_limit, ..OpenOptions::default() };
            let error = error_with(&file, &options);
            assert!(matches!(error.kind(), ErrorKind::Corrupt { offset: 5, .. }), "{size}: {error}");
        }
    }
}

#[test]
fn a_declared_size_over_the_limit_is_refused_by_name() {
    let file = declaring(&database(1000), 4_000_000_000);
    let error = error_with(&file, &limited(512_000));
    assert!(matches!(
        error.kind(),
        ErrorKind::DeclaredTooLarge { offset: 5, declared: 4_000_000_000, limit: 512_000 }
    ));
    assert!(error.to_string().contains("4000000000"), "{error}");
    assert!(error.hint().unwrap().contains("BATON_DECODER_MAX_DECODED_SIZE_MB=3815"));
}

#[test]
fn without_the_check_only_decoded_bytes_count() {
    let content = database(1000);
    let mut options = limited(512_000);
    options.limits.check_declared_size = false;
    let lying = error_with(&declaring(&content, 4_000_000_000), &options);
    assert!(matches!(lying.kind(), ErrorKind::Corrupt { .. }), "{lying}");
    options.limits.max_decoded = 511_999;
    let error = error_with(&c1z(&[&frame(&content, true, &[])]), &options);
    assert!(matches!(error.kind(), ErrorKind::TooLarge { limit: 511_999 }));
}

#[test]
fn decoded_bytes_are_counted_over_all_frames() {
    let content = database(1000);
    let (first, second) = content.split_at(200_000);
    for size in [true, false] {
        let file = c1z(&[&frame(first, size, &[]), &frame(second, size, &[])]);
        for memory_limit in [0, 300_000, 512 << 20] {
            let exact = OpenOptions { memory_limit, ..limited(512_000) };
            assert_eq!(*image_with(&file, &exact).unwrap(), *content);
            let less = OpenOptions { memory_limit, ..limited(511_999) };
            let error = error_with(&file, &less);
            assert!(error.is_limit(), "{error}");
            assert!(error.hint().unwrap().contains("BATON_DECODER_MAX_DECODED_SIZE_MB"));
        }
    }
}

fn with_window(max_window: u64) -> OpenOptions {
    let limits = Limits { max_window, ..Limits::default() };
    OpenOptions { limits, ..OpenOptions::default() }
}

#[test]
fn a_window_over_the_limit_is_refused_by_name() {
    let file = c1z(&[&frame(&database(1000), false, &[CParameter::WindowLog(19)])]);
    assert_eq!(image_with(&file, &with_window(1 << 19)).unwrap().len(), 512_000);
    let error = error_with(&file, &with_window((1 << 19) - 1));
    assert!(matches!(error.kind(), ErrorKind::Window { offset: 5, declared: 524_288, .. }));
    assert!(error.to_string().contains("524288 bytes"), "{error}");
    assert!(error.hint().unwrap().contains("BATON_DECODER_MAX_MEMORY_MB=1"));
}

#[test]
fn a_single_segment_counts_as_window() {
    let file = c1z(&[&frame(&database(1000), true, &[])]);
    let error = error_with(&file, &with_window(511_999));
    assert!(matches!(error.kind(), ErrorKind::Window { declared: 512_000, .. }), "{error}");
    assert_eq!(image_with(&file, &with_window(512_000)).unwrap().len(), 512_000);
}
