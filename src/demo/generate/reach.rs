//! What a principal holds: in its own right, and through the groups that it is a member of.
//!
//! This is the expansion of grants, seen from one principal. Membership in a group passes on what the group
//! holds: other groups, and what those hold. What passes names the group whose membership it comes from, and
//! whether that membership is one in the principal's own right.

use hashbrown::{HashMap, HashSet};

use super::groups::Edge;
use super::plan::{Plan, Right};
use super::sort::{Link, Source};

/// What one principal holds.
#[derive(Debug)]
pub(super) struct Reach<'p> {
    plan: &'p Plan,
    /// Whether the principal is a group, to which some grants do not pass.
    group: bool,
    held: HashSet<u32>,
    /// The groups that it is in, in the order of joining.
    joined: Vec<u32>,
    /// The same, and whether in its own right.
    member: HashMap<u32, bool>,
    done: Vec<Step>,
    edges: Vec<Edge>,
    open: Vec<(u32, bool)>,
}

/// What can be undone.
#[derive(Debug, Clone, Copy)]
enum Step {
    Held(u32),
    Joined(u32),
    Directly(u32),
}

impl<'p> Reach<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            group: false,
            held: HashSet::new(),
            joined: Vec::new(),
            member: HashMap::new(),
            done: Vec::new(),
            edges: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Forgets what is held: for another principal.
    pub(super) fn begin(&mut self, group: bool) {
        self.group = group;
        self.held.clear();
        self.joined.clear();
        self.member.clear();
        self.done.clear();
    }

    /// How many entitlements are held.
    pub(super) fn len(&self) -> u64 {
        self.held.len() as u64
    }

    /// Grants an entitlement, unless more than `most` would then be held in all.
    pub(super) fn hold(&mut self, entitlement: u32, most: u64) -> bool {
        self.done.clear();
        self.open.clear();
        self.open.push((entitlement, true));
        while let Some((entitlement, directly)) = self.open.pop() {
            if self.held.insert(entitlement) {
                self.done.push(Step::Held(entitlement));
            }
            if self.len() > most {
                self.undo();
                return false;
            }
            if let Right::GroupMember(group) = self.plan.right(entitlement) {
                self.join(group, directly);
            }
        }
        true
    }

    fn join(&mut self, group: u32, directly: bool) {
        match self.member.get(&group) {
            None => {
                self.joined.push(group);
                self.done.push(Step::Joined(group));
            }
            Some(false) if directly => self.done.push(Step::Directly(group)),
            Some(_) => return,
        }
        self.member.insert(group, directly);
        self.plan.edges(group, &mut self.edges);
        let (edges, to_group) = (&self.edges, self.group);
        self.open.extend(edges.iter().filter(|edge| passes(edge, to_group, directly)).map(|e| (e.to, false)));
    }

    fn undo(&mut self) {
        for step in self.done.drain(..).rev() {
            match step {
                Step::Held(entitlement) => drop(self.held.remove(&entitlement)),
                Step::Directly(group) => drop(self.member.insert(group, false)),
                Step::Joined(group) => {
                    self.member.remove(&group);
                    self.joined.pop();
                }
            }
        }
    }

    /// One link for each way to each entitlement that is held through a group, in no order.
    pub(super) fn inherited<E>(
        &mut self,
        principal: u32,
        mut tell: impl FnMut(Link) -> Result<(), E>,
    ) -> Result<(), E> {
        for &group in &self.joined {
            let directly = self.member.get(&group).copied().unwrap_or_default();
            self.plan.edges(group, &mut self.edges);
            for edge in self.edges.iter().filter(|edge| passes(edge, self.group, directly)) {
                tell(Link { entitlement: edge.to, principal, source: Source::group(group, directly) })?;
            }
        }
        Ok(())
    }
}

/// Whether a member of the group inherits a grant to it.
fn passes(edge: &Edge, to_group: bool, directly: bool) -> bool {
    !(edge.users_only && to_group || edge.shallow && !directly)
}
