//! What `baton` promises its users, kept by running the built program on `testdata/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

mod parse;
mod run;
mod shapes;
#[path = "../fuzz/stores.rs"]
mod stores;

mod access;
mod check;
mod check_baseline;
mod check_formats;
mod compare;
mod containers;
mod damaged;
mod dangling;
mod diff;
mod diff_codes;
mod diff_forms;
mod diff_sides;
mod differences;
mod empty;
mod filters;
mod formats;
mod globals;
mod help;
mod lists;
mod people;
mod resources;
mod salvage;
mod stable;
mod stats;
#[cfg(unix)]
mod streams;
mod syncs;
mod text;
mod unknown;
mod v3;
mod verify;
mod verify_files;
mod verify_flips;
mod verify_v1;
mod verify_v3;
