//! Why a sync ended without a result.

use crate::store;
use crate::sync::ConnectorError;

/// A sync that did not come to its end.
///
/// What it collected is kept: in the working database beside the target, or, after a clean stop, in the target
/// itself. The next run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The connector failed for good.
    #[error("{call}: {source}")]
    Connector {
        /// What was called, such as `listing user`.
        call: String,
        /// Why it failed.
        source: ConnectorError,
    },
    /// Pages lead back to one that was there before: following them would never end.
    #[error(
        "{call}: the page token {token:?} came before, so its pages would never end; this is a bug of the connector"
    )]
    TokenCycle {
        /// What was called.
        call: String,
        /// The token.
        token: String,
    },
    /// A record that cannot be true.
    #[error("{call}: {problem}")]
    Record {
        /// What was called.
        call: String,
        /// What is wrong with the record.
        problem: String,
    },
    /// The file or the working database.
    #[error(transparent)]
    Store(#[from] store::WriteError),
    /// Too many warnings for so few calls: something is wrong at large.
    #[error("{warnings} warnings after {done} calls are too many; the last one: {last}")]
    TooManyWarnings {
        /// How many warnings there were.
        warnings: u64,
        /// How many calls were done.
        done: u64,
        /// The last warning.
        last: String,
    },
    /// Options that make no sense for this connector.
    #[error("{0}")]
    Options(String),
    /// What was collected contradicts itself.
    #[error("{0}")]
    Invariant(String),
    /// Somebody asked to stop; what there was is saved.
    #[error("stopped before the end")]
    Stopped {
        /// The sync that is not finished; `None` when nothing was begun.
        sync_id: Option<String>,
    },
}

impl SyncError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Connector { .. } | Self::TooManyWarnings { .. } => {
                Some("run it again to go on from here; --fresh begins anew".into())
            }
            // What is stored already may be a part of what is wrong.
            Self::TokenCycle { .. } | Self::Record { .. } | Self::Invariant(_) => {
                Some("once the connector is mended, --fresh begins anew".into())
            }
            Self::Store(error) => error.hint(),
            Self::Stopped { sync_id: Some(id) } => {
                Some(format!("what it collected is saved; the next run goes on with sync {id}"))
            }
            _ => None,
        }
    }
}
