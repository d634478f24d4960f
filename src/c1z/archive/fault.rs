//! What can be wrong with an archive.

use super::super::error::{Size, raise};
use super::super::limits::MAX_DECODED_SIZE_MB;
use super::{ENGINES, MAX_INDEX, MAX_MANIFEST};

/// What is wrong with a version 3 file.
///
/// Offsets count as in [`ErrorKind`](super::super::ErrorKind). Names are those of files inside the archive; in
/// messages they are escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The head declares a longer manifest than there ever is.
    #[error("declares a manifest of {}, more than the {} that one may have", Size(*declared), Size(MAX_MANIFEST))]
    ManifestTooLarge {
        /// The declared length.
        declared: u64,
    },
    /// The manifest is no protobuf message.
    #[error("has a damaged manifest: a field at byte {offset} is malformed")]
    Manifest {
        /// Position of the field.
        offset: u64,
    },
    /// The manifest names an engine that nobody here can read.
    #[error("{}", unknown_engine(engine))]
    Engine {
        /// The name; empty when there is none.
        engine: String,
    },
    /// The manifest names no payload encoding, or one that was given up or is not known yet.
    #[error("{}", unknown_encoding(*encoding))]
    Encoding {
        /// The number; 0 when there is none.
        encoding: u64,
    },
    /// The file does not end with the mark of an indexed payload.
    #[error("is cut off or damaged: the 8 bytes from byte {offset} on, its last, are not the end mark")]
    EndMark {
        /// Position of the last 8 bytes.
        offset: u64,
    },
    /// The footer leads to an index that would not lie between the payload and the footer.
    #[error(
        "is damaged: the footer at byte {offset} puts an index of {length} bytes at byte {start}, which does not \
         fit between the manifest and the footer"
    )]
    IndexPlace {
        /// Position of the footer.
        offset: u64,
        /// Where the index would start.
        start: u64,
        /// The length that it would have.
        length: u64,
    },
    /// The footer declares a longer index than there ever is.
    #[error("declares an index of {}, more than the {} that one may have", Size(*declared), Size(MAX_INDEX))]
    IndexTooLarge {
        /// Position of the footer.
        offset: u64,
        /// The declared length.
        declared: u64,
    },
    /// The index is not what its hash in the footer says.
    #[error("is damaged: the index at byte {offset} does not match its hash")]
    IndexHash {
        /// Position of the index.
        offset: u64,
    },
    /// The index is no protobuf message.
    #[error("has a damaged index: a field at byte {offset} is malformed")]
    Index {
        /// Position of the field.
        offset: u64,
    },
    /// The manifest is not what its hash in the index says.
    #[error("is damaged: the manifest does not match its hash")]
    ManifestHash,
    /// A file has a name that it must not have.
    #[error("is damaged: the entry at byte {offset}{} has a name that {fault}", of_tar(*packed))]
    Name {
        /// Position of the entry.
        offset: u64,
        /// Whether the position is one in the unpacked tar.
        packed: bool,
        /// What is wrong with the name.
        fault: NameFault,
    },
    /// An entry of the index makes no sense.
    #[error("has a damaged index: the entry of {name:?} at byte {offset} {fault}")]
    Entry {
        /// Position of the entry.
        offset: u64,
        /// The file.
        name: String,
        /// What is wrong.
        fault: EntryFault,
    },
    /// The files together declare more content than allowed; nothing was decoded.
    #[error(
        "is too large: its files declare {} of content, more than the limit of {}",
        Size(*declared), Size(*limit)
    )]
    DeclaredTooLarge {
        /// The sum of the declared sizes.
        declared: u64,
        /// The limit.
        limit: u64,
    },
    /// The bytes of a file are not what the index says.
    #[error("is damaged: the frame of {name:?} at byte {offset} {fault}")]
    Frame {
        /// Position of the frame.
        offset: u64,
        /// The file.
        name: String,
        /// What is wrong.
        fault: FrameFault,
    },
    /// The tar inside is wrong.
    #[error("is damaged at byte {offset}{}: {fault}", of_tar(*packed))]
    Tar {
        /// Position of the header, or where the tar ends.
        offset: u64,
        /// Whether the position is one in the unpacked tar.
        packed: bool,
        /// What is wrong.
        fault: TarFault,
    },
    /// There is no such file in the archive.
    #[error("holds no file {name:?}")]
    Absent {
        /// The name that was asked for.
        name: String,
    },
    /// Bytes that belong to nothing.
    #[error("has {length} bytes that belong to nothing, from byte {offset} on")]
    Gap {
        /// Where they start.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// Two frames share bytes.
    #[error("is damaged: the frame of {name:?} at byte {offset} starts inside the one before")]
    Overlap {
        /// Position of the frame.
        offset: u64,
        /// The file.
        name: String,
    },
    /// A total of the index is not the sum of its entries.
    #[error("has an index that states {} for all {what}, but they come to {}", Size(*stated), Size(*actual))]
    Total {
        /// What is summed: `files` or `frames`.
        what: &'static str,
        /// The total of the index.
        stated: u64,
        /// The sum.
        actual: u64,
    },
}

/// What is wrong with the name of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// Nothing is left of it.
    #[error("is empty")]
    Empty,
    /// It has too many bytes.
    #[error("has {length} bytes, more than the 4096 that one may have")]
    Long {
        /// How many.
        length: usize,
    },
    /// It is no text.
    #[error("is not valid UTF-8")]
    NotUtf8,
    /// It holds a zero byte.
    #[error("holds a zero byte")]
    Nul,
    /// It starts with `/`.
    #[error("is absolute")]
    Absolute,
    /// `..` leads out of the archive.
    #[error("climbs out of the archive")]
    Climbs,
    /// An earlier file has it.
    #[error("an earlier entry has too")]
    Duplicate,
}

/// What is wrong with an entry of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// The decoded size is negative.
    #[error("declares a negative size")]
    NegativeSize,
    /// The frame has no bytes, or a negative number of them.
    #[error("declares a frame of no bytes")]
    NoFrame,
    /// The frame lies outside the payload.
    #[error("puts its frame, {length} bytes at byte {start}, outside the payload")]
    Place {
        /// Where the frame would start.
        start: i64,
        /// The length that it would have.
        length: i64,
    },
    /// The SHA-256 has another length than 32 bytes.
    #[error("has a SHA-256 of {length} bytes instead of 32")]
    Sha256 {
        /// The length.
        length: usize,
    },
}

/// What is wrong with the frame of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameFault {
    /// Something else than a zstd frame.
    #[error("is no zstd frame")]
    Foreign,
    /// The frame is longer than the index says.
    #[error("does not end where the index says, before byte {end}")]
    Unfinished {
        /// Where it should end.
        end: u64,
    },
    /// The frame is shorter than the index says.
    #[error("has foreign bytes from byte {from} on")]
    Trailing {
        /// Position of the first.
        from: u64,
    },
    /// The content is longer or shorter than the index says.
    #[error("holds {} than the {declared} bytes that the index says", if *more { "more" } else { "less" })]
    Size {
        /// The size in the index.
        declared: u64,
        /// More, or less.
        more: bool,
    },
    /// The content is other than the index says.
    #[error("does not hold what its hash says")]
    Hash,
}

/// What is wrong with a tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TarFault {
    /// It ends inside a header.
    #[error("the tar ends inside a header")]
    CutHeader,
    /// It ends inside a file, or the padding after it.
    #[error("the tar ends inside a file")]
    CutFile,
    /// It ends without the block of zeros that ends it, or inside the second one.
    #[error("the tar ends before its end mark is complete")]
    CutEnd,
    /// After one block of zeros comes another block.
    #[error("the end mark of the tar is only half there")]
    HalfEnd,
    /// The sum of the bytes of a header is not what the header says.
    #[error("the checksum of a tar header does not match")]
    Checksum,
    /// A number in a header is none.
    #[error("the {field} in a tar header is no number")]
    Number {
        /// The field.
        field: &'static str,
    },
    /// The permissions are more than permissions.
    #[error("a tar header has the mode {mode:o}, more than permissions")]
    Mode {
        /// The mode.
        mode: u64,
    },
    /// The records of an extended header are malformed.
    #[error("an extended tar header is malformed")]
    Pax,
    /// An extended header or long name is longer than any is.
    #[error("an extended tar header is longer than 1 MiB")]
    LongExtension,
    /// A file with holes.
    #[error("a sparse file, which c1z files never hold")]
    Sparse,
}

/// How bad a [`Fault`] is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Class {
    /// Bytes are wrong or missing.
    Damage,
    /// A limit was reached.
    Limit,
    /// Neither.
    Other,
}

impl Fault {
    /// Where in the file, when there is such a place.
    pub(in super::super) fn offset(&self) -> Option<u64> {
        match self {
            Self::Name { packed: true, .. } | Self::Tar { packed: true, .. } => None,
            Self::ManifestTooLarge { .. } => Some(5),
            Self::ManifestHash => Some(9),
            Self::Manifest { offset }
            | Self::EndMark { offset }
            | Self::IndexPlace { offset, .. }
            | Self::IndexTooLarge { offset, .. }
            | Self::IndexHash { offset }
            | Self::Index { offset }
            | Self::Name { offset, .. }
            | Self::Entry { offset, .. }
            | Self::Frame { offset, .. }
            | Self::Tar { offset, .. }
            | Self::Gap { offset, .. }
            | Self::Overlap { offset, .. } => Some(*offset),
            Self::Engine { .. }
            | Self::Encoding { .. }
            | Self::DeclaredTooLarge { .. }
            | Self::Absent { .. }
            | Self::Total { .. } => None,
        }
    }

    pub(in super::super) fn class(&self) -> Class {
        match self {
            Self::ManifestTooLarge { .. } | Self::IndexTooLarge { .. } | Self::DeclaredTooLarge { .. } => {
                Class::Limit
            }
            Self::Engine { .. } | Self::Encoding { .. } | Self::Absent { .. } | Self::Gap { .. } => {
                Class::Other
            }
            _ => Class::Damage,
        }
    }

    pub(in super::super) fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Engine { .. } | Self::Encoding { .. } => "a newer version of baton may read it",
            Self::EndMark { .. }
            | Self::Tar { fault: TarFault::CutHeader | TarFault::CutFile | TarFault::CutEnd, .. } => {
                "copy or download the file again; the rest of it may be missing"
            }
            Self::DeclaredTooLarge { declared, .. } => {
                return Some(raise(MAX_DECODED_SIZE_MB, Some(*declared)));
            }
            Self::Absent { .. } | Self::Gap { .. } => return None,
            _ => "copy or download the file again; if it stays so, the sync must be run again",
        };
        Some(text.into())
    }
}

/// A place in the unpacked tar is none in the file, and a message must say so.
fn of_tar(packed: bool) -> &'static str {
    if packed { " of the unpacked tar" } else { "" }
}

fn unknown_engine(engine: &str) -> String {
    let known = ENGINES.join(", ");
    match engine {
        "" => format!("names no storage engine; known are {known}"),
        engine => format!("needs the storage engine {engine:?}; known are {known}"),
    }
}

fn unknown_encoding(encoding: u64) -> String {
    match encoding {
        0 => "names no payload encoding".into(),
        3 | 4 => format!("has the payload encoding {encoding}, a draft that was abandoned"),
        _ => format!("has the payload encoding {encoding}, which is not known"),
    }
}
