//! Writes the columnar blocks of tables.

use super::columns::{Column, Widths, block};
use super::table::{Row, Span};

/// Rows per bundle of keys, as a power of two.
const SHIFT: u8 = 4;

pub(super) fn data_block(rows: &[Row], widths: Widths) -> Vec<u8> {
    let keys: Vec<Vec<u8>> = rows.iter().map(|row| row.key.clone()).collect();
    let longest = keys.iter().map(Vec::len).max().unwrap_or(0) as u32;
    let changed = (0..rows.len()).map(|row| row == 0 || keys[row - 1] != keys[row]).collect();
    let columns = [
        Column::Prefixes(keys, SHIFT),
        Column::Slices(vec![Vec::new(); rows.len()]),
        Column::Uints(rows.iter().map(Row::trailer).collect()),
        Column::Bools(changed),
        Column::Slices(rows.iter().map(|row| row.value.clone()).collect()),
        Column::Bools(rows.iter().map(|row| row.external).collect()),
        Column::Bools(rows.iter().map(|row| row.obsolete).collect()),
    ];
    block(Some(longest), rows.len(), &columns, widths)
}

/// Separators with offset and length.
pub(super) fn index_block(entries: &[(Vec<u8>, u64, u64)], widths: Widths) -> Vec<u8> {
    let columns = [
        Column::Slices(entries.iter().map(|(separator, _, _)| separator.clone()).collect()),
        Column::Uints(entries.iter().map(|(_, offset, _)| *offset).collect()),
        Column::Uints(entries.iter().map(|(_, _, length)| *length).collect()),
        Column::Slices(vec![b"props".to_vec(); entries.len()]),
    ];
    block(None, entries.len(), &columns, widths)
}

/// Spans that are sorted, and equal or apart.
pub(super) fn span_block(spans: &[Span], widths: Widths) -> Vec<u8> {
    let mut boundaries: Vec<Vec<u8>> =
        spans.iter().flat_map(|span| [span.start.clone(), span.end.clone()]).collect();
    boundaries.sort();
    boundaries.dedup();
    let first_rows =
        boundaries.iter().map(|boundary| spans.iter().filter(|span| span.start < *boundary).count() as u64);
    let columns = [
        Column::Slices(boundaries.clone()),
        Column::Uints(first_rows.collect()),
        Column::Uints(spans.iter().map(|span| span.sequence << 8 | 15).collect()),
        Column::Slices(vec![Vec::new(); spans.len()]),
        Column::Slices(vec![Vec::new(); spans.len()]),
    ];
    block(Some(boundaries.len() as u32), spans.len(), &columns, widths)
}

pub(super) fn pair_block(pairs: &[(String, Vec<u8>)], widths: Widths) -> Vec<u8> {
    let columns = [
        Column::Slices(pairs.iter().map(|(name, _)| name.clone().into_bytes()).collect()),
        Column::Slices(pairs.iter().map(|(_, value)| value.clone()).collect()),
    ];
    block(None, pairs.len(), &columns, widths)
}
