//! Ears for what is logged, each test hearing only its own thread.

use std::cell::RefCell;

use log::{LevelFilter, Log, Metadata, Record};

thread_local! {
    static HEARD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Ears;

impl Log for Ears {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        HEARD.with_borrow_mut(|heard| heard.push(super::log::plain(record)));
    }

    fn flush(&self) {}
}

/// What `f` returns, and the lines that it logs: level, message, fields.
pub(super) fn heard<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let _ = log::set_logger(&Ears);
    log::set_max_level(LevelFilter::Trace);
    HEARD.take();
    let result = f();
    (result, HEARD.take())
}
