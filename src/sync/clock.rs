//! Time and patience: the one place where a sync looks at the clock, waits, or hears that it shall stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// A wish to stop, which a signal handler or another thread may utter at any time. Copies share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A wish that nobody has uttered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a clean stop: the page at hand is finished, and what there is gets saved.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What tells the time, and lets it pass.
pub trait Clock {
    /// Now.
    fn now(&self) -> SystemTime;

    /// Waits, but not longer than until a stop is asked for.
    fn wait(&self, time: Duration, stop: &Stop);
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// How long a stop may go unheard while waiting.
const NAP: Duration = Duration::from_millis(50);

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn wait(&self, time: Duration, stop: &Stop) {
        let begun = Instant::now();
        while !stop.requested() {
            let left = time.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(NAP));
        }
    }
}
