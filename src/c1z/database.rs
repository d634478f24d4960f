//! The first 100 bytes of a SQLite database: as much of it as the container needs to know.
//!
//! ```text
//! offset  bytes
//!      0     16  "SQLite format 3\0"
//!     16      2  page size, big-endian; 1 means 65,536
//!     18      1  file format for writing: 1 rollback journal, 2 write-ahead log
//!     19      1  file format for reading: the same
//!     24      4  change counter, big-endian
//!     28      4  pages in the database, big-endian; meaningful only if the next equals the change counter
//!     92      4  the change counter when the number of pages was stored
//! ```

use super::error::ErrorKind;

/// The first 16 bytes of every SQLite database.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// The size of the header, and the least size of a database.
pub(super) const HEADER: usize = 100;

/// Positions of the two bytes that say "write-ahead log".
///
/// Where they are 2, the database was last written in WAL mode, and SQLite would look for the log in a `-wal`
/// file beside it. No such file travels inside a c1z (the writer moves the log into the database before it
/// compresses it), and an image in memory has nothing beside it, so SQLite would refuse the first query. With
/// 1 in both places the same pages are an ordinary database.
pub(super) const JOURNAL_MODES: [usize; 2] = [18, 19];
const WRITE_AHEAD_LOG: u8 = 2;
pub(super) const ROLLBACK_JOURNAL: u8 = 1;

/// The positions in `header` that say "write-ahead log".
pub(super) fn log_marks(header: &[u8]) -> impl Iterator<Item = usize> {
    let marked = |at: &usize| header.get(*at) == Some(&WRITE_AHEAD_LOG);
    JOURNAL_MODES.into_iter().filter(marked)
}

/// The size that the header states: page size times page count. None when it states none that can be relied
/// on.
pub(super) fn stated_size(header: &[u8]) -> Option<u64> {
    let word = |at: usize| {
        let bytes = header.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*bytes))
    };
    let page_size = match header.get(16..)?.first_chunk::<2>() {
        Some(&[0, 1]) => 1 << 16,
        Some(&bytes) => u64::from(u16::from_be_bytes(bytes)),
        None => return None,
    };
    let pages = u64::from(word(28)?);
    let sound = page_size >= 512 && page_size.is_power_of_two();
    (sound && pages > 0 && word(24)? == word(92)?).then_some(page_size * pages)
}

/// Checks the first bytes of a payload of `length` bytes (all of them, or at least [`HEADER`]).
pub(super) fn check(header: &[u8], length: u64) -> Result<(), ErrorKind> {
    if !header.starts_with(MAGIC) {
        let first = header.iter().take(MAGIC.len()).copied().collect();
        return Err(ErrorKind::NotSqlite { first });
    }
    let declared = stated_size(header).unwrap_or(HEADER as u64);
    if declared > length {
        return Err(ErrorKind::TruncatedDatabase { declared, actual: length });
    }
    Ok(())
}
