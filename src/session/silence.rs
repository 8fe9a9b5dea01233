//! What to do about a visitor who does not answer: warn, then end.
//!
//! The clock runs while an agent's word waits for an answer. It starts anew when the visitor types and stops when they
//! send. Some backends run that clock themselves, and only the warning is ours.

use std::time::Duration;

use crate::protocol::{IdlePolicy, Signal};

use super::state::{Live, Phase, State};
use super::timers::Timer;
use super::{Session, Step};

impl Session {
    /// The backend says what it wants done.
    pub(super) fn on_idle_policy(&mut self, step: &mut Step, policy: Option<IdlePolicy>) {
        self.idle = policy;
        self.stop_idle_clock();
        self.expect_answer(step);
    }

    /// An agent's word waits for an answer.
    pub(super) fn expect_answer(&mut self, step: &mut Step) {
        if self.idle_end.is_some() || self.timers.at(Timer::IdleWarning).is_some() {
            return;
        }
        self.start_idle_clock(step);
    }

    /// The visitor answered.
    pub(super) fn on_answer(&mut self) {
        self.clear_warning();
        self.stop_idle_clock();
    }

    /// The visitor is there.
    pub(super) fn on_sign_of_life(&mut self, step: &mut Step) {
        let was_running = self.idle_end.is_some() || self.timers.at(Timer::IdleWarning).is_some();
        self.clear_warning();
        if was_running {
            self.start_idle_clock(step);
        }
    }

    /// The visitor has been silent for long enough to be warned.
    pub(super) fn on_idle_warning(&mut self, step: &mut Step) {
        let Some(policy) = self.idle else { return };
        let end = step.now + policy.end.saturating_sub(policy.warning);
        self.idle_end = Some(end);
        self.timers.set(Timer::IdleEnd, end);
        self.sign(Signal::IdleWarned);
    }

    /// The backend runs the clock, and says when it will go off.
    pub(super) fn on_idle_alert(&mut self, step: &Step, end: Option<Duration>) {
        self.idle_end = end.map(|end| step.now + end);
    }

    /// Somebody spoke: what the backend was about to do is off.
    pub(super) const fn dismiss_alert(&mut self) {
        if self.idle.is_none() {
            self.idle_end = None;
        }
    }

    fn start_idle_clock(&mut self, step: &mut Step) {
        let is_talking = matches!(self.state, State::Live(Live { phase: Phase::Talking { .. }, .. }));
        if let Some(policy) = self.idle.filter(|_| is_talking) {
            self.timers.set(Timer::IdleWarning, step.now + policy.warning);
        }
    }

    fn clear_warning(&mut self) {
        if self.idle_end.take().is_some() {
            self.timers.stop(Timer::IdleEnd);
            self.sign(Signal::IdleCleared);
        }
    }

    fn stop_idle_clock(&mut self) {
        self.idle_end = None;
        self.timers.stop(Timer::IdleWarning);
        self.timers.stop(Timer::IdleEnd);
    }
}
