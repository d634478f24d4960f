//! Looking at every byte of an archive, for those who want to know whether it is whole.

use super::super::error::{Error, ErrorKind};
use super::super::source::Observer;
use super::{Archive, Body, Entry, Fault, Totals, tar};

impl Archive {
    /// The content of a file as [`Archive::read`] gives it, also when all of it is there and only its checksum is wrong.
    ///
    /// # Errors
    /// As [`Archive::read`].
    pub fn read_damaged(&self, name: &str) -> Result<&[u8], Error> {
        let read = |place: usize| match &self.body {
            Body::Frames { frames, .. } => match self.entries().get(place) {
                Some(entry) => frames.whatever(place, entry),
                None => self.content(place),
            },
            Body::Tar { .. } => self.content(place),
        };
        self.find(name).and_then(read).map_err(|kind| self.error(kind))
    }

    /// Decodes and checks every file, and checks what lies between them and what the index says about all of them.
    /// What comes back is everything that is wrong, by its position in the file, then what has none.
    ///
    /// Opening the archive has checked everything else. [`Fault::Gap`] is odd but harms nobody; a writer that changes
    /// an archive in its place may leave some.
    pub fn inspect(&self, observer: Observer<'_>) -> Vec<Error> {
        let places: Vec<usize> = (0..self.entries().len()).collect();
        let decoded = self.decode_all(&places, observer);
        let mut faults: Vec<ErrorKind> = decoded.into_iter().map(|(_, kind)| kind).collect();
        match &self.body {
            Body::Frames { stated, .. } => {
                faults.extend(layout(self.entries(), self.head.payload(), stated.end).map(ErrorKind::from));
                faults.extend(totals(self.entries(), stated).map(ErrorKind::from));
            }
            Body::Tar { image, end } => {
                let trailing = tar::trailing(image, *end);
                faults.extend(trailing.map(|range| {
                    let offset = self.tar_start() + range.start as u64;
                    ErrorKind::from(Fault::Gap { offset, length: range.len() as u64 })
                }));
            }
        }
        let mut errors: Vec<Error> = faults.into_iter().map(|kind| self.error(kind)).collect();
        errors.sort_by_key(|error| error.offset().unwrap_or(u64::MAX));
        errors
    }
}

/// Gaps between frames, and frames that overlap.
fn layout(entries: &[Entry], payload: u64, end: u64) -> impl Iterator<Item = Fault> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.offset);
    let mut at = payload;
    let mut faults = Vec::new();
    for entry in sorted {
        if entry.offset < at {
            faults.push(Fault::Overlap { offset: entry.offset, name: entry.name.clone() });
        }
        faults.extend(gap(at, entry.offset));
        at = at.max(entry.offset.saturating_add(entry.stored));
    }
    faults.extend(gap(at, end));
    faults.into_iter()
}

fn gap(from: u64, to: u64) -> Option<Fault> {
    let length = to.checked_sub(from).filter(|length| *length > 0)?;
    Some(Fault::Gap { offset: from, length })
}

fn totals(entries: &[Entry], stated: &Totals) -> impl Iterator<Item = Fault> {
    let sum = |of: fn(&Entry) -> u64| entries.iter().fold(0_u64, |sum, entry| sum.saturating_add(of(entry)));
    [("files", stated.raw, sum(|entry| entry.size)), ("frames", stated.stored, sum(|entry| entry.stored))]
        .into_iter()
        .filter(|(_, stated, actual)| stated != actual)
        .map(|(what, stated, actual)| Fault::Total { what, stated, actual })
}
