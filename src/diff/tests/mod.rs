//! Tests of the comparison.

mod fields;
mod joins;
mod options;
mod properties;
mod stores;
