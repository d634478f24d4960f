//! Strongly connected components, in topological order: Tarjan's algorithm with a stack of its own, since a chain of
//! entitlements can be longer than the stack of a thread.
//!
//! R. Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972).

use std::slice;

/// The components of a graph, whose vertices are numbers from 0 on, and `sources` the vertices from which an edge leads
/// to each. Those before a component come first. Within a component the numbers are sorted.
pub(super) fn of(sources: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut walk = Walk { sources, found_as: vec![NEVER; sources.len()], ..Walk::default() };
    for (vertex, _) in (0_u32..).zip(sources) {
        walk.start(vertex);
    }
    walk.components
}

/// Not found yet.
const NEVER: u32 = 0;
/// Its component is complete.
const CLOSED: u32 = u32::MAX;

/// A walk against the edges, so that the first component to be complete is one that nothing leads to.
#[derive(Default)]
struct Walk<'a> {
    sources: &'a [Vec<u32>],
    /// For each vertex as the how-manieth it was found, from 1 on; or one of the above.
    found_as: Vec<u32>,
    found: u32,
    /// Vertices whose component is not complete, as they were found.
    open: Vec<u32>,
    /// The way from the start to where we are.
    way: Vec<Step<'a>>,
    components: Vec<Vec<u32>>,
}

struct Step<'a> {
    found_as: u32,
    /// The earliest open vertex that is known to be reachable from here.
    earliest: u32,
    /// The length of `open` before this vertex came.
    open_before: usize,
    left: slice::Iter<'a, u32>,
}

impl Walk<'_> {
    fn start(&mut self, vertex: u32) {
        if self.found_as(vertex) == NEVER {
            self.enter(vertex);
        }
        while let Some(step) = self.way.last_mut() {
            match step.left.next() {
                Some(&source) => self.look(source),
                None => self.leave(),
            }
        }
    }

    fn found_as(&self, vertex: u32) -> u32 {
        self.found_as.get(vertex as usize).copied().unwrap_or(CLOSED)
    }

    fn mark(&mut self, vertex: u32, found_as: u32) {
        if let Some(mark) = self.found_as.get_mut(vertex as usize) {
            *mark = found_as;
        }
    }

    fn enter(&mut self, vertex: u32) {
        self.found += 1;
        self.mark(vertex, self.found);
        let left = self.sources.get(vertex as usize).map(|sources| sources.iter()).unwrap_or_default();
        let found_as = self.found;
        self.way.push(Step { found_as, earliest: found_as, open_before: self.open.len(), left });
        self.open.push(vertex);
    }

    fn look(&mut self, source: u32) {
        match self.found_as(source) {
            NEVER => self.enter(source),
            CLOSED => {}
            open => self.reaches(open),
        }
    }

    fn reaches(&mut self, open: u32) {
        if let Some(step) = self.way.last_mut() {
            step.earliest = step.earliest.min(open);
        }
    }

    /// Goes back one step. Whoever reaches nothing earlier is where its component was entered.
    fn leave(&mut self) {
        let Some(step) = self.way.pop() else { return };
        if step.earliest < step.found_as {
            return self.reaches(step.earliest);
        }
        let mut component = self.open.split_off(step.open_before);
        for &vertex in &component {
            self.mark(vertex, CLOSED);
        }
        component.sort_unstable();
        self.components.push(component);
    }
}
