//! Writes row blocks.

use super::push_uvarint;

/// A row block that is being written.
#[derive(Debug)]
pub(super) struct RowBlockWriter {
    bytes: Vec<u8>,
    restarts: Vec<u32>,
    last: Vec<u8>,
    interval: usize,
    count: usize,
    /// Set the flag in every restart, as newer formats may.
    flags: bool,
}

impl RowBlockWriter {
    pub(super) fn new(interval: usize, flags: bool) -> Self {
        Self { bytes: Vec::new(), restarts: Vec::new(), last: Vec::new(), interval, count: 0, flags }
    }

    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) {
        let mut shared = self.last.iter().zip(key).take_while(|(a, b)| a == b).count();
        if self.count.is_multiple_of(self.interval) {
            self.restarts.push(self.bytes.len() as u32);
            shared = 0;
        }
        push_uvarint(&mut self.bytes, shared as u64);
        push_uvarint(&mut self.bytes, (key.len() - shared) as u64);
        push_uvarint(&mut self.bytes, value.len() as u64);
        self.bytes.extend_from_slice(&key[shared..]);
        self.bytes.extend_from_slice(value);
        self.last = key.to_vec();
        self.count += 1;
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.restarts.is_empty() {
            self.restarts.push(0);
        }
        let flag = if self.flags { 1 << 31 } else { 0 };
        for restart in &self.restarts {
            self.bytes.extend((restart | flag).to_le_bytes());
        }
        self.bytes.extend((self.restarts.len() as u32).to_le_bytes());
        self.bytes
    }
}
