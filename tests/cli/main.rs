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
mod compare;
mod containers;
mod damaged;
mod dangling;
mod empty;
mod filters;
mod formats;
mod globals;
mod help;
mod lists;
mod people;
mod resources;
mod stable;
mod stats;
#[cfg(unix)]
mod streams;
mod syncs;
mod text;
mod unknown;
mod v3;
