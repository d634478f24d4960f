//! What could not be read of a damaged store.

/// A stretch of rows that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// What it is a part of: `v1_grants after row 88`, `000012.sst`.
    pub place: String,
    /// Where it is in that file, in bytes, if that is known: in the decoded database, or in the file inside.
    pub offset: Option<u64>,
    /// What is wrong there.
    pub message: String,
}
