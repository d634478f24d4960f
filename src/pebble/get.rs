//! Looking up one key.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::block::{Buffer, Handle};
use super::cache::Decoded;
use super::data_block::{Bound, DataBlock};
use super::database::Database;
use super::error::{Error, ErrorKind, Feature, Structure};
use super::internal_key::{Effect, Trailer};
use super::range_del::Upcoming;
use super::walk::{OpenTable, Walk};

/// The newest row of a key in one table.
struct Found<'a> {
    open: OpenTable<'a>,
    handle: Handle,
    data: Arc<Decoded>,
    row: usize,
    age: Trailer,
}

/// What the tables say of a key, as far as they were asked.
#[derive(Default)]
struct Newest<'a> {
    row: Option<Found<'a>>,
    covered: u64,
}

impl Newest<'_> {
    /// Whether rows and range deletions of at most this sequence number change nothing any more.
    fn settles(&self, sequence: u64) -> bool {
        self.covered > sequence || self.row.as_ref().is_some_and(|row| row.age.sequence() > sequence)
    }
}

pub(super) fn get<'a>(database: &'a Database<'a>, key: &[u8]) -> Result<Option<Cow<'a, [u8]>>, Error> {
    let mut newest = Newest::default();
    for table in database.newest_first() {
        let live = database.live(table);
        if newest.settles(live.largest_sequence()) {
            break;
        }
        if !live.contains(key) {
            continue;
        }
        let open = database.open_table(table)?;
        open.table.check_spans(open.file.name, live)?;
        let around = Upcoming::of(&open.table.spans.pieces, live, key).around(key);
        newest.covered = newest.covered.max(around.unwrap_or(0));
        let Some(mut found) = find(open, key)? else { continue };
        if let Some(sequence) = live.synthetic_sequence() {
            found.age = found.age.with_sequence(sequence);
        }
        if newest.row.as_ref().is_none_or(|row| row.age < found.age) {
            newest.row = Some(found);
        }
    }
    let Some(found) = newest.row else { return Ok(None) };
    match found.age.effect().map_err(|kind| found.error(kind))? {
        Effect::Value if newest.covered <= found.age.sequence() => found.value().map(Some),
        _ => Ok(None),
    }
}

/// The newest row of `key` in a table, among those that are not obsolete.
fn find<'a>(open: OpenTable<'a>, key: &[u8]) -> Result<Option<Found<'a>>, Error> {
    let mut walk = Walk::to(open, key)?;
    while let Some(handle) = walk.next_block()? {
        let malformed = || open.malformed(handle, "a row is outside of its column");
        let data = read(open, handle)?;
        let bytes = data.bytes(open, handle);
        let rows = data.block.len();
        let first = data.block.search(bytes, 0, rows, Bound::below(key)).ok_or_else(malformed)?;
        for row in first..rows {
            if data.block.compare(bytes, row, key).ok_or_else(malformed)? != Ordering::Equal {
                return Ok(None);
            }
            if !data.block.is_obsolete(bytes, row) {
                let age = data.block.trailer(bytes, row).ok_or_else(malformed)?;
                return Ok(Some(Found { open, handle, data, row, age }));
            }
        }
        if walk.separator().is_some_and(|separator| separator > key) {
            break;
        }
    }
    Ok(None)
}

fn read(open: OpenTable<'_>, handle: Handle) -> Result<Arc<Decoded>, Error> {
    if let Some(data) = open.cache.data(open.number, handle.offset) {
        return Ok(data);
    }
    let mut buffer = Buffer::default();
    open.file.read(handle, Structure::DataBlock, &mut buffer)?;
    let footer = &open.table.footer;
    let mut block = DataBlock::empty(footer.is_columnar());
    let parsed = block.parse(buffer.bytes(), footer.format);
    parsed.map_err(|fault| fault.in_block(open.file.name, handle.offset))?;
    let data = Arc::new(Decoded { block, bytes: buffer.into_decoded() });
    open.cache.keep_data(open.number, handle.offset, &data);
    Ok(data)
}

impl Decoded {
    fn bytes<'b>(&'b self, open: OpenTable<'b>, handle: Handle) -> &'b [u8] {
        match &self.bytes {
            Some(bytes) => bytes,
            None => open.file.again(handle).unwrap_or_default(),
        }
    }
}

impl<'a> Found<'a> {
    fn error(&self, kind: ErrorKind) -> Error {
        self.open.file.error(self.handle, kind)
    }

    fn value(self) -> Result<Cow<'a, [u8]>, Error> {
        let bytes = self.data.bytes(self.open, self.handle);
        if self.data.block.is_external(bytes, self.row) {
            return Err(self.error(ErrorKind::Unsupported(Feature::ValueBlocks)));
        }
        let range = self.data.block.value(bytes, self.row);
        let lent = if self.data.bytes.is_none() { self.open.file.again(self.handle) } else { None };
        let value = match lent {
            Some(lent) => range.and_then(|range| lent.get(range)).map(Cow::Borrowed),
            None => range.and_then(|range| bytes.get(range)).map(|value| Cow::Owned(value.to_vec())),
        };
        value.ok_or_else(|| self.open.malformed(self.handle, "a value is outside of its column"))
    }
}
