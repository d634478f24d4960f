//! A clock that nobody waits for.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use baton::sync::{Clock, Stop};

/// Every look at it takes a millisecond, and waiting takes none.
#[derive(Debug)]
pub(crate) struct TestClock {
    now: Cell<SystemTime>,
    pub(crate) waited: Cell<Duration>,
}

impl TestClock {
    /// Two million seconds after the first second of 2026.
    pub(crate) fn new() -> Self {
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_225_600))
    }

    /// That many hours after that.
    pub(crate) fn later(hours: u64) -> Self {
        Self::at(Self::new().now.get() + Duration::from_secs(hours * 3_600))
    }

    pub(crate) fn at(now: SystemTime) -> Self {
        Self { now: Cell::new(now), waited: Cell::new(Duration::ZERO) }
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        self.now.set(self.now.get() + Duration::from_millis(1));
        self.now.get()
    }

    fn wait(&self, time: Duration, _: &Stop) {
        self.waited.set(self.waited.get() + time);
        self.now.set(self.now.get() + time);
    }
}
