//! What a sync tells while it runs.

use std::time::Duration;

/// The stages of a sync, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Which resource types there are.
    ResourceTypes,
    /// All resources.
    Resources,
    /// What they offer, where that is the same for all resources of a type.
    StaticEntitlements,
    /// What they offer.
    Entitlements,
    /// Who holds it.
    Grants,
    /// Who inherits it.
    Expansion,
    /// Resources that were asked for one by one, with all that belongs to them.
    Targets,
}

impl Stage {
    /// What is being collected.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ResourceTypes => "resource types",
            Self::Resources => "resources",
            Self::StaticEntitlements => "static entitlements",
            Self::Entitlements => "entitlements",
            Self::Grants => "grants",
            Self::Expansion => "expanded grants",
            Self::Targets => "targeted resources",
        }
    }
}

/// Records stored so far in one stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Records of the stage's kind; one that came twice counts twice.
    pub records: u64,
    /// What is done: resources asked for entitlements or grants, lists of resources, destinations of expansion.
    pub done: u64,
    /// What there is to do, where that is known.
    pub total: Option<u64>,
}

/// Something that an observer may want to show.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A new sync begins.
    Begun {
        /// Its id.
        sync_id: &'a str,
        /// `full`, `partial`, `resources_only`.
        kind: &'a str,
    },
    /// A sync that was killed or stopped goes on.
    Resumed {
        /// Its id.
        sync_id: &'a str,
        /// When it was begun, in Unix seconds.
        begun: i64,
    },
    /// A stage begins.
    Entered(Stage),
    /// A page is stored.
    Progress(Stage, Count),
    /// A stage is over.
    Finished(Stage, Count),
    /// A call failed, and is made again after a while.
    Retrying {
        /// What was called, such as `listing user`.
        call: &'a str,
        /// Why it failed.
        error: &'a super::ConnectorError,
        /// How often it has failed in a row.
        attempt: u32,
        /// How long until the next.
        wait: Duration,
    },
    /// Something is wrong, but the sync goes on.
    Warning(&'a str),
    /// Earlier syncs were removed from the file.
    CleanedUp {
        /// Their ids.
        sync_ids: &'a [String],
    },
    /// The file is being written.
    Saving,
}

/// Hears what a sync tells.
pub trait Observer {
    /// Something happened.
    fn event(&mut self, event: &Event<'_>);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deaf;

impl Observer for Deaf {
    fn event(&mut self, _: &Event<'_>) {}
}
