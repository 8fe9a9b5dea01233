//! The clock of silence: warnings, then the end. Asking for news does not turn it back, saying something does.
//! Only tells what is due; the sweeper does it.

use std::time::Duration;

use tokio::time::Instant;

use crate::genesys::switches::Switches;
use crate::hub::Idle;

/// How long a conversation has been silent, and what was said about it.
#[derive(Debug)]
pub struct Silence {
    since: Instant,
    warned: Option<Warned>,
    own: Option<Idle>,
}

/// A warning that went out.
#[derive(Debug, Clone, Copy)]
struct Warned {
    until: Instant,
    then: Then,
}

/// What follows a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Another warning.
    Alert,
    /// The end.
    Close,
}

/// What silence has brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A warning of what follows after so many milliseconds.
    Alert(Then, u64),
    /// The end.
    Close,
}

impl Silence {
    /// It begins now.
    pub fn start() -> Self {
        Self { since: Instant::now(), warned: None, own: None }
    }

    /// It is broken.
    pub fn end(&mut self) {
        self.since = Instant::now();
        self.warned = None;
    }

    /// An agent has an own idea of how long it may last, or none.
    pub fn allow(&mut self, own: Option<Idle>) {
        self.own = own;
    }

    /// A warning went out.
    pub fn warn(&mut self, then: Then, ms: u64) {
        self.warned = Some(Warned { until: Instant::now() + Duration::from_millis(ms), then });
    }

    /// What is due now.
    pub fn due(&self, switches: &Switches) -> Option<Due> {
        match self.warned {
            Some(warned) if Instant::now() < warned.until => None,
            Some(Warned { then: Then::Alert, .. }) => Some(Due::Alert(Then::Close, switches.idle_close_ms)),
            Some(Warned { then: Then::Close, .. }) => Some(Due::Close),
            None => self.first(switches),
        }
    }

    /// What is left until the end, in whole seconds; none while there was no warning of it.
    pub fn left(&self) -> Option<u64> {
        let warned = self.warned.filter(|warned| warned.then == Then::Close)?;
        Some(seconds(warned.until.saturating_duration_since(Instant::now())))
    }

    fn first(&self, switches: &Switches) -> Option<Due> {
        let patience = self.own.map_or(switches.idle_alert_ms, |own| u64::from(own.warning) * 1_000);
        if patience == 0 || self.since.elapsed() < Duration::from_millis(patience) {
            return None;
        }
        Some(match self.own {
            Some(own) => Due::Alert(Then::Close, u64::from(own.timeout.saturating_sub(own.warning)) * 1_000),
            None if switches.idle_alert2_ms > 0 => Due::Alert(Then::Alert, switches.idle_alert2_ms),
            None => Due::Alert(Then::Close, switches.idle_close_ms),
        })
    }
}

/// A span in seconds, a begun one counted whole.
pub fn seconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}
