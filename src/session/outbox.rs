//! The visitor's words between being accepted and being delivered.
//!
//! An entry keeps its id for life, and order is never changed. Only acknowledgement, the backend's own record or the
//! visitor removes one. The outbox does not know requests; posting does.

use std::sync::Arc;

use crate::model::{EntryId, PostId, Timestamp, WedgeReason};

/// One message that the visitor wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Keeps it for life.
    pub(super) id: EntryId,
    /// When the visitor sent it.
    pub(super) at: Timestamp,
    /// As it will leave, or left, this page.
    pub(super) text: Arc<str>,
    /// What the protocol noted about the text.
    pub(super) note: Option<Arc<str>>,
    /// What is known of its fate.
    pub(super) state: EntryState,
}

/// What is known of an entry's fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryState {
    /// Not sent.
    Queued,
    /// On its way, as part of this post.
    Sending(PostId),
    /// May have arrived, as part of this post.
    Uncertain(PostId),
    /// Needs the visitor. Does not block those behind.
    Wedged(WedgeReason),
}

/// The visitor's messages that are not known to have arrived, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    entries: Vec<Entry>,
}

impl Outbox {
    /// The outbox of stored entries.
    pub(super) const fn restored(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// Accepts a message, of which the protocol may have noted something already.
    pub(super) fn push(&mut self, id: EntryId, at: Timestamp, text: Arc<str>, note: Option<Arc<str>>) {
        self.entries.push(Entry { id, at, text, note, state: EntryState::Queued });
    }

    /// All entries, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// All entries, in order, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }

    /// The entries of this post, in order.
    pub(super) fn of_post(&self, post: PostId) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.state.post() == Some(post))
    }

    /// Whether an entry waits to be sent, or is on its way.
    pub(super) fn is_flowing(&self) -> bool {
        self.entries.iter().any(|entry| !matches!(entry.state, EntryState::Wedged(_)))
    }

    /// The ids of the first queued entries, at most `most`.
    pub(super) fn next_batch(&self, most: usize) -> Vec<EntryId> {
        self.entries.iter().filter(|entry| entry.state == EntryState::Queued).map(|entry| entry.id).take(most).collect()
    }

    /// Takes the entry out.
    pub(super) fn remove(&mut self, id: EntryId) -> Option<Entry> {
        let place = self.entries.iter().position(|entry| entry.id == id)?;
        Some(self.entries.remove(place))
    }

    /// Takes the entries of a post out: they arrived.
    pub(super) fn take_post(&mut self, post: PostId) -> Vec<Entry> {
        let (arrived, left) =
            std::mem::take(&mut self.entries).into_iter().partition(|entry| entry.state.post() == Some(post));
        self.entries = left;
        arrived
    }

    /// Moves the entries of a post to another state.
    pub(super) fn mark_post(&mut self, post: PostId, state: EntryState) {
        for entry in self.entries.iter_mut().filter(|entry| entry.state.post() == Some(post)) {
            entry.state = state;
        }
    }

    /// Queues a wedged entry again. Whether there was one.
    pub(super) fn retry(&mut self, id: EntryId) -> bool {
        let wedged = |entry: &&mut Entry| entry.id == id && matches!(entry.state, EntryState::Wedged(_));
        self.entries.iter_mut().find(wedged).map(|entry| entry.state = EntryState::Queued).is_some()
    }

    /// Drops a wedged entry.
    pub(super) fn discard(&mut self, id: EntryId) {
        self.entries.retain(|entry| entry.id != id || !matches!(entry.state, EntryState::Wedged(_)));
    }

    /// Somebody else may have sent any of it.
    pub(super) fn doubt_all(&mut self) {
        for entry in &mut self.entries {
            entry.state = EntryState::Wedged(WedgeReason::Unconfirmed);
        }
    }

    /// Sets everything aside for the visitor: there is no conversation any more.
    pub(super) fn wedge_all(&mut self) {
        for entry in &mut self.entries {
            entry.state = match entry.state {
                EntryState::Queued => EntryState::Wedged(WedgeReason::Ended),
                EntryState::Sending(_) | EntryState::Uncertain(_) => EntryState::Wedged(WedgeReason::Unconfirmed),
                EntryState::Wedged(reason) => EntryState::Wedged(reason),
            };
        }
    }
}

impl EntryState {
    /// The post that the entry is, or was, part of.
    pub(super) const fn post(self) -> Option<PostId> {
        match self {
            Self::Sending(post) | Self::Uncertain(post) => Some(post),
            Self::Queued | Self::Wedged(_) => None,
        }
    }
}
