//! The graph of entitlements: which one hands its principals to which.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::components;

/// Who passes from one entitlement to another. The default lets everybody pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    shallow: bool,
    types: Vec<String>,
}

impl Edge {
    /// An edge for principals of these resource types, or of all if there are none; a shallow one is for those who hold
    /// the source by themselves.
    #[must_use]
    pub fn new(shallow: bool, types: impl IntoIterator<Item = String>) -> Self {
        let mut types: Vec<String> = types.into_iter().collect();
        types.sort_unstable();
        types.dedup();
        Self { shallow, types }
    }

    /// Whether only those pass who hold the source by themselves.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// The resource types of those who pass, sorted; none means all.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// Whether a principal passes: its resource type, and whether it holds the source by itself.
    #[must_use]
    pub fn passes(&self, kind: &[u8], direct: bool) -> bool {
        let kind_passes =
            self.types.is_empty() || self.types.binary_search_by(|known| known.as_bytes().cmp(kind)).is_ok();
        kind_passes && (direct || !self.shallow)
    }

    /// Lets pass, in addition, whom a parallel edge lets pass: a deep edge beats a shallow one, one for all types beats
    /// one for some, and types add up. This can be more than both let pass apart.
    pub fn merge(&mut self, other: &Self) {
        self.shallow &= other.shallow;
        if self.types.is_empty() || other.types.is_empty() {
            self.types.clear();
        } else if self.types != other.types {
            self.types.extend_from_slice(&other.types);
            self.types.sort_unstable();
            self.types.dedup();
        }
    }
}

/// Entitlements, and the edges between them.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    /// By the numbers of source and destination.
    edges: HashMap<(u32, u32), Edge>,
}

impl Graph {
    /// A graph without edges.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets principals pass from one entitlement to another, in addition to those who can already. That an
    /// entitlement hands its principals to itself means nothing.
    pub fn add_edge(&mut self, source: &str, destination: &str, edge: &Edge) {
        if source == destination {
            return;
        }
        let ends = (self.number(source), self.number(destination));
        self.edges.entry(ends).and_modify(|known| known.merge(edge)).or_insert_with(|| edge.clone());
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let (name, number) = (Arc::<str>::from(name), self.names.len() as u32);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// How many edges there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// All edges with source and destination, sorted by those.
    #[must_use]
    pub fn edges(&self) -> Vec<(&str, &str, &Edge)> {
        let name = |number: u32| self.names.get(number as usize).map_or("", |name| &**name);
        let mut edges: Vec<_> =
            self.edges.iter().map(|(&(source, to), edge)| (name(source), name(to), edge)).collect();
        edges.sort_unstable_by_key(|&(source, destination, _)| (source, destination));
        edges
    }

    /// Collapses every cycle into one node, and puts the nodes in an order in which all parents of a node come before
    /// it. The result depends on the set of edges alone.
    #[must_use]
    pub fn nodes(&self) -> Vec<Node> {
        let sorted = Sorted::of(self);
        let found = components::of(&sorted.sources);
        let mut node_of = vec![0; sorted.names.len()];
        let mut nodes = Vec::with_capacity(found.len());
        for (place, numbers) in found.iter().enumerate() {
            let mut members = Vec::with_capacity(numbers.len());
            for &number in numbers {
                members.extend(sorted.names.get(number as usize).copied().cloned());
                if let Some(node) = node_of.get_mut(number as usize) {
                    *node = place;
                }
            }
            nodes.push(Node { members, parents: BTreeMap::new() });
        }
        let node_of = |number: u32| node_of.get(number as usize).copied().unwrap_or_default();
        for &(destination, source, edge) in &sorted.edges {
            let (place, parent) = (node_of(destination), node_of(source));
            if let Some(node) = nodes.get_mut(place)
                && place != parent
            {
                node.parents
                    .entry(parent)
                    .and_modify(|known| known.merge(edge))
                    .or_insert_with(|| edge.clone());
            }
        }
        nodes
    }
}

/// A graph with its entitlements numbered by name, so that nothing depends on who came first.
struct Sorted<'a> {
    names: Vec<&'a Arc<str>>,
    /// Destination, source, edge; sorted.
    edges: Vec<(u32, u32, &'a Edge)>,
    /// The sources of each entitlement, sorted.
    sources: Vec<Vec<u32>>,
}

impl<'a> Sorted<'a> {
    fn of(graph: &'a Graph) -> Self {
        let mut names: Vec<_> = graph.names.iter().zip(0_u32..).collect();
        names.sort_unstable();
        let mut ranks = vec![0; names.len()];
        for (&(_, number), rank) in names.iter().zip(0_u32..) {
            if let Some(place) = ranks.get_mut(number as usize) {
                *place = rank;
            }
        }
        let rank = |number: u32| ranks.get(number as usize).copied().unwrap_or_default();
        let mut edges: Vec<_> =
            graph.edges.iter().map(|(&(source, to), edge)| (rank(to), rank(source), edge)).collect();
        edges.sort_unstable_by_key(|&(destination, source, _)| (destination, source));
        let mut sources = vec![Vec::new(); names.len()];
        for &(destination, source, _) in &edges {
            if let Some(list) = sources.get_mut(destination as usize) {
                list.push(source);
            }
        }
        Self { names: names.into_iter().map(|(name, _)| name).collect(), edges, sources }
    }
}

/// An entitlement; or several on a common cycle, which inherit the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The ids of the entitlements, sorted.
    pub members: Vec<Arc<str>>,
    /// The nodes that this one inherits from, by their place in the order, and who passes.
    pub parents: BTreeMap<usize, Edge>,
}

impl Node {
    /// Whether it inherits anything.
    #[must_use]
    pub fn inherits(&self) -> bool {
        !self.parents.is_empty()
    }

    /// Whether its entitlements lie on a cycle.
    #[must_use]
    pub fn is_cycle(&self) -> bool {
        self.members.len() > 1
    }

    /// Every entitlement that it inherits from and who passes, sorted by entitlement. `nodes` is the whole order.
    #[must_use]
    pub fn sources<'a>(&'a self, nodes: &'a [Node]) -> Vec<(&'a str, &'a Edge)> {
        let mut sources: Vec<_> = self
            .parents
            .iter()
            .filter_map(|(&parent, edge)| nodes.get(parent).map(|node| (node, edge)))
            .flat_map(|(node, edge)| node.members.iter().map(move |member| (&**member, edge)))
            .collect();
        sources.sort_unstable_by_key(|&(source, _)| source);
        sources
    }
}
