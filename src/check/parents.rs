//! Resources that lie inside themselves.

use super::components::{circles, sorted};
use super::known::{Known, NONE};
use super::rules::Code;
use super::state::State;

/// Records of a circle that are named.
const NAMED: usize = 20;

/// One finding for each circle of parents.
pub(super) fn conclude(state: &mut State) {
    if !state.notes.wants(Code::ParentCycle) {
        return;
    }
    for mut records in sorted(&found(&state.known), |thing| state.known.thing_record(thing)) {
        let message = match &records[..] {
            [one] => format!("resource {} is its own parent", one.id),
            [first, second, ..] => {
                let (count, first, second) = (records.len(), &first.id, &second.id);
                format!(
                    "{count} resources lie inside each other in a circle, among them {first} and {second}"
                )
            }
            [] => continue,
        };
        records.truncate(NAMED);
        state.notes.add(Code::ParentCycle, &records, &message, None);
    }
}

fn found(known: &Known) -> Vec<Vec<u32>> {
    let ways = (0..).zip(&known.things).filter(|(_, thing)| thing.parent != NONE);
    let mut edges: Vec<_> = ways.map(|(child, thing)| (child, thing.parent)).collect();
    let alone: Vec<_> =
        edges.iter().filter(|(child, parent)| child == parent).map(|one| vec![one.0]).collect();
    let mut found = circles(&mut edges);
    found.extend(alone);
    found
}
