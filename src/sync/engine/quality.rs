//! What a sync had to leave out, or keep although it is doubtful; part of the checkpoint.

use serde::{Deserialize, Serialize};

/// Why a flag is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    EntitlementDropped = 1,
    GrantDropped = 2,
    GrantResourceDropped = 4,
    ExpansionTypeDropped = 8,
    ExpansionDropped = 16,
    /// Also for references that lead nowhere.
    InvalidDataRetained = 32,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Counts of what was wrong with the records. All zero for a clean sync.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Quality {
    #[serde(skip_serializing_if = "is_false")]
    source_cache_replay_blocked: bool,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) entitlements_dropped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) grants_dropped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) grant_resources_dropped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) expansion_resource_types_dropped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) expansions_dropped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) invalid_resource_types_observed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) invalid_resources_observed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) invalid_entitlements_observed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    reason_flags: u64,
}

impl Quality {
    /// Notes a reason.
    pub(super) fn flag(&mut self, reason: Reason) {
        self.reason_flags |= reason as u64;
        self.source_cache_replay_blocked = true;
    }

    /// One line for each thing that was left out, for the end of a sync.
    pub(super) fn lines(&self) -> Vec<String> {
        let counts = [
            (self.invalid_resource_types_observed, "resource types without an id were skipped"),
            (self.invalid_resources_observed, "resources without a type or an id were skipped"),
            (self.invalid_entitlements_observed, "entitlements without an id or a resource were skipped"),
            (self.entitlements_dropped, "entitlements of resource types that are not synced were dropped"),
            (self.grants_dropped, "grants that name resource types that are not synced were dropped"),
            (self.grant_resources_dropped, "resources that came with grants were dropped"),
            (
                self.expansion_resource_types_dropped,
                "resource types that are not synced were taken out of expansions",
            ),
            (
                self.expansions_dropped,
                "expansions were dropped, since none of their resource types is synced",
            ),
        ];
        let some = counts.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, what)| format!("{count} {what}")).collect()
    }
}
