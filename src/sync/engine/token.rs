//! The checkpoint of a sync: what is still to be done, as JSON in the row of the sync.
//!
//! ```text
//! {"actions_map": {"0000000002": {"id": "0000000002", "operation": "list-grants", …}, …},
//!  "action_order": ["0000000001", "0000000002"],        bottom to top: the last is done next
//!  "current_action_id": 17, "needs_expansion": true, "completed_actions_count": 14,
//!  "ingest_quality": {}, "version": 1}
//! ```
//!
//! Other programs read and write the same shape, so a sync that one began another can finish. What is zero or empty is
//! left out. A token of another version, or none, starts from the beginning within the same sync, which loses nothing:
//! what is stored twice is stored once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::quality::Quality;
use super::run::Plan;
use crate::model::v2;
use crate::store::SyncKind;

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Operation {
    /// Pushes all others.
    Init,
    ListResourceTypes,
    ListResources,
    ListStaticEntitlements,
    ListEntitlements,
    ListGrants,
    ListExternalResources,
    GrantExpansion,
    TargetedResourceSync,
    /// One of other versions, in which there is nothing to do.
    #[serde(other)]
    Unknown,
}

/// One thing to be done. Without a subject it plans: it pushes an action for each type or resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Action {
    pub(super) id: String,
    pub(super) operation: Operation,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) page_token: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) resource_type_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) resource_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) parent_resource_type_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) parent_resource_id: String,
}

impl Action {
    /// An action that plans, or that needs no subject.
    pub(super) fn new(operation: Operation) -> Self {
        Self {
            id: String::new(),
            operation,
            page_token: String::new(),
            resource_type_id: String::new(),
            resource_id: String::new(),
            parent_resource_type_id: String::new(),
            parent_resource_id: String::new(),
        }
    }

    /// An action for one resource type.
    pub(super) fn of_type(operation: Operation, kind: &str) -> Self {
        Self { resource_type_id: kind.to_owned(), ..Self::new(operation) }
    }

    /// An action for one resource.
    pub(super) fn of_resource(operation: Operation, id: &v2::ResourceId) -> Self {
        Self { resource_id: id.resource.clone(), ..Self::of_type(operation, &id.resource_type) }
    }

    /// The same, below a parent.
    pub(super) fn under(self, parent: Option<&v2::ResourceId>) -> Self {
        let Some(parent) = parent else { return self };
        Self {
            parent_resource_type_id: parent.resource_type.clone(),
            parent_resource_id: parent.resource.clone(),
            ..self
        }
    }

    /// Whether it is for one type or resource.
    pub(super) fn has_subject(&self) -> bool {
        !self.resource_type_id.is_empty()
    }

    /// The resource that it is for.
    pub(super) fn resource(&self) -> v2::ResourceId {
        key(&self.resource_type_id, &self.resource_id)
    }

    /// The parent that it is below.
    pub(super) fn parent(&self) -> Option<v2::ResourceId> {
        let some = !self.parent_resource_type_id.is_empty() || !self.parent_resource_id.is_empty();
        some.then(|| key(&self.parent_resource_type_id, &self.parent_resource_id))
    }
}

impl Default for Action {
    fn default() -> Self {
        Self::new(Operation::Unknown)
    }
}

fn key(kind: &str, id: &str) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.to_owned(), resource: id.to_owned(), ..Default::default() }
}

/// The versions that this engine understands; 2 only adds actions that it does not make.
const VERSIONS: [u32; 2] = [1, 2];

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The state of a sync between two pages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    actions_map: BTreeMap<String, Action>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    action_order: Vec<String>,
    /// The number of the next action.
    #[serde(skip_serializing_if = "is_zero")]
    current_action_id: u64,
    /// There are grants that expand.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) needs_expansion: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) has_external_resource_grants: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) should_fetch_related_resources: bool,
    #[serde(skip_serializing_if = "is_false")]
    should_skip_entitlements_and_grants: bool,
    #[serde(skip_serializing_if = "is_false")]
    should_skip_grants: bool,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) completed_actions_count: u64,
    pub(super) ingest_quality: Quality,
    version: u32,
}

impl State {
    /// The state before anything is done.
    pub(super) fn begin() -> Self {
        let mut state = Self { version: 1, ..Self::default() };
        state.push(Action::new(Operation::Init));
        state
    }

    /// The state that a token holds. One that says nothing usable is the state before anything is done.
    pub(super) fn parse(token: &str) -> Self {
        let state: Self = serde_json::from_str(token).unwrap_or_default();
        let sound = state.action_order.iter().all(|id| state.actions_map.contains_key(id));
        if !VERSIONS.contains(&state.version) || !sound {
            return Self::begin();
        }
        if state.action_order.is_empty() && state.completed_actions_count == 0 {
            return Self::begin();
        }
        Self { version: 1, ..state }
    }

    /// The token of this state.
    pub(super) fn to_token(&self) -> String {
        // Strings as keys and plain fields: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Notes what a sync leaves out, and that the resources which the grants of its targets lead to are wanted.
    pub(super) fn note(&mut self, plan: &Plan) {
        self.should_fetch_related_resources = plan.kind == SyncKind::Partial;
        self.should_skip_entitlements_and_grants = plan.skip_entitlements;
        self.should_skip_grants = plan.skip_grants;
    }

    /// Whether it leaves out what `plan` does.
    pub(super) fn skips_as(&self, plan: &Plan) -> bool {
        self.should_skip_entitlements_and_grants == plan.skip_entitlements
            && self.should_skip_grants == plan.skip_grants
    }

    /// What is to be done next.
    pub(super) fn top(&self) -> Option<&Action> {
        self.actions_map.get(self.action_order.last()?)
    }

    /// All that is to be done.
    pub(super) fn actions(&self) -> impl Iterator<Item = &Action> {
        self.actions_map.values()
    }

    /// How much is to be done.
    pub(super) fn len(&self) -> usize {
        self.action_order.len()
    }

    /// Puts an action on top.
    pub(super) fn push(&mut self, action: Action) {
        let id = format!("{:010}", self.current_action_id);
        self.current_action_id += 1;
        self.action_order.push(id.clone());
        self.actions_map.insert(id.clone(), Action { id, ..action });
    }

    /// Puts actions on top so that the first is done first.
    pub(super) fn push_all(&mut self, actions: impl DoubleEndedIterator<Item = Action>) {
        actions.rev().for_each(|action| self.push(action));
    }

    /// Moves the action of this id on to a page, or finishes it where there is none.
    pub(super) fn advance(&mut self, id: &str, next: &str) {
        if next.is_empty() {
            self.actions_map.remove(id);
            // It is at or near the top, however many lie below.
            if let Some(place) = self.action_order.iter().rposition(|other| other == id) {
                self.action_order.remove(place);
            }
            self.completed_actions_count += 1;
        } else if let Some(action) = self.actions_map.get_mut(id) {
            action.page_token = next.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After the first action of a full sync, as other programs write it.
    const BEGUN: &str = r#"{"actions_map":{"0000000001":{"id":"0000000001","operation":"grant-expansion"},"0000000002":{"id":"0000000002","operation":"list-grants"},"0000000003":{"id":"0000000003","operation":"list-entitlements"},"0000000004":{"id":"0000000004","operation":"list-static-entitlements"},"0000000005":{"id":"0000000005","operation":"list-resources"},"0000000006":{"id":"0000000006","operation":"list-resource-types"}},"action_order":["0000000001","0000000002","0000000003","0000000004","0000000005","0000000006"],"current_action_id":7,"completed_actions_count":1,"ingest_quality":{},"version":1}"#;
    /// After the last.
    const DONE: &str = r#"{"current_action_id":17,"needs_expansion":true,"completed_actions_count":17,"ingest_quality":{"source_cache_replay_blocked":true,"reason_flags":32},"version":1}"#;

    #[test]
    fn tokens_of_other_programs_come_back_byte_for_byte() {
        for token in [BEGUN, DONE] {
            assert_eq!(State::parse(token).to_token(), token);
        }
    }

    #[test]
    fn the_last_in_the_order_is_done_first() {
        let state = State::parse(BEGUN);
        assert_eq!(state.top().unwrap().operation, Operation::ListResourceTypes);
        assert!(State::parse(DONE).top().is_none(), "nothing is left to do");
    }

    #[test]
    fn a_token_that_says_nothing_usable_starts_from_the_beginning() {
        let dangling = r#"{"action_order":["0000000001"],"completed_actions_count":3,"version":1}"#;
        let old = r#"{"actions":[{"operation":"list-grants"}],"current_action":{"operation":"list-grants"}}"#;
        for token in
            ["", "{", "{}", r#"{"version":1}"#, r#"{"version":3,"completed_actions_count":9}"#, old, dangling]
        {
            assert_eq!(State::parse(token), State::begin(), "{token}");
        }
    }

    #[test]
    fn actions_of_one_push_are_done_in_their_order() {
        let mut state = State { version: 1, ..State::default() };
        let kinds = ["a", "b", "c"];
        state.push_all(kinds.iter().map(|kind| Action::of_type(Operation::ListResources, kind)));
        for kind in kinds {
            let top = state.top().unwrap().clone();
            assert_eq!(top.resource_type_id, kind);
            state.advance(&top.id, "page 2");
            assert_eq!(state.top().unwrap().page_token, "page 2");
            state.advance(&top.id, "");
        }
        assert_eq!((state.len(), state.completed_actions_count), (0, 3));
    }

    #[test]
    fn a_large_stack_is_as_quick_as_a_small_one() {
        let mut state = State { version: 1, ..State::default() };
        let actions = 100_000;
        state.push_all((0..actions).map(|_| Action::new(Operation::ListResources)));
        let begun = std::time::Instant::now();
        while let Some(id) = state.top().map(|top| top.id.clone()) {
            state.advance(&id, "");
        }
        assert_eq!(state.completed_actions_count, actions);
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    }

    #[test]
    fn actions_of_the_future_are_kept_apart_from_nothing() {
        let token = r#"{"actions_map":{"0000000001":{"id":"0000000001","operation":"fetch-assets"}},"action_order":["0000000001"],"current_action_id":2,"completed_actions_count":1,"version":1}"#;
        assert_eq!(State::parse(token).top().unwrap().operation, Operation::Unknown);
    }
}
