//! What can go wrong between a file name and a decoded image, and between an image and a saved file.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::archive::{Class, Fault};
use super::limits::{MAX_DECODED_SIZE_MB, MAX_MEMORY_MB};

/// A file that could not be opened or saved: which file, and why.
///
/// Displays as one line, `FILE: what is wrong`, and [`Error::hint`] says what to do next.
#[derive(Debug)]
pub struct Error {
    file: String,
    inside_gzip: bool,
    kind: ErrorKind,
}

/// Why a file could not be opened or saved.
///
/// Offsets count bytes from the start of the file, or, for a file that is wrapped in gzip, from the start of
/// what is inside (the message of [`Error`] then says so). Sizes are bytes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is nothing at the path.
    #[error("does not exist")]
    Missing,
    /// The file, or what gzip wraps, has no bytes at all.
    #[error("is empty")]
    Empty,
    /// The path names a directory.
    #[error("is a directory, not a file")]
    Directory,
    /// The operating system refused to open or read the file.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// Fewer bytes than a magic number has.
    #[error("is too short to be a c1z file: {length} of the 5 bytes of its magic number")]
    TooShort {
        /// Bytes there are, 1 to 4.
        length: usize,
    },
    /// The first bytes belong to no known format.
    #[error("is not a c1z file: it starts with {}", Hex(first))]
    NotC1z {
        /// The first bytes, at most 16.
        first: Vec<u8>,
    },
    /// `C1Z2`: a draft that was given up before any release.
    #[error("is a C1Z2 file, a draft of the format that was abandoned")]
    Draft,
    /// A version 3 file is not what it should be.
    #[error(transparent)]
    Archive(#[from] Fault),
    /// gzip inside gzip.
    #[error("is gzip inside gzip: only one layer is unwrapped")]
    NestedGzip,
    /// The gzip layer does not decode, or its checksum differs.
    #[error("the gzip layer is damaged near byte {offset}: {detail}")]
    Gzip {
        /// Position in the file, up to which it was read.
        offset: u64,
        /// What the gzip decoder says.
        detail: String,
    },
    /// The bytes end inside a structure.
    #[error("is cut off: it ends at byte {offset}, inside a {layer}")]
    Truncated {
        /// Where the bytes end: their number.
        offset: u64,
        /// What was not complete.
        layer: Layer,
    },
    /// After the last complete structure come bytes that start no other.
    #[error("has foreign bytes from byte {offset} on, after the last {layer}")]
    TrailingGarbage {
        /// Position of the first foreign byte.
        offset: u64,
        /// What was complete before them.
        layer: Layer,
    },
    /// The head is right, but what follows is not zstd.
    #[error("is damaged at byte {offset}: no zstd frame starts there")]
    NoFrame {
        /// Position where the first frame should start.
        offset: u64,
    },
    /// A frame header sets a bit that the zstd format reserves.
    #[error("is damaged at byte {offset}: the header of the zstd frame has a reserved bit set")]
    FrameHeader {
        /// Position of the frame.
        offset: u64,
    },
    /// The content of a frame differs from the checksum at its end.
    #[error("is damaged: the checksum of the zstd frame at byte {offset} does not match its content")]
    Checksum {
        /// Position of the frame.
        offset: u64,
    },
    /// A block of a frame does not decode, or the frame holds more or less than it declares.
    #[error("is damaged: the zstd frame at byte {offset} does not decode near byte {near} ({detail})")]
    Corrupt {
        /// Position of the frame.
        offset: u64,
        /// Position up to which all was well; the damage is at most one read (256 KiB) and one block further
        /// on.
        near: u64,
        /// What the zstd library says.
        detail: &'static str,
    },
    /// A frame was compressed with a dictionary, which a c1z file never has.
    #[error("needs the zstd dictionary {id} for the frame at byte {offset}, and a c1z file carries none")]
    Dictionary {
        /// Position of the frame.
        offset: u64,
        /// The dictionary's id.
        id: u32,
    },
    /// A frame asks for a larger window than allowed.
    #[error(
        "needs too much memory to decode: the zstd frame at byte {offset} declares a window of {}, more than the limit of {}",
        Size(*declared), Size(*limit)
    )]
    Window {
        /// Position of the frame.
        offset: u64,
        /// The declared window; of a single-segment frame, its content size.
        declared: u64,
        /// The limit.
        limit: u64,
    },
    /// A frame declares more content than allowed; nothing was decoded.
    #[error(
        "is too large: the zstd frame at byte {offset} declares {} of content, more than the limit of {}",
        Size(*declared), Size(*limit)
    )]
    DeclaredTooLarge {
        /// Position of the frame.
        offset: u64,
        /// The declared content size, together with what earlier frames held.
        declared: u64,
        /// The limit.
        limit: u64,
    },
    /// Decoding reached the limit, whatever was declared.
    #[error("is too large: it decodes to more than the limit of {}", Size(*limit))]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The payload decodes, but to something else.
    #[error("holds no database: the payload is not a SQLite database, it starts with {}", Hex(first))]
    NotSqlite {
        /// The first bytes, at most 16.
        first: Vec<u8>,
    },
    /// The database is shorter than its own header says.
    #[error("holds a database that is cut off: {actual} bytes, but its header says {declared}")]
    TruncatedDatabase {
        /// Page size times page count.
        declared: u64,
        /// Bytes there are.
        actual: u64,
    },
    /// The operating system has no room for the image in memory.
    #[error("cannot be held in memory ({}): {source}", Size(*bytes))]
    Memory {
        /// Bytes asked for.
        bytes: u64,
        /// The reason.
        source: io::Error,
    },
    /// The nameless temporary file for a large image could not be made or filled.
    #[error("cannot be unpacked into a temporary file in {}: {source}", directory.display())]
    TempFile {
        /// Where it should be.
        directory: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A limit in the environment is zero.
    #[error("{variable} is 0, which would refuse every file")]
    ZeroLimit {
        /// The variable's name.
        variable: &'static str,
    },
    /// The file to save exists and overwriting was not asked for.
    #[error("already exists")]
    Exists,
    /// The file to save is a directory, a device or a pipe.
    #[error("is not a regular file, so it cannot be replaced")]
    NotRegular,
    /// The directory of the file to save does not exist.
    #[error("cannot be written: the directory {} does not exist", directory.display())]
    NoDirectory {
        /// The directory.
        directory: PathBuf,
    },
    /// Writing failed; what was at the path before is unchanged.
    #[error("cannot be written: {0}")]
    Write(#[source] io::Error),
}

/// The structures that bytes can end in, or go on after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// A zstd frame, skippable frames included.
    ZstdFrame,
    /// A gzip member.
    GzipMember,
    /// The first 9 bytes of a version 3 file.
    Head,
    /// The manifest of a version 3 file.
    Manifest,
    /// The index of a version 3 file.
    Index,
    /// The footer of a version 3 file.
    Footer,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ZstdFrame => "zstd frame",
            Self::GzipMember => "gzip member",
            Self::Head => "head",
            Self::Manifest => "manifest",
            Self::Index => "index",
            Self::Footer => "footer",
        })
    }
}

impl Error {
    pub(super) fn new(file: impl fmt::Display, kind: ErrorKind) -> Self {
        Self { file: file.to_string(), inside_gzip: false, kind }
    }

    /// Notes that offsets count the bytes inside a gzip layer (those of the layer itself excepted).
    pub(super) fn inside_gzip(mut self) -> Self {
        self.inside_gzip = self.kind.offset().is_some() && !self.kind.is_of_gzip();
        self
    }

    /// The file, as the user named it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    #[cfg(test)]
    pub(super) fn into_kind(self) -> ErrorKind {
        self.kind
    }

    /// Where in the file, when there is such a place; see [`ErrorKind`] for what is counted.
    pub fn offset(&self) -> Option<u64> {
        self.kind.offset()
    }

    /// The file is, or claims to be, a c1z file, but some of its bytes are wrong or missing.
    pub fn is_damage(&self) -> bool {
        match &self.kind {
            ErrorKind::Archive(fault) => fault.class() == Class::Damage,
            kind => kind.is_damage(),
        }
    }

    /// The file is something else altogether.
    pub fn is_not_c1z(&self) -> bool {
        use ErrorKind as K;
        matches!(self.kind, K::TooShort { .. } | K::NotC1z { .. } | K::NestedGzip | K::Empty | K::Directory)
    }

    /// A limit was reached; the hint says how to raise it, if it can be.
    pub fn is_limit(&self) -> bool {
        use ErrorKind as K;
        if let K::Archive(fault) = &self.kind {
            return fault.class() == Class::Limit;
        }
        matches!(self.kind, K::Window { .. } | K::DeclaredTooLarge { .. } | K::TooLarge { .. })
    }

    /// What to do next, when there is something to say: one line without a final stop.
    pub fn hint(&self) -> Option<String> {
        self.kind.hint()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.inside_gzip { " (inside gzip)" } else { "" };
        write!(f, "{}{place}: {}", self.file, self.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // Our one line already has the message of the kind and of its direct cause; the chain goes on after them.
        std::error::Error::source(&self.kind)?.source()
    }
}

impl ErrorKind {
    /// Whether it is about this one file, so that another copy may be sound: no limit, nothing that is not supported on
    /// purpose, no trouble with the system. What no sound c1z has is damage as well.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Archive(Fault::DeclaredTooLarge { .. }) => false,
            Self::Archive(_)
            | Self::Gzip { .. }
            | Self::Truncated { .. }
            | Self::TrailingGarbage { .. }
            | Self::NoFrame { .. }
            | Self::FrameHeader { .. }
            | Self::Checksum { .. }
            | Self::Corrupt { .. }
            | Self::NotSqlite { .. }
            | Self::TruncatedDatabase { .. } => true,
            _ => false,
        }
    }

    fn is_of_gzip(&self) -> bool {
        matches!(
            self,
            Self::Gzip { .. }
                | Self::Truncated { layer: Layer::GzipMember, .. }
                | Self::TrailingGarbage { layer: Layer::GzipMember, .. }
        )
    }

    fn offset(&self) -> Option<u64> {
        match self {
            Self::Gzip { offset, .. }
            | Self::Truncated { offset, .. }
            | Self::TrailingGarbage { offset, .. }
            | Self::NoFrame { offset }
            | Self::FrameHeader { offset }
            | Self::Checksum { offset }
            | Self::Dictionary { offset, .. }
            | Self::Window { offset, .. }
            | Self::DeclaredTooLarge { offset, .. } => Some(*offset),
            Self::Corrupt { near, .. } => Some(*near),
            Self::Archive(fault) => fault.offset(),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Missing => "check the path, or give another file with -f".into(),
            Self::Empty => "whatever was to write it may have failed before it wrote anything".into(),
            Self::Directory => "name the .c1z file inside it".into(),
            Self::TooShort { .. } | Self::NotC1z { .. } => {
                "a c1z file starts with \"C1ZF\" or \"C1Z3\"; a SQLite database, and gzip around any of them, are read too"
                    .into()
            }
            Self::Draft => "sync again with a current connector".into(),
            Self::Archive(fault) => return fault.hint(),
            Self::NestedGzip => "unwrap one layer first, with gzip -d".into(),
            Self::Truncated { .. } => "copy or download the file again; the rest of it is missing".into(),
            Self::TrailingGarbage { offset, .. } => {
                format!("something was appended; what comes before byte {offset} is complete")
            }
            Self::Gzip { .. }
            | Self::NoFrame { .. }
            | Self::FrameHeader { .. }
            | Self::Checksum { .. }
            | Self::Corrupt { .. } => {
                "copy or download the file again; if it stays so, the sync must be run again".into()
            }
            Self::Window { declared, .. } => raise(MAX_MEMORY_MB, Some(*declared)),
            Self::DeclaredTooLarge { declared, .. } => raise(MAX_DECODED_SIZE_MB, Some(*declared)),
            Self::TooLarge { .. } => raise(MAX_DECODED_SIZE_MB, None),
            Self::Memory { .. } => "lower --memory-limit, so that a temporary file is used".into(),
            Self::TempFile { .. } => {
                "name a directory with room with --temp-dir, or raise --memory-limit".into()
            }
            Self::ZeroLimit { .. } => "unset it, or give a number of MiB".into(),
            Self::Exists => "use --force to replace it".into(),
            Self::NoDirectory { .. } => "create the directory first".into(),
            Self::Write(_) if cfg!(windows) => {
                "another program may have the file open; close it and try again".into()
            }
            _ => return None,
        };
        Some(text)
    }
}

pub(super) fn raise(variable: &str, needed: Option<u64>) -> String {
    let why = "if you trust the file, allow more with";
    match needed.map(|bytes| bytes.div_ceil(1 << 20)) {
        Some(mebibytes) => format!("{why} {variable}={mebibytes}"),
        None => format!("{why} {variable} (in MiB)"),
    }
}

/// Errors of our own travel through [`io::Read`] wrapped in an [`io::Error`]; this takes them out again.
impl From<io::Error> for ErrorKind {
    fn from(error: io::Error) -> Self {
        match error.downcast::<ErrorKind>() {
            Ok(kind) => kind,
            Err(error) => Self::Read(error),
        }
    }
}

impl From<ErrorKind> for io::Error {
    fn from(kind: ErrorKind) -> Self {
        io::Error::other(kind)
    }
}

/// Bytes as hexadecimal pairs.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{byte:02x}")?;
        }
        Ok(())
    }
}

/// A size in bytes, with the number of MiB when it is that large.
pub(super) struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> 20 {
            0 => write!(f, "{} bytes", self.0),
            mebibytes if self.0.is_multiple_of(1 << 20) => write!(f, "{mebibytes} MiB"),
            mebibytes => write!(f, "{} bytes ({mebibytes} MiB)", self.0),
        }
    }
}
