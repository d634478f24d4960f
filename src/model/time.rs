//! Points in time: as messages carry them, as SQLite rows spell them, as JSON prints them.

use std::io::Write as _;

use jiff::civil::{DateTime, datetime};
use jiff::{SignedDuration, Timestamp};

use super::wire::{Fields, Malformed, Value};

/// The beginning of Unix time.
const EPOCH: DateTime = datetime(1970, 1, 1, 0, 0, 0, 0);

/// A point in time between the years 1 and 9999, to the nanosecond.
///
/// Rows of SQLite files hold the wall clock of the host that wrote them, without its zone. Such a value is taken as
/// UTC, as the reference tool does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    seconds: i64,
    nanos: u32,
}

impl Instant {
    const FIRST: i64 = -62_135_596_800;
    const LAST: i64 = 253_402_300_799;

    /// Seconds since 1970 and nanoseconds (0 to 999 999 999) after them; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn new(seconds: i64, nanos: i32) -> Option<Self> {
        let nanos = u32::try_from(nanos).ok().filter(|&n| n < 1_000_000_000)?;
        (Self::FIRST..=Self::LAST).contains(&seconds).then_some(Self { seconds, nanos })
    }

    /// Reads a `google.protobuf.Timestamp`; `None` outside the years 1 to 9999.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(timestamp: &[u8]) -> Result<Option<Self>, Malformed> {
        let (seconds, nanos) = seconds_and_nanos(timestamp)?;
        Ok(Self::new(seconds, nanos))
    }

    /// Reads the time column of a SQLite row.
    ///
    /// Layouts: `YYYY-MM-DD[ HH:MM[:SS[.f]]]` with a space or a `T`, then nothing, `Z`, `±HH:MM`, or Go's
    /// ` ±HHMM ZONE[ m=±…]`. `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, ' ');
        let date = parts.next()?;
        let rest = parts.next();
        let zone = parts.next();
        let joined = match (rest, zone) {
            (None, None) => date.to_owned(),
            (Some(clock), None) => format!("{date}T{clock}"),
            (Some(clock), Some(zone)) => {
                format!("{date}T{clock}{}", zone.split(' ').next().unwrap_or(""))
            }
            (None, Some(_)) => return None,
        };
        // A civil time is UTC, with a Z or without; only one with an offset is moved.
        let civil = joined.strip_suffix('Z').unwrap_or(&joined);
        let since = match civil.parse::<Timestamp>() {
            Ok(instant) => instant.as_duration(),
            Err(_) => civil.parse::<DateTime>().ok()?.duration_since(EPOCH),
        };
        Self::from_epoch(since)
    }

    /// The text of a SQLite time column: `YYYY-MM-DD HH:MM:SS[.f]`, trailing zeros of the fraction cut.
    #[must_use]
    pub fn to_sqlite(self) -> String {
        let mut out = Vec::new();
        push_civil(&mut out, self, b' ');
        if self.nanos > 0 {
            let digits = format!("{:09}", self.nanos);
            let _ = write!(out, ".{}", digits.trim_end_matches('0'));
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// RFC 3339 in UTC, cut to whole seconds, for tables.
    #[must_use]
    pub fn to_seconds_text(self) -> String {
        let whole = Self { nanos: 0, ..self };
        whole.to_string()
    }

    /// How long after `earlier` this is; negative when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> SignedDuration {
        let nanos = i64::from(self.nanos) - i64::from(earlier.nanos);
        SignedDuration::from_secs(self.seconds - earlier.seconds) + SignedDuration::from_nanos(nanos)
    }

    /// The same instant as a protobuf message.
    #[must_use]
    pub fn to_proto(self) -> prost_types::Timestamp {
        prost_types::Timestamp { seconds: self.seconds, nanos: self.nanos.cast_signed() }
    }

    fn from_epoch(since: SignedDuration) -> Option<Self> {
        let nanos = since.subsec_nanos();
        let borrow = i64::from(nanos < 0);
        Self::new(since.as_secs() - borrow, nanos + 1_000_000_000 * i32::from(nanos < 0))
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Vec::new();
        push_rfc3339(&mut out, *self);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

/// The two numbers of a `google.protobuf.Timestamp` or a `google.protobuf.Duration`, which are laid out the same.
pub(super) fn seconds_and_nanos(message: &[u8]) -> Result<(i64, i32), Malformed> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut walk = Fields::of(message);
    while let Some((number, value)) = walk.next_field()? {
        match (number, value) {
            (1, Value::Varint(number)) => seconds = number as i64,
            (2, Value::Varint(number)) => nanos = number as i32,
            _ => {}
        }
    }
    Ok((seconds, nanos))
}

/// Appends RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second, as protojson prints a timestamp.
pub fn push_rfc3339(out: &mut Vec<u8>, instant: Instant) {
    push_civil(out, instant, b'T');
    push_fraction(out, instant.nanos);
    out.push(b'Z');
}

/// Appends `.` and 3, 6 or 9 digits; nothing for a whole second.
pub(super) fn push_fraction(out: &mut Vec<u8>, nanos: u32) {
    let _ = match (nanos, nanos % 1_000_000, nanos % 1_000) {
        (0, ..) => Ok(()),
        (_, 0, _) => write!(out, ".{:03}", nanos / 1_000_000),
        (.., 0) => write!(out, ".{:06}", nanos / 1_000),
        _ => write!(out, ".{nanos:09}"),
    };
}

fn push_civil(out: &mut Vec<u8>, instant: Instant, separator: u8) {
    // Cannot fail: an instant lies between the years 1 and 9999.
    let civil = EPOCH.saturating_add(SignedDuration::from_secs(instant.seconds));
    let year = civil.year().unsigned_abs();
    push_two(out, year / 100);
    push_two(out, year % 100);
    let rest = [
        (b'-', civil.month()),
        (b'-', civil.day()),
        (separator, civil.hour()),
        (b':', civil.minute()),
        (b':', civil.second()),
    ];
    for (before, number) in rest {
        out.push(before);
        push_two(out, u16::from(number.unsigned_abs()));
    }
}

/// Appends two digits. Formatting machinery would take ten times as long, and lists hold many times.
fn push_two(out: &mut Vec<u8>, number: u16) {
    out.push(b'0' + (number / 10 % 10) as u8);
    out.push(b'0' + (number % 10) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_layout_that_writers_used() {
        for (text, shown) in [
            ("2026-11-22 11:40:59.768119127", "2026-11-22T11:40:59.768119127Z"),
            ("2026-11-22 11:40:59", "2026-11-22T11:40:59Z"),
            ("2026-11-22T11:40:59.5", "2026-11-22T11:40:59.500Z"),
            ("2026-11-22T11:40:59Z", "2026-11-22T11:40:59Z"),
            ("2026-11-22 11:40:59.12+02:00", "2026-11-22T09:40:59.120Z"),
            ("2026-11-22 11:40", "2026-11-22T11:40:00Z"),
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("2026-11-22 11:40:59.5 -0500 EST m=+0.01", "2026-11-22T16:40:59.500Z"),
            ("2026-11-22 11:40:59 +0000 UTC", "2026-11-22T11:40:59Z"),
        ] {
            assert_eq!(Instant::parse(text).map(|i| i.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in ["", "now", "11:40", "2026-13-01", "1732275659"] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["2026-11-22 11:40:59.76811912", "0001-01-01 00:00:00", "9999-12-31 23:59:59"] {
            assert_eq!(Instant::parse(text).unwrap().to_sqlite(), text);
        }
    }

    #[test]
    fn refuses_what_json_cannot_show() {
        assert_eq!(Instant::new(Instant::FIRST - 1, 0), None);
        assert_eq!(Instant::new(Instant::LAST + 1, 0), None);
        assert_eq!(Instant::new(0, -1), None);
        assert_eq!(Instant::new(0, 1_000_000_000), None);
    }
}
