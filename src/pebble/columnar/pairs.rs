//! Blocks of keys and values: the metaindex and the properties.

use super::{Encoding, Header, Slices};
use crate::pebble::error::{Fault, Structure};

const COLUMNS: &[Encoding] = &[Encoding::Slices, Encoding::Slices];

/// A block of keys and values.
#[derive(Debug)]
pub(in crate::pebble) struct Pairs<'b> {
    block: &'b [u8],
    rows: usize,
    keys: Slices,
    values: Slices,
    structure: Structure,
}

impl<'b> Pairs<'b> {
    pub(in crate::pebble) fn parse(block: &'b [u8], structure: Structure) -> Result<Self, Fault> {
        let header = Header::parse(block, false, COLUMNS, structure)?;
        let rows = header.rows;
        Ok(Self { block, rows, keys: header.slices(0, rows)?, values: header.slices(1, rows)?, structure })
    }

    /// The pairs, in order.
    pub(in crate::pebble) fn iter(&self) -> impl Iterator<Item = Result<(&'b [u8], &'b [u8]), Fault>> {
        (0..self.rows).map(|row| {
            let pair = self.keys.get(self.block, row).zip(self.values.get(self.block, row));
            pair.ok_or_else(|| Fault::malformed(self.structure, 0, "a string is outside of its column"))
        })
    }
}
