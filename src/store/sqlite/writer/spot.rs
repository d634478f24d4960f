//! The files beside a target, and who may touch them.
//!
//! ```text
//! company.c1z              the target
//! .company.c1z.sync        the working database: what a killed sync goes on from
//! .company.c1z.sync-wal    SQLite's own; so is `-journal`
//! .company.c1z.sync.new    a working database before it is complete
//! .company.c1z.sync.tmp    a target before it is complete
//! ```
//!
//! The last two are worth nothing after a crash. The one that ends in `.new` is also the lock that lets one process at
//! a time find, make and remove the others; the working database itself is locked by SQLite for as long as it is in
//! use.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::{WriteError, file_error};
use crate::c1z;

/// Where a target is, and what lies beside it.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    /// As the user names it.
    pub(super) target: PathBuf,
    /// Behind all links.
    pub(super) real: PathBuf,
    pub(super) working: PathBuf,
    new: PathBuf,
    /// The name of the target before it is complete.
    pub(super) unfinished: OsString,
}

/// What tells a file from the one that takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    file: u64,
}

impl Spot {
    pub(super) fn of(target: &Path) -> Result<Self, WriteError> {
        let real = c1z::destination(target)?;
        let named = |suffix: &str| {
            let mut name = OsString::from(".");
            name.push(real.file_name().unwrap_or_default());
            name.push(suffix);
            name
        };
        Ok(Self {
            target: target.to_owned(),
            working: real.with_file_name(named(".sync")),
            new: real.with_file_name(named(".sync.new")),
            unfinished: named(".sync.tmp"),
            real,
        })
    }

    /// The target as it is now; `None` when there is none, or one without a single byte.
    pub(super) fn stamp(&self) -> Result<Option<Stamp>, WriteError> {
        match fs::metadata(&self.real) {
            Ok(metadata) if metadata.len() == 0 => Ok(None),
            Ok(metadata) => Ok(Some(Stamp {
                size: metadata.len(),
                modified: metadata.modified().ok(),
                file: identity(&metadata),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(file_error(&self.target, "looking for the target")(source)),
        }
    }

    /// Whether there is a working database.
    pub(super) fn has_working(&self) -> Result<bool, WriteError> {
        match fs::symlink_metadata(&self.working) {
            Ok(metadata) if metadata.is_file() => Ok(true),
            Ok(_) => Err(WriteError::Unusable {
                working: self.working.clone(),
                problem: "it is not a regular file".into(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(file_error(&self.working, "looking for a working database")(source)),
        }
    }

    /// Removes the working database, if there is one, and what SQLite keeps beside it. That must not outlive it: the
    /// next working database would be taken to be the one that it belongs to.
    pub(super) fn remove_working(&self) -> Result<(), WriteError> {
        let failed = file_error(&self.working, "removing the working database");
        remove(&self.working).map_err(&failed)?;
        for suffix in ["-wal", "-shm", "-journal"] {
            let mut name = self.working.clone().into_os_string();
            name.push(suffix);
            remove(name.as_ref()).map_err(&failed)?;
        }
        Ok(())
    }

    /// Removes what a killed process has left of a target. Whoever has the working database may be writing it, so that
    /// must not be in use.
    pub(super) fn sweep(&self) -> Result<(), WriteError> {
        let unfinished = self.real.with_file_name(&self.unfinished);
        remove(&unfinished).map_err(file_error(&unfinished, "removing a leftover"))
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The only process that may find, make and remove working databases of a target; and the file that is to become one.
#[derive(Debug)]
pub(super) struct Turn {
    file: File,
    path: PathBuf,
    /// Whether the file has got its final name.
    renamed: bool,
}

/// Whether to wait for another process to end its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// It may just be starting, and goes on for long then.
    No,
    /// It will find the working database in use, and stop.
    Yes,
}

/// How often a turn may be taken away before another process gets it.
const TRIES: usize = 100;

impl Turn {
    /// Takes the turn, and empties what a killed process has left of its own.
    pub(super) fn take(spot: &Spot, wait: Wait) -> Result<Self, WriteError> {
        let failed = file_error(&spot.new, "making a temporary file");
        let in_use = || WriteError::InUse { working: spot.working.clone() };
        for _ in 0..TRIES {
            let file = create(&spot.new).map_err(&failed)?;
            lock(&file, wait).map_err(|error| match error.kind() {
                io::ErrorKind::WouldBlock => in_use(),
                _ => failed(error),
            })?;
            // Whoever had it before may have renamed or removed it in the meantime.
            if is_at(&file, &spot.new).map_err(&failed)? {
                let turn = Self { file, path: spot.new.clone(), renamed: false };
                turn.file.set_len(0).map_err(&failed)?;
                return Ok(turn);
            }
        }
        Err(in_use())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Turns the file, which holds a complete database, into the working database. The handle is the only one that may
    /// be had beside SQLite's own: closing any other would end SQLite's locks.
    pub(super) fn become_working(mut self, spot: &Spot) -> Result<File, WriteError> {
        let failed = file_error(&spot.working, "making the working database");
        let file = self.file.try_clone().map_err(&failed)?;
        file.sync_all().map_err(&failed)?;
        fs::rename(&self.path, &spot.working).map_err(&failed)?;
        self.renamed = true;
        c1z::sync_directory_of(&spot.working).map_err(&failed)?;
        Ok(file)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.renamed {
            // What stays behind is removed by the next one.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Opens or makes a file that its owner alone can read.
fn create(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        remove(path)?;
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(path)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

#[cfg(unix)]
fn lock(file: &File, wait: Wait) -> io::Result<()> {
    let locked = match wait {
        Wait::Yes => file.lock(),
        Wait::No => file.try_lock().map_err(io::Error::from),
    };
    match locked {
        // Some network file systems have no such locks; there SQLite's own must do.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        result => result,
    }
}

/// Elsewhere a locked file cannot be read through another handle, so two processes that start at the same moment are
/// told apart by SQLite's lock alone.
#[cfg(not(unix))]
fn lock(_: &File, _: Wait) -> io::Result<()> {
    Ok(())
}

/// Whether a path still leads to an open file.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(identity(&metadata) == identity(&file.metadata()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> u64 {
    0
}

/// The name of a file, for a message.
pub(super) fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name: &OsStr| name.display().to_string())
}
