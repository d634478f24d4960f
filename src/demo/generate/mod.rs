//! A synthetic company of any size, written straight into a file.
//!
//! ```text
//! plan ─ groups (what groups hold) ─┐
//!      └ people ─ wishes ── reach ──┴─▶ links ─ sort ─▶ grants ─▶ Writer
//!                           (expansion)
//! ```
//!
//! One organization with users, groups, roles and repositories. Users are members of groups, groups of other
//! groups; users and groups hold roles and repositories, some of which are far more popular than others. What
//! groups hold is expandable, and the file has the grants that come of it too: it is that of a finished sync.
//!
//! Whether somebody holds something is a function of the seed and of their numbers, so nothing is kept in
//! memory but a bounded number of links between entitlements and principals (`sort.rs`).

mod grants;
mod groups;
mod names;
mod people;
mod plan;
mod random;
mod reach;
mod records;
mod sort;
#[cfg(test)]
mod tests;
mod wishes;
mod words;
mod write;

use std::io;
use std::path::Path;

use crate::model::proto::c1::reader::v2::SyncStats;
use crate::store::{SaveOptions, WriteError, Writer};
use plan::Plan;

/// The start of the first sync, 2026-01-01 06:00:00 UTC, in Unix seconds.
const FIRST_DAY: i64 = 1_767_247_200;
/// Seconds from one sync to the next.
const DAY: i64 = 86_400;

/// What company to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Company {
    /// Users in each sync, those that belong to programs included; at most 100 million, as of all resources.
    pub users: u64,
    /// Groups.
    pub groups: u64,
    /// Roles.
    pub roles: u64,
    /// Repositories.
    pub repos: u64,
    /// Grants of the first sync for each user, at most 100,000.
    ///
    /// The first sync has exactly `users * grants_per_user` grants, direct and inherited ones, to users and
    /// to groups, unless the company has fewer entitlements than a user is to hold. Later syncs have about as
    /// many. All syncs together have at most a billion.
    pub grants_per_user: u64,
    /// Another seed makes another company; the same one makes the same file.
    pub seed: u64,
    /// Syncs, a day apart, the first on 1 January 2026; 1 to 1,000.
    pub syncs: u32,
    /// What changes from one sync to the next, in percent of the grants to users, from 0 to 100.
    ///
    /// About so many are gone in the next sync, and about as many others are there. A tenth of them go with
    /// their users, in whose place others come; elsewhere direct grants give way to others of their kind, and
    /// what was inherited through them goes too. As many users as come are disabled or enabled again, and as
    /// many take another name. Groups, roles, repositories and what groups hold do not change.
    pub churn: f64,
}

impl Default for Company {
    /// A thousand users with twenty thousand grants, in one sync.
    fn default() -> Self {
        Self {
            users: 1_000,
            groups: 60,
            roles: 20,
            repos: 250,
            grants_per_user: 20,
            seed: 1,
            syncs: 1,
            churn: 2.0,
        }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The id of each sync and what it holds, in order.
    pub syncs: Vec<(String, SyncStats)>,
}

impl Summary {
    /// Grants of all syncs.
    #[must_use]
    pub fn grants(&self) -> u64 {
        self.syncs.iter().map(|(_, stats)| stats.grants.unsigned_abs()).sum()
    }
}

/// A company that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// Too big.
    #[error("{asked} {what} are too many; the most are {most}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many were asked for.
        asked: u128,
        /// The limit.
        most: u64,
    },
    /// A file of nothing.
    #[error("a company without a sync is none; ask for 1 at least")]
    NoSync,
    /// No share of anything.
    #[error("{asked} is no percentage of grants to change; it is to be from 0 to 100")]
    Churn {
        /// What was asked for.
        asked: f64,
    },
    /// Links do not fit into memory, and not into a temporary file either.
    #[error("sorting grants in a temporary file: {0}")]
    Sort(io::Error),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl GenerateError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Write(error) => error.hint(),
            _ => None,
        }
    }
}

/// Makes a company and saves it at `target` as a version 1 file. `observer` hears every now and then how many
/// grants have been written, and about how many there will be.
///
/// The same company gives the same bytes, with the same versions of SQLite and zstd. Memory does not grow
/// with it; temporary files, which may take ten times the size of the finished one, lie in the system's
/// directory for such files.
///
/// # Errors
/// [`GenerateError::TooMany`], [`GenerateError::NoSync`] and [`GenerateError::Churn`];
/// [`GenerateError::Write`] also when there is a file at `target` and `overwrite` does not allow to replace
/// it. All of these come before anything is made.
pub fn generate(
    company: &Company,
    target: &Path,
    overwrite: bool,
    observer: &mut dyn FnMut(u64, u64),
) -> Result<Summary, GenerateError> {
    let plan = Plan::new(company)?;
    Writer::check_target(target, SaveOptions { overwrite })?;
    let mut writer = Writer::create_bulk(None)?;
    let syncs = write::all(&plan, &mut writer, observer)?;
    writer.save(target, SaveOptions { overwrite })?;
    Ok(Summary { syncs })
}
