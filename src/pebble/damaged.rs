//! Opening what is left of a database.
//!
//! | what is gone | what stands for it |
//! |---|---|
//! | markers | the manifest with the largest number |
//! | the manifest, or a part that matters | every table that is there counts as a whole, those with higher numbers as newer |
//! | a table | nothing |
//! | a block | nothing: scans pass over it |
//!
//! Where newer rows are gone, older ones may come back, and without a manifest those that were deleted by cutting their
//! table.

use std::collections::{BTreeMap, BTreeSet};

use super::block::BlockFile;
use super::database::{Database, Facts, OpenOptions, check_options, read, refuse_logs};
use super::directory::{Directory, number_of};
use super::error::{Error, ErrorKind};
use super::internal_key::{InternalKey, Trailer};
use super::live_table::LiveTable;
use super::manifest::Manifest;
use super::markers::Markers;
use super::table::Table;

/// The sizes of all files, by their names.
type Sizes = BTreeMap<String, u64>;

/// Live tables with the sizes that their files must have.
type Tables = Vec<(LiveTable, u64)>;

impl<'d> Database<'d> {
    /// Opens what is left of a database that may be damaged, and says what is wrong with it as a whole. Tables that the
    /// manifest names and that are not there, or have another size, are left out; of the others, scans pass over what is
    /// damaged.
    ///
    /// `None` when there are neither a manifest nor tables.
    #[must_use]
    pub fn open_damaged(directory: impl Directory + 'd) -> (Option<Self>, Vec<Error>) {
        let mut faults = Vec::new();
        let sizes: Sizes = directory.files().into_iter().collect();
        faults.extend(check_options(&directory, &sizes).err());
        let (facts, tables, lost) = match from_manifest(&directory, &sizes, &mut faults) {
            Some(found) => found,
            None => {
                let tables = all_tables(&directory, &sizes, &mut faults);
                if tables.is_empty() {
                    return (None, faults);
                }
                (Facts::unknown(), tables, Vec::new())
            }
        };
        let mut database = Self::without_tables(directory, facts, OpenOptions::default());
        database.make_lenient();
        database.lose(lost);
        // Every table that is left has its file.
        faults.extend(database.add_tables(tables, &sizes).err());
        (Some(database), faults)
    }
}

impl Facts {
    /// What is known without a manifest.
    fn unknown() -> Self {
        Self { format_version: 0, manifest: String::new(), next_file: 0, last_sequence: 0 }
    }
}

/// What markers and manifest come to, without the tables that are not there, which come last; `None` when it cannot be
/// relied on.
fn from_manifest(
    directory: &dyn Directory,
    sizes: &Sizes,
    faults: &mut Vec<Error>,
) -> Option<(Facts, Tables, Vec<LiveTable>)> {
    let names = || sizes.keys().map(|name| &**name);
    let markers = match Markers::read(names()) {
        Ok(markers) => markers,
        Err(fault) => {
            faults.push(fault);
            Markers::guess(names())?
        }
    };
    let name = markers.manifest;
    if !sizes.contains_key(&name) {
        faults.push(Error::new(name, None, ErrorKind::Missing));
        return None;
    }
    let bytes = read(directory, &name).map_err(|fault| faults.push(fault)).ok()?;
    let (manifest, fault) = Manifest::read_damaged(&name, bytes);
    let whole = fault.is_none();
    faults.extend(fault);
    faults.extend(refuse_logs(sizes, manifest.oldest_log).err());
    let facts = Facts {
        format_version: markers.format_version,
        manifest: name,
        next_file: manifest.next_file,
        last_sequence: manifest.last_sequence,
    };
    let (tables, wrong) = manifest.into_remaining_tables();
    let (kept, lost, missing) = present(tables, sizes);
    // The first part of a manifest tells of a database as it once was.
    if !whole && (!missing.is_empty() || !names_every_table(&kept, sizes)) {
        return None;
    }
    faults.extend(wrong.into_iter().map(|kind| Error::new(&*facts.manifest, None, kind)));
    faults.extend(missing);
    Some((facts, kept, lost))
}

/// The tables whose files are there, the others, and what is wrong with the files of these.
fn present(tables: Tables, sizes: &Sizes) -> (Tables, Vec<LiveTable>, Vec<Error>) {
    let (mut faults, mut told, mut lost) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut kept = tables;
    kept.retain(|(table, stated)| {
        let name = table.file_name();
        let kind = match sizes.get(&name).copied() {
            Some(found) if found == *stated => return true,
            Some(found) => ErrorKind::Size { stated: *stated, found },
            None => ErrorKind::Missing,
        };
        if told.insert(name.clone()) {
            faults.push(Error::new(name, None, kind));
        }
        lost.push(table.clone());
        false
    });
    (kept, lost, faults)
}

fn table_numbers(sizes: &Sizes) -> impl Iterator<Item = (u64, &str, u64)> {
    sizes.iter().filter_map(|(name, size)| Some((number_of(name, ".sst")?, &**name, *size)))
}

fn names_every_table(tables: &Tables, sizes: &Sizes) -> bool {
    let named: BTreeSet<u64> = tables.iter().map(|(table, _)| table.file_number()).collect();
    table_numbers(sizes).all(|(number, _, _)| named.contains(&number))
}

/// Every table that can be opened, as a live one.
fn all_tables(directory: &dyn Directory, sizes: &Sizes, faults: &mut Vec<Error>) -> Tables {
    let mut tables = Vec::new();
    for (number, name, size) in table_numbers(sizes) {
        let opened =
            read(directory, name).and_then(|bytes| Table::open(&BlockFile { name, bytes, verify: true }));
        match opened {
            Err(fault) => faults.push(fault),
            // Its bounds are not known, and no key starts with this byte.
            Ok(_) => {
                let key =
                    |user_key: &[u8]| InternalKey { user_key: user_key.into(), trailer: Trailer::new(0) };
                let (smallest, largest) = (key(b""), key(b"\xff"));
                // Rows of an ingested table do not tell their age, but its number does: a later table has a higher one.
                let age = number.max(1);
                let (level, backing, sequences) = (0, None, Some((age, age)));
                tables.push((LiveTable { level, number, backing, size, smallest, largest, sequences }, size));
            }
        }
    }
    tables
}
