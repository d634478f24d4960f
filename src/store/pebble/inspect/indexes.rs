//! Whether the indexes of a database hold what follows from its records, without holding either in memory: of the
//! keys that should be there and of those that are, only their number and the sum of their hashes are kept.

use std::hash::BuildHasher as _;

use hashbrown::DefaultHashBuilder;

/// A multiset of keys, as much of it as tells it from another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Print {
    count: u64,
    sum: u64,
}

/// All indexes that follow from records.
#[derive(Debug)]
pub(super) struct Indexes {
    pub(super) children: Compared,
    pub(super) by_principal: Compared,
    pub(super) expandable: Compared,
    /// Rows of the index of grants by hash.
    by_hash: u64,
    /// Whether the index of grants by principal says of itself that it may lack some.
    pub(super) pending: bool,
}

impl Default for Indexes {
    fn default() -> Self {
        Self {
            children: Compared::new("index of resources by parent"),
            by_principal: Compared::new("index of grants by principal"),
            expandable: Compared::new("index of expandable grants"),
            by_hash: 0,
            pending: false,
        }
    }
}

impl Indexes {
    /// Takes a row of the index of this number; its name if its rows should have no value.
    pub(super) fn found(&mut self, index: u8, key: &[u8]) -> Option<&'static str> {
        let compared = match index {
            1 => &mut self.children,
            4 => &mut self.by_principal,
            5 => &mut self.expandable,
            8 => {
                self.by_hash += 1;
                return None;
            }
            _ => return None,
        };
        compared.found(key);
        Some(compared.name)
    }

    /// What is wrong with which index, and whether that is harmless.
    pub(super) fn problems(&self, grants: u64) -> Vec<(&'static str, String, bool)> {
        let of = |compared: &Compared, harmless| Some((compared.name, compared.problem()?, harmless));
        // The index by principal is built last, and a sync that did not end may lack some of it. Small writers leave out
        // the one of expandable grants, and readers do without it.
        let mut problems: Vec<_> = [
            of(&self.children, false),
            of(&self.by_principal, self.pending),
            of(&self.expandable, self.expandable.is_empty()),
        ]
        .into_iter()
        .flatten()
        .collect();
        if self.by_hash != 0 && self.by_hash != grants {
            let problem = format!("it has {} rows, but there are {grants} grants", self.by_hash);
            problems.push(("index of grants by hash", problem, true));
        }
        problems
    }
}

/// What an index should hold, and what it does.
#[derive(Debug)]
pub(super) struct Compared {
    name: &'static str,
    hasher: DefaultHashBuilder,
    expected: Print,
    found: Print,
}

impl Compared {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            hasher: DefaultHashBuilder::default(),
            expected: Print::default(),
            found: Print::default(),
        }
    }

    pub(super) fn expect(&mut self, key: &[u8]) {
        let hash = self.hasher.hash_one(key);
        self.expected = Print { count: self.expected.count + 1, sum: self.expected.sum.wrapping_add(hash) };
    }

    fn found(&mut self, key: &[u8]) {
        let hash = self.hasher.hash_one(key);
        self.found = Print { count: self.found.count + 1, sum: self.found.sum.wrapping_add(hash) };
    }

    fn is_empty(&self) -> bool {
        self.found.count == 0
    }

    /// What is wrong, if anything.
    fn problem(&self) -> Option<String> {
        let (expected, found) = (self.expected.count, self.found.count);
        if expected != found {
            return Some(format!("it has {found} rows, but {expected} follow from the records"));
        }
        (self.expected != self.found)
            .then(|| format!("its {found} rows are not those that follow from the records"))
    }
}
