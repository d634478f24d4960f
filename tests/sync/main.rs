//! The sync engine as a connector author meets it: whole syncs of made-up systems, with everything that can go wrong on the
//! way, compared with what must come out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panic")]

mod connector;
mod faults;
mod file;
mod kills;
mod options;
mod pages;
mod random;
mod records;
mod resume;
mod stages;
mod time;
mod world;
