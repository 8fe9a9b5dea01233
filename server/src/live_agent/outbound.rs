//! Messages on their way to the visitor: numbered for `ack`, offset for a handover, kept until acknowledged.

use serde_json::{Map, Value, json};

use crate::settings::{Numbering, Offset, Settings};

/// The messages of one session.
#[derive(Debug, Default)]
pub struct Outbound {
    waiting: Vec<Entry>,
    history: Vec<Past>,
    next: Option<i64>,
    highest: Option<i64>,
    pushed: u64,
}

#[derive(Debug)]
struct Entry {
    number: Option<i64>,
    handed: bool,
    offset: u64,
    content: Value,
}

#[derive(Debug, Clone)]
struct Past {
    offset: u64,
    content: Value,
}

/// One answer's worth of messages.
#[derive(Debug)]
pub struct Batch {
    /// The answer's body.
    pub body: Value,
    /// The types of the messages in it.
    pub kinds: Vec<String>,
}

/// An offset that changed in a replay: before and after.
pub type Moved = (u64, u64);

impl Outbound {
    /// Queues a message and gives its offset.
    pub fn push(&mut self, kind: &str, message: Option<Value>) -> u64 {
        let content = content(kind, message);
        let offset = self.next_offset();
        self.history.push(Past { offset, content: content.clone() });
        self.waiting.push(Entry { number: None, handed: false, offset, content });
        offset
    }

    /// The number of the latest message handed out; −1 when there is none.
    pub fn highest(&self) -> i64 {
        self.highest.unwrap_or(-1)
    }

    /// The offset of the latest message handed out; 0 when there is none.
    pub fn handed_offset(&self) -> u64 {
        let waiting = self.waiting.iter().find(|entry| !entry.handed).map(|entry| entry.offset);
        let before = |offset: u64| waiting.is_none_or(|first| offset < first);
        self.history.iter().rev().map(|past| past.offset).find(|offset| before(*offset)).unwrap_or(0)
    }

    /// The highest offset given to any message so far.
    pub fn last_offset(&self) -> u64 {
        FIRST_OFFSET + self.pushed * OFFSET_STEP
    }

    /// Whether a poll with this acknowledgement would be answered at once.
    pub fn has_news(&self, ack: Option<i64>) -> bool {
        self.waiting.iter().any(|entry| entry.is_news(ack))
    }

    /// Forgets what is acknowledged and hands out the rest. Without an acknowledgement: what was never handed out.
    pub fn take(&mut self, ack: Option<i64>, settings: &Settings) -> Option<Batch> {
        if let Some(ack) = ack {
            self.waiting.retain(|entry| entry.number.is_none_or(|number| number > ack));
        }
        if !self.has_news(ack) {
            return None;
        }
        let (start, per_message) = match settings.numbering {
            Numbering::Message => (0, true),
            Numbering::MessageFromOne => (1, true),
            Numbering::Batch => (0, false),
            Numbering::BatchFromOne => (1, false),
        };
        let mut next = self.next.unwrap_or(start);
        let (mut sequence, mut offset, mut messages, mut kinds) = (next, 0, Vec::new(), Vec::new());
        for entry in self.waiting.iter_mut().filter(|entry| entry.is_news(ack)) {
            let number = match entry.number {
                Some(number) if per_message => number,
                _ if per_message => {
                    next += 1;
                    next - 1
                }
                _ => next,
            };
            entry.number = Some(number);
            entry.handed = true;
            (sequence, offset) = (number, entry.offset);
            messages.push(entry.content.clone());
            kinds.push(entry.kind().to_owned());
        }
        self.next = Some(if per_message { next } else { next + 1 });
        self.highest = Some(self.highest().max(sequence));
        let mut body = json!({"messages": messages, "sequence": sequence});
        if let (Offset::Large, Some(fields)) = (settings.offset, body.as_object_mut()) {
            fields.insert("offset".to_owned(), json!(offset));
        }
        Some(Batch { body, kinds })
    }

    /// Starts numbering anew with `first`, then repeats the kept messages after an offset under new offsets.
    pub fn restart(&mut self, first: Option<Value>, after: u64, keep: impl Fn(&str) -> bool) -> Vec<Moved> {
        self.waiting.clear();
        self.next = None;
        self.highest = None;
        if let Some(content) = first {
            let offset = self.next_offset();
            self.waiting.push(Entry { number: None, handed: false, offset, content });
        }
        let split = self.history.iter().position(|past| past.offset > after).unwrap_or(self.history.len());
        let mut moved = Vec::new();
        for past in self.history.split_off(split) {
            let offset = self.next_offset();
            moved.push((past.offset, offset));
            if keep(kind_of(&past.content)) {
                let content = past.content.clone();
                self.waiting.push(Entry { number: None, handed: false, offset, content });
            }
            self.history.push(Past { offset, content: past.content });
        }
        moved
    }

    fn next_offset(&mut self) -> u64 {
        self.pushed += 1;
        self.last_offset()
    }
}

impl Entry {
    fn is_news(&self, ack: Option<i64>) -> bool {
        match (ack, self.number) {
            (Some(ack), Some(number)) => number > ack,
            (Some(_), None) => true,
            (None, _) => !self.handed,
        }
    }

    fn kind(&self) -> &str {
        kind_of(&self.content)
    }
}

/// A message as it stands in `messages`.
pub fn content(kind: &str, message: Option<Value>) -> Value {
    let mut fields = Map::new();
    fields.insert("type".to_owned(), json!(kind));
    if let Some(message) = message {
        fields.insert("message".to_owned(), message);
    }
    Value::Object(fields)
}

fn kind_of(content: &Value) -> &str {
    content.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Offsets are large and have gaps, so that nobody computes with them.
const FIRST_OFFSET: u64 = 700_087;
const OFFSET_STEP: u64 = 13;

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    fn sequence(batch: Option<Batch>) -> Option<i64> {
        batch?.body.get("sequence")?.as_i64()
    }

    #[test]
    fn what_was_not_acknowledged_comes_again() {
        let settings = Settings::quick();
        let mut outbound = Outbound::default();
        outbound.push("A", None);
        outbound.push("B", None);
        assert_eq!(sequence(outbound.take(Some(-1), &settings)), Some(1));
        assert_eq!(sequence(outbound.take(Some(-1), &settings)), Some(1));
        outbound.push("C", None);
        let batch = outbound.take(Some(0), &settings).expect("two messages");
        assert_eq!(batch.kinds, ["B", "C"]);
        assert!(outbound.take(Some(2), &settings).is_none());
    }

    #[test]
    fn without_an_acknowledgement_nothing_comes_twice() {
        let settings = Settings::quick();
        let mut outbound = Outbound::default();
        outbound.push("A", None);
        assert!(outbound.take(None, &settings).is_some());
        assert!(outbound.take(None, &settings).is_none());
    }

    #[test]
    fn a_batch_has_one_number_of_its_own() {
        let settings = Settings { numbering: Numbering::BatchFromOne, ..Settings::quick() };
        let mut outbound = Outbound::default();
        outbound.push("A", None);
        outbound.push("B", None);
        assert_eq!(sequence(outbound.take(Some(-1), &settings)), Some(1));
        assert_eq!(sequence(outbound.take(Some(-1), &settings)), Some(2));
        assert!(outbound.take(Some(2), &settings).is_none());
    }

    #[test]
    fn a_restart_numbers_from_the_beginning_and_repeats_only_what_came_later() {
        let settings = Settings::quick();
        let mut outbound = Outbound::default();
        let first = outbound.push("A", None);
        outbound.push("B", None);
        outbound.take(Some(-1), &settings);
        outbound.restart(Some(content("S", None)), first, |_| true);
        let batch = outbound.take(Some(-1), &settings).expect("state and one message");
        assert_eq!(batch.kinds, ["S", "B"]);
        assert_eq!(sequence(Some(batch)), Some(1));
    }
}
