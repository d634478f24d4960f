//! A small writer of databases, for tests: tables of every format, manifests, and directories in memory.
//!
//! It follows the layouts that the reader's modules draw, byte by byte and without sharing their code. It writes what
//! it is told, sound or not.

mod columnar;
mod columns;
mod database;
mod manifest;
mod memory;
mod random;
mod rows;
mod table;

pub(crate) use database::{DatabaseWriter, bounds};
pub(crate) use manifest::{Edit, TableEdit, log, write_log};
pub(crate) use memory::MemoryDirectory;
pub(crate) use random::Random;
pub(crate) use table::{Compression, Row, Span, TableWriter};

/// Sequence number and kind as they stand behind a user key.
pub(crate) fn internal_key(key: &[u8], sequence: u64, kind: u8) -> Vec<u8> {
    [key, &(sequence << 8 | u64::from(kind)).to_le_bytes()].concat()
}

pub(crate) fn push_uvarint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn push_string(out: &mut Vec<u8>, bytes: &[u8]) {
    push_uvarint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A CRC32C as it stands in files.
pub(crate) fn masked_crc(bytes: &[u8]) -> u32 {
    let crc = crc32c::crc32c(bytes);
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}
