//! Numbers for people.

/// `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 frame`, `1,234 frames`, `2 entries`.
pub(super) fn count(number: u64, what: &str) -> String {
    let number = match number {
        1 => return format!("1 {what}"),
        number => thousands(number),
    };
    match what.strip_suffix('y').filter(|stem| !stem.ends_with('e')) {
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_things_counted() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!((count(1, "row"), count(2000, "row")), ("1 row".into(), "2,000 rows".into()));
        assert_eq!((count(1, "entry"), count(2, "entry")), ("1 entry".into(), "2 entries".into()));
        assert_eq!((count(1, "key"), count(2, "key")), ("1 key".into(), "2 keys".into()));
    }
}
