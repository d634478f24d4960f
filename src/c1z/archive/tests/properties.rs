//! Whatever the files are, they come back; whatever the bytes are, nothing panics and limits hold.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::super::super::Limits;
use super::*;

/// Opens and reads everything, and checks that limits hold whatever comes out.
fn survives(bytes: &[u8]) {
    for (max_decoded, memory_limit, check_declared_size) in [(1 << 20, 1 << 20, true), (3000, 1000, false)] {
        let limits = Limits { max_decoded, max_ratio: 0, max_window: 1 << 20, check_declared_size };
        let options = OpenOptions { limits, memory_limit, temp_dir: None };
        let opened = open_reader(&Source::Stdin, &mut &*bytes, None, &options, &mut |_, _| {});
        let Ok(Opened { payload: Payload::Archive(archive), .. }) = opened else { continue };
        let read = archive.entries().iter().filter_map(|entry| archive.read(&entry.name).ok());
        assert!(read.map(|bytes| bytes.len() as u64).sum::<u64>() <= max_decoded);
        for error in archive.inspect(&mut |_, _| {}) {
            sound(error);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_files_come_back_from_every_encoding(
        files in btree_map("[a-z.]{0,3}[a-z]/?[a-zé0-9]{1,120}", vec(any::<u8>(), 0..2000), 0..8),
        repeat in 1..50_usize,
    ) {
        let files: Vec<_> = files.into_iter().map(|(name, content)| (name, content.repeat(repeat))).collect();
        let files: Vec<Named<'_>> = files.iter().map(|(name, content)| (&**name, &**content)).collect();
        for (_, file) in every_encoding(&files) {
            let archive = open_quickly(&file).unwrap();
            check_files(&archive, &files);
            let faults = archive.inspect(&mut |_, _| {});
            prop_assert_eq!(faults.len(), 0);
        }
    }

    #[test]
    fn any_bytes_in_any_place_survive(place in 0..5_usize, bytes in vec(any::<u8>(), 0..400)) {
        let plan = Plan::of(FEW);
        survives(&match place {
            0 => head(&bytes),
            1 => [head(&plan.manifest), bytes].concat(),
            2 => plan.seal_with(&bytes),
            3 => in_tar(&bytes),
            _ => in_tar_zstd(&bytes),
        });
    }

    #[test]
    fn any_change_of_an_archive_survives(
        which in 0..3_usize,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let [(_, indexed), (_, packed), (_, tar)] = every_encoding(&[FEW, &[("large", &[9; 3000])]].concat());
        let mut bytes = [indexed, packed, tar][which].clone();
        for (position, value) in changes {
            let position = position.index(bytes.len());
            bytes[position] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        survives(&bytes);
    }

    /// Changes under hashes that are right again, so that what is behind them is reached.
    #[test]
    fn any_change_of_an_index_survives(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let plan = Plan::of(&[FEW, &[("large", &[9; 3000])]].concat());
        let mut index = plan.index();
        for (position, value) in changes {
            let position = position.index(index.len());
            index[position] = value;
        }
        if cuts {
            index.truncate(cut.index(index.len()));
        }
        survives(&plan.seal_with(&index));
    }

    #[test]
    fn any_change_of_a_tar_header_survives(
        changes in vec((0..512_usize, any::<u8>()), 1..6),
        right in any::<bool>(),
    ) {
        let mut header = tar_header(b"000004.sst", 700, b'0');
        for (position, value) in changes {
            header[position] = value;
        }
        if right {
            sum(&mut header);
        }
        let tar = [&header[..], &[5; 1024], &tar_of(FEW)].concat();
        survives(&in_tar(&tar));
        survives(&in_tar_zstd(&tar));
    }
}
