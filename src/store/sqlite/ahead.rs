//! Reading ahead: a second connection, on a thread of its own, walks a table while the first rows are being shown.
//!
//! A scan of a whole table spends a third of its time in SQLite. The thread copies rows into batches, with the keys of
//! grants; emptied batches go back to it, so that their memory stays in the cache. It ends when nobody takes batches
//! any more.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::params_from_iter;

use super::super::Error;
use super::Engine;
use super::query::Query;
use super::read::{RawRow, RowAt};
use super::scan::Rising;
use super::schema::Table;
use super::spans::KeySpans;
use crate::model::keys::GrantKeys;

/// Rows per batch, at most.
const ROWS: usize = 256;
/// Bytes per batch, at most, unless one row is larger.
const BYTES: usize = 96 << 10;
/// Batches that lie between the thread and whoever takes them.
const BATCHES: usize = 4;

/// Some rows, one after the other.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    rows: Vec<Span>,
}

/// One row of a batch: its id, how many of the bytes are its message and its expansion, and the keys of a grant.
#[derive(Debug, Clone)]
struct Span {
    at: RowAt,
    message: Result<usize, &'static str>,
    expansion: usize,
    keys: Option<KeySpans>,
}

impl Batch {
    fn push(&mut self, row: RawRow<'_>, grants: bool) {
        let message = row.message.unwrap_or_default();
        self.bytes.extend_from_slice(message);
        self.bytes.extend_from_slice(row.expansion);
        // A message that does not parse is told of by whoever takes the row.
        let keys = if grants { GrantKeys::read(message).ok() } else { None };
        self.rows.push(Span {
            at: row.at,
            message: row.message.map(<[u8]>::len),
            expansion: row.expansion.len(),
            keys: keys.map(|keys| KeySpans::of(message, &keys)),
        });
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes.len() >= BYTES
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }
}

/// A batch, the end, or why it did not come to that.
type Delivery = Result<Option<Batch>, Error>;

/// A core that a thread of this process has for itself, given back when it is dropped.
#[derive(Debug)]
struct Core(());

/// How many are taken.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Core {
    /// `None` when all are taken, but the one that takes the batches.
    fn take() -> Option<Self> {
        let spare = thread::available_parallelism().map_or(1, usize::from).saturating_sub(1);
        let more = |taken| (taken < spare).then_some(taken + 1);
        TAKEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok().map(|_| Self(()))
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The receiving end of a thread that reads ahead.
#[derive(Debug)]
pub(super) struct Ahead {
    _core: Core,
    batches: Receiver<Delivery>,
    emptied: SyncSender<Batch>,
    batch: Batch,
    /// The next row of the batch, and where its bytes begin.
    row: usize,
    start: usize,
    ended: bool,
}

impl Ahead {
    /// Starts a thread for a scan that is worth it: of a large table, on an image that both connections can share,
    /// on a machine with a core that no other scan reads ahead on.
    pub(super) fn start(engine: &Engine, query: &Query) -> Option<Self> {
        let image = engine.shared?;
        if query.narrow || query.empty {
            return None;
        }
        let core = Core::take()?;
        let (sender, batches) = sync_channel(BATCHES);
        let (emptied, returned) = sync_channel(BATCHES);
        let (file, query) = (engine.file.clone(), query.clone());
        let read = move || {
            let second = Engine::second(file, image);
            if let Err(error) = second.and_then(|engine| walk(&engine, &query, &sender, &returned)) {
                // Nobody listens when the walk was given up, and then nobody needs to know.
                let _ = sender.send(Err(error));
            }
        };
        thread::Builder::new().name("read-ahead".into()).spawn(read).ok()?;
        Some(Self { _core: core, batches, emptied, batch: Batch::default(), row: 0, start: 0, ended: false })
    }

    /// The next row; `None` after the last one.
    pub(super) fn next(&mut self, engine: &Engine) -> Result<Option<RawRow<'_>>, Error> {
        while self.row >= self.batch.rows.len() {
            if !self.refill(engine)? {
                return Ok(None);
            }
        }
        let Some(span) = self.batch.rows.get(self.row) else { return Ok(None) };
        let bytes = self.batch.bytes.get(self.start..).unwrap_or_default();
        let (message, rest) = bytes.split_at_checked(span.message.unwrap_or(0)).unwrap_or_default();
        let expansion = rest.get(..span.expansion).unwrap_or_default();
        self.row += 1;
        self.start += message.len() + expansion.len();
        let keys = span.keys.as_ref().map(|spans| spans.keys(message));
        Ok(Some(RawRow { at: span.at, message: span.message.map(|_| message), expansion, keys }))
    }

    /// Takes the next batch and gives the emptied one back; false at the end.
    fn refill(&mut self, engine: &Engine) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        let delivery = self.batches.recv();
        let delivery = delivery.map_err(|_| Error::BrokenOff { file: engine.file.clone() })?;
        let Some(batch) = delivery? else {
            self.ended = true;
            return Ok(false);
        };
        let mut emptied = std::mem::replace(&mut self.batch, batch);
        emptied.clear();
        // A batch too many is dropped.
        let _ = self.emptied.try_send(emptied);
        (self.row, self.start) = (0, 0);
        Ok(true)
    }
}

fn walk(
    engine: &Engine,
    query: &Query,
    sender: &SyncSender<Delivery>,
    returned: &Receiver<Batch>,
) -> Result<(), Error> {
    let failed = engine.failed(query.table);
    engine.begin();
    let mut statement = engine.connection.prepare(&query.sql).map_err(&failed)?;
    let mut rows = Rising::new(statement.query(params_from_iter(&query.params)).map_err(&failed)?);
    let mut batch = Batch::default();
    loop {
        let row = match rows.next(engine, query.table) {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => {
                // What came before the damage is shown, as it is without a thread.
                let _ = sender.send(Ok(Some(batch)));
                return Err(error);
            }
        };
        batch.push(row, query.table == Table::Grants);
        if batch.is_full() {
            let next = returned.try_recv().unwrap_or_default();
            if sender.send(Ok(Some(std::mem::replace(&mut batch, next)))).is_err() {
                return Ok(());
            }
        }
    }
    // When nobody takes them, nobody needs them.
    let _ = sender.send(Ok(Some(batch)));
    let _ = sender.send(Ok(None));
    Ok(())
}
