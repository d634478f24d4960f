//! What was found in a file.

use std::fmt;

/// What a file is made of, bottom up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Magic number, head and envelope.
    Container,
    /// zstd frames and gzip members.
    Compression,
    /// The pages of the SQLite database; the markers, manifest and options of a Pebble one.
    Database,
    /// Tables and columns; the stamps of the keyspace.
    Schema,
    /// The files inside a v3 file.
    Archive,
    /// The tables of a Pebble database.
    Table,
    /// The records.
    Record,
    /// The sync runs and their counts.
    Sync,
}

impl Layer {
    /// All layers, bottom up.
    pub const ALL: [Self; 8] = [
        Self::Container,
        Self::Compression,
        Self::Archive,
        Self::Database,
        Self::Table,
        Self::Schema,
        Self::Record,
        Self::Sync,
    ];

    /// Its name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Compression => "compression",
            Self::Database => "database",
            Self::Schema => "schema",
            Self::Archive => "archive",
            Self::Table => "table",
            Self::Record => "record",
            Self::Sync => "sync",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it belongs to.
    pub layer: Layer,
    /// Position in bytes: in the file for [`Layer::Container`], [`Layer::Compression`] and [`Layer::Archive`], else in
    /// the decoded database or in the file inside that `place` names.
    pub offset: Option<u64>,
    /// What it is about: `frame 3`, `page 17`, `000012.sst`, `v1_grants row 88`.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// Odd, but nothing is lost by it.
    pub harmless: bool,
}

/// The most faults of a layer that are kept; the rest is counted.
pub const MAX_FAULTS: usize = 50;

/// Faults of a layer that were not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct More {
    /// The layer.
    pub layer: Layer,
    /// How many.
    pub count: u64,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it belongs to.
    pub layer: Layer,
    /// What was looked at, such as `zstd frames`.
    pub name: &'static str,
    /// What there was of it, such as `1 frame, 16226 bytes to 139264`.
    pub found: String,
    /// Faults in it that are not harmless.
    pub faults: u64,
}

impl Step {
    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults == 0
    }
}

/// Records of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Those that can be read.
    pub readable: u64,
    /// Those that are there and cannot be read.
    pub damaged: u64,
    /// How many there should be, if the file says so.
    pub stated: Option<u64>,
}

/// The records of one sync.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncCounts {
    /// Its id.
    pub id: String,
    /// Its type; empty when there is no sync run.
    pub kind: String,
    /// Whether there is a sync run of this id.
    pub known: bool,
    /// Whether it ended.
    pub finished: bool,
    /// Resource types, resources, entitlements, grants, assets: as in [`SyncCounts::FAMILIES`].
    pub counts: [Count; 5],
}

impl SyncCounts {
    /// What [`SyncCounts::counts`] counts.
    pub const FAMILIES: [&'static str; 5] =
        ["resource types", "resources", "entitlements", "grants", "assets"];
}

/// How much of a file can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readable {
    /// Bytes of the database that could be decoded.
    pub decoded: u64,
    /// Bytes that it should have, if the file says so.
    pub declared: Option<u64>,
    /// In the order of the file; syncs without a run last.
    pub syncs: Vec<SyncCounts>,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its name.
    pub file: String,
    /// `sqlite` or `pebble`, if that much can be told.
    pub engine: Option<&'static str>,
    /// The container: `v1`, `v3 indexed_zstd`, `v3 tar`, `v3 tar_zstd`, `sqlite`, each also with `, gzip`.
    pub format: String,
    /// Bytes of the file, if known.
    pub bytes: Option<u64>,
    /// What was looked at, bottom up.
    pub steps: Vec<Step>,
    /// What is wrong, bottom up; at most [`MAX_FAULTS`] of each layer.
    pub faults: Vec<Fault>,
    /// Faults that are not listed.
    pub more: Vec<More>,
    /// How much can be read.
    pub readable: Readable,
}

impl Report {
    /// Whether nothing is wrong with the file, except what harms nobody.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.steps.iter().all(Step::is_sound) && self.faults.iter().all(|fault| fault.harmless)
    }
}
