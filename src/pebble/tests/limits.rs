//! What files declare is checked against limits before anything is allocated for it.

use super::*;
use crate::pebble::testing::{Compression, Edit, TableEdit, internal_key, push_uvarint};
use crate::pebble::{MAX_BLOCK, Structure};

#[test]
fn a_block_that_declares_too_much_is_not_decoded() {
    for compression in [Compression::Snappy, Compression::Zstd] {
        let mut writer = TableWriter::new(7);
        writer.compression = compression;
        let mut directory = one_table(&writer, &many(500), &[]);
        let mut declared = Vec::new();
        push_uvarint(&mut declared, MAX_BLOCK as u64 + 1);
        directory.file("000005.sst")[..declared.len()].copy_from_slice(&declared);
        let database = Database::open_with(&directory, UNCHECKED).unwrap();
        let error = collect(&database, b"", None).unwrap_err();
        let expected = |kind: &ErrorKind| {
            let ErrorKind::TooLarge { structure: Structure::DataBlock, declared, limit } = *kind else {
                return false;
            };
            declared == MAX_BLOCK as u64 + 1 && limit == MAX_BLOCK as u64
        };
        assert!(expected(error.kind()), "{error}");
    }
}

/// Many virtual tables of one small file that decodes to much.
#[test]
fn a_scan_does_not_hold_more_than_its_budget() {
    let mut database = DatabaseWriter::new();
    let mut writer = TableWriter::new(7);
    writer.compression = Compression::Zstd;
    let rows = [Row::set(b"k", 9, &vec![0; 10 << 20])];
    let (file, size) = database.write_file(&writer, &rows, &[]);
    assert!(size < 4096);
    let mut edit = Edit::default().backing(file, size as u64);
    for _ in 0..40 {
        let number = database.next_number();
        let table = TableEdit { backing: Some(file), ..TableEdit::new(number, size, b"k", b"k") };
        edit = edit.add(&table);
    }
    database.edits.push(edit);
    let directory = database.finish();
    let database = Database::open(&directory).unwrap();
    let error = collect(&database, b"", None).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge { structure: Structure::DataBlock, .. }), "{error}");
    assert_eq!(database.get(b"k").unwrap().unwrap().len(), 10 << 20, "a look-up needs no more than one");
}

/// Rows of four bytes each that share a long key.
#[test]
fn keys_that_unfold_to_too_much_are_refused() {
    let long = internal_key(&[b'k'; 1 << 20], 9, 1);
    let mut block = vec![0];
    push_uvarint(&mut block, long.len() as u64);
    block.push(0);
    block.extend_from_slice(&long);
    for _ in 0..80 {
        push_uvarint(&mut block, long.len() as u64);
        block.extend([0, 0]);
    }
    block.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    let mut rows = crate::pebble::row_block::RowBlock::default();
    let fault = rows.parse(&block, 1).unwrap_err();
    assert!(
        matches!(fault.kind, ErrorKind::TooLarge { structure: Structure::DataBlock, limit, .. } if limit == MAX_BLOCK as u64)
    );
}

/// A block whose header declares many rows in few bytes.
#[test]
fn rows_that_take_no_bytes_are_refused() {
    let mut writer = TableWriter::new(7);
    writer.block_size = 1 << 20;
    let mut directory = one_table(&writer, &many(9), &[]);
    directory.file("000005.sst")[7..11].copy_from_slice(&0x000f_ffff_u32.to_le_bytes());
    let database = Database::open_with(&directory, UNCHECKED).unwrap();
    let error = collect(&database, b"", None).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge { declared: 0x000f_ffff, .. }), "{error}");
}
