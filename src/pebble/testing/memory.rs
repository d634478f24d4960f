//! A directory in memory that remembers what was asked of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Mutex;

use crate::pebble::Directory;

/// Files in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryDirectory {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    reads: Mutex<Vec<String>>,
    announced: Mutex<Vec<Vec<String>>>,
}

impl Clone for MemoryDirectory {
    fn clone(&self) -> Self {
        Self { files: self.files.clone(), ..Self::default() }
    }
}

impl MemoryDirectory {
    /// The names that were read since the last call, each once, in order.
    pub(crate) fn take_reads(&self) -> Vec<String> {
        let mut names = std::mem::take(&mut *self.reads.lock().unwrap());
        names.sort();
        names.dedup();
        names
    }

    /// The announcements since the last call.
    pub(crate) fn take_announced(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut *self.announced.lock().unwrap())
    }

    pub(crate) fn file(&mut self, name: &str) -> &mut Vec<u8> {
        self.files.get_mut(name).unwrap()
    }
}

impl Directory for MemoryDirectory {
    fn files(&self) -> Vec<(String, u64)> {
        self.files.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect()
    }

    fn read(&self, name: &str) -> Result<&[u8], Box<dyn Error + Send + Sync>> {
        self.reads.lock().unwrap().push(name.to_owned());
        self.files.get(name).map(|bytes| &**bytes).ok_or_else(|| "there is no such file".into())
    }

    fn prefetch(&self, names: &[&str]) {
        self.announced.lock().unwrap().push(names.iter().map(|name| (*name).to_owned()).collect());
    }
}
