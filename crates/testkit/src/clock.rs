//! Time that stands still until a test moves it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use lectern_application::ports::Clock;
use lectern_domain::time::Timestamp;

/// When every test begins: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

/// A clock that shows [`START`] until it is moved.
#[derive(Debug)]
pub struct FakeClock {
    micros: AtomicI64,
}

impl Default for FakeClock {
    fn default() -> Self {
        Self { micros: AtomicI64::new(START.as_micros()) }
    }
}

impl FakeClock {
    /// Lets time pass.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().plus(span));
    }

    /// Sets the time, backwards too.
    pub fn set(&self, now: Timestamp) {
        self.micros.store(now.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }
}
