//! Wall-clock times that follow the runtime's clock, so that a paused test stands still.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Turns the runtime's instants into times of day.
#[derive(Debug)]
pub struct Clock {
    origin: Instant,
    epoch_ms: u64,
}

impl Clock {
    /// Reads the time of day once.
    pub fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { origin: Instant::now(), epoch_ms: u64::try_from(since.as_millis()).unwrap_or_default() }
    }

    /// Milliseconds since the epoch.
    pub fn epoch_ms(&self) -> u64 {
        self.epoch_ms_at(Instant::now())
    }

    /// The same for a moment that has passed.
    pub fn epoch_ms_at(&self, moment: Instant) -> u64 {
        let passed = moment.saturating_duration_since(self.origin);
        self.epoch_ms + u64::try_from(passed.as_millis()).unwrap_or_default()
    }
}
