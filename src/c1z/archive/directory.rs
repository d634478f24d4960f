//! The files of an archive, in the order of the archive, to be found by name.

/// A file inside an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its path: parts separated by `/`, none of them empty, `.` or `..`.
    pub name: String,
    /// Bytes of content.
    pub size: u64,
    /// Bytes that it takes: those of its frame, or, in a tar, those of its content.
    pub stored: u64,
    /// Position of those bytes: in the file, or, of a tar inside zstd, in the unpacked tar.
    pub offset: u64,
    /// XXH64 of the content; 0 in a tar, which has none.
    pub(super) hash: u64,
}

/// All files.
#[derive(Debug, Default)]
pub(super) struct Directory {
    entries: Vec<Entry>,
    /// Places in `entries`, sorted by name.
    order: Vec<usize>,
}

impl Directory {
    /// # Errors
    ///
    /// The place of the first entry that repeats the name of an earlier one.
    pub(super) fn of(entries: Vec<Entry>) -> Result<Self, usize> {
        let name = |place: &usize| entries.get(*place).map(|entry| &*entry.name);
        let mut order: Vec<usize> = (0..entries.len()).collect();
        // The sort is stable: of equal names the earlier place stays in front.
        order.sort_by(|one, other| name(one).cmp(&name(other)));
        let repeats = order.windows(2).filter_map(|pair| match pair {
            [one, other] if name(one) == name(other) => Some(*other),
            _ => None,
        });
        match repeats.min() {
            Some(place) => Err(place),
            None => Ok(Self { entries, order }),
        }
    }

    /// The first entry of each name.
    pub(super) fn of_first(mut entries: Vec<Entry>) -> Self {
        let mut seen = std::collections::BTreeSet::new();
        entries.retain(|entry| seen.insert(entry.name.clone()));
        Self::of(entries).unwrap_or_default()
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The place of a file in [`Directory::entries`].
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let at = |place: &usize| self.entries.get(*place).map(|entry| &*entry.name);
        let found = self.order.binary_search_by(|place| at(place).cmp(&Some(name)));
        found.ok().and_then(|found| self.order.get(found).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(names: &[&str]) -> Result<Directory, usize> {
        let entry = |name: &&str| Entry { name: (*name).into(), size: 0, stored: 0, offset: 0, hash: 0 };
        Directory::of(names.iter().map(entry).collect())
    }

    #[test]
    fn files_are_found_whatever_their_order() {
        let names = ["b", "a", "c/d", "", "c", "ä"];
        let directory = directory(&names).unwrap();
        for (place, name) in names.into_iter().enumerate() {
            assert_eq!(directory.find(name), Some(place));
            assert_eq!(directory.entries()[place].name, name);
        }
        assert_eq!(directory.find("d"), None);
    }

    #[test]
    fn the_first_that_repeats_a_name_is_named() {
        assert_eq!(directory(&["a", "b", "c", "b", "a"]).unwrap_err(), 3);
        assert_eq!(directory(&["x", "x", "x"]).unwrap_err(), 1);
    }
}
