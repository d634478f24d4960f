//! Looking at a file for its own sake, below its records.

mod dump;

pub use dump::{DumpError, Keys, dump};
