//! Reading ahead: a thread of its own decodes blocks and translates records while the first are being shown.
//!
//! It fills batches; emptied ones go back to it, so that their memory stays in the cache. It ends when nobody takes
//! batches any more.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::super::Error;
use super::Engine;
use super::batch::Batch;
use super::query::{Path, Query};
use super::rows::Rows;
use super::translate::Translate;
use crate::pebble::{self, Database};

/// Records per batch, at most.
const ROWS: usize = 256;
/// Bytes per batch, at most, unless one record is larger.
const BYTES: usize = 96 << 10;
/// Batches that lie between the thread and whoever takes them.
const BATCHES: usize = 4;
/// Bytes of tables that are worth a thread.
const WORTH: u64 = 256 << 10;

/// A batch, the end, or why it did not come to that.
type Delivery<F> = Result<Option<Batch<F>>, pebble::Error>;

/// The receiving end of a thread that reads ahead.
#[derive(Debug)]
pub(super) struct Ahead<F: Translate> {
    file: String,
    batches: Receiver<Delivery<F>>,
    emptied: SyncSender<Batch<F>>,
    ended: bool,
}

impl<F: Translate> Ahead<F> {
    /// Starts a thread for a walk that is worth it: along a range of some size, on a machine with a second core.
    pub(super) fn start(engine: &Engine, query: &Query) -> Option<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if !query.wide || cores < 2 || size(&engine.database, &query.path) < WORTH {
            return None;
        }
        let (sender, batches) = sync_channel(BATCHES);
        let (emptied, returned) = sync_channel(BATCHES);
        let (database, path) = (Arc::clone(&engine.database), query.path.clone());
        let read = move || {
            if let Err(error) = walk::<F>(&database, &path, &sender, &returned) {
                // Nobody listens when the walk was given up, and then nobody needs to know.
                let _ = sender.send(Err(error));
            }
        };
        thread::Builder::new().name("read-ahead".into()).spawn(read).ok()?;
        Some(Self { file: engine.file.clone(), batches, emptied, ended: false })
    }

    /// Takes the next batch and gives the emptied one back; false at the end.
    pub(super) fn refill(&mut self, batch: &mut Batch<F>) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        let failed = |source| Error::Pebble { file: self.file.clone(), source };
        let delivery = self.batches.recv().map_err(|_| Error::BrokenOff { file: self.file.clone() })?;
        let Some(next) = delivery.map_err(failed)? else {
            self.ended = true;
            return Ok(false);
        };
        let mut emptied = std::mem::replace(batch, next);
        emptied.clear();
        // A batch too many is dropped.
        let _ = self.emptied.try_send(emptied);
        Ok(true)
    }
}

/// About how many bytes of tables a path leads through.
fn size(database: &Database<'_>, path: &Path) -> u64 {
    let Path::Ranges(ranges) = path else { return 0 };
    let inside = |table: &&pebble::LiveTable| {
        ranges.iter().any(|range| {
            *table.largest.user_key >= *range.lower
                && range.upper.as_ref().is_none_or(|upper| *table.smallest.user_key < **upper)
        })
    };
    database.tables().iter().filter(inside).fold(0, |sum, table| sum.saturating_add(table.size))
}

fn walk<F: Translate>(
    database: &Database<'static>,
    path: &Path,
    sender: &SyncSender<Delivery<F>>,
    returned: &Receiver<Batch<F>>,
) -> Result<(), pebble::Error> {
    let mut rows = Rows::new(database, path);
    let mut batch = Batch::default();
    loop {
        let more = rows.next(|key, value| batch.push(key, value));
        if !matches!(more, Ok(Some(()))) {
            // What came before damage is shown, as it is without a thread. When nobody takes it, nobody needs it.
            let _ = sender.send(Ok(Some(batch)));
            let _ = more.map(|_| sender.send(Ok(None)))?;
            return Ok(());
        }
        if batch.len() >= ROWS || batch.size() >= BYTES {
            let next = returned.try_recv().unwrap_or_default();
            if sender.send(Ok(Some(std::mem::replace(&mut batch, next)))).is_err() {
                return Ok(());
            }
        }
    }
}
