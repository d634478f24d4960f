//! Anonymous memory, in huge pages where that pays.
//!
//! To write to a page for the first time costs more than to decode what goes there, so fewer and larger pages make
//! decoding faster. A huge page is one aligned piece of 2 MiB, so a mapping must start at such a place:
//!
//! ```text
//! map     | … |  2 MiB  |  2 MiB  | rest … |        the bytes start at the first aligned place
//!               ^ start                             the rest is in small pages, unless it nearly fills a huge one
//! ```
//!
//! What is not touched takes no memory, neither before the start nor behind the end.

use std::io;
use std::ops::{Deref, DerefMut};

#[cfg(target_os = "linux")]
use super::fetch::Fetching;
#[cfg(target_os = "linux")]
use super::mapping::Memory;

/// A huge page.
#[cfg(target_os = "linux")]
const HUGE: usize = 2 << 20;

/// Bytes of anonymous memory, all zero at first.
pub(super) struct Pages {
    map: Memory,
    start: usize,
    length: usize,
    #[cfg(target_os = "linux")]
    fetching: Option<Fetching>,
}

/// Anonymous memory where nothing fetches it ahead.
#[cfg(not(target_os = "linux"))]
struct Memory(memmap2::MmapMut);

#[cfg(not(target_os = "linux"))]
impl Memory {
    fn new(bytes: usize) -> io::Result<Self> {
        memmap2::MmapMut::map_anon(bytes).map(Self)
    }

    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Pages {
    pub(super) fn new(bytes: u64) -> io::Result<Self> {
        let too_many = || io::Error::from(io::ErrorKind::OutOfMemory);
        let length = usize::try_from(bytes).map_err(|_| too_many())?;
        #[cfg(target_os = "linux")]
        if let Some(huge) = in_huge_pages(length) {
            let total = length.max(huge).checked_add(HUGE).ok_or_else(too_many)?;
            let map = Memory::new(total)?;
            let address = map.bytes().as_ptr().addr();
            let start = address.next_multiple_of(HUGE) - address;
            // A system without huge pages loses nothing.
            let _ = map.in_huge_pages(start, huge);
            let fetching = Fetching::start(map.fetcher(), start, length);
            return Ok(Self { map, start, length, fetching });
        }
        Ok(Self {
            map: Memory::new(length)?,
            start: 0,
            length,
            #[cfg(target_os = "linux")]
            fetching: None,
        })
    }

    /// Says that the first `bytes` are written.
    pub(super) fn wrote(&self, bytes: usize) {
        #[cfg(target_os = "linux")]
        if let Some(fetching) = &self.fetching {
            fetching.wrote(bytes);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = bytes;
    }

    /// Says that nothing more will be written.
    pub(super) fn settle(&mut self) {
        #[cfg(target_os = "linux")]
        drop(self.fetching.take());
    }
}

/// How many of the first bytes are to be in huge pages, if any: all that fill some, and the rest if it wastes no more
/// than an eighth of one.
#[cfg(target_os = "linux")]
fn in_huge_pages(length: usize) -> Option<usize> {
    let rest = length % HUGE;
    let huge = match rest >= HUGE / 8 * 7 {
        true => length.checked_next_multiple_of(HUGE)?,
        false => length - rest,
    };
    (huge > 0).then_some(huge)
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.map.bytes().get(self.start..self.start + self.length).unwrap_or_default()
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.map.bytes_mut().get_mut(self.start..self.start + self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_can_be_written_and_read() {
        for length in [1, 4096, 1 << 20, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 4_000_000, 9_000_000] {
            let mut pages = Pages::new(length as u64).unwrap();
            assert_eq!(pages.len(), length);
            assert!(pages.iter().all(|byte| *byte == 0));
            pages.fill(7);
            assert!(pages.iter().all(|byte| *byte == 7));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn large_ones_start_at_a_huge_page() {
        for length in [HUGE / 8 * 7, HUGE, 3 * HUGE + 5] {
            let pages = Pages::new(length as u64).unwrap();
            assert_eq!(pages.as_ptr().addr() % HUGE, 0);
            assert_eq!(pages.len(), length);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn little_is_wasted_in_huge_pages() {
        let full = HUGE / 8 * 7;
        for (length, expected) in [
            (0, None),
            (full - 1, None),
            (full, Some(HUGE)),
            (HUGE, Some(HUGE)),
            (HUGE + full - 1, Some(HUGE)),
            (HUGE + full, Some(2 * HUGE)),
            (usize::MAX, None),
        ] {
            assert_eq!(in_huge_pages(length), expected, "{length}");
        }
    }

    #[test]
    fn more_than_there_is_is_an_error() {
        for bytes in [u64::MAX, u64::MAX / 2, 1 << 60] {
            assert!(Pages::new(bytes).is_err());
        }
    }
}
