//! What to fetch and when. The one retry policy, the streaming of runs, the choice of
//! series and whose turn it is, and the one place that writes.

pub mod edits;
pub mod retry;
pub mod runs;
pub mod series;
pub mod turns;

use async_trait::async_trait;

/// Time, so that tests need not wait for it.
#[async_trait(?Send)]
pub trait Clock {
    /// Milliseconds since the epoch, UTC.
    fn now(&self) -> f64;
    async fn sleep(&self, ms: f64);

    /// A time in the viewer's zone to UTC.
    fn to_utc(&self, local: f64) -> f64 {
        local
    }
}

/// A clock whose sleeps pass at once and add up.
#[cfg(test)]
#[derive(Default)]
pub struct FakeClock(pub std::cell::Cell<f64>);

#[cfg(test)]
#[async_trait(?Send)]
impl Clock for FakeClock {
    fn now(&self) -> f64 {
        self.0.get()
    }

    async fn sleep(&self, ms: f64) {
        self.0.set(self.0.get() + ms);
    }
}
