//! A bounded cache: what came first stays, the rest is looked up again.
//!
//! Nothing is thrown out. Lists name the same few records in long runs, so when there is no more room the last one is
//! remembered apart.

use std::rc::Rc;

use hashbrown::HashMap;

/// Values by the bytes of their key.
#[derive(Debug)]
pub(super) struct Cache<V> {
    kept: HashMap<Box<[u8]>, Rc<V>>,
    last: Option<(Vec<u8>, Rc<V>)>,
    /// Bytes that may still be kept.
    free: usize,
    /// How often a key was not found.
    pub(super) misses: usize,
}

/// What a map entry takes besides its key and its value's own data.
const OVERHEAD: usize = 160;

impl<V> Cache<V> {
    /// A cache for about `capacity` bytes.
    pub(super) fn new(capacity: usize) -> Self {
        Self { kept: HashMap::new(), last: None, free: capacity, misses: 0 }
    }

    pub(super) fn get(&mut self, key: &[u8]) -> Option<Rc<V>> {
        if let Some((last, value)) = &self.last
            && last == key
        {
            return Some(Rc::clone(value));
        }
        let found = self.kept.get(key).map(Rc::clone);
        self.misses += usize::from(found.is_none());
        found
    }

    /// Keeps a value if there is room; `size`: the bytes of data that it owns. False when there was no room.
    pub(super) fn keep(&mut self, key: &[u8], value: &Rc<V>, size: usize) -> bool {
        match self.free.checked_sub(key.len() + size + OVERHEAD) {
            Some(free) => {
                self.free = free;
                self.kept.insert(key.into(), Rc::clone(value));
                true
            }
            None => false,
        }
    }

    /// Makes a value that was not kept the last one.
    pub(super) fn remember(&mut self, key: &[u8], value: &Rc<V>) {
        let (last, kept) = self.last.get_or_insert_with(|| (Vec::new(), Rc::clone(value)));
        last.clear();
        last.extend_from_slice(key);
        kept.clone_from(value);
    }

    pub(super) fn contains(&self, key: &[u8]) -> bool {
        self.kept.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_fits_and_the_last() {
        let mut cache = Cache::new(2_640);
        for number in 0..20u8 {
            let value = Rc::new(number);
            assert_eq!(cache.keep(&[number], &value, 103), number < 10);
            cache.remember(&[number], &value);
            assert_eq!(cache.get(&[number]).as_deref(), Some(&number), "the last one is there in any case");
        }
        assert_eq!(cache.get(&[9]).as_deref(), Some(&9));
        assert!(cache.get(&[10]).is_none());
        assert_eq!(cache.misses, 1);
    }
}
