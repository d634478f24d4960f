//! Names that were probably meant.

/// Collects names, of which only the closest are kept: a file's worth of them need not be held.
#[derive(Debug)]
pub struct Near<'w> {
    wanted: &'w str,
    names: Vec<String>,
}

impl<'w> Near<'w> {
    /// Looks for names near `wanted`.
    #[must_use]
    pub fn of(wanted: &'w str) -> Self {
        Self { wanted, names: Vec::new() }
    }

    /// Considers a name.
    pub fn add(&mut self, name: String) {
        const BATCH: usize = 1024;
        self.names.push(name);
        if self.names.len() > BATCH {
            self.names = near(self.wanted, std::mem::take(&mut self.names));
        }
    }

    /// Up to three names, the closest first.
    #[must_use]
    pub fn finish(self) -> Vec<String> {
        near(self.wanted, self.names)
    }
}

/// Up to three of `names` that are close to `wanted`, the closest first.
fn near(wanted: &str, names: impl IntoIterator<Item = String>) -> Vec<String> {
    const MOST: usize = 3;
    let lower = wanted.to_lowercase();
    let mut found: Vec<(usize, String)> = Vec::new();
    for name in names {
        if let Some(distance) = distance(&lower, &name.to_lowercase()) {
            found.push((distance, name));
            found.sort();
            found.dedup();
            found.truncate(MOST);
        }
    }
    found.into_iter().map(|(_, name)| name).collect()
}

/// How far two lower-case names are apart; `None` when nobody would confuse them.
fn distance(a: &str, b: &str) -> Option<usize> {
    // Nobody types longer names, and comparing them takes the product of their lengths.
    const LONGEST: usize = 200;
    if a.len().max(b.len()) > LONGEST {
        return None;
    }
    let allowed = a.chars().count().max(3) / 3;
    // Names of very different lengths can be told apart without comparing them.
    if a.len().abs_diff(b.len()) <= allowed * 4 {
        let edits = strsim::damerau_levenshtein(a, b);
        if edits <= allowed {
            return Some(edits);
        }
    }
    let part = a.len() >= 3 && (b.contains(a) || (b.len() >= 3 && a.contains(b)));
    part.then(|| allowed + 1 + a.len().abs_diff(b.len()))
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn finds_slips_of_the_finger() {
        let names = ["user", "group", "role", "group-admin"].map(String::from);
        assert_eq!(near("gruop", names.clone()), ["group"]);
        assert_eq!(near("Users", names.clone()), ["user"]);
        assert_eq!(near("admin", names.clone()), ["group-admin"]);
        assert!(near("zebra", names).is_empty());
    }
}
