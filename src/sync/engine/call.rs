//! Calling a connector: again after a while where that may help, never for ever in a circle.

use std::time::{Duration, SystemTime};

use crate::sync::clock::{Clock, Stop};
use crate::sync::error::{Answer, Code, ConnectorError, RateLimit};
use crate::sync::event::{Event, Observer};

/// The longest wait between two attempts, whatever a rate limit says.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The wait after the first attempt; after the n-th it is n times as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// So many warnings are told one by one.
const TOLD: u64 = 25;
/// So many warnings are never too many.
const HARMLESS: u64 = 10;

/// Why a call has no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The connector failed, and trying again is of no use.
    Failed(ConnectorError),
    /// Somebody asked to stop while it was waiting.
    Stopped,
}

/// What stands between the engine and a connector.
pub(super) struct Caller<'r> {
    pub(super) clock: &'r dyn Clock,
    pub(super) stop: Stop,
    pub(super) observer: &'r mut dyn Observer,
    warnings: u64,
    last_warning: String,
    /// State of the generator of jitter.
    jitter: u64,
}

impl<'r> Caller<'r> {
    pub(super) fn new(clock: &'r dyn Clock, stop: Stop, observer: &'r mut dyn Observer) -> Self {
        // Jitter keeps connectors apart that fail at the same time; it need not be unpredictable.
        let jitter = getrandom::u64().unwrap_or(1) | 1;
        Self { clock, stop, observer, warnings: 0, last_warning: String::new(), jitter }
    }

    /// Makes a call until it is answered; at most `attempts` times, or without end.
    pub(super) fn call<T>(
        &mut self,
        what: &str,
        attempts: Option<u32>,
        mut call: impl FnMut() -> Answer<T>,
    ) -> Result<T, NoAnswer> {
        let mut attempt = 0;
        loop {
            let error = match call() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            attempt += 1;
            if !error.code().is_transient() || attempts.is_some_and(|most| attempt >= most) {
                return Err(NoAnswer::Failed(error));
            }
            let wait = self.jittered(wait(attempt, error.rate_limit(), self.clock.now()));
            self.observer.event(&Event::Retrying { call: what, error: &error, attempt, wait });
            self.clock.wait(wait, &self.stop);
            if self.stop.requested() {
                return Err(NoAnswer::Stopped);
            }
        }
    }

    /// Up to a quarter longer.
    fn jittered(&mut self, wait: Duration) -> Duration {
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        let share = (self.jitter >> 32) as f64 / f64::from(u32::MAX);
        wait.mul_f64(1.0 + share / 4.0)
    }

    /// Something is wrong, but the sync goes on.
    pub(super) fn warn(&mut self, text: String) {
        self.warnings += 1;
        if self.warnings <= TOLD {
            self.observer.event(&Event::Warning(&text));
        }
        self.last_warning = text;
    }

    /// As [`Caller::warn`], for what sums up many things: it is always told.
    pub(super) fn tell(&mut self, text: String) {
        self.warnings += 1;
        self.observer.event(&Event::Warning(&text));
    }

    pub(super) fn warnings(&self) -> u64 {
        self.warnings
    }

    /// The last warning, when there are too many for `done` calls: more than ten, and more than one in ten.
    pub(super) fn too_many(&self, done: u64) -> Option<&str> {
        let many = self.warnings > HARMLESS && self.warnings.saturating_mul(10) > done;
        many.then_some(&*self.last_warning)
    }

    /// Says how many warnings were not told one by one.
    pub(super) fn summarise(&mut self) {
        if self.warnings > TOLD {
            let text = format!("{} more warnings like the last one", self.warnings - TOLD);
            self.observer.event(&Event::Warning(&text));
        }
    }
}

/// How long to wait after so many failures in a row.
fn wait(attempt: u32, limit: Option<RateLimit>, now: SystemTime) -> Duration {
    let hinted = limit.and_then(|limit| {
        let left = limit.reset_at.duration_since(now).ok()?;
        let share = u32::try_from(limit.remaining.max(1)).unwrap_or(u32::MAX);
        Some(Duration::from_secs((left / share).as_secs_f64().ceil() as u64))
    });
    hinted.unwrap_or_else(|| FIRST_WAIT.saturating_mul(attempt)).min(LONGEST_WAIT)
}

/// What is not there any more is no reason to stop.
pub(super) fn is_gone(error: &ConnectorError) -> bool {
    error.code() == Code::NotFound
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::sync::event::Deaf;

    #[test]
    fn waits_grow_and_end_at_a_minute() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let waits = [1, 2, 59, 60, 61, 4_000_000_000].map(|attempt| wait(attempt, None, now).as_secs());
        assert_eq!(waits, [1, 2, 59, 60, 60, 60]);
    }

    #[test]
    fn rate_limits_say_when() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let limit = |remaining, seconds| {
            Some(RateLimit { remaining, reset_at: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) })
        };
        let after = |limit| wait(3, limit, now).as_secs();
        assert_eq!(after(limit(0, 1_030)), 30, "nothing left: until the reset");
        assert_eq!(after(limit(-5, 1_030)), 30);
        assert_eq!(after(limit(7, 1_030)), 5, "else an equal share of the time");
        assert_eq!(after(limit(0, 9_000)), 60, "but no longer than a minute");
        assert_eq!(after(limit(0, 900)), 3, "a reset in the past says nothing");
    }

    /// A clock that notes how long it was made to wait.
    #[derive(Default)]
    struct Noting(RefCell<Vec<Duration>>);

    impl Clock for Noting {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn wait(&self, time: Duration, stop: &Stop) {
            self.0.borrow_mut().push(time);
            if self.0.borrow().len() == 5 {
                stop.request();
            }
        }
    }

    #[test]
    fn transient_failures_are_tried_again_with_jitter() {
        let clock = Noting::default();
        let mut deaf = Deaf;
        let mut caller = Caller::new(&clock, Stop::new(), &mut deaf);
        let mut failures = 3;
        let answer = caller.call("listing user", None, || {
            failures -= 1;
            if failures > 0 { Err(ConnectorError::new(Code::Unavailable, "busy")) } else { Ok(7) }
        });
        assert_eq!(answer.unwrap(), 7);
        for (wait, attempt) in clock.0.borrow().iter().zip([1.0, 2.0]) {
            assert!((attempt..=attempt * 1.25).contains(&wait.as_secs_f64()), "{wait:?}");
        }
        assert_eq!(clock.0.borrow().len(), 2);
    }

    #[test]
    fn permanent_failures_and_the_last_attempt_are_not() {
        let clock = Noting::default();
        let mut deaf = Deaf;
        let mut caller = Caller::new(&clock, Stop::new(), &mut deaf);
        let denied = || Err::<(), _>(ConnectorError::new(Code::PermissionDenied, "no"));
        assert!(matches!(caller.call("x", None, denied), Err(NoAnswer::Failed(_))));
        assert_eq!(clock.0.borrow().len(), 0);
        let busy = || Err::<(), _>(ConnectorError::new(Code::DeadlineExceeded, "slow"));
        assert!(matches!(caller.call("x", Some(3), busy), Err(NoAnswer::Failed(_))));
        assert_eq!(clock.0.borrow().len(), 2);
    }

    #[test]
    fn a_stop_ends_the_waiting() {
        let clock = Noting::default();
        let mut deaf = Deaf;
        let mut caller = Caller::new(&clock, Stop::new(), &mut deaf);
        let busy = || Err::<(), _>(ConnectorError::new(Code::Unavailable, "busy"));
        assert!(matches!(caller.call("x", None, busy), Err(NoAnswer::Stopped)));
        assert_eq!(clock.0.borrow().len(), 5);
    }

    #[test]
    fn warnings_are_too_many_when_they_are_more_than_one_in_ten() {
        let clock = Noting::default();
        let mut deaf = Deaf;
        let mut caller = Caller::new(&clock, Stop::new(), &mut deaf);
        (0..10).for_each(|n| caller.warn(format!("warning {n}")));
        assert_eq!(caller.too_many(0), None, "ten are harmless");
        caller.warn("the last".into());
        assert_eq!(caller.too_many(110), None);
        assert_eq!(caller.too_many(109), Some("the last"));
    }
}
