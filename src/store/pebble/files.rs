//! The files of an archive as the directory of a database.

use std::error::Error;
use std::sync::Arc;

use crate::c1z::Archive;
use crate::pebble::Directory;

/// An archive whose files are decoded when the database asks for them.
#[derive(Debug, Clone)]
pub(crate) struct Files(pub(super) Arc<Archive>);

impl Files {
    pub(crate) fn new(archive: Archive) -> Self {
        Self(Arc::new(archive))
    }
}

/// An archive that may be damaged.
#[derive(Debug)]
pub(super) struct DamagedFiles(pub(super) Archive);

impl Directory for DamagedFiles {
    fn files(&self) -> Vec<(String, u64)> {
        self.0.entries().iter().map(|entry| (entry.name.clone(), entry.size)).collect()
    }

    fn read(&self, name: &str) -> Result<&[u8], Box<dyn Error + Send + Sync>> {
        Ok(self.0.read_damaged(name)?)
    }
}

impl Directory for Files {
    fn files(&self) -> Vec<(String, u64)> {
        self.0.entries().iter().map(|entry| (entry.name.clone(), entry.size)).collect()
    }

    fn read(&self, name: &str) -> Result<&[u8], Box<dyn Error + Send + Sync>> {
        Ok(self.0.read(name)?)
    }

    fn prefetch(&self, names: &[&str]) {
        // What is wrong with a file is told when it is read.
        let _ = self.0.prefetch(names, &mut |_, _| {});
    }
}
