//! Whatever the bytes are: no panic, and nothing beyond the limits.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Opens, and checks that the limits hold whatever comes out.
fn survives(bytes: &[u8]) {
    for (max_decoded, memory_limit) in [(1 << 20, 1 << 20), (1 << 20, 5000), (3000, 512 << 20)] {
        for check_declared_size in [true, false] {
            let limits = Limits { max_decoded, max_ratio: 0, max_window: 1 << 20, check_declared_size };
            let options = OpenOptions { limits, memory_limit, temp_dir: None };
            match open_with(bytes, &options) {
                Ok(Opened { payload: Payload::Sqlite(image), .. }) => {
                    assert!(image.len() as u64 <= max_decoded);
                }
                Ok(Opened { payload: Payload::Archive(_), .. }) => {}
                Err(error) => assert!(!error.to_string().contains('\n')),
            }
        }
    }
}

/// Files that a mutation starts from.
fn files() -> Vec<Vec<u8>> {
    let content = database(8);
    let (first, second) = content.split_at(1111);
    vec![
        ordinary(),
        c1z(&[&frame(&content, false, &[])]),
        c1z(&[
            &frame(first, true, &[]),
            &skippable(9),
            &frame(second, false, &[CParameter::ChecksumFlag(false)]),
        ]),
        gzip(&ordinary()),
        content,
    ]
}

proptest! {
    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        survives(&bytes);
    }

    #[test]
    fn any_bytes_after_a_magic_number(magic in 0..5_usize, bytes in vec(any::<u8>(), 0..300)) {
        let frame = [MAGIC_V1, &[0x28, 0xb5, 0x2f, 0xfd]].concat();
        let magic = [MAGIC_V1, &frame, b"SQLite format 3\0", gzip::MAGIC, MAGIC_V3][magic];
        survives(&[magic, &bytes].concat());
    }

    #[test]
    fn any_change_of_a_file(
        which in 0..5_usize,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        tail in vec(any::<u8>(), 0..20),
        cuts in any::<bool>(),
    ) {
        let mut bytes = files().swap_remove(which);
        for (position, value) in changes {
            let position = position.index(bytes.len());
            bytes[position] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(tail);
        survives(&bytes);
    }

    #[test]
    fn any_content_in_any_frames_comes_back(cuts in vec(1..4000_usize, 0..6), sizes in vec(any::<bool>(), 7)) {
        let content = database(8);
        let mut edges = cuts;
        edges.extend([0, content.len()]);
        edges.sort_unstable();
        let frames: Vec<_> = edges
            .windows(2)
            .zip(sizes)
            .flat_map(|(edge, size)| frame(&content[edge[0]..edge[1]], size, &[]))
            .collect();
        prop_assert_eq!(&*image(&c1z(&[&frames])), &content[..]);
    }
}
