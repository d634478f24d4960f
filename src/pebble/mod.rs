//! Reading Pebble databases: directories that CockroachDB's storage engine leaves behind.
//!
//! This room knows nothing of what the rows mean. It is given the files of a database ([`Directory`]), opens it
//! ([`Database`]), and gives its rows in the order of their keys ([`Scan`]), one of them ([`Database::get`]), or what
//! the tables say of themselves ([`LiveTable`], [`Database::describe`], [`Database::check`]). It never writes.
//!
//! # Who writes them
//!
//! Connectors built with the Go SDK, through Pebble 2.1: format major version 24, columnar tables in Snappy. Small
//! writers may use the oldest forms: one table of rows, uncompressed. The layouts are those of Pebble's packages
//! `record`, `internal/manifest`, `sstable`, `sstable/colblk` and `sstable/rowblk`.
//!
//! # From the directory to a row
//!
//! ```text
//! marker.format-version.000001.024     an empty file: the format major version is 24          markers
//! marker.manifest.000001.MANIFEST-7    an empty file: the current manifest
//! MANIFEST-7                           a log of version edits                                 record_log, version_edit
//! OPTIONS-9                            text; need not be there                                options
//! 000004.sst 000005.sst …              tables                                                 table
//! 000011.log                           the log of changes that are in no table yet: must be empty
//!
//! version edits, one after the other
//!   → live tables                      number, level, bounds, sequence numbers                manifest, live_table
//!       a table is its whole file, or *virtual*: the part of another file within its bounds
//!
//! file of a table                                                                             table
//! ┌──────────────┬─────────────┬───────────────┬────────────┬───────────┬────────┐
//! │ data block … │ index block │ range deletes │ properties │ metaindex │ footer │
//! └──────▲───────┴──▲───┬──────┴───────▲───────┴─────▲──────┴─▲──┬──────┴──┬──┬──┘
//!        └──────────┼───┘              └─────────────┴────────┼──┘         │  │
//!                   └─────────────────────────────────────────┼────────────┼──┘
//!                                                             └────────────┘
//! block  := bytes, indicator(1), checksum(4)                                                  block
//!           plain, Snappy or zstd; inside, rows (formats 1 to 4) or columns (5 to 7)          row_block, columnar
//!
//! row    := user key, sequence number(56 bits), kind(8 bits), value                           internal_key
//! ```
//!
//! # What is visible
//!
//! Levels do not matter to a reader, sequence numbers do. Of all rows of a key, in all live tables and within the
//! bounds of each, the one with the highest sequence number counts; rows that are marked obsolete do not. It is
//! visible if it sets a value, and no range deletion of any table lies around the key with a sequence number above
//! the row's. Rows and range deletions of an *ingested* table all have the sequence number that the manifest states
//! ([`LiveTable::synthetic_sequence`]).
//!
//! A file may hold rows that were deleted by cutting it: they lie outside of the bounds of all virtual tables.
//!
//! # What it costs
//!
//! Opening reads names, the manifest and the options. A table is opened when a scan reaches its first key, or a
//! look-up falls into its bounds; of its blocks only those that may hold the keys are decoded. Where one table alone
//! covers a stretch, a scan goes through its blocks without comparing keys with those of others. Keys are put together
//! in memory that is used again; values are lent from where they stand.
//!
//! # Limits
//!
//! Bytes are not trusted: checksums are compared before parsing ([`OpenOptions`] can turn this off), sizes and counts
//! checked before memory is taken.
//!
//! | what | limit |
//! |---|---|
//! | a block, decoded | [`MAX_BLOCK`], 64 MiB; so too its keys when put together |
//! | rows of a block | [`MAX_ROWS`], and no more than it has bytes |
//! | decoded blocks that a scan holds | 256 MiB |
//! | blocks kept for look-ups | 256, of 8 MiB together |
//! | format major versions | [`FORMAT_VERSIONS`] |
//! | table formats | 1 to [`MAX_TABLE_FORMAT`] |
//!
//! # What is not read
//!
//! Each of these is an error that names the [`Feature`], the file, and where in it: MinLZ and other compressions,
//! checksums other than CRC32C, range keys, MERGE operands, blob files, visible values in value blocks, synthetic
//! prefixes and suffixes, other comparers, mergers and key schemas, other versions, a write-ahead log with rows. Bloom
//! filters and block properties are passed over.

mod block;
mod bytes;
mod cache;
mod columnar;
mod cursor;
mod damaged;
mod data_block;
mod database;
mod directory;
mod error;
mod footer;
mod get;
mod index;
mod inspect;
mod internal_key;
mod live_table;
mod manifest;
mod markers;
mod options;
mod properties;
mod range_del;
mod record_log;
mod row_block;
mod scan;
mod table;
mod version_edit;
mod walk;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use database::{Database, Facts, OpenOptions};
pub use directory::Directory;
pub use error::{Class, Error, ErrorKind, Feature, Structure};
pub use footer::MAX_TABLE_FORMAT;
pub use inspect::{BlockPlace, Checkup, Description, Gap, MAX_FAULTS, RangeDeletion};
pub use internal_key::{InternalKey, MAX_SEQUENCE, Trailer};
pub use live_table::LiveTable;
pub use markers::FORMAT_VERSIONS;
pub use properties::Properties;
pub use scan::Scan;
pub use version_edit::MAX_LEVEL;

/// The most bytes that a block may decode to.
pub const MAX_BLOCK: usize = 64 << 20;
/// The most rows that a block may have.
pub const MAX_ROWS: usize = 1 << 20;
