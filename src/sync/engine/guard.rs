//! The pagination guard: pages that lead back to a page that was there before would never end.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The tokens of one list that were asked for already. Keeps 16 bytes for each, however long they are.
#[derive(Debug, Default)]
pub(super) struct Guard {
    seen: HashSet<u128>,
}

impl Guard {
    /// A page was asked for by `token`, and names `next` as the one after it: whether that is a new one.
    pub(super) fn admits(&mut self, token: &str, next: &str) -> bool {
        self.seen.insert(digest(token));
        next.is_empty() || (next != token && !self.seen.contains(&digest(next)))
    }
}

/// Two independent hashes: no two tokens of a list have both in common.
fn digest(token: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, token).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

#[cfg(test)]
mod tests {
    use super::Guard;

    /// How many pages pass before the guard objects; all if it never does.
    fn passed(tokens: &[&str]) -> usize {
        let mut guard = Guard::default();
        tokens.windows(2).take_while(|pair| guard.admits(pair[0], pair[1])).count()
    }

    #[test]
    fn the_same_token_twice_is_caught_at_once() {
        assert_eq!(passed(&["", "a", "a"]), 1);
    }

    #[test]
    fn longer_cycles_are_caught_when_they_close() {
        assert_eq!(passed(&["", "a", "b", "a"]), 2);
        assert_eq!(passed(&["", "a", "b", "c", "d", "b"]), 4);
        // A list that is resumed in its middle starts with a token.
        assert_eq!(passed(&["m", "n", "m"]), 1);
    }

    #[test]
    fn lists_that_end_are_never_caught() {
        let tokens: Vec<String> = (0..10_000).map(|n| format!("page {n}")).collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).chain([""]).collect();
        assert_eq!(passed(&tokens), tokens.len() - 1);
    }
}
