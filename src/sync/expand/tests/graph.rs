//! The graph alone: parallel edges, cycles, order.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use crate::sync::expand::graph::{Edge, Graph, Node};

fn edge(shallow: bool, types: &[&str]) -> Edge {
    Edge::new(shallow, types.iter().map(|&kind| kind.to_owned()))
}

/// `a b`: an edge for everybody.
fn graph(edges: &[&str]) -> Graph {
    let mut graph = Graph::new();
    for ends in edges {
        let (source, destination) = ends.split_once(' ').unwrap();
        graph.add_edge(source, destination, &Edge::default());
    }
    graph
}

/// `a b < c d`: the node of a and b, whose parents are the nodes of c and of d.
fn show(nodes: &[Node]) -> Vec<String> {
    let name = |node: &Node| node.members.join("+");
    let line = |node: &Node| {
        let parents = node.parents.keys().map(|&parent| format!(" {}", name(&nodes[parent])));
        format!("{} <{}", name(node), parents.collect::<String>())
    };
    nodes.iter().map(line).collect()
}

#[test]
fn parallel_edges_let_more_pass() {
    let all: &[&str] = &[];
    let table = [
        ((false, all), (false, all), (false, all)),
        ((true, all), (true, all), (true, all)),
        ((true, all), (false, all), (false, all)),
        ((false, &["user"][..]), (false, all), (false, all)),
        ((false, &["user"]), (false, &["user"]), (false, &["user"])),
        ((false, &["user"]), (false, &["app"]), (false, &["app", "user"])),
        ((true, &["user"]), (true, &["user", "app", "app"]), (true, &["app", "user"])),
        ((true, &["user"]), (false, &["app"]), (false, &["app", "user"])),
        ((true, all), (false, &["user"]), (false, all)),
        ((true, &["user"]), (true, all), (true, all)),
    ];
    for (one, other, both) in table {
        let (one, other, both) = (edge(one.0, one.1), edge(other.0, other.1), edge(both.0, both.1));
        for [first, second] in [[&one, &other], [&other, &one]] {
            let mut graph = Graph::new();
            graph.add_edge("s", "d", first);
            graph.add_edge("s", "d", second);
            assert_eq!(graph.edges(), [("s", "d", &both)], "{first:?} {second:?}");
        }
    }
}

#[test]
fn an_edge_lets_pass_whom_it_names() {
    for (edge, user, indirect_user, group) in [
        (edge(false, &[]), true, true, true),
        (edge(true, &[]), true, false, true),
        (edge(false, &["app", "user"]), true, true, false),
        (edge(true, &["user"]), true, false, false),
    ] {
        assert_eq!(edge.passes(b"user", true), user);
        assert_eq!(edge.passes(b"user", false), indirect_user);
        assert_eq!(edge.passes(b"group", true), group);
    }
}

#[test]
fn nothing_leads_to_itself() {
    let graph = graph(&["a a"]);
    assert!(graph.is_empty());
    assert_eq!(graph.nodes(), []);
}

#[test]
fn sources_come_first() {
    assert_eq!(show(&graph(&["c b", "b a"]).nodes()), ["c <", "b < c", "a < b"]);
    assert_eq!(show(&graph(&["a d", "b d", "c a", "c b"]).nodes()), ["c <", "a < c", "b < c", "d < a b"]);
}

#[test]
fn cycles_become_one_node() {
    let two = graph(&["z a", "a b", "b a", "b c", "c d", "d c", "a d"]);
    assert_eq!(show(&two.nodes()), ["z <", "a+b < z", "c+d < a+b"]);
    let eight = graph(&["a b", "b a", "b c", "c b"]);
    assert_eq!(show(&eight.nodes()), ["a+b+c <"]);
    assert!(eight.nodes()[0].is_cycle());
}

#[test]
fn edges_from_and_to_a_cycle_are_parallel() {
    let mut graph = graph(&["a b", "b a"]);
    graph.add_edge("z", "a", &edge(true, &["user"]));
    graph.add_edge("z", "b", &edge(false, &["app"]));
    graph.add_edge("a", "y", &edge(true, &["user"]));
    graph.add_edge("b", "y", &edge(true, &[]));
    let nodes = graph.nodes();
    assert_eq!(show(&nodes), ["z <", "a+b < z", "y < a+b"]);
    assert_eq!(nodes[1].sources(&nodes), [("z", &edge(false, &["app", "user"]))]);
    assert_eq!(nodes[2].sources(&nodes), [("a", &edge(true, &[])), ("b", &edge(true, &[]))]);
}

#[test]
fn length_is_no_matter() {
    const LENGTH: usize = 100_000;
    let name = |number: usize| format!("{number:06}");
    let mut graph = Graph::new();
    for number in 1..LENGTH {
        graph.add_edge(&name(number - 1), &name(number), &Edge::default());
    }
    let nodes = graph.nodes();
    assert_eq!(nodes.len(), LENGTH);
    let in_order = |(place, node): (usize, &Node)| *node.members == [Arc::from(name(place))];
    assert!(nodes.iter().enumerate().all(in_order));
    graph.add_edge(&name(LENGTH - 1), &name(0), &Edge::default());
    let nodes = graph.nodes();
    assert_eq!((nodes.len(), nodes[0].members.len()), (1, LENGTH));
    assert!(nodes[0].members.is_sorted() && !nodes[0].inherits());
}

type AnyEdge = (usize, usize, bool, Vec<&'static str>);

const NAMES: [&str; 9] = ["h", "c", "g", "aa", "a", "e", "b", "f", "d"];

fn any_edges() -> impl Strategy<Value = Vec<AnyEdge>> {
    let kinds = prop::sample::subsequence(vec!["app", "group", "user"], 0..=3);
    prop::collection::vec((0..NAMES.len(), 0..NAMES.len(), any::<bool>(), kinds), 0..24)
}

fn built(edges: &[AnyEdge]) -> Graph {
    let mut graph = Graph::new();
    for (source, destination, shallow, kinds) in edges {
        graph.add_edge(NAMES[*source], NAMES[*destination], &edge(*shallow, kinds));
    }
    graph
}

/// Which leads to which, by any number of edges.
fn reachable(edges: &[AnyEdge]) -> BTreeSet<(usize, usize)> {
    let mut pairs: BTreeSet<_> = (0..NAMES.len()).map(|place| (place, place)).collect();
    pairs.extend(edges.iter().map(|&(source, destination, ..)| (source, destination)));
    for middle in 0..NAMES.len() {
        for (from, to) in (0..NAMES.len()).flat_map(|from| (0..NAMES.len()).map(move |to| (from, to))) {
            if pairs.contains(&(from, middle)) && pairs.contains(&(middle, to)) {
                pairs.insert((from, to));
            }
        }
    }
    pairs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nodes_are_what_reaches_each_other(edges in any_edges()) {
        let nodes = built(&edges).nodes();
        let reachable = reachable(&edges);
        let ends = |&(source, destination, ..): &AnyEdge| [source, destination];
        let touched = edges.iter().filter(|&&(source, destination, ..)| source != destination).flat_map(ends);
        let touched: BTreeSet<usize> = touched.collect();
        let node_of = |place: usize| nodes.iter().position(|node| node.members.contains(&NAMES[place].into()));
        prop_assert_eq!(nodes.iter().map(|node| node.members.len()).sum::<usize>(), touched.len());
        for &one in &touched {
            for &other in &touched {
                let mutual = reachable.contains(&(one, other)) && reachable.contains(&(other, one));
                prop_assert_eq!(node_of(one).unwrap() == node_of(other).unwrap(), mutual);
            }
        }
        prop_assert!(nodes.iter().all(|node| node.members.is_sorted()));
    }

    #[test]
    fn parents_come_first_and_edges_to_nodes_are_merged(edges in any_edges()) {
        let nodes = built(&edges).nodes();
        let node_of = |place: usize| nodes.iter().position(|node| node.members.contains(&NAMES[place].into()));
        let mut seen = BTreeSet::new();
        for (source, destination, ..) in edges.iter().filter(|(source, destination, ..)| source != destination) {
            let ends = (node_of(*source).unwrap(), node_of(*destination).unwrap());
            prop_assert!(ends.0 <= ends.1);
            if ends.0 == ends.1 || !seen.insert(ends) {
                continue;
            }
            let parallel = || edges.iter().filter(|edge| (node_of(edge.0), node_of(edge.1)) == (Some(ends.0), Some(ends.1)));
            let mut kinds = BTreeSet::new();
            parallel().for_each(|edge| kinds.extend(edge.3.iter().copied()));
            if parallel().any(|edge| edge.3.is_empty()) {
                kinds.clear();
            }
            let kinds: Vec<&str> = kinds.into_iter().collect();
            let merged = edge(parallel().all(|edge| edge.2), &kinds);
            prop_assert_eq!(&nodes[ends.1].parents[&ends.0], &merged);
        }
        prop_assert_eq!(nodes.iter().map(|node| node.parents.len()).sum::<usize>(), seen.len());
    }

    #[test]
    fn order_of_insertion_is_no_matter(
        (edges, shuffled) in any_edges().prop_flat_map(|edges| (Just(edges.clone()), Just(edges).prop_shuffle()))
    ) {
        let (one, other) = (built(&edges), built(&shuffled));
        prop_assert_eq!(one.edges(), other.edges());
        prop_assert_eq!(one.nodes(), other.nodes());
    }
}
