//! Looking at a file for its own sake, below its records.
//!
//! [`verify`] looks at every byte of a file, bottom up, and says what is wrong with it and where. Each layer is looked
//! at as far as the one below it leaves something to look at: behind a damaged block of a frame nothing is left, but
//! everything before it is; a damaged page or block takes its own rows with it and no others.
//!
//! ```text
//! layer         v1                                     v3
//! container     magic number                           magic number, manifest and its hash
//! compression   zstd frames: sizes, blocks, checksum   the same, of a tar in zstd
//! archive                                              index, frames, hash of each file, or the headers of the tar
//! database      header, pages, free pages              markers, options, MANIFEST with its checksums
//! table                                                footers, every block's checksum, order of keys, counts
//! schema        tables and columns                     stamps of the keyspace, indexes against records
//! record        messages, against their columns        messages, against their keys
//! sync          sync runs, kept counts, orphans        the sync run, against the manifest; kept counts
//! ```
//!
//! # What no check can find
//!
//! A bit that is changed is found, or nobody reads it; but not where a writer left out what vouches for it:
//!
//! | where | what vouches for it otherwise | what remains |
//! |---|---|---|
//! | a v1 file whose frame has no checksum, and a bare database | the structure of the pages, messages that parse, columns that repeat keys, counts | texts and numbers inside a record |
//! | the manifest of a tar, and one whose index records no hash of it | engine and encoding must be known ones; its sync and its counts must be those of the database | durations and calls that it counts; the digit in the name of the engine; what describes messages |
//! | padding: of a tar, of the footers of old tables | nothing | nothing reads it |
//! | a table that is not live | nothing | nothing reads it; that it is there is told |
//!
//! The SHA-256 of each file in an index is not computed: the index vouches for it with a hash of its own, and for the file
//! with another.

mod container;
mod dump;
mod findings;
mod output;
mod pebble;
mod report;
mod rows;
mod salvage;
mod sqlite;
mod syncs;
mod words;

pub use dump::{DumpError, Keys, dump};
pub use report::{Count, Fault, Layer, MAX_FAULTS, More, Readable, Report, Step, SyncCounts};
pub use rows::FAULTS;
pub use salvage::{Losses, Lost, SalvageError, Salvaged, salvage};

use crate::c1z::{self, Archive, OpenOptions, Source};
use crate::store::{Pairs, Tables};
use findings::Findings;

/// What came of looking at a file, and what is left of it.
#[derive(Debug)]
pub struct Verified {
    /// What was found.
    pub report: Report,
    /// What of its database can still be read.
    pub remains: Remains,
}

/// What of a database can be read, however damaged it is.
#[derive(Debug)]
pub enum Remains {
    /// The tables of a SQLite database.
    Sqlite(Box<Tables>),
    /// The keys and values of a Pebble database.
    Pebble(Box<Pairs>),
    /// There is nothing left of it.
    Nothing,
}

/// A file that cannot be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is no c1z at all, cannot be read, or asks for more than the limits allow.
    #[error(transparent)]
    Container(#[from] c1z::Error),
}

/// Called now and then: what is being done, how far that has come, and where it will end if that is known.
pub type Observer<'a> = &'a mut dyn FnMut(&'static str, u64, Option<u64>);

/// An [`Observer`] of one thing that is done.
type Stage<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// Looks at a whole file.
///
/// # Errors
/// [`VerifyError`] for what is no c1z, cannot be read or is too large. A damaged one is no error: see
/// [`Report::is_sound`].
pub fn verify(
    source: &Source,
    options: &OpenOptions,
    observer: Observer<'_>,
) -> Result<Verified, VerifyError> {
    let inspection = c1z::inspect(source, options, &mut |done, total| observer("unpacking", done, total))?;
    let mut findings = Findings::default();
    let flaws = container::look(&inspection, &mut findings);
    let format = container::format_of(&inspection);
    let bytes = inspection.bytes;
    let (engine, readable, remains) = match inspection.remains {
        c1z::Remains::Nothing => {
            sqlite::look_at_size(flaws, &mut findings);
            (None, Readable::default(), Remains::Nothing)
        }
        c1z::Remains::Database { image, decoded, declared } => {
            sqlite::look_at_size(flaws, &mut findings);
            let tables = Box::new(Tables::open(image));
            let syncs = sqlite::look(&tables, declared.unwrap_or(decoded), observer, &mut findings);
            (Some("sqlite"), Readable { decoded, declared, syncs }, Remains::Sqlite(tables))
        }
        c1z::Remains::Archive(archive) => {
            let (readable, remains) = archive_of(*archive, flaws, observer, &mut findings);
            (Some("pebble"), readable, remains)
        }
    };
    let (steps, faults, more) = findings.finish();
    let file = source.to_string();
    let report = Report { file, engine, format, bytes, steps, faults, more, readable };
    Ok(Verified { report, remains })
}

/// Looks at the files of a v3 file, and at the database that they are.
fn archive_of(
    archive: Archive,
    flaws: Vec<Fault>,
    observer: Observer<'_>,
    findings: &mut Findings,
) -> (Readable, Remains) {
    let declared = archive.entries().iter().map(|entry| entry.size).sum();
    let decoded = container::look_at_files(
        &archive,
        flaws,
        &mut |done, total| observer("unpacking", done, total),
        findings,
    );
    let (pairs, faults) = Pairs::open(archive);
    pebble::look_at_directory(pairs.as_ref(), &faults, findings);
    let mut readable = Readable { decoded, declared: Some(declared), syncs: Vec::new() };
    let Some(pairs) = pairs else { return (readable, Remains::Nothing) };
    readable.syncs = pebble::look(&pairs, observer, findings);
    (readable, Remains::Pebble(Box::new(pairs)))
}
