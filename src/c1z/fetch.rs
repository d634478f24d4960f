//! Fetching memory ahead of the decoder.
//!
//! The system clears every page before a process may write to it, and for large images that takes longer than to decode
//! what goes there. So a second core asks for the pages that come next, while the first one decodes:
//!
//! ```text
//! | decoded … | the decoder writes here |  fetched  |  being fetched  |  at most WINDOW ahead … not touched
//! ```
//!
//! How large an image will be is a claim of the file, so no more than a window is ever fetched in vain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::mapping::Fetcher;

/// What is asked for at a time: a huge page.
const PIECE: usize = 2 << 20;
/// How far ahead of the decoder memory is fetched.
const WINDOW: usize = 16 * PIECE;
/// Smaller images are decoded before a thread would have begun.
const WORTH_IT: usize = 16 << 20;
/// How long it waits for the decoder to come nearer.
const PAUSE: Duration = Duration::from_micros(500);

/// A thread that fetches, until it is dropped.
pub(super) struct Fetching(Arc<Progress>);

#[derive(Default)]
struct Progress {
    /// Bytes that are decoded.
    written: AtomicUsize,
    ended: AtomicBool,
}

impl Fetching {
    /// Starts to fetch the `length` bytes behind `start`; `None` when that is not worth a thread, or there is no core
    /// for it.
    pub(super) fn start(fetcher: Fetcher, start: usize, length: usize) -> Option<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if length < WORTH_IT || cores < 2 {
            return None;
        }
        let progress = Arc::new(Progress::default());
        let seen = Arc::clone(&progress);
        let fetch = move || run(&fetcher, start, length, &seen);
        thread::Builder::new().name("fetch".into()).spawn(fetch).ok()?;
        Some(Self(progress))
    }

    /// Says how many bytes are decoded.
    pub(super) fn wrote(&self, bytes: usize) {
        self.0.written.store(bytes, Ordering::Relaxed);
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

fn run(fetcher: &Fetcher, start: usize, length: usize, progress: &Progress) {
    let mut done = 0;
    while !progress.ended.load(Ordering::Relaxed) {
        let written = progress.written.load(Ordering::Relaxed);
        // The piece that is being written to is left to the decoder.
        let from = written.next_multiple_of(PIECE).max(done);
        if from >= length {
            return;
        }
        if from - written > WINDOW {
            thread::sleep(PAUSE);
            continue;
        }
        if fetcher.fetch(start + from, PIECE.min(length - from)).is_err() {
            return;
        }
        done = from + PIECE;
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapping::Memory;
    use super::*;

    #[test]
    fn what_is_fetched_stays_as_it_is() {
        let mut memory = Memory::new(WORTH_IT + 3 * PIECE + 5).unwrap();
        let fetching = Fetching::start(memory.fetcher(), 4096, WORTH_IT + 2 * PIECE);
        let length = memory.bytes().len();
        for end in (PIECE..length).step_by(PIECE) {
            memory.bytes_mut()[end - PIECE..end].fill(7);
            if let Some(fetching) = &fetching {
                fetching.wrote(end);
            }
        }
        drop(fetching);
        let (written, rest) = memory.bytes().split_at(length / PIECE * PIECE);
        assert!(written.iter().all(|byte| *byte == 7));
        assert!(rest.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn little_is_not_worth_a_thread() {
        let memory = Memory::new(PIECE).unwrap();
        assert!(Fetching::start(memory.fetcher(), 0, PIECE).is_none());
    }
}
