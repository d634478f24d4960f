//! Decoding many files at a time.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::super::error::ErrorKind;
use super::super::source::Observer;
use super::directory::Entry;
use super::{Archive, Body};

/// Decoded bytes that are worth a thread of their own.
const SHARE: u64 = 512 << 10;

/// What is to be decoded, and how far that has come.
struct Queue<'a> {
    archive: &'a Archive,
    /// Places in the list of the caller, whose order is kept, and in the directory.
    files: Vec<(usize, usize, &'a Entry)>,
    next: AtomicUsize,
    /// Bytes of frames.
    done: AtomicU64,
    errors: Mutex<Vec<(usize, ErrorKind)>>,
}

impl Archive {
    /// Decodes the files at `places`; the errors come with their places in that list, and in its order.
    pub(super) fn decode_all(&self, places: &[usize], observer: Observer<'_>) -> Vec<(usize, ErrorKind)> {
        let Body::Frames { frames, .. } = &self.body else {
            return Vec::new();
        };
        let wanted = places.iter().enumerate().filter(|(_, place)| !frames.has(**place));
        let files: Vec<_> =
            wanted.filter_map(|(asked, place)| Some((asked, *place, self.entries().get(*place)?))).collect();
        let total = files.iter().fold(0_u64, |sum, (_, _, entry)| sum.saturating_add(entry.stored));
        let threads = threads(&files);
        let queue = Queue {
            archive: self,
            files,
            next: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            errors: Mutex::default(),
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                // Without a thread there is less help, and nothing else is lost.
                let _ = thread::Builder::new().spawn_scoped(scope, || while queue.one() {});
            }
            while queue.one() {
                observer(queue.done.load(Ordering::Relaxed), Some(total));
            }
        });
        if !queue.files.is_empty() {
            observer(total, Some(total));
        }
        let mut errors = queue.errors.into_inner().unwrap_or_else(PoisonError::into_inner);
        errors.sort_by_key(|(asked, _)| *asked);
        errors
    }
}

/// How many threads some files are worth.
fn threads(files: &[(usize, usize, &Entry)]) -> usize {
    let bytes = files.iter().fold(0_u64, |sum, (_, _, entry)| sum.saturating_add(entry.size));
    let worth = usize::try_from(bytes / SHARE).unwrap_or(usize::MAX);
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    processors.min(files.len()).min(worth)
}

impl Queue<'_> {
    /// Decodes the next file; false when there is none.
    fn one(&self) -> bool {
        let Some((asked, place, entry)) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) else {
            return false;
        };
        if let Err(kind) = self.archive.content(*place) {
            self.errors.lock().unwrap_or_else(PoisonError::into_inner).push((*asked, kind));
        }
        self.done.fetch_add(entry.stored, Ordering::Relaxed);
        true
    }
}
