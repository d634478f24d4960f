//! Tests of grant expansion.

mod examples;
mod graph;
mod promises;
mod random;

use super::testing::Memory;
use super::{Report, expand};

/// Expands what the lines say; all grants after it, and the report.
fn expanded(lines: &[&str]) -> (Vec<String>, Report) {
    let mut memory = Memory::of(lines);
    let report = expand(&mut memory).unwrap();
    (memory.show(), report)
}

/// Lines in the order in which grants are shown.
fn sorted(lines: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    lines.sort();
    lines
}
