//! One question that is asked over and over: when it is asked next, whether it is being asked, and how often in a row it
//! failed.

use std::time::Duration;

use holdfast_chat::model::{RequestId, Timestamp};

/// A question in rounds.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    state: State,
    /// How often in a row it got no answer.
    pub(super) failures: u32,
    pace: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Resting { until: Timestamp },
    Asking { request: RequestId, since: Timestamp },
}

impl Ear {
    /// A question that is due at once, and then again this long after it was asked.
    pub(super) const fn new(pace: Duration) -> Self {
        Self { state: State::Resting { until: Timestamp::from_millis(0) }, failures: 0, pace }
    }

    /// When to ask; `None` while it is being asked.
    pub(super) const fn due(&self) -> Option<Timestamp> {
        match self.state {
            State::Resting { until } => Some(until),
            State::Asking { .. } => None,
        }
    }

    /// Whether to ask now.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Asks as soon as possible.
    pub(super) const fn hurry(&mut self) {
        if let State::Resting { until } = &mut self.state {
            *until = Timestamp::from_millis(0);
        }
    }

    /// It is being asked.
    pub(super) const fn ask(&mut self, request: RequestId, now: Timestamp) {
        self.state = State::Asking { request, since: now };
    }

    /// Whether this answer is the one that is waited for; since when it was asked.
    pub(super) fn is_answer(&self, id: RequestId) -> Option<Timestamp> {
        match self.state {
            State::Asking { request, since } if request == id => Some(since),
            _ => None,
        }
    }

    /// There was an answer, or nothing to ask.
    pub(super) fn rest(&mut self, now: Timestamp) {
        self.failures = 0;
        let since = if let State::Asking { since, .. } = self.state { since } else { now };
        // From start to start: a slow answer shortens the pause.
        let until = (since + self.pace).max(now + SHORTEST);
        self.state = State::Resting { until };
    }

    /// There was none: the next time comes later and later.
    pub(super) fn fail(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        let wait = self.pace.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.state = State::Resting { until: now + wait };
    }

    /// Moves with a clock that was set back.
    pub(super) fn limit(&mut self, now: Timestamp) {
        if let State::Resting { until } = &mut self.state {
            *until = (*until).min(now + LONGEST);
        }
    }
}

/// Between an answer and the next question.
const SHORTEST: Duration = Duration::from_millis(200);
/// An agent who is there should not wait longer for a server that is back.
const LONGEST: Duration = Duration::from_secs(8);
