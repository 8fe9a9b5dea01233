//! The closed table of a session's timers. The shell sets a single alarm for the earliest.

use crate::model::Timestamp;

/// Everything that a session waits for. Each is set at most once at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// Deadline of the exchange that brings news, or the instant of its next try.
    Inbound,
    /// Deadline of the post in flight, or the instant of its next try.
    Outbound,
    /// Deadline of the upload in flight.
    Upload,
    /// Deadline of the download in flight.
    Download,
    /// The earliest instant for the next post of entries.
    Pace,
    /// The agent no longer counts as typing.
    AgentTyping,
    /// The visitor no longer counts as typing.
    VisitorTyping,
    /// The earliest instant for the next sign: a look into the composer, or anything after one that failed.
    Sign,
    /// The visitor is warned of being idle.
    IdleWarning,
    /// The conversation ends because the visitor is idle.
    IdleEnd,
    /// Something that was said at a pause is due.
    Held,
    /// What is still to be sent before the end is given up.
    Flush,
    /// The end is taken as done, answered or not.
    Closing,
}

const COUNT: usize = 13;

/// When each timer goes off.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers([Option<Timestamp>; COUNT]);

impl Timers {
    /// Sets `timer`, in place of what it was set to before.
    pub(super) fn set(&mut self, timer: Timer, at: Timestamp) {
        if let Some(slot) = self.0.get_mut(timer as usize) {
            *slot = Some(at);
        }
    }

    /// Unsets `timer`.
    pub(super) fn stop(&mut self, timer: Timer) {
        if let Some(slot) = self.0.get_mut(timer as usize) {
            *slot = None;
        }
    }

    /// Unsets all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The clock was set back by so much: what was waited for is waited for no longer than before.
    pub(super) fn set_back(&mut self, span: std::time::Duration) {
        for at in self.0.iter_mut().flatten() {
            *at = *at - span;
        }
    }

    /// When `timer` goes off.
    pub(super) fn at(&self, timer: Timer) -> Option<Timestamp> {
        self.0.get(timer as usize).copied().flatten()
    }

    /// The earliest instant of all.
    pub(super) fn earliest(&self) -> Option<Timestamp> {
        self.0.iter().flatten().min().copied()
    }

    /// Unsets and returns the timers that are due, the longest overdue first.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<Timer> {
        let mut due: Vec<(Timestamp, Timer)> =
            ALL.into_iter().filter_map(|timer| self.at(timer).filter(|at| *at <= now).map(|at| (at, timer))).collect();
        due.sort_unstable();
        for (_, timer) in &due {
            self.stop(*timer);
        }
        due.into_iter().map(|(_, timer)| timer).collect()
    }
}

const ALL: [Timer; COUNT] = [
    Timer::Inbound,
    Timer::Outbound,
    Timer::Upload,
    Timer::Download,
    Timer::Pace,
    Timer::AgentTyping,
    Timer::VisitorTyping,
    Timer::Sign,
    Timer::IdleWarning,
    Timer::IdleEnd,
    Timer::Held,
    Timer::Flush,
    Timer::Closing,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_timers_are_taken_in_the_order_of_their_instants() {
        let mut timers = Timers::default();
        timers.set(Timer::Inbound, Timestamp::from_millis(30));
        timers.set(Timer::IdleEnd, Timestamp::from_millis(10));
        timers.set(Timer::Pace, Timestamp::from_millis(50));

        assert_eq!(timers.take_due(Timestamp::from_millis(30)), [Timer::IdleEnd, Timer::Inbound]);
        assert_eq!(timers.earliest(), Some(Timestamp::from_millis(50)));
    }

    #[test]
    fn every_timer_has_a_place_of_its_own() {
        let mut timers = Timers::default();
        for (place, timer) in ALL.into_iter().enumerate() {
            timers.set(timer, Timestamp::from_millis(place as u64));
        }

        assert_eq!(timers.take_due(Timestamp::from_millis(99)), ALL);
    }
}
