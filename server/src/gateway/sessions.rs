//! Every session that somebody asked for lately: its entity and its messages, each read once however many browsers ask.
//! Nothing here outlives the process for a reason: another process reads the same from upstream.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::gateway::shared::Shared;
use crate::gateway::view::Seen;

/// One session as the gateway remembers it.
#[derive(Debug)]
pub struct Entry {
    /// Its entity.
    pub seen: Shared<Seen>,
    /// What was said.
    pub said: Shared<Lines>,
    times: Mutex<Times>,
}

#[derive(Debug)]
struct Times {
    asked: Instant,
    news: Instant,
    touched: Option<Instant>,
}

/// What was said, as far as it is remembered.
#[derive(Debug, Default)]
pub struct Lines {
    /// Messages by number, as a visitor may see them.
    pub lines: Vec<(u64, Arc<Value>)>,
    /// Messages up to this number are forgotten.
    pub forgotten: u64,
}

/// All sessions that are remembered.
#[derive(Debug, Default)]
pub struct Sessions {
    entries: Mutex<BTreeMap<u64, Arc<Entry>>>,
}

impl Entry {
    fn new() -> Self {
        let now = Instant::now();
        let times = Mutex::new(Times { asked: now, news: now, touched: None });
        Self { seen: Shared::default(), said: Shared::default(), times }
    }

    /// Something happened.
    pub fn note_news(&self) {
        self.times().news = Instant::now();
    }

    /// Everything has to be read again.
    pub fn doubt(&self) {
        self.seen.doubt();
        self.said.doubt();
        self.note_news();
    }

    /// Whether nothing happened for so long.
    pub fn is_idle(&self, since: Duration) -> bool {
        self.times().news.elapsed() >= since
    }

    /// Whether the visitor's presence is to be written now; then it counts as written.
    pub fn wants_touch(&self, every: Duration) -> bool {
        let mut times = self.times();
        let is_due = times.touched.is_none_or(|touched| touched.elapsed() >= every);
        if is_due {
            times.touched = Some(Instant::now());
        }
        is_due
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// What was known, and what came since.
    pub fn joined(before: Option<&Self>, news: Vec<(u64, Value)>) -> Self {
        let mut lines = before.map(|before| before.lines.clone()).unwrap_or_default();
        let mut forgotten = before.map_or(0, |before| before.forgotten);
        for (number, line) in news {
            if number <= forgotten {
                continue;
            }
            if let Err(place) = lines.binary_search_by_key(&number, |(known, _)| *known) {
                lines.insert(place, (number, Arc::new(line)));
            }
        }
        let surplus = lines.len().saturating_sub(REMEMBERED);
        if let Some((number, _)) = lines.drain(..surplus).next_back() {
            forgotten = number;
        }
        Self { lines, forgotten }
    }

    /// After which number to read: a few before the last one, because what was numbered earlier may be stored later.
    pub fn position(&self) -> u64 {
        let place = self.lines.len().checked_sub(OVERLAP + 1);
        place.and_then(|place| self.lines.get(place)).map_or(self.forgotten, |(number, _)| *number)
    }

    /// Differs once something was added.
    pub fn mark(&self) -> (usize, u64, Option<u64>) {
        (self.lines.len(), self.forgotten, self.lines.last().map(|(number, _)| *number))
    }

    /// Those after a number; `None` when some of them are forgotten.
    pub fn after(&self, number: u64) -> Option<Vec<Arc<Value>>> {
        if number < self.forgotten {
            return None;
        }
        let from = self.lines.partition_point(|(known, _)| *known <= number);
        Some(self.lines.iter().skip(from).map(|(_, line)| Arc::clone(line)).collect())
    }
}

impl Sessions {
    /// A session, remembered from now on.
    pub fn entry(&self, id: u64, most: usize) -> Arc<Entry> {
        let mut entries = self.lock();
        if entries.len() >= most && !entries.contains_key(&id) {
            sweep(&mut entries, Duration::from_secs(1));
        }
        let entry = entries.entry(id).or_insert_with(|| Arc::new(Entry::new()));
        entry.times().asked = Instant::now();
        Arc::clone(entry)
    }

    /// A session that somebody asks for, if any does.
    pub fn known(&self, id: u64) -> Option<Arc<Entry>> {
        self.lock().get(&id).cloned()
    }

    /// Forgets what nobody asks for any more.
    pub fn sweep(&self, count: &AtomicI64) {
        let mut entries = self.lock();
        sweep(&mut entries, KEPT);
        count.store(i64::try_from(entries.len()).unwrap_or_default(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sweep(entries: &mut BTreeMap<u64, Arc<Entry>>, kept: Duration) {
    entries.retain(|_, entry| entry.times().asked.elapsed() < kept);
}

/// How many messages of a session are remembered; whoever asks for older ones gets them from upstream.
const REMEMBERED: usize = 200;
/// How many of them are read again each time.
const OVERLAP: usize = 3;
/// A browser in a hidden tab may ask once a minute.
const KEPT: Duration = Duration::from_secs(90);

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;
    use serde_json::json;

    fn numbers(lines: Option<Vec<Arc<Value>>>) -> Option<Vec<u64>> {
        lines.map(|lines| lines.iter().filter_map(|line| line.as_u64()).collect())
    }

    fn line(number: u64) -> (u64, Value) {
        (number, json!(number))
    }

    #[test]
    fn news_join_what_was_known_once_and_in_order() {
        let first = Lines::joined(None, vec![line(7), line(3)]);
        let second = Lines::joined(Some(&first), vec![line(7), line(9), line(8)]);
        assert_eq!(numbers(second.after(0)), Some(vec![3, 7, 8, 9]));
        assert_eq!(numbers(second.after(7)), Some(vec![8, 9]));
    }

    #[test]
    fn what_was_numbered_earlier_and_stored_later_is_not_missed() {
        let first = Lines::joined(None, vec![line(1), line(2), line(3), line(4), line(6)]);
        assert_eq!(first.position(), 2);
        let second = Lines::joined(Some(&first), vec![line(3), line(4), line(5), line(6)]);
        assert_eq!(numbers(second.after(2)), Some(vec![3, 4, 5, 6]));
        assert_eq!(Lines::joined(None, vec![line(1)]).position(), 0);
    }

    #[test]
    fn what_is_forgotten_is_not_passed_over_in_silence() {
        let many = Lines::joined(None, (1..=250).map(line).collect());
        assert_eq!((many.forgotten, many.position()), (50, 247));
        assert_eq!(Lines::joined(Some(&many), vec![line(40)]).lines.len(), 200);
        assert_eq!(numbers(many.after(49)), None);
        assert_eq!(numbers(many.after(50)).map(|lines| lines.len()), Some(200));
    }
}
