//! The transcript as the protocol numbers it: one index for each event, from 1, whatever its type.

use serde_json::{Value, json};

use crate::genesys::party::put;
use crate::genesys::switches::{Indexes, Switches};

/// The events of a session.
#[derive(Debug, Default)]
pub struct Story {
    events: Vec<(u64, Value)>,
    loose: Vec<Value>,
    last: u64,
    gap: u64,
    unindexed: Vec<String>,
}

impl Story {
    /// Keeps in mind how events are to be numbered from now on.
    pub fn heed(&mut self, switches: &Switches) {
        self.gap = switches.index_gap;
        self.unindexed.clone_from(&switches.unindexed);
    }

    /// Adds an event and gives its index; 0 is none.
    pub fn push(&mut self, kind: &str, mut event: Value) -> u64 {
        if !kind.is_empty() {
            put(&mut event, "type", json!(kind));
        }
        match event.get("index") {
            Some(Value::Null) => {
                if let Some(fields) = event.as_object_mut() {
                    fields.remove("index");
                }
                self.loose.push(event);
                return 0;
            }
            Some(index) => {
                let index = index.as_u64().unwrap_or_default();
                self.last = self.last.max(index);
                self.events.push((index, event));
                return index;
            }
            None => {}
        }
        if self.unindexed.iter().any(|it| it == kind) {
            self.loose.push(event);
            return 0;
        }
        self.last += 1 + self.gap;
        put(&mut event, "index", json!(self.last));
        self.events.push((self.last, event));
        self.last
    }

    /// The index behind the last event.
    pub fn next(&self) -> u64 {
        self.last + 1
    }

    /// The events that a position asks for: all, none at 0, only the last at −1, else all from there on.
    pub fn since(&self, position: Option<i64>, repeated: usize) -> Vec<Value> {
        let from = match position {
            Some(0) => return Vec::new(),
            Some(-1) => self.events.len().saturating_sub(1),
            Some(position) => {
                let position = u64::try_from(position).unwrap_or_default();
                let first = self.events.iter().position(|(index, _)| *index >= position);
                first.unwrap_or(self.events.len()).saturating_sub(repeated)
            }
            None => 0,
        };
        self.events.iter().skip(from).map(|(_, event)| event.clone()).collect()
    }

    /// Whether a poll from there would have something to tell.
    pub fn has_news(&self, position: Option<i64>) -> bool {
        !self.loose.is_empty() || !self.since(position, 0).is_empty()
    }

    /// The events without an index; they are told once.
    pub fn take_loose(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.loose)
    }

    /// Does to the numbers what a move does.
    pub fn restore(&mut self, indexes: Indexes) {
        match indexes {
            Indexes::Kept => {}
            Indexes::Gap => self.last += RESTORED_GAP,
            Indexes::Renumbered => {
                self.events.retain(|(_, event)| !is_typing(event));
                self.last = 0;
                for (index, event) in &mut self.events {
                    self.last += 1;
                    *index = self.last;
                    put(event, "index", json!(self.last));
                }
            }
        }
    }
}

fn is_typing(event: &Value) -> bool {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    kind.starts_with("Typing")
}

/// How many numbers a restored session leaves out.
const RESTORED_GAP: u64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(story: &Story, position: Option<i64>, repeated: usize) -> Vec<u64> {
        story.since(position, repeated).iter().filter_map(|event| event.get("index")?.as_u64()).collect()
    }

    #[test]
    fn a_position_asks_for_what_the_table_says() {
        let mut story = Story::default();
        for _ in 0..4 {
            story.push("Message", json!({}));
        }
        assert_eq!((told(&story, None, 0), told(&story, Some(1), 0)), (vec![1, 2, 3, 4], vec![1, 2, 3, 4]));
        assert_eq!((told(&story, Some(0), 0), told(&story, Some(-1), 0)), (vec![], vec![4]));
        assert_eq!((told(&story, Some(3), 0), told(&story, Some(5), 0)), (vec![3, 4], vec![]));
        assert_eq!((told(&story, Some(5), 2), story.next()), (vec![3, 4], 5));
    }

    #[test]
    fn events_may_lack_an_index_or_leave_some_out() {
        let mut story = Story::default();
        story.heed(&Switches { index_gap: 2, unindexed: vec!["Notice".to_owned()], ..Switches::default() });
        let indexes = ["Message", "Notice", "Message"].map(|kind| story.push(kind, json!({})));
        assert_eq!(indexes, [3, 0, 6]);
        assert_eq!(story.push("", json!({"type": "Odd", "index": null})), 0);
        assert_eq!((story.take_loose().len(), story.take_loose().len()), (2, 0));
    }

    #[test]
    fn a_restored_session_may_count_anew_without_typing() {
        let mut story = Story::default();
        let _indexes = ["Message", "TypingStarted", "Message"].map(|kind| story.push(kind, json!({})));
        story.restore(Indexes::Renumbered);
        assert_eq!((told(&story, None, 0), story.next()), (vec![1, 2], 3));
        story.restore(Indexes::Gap);
        assert_eq!(story.push("Message", json!({})), 8);
    }
}
