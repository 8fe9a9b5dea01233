//! How a client behaves over time: how often it asks, from where, and what it says again without having looked.
//! Only counts; whoever asks makes a violation of it.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::hub::{Outcome, RequestLine, Violation};

/// What is remembered of a client's requests.
#[derive(Debug, Default)]
pub struct Manners {
    polls: VecDeque<Instant>,
    position: i64,
    told: i64,
    said: Vec<Said>,
}

/// Something that was said, processed or not.
#[derive(Debug)]
struct Said {
    number: u64,
    text: String,
    when: Instant,
}

impl Manners {
    /// A poll arrived. Too many within the last while are a breach, once.
    pub fn on_poll(&mut self, floor_ms: u64) -> Option<Violation> {
        let now = Instant::now();
        self.polls.push_back(now);
        while self.polls.front().is_some_and(|first| now.duration_since(*first) > WINDOW) {
            self.polls.pop_front();
        }
        let span = u64::try_from(WINDOW.as_millis()).unwrap_or_default();
        let most = usize::try_from(span.checked_div(floor_ms)?).unwrap_or(usize::MAX);
        if self.polls.len() <= most {
            return None;
        }
        self.polls.clear();
        Some(Violation::new("pollTooOften", format!("more than {most} polls within {} s", WINDOW.as_secs())))
    }

    /// A poll asks from a position. Going back is a breach, except to the beginning, as after a reload; so is leaving
    /// out what was never told.
    pub fn on_position(&mut self, position: Option<i64>) -> Option<Violation> {
        let position = position.unwrap_or(1);
        if position < 1 {
            return None;
        }
        let before = std::mem::replace(&mut self.position, position);
        if position > 1 && position < before {
            return Some(Violation::new("positionBackwards", format!("{position} after {before}")));
        }
        let known = self.told.max(1);
        (position > known).then(|| Violation::new("positionAhead", format!("{position}, but nothing beyond {known}")))
    }

    /// An answer tells of events up to a next position. Whether it arrives is not known, so it always counts.
    pub fn tell(&mut self, next: u64) {
        self.told = self.told.max(i64::try_from(next).unwrap_or(i64::MAX));
    }

    /// Events were counted anew, so positions mean nothing any more.
    pub fn forget_positions(&mut self, next: u64) {
        self.position = 0;
        self.tell(next);
    }

    /// The visitor says something. To say it again, after an answer that never came and without having looked since
    /// whether it arrived, is a breach: it may stand there twice now.
    pub fn on_words(&mut self, number: u64, text: &str, requests: &[RequestLine], poll: &str) -> Option<Violation> {
        let is_blind = |said: &Said| {
            let looked = |line: &RequestLine| line.noun == poll && line.outcome == Outcome::Answered;
            let outcome = requests.iter().find(|line| line.number == said.number).map(|line| line.outcome);
            let is_open = !matches!(outcome, Some(Outcome::Answered | Outcome::Faulted));
            is_open && !requests.iter().any(|line| line.number > said.number && looked(line))
        };
        self.said.retain(|said| said.when.elapsed() < MEMORY);
        let before = self.said.iter().rev().find(|said| said.text == text && is_blind(said)).map(|said| said.number);
        self.said.push(Said { number, text: text.to_owned(), when: Instant::now() });
        before.map(|before| Violation::new("blindRepeat", format!("request {number} repeats request {before}")))
    }

    /// The position of the latest poll.
    pub fn position(&self) -> i64 {
        self.position
    }
}

/// Over which span polls are averaged.
const WINDOW: Duration = Duration::from_secs(10);
/// For how long something said is remembered.
const MEMORY: Duration = Duration::from_secs(30);
