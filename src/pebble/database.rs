//! Opening a database: from the names of its files to the live tables.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::block::BlockFile;
use super::cache::Cache;
use super::directory::{Directory, number_of};
use super::error::{Error, ErrorKind, Feature};
use super::get;
use super::live_table::LiveTable;
use super::manifest::{COMPARER, Manifest};
use super::markers::Markers;
use super::options::Options;
use super::properties::MERGER;
use super::scan::Scan;
use super::table::Table;
use super::walk::OpenTable;

/// Bytes of files that are announced at a time.
const AHEAD: u64 = 16 << 20;

/// How to open a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// Refuse bytes that differ from their checksum. To turn this off is for looking into damaged files, and for
    /// tests that change bytes.
    pub verify_checksums: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { verify_checksums: true }
    }
}

/// A database that is only read.
pub struct Database<'d> {
    directory: Box<dyn Directory + 'd>,
    options: OpenOptions,
    facts: Facts,
    /// Ordered by level and first key.
    tables: Vec<LiveTable>,
    /// For each table, its file.
    file_of: Vec<usize>,
    files: Vec<File>,
    by_first_key: Vec<usize>,
    newest_first: Vec<usize>,
    cache: Cache,
    lenient: bool,
    lost: Vec<LiveTable>,
}

/// What is known of a database without opening a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The format major version, 13 to 24.
    pub format_version: u64,
    /// The name of the current manifest.
    pub manifest: String,
    /// The next number for a file.
    pub next_file: u64,
    /// The last sequence number.
    pub last_sequence: u64,
}

/// A file of rows.
#[derive(Debug)]
struct File {
    name: String,
    size: u64,
    table: OnceLock<Table>,
    announced: AtomicBool,
}

impl<'d> Database<'d> {
    /// Opens the database of a directory. Of its files only the manifest and the options are read; tables are opened
    /// when they are needed, and errors in them show up then.
    ///
    /// # Errors
    ///
    /// Missing or contradicting files, and everything that is not supported.
    pub fn open(directory: impl Directory + 'd) -> Result<Self, Error> {
        Self::open_with(directory, OpenOptions::default())
    }

    /// As [`Database::open`], with options.
    ///
    /// # Errors
    ///
    /// As [`Database::open`].
    pub fn open_with(directory: impl Directory + 'd, options: OpenOptions) -> Result<Self, Error> {
        let sizes: BTreeMap<String, u64> = directory.files().into_iter().collect();
        let markers = Markers::read(sizes.keys().map(|name| &**name))?;
        check_options(&directory, &sizes)?;
        if !sizes.contains_key(&markers.manifest) {
            return Err(Error::new(markers.manifest, None, ErrorKind::Missing));
        }
        let manifest = Manifest::read(
            &markers.manifest,
            read(&directory, &markers.manifest)?,
            options.verify_checksums,
        )?;
        refuse_logs(&sizes, manifest.oldest_log)?;
        let facts = Facts {
            format_version: markers.format_version,
            manifest: markers.manifest,
            next_file: manifest.next_file,
            last_sequence: manifest.last_sequence,
        };
        let tables = manifest.into_tables().map_err(|kind| Error::new(&*facts.manifest, None, kind))?;
        let mut database = Self::without_tables(directory, facts, options);
        database.add_tables(tables, &sizes)?;
        Ok(database)
    }

    pub(super) fn without_tables(directory: impl Directory + 'd, facts: Facts, options: OpenOptions) -> Self {
        Self {
            directory: Box::new(directory),
            options,
            facts,
            tables: Vec::new(),
            file_of: Vec::new(),
            files: Vec::new(),
            by_first_key: Vec::new(),
            newest_first: Vec::new(),
            cache: Cache::default(),
            lenient: false,
            lost: Vec::new(),
        }
    }

    /// From now on, damaged tables and blocks are passed over.
    pub(super) fn make_lenient(&mut self) {
        self.lenient = true;
    }

    pub(super) fn add_tables(
        &mut self,
        tables: Vec<(LiveTable, u64)>,
        sizes: &BTreeMap<String, u64>,
    ) -> Result<(), Error> {
        let mut known: HashMap<u64, usize> = HashMap::new();
        for (table, stated) in tables {
            let name = table.file_name();
            let found = sizes.get(&name).copied();
            let found = found.ok_or_else(|| Error::new(&*name, None, ErrorKind::Missing))?;
            if found != stated {
                return Err(Error::new(name, None, ErrorKind::Size { stated, found }));
            }
            let file = *known.entry(table.file_number()).or_insert_with(|| {
                let (table, announced) = (OnceLock::new(), AtomicBool::new(false));
                self.files.push(File { name, size: found, table, announced });
                self.files.len() - 1
            });
            self.file_of.push(file);
            self.tables.push(table);
        }
        let tables = &self.tables;
        let all = || (0..tables.len()).collect::<Vec<usize>>();
        (self.by_first_key, self.newest_first) = (all(), all());
        self.by_first_key.sort_by_key(|table| tables.get(*table).map(|table| &table.smallest.user_key));
        self.newest_first.sort_by_key(|table| Reverse(tables.get(*table).map(LiveTable::largest_sequence)));
        Ok(())
    }

    /// What is known without opening a table.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The live tables, ordered by level and first key.
    #[must_use]
    pub fn tables(&self) -> &[LiveTable] {
        &self.tables
    }

    /// The live tables of each level that has any: the level, and its tables ordered by first key.
    pub fn levels(&self) -> impl Iterator<Item = (u8, &[LiveTable])> {
        let levels = self.tables.chunk_by(|one, next| one.level == next.level);
        levels.filter_map(|tables| Some((tables.first()?.level, tables)))
    }

    /// The visible rows from `lower` up to, not including, `upper`.
    ///
    /// Nothing is read before the first row is asked for; then only tables whose bounds overlap the range are opened,
    /// one after the other as the scan reaches them, and only blocks that may hold keys of the range are decoded.
    #[must_use]
    pub fn scan(&self, lower: &[u8], upper: Option<&[u8]>) -> Scan<'_> {
        Scan::new(self, lower, upper)
    }

    /// The value of a key. It is lent where it stands in a file as it is.
    ///
    /// # Errors
    ///
    /// What is wrong with the tables that may hold the key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, Error> {
        get::get(self, key)
    }

    /// Live tables that are left out of a damaged database, because their files are gone.
    #[must_use]
    pub fn lost_tables(&self) -> &[LiveTable] {
        &self.lost
    }

    pub(super) fn lose(&mut self, tables: Vec<LiveTable>) {
        self.lost = tables;
    }

    /// Whether damaged tables and blocks are passed over.
    pub(super) fn is_lenient(&self) -> bool {
        self.lenient
    }

    pub(super) fn verifies(&self) -> bool {
        self.options.verify_checksums
    }

    /// The tables that overlap a range, the first one last.
    pub(super) fn overlapping(&self, lower: &[u8], upper: Option<&[u8]>) -> Vec<usize> {
        let tables = self.by_first_key.iter().rev().copied();
        tables.filter(|table| self.live(*table).overlaps(lower, upper)).collect()
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = usize> {
        self.newest_first.iter().copied()
    }

    /// Numbers of tables come from here only, so there is always one.
    #[expect(clippy::indexing_slicing, reason = "the number is one of ours")]
    pub(super) fn live(&self, table: usize) -> &LiveTable {
        &self.tables[table]
    }

    pub(super) fn first_key(&self, table: usize) -> &[u8] {
        &self.live(table).smallest.user_key
    }

    #[expect(clippy::indexing_slicing, reason = "the number is one of ours")]
    fn file(&self, table: usize) -> (usize, &File) {
        let number = self.file_of[table];
        (number, &self.files[number])
    }

    /// Tells the directory which files come next: those of the last of `waiting`, and some before.
    pub(super) fn announce(&self, waiting: &[usize]) {
        let fresh = |table: &usize| !self.file(*table).1.announced.load(Ordering::Relaxed);
        if !waiting.last().is_some_and(fresh) {
            return;
        }
        let (mut names, mut bytes) = (Vec::new(), 0);
        for table in waiting.iter().rev() {
            let (_, file) = self.file(*table);
            if bytes >= AHEAD {
                break;
            }
            if !file.announced.swap(true, Ordering::Relaxed) {
                names.push(&*file.name);
                bytes += file.size;
            }
        }
        self.directory.prefetch(&names);
    }

    /// The bytes of a table's file.
    pub(super) fn bytes(&self, table: usize) -> Result<BlockFile<'_>, Error> {
        let (_, file) = self.file(table);
        let bytes = read(&*self.directory, &file.name)?;
        let found = bytes.len() as u64;
        if found != file.size {
            return Err(Error::new(&*file.name, None, ErrorKind::Size { stated: file.size, found }));
        }
        Ok(BlockFile { name: &file.name, bytes, verify: self.verifies() })
    }

    /// Opens a table, unless it is open.
    pub(super) fn open_table(&self, table: usize) -> Result<OpenTable<'_>, Error> {
        let bytes = self.bytes(table)?;
        let (number, file) = self.file(table);
        let table = match file.table.get() {
            Some(table) => table,
            None => {
                let table = Table::open(&bytes)?;
                file.table.get_or_init(|| table)
            }
        };
        Ok(OpenTable { file: bytes, table, number, cache: &self.cache, lenient: self.lenient })
    }
}

impl fmt::Debug for Database<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("facts", &self.facts)
            .field("tables", &self.tables)
            .finish_non_exhaustive()
    }
}

pub(super) fn read<'d>(directory: &'d dyn Directory, name: &str) -> Result<&'d [u8], Error> {
    directory.read(name).map_err(|error| Error::new(name, None, ErrorKind::Read(error)))
}

/// Checks the newest options, if there are any.
pub(super) fn check_options(directory: &dyn Directory, sizes: &BTreeMap<String, u64>) -> Result<(), Error> {
    let numbered = sizes.keys().filter_map(|name| {
        let number = name.strip_prefix("OPTIONS-").and_then(|digits| number_of(digits, ""))?;
        Some((number, name))
    });
    let Some((_, name)) = numbered.max() else { return Ok(()) };
    let bytes = read(directory, name)?;
    let options = Options::parse(bytes).map_err(|fault| fault.within(name, 0))?;
    let refuse = |feature| Err(Error::new(&**name, None, ErrorKind::Unsupported(feature)));
    match options {
        Options { comparer: Some(comparer), .. } if comparer != COMPARER => {
            refuse(Feature::Comparer(comparer))
        }
        Options { merger: Some(merger), .. } if merger != MERGER => refuse(Feature::Merger(merger)),
        Options { log_folder: Some(folder), .. } if !folder.is_empty() => refuse(Feature::WriteAheadLog),
        _ => Ok(()),
    }
}

/// Rows that are only in a log would be missing.
pub(super) fn refuse_logs(sizes: &BTreeMap<String, u64>, oldest: u64) -> Result<(), Error> {
    let live = |name: &str| number_of(name, ".log").is_some_and(|number| number >= oldest);
    match sizes.iter().find(|(name, size)| **size > 0 && live(name)) {
        Some((name, _)) => Err(Error::new(&**name, 0, ErrorKind::Unsupported(Feature::WriteAheadLog))),
        None => Ok(()),
    }
}
