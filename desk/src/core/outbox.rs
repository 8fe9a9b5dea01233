//! What the agent said in one chat and the record does not show yet. One post at a time, in order; what got no answer is
//! compared with later news before it is sent again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use holdfast_chat::model::{EntryId, RequestId, Timestamp};

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name for life.
    pub id: EntryId,
    /// When it was written.
    pub at: Timestamp,
    /// The words.
    pub text: Arc<str>,
    /// How it stands with it.
    pub state: EntryState,
    /// The last event that was known when it was first posted: its echo comes behind.
    pub(super) behind: Option<i64>,
}

/// How it stands with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Not posted yet.
    Queued,
    /// Being posted.
    Posting(RequestId),
    /// Posted without an answer; it may have arrived.
    Doubtful {
        /// Since when.
        since: Timestamp,
    },
    /// It arrived, as this event where that was told.
    Arrived(Option<i64>),
    /// The server does not want it.
    Refused,
}

/// Messages on their way, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    entries: VecDeque<Entry>,
}

impl Outbox {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push_back(entry);
    }

    /// The one to post now. Nothing goes out while the fate of another is unknown.
    pub(super) fn next(&self) -> Option<&Entry> {
        let is_open = |entry: &&Entry| !matches!(entry.state, EntryState::Arrived(_) | EntryState::Refused);
        self.entries.iter().find(is_open).filter(|entry| entry.state == EntryState::Queued)
    }

    /// Takes note that an entry is being posted.
    pub(super) fn post(&mut self, id: EntryId, request: RequestId, position: Option<i64>) {
        if let Some(entry) = self.entry(id) {
            entry.state = EntryState::Posting(request);
            entry.behind = entry.behind.or(position);
        }
    }

    /// Takes note of what became of a post. A post that was recognised meanwhile has left nothing to note.
    pub(super) fn settle(&mut self, request: RequestId, state: EntryState) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.state == EntryState::Posting(request)) {
            entry.state = state;
        }
    }

    /// Changes the state of an entry that is not under way.
    pub(super) fn retry(&mut self, id: EntryId) {
        if let Some(entry) = self.entry(id).filter(|entry| entry.state == EntryState::Refused) {
            entry.state = EntryState::Queued;
        }
    }

    /// Drops an entry that was refused.
    pub(super) fn discard(&mut self, id: EntryId) {
        self.entries.retain(|entry| entry.id != id || entry.state != EntryState::Refused);
    }

    /// The record shows words of the agent's: they are on their way no more.
    pub(super) fn recognise(&mut self, event: i64, text: &str) {
        let is_it = |entry: &Entry| match entry.state {
            EntryState::Arrived(Some(known)) => known == event,
            EntryState::Arrived(None) | EntryState::Posting(_) | EntryState::Doubtful { .. } => {
                entry.behind.is_none_or(|behind| event > behind) && is_same(&entry.text, text)
            }
            // Sent again after a doubt that came too early.
            EntryState::Queued => entry.behind.is_some_and(|behind| event > behind) && is_same(&entry.text, text),
            EntryState::Refused => false,
        };
        if let Some(place) = self.entries.iter().position(is_it) {
            self.entries.remove(place);
        }
    }

    /// News came that were asked for then, and everything in them was recognised: what is still in doubt did not arrive.
    pub(super) fn believe(&mut self, asked: Timestamp, position: Option<i64>) {
        for entry in &mut self.entries {
            if let EntryState::Doubtful { since } = entry.state
                && asked >= since + SETTLED
            {
                entry.state = EntryState::Queued;
            }
        }
        // Whatever was told to be an event that is known must be among those that are shown.
        self.entries
            .retain(|entry| !matches!(entry.state, EntryState::Arrived(Some(event)) if Some(event) <= position));
    }

    /// The page was loaded anew: whatever was being posted is in doubt.
    pub(super) fn doubt_all(&mut self, now: Timestamp) {
        for entry in &mut self.entries {
            if matches!(entry.state, EntryState::Posting(_) | EntryState::Doubtful { .. }) {
                entry.state = EntryState::Doubtful { since: now };
            }
        }
    }

    /// The chat takes no more words: what did not arrive is set aside.
    pub(super) fn refuse_rest(&mut self) {
        for entry in &mut self.entries {
            if matches!(entry.state, EntryState::Queued | EntryState::Doubtful { .. }) {
                entry.state = EntryState::Refused;
            }
        }
    }

    fn entry(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }
}

/// White space may change on the way.
fn is_same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// What was given up on its way may still arrive for so long; news that were asked for later are believed.
const SETTLED: Duration = Duration::from_secs(3);
