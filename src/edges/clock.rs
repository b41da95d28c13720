//! Time, injected: the only place that looks at the machine's clock.

use chrono::{DateTime, Duration, NaiveDate, SubsecRound, Utc};
use std::sync::RwLock;

/// Tells the time to everything. The demo and the tests set it; a real installation lets it run.
#[derive(Debug)]
pub struct Clock(RwLock<Mode>);

#[derive(Debug, Clone, Copy)]
enum Mode {
    /// The machine's time, moved by an offset.
    Running(Duration),
    /// Stands still until it is set again.
    Frozen(DateTime<Utc>),
}

impl Clock {
    /// The machine's own time.
    pub fn system() -> Self {
        Self(RwLock::new(Mode::Running(Duration::zero())))
    }

    /// A clock that stands still, for plays and tests.
    pub fn frozen_at(at: DateTime<Utc>) -> Self {
        Self(RwLock::new(Mode::Frozen(at)))
    }

    /// Now, to the millisecond: both databases keep that exactly.
    pub fn now(&self) -> DateTime<Utc> {
        match self.mode() {
            Mode::Running(offset) => (machine_now() + offset).trunc_subsecs(3),
            Mode::Frozen(at) => at.trunc_subsecs(3),
        }
    }

    /// Stands still at `at`.
    pub fn set(&self, at: DateTime<Utc>) {
        self.put(Mode::Frozen(at));
    }

    /// Runs on from where it stands.
    pub fn run_on(&self) {
        let offset = self.now() - machine_now();
        self.put(Mode::Running(offset));
    }

    /// Today in a zone.
    pub fn today(&self, zone: chrono_tz::Tz) -> NaiveDate {
        self.now().with_timezone(&zone).date_naive()
    }

    fn mode(&self) -> Mode {
        // A poisoned lock still holds a valid mode: writers only replace it whole.
        *self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn put(&self, mode: Mode) {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = mode;
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that looks at the machine's clock")]
fn machine_now() -> DateTime<Utc> {
    Utc::now()
}
