//! Writes databases.

use super::internal_key;
use super::manifest::{Edit, TableEdit, log};
use super::memory::MemoryDirectory;
use super::table::{Row, Span, TableWriter};

const LAST: u64 = (1 << 56) - 1;

/// A database that is being written.
#[derive(Debug)]
pub(crate) struct DatabaseWriter {
    pub(crate) directory: MemoryDirectory,
    pub(crate) edits: Vec<Edit>,
    next: u64,
}

impl DatabaseWriter {
    pub(crate) fn new() -> Self {
        Self { directory: MemoryDirectory::default(), edits: vec![Edit::first()], next: 4 }
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Writes the file of a table; gives its number.
    pub(crate) fn write_file(&mut self, writer: &TableWriter, rows: &[Row], spans: &[Span]) -> (u64, usize) {
        let number = self.next_number();
        let bytes = writer.write(rows, spans);
        let size = bytes.len();
        self.directory.files.insert(format!("{number:06}.sst"), bytes);
        (number, size)
    }

    /// Adds a table with the bounds and sequence numbers that its rows and spans have.
    pub(crate) fn add(&mut self, level: u8, writer: &TableWriter, rows: &[Row], spans: &[Span]) -> u64 {
        let (number, size) = self.write_file(writer, rows, spans);
        let (smallest, largest) = bounds(rows, spans);
        let sequences = || rows.iter().map(|row| row.sequence).chain(spans.iter().map(|span| span.sequence));
        let sequences = (sequences().min().unwrap_or(0), sequences().max().unwrap_or(0));
        let size = size as u64;
        self.edits.push(Edit::default().add(&TableEdit {
            level,
            number,
            size,
            smallest,
            largest,
            sequences,
            backing: None,
        }));
        number
    }

    /// Adds a table whose rows all have this sequence number, whatever they say.
    pub(crate) fn ingest(
        &mut self,
        level: u8,
        writer: &TableWriter,
        rows: &[Row],
        spans: &[Span],
        sequence: u64,
    ) -> u64 {
        let (number, size) = self.write_file(writer, rows, spans);
        let (smallest, largest) = bounds(rows, spans);
        let (size, sequences) = (size as u64, (sequence, sequence));
        let table = TableEdit { level, number, size, smallest, largest, sequences, backing: None };
        self.edits.push(Edit::default().add(&table));
        number
    }

    pub(crate) fn finish(self) -> MemoryDirectory {
        self.finish_as(24)
    }

    pub(crate) fn finish_as(mut self, format_version: u64) -> MemoryDirectory {
        let last =
            Edit::default().numbers(3, &[self.next + 1]).numbers(4, &[1 << 20]).numbers(2, &[self.next]);
        self.edits.push(last);
        let mut directory = self.directory;
        directory.files.insert("MANIFEST-000001".into(), log(&self.edits));
        directory.files.insert("marker.manifest.000001.MANIFEST-000001".into(), Vec::new());
        directory.files.insert(format!("marker.format-version.000001.{format_version:03}"), Vec::new());
        directory.files.insert(format!("{:06}.log", self.next), Vec::new());
        directory
    }
}

/// The bounds of a table, as internal keys.
pub(crate) fn bounds(rows: &[Row], spans: &[Span]) -> (Vec<u8>, Vec<u8>) {
    let first_row = rows.first().map(|row| (&row.key, internal_key(&row.key, row.sequence, row.kind)));
    let first_span = spans.first().map(|span| (&span.start, internal_key(&span.start, span.sequence, 15)));
    let last_row = rows.last().map(|row| (&row.key, internal_key(&row.key, row.sequence, row.kind)));
    let last_span = spans.iter().map(|span| &span.end).max().map(|end| (end, internal_key(end, LAST, 15)));
    let smallest = first_row.into_iter().chain(first_span).min_by_key(|(key, _)| *key).unwrap();
    // A row at the end of a span is inside of the table.
    let largest = last_span.into_iter().chain(last_row).max_by_key(|(key, _)| *key).unwrap();
    (smallest.1, largest.1)
}
