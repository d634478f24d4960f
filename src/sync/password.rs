//! Random passwords for new accounts and for rotation.
//!
//! Every character is drawn from the randomness of the operating system, each of its set with the same chance.

use super::error::{Answer, Code, ConnectorError};
use crate::model::v2::PasswordConstraint;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
/// Without quotes, backslash and space, which get lost between programs.
const SYMBOLS: &str = "!#$%&()*+,-./:;<=>?@[]^_{|}~";

/// The fewest and the most characters of a password.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=1024;

/// A password of so many characters (8 to 1024).
///
/// From the set of each constraint come as many as it asks for, the rest from letters, digits and symbols, and all are
/// shuffled. Without constraints, there is at least one lower-case and one upper-case letter, one digit and one symbol.
///
/// ```
/// use baton::sync::password;
/// assert_eq!(password::random(20, &[])?.len(), 20);
/// # Ok::<(), baton::sync::ConnectorError>(())
/// ```
///
/// # Errors
/// [`Code::InvalidArgument`] for another length, for a constraint on no characters, and for constraints that ask for
/// more characters than the password has; [`Code::Internal`] when the system gives no randomness.
pub fn random(length: usize, constraints: &[PasswordConstraint]) -> Answer<String> {
    if !LENGTHS.contains(&length) {
        let (least, most) = LENGTHS.into_inner();
        return refuse(format!("a password has {least} to {most} characters, not {length}"));
    }
    let everyday = [LOWER, UPPER, DIGITS, SYMBOLS];
    let wanted: Vec<(&str, u64)> = if constraints.is_empty() {
        everyday.iter().map(|set| (*set, 1)).collect()
    } else {
        constraints.iter().map(|one| (&*one.char_set, u64::from(one.min_count))).collect()
    };
    let asked: u64 = wanted.iter().map(|(_, count)| count).sum();
    if asked > length as u64 {
        return refuse(format!("the constraints ask for {asked} characters, and the password has {length}"));
    }
    let mut password = Vec::with_capacity(length);
    for (set, count) in wanted {
        let set = characters(set);
        if set.is_empty() && count > 0 {
            return refuse(format!("a constraint asks for {count} characters of an empty set"));
        }
        for _ in 0..count {
            password.push(pick(&set)?);
        }
    }
    let all = characters(&everyday.concat());
    while password.len() < length {
        password.push(pick(&all)?);
    }
    shuffle(&mut password)?;
    Ok(password.into_iter().collect())
}

fn refuse<T>(words: String) -> Answer<T> {
    Err(ConnectorError::new(Code::InvalidArgument, words))
}

/// A set has each character once, however often it is written.
fn characters(set: &str) -> Vec<char> {
    let mut set: Vec<char> = set.chars().collect();
    set.sort_unstable();
    set.dedup();
    set
}

fn pick(set: &[char]) -> Answer<char> {
    let place = below(set.len())?;
    set.get(place).copied().ok_or_else(|| ConnectorError::new(Code::Internal, "a set without characters"))
}

/// Fisher and Yates: every order has the same chance.
fn shuffle(items: &mut [char]) -> Answer<()> {
    for end in (1..items.len()).rev() {
        items.swap(end, below(end + 1)?);
    }
    Ok(())
}

/// A number below `limit`, each with the same chance.
fn below(limit: usize) -> Answer<usize> {
    let limit = limit.max(1) as u64;
    // Numbers from here on would make the small ones more likely.
    let fair = u64::MAX - u64::MAX % limit;
    loop {
        let drawn = getrandom::u64().map_err(|error| {
            ConnectorError::new(Code::Internal, "the system gives no randomness").because(error)
        })?;
        if drawn < fair {
            return Ok((drawn % limit) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn constraint(char_set: &str, min_count: u32) -> PasswordConstraint {
        PasswordConstraint { char_set: char_set.into(), min_count }
    }

    fn count(password: &str, set: &str) -> usize {
        password.chars().filter(|c| set.contains(*c)).count()
    }

    #[test]
    fn has_the_length_and_every_kind_of_character() {
        for length in [8, 9, 20, 1024] {
            let password = random(length, &[]).unwrap();
            assert_eq!(password.chars().count(), length);
            for set in [LOWER, UPPER, DIGITS, SYMBOLS] {
                assert!(count(&password, set) >= 1, "{password} has none of {set}");
            }
        }
    }

    #[test]
    fn honours_every_constraint() {
        for _ in 0..50 {
            let password = random(12, &[constraint("é", 3), constraint("0123456789", 4)]).unwrap();
            assert_eq!(password.chars().count(), 12);
            assert_eq!(count(&password, "é"), 3);
            assert!(count(&password, DIGITS) >= 4, "{password}");
        }
        let full = random(8, &[constraint("ab", 8)]).unwrap();
        assert_eq!(count(&full, "ab"), 8);
    }

    #[test]
    fn a_constraint_that_asks_for_nothing_changes_nothing() {
        assert_eq!(random(10, &[constraint("", 0)]).unwrap().len(), 10);
    }

    #[test]
    fn refuses_what_cannot_be() {
        for (length, constraints, words) in [
            (7, vec![], "a password has 8 to 1024 characters, not 7"),
            (1025, vec![], "a password has 8 to 1024 characters, not 1025"),
            (8, vec![constraint("a", 5), constraint("b", 4)], "ask for 9 characters, and the password has 8"),
            (8, vec![constraint("a", u32::MAX), constraint("b", u32::MAX)], "ask for 8589934590"),
            (8, vec![constraint("", 1)], "asks for 1 characters of an empty set"),
        ] {
            let error = random(length, &constraints).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(error.message().contains(words), "{error}");
        }
    }

    #[test]
    fn no_two_are_alike() {
        let mut all: Vec<String> = (0..100).map(|_| random(20, &[]).unwrap()).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 100);
    }

    /// 60 000 draws; each bound is more than ten standard deviations away.
    #[test]
    fn draws_evenly_whatever_is_written_twice() {
        let mut seen: BTreeMap<char, u32> = BTreeMap::new();
        let constraints = [constraint("aaaabc", 1000)];
        for _ in 0..60 {
            for c in random(1000, &constraints).unwrap().chars() {
                *seen.entry(c).or_default() += 1;
            }
        }
        assert_eq!(seen.keys().copied().collect::<String>(), "abc");
        for (c, times) in seen {
            assert!((18_500..=21_500).contains(&times), "{c}: {times}");
        }
    }

    /// 4 000 passwords with one `é`, which comes first before shuffling; each place is expected 500 times.
    #[test]
    fn the_characters_of_a_constraint_may_stand_anywhere() {
        let mut places = [0u32; 8];
        for _ in 0..4000 {
            let password = random(8, &[constraint("é", 1)]).unwrap();
            places[password.chars().position(|c| c == 'é').unwrap()] += 1;
        }
        assert!(places.iter().all(|times| (250..=750).contains(times)), "{places:?}");
    }

    #[test]
    fn every_number_below_the_limit_comes_up() {
        let mut seen = [false; 5];
        for _ in 0..1000 {
            seen[below(5).unwrap()] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(below(1).unwrap(), 0);
    }
}
