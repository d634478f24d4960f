//! Scans that pass over what is damaged: every row that is given was written, and every one that is not was lost where
//! the checkup says.

use std::collections::BTreeMap;

use super::*;
use crate::pebble::testing::{Compression, Random};
use crate::pebble::{Gap, MAX_FAULTS};

const FILE: &str = "000005.sst";

/// What is left, and where keys may be lost.
fn remains(directory: &MemoryDirectory) -> Option<(Vec<Pair>, Vec<Gap>)> {
    let (database, _) = Database::open_damaged(directory);
    let database = database?;
    let rows = collect(&database, b"", None).expect("what is damaged is passed over");
    let lost = database.lost_tables().iter().map(Gap::of);
    let gaps = database.tables().iter().flat_map(|table| database.check(table).gaps).chain(lost);
    Some((rows, gaps.collect()))
}

#[test]
fn a_sound_database_has_no_gaps() {
    let rows = many(60);
    let mut writer = TableWriter::new(7);
    writer.block_size = 90;
    let (found, gaps) = remains(&one_table(&writer, &rows, &[])).unwrap();
    assert_eq!((found, gaps), (pairs_of(&rows), Vec::new()));
}

#[test]
fn rows_are_missing_only_where_a_gap_is() {
    let mut random = Random::new(5);
    let (mut whole, mut partly) = (0, 0);
    for round in 0..400 {
        let mut writer = TableWriter::new(1 + random.below(7) as u32);
        writer.block_size = random.of(&[60, 200]);
        writer.index_entries = random.of(&[3, usize::MAX]);
        writer.compression = random.of(&[Compression::None, Compression::Snappy]);
        let rows = many(40 + random.below(60) as u64);
        let mut directory = one_table(&writer, &rows, &[Span::new(b"b", b"c", 3)]);
        let file = directory.file(FILE);
        for _ in 0..1 + random.below(3) {
            let at = random.below(file.len());
            file[at] ^= 1 << random.below(8);
        }
        let Some((found, gaps)) = remains(&directory) else { continue };
        let found: BTreeMap<Vec<u8>, Vec<u8>> = found.into_iter().collect();
        let sound: BTreeMap<Vec<u8>, Vec<u8>> = pairs_of(&rows).into_iter().collect();
        for (key, value) in &found {
            assert_eq!(sound.get(key), Some(value), "round {round}");
        }
        for key in sound.keys().filter(|key| !found.contains_key(*key)) {
            assert!(
                gaps.iter().any(|gap| gap.contains(key)),
                "round {round}: {key:?} is in none of {gaps:?}"
            );
        }
        whole += usize::from(found.len() == sound.len());
        partly += usize::from(!found.is_empty() && found.len() < sound.len());
        assert!(gaps.len() <= MAX_FAULTS + 1);
    }
    assert!(partly > 50, "{partly} partly, {whole} whole");
}
