//! Saving a file so that there is always a whole one at its path: the old or the new.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::MAGIC_V1;
use super::encode::Encoder;
use super::error::{Error, ErrorKind};

/// How to save a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// Replace a file that is already there.
    pub overwrite: bool,
}

/// Symbolic links followed before giving up.
const MAX_LINKS: usize = 40;

/// Saves what `write` writes as a version 1 c1z file at `target`.
///
/// `size` is the number of bytes that `write` will write, if known: the file then declares it, which lets
/// readers decode it faster, and any other number is an error.
///
/// The bytes go to a temporary file beside the target, which is synced and renamed over it, so that nobody
/// ever sees half a file, and a failure leaves what was there before. A symbolic link stays one: the file
/// that it leads to is replaced. The permissions of a replaced file are kept; a new file is readable by all,
/// as far as the umask allows.
///
/// # Errors
///
/// [`ErrorKind::Exists`] when there is a file and overwriting was not asked for, [`ErrorKind::NotRegular`],
/// [`ErrorKind::NoDirectory`], and [`ErrorKind::Write`] for anything the system or `write` reports.
pub fn save(
    target: &Path,
    options: SaveOptions,
    size: Option<u64>,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    save_as(target, options, &mut |file| encode(file, size, write))
}

/// As [`save`], but the file is what `write` writes, with nothing around it.
///
/// # Errors
///
/// As [`save`].
pub fn save_plain(
    target: &Path,
    options: SaveOptions,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    save_as(target, options, &mut |file| write(file))
}

fn save_as(target: &Path, options: SaveOptions, content: &mut Content<'_>) -> Result<(), Error> {
    Place::find(target, options)
        .and_then(|place| {
            let filled = place.temporary().and_then(|file| place.fill(file, content));
            filled.map_err(|error| refused(error, options))
        })
        .map_err(|kind| Error::new(target.display(), kind))
}

/// Writes all that a file is to hold.
type Content<'a> = dyn FnMut(&mut NamedTempFile) -> io::Result<()> + 'a;

/// A version 1 file of what `write` writes.
fn encode(
    file: &mut NamedTempFile,
    size: Option<u64>,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    file.write_all(MAGIC_V1)?;
    let mut encoder = Encoder::new(file, size)?;
    write(&mut encoder)?;
    encoder.finish()?;
    Ok(())
}

/// As [`save`], replacing what is there, but the temporary file has a name that is known beforehand: `through`, beside
/// the file that `target` leads to. When the process is killed half-way, the next one finds the rest and removes it;
/// this function does so too.
///
/// # Errors
///
/// As [`save`].
pub fn save_through(
    target: &Path,
    through: &OsStr,
    size: Option<u64>,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    Place::find(target, SaveOptions { overwrite: true })
        .and_then(|place| {
            let filled =
                place.named(through).and_then(|file| place.fill(file, &mut |file| encode(file, size, write)));
            filled.map_err(ErrorKind::Write)
        })
        .map_err(|kind| Error::new(target.display(), kind))
}

/// What [`save`] would say of `target` before it writes anything: for those who have much to do before they save.
///
/// # Errors
///
/// [`ErrorKind::Exists`], [`ErrorKind::NotRegular`], [`ErrorKind::NoDirectory`], and [`ErrorKind::Write`] when the
/// system refuses to say.
pub fn check_target(target: &Path, options: SaveOptions) -> Result<(), Error> {
    Place::find(target, options).map(drop).map_err(|kind| Error::new(target.display(), kind))
}

/// The file that saving at `target` makes or replaces: behind all symbolic links, in a directory that exists.
///
/// # Errors
///
/// [`ErrorKind::NotRegular`], [`ErrorKind::NoDirectory`], and [`ErrorKind::Write`] when the system refuses to say.
pub fn destination(target: &Path) -> Result<PathBuf, Error> {
    let place = Place::find(target, SaveOptions { overwrite: true });
    place.map(|place| place.path).map_err(|kind| Error::new(target.display(), kind))
}

/// Makes what was renamed or created in a directory last.
///
/// # Errors
///
/// What the system says, unless the file system cannot do it at all.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    sync_directory(&directory_of(path))
}

/// Another process may have made the file since the first look.
fn refused(error: io::Error, options: SaveOptions) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::AlreadyExists if !options.overwrite => ErrorKind::Exists,
        _ => ErrorKind::Write(error),
    }
}

/// Where a file is to be saved.
struct Place {
    /// The real path, behind all links.
    path: PathBuf,
    directory: PathBuf,
    /// What is there already.
    existing: Option<Metadata>,
    overwrite: bool,
}

impl Place {
    fn find(target: &Path, options: SaveOptions) -> Result<Self, ErrorKind> {
        let path = behind_links(target).map_err(ErrorKind::Write)?;
        let existing = match fs::metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(ErrorKind::Write(error)),
        };
        match &existing {
            Some(metadata) if !metadata.is_file() => return Err(ErrorKind::NotRegular),
            Some(_) if !options.overwrite => return Err(ErrorKind::Exists),
            _ => {}
        }
        let directory = directory_of(&path);
        if !directory.is_dir() {
            return Err(ErrorKind::NoDirectory { directory });
        }
        Ok(Self { path, directory, existing, overwrite: options.overwrite })
    }

    fn fill(self, mut file: NamedTempFile, content: &mut Content<'_>) -> io::Result<()> {
        content(&mut file)?;
        if let Some(metadata) = &self.existing {
            file.as_file().set_permissions(metadata.permissions())?;
        }
        file.as_file().sync_all()?;
        match self.overwrite {
            true => file.persist(&self.path),
            false => file.persist_noclobber(&self.path),
        }
        .map_err(|error| error.error)?;
        sync_directory(&self.directory)
    }

    /// A file beside the target that is deleted when dropped. Nobody may read it before it has the
    /// permissions of the file that it replaces.
    fn temporary(&self) -> io::Result<NamedTempFile> {
        self.make(tempfile::Builder::new().prefix(".baton-").suffix(".tmp"))
    }

    /// The same under a name that may have been left behind.
    fn named(&self, name: &OsStr) -> io::Result<NamedTempFile> {
        match fs::remove_file(self.directory.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.make(tempfile::Builder::new().prefix(name).rand_bytes(0))
    }

    fn make(&self, builder: &mut tempfile::Builder<'_, '_>) -> io::Result<NamedTempFile> {
        #[cfg(unix)]
        if self.existing.is_none() {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o644));
        }
        builder.tempfile_in(&self.directory)
    }
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The path that `target` leads to: itself, or the end of its links, which need not exist.
fn behind_links(target: &Path) -> io::Result<PathBuf> {
    let mut path = target.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                let next = fs::read_link(&path)?;
                path.pop();
                path.push(next);
            }
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Makes the rename itself last.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    match fs::File::open(directory)?.sync_all() {
        // Some file systems cannot sync a directory; the file is complete either way.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        result => result,
    }
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
