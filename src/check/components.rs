//! Circles in a graph: its strongly connected components, by Tarjan's algorithm with a stack of its own, since a chain
//! can be longer than the stack of a thread.
//!
//! R. Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972).

use super::Record;

/// The vertices of each component of more than one vertex, sorted; the components by their first. Edges that lead from a
/// vertex to itself do not count. Sorts `edges` and takes repeated ones out.
pub(super) fn circles(edges: &mut Vec<(u32, u32)>) -> Vec<Vec<u32>> {
    edges.retain(|(from, to)| from != to);
    edges.sort_unstable();
    edges.dedup();
    // Only vertices with a way out can lie on a circle, and they stand in the order of the edges.
    let mut vertices: Vec<u32> = edges.iter().map(|(from, _)| *from).collect();
    vertices.dedup();
    let mut walk = Walk::new(edges, &vertices);
    for vertex in 0..vertices.len() {
        walk.start(vertex);
    }
    let name = |vertex: &usize| vertices.get(*vertex).copied();
    let mut circles: Vec<Vec<u32>> =
        walk.circles.iter().map(|circle| circle.iter().filter_map(name).collect()).collect();
    for circle in &mut circles {
        circle.sort_unstable();
    }
    circles.sort_unstable();
    circles
}

/// The records of circles, sorted, and the circles by their first.
pub(super) fn sorted(circles: &[Vec<u32>], record: impl Fn(u32) -> Record) -> Vec<Vec<Record>> {
    let records = |circle: &Vec<u32>| {
        let mut records: Vec<_> = circle.iter().map(|vertex| record(*vertex)).collect();
        records.sort_unstable();
        records
    };
    let mut sorted: Vec<_> = circles.iter().map(records).collect();
    sorted.sort_unstable();
    sorted
}

/// A vertex on the way from the start to where the walk is.
struct Step {
    vertex: usize,
    /// The edges that are still to be walked.
    left: std::ops::Range<usize>,
}

struct Walk {
    /// Where edges lead to: places of vertices.
    targets: Vec<usize>,
    /// Where the edges of each vertex begin, and behind the last one the end.
    starts: Vec<usize>,
    /// As the how-manieth each vertex was found, from 1 on; 0 before that.
    found: Vec<usize>,
    count: usize,
    /// The earliest open vertex that each can reach, as far as is known.
    earliest: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    way: Vec<Step>,
    circles: Vec<Vec<usize>>,
}

impl Walk {
    fn new(edges: &[(u32, u32)], vertices: &[u32]) -> Self {
        let (mut targets, mut starts) = (Vec::new(), Vec::with_capacity(vertices.len() + 1));
        let mut rest = edges.iter().peekable();
        for vertex in vertices {
            starts.push(targets.len());
            while let Some((_, to)) = rest.next_if(|(from, _)| from == vertex) {
                // What has no way out is no vertex here.
                targets.extend(vertices.binary_search(to).ok());
            }
        }
        starts.push(targets.len());
        let len = vertices.len();
        Self {
            targets,
            starts,
            found: vec![0; len],
            count: 0,
            earliest: vec![0; len],
            is_open: vec![false; len],
            open: Vec::new(),
            way: Vec::new(),
            circles: Vec::new(),
        }
    }

    fn start(&mut self, vertex: usize) {
        if at(&self.found, vertex) != 0 {
            return;
        }
        self.enter(vertex);
        while let Some(step) = self.way.last_mut() {
            match step.left.next() {
                Some(edge) => {
                    let from = step.vertex;
                    self.look(from, at(&self.targets, edge));
                }
                None => self.leave(),
            }
        }
    }

    fn enter(&mut self, vertex: usize) {
        self.count += 1;
        put(&mut self.found, vertex, self.count);
        put(&mut self.earliest, vertex, self.count);
        put(&mut self.is_open, vertex, true);
        self.open.push(vertex);
        let left = at(&self.starts, vertex)..at(&self.starts, vertex + 1);
        self.way.push(Step { vertex, left });
    }

    fn look(&mut self, from: usize, to: usize) {
        let found = at(&self.found, to);
        if found == 0 {
            self.enter(to);
        } else if at(&self.is_open, to) {
            self.reach(from, found);
        }
    }

    fn reach(&mut self, vertex: usize, earliest: usize) {
        let known = at(&self.earliest, vertex);
        put(&mut self.earliest, vertex, known.min(earliest));
    }

    fn leave(&mut self) {
        let Some(Step { vertex, .. }) = self.way.pop() else { return };
        let earliest = at(&self.earliest, vertex);
        if let Some(before) = self.way.last().map(|step| step.vertex) {
            self.reach(before, earliest);
        }
        if earliest != at(&self.found, vertex) {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.open.pop() {
            put(&mut self.is_open, member, false);
            component.push(member);
            if member == vertex {
                break;
            }
        }
        if component.len() > 1 {
            self.circles.push(component);
        }
    }
}

fn at<T: Copy + Default>(list: &[T], place: usize) -> T {
    list.get(place).copied().unwrap_or_default()
}

fn put<T>(list: &mut [T], place: usize, value: T) {
    if let Some(old) = list.get_mut(place) {
        *old = value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_each_circle_once() {
        let mut edges = vec![(1, 2), (2, 3), (3, 1), (3, 9), (9, 9), (7, 5), (5, 7), (7, 1), (1, 2)];
        assert_eq!(circles(&mut edges), [vec![1, 2, 3], vec![5, 7]]);
        assert_eq!(circles(&mut vec![(1, 2), (2, 3), (1, 3), (4, 4)]), Vec::<Vec<u32>>::new());
        assert_eq!(circles(&mut Vec::new()), Vec::<Vec<u32>>::new());
    }

    #[test]
    fn a_long_chain_does_not_overflow() {
        let mut edges: Vec<_> = (0..300_000).map(|vertex| (vertex, vertex + 1)).collect();
        assert!(circles(&mut edges).is_empty());
        edges.push((300_000, 0));
        assert_eq!(circles(&mut edges)[0].len(), 300_001);
    }

    proptest! {
        #[test]
        fn agrees_with_who_reaches_whom(mut edges in prop::collection::vec((0_u32..9, 0_u32..9), 0..24)) {
            let mut reach = [[false; 9]; 9];
            for (from, to) in &edges {
                reach[*from as usize][*to as usize] = true;
            }
            for over in 0..9 {
                for from in 0..9 {
                    for to in 0..9 {
                        reach[from][to] |= reach[from][over] && reach[over][to];
                    }
                }
            }
            let mutual = |a: u32, b: u32| reach[a as usize][b as usize] && reach[b as usize][a as usize];
            let mut expected: Vec<Vec<u32>> = (0..9)
                .map(|a| (0..9).filter(|&b| b == a || mutual(a, b)).collect::<Vec<_>>())
                .filter(|circle| circle.len() > 1)
                .collect();
            expected.sort();
            expected.dedup();
            prop_assert_eq!(circles(&mut edges), expected);
        }
    }
}
