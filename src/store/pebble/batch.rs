//! Translated records, one after the other in one piece of memory.

use super::super::place::Place;
use super::translate::{Fault, Translate, translate};

/// Some records.
#[derive(Debug)]
pub(super) struct Batch<F: Translate> {
    bytes: Vec<u8>,
    rows: Vec<Row<F>>,
}

/// One record: how many of the bytes are its key and its message, and the keys in that.
#[derive(Debug)]
struct Row<F: Translate> {
    key: usize,
    message: usize,
    spans: Result<F::Spans, Fault>,
}

impl<F: Translate> Default for Batch<F> {
    fn default() -> Self {
        Self { bytes: Vec::new(), rows: Vec::new() }
    }
}

impl<F: Translate> Batch<F> {
    /// Appends the record of a row.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(key);
        let start = self.bytes.len();
        let spans = translate::<F>(value, &mut self.bytes);
        if spans.is_err() {
            self.bytes.truncate(start);
        }
        self.rows.push(Row { key: key.len(), message: self.bytes.len() - start, spans });
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of all records.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }
}

/// A place in a batch.
#[derive(Debug, Default)]
pub(super) struct Position {
    row: usize,
    start: usize,
}

impl Position {
    /// Whether all records of a batch were given.
    pub(super) fn is_behind<F: Translate>(&self, batch: &Batch<F>) -> bool {
        self.row >= batch.rows.len()
    }

    /// The next record of a batch, or the place of the next row and why it gives none.
    pub(super) fn next<'b, F: Translate>(
        &mut self,
        batch: &'b Batch<F>,
    ) -> Option<Result<F::Record<'b>, (Place<'b>, Fault)>> {
        let row = batch.rows.get(self.row)?;
        let rest = batch.bytes.get(self.start..)?;
        let (key, rest) = rest.split_at_checked(row.key)?;
        let message = rest.get(..row.message)?;
        self.row += 1;
        self.start += key.len() + message.len();
        let place = Place::Key { family: F::NAME, key };
        Some(match &row.spans {
            Ok(spans) => Ok(F::record(spans, message, place)),
            Err(fault) => Err((place, *fault)),
        })
    }
}
