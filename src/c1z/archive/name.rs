//! Names of files inside an archive.
//!
//! They are slash-separated paths below a directory that never exists here. What leads out of it is refused all the
//! same: no honest writer makes such a name, and somebody else may unpack the file.

use super::fault::NameFault;

/// The most bytes of a name.
pub(super) const MAX_NAME: usize = 4096;

/// A name without empty parts, `.` and `..`.
///
/// # Errors
///
/// A [`NameFault`]; never [`NameFault::Duplicate`].
pub(super) fn clean(bytes: &[u8]) -> Result<String, NameFault> {
    if bytes.is_empty() {
        return Err(NameFault::Empty);
    }
    if bytes.len() > MAX_NAME {
        return Err(NameFault::Long { length: bytes.len() });
    }
    let name = str::from_utf8(bytes).map_err(|_| NameFault::NotUtf8)?;
    if name.contains('\0') {
        return Err(NameFault::Nul);
    }
    if name.starts_with('/') {
        return Err(NameFault::Absolute);
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or(NameFault::Climbs)?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The name of a file: [`clean`], and something must be left.
pub(super) fn of_file(bytes: &[u8]) -> Result<String, NameFault> {
    match clean(bytes)? {
        name if name.is_empty() => Err(NameFault::Empty),
        name => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_says_nothing() {
        for (name, expected) in [
            ("000004.sst", "000004.sst"),
            ("./a", "a"),
            ("a//b/./c/", "a/b/c"),
            ("a/../b", "b"),
            ("a/b/../../c", "c"),
            ("..a/b..", "..a/b.."),
            ("ä b", "ä b"),
            ("a\\..\\b", "a\\..\\b"),
        ] {
            assert_eq!(of_file(name.as_bytes()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for name in ["/", "/a", "//a"] {
            assert_eq!(of_file(name.as_bytes()), Err(NameFault::Absolute));
        }
        for name in ["..", "../a", "a/../..", "a/../../b", "./../a"] {
            assert_eq!(of_file(name.as_bytes()), Err(NameFault::Climbs), "{name}");
        }
    }

    #[test]
    fn a_directory_may_be_the_root_but_a_file_must_have_a_name() {
        for name in [".", "./", "a/.."] {
            assert_eq!(clean(name.as_bytes()).as_deref(), Ok(""));
            assert_eq!(of_file(name.as_bytes()), Err(NameFault::Empty));
        }
        assert_eq!(clean(b""), Err(NameFault::Empty));
    }

    #[test]
    fn names_have_a_longest_length_and_are_text() {
        assert_eq!(of_file(&[b'a'; MAX_NAME]).map(|name| name.len()), Ok(MAX_NAME));
        assert_eq!(of_file(&[b'a'; MAX_NAME + 1]), Err(NameFault::Long { length: MAX_NAME + 1 }));
        assert_eq!(of_file(&[b'a', 0xff]), Err(NameFault::NotUtf8));
        assert_eq!(of_file(b"a\0b"), Err(NameFault::Nul));
    }
}
