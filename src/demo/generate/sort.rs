//! Links sorted by entitlement, then principal, in bounded memory.
//!
//! A link says that a principal holds an entitlement, and through what; a grant is all links of one
//! entitlement and one principal. They come up principal by principal and are written entitlement by
//! entitlement, as connectors list them. Up to [`IN_MEMORY`] links are sorted where they are; of more, sorted
//! runs go into a temporary file without a name, 12 bytes for each link, and are merged again as often as
//! they are read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// Links kept in memory: 24 MB of them.
const IN_MEMORY: usize = 2_000_000;
/// Bytes of a link in the file.
const LINK: usize = 12;
/// Links read ahead from each run.
const AHEAD: usize = 4096;

/// Through what an entitlement is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source(u32);

impl Source {
    /// In its own right. Sorts first.
    pub(super) const OWN: Self = Self(0);

    /// Through membership in a group, which the principal has in its own right or not.
    pub(super) fn group(group: u32, directly: bool) -> Self {
        Self(2 + 2 * group + u32::from(directly))
    }

    /// The group, and whether membership in it is one in the principal's own right.
    pub(super) fn as_group(self) -> Option<(u32, bool)> {
        self.0.checked_sub(2).map(|rest| (rest / 2, rest % 2 == 1))
    }
}

/// A principal holds an entitlement through a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) entitlement: u32,
    pub(super) principal: u32,
    pub(super) source: Source,
}

impl Link {
    fn to_bytes(self) -> [u8; LINK] {
        let mut bytes = [0; LINK];
        let numbers = [self.entitlement, self.principal, self.source.0];
        for (slot, number) in bytes.chunks_exact_mut(4).zip(numbers) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8; LINK]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *bytes;
        Self {
            entitlement: u32::from_le_bytes([a, b, c, d]),
            principal: u32::from_le_bytes([e, f, g, h]),
            source: Source(u32::from_le_bytes([i, j, k, l])),
        }
    }
}

/// Takes links in any order.
#[derive(Debug)]
pub(super) struct Sorter {
    links: Vec<Link>,
    in_memory: usize,
    /// The sorted runs, one after the other, and the number of links in each.
    file: Option<File>,
    runs: Vec<usize>,
}

impl Sorter {
    pub(super) fn new() -> Self {
        Self::keeping(IN_MEMORY)
    }

    fn keeping(in_memory: usize) -> Self {
        Self { links: Vec::new(), in_memory, file: None, runs: Vec::new() }
    }

    /// Takes a link.
    pub(super) fn push(&mut self, link: Link) -> io::Result<()> {
        if self.links.len() >= self.in_memory {
            self.spill()?;
        }
        self.links.push(link);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.links.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let mut out = io::BufWriter::with_capacity(1 << 16, file);
        for link in self.links.drain(..) {
            out.write_all(&link.to_bytes())?;
        }
        out.flush()?;
        self.runs.push(self.in_memory);
        Ok(())
    }

    /// The end of pushing.
    pub(super) fn sorted(mut self) -> Sorted {
        self.links.sort_unstable();
        Sorted { links: self.links, file: self.file, runs: self.runs }
    }
}

/// Links in order.
#[derive(Debug)]
pub(super) struct Sorted {
    links: Vec<Link>,
    file: Option<File>,
    runs: Vec<usize>,
}

impl Sorted {
    /// All links, from the first.
    pub(super) fn links(&mut self) -> io::Result<Links<'_>> {
        let mut start = 0;
        let mut runs = Vec::new();
        for &count in &self.runs {
            runs.push(Run { at: start, left: count, ahead: Vec::new() });
            start += (count * LINK) as u64;
        }
        let mut links =
            Links { memory: self.links.iter(), file: self.file.as_mut(), runs, heads: BinaryHeap::new() };
        for run in 0..=links.runs.len() {
            links.advance(run)?;
        }
        Ok(links)
    }
}

/// A sorted run in the file.
#[derive(Debug)]
struct Run {
    /// Offset of the first byte that has not been read.
    at: u64,
    /// Links that have not been read.
    left: usize,
    /// Links that have, the next one last.
    ahead: Vec<Link>,
}

impl Run {
    fn next(&mut self, file: &mut File) -> io::Result<Option<Link>> {
        if self.ahead.is_empty() && self.left > 0 {
            let mut bytes = vec![0; self.left.min(AHEAD) * LINK];
            file.seek(SeekFrom::Start(self.at))?;
            file.read_exact(&mut bytes)?;
            self.at += bytes.len() as u64;
            self.left -= bytes.len() / LINK;
            let (links, _) = bytes.as_chunks::<LINK>();
            self.ahead.extend(links.iter().rev().map(Link::from_bytes));
        }
        Ok(self.ahead.pop())
    }
}

/// Reads links in order.
#[derive(Debug)]
pub(super) struct Links<'a> {
    memory: std::slice::Iter<'a, Link>,
    file: Option<&'a mut File>,
    runs: Vec<Run>,
    /// The next link of each run, and last of what is in memory.
    heads: BinaryHeap<Reverse<(Link, usize)>>,
}

impl Links<'_> {
    fn advance(&mut self, run: usize) -> io::Result<()> {
        let next = match (self.runs.get_mut(run), &mut self.file) {
            (Some(run), Some(file)) => run.next(file)?,
            _ => self.memory.next().copied(),
        };
        self.heads.extend(next.map(|link| Reverse((link, run))));
        Ok(())
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Link>> {
        let Some(Reverse((link, run))) = self.heads.pop() else { return Ok(None) };
        self.advance(run)?;
        Ok(Some(link))
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Chance;
    use super::*;

    fn some(count: u64) -> Vec<Link> {
        let link = |number| {
            let chance = Chance::new(number);
            let below = |topic, end| chance.of(topic).below(end) as u32;
            let group = Source::group(below(3, 100_000_000), chance.of(4).percent(50));
            let source = if chance.of(5).percent(50) { Source::OWN } else { group };
            Link { entitlement: below(1, 50), principal: below(2, u32::MAX.into()), source }
        };
        (0..count).map(link).collect()
    }

    fn read(sorted: &mut Sorted) -> Vec<Link> {
        let mut links = sorted.links().unwrap();
        std::iter::from_fn(|| links.next().unwrap()).collect()
    }

    #[test]
    fn links_come_in_order_as_often_as_wanted_in_memory_or_not() {
        // 10 of them fit exactly, or 1; runs are read ahead in 1, 2 or 3 steps.
        for (in_memory, count) in
            [(10, 0), (10, 9), (10, 10), (10, 11), (10, 1_000), (1, 100), (9_000, 40_000)]
        {
            let mut links = some(count);
            let mut sorter = Sorter::keeping(in_memory);
            links.iter().for_each(|link| sorter.push(*link).unwrap());
            let mut sorted = sorter.sorted();
            assert_eq!(sorted.runs.len() as u64, count.saturating_sub(1) / in_memory as u64);
            links.sort_unstable();
            assert!(read(&mut sorted) == links, "{in_memory} of {count}");
            assert!(read(&mut sorted) == links, "{in_memory} of {count}, again");
        }
    }

    #[test]
    fn sources_come_back() {
        assert_eq!(Source::OWN.as_group(), None);
        for (group, directly) in [(0, false), (0, true), (7, true), (100_000_000, false)] {
            assert_eq!(Source::group(group, directly).as_group(), Some((group, directly)));
            assert!(Source::OWN < Source::group(group, directly));
        }
    }
}
