//! Chance without a state: every number is a function of the seed and of what it is for.
//!
//! The function is the output step of SplitMix64 (Steele, Lea, Flood: *Fast Splittable Pseudorandom Number
//! Generators*, 2014), in whole numbers only, so that every machine draws the same.

/// Mixes 64 bits; a bijection.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The upper half of a product of two fractions of 2⁶⁴.
fn times(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 64) as u64
}

/// How often something happens: a fraction of 2⁶⁴, of which the largest means always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Odds(u64);

impl Odds {
    /// It does not happen.
    pub(super) const NEVER: Self = Self(0);

    /// `share` lies from 0 to 1; below and above it is cut.
    pub(super) fn of(share: f64) -> Self {
        // 2⁶⁴. The conversion saturates, so 1 becomes the largest number.
        Self((share * 18_446_744_073_709_551_616.0) as u64)
    }

    /// `part` in `whole`.
    pub(super) fn in_all(part: u64, whole: u64) -> Self {
        if part >= whole {
            return Self(u64::MAX);
        }
        Self(((u128::from(part) << 64) / u128::from(whole)) as u64)
    }

    /// Both of two things that have nothing to do with each other.
    pub(super) fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (u64::MAX, rest) | (rest, u64::MAX) => Self(rest),
            (a, b) => Self(times(a, b)),
        }
    }
}

/// One number drawn, and the root of more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance(u64);

impl Chance {
    /// The root of all numbers of a company.
    pub(super) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// The number for one of many things.
    pub(super) fn of(self, what: u64) -> Self {
        Self(mix(self.0 ^ what.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// All 64 bits.
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    /// Below `end`, all equally likely; 0 when `end` is 0.
    pub(super) fn below(self, end: u64) -> u64 {
        times(self.0, end)
    }

    /// Below `end`, low numbers more likely: the density falls with the power -½. A quarter of all numbers
    /// get half of the draws.
    pub(super) fn low(self, end: u64) -> u64 {
        times(times(self.0, self.0), end)
    }

    /// Below `end`, low numbers much more likely: the density falls with the power -⅔. An eighth of all
    /// numbers get half of the draws, a thousandth a tenth.
    pub(super) fn lowest(self, end: u64) -> u64 {
        times(times(times(self.0, self.0), self.0), end)
    }

    /// Whether something happens.
    pub(super) fn happens(self, odds: Odds) -> bool {
        odds.0 == u64::MAX || self.0 < odds.0
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub(super) fn percent(self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub(super) fn pick<'a>(self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len() as u64) as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_splitmix64() {
        // The first outputs for the state 0, from the definition.
        let golden = 0x9e37_79b9_7f4a_7c15_u64;
        let first: Vec<u64> = (0..3).map(|step: u64| mix(golden.wrapping_mul(step))).collect();
        assert_eq!(first, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
    }

    #[test]
    fn draws_spread_as_they_say() {
        let root = Chance::new(7);
        let draws = |f: fn(Chance, u64) -> u64| {
            let mut numbers: Vec<u64> = (0..10_000).map(|i| f(root.of(i), 1000)).collect();
            numbers.sort_unstable();
            assert!(numbers[9_999] < 1000);
            numbers[5_000]
        };
        assert!((480..520).contains(&draws(Chance::below)), "{}", draws(Chance::below));
        assert!((230..270).contains(&draws(Chance::low)), "{}", draws(Chance::low));
        assert!((110..140).contains(&draws(Chance::lowest)), "{}", draws(Chance::lowest));
    }

    #[test]
    fn odds_reach_from_never_to_always() {
        let root = Chance::new(1);
        let often = |odds: Odds| (0..10_000).filter(|&i| root.of(i).happens(odds)).count();
        assert_eq!(often(Odds::of(0.0)), 0);
        assert_eq!(often(Odds::of(-1.0)), 0);
        assert_eq!(often(Odds::of(1.0)), 10_000);
        assert_eq!(often(Odds::in_all(5, 5)), 10_000);
        assert_eq!(often(Odds::in_all(0, 0)), 10_000);
        assert!((2_400..2_600).contains(&often(Odds::of(0.25))));
        assert!((2_400..2_600).contains(&often(Odds::in_all(1, 4))));
        assert!((1_100..1_400).contains(&often(Odds::of(0.25).and(Odds::of(0.5)))));
        assert_eq!(Odds::of(1.0).and(Odds::of(0.5)), Odds::of(0.5));
    }
}
