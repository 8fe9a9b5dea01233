//! Spares an upstream that cannot be reached: after some vain tries in a row nobody tries for a moment.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Counts vain tries.
#[derive(Debug, Default)]
pub struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    vain: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    /// Whether nobody should try now. When the moment is over one may, and the others wait for how that ends.
    pub fn is_open(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = state.rests_until else {
            return false;
        };
        let now = Instant::now();
        if now < until {
            return true;
        }
        state.rests_until = Some(now + REST);
        false
    }

    /// Takes note of a try.
    pub fn note(&self, was_vain: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !was_vain {
            *state = State::default();
            return;
        }
        state.vain += 1;
        if state.vain >= ENOUGH {
            state.rests_until = Some(Instant::now() + REST);
        }
    }
}

const ENOUGH: u32 = 8;
const REST: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_upstream_rests_after_vain_tries_and_is_tried_by_one() {
        let breaker = Breaker::default();
        for _ in 0..ENOUGH {
            assert!(!breaker.is_open());
            breaker.note(true);
        }
        assert!(breaker.is_open());
        tokio::time::advance(REST).await;
        assert!(!breaker.is_open());
        assert!(breaker.is_open());
        breaker.note(false);
        assert!(!breaker.is_open());
    }
}
