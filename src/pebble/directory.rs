//! Where the files of a database come from.

use std::error::Error;

/// The files of a database. Their bytes are lent; a directory keeps what it decoded.
///
/// ```
/// use std::error::Error;
/// use baton::pebble::Directory;
///
/// struct Memory(Vec<(String, Vec<u8>)>);
///
/// impl Directory for Memory {
///     fn files(&self) -> Vec<(String, u64)> {
///         self.0.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect()
///     }
///
///     fn read(&self, name: &str) -> Result<&[u8], Box<dyn Error + Send + Sync>> {
///         let found = self.0.iter().find(|(other, _)| other == name);
///         found.map(|(_, bytes)| &**bytes).ok_or_else(|| "no such file".into())
///     }
/// }
/// ```
pub trait Directory: Send + Sync {
    /// The name and the size in bytes of every file.
    fn files(&self) -> Vec<(String, u64)>;

    /// The whole file; this may be the moment to decode it. It is asked for again and again, and must stay the same.
    ///
    /// # Errors
    ///
    /// Whatever keeps the bytes from being there.
    fn read(&self, name: &str) -> Result<&[u8], Box<dyn Error + Send + Sync>>;

    /// A hint: these files will be read soon, in about this order. A directory that decodes may do so now, on all
    /// cores.
    fn prefetch(&self, names: &[&str]) {
        let _ = names;
    }
}

impl<T: Directory + ?Sized> Directory for &T {
    fn files(&self) -> Vec<(String, u64)> {
        (**self).files()
    }

    fn read(&self, name: &str) -> Result<&[u8], Box<dyn Error + Send + Sync>> {
        (**self).read(name)
    }

    fn prefetch(&self, names: &[&str]) {
        (**self).prefetch(names);
    }
}

/// The name of a table's file.
pub(super) fn table_name(number: u64) -> String {
    format!("{number:06}.sst")
}

/// The number in a name such as `000012.log`.
pub(super) fn number_of(name: &str, ending: &str) -> Option<u64> {
    parse_number(name.strip_suffix(ending)?)
}

/// A number of decimal digits only: no sign, no space.
pub(super) fn parse_number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
