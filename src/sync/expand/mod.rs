//! Grant expansion: who holds something because a group of theirs holds it.
//!
//! A connector stores what it is told: *group b holds `app:read`*. If everybody in the group can read too, it says so
//! on that grant, with a `GrantExpandable` that names the entitlement by which one is in the group, `b:member`. To
//! expand a grant is to write down the grants that follow from it: one on `app:read` for everybody who has
//! `b:member`. Such grants may follow from others again, so expandable grants form a graph of entitlements, in which
//! principals flow along the edges.
//!
//! ```text
//! stored grants              graph                              grants that follow
//!
//! ada  has  a:member         a:member ──► b:member              ada  has  b:member   from a:member
//! a    has  b:member  by a                   │                  a    has  app:read   from b:member
//! b    has  app:read  by b                   └──► app:read      ada  has  app:read   from b:member
//! ```
//!
//! A grant names the entitlements right before it as its sources, never those further back, and for each whether the
//! principal holds that one by itself: `ada` has `app:read` from `b:member`, which she does not hold by herself. An edge
//! may be *shallow*, and then only those pass who hold its source by themselves; and it may be limited to some resource
//! types. A group that is a member passes like any other principal.
//!
//! Groups may contain each other. Entitlements on a cycle become one node: they pass nothing to each other, all of
//! them pass to what comes after, and what comes before passes to all of them.
//!
//! ```text
//! edges      z:member ──► a:member ◄──► b:member ──► app:read
//!
//! nodes      z:member ──► { a:member, b:member } ──► app:read
//! ```
//!
//! Nodes are taken in topological order, so the grants that a destination inherits are complete when its turn comes.
//! A principal who has no grant on it gets a new one, marked as immutable; grants that are there already, of a direct
//! member, say, get the sources that they lack. Nothing is ever taken away, and nothing is written twice: to expand
//! again, after a stop or after the end, does what is left to do.
//!
//! [`expand`] works on anything that implements [`ExpandStore`]; [`graph::Graph`] can be used alone. In memory there are
//! the graph and the heirs of one node at a time.

mod components;
mod destination;
pub mod graph;
mod heirs;
mod load;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::ops::ControlFlow;

use crate::model::v2;
use heirs::Heirs;

/// What holds the grants of one sync.
pub trait ExpandStore {
    /// Why it fails.
    type Error;

    /// Lends every grant that expands, in the order of storage.
    ///
    /// # Errors
    /// What the store says, as in all calls.
    fn expandable_grants(&mut self, each: &mut dyn FnMut(Expandable<'_>)) -> Result<(), Self::Error>;

    /// The entitlement of that id.
    ///
    /// # Errors
    /// What the store says; that there is none is no error.
    fn entitlement(&mut self, id: &str) -> Result<Option<v2::Entitlement>, Self::Error>;

    /// Lends every grant of one entitlement, in the order of storage: the bytes of a `c1.connector.v2.Grant`.
    ///
    /// # Errors
    /// What the store says.
    fn grants_of(&mut self, entitlement: &str, each: &mut dyn FnMut(&[u8])) -> Result<(), Self::Error>;

    /// Stores a grant that expansion made, or gave sources. What a grant of that id expands to stays as it is.
    ///
    /// The id of a new one is `{entitlement}:{principal type}:{principal id}`. Nothing in it is escaped, so it may meet
    /// that of another grant; what happens then is up to the store.
    ///
    /// # Errors
    /// What the store says.
    fn put(&mut self, grant: &v2::Grant) -> Result<(), Self::Error>;

    /// `done` of `total` destinations are complete: a good moment to commit. A break stops before the next one.
    ///
    /// # Errors
    /// What the store says.
    fn destination_done(&mut self, done: usize, total: usize) -> Result<ControlFlow<()>, Self::Error>;
}

/// A stored grant that expands.
#[derive(Debug, Clone, Copy)]
pub struct Expandable<'a> {
    /// The bytes of the `c1.connector.v2.Grant`.
    pub grant: &'a [u8],
    /// The bytes of its `c1.connector.v2.GrantExpandable`.
    pub expandable: &'a [u8],
}

/// Grants that cannot be expanded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExpandError<E> {
    /// The store.
    #[error(transparent)]
    Store(E),
    /// A grant expands from an entitlement that is not its principal's: it would hand out what somebody else has.
    #[error(
        "grant {grant:?} expands from {source_id:?}, which is of {resource:?} and not of its principal {principal:?}"
    )]
    Foreign {
        /// The id of the grant.
        grant: String,
        /// The id of the entitlement that it expands from.
        source_id: String,
        /// The resource of that entitlement, as `type/id`.
        resource: String,
        /// The principal of the grant, as `type/id`.
        principal: String,
    },
    /// A stored grant does not parse.
    #[error("{what} does not parse: {source}")]
    Malformed {
        /// Which one, as far as is known.
        what: String,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// What expansion did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Pairs of entitlements of which the second one inherits from the first.
    pub edges: usize,
    /// Expandable grants times entitlements that they expand from, where there is no such entitlement.
    pub dropped_edges: Missing,
    /// Groups of entitlements that inherit from each other.
    pub cycles: usize,
    /// Entitlements that inherit.
    pub destinations: usize,
    /// Those of them that grants name, but that do not exist.
    pub skipped_destinations: Missing,
    /// New grants.
    pub created: u64,
    /// Grants that were there and got sources.
    pub updated: u64,
    /// Whether the store asked to stop, with destinations left to do.
    pub stopped: bool,
}

/// Entitlements that grants name, but that do not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// How often one was missing.
    pub count: usize,
    /// The first few of their ids, each once.
    pub examples: Vec<String>,
}

impl Missing {
    /// How many ids make an example.
    const EXAMPLES: usize = 5;

    fn add(&mut self, id: &str) {
        self.count += 1;
        if self.examples.len() < Self::EXAMPLES && !self.examples.iter().any(|known| known == id) {
            self.examples.push(id.to_owned());
        }
    }
}

/// Expands all grants of a store.
///
/// What is written, and in which order, depends only on what is stored.
///
/// # Errors
/// Every [`ExpandError`]; destinations that were done before stay done.
pub fn expand<S: ExpandStore>(store: &mut S) -> Result<Report, ExpandError<S::Error>> {
    let mut report = Report::default();
    let graph = load::graph(store, &mut report)?;
    let nodes = graph.nodes();
    report.edges = graph.len();
    report.cycles = nodes.iter().filter(|node| node.is_cycle()).count();
    report.destinations = nodes.iter().filter(|node| node.inherits()).map(|node| node.members.len()).sum();
    drop(graph);

    let mut done = 0;
    for node in nodes.iter().filter(|node| node.inherits()) {
        let heirs = Heirs::of(node, &nodes, store)?;
        for member in &node.members {
            match store.entitlement(member).map_err(ExpandError::Store)? {
                Some(entitlement) => destination::complete(entitlement, &heirs, store, &mut report)?,
                None => report.skipped_destinations.add(member),
            }
            done += 1;
            let go_on = store.destination_done(done, report.destinations).map_err(ExpandError::Store)?;
            if go_on.is_break() && done < report.destinations {
                report.stopped = true;
                return Ok(report);
            }
        }
    }
    Ok(report)
}

/// What is wrong with a stored message.
type Flaw = Box<dyn Error + Send + Sync>;

/// Hands every grant of `entitlement` to `each`, until one does not parse.
fn read_grants<S: ExpandStore>(
    store: &mut S,
    entitlement: &str,
    mut each: impl FnMut(&[u8]) -> Result<(), Flaw>,
) -> Result<(), ExpandError<S::Error>> {
    let mut outcome = Ok(());
    let read = store.grants_of(entitlement, &mut |message| {
        if outcome.is_ok() {
            outcome = each(message);
        }
    });
    read.map_err(ExpandError::Store)?;
    outcome.map_err(|flaw| malformed_grant(entitlement, flaw))
}

fn malformed_grant<E>(entitlement: &str, source: impl Into<Flaw>) -> ExpandError<E> {
    ExpandError::Malformed { what: format!("a grant of {entitlement:?}"), source: source.into() }
}
