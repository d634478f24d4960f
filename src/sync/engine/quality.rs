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
            (self.invalid_resource_types_observed, "skipped", "resource type", "without an id"),
            (self.invalid_resources_observed, "skipped", "resource", "without a type or an id"),
            (self.invalid_entitlements_observed, "skipped", "entitlement", "without an id or a resource"),
            (self.entitlements_dropped, "dropped", "entitlement", "of resource types that are not synced"),
            (self.grants_dropped, "dropped", "grant", "on or for resource types that are not synced"),
            (self.grant_resources_dropped, "dropped", "resource", "that came with grants"),
            (
                self.expansion_resource_types_dropped,
                "took",
                "resource type",
                "out of expansions, not being synced",
            ),
            (self.expansions_dropped, "dropped", "expansion", "to nothing but types that are not synced"),
        ];
        let some = counts.into_iter().filter(|(count, ..)| *count > 0);
        some.map(|(count, did, what, which)| format!("{did} {} {which}", counted(count, what))).collect()
    }
}

/// A number of things: `1 grant`, `2 grants`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
