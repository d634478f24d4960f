//! `baton-demo` as its users see it: what it syncs, changes, prints and says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

mod accounts;
mod asking;
mod generate;
mod grants;
mod help;
#[cfg(unix)]
mod kills;
mod logs;
mod published;
mod run;
#[cfg(unix)]
mod signals;
mod syncs;
mod usage;
