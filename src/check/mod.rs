//! Is a sync sound: findings about its records, each by a rule with a stable code.
//!
//! ```text
//! resource types ─► resources ─► entitlements ─► grants ─► what can only be said at the end
//!       └──────────────┴──────────────┴────────────┴──► findings by rule ─► sink
//! ```
//!
//! Each family of records is read once. Kept are identities, not records: ids, numbered, and a few words about each. Some
//! findings need a record again that has passed, such as the user whom no grant named; only when there are any, its family
//! is read a second time. Findings wait, packed, until all is read, and then come rule by rule.

mod annotations;
mod assets;
mod carried;
mod components;
mod duplicates;
mod exclusion;
mod expansion;
mod holdings;
mod interner;
mod known;
mod notes;
mod parents;
mod passes;
mod people;
mod references;
pub mod report;
mod rules;
mod run;
mod spelling;
mod spool;
mod state;
#[cfg(test)]
mod tests;
mod texts;
mod traits;

use std::ops::ControlFlow;

pub use rules::RULES;

use crate::store::{self, KeptPlace, Snapshot};
use passes::Passes;
use state::State;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Most likely not meant.
    Warning,
    /// Readers or services stumble over it.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that can be wrong.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Its name, which stays: lower-case words joined by hyphens.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a phrase.
    pub title: &'static str,
    /// Why it matters, and what the author of the connector does about it: a sentence or two.
    pub advice: &'static str,
}

/// What kind of record a finding names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A resource type.
    ResourceType,
    /// A resource, principals included.
    Resource,
    /// An entitlement.
    Entitlement,
    /// A grant.
    Grant,
    /// The sync run.
    Sync,
}

impl RecordKind {
    /// All kinds, in their order.
    const ALL: [Self; 5] = [Self::ResourceType, Self::Resource, Self::Entitlement, Self::Grant, Self::Sync];

    /// `resource type`, `resource`, `entitlement`, `grant` or `sync`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ResourceType => "resource type",
            Self::Resource => "resource",
            Self::Entitlement => "entitlement",
            Self::Grant => "grant",
            Self::Sync => "sync",
        }
    }
}

/// A record by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id, of a resource `type/id`: text from the file, which may hold anything.
    pub id: String,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The records that it names. It is about the first, which may be one that is missing; rule and first record say
    /// which finding it is, also in a later sync. Others are examples where there are many.
    pub records: Vec<Record>,
    /// One sentence with the values, without a full stop. It holds text from the file, which may hold anything.
    pub message: String,
    /// Where the record stands, or the first that names it when it is missing.
    pub place: Option<KeptPlace>,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// The id of the sync.
    pub sync: String,
    /// Resource types.
    pub resource_types: u64,
    /// Resources.
    pub resources: u64,
    /// Entitlements.
    pub entitlements: u64,
    /// Grants.
    pub grants: u64,
}

/// Applies the chosen rules to a sync. Findings come in the order of [`RULES`], those of one rule by identity or in the
/// order of storage; equal files give equal findings. After [`ControlFlow::Break`] no more come.
///
/// Rows that cannot be read are no findings: they are noted as problems of the reader.
///
/// # Errors
/// [`store::Error`] when the file is damaged.
pub fn check(
    snapshot: Snapshot<'_>,
    chosen: &dyn Fn(&Rule) -> bool,
    sink: &mut dyn FnMut(Finding) -> ControlFlow<()>,
) -> Result<Checked, store::Error> {
    let mut passes = Passes::new(snapshot, State::new(snapshot.run(), chosen));
    passes.run()?;
    let Passes { state, checked, .. } = passes;
    state.notes.spool.drain(sink);
    Ok(checked)
}
