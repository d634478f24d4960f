//! Where the image lives, and what is done to it.

use super::*;

#[test]
fn above_the_memory_limit_the_image_is_a_file() {
    let content = database(6000);
    let size = content.len() as u64;
    let (first, second) = content.split_at(1_000_000);
    for file in [
        c1z(&[&frame(&content, true, &[])]),
        c1z(&[&frame(&content, false, &[])]),
        c1z(&[&frame(first, true, &[]), &frame(second, true, &[])]),
        c1z(&[&frame(first, false, &[]), &frame(second, true, &[])]),
        content.clone(),
    ] {
        for memory_limit in [0, 10, 100, 65_536, 700_000, 1_000_000, size - 1, size, size + 1] {
            let options = OpenOptions { memory_limit, ..OpenOptions::default() };
            let image = image_with(&file, &options).unwrap();
            assert_eq!(image.is_in_file(), size > memory_limit, "{memory_limit}");
            assert!(*image == *content, "{memory_limit}");
        }
    }
}

#[test]
fn a_header_that_lies_about_the_size_only_costs_time() {
    for pages in [1, 900, 3_000_000] {
        let mut content = database(6000);
        content[28..32].copy_from_slice(&u32::to_be_bytes(pages));
        let file = c1z(&[&frame(&content, false, &[])]);
        for memory_limit in [1_000_000, 512 << 20] {
            let options = OpenOptions { memory_limit, ..OpenOptions::default() };
            match image_with(&file, &options) {
                Ok(image) => assert!(pages < 6000 && *image == *content),
                Err(error) => assert!(pages > 6000 && error.is_damage(), "{error}"),
            }
        }
    }
}

#[test]
fn a_file_that_misleads_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    let options = OpenOptions::default();
    for pages in [1, 900, 5999, 6000] {
        let mut content = database(6000);
        content[28..32].copy_from_slice(&u32::to_be_bytes(pages));
        let file = c1z(&[&frame(&content, false, &[])]);
        assert_eq!(believe(&file, &options).unwrap().is_none(), pages < 6000);
        for file in [gzip(&file), file] {
            std::fs::write(&path, file).unwrap();
            let opened = open(&Source::from(&*path), &options, &mut |_, _| {});
            assert!(*image_of(opened.unwrap()) == *content);
        }
    }
}

#[test]
fn the_temporary_file_has_no_name_and_its_trouble_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let temp_dir = Some(directory.path().to_owned());
    let options = OpenOptions { memory_limit: 0, temp_dir, ..OpenOptions::default() };
    let image = image_with(&ordinary(), &options).unwrap();
    assert!(image.is_in_file());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);

    let temp_dir = Some(directory.path().join("missing"));
    let options = OpenOptions { memory_limit: 0, temp_dir, ..OpenOptions::default() };
    let error = error_with(&ordinary(), &options);
    assert!(matches!(error.kind(), ErrorKind::TempFile { .. }), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn the_marks_of_a_write_ahead_log_are_taken_away() {
    for (before, after) in [([2, 2], [1, 1]), ([1, 2], [1, 1]), ([1, 1], [1, 1]), ([3, 0], [3, 0])] {
        let mut content = database(300);
        content[18..20].copy_from_slice(&before);
        for file in
            [content.clone(), c1z(&[&frame(&content, true, &[])]), c1z(&[&frame(&content, false, &[])])]
        {
            for memory_limit in [0, 512 << 20] {
                let options = OpenOptions { memory_limit, ..OpenOptions::default() };
                let image = image_with(&file, &options).unwrap();
                assert_eq!(image[18..20], after);
                assert!(image[..18] == content[..18] && image[20..] == content[20..]);
            }
        }
    }
}

#[test]
fn a_lent_image_lives_on() {
    let bytes: &'static [u8] = image(&ordinary()).lend();
    assert_eq!(bytes, database(8));
}
