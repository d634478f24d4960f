//! The target `salvage_rows` of `tests/fuzz/targets.rs`.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/fuzz/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::salvage_rows(bytes));
