//! What can be wrong with a database: which file, where in it, and what.

use std::error::Error as StdError;
use std::fmt;

/// A database, or a part of one, that cannot be read.
///
/// Displays as one line, `FILE at byte N: what is wrong`.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    file: String,
    offset: Option<u64>,
    kind: ErrorKind,
}

impl Error {
    pub(super) fn new(file: impl Into<String>, offset: impl Into<Option<u64>>, kind: ErrorKind) -> Self {
        Self(Box::new(Inner { file: file.into(), offset: offset.into(), kind }))
    }

    /// The file of the directory that the error is about.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// Where in the file, in bytes from its start; of something inside a block, where the block starts. None when the
    /// error is about the whole file.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> Class {
        match self.kind() {
            ErrorKind::Unsupported(_) => Class::Unsupported,
            ErrorKind::Read(_) => Class::Directory,
            _ => Class::Corrupt,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.file)?;
        if let Some(offset) = self.0.offset {
            write!(f, " at byte {offset}")?;
        }
        write!(f, ": {}", self.0.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.kind.source()
    }
}

/// The three ways in which reading fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The database is sound, but uses something that is not read here.
    Unsupported,
    /// The bytes contradict the format, themselves or each other.
    Corrupt,
    /// The files could not be had.
    Directory,
}

/// What is wrong. Offsets and sizes are bytes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The directory did not give the file.
    #[error("cannot be read: {0}")]
    Read(#[source] Box<dyn StdError + Send + Sync>),
    /// Something that is not read here.
    #[error("uses {0}, which is not supported")]
    Unsupported(Feature),
    /// The directory has no file that the database needs.
    #[error("is missing")]
    Missing,
    /// The name of a marker does not read `marker.NAME.NUMBER.VALUE`.
    #[error("is no name of a marker")]
    Marker,
    /// A file has another size than the manifest says.
    #[error("has {found} bytes, but should have {stated}")]
    Size {
        /// What it should have.
        stated: u64,
        /// What it has.
        found: u64,
    },
    /// The bytes end inside a structure.
    #[error("ends inside {0}")]
    Cut(Structure),
    /// A structure contradicts its format.
    #[error("{structure} is damaged: {detail}")]
    Malformed {
        /// Which structure.
        structure: Structure,
        /// In which way.
        detail: &'static str,
    },
    /// A checksum differs.
    #[error("{structure} is damaged: its checksum is {computed:08x}, but should be {stored:08x}")]
    Checksum {
        /// Of what.
        structure: Structure,
        /// The checksum beside the bytes.
        stored: u32,
        /// The checksum of the bytes.
        computed: u32,
    },
    /// The last bytes of a table are no magic number.
    #[error("is no table: it does not end with the magic number of one")]
    Magic,
    /// A handle points out of its file.
    #[error("{structure} of {length} bytes does not fit into a file of {size}")]
    Outside {
        /// What should be there.
        structure: Structure,
        /// How long it should be, without its trailer.
        length: u64,
        /// How long the file is.
        size: u64,
    },
    /// A block does not decompress.
    #[error("{structure} does not decompress")]
    Compression {
        /// Which block.
        structure: Structure,
    },
    /// Something declares more than there can be.
    #[error("{structure} declares {declared}, more than the limit of {limit}")]
    TooLarge {
        /// Which structure.
        structure: Structure,
        /// Bytes or rows declared.
        declared: u64,
        /// The limit.
        limit: u64,
    },
    /// The manifest takes away a table that is not there.
    #[error("takes table {number} from level {level}, where it is not")]
    NoSuchTable {
        /// The level.
        level: u8,
        /// The table.
        number: u64,
    },
    /// The manifest adds a table that is there already.
    #[error("adds table {number} twice")]
    TableTwice {
        /// The table.
        number: u64,
    },
    /// A virtual table names a file that the manifest does not know.
    #[error("table {number} is a part of file {backing}, which the manifest does not know")]
    NoSuchBacking {
        /// The virtual table.
        number: u64,
        /// The file.
        backing: u64,
    },
    /// Two tables of a level other than 0 overlap.
    #[error("tables {first} and {second} of level {level} overlap")]
    Overlap {
        /// The level, 1 to 6.
        level: u8,
        /// The table that starts first.
        first: u64,
        /// The other one.
        second: u64,
    },
    /// A table holds a key outside of the bounds that the manifest states.
    #[error("holds a key outside of the bounds of the table")]
    OutOfBounds,
    /// Keys do not ascend.
    #[error("holds keys that are out of order")]
    Order,
    /// A row of a kind that does not belong there.
    #[error("holds a row of the impossible kind {0}")]
    Kind(u8),
    /// A count among the properties of a table differs from what there is.
    #[error("states {stated} as {property}, but has {found}")]
    Count {
        /// Name of the property.
        property: &'static str,
        /// The property.
        stated: u64,
        /// What there is.
        found: u64,
    },
}

/// Parts of files, as errors name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum Structure {
    RecordLog,
    VersionEdit,
    Options,
    Footer,
    Handle,
    Metaindex,
    Properties,
    Index,
    DataBlock,
    RangeDeletions,
    InternalKey,
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RecordLog => "the record log",
            Self::VersionEdit => "a version edit",
            Self::Options => "the options",
            Self::Footer => "the footer",
            Self::Handle => "a block handle",
            Self::Metaindex => "the metaindex block",
            Self::Properties => "the properties block",
            Self::Index => "an index block",
            Self::DataBlock => "a data block",
            Self::RangeDeletions => "the block of range deletions",
            Self::InternalKey => "an internal key",
        })
    }
}

/// What a database may use and this reader does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// A format major version older or newer than those known.
    FormatVersion(u64),
    /// Another order of keys.
    Comparer(String),
    /// Another way to merge values.
    Merger(String),
    /// Another cut of keys into columns.
    KeySchema(String),
    /// A table format that is not known.
    TableFormat(u32),
    /// A table of LevelDB or RocksDB.
    ForeignTable(&'static str),
    /// A checksum other than CRC32C, by its number.
    ChecksumType(u8),
    /// A compression other than none, Snappy and zstd, by its number.
    Compression(u8),
    /// A kind of version edit that is not known, by its tag.
    EditTag(u64),
    /// A property of a table in the manifest that may not be passed over, by its tag.
    TableTag(u64),
    /// Deletions and values of whole ranges of suffixes.
    RangeKeys,
    /// Operands to be merged.
    Merge,
    /// Values in files of their own.
    BlobFiles,
    /// Values in blocks of their own.
    ValueBlocks,
    /// A prefix that is put before every key of a table.
    SyntheticPrefix,
    /// A suffix that replaces that of every key of a table.
    SyntheticSuffix,
    /// A log with rows that are in no table yet: the database was not closed.
    WriteAheadLog,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FormatVersion(version) => write!(f, "format major version {version}"),
            Self::Comparer(name) => write!(f, "the comparer {name:?}"),
            Self::Merger(name) => write!(f, "the merger {name:?}"),
            Self::KeySchema(name) => write!(f, "the key schema {name:?}"),
            Self::TableFormat(version) => write!(f, "table format {version}"),
            Self::ForeignTable(name) => write!(f, "a table of {name}"),
            Self::ChecksumType(3) => f.write_str("XXH64 checksums"),
            Self::ChecksumType(number) => write!(f, "checksum type {number}"),
            Self::Compression(8) => f.write_str("MinLZ compression"),
            Self::Compression(number) => write!(f, "compression {number}"),
            Self::EditTag(tag) => write!(f, "version edit tag {tag}"),
            Self::TableTag(tag) => write!(f, "table tag {tag} in a version edit"),
            Self::RangeKeys => f.write_str("range keys"),
            Self::Merge => f.write_str("MERGE operands"),
            Self::BlobFiles => f.write_str("blob files"),
            Self::ValueBlocks => f.write_str("a value in a value block"),
            Self::SyntheticPrefix => f.write_str("a synthetic prefix"),
            Self::SyntheticSuffix => f.write_str("a synthetic suffix"),
            Self::WriteAheadLog => {
                f.write_str("a write-ahead log with rows that are in no table (the database was not closed)")
            }
        }
    }
}

/// Something wrong inside of bytes whose place in a file the parser does not know.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where, from the start of the bytes.
    pub(super) at: usize,
    pub(super) kind: ErrorKind,
}

impl Fault {
    pub(super) fn malformed(structure: Structure, at: usize, detail: &'static str) -> Self {
        Self { at, kind: ErrorKind::Malformed { structure, detail } }
    }

    pub(super) fn cut(structure: Structure, at: usize) -> Self {
        Self { at, kind: ErrorKind::Cut(structure) }
    }

    pub(super) fn unsupported(at: usize, feature: Feature) -> Self {
        Self { at, kind: ErrorKind::Unsupported(feature) }
    }

    /// The error, where the bytes stand in a file as they are.
    pub(super) fn within(self, file: &str, start: u64) -> Error {
        Error::new(file, start.saturating_add(self.at as u64), self.kind)
    }

    /// The error, where the bytes were decoded from a block.
    pub(super) fn in_block(self, file: &str, block: u64) -> Error {
        Error::new(file, block, self.kind)
    }
}
