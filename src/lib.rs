//! `baton` reads `.c1z` files: who has access to what, as a connector saw it.
//!
//! A *connector* asks one system who can do what there, and writes the answer into one file. [`store::Reader`] opens
//! such a file, [`store::Snapshot`] reads the records of one of its syncs, and [`view::View`] joins them.
//!
//! Data takes one way: bytes → [`c1z::Image`] → engine → [`store`] record → [`view`] row → [`render`] → output.

pub mod c1z;
pub mod check;
pub mod cli;
pub mod demo;
pub mod diff;
pub mod model;
pub mod pebble;
pub mod render;
pub mod runner;
pub mod store;
pub mod sync;
pub mod ui;
pub mod verify;
pub mod view;
