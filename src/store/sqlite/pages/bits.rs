//! A set of pages.

/// A bit for each page of an image.
#[derive(Debug, Clone)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// None of the pages 1 to `count`.
    pub(super) fn of(count: u32) -> Self {
        Self(vec![0; count as usize / 64 + 1])
    }

    pub(super) fn has(&self, page: u32) -> bool {
        self.0.get(page as usize / 64).is_some_and(|word| word >> (page % 64) & 1 == 1)
    }

    /// Adds a page; false when it was there already, or is none of the image.
    pub(super) fn set(&mut self, page: u32) -> bool {
        let fresh = !self.has(page);
        match self.0.get_mut(page as usize / 64) {
            Some(word) => {
                *word |= 1 << (page % 64);
                fresh
            }
            None => false,
        }
    }
}
