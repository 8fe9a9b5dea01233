//! The shapes that are stored. They are types of their own, so that live state can change without breaking what an older
//! page left behind. Each change of a shape changes [`VERSION`] and adds a golden file.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{Body, EndReason, EntryId, Happening, Message, PostId, Timestamp, Visitor, WedgeReason};
use crate::protocol::{Cause, IdlePolicy, Signal, SneakPeek};

use super::outbox::{Entry, EntryState, Outbox};
use super::snapshot::SnapshotError;
use super::state::{Cargo, Composer, Errand, Exchange, Link, Live, Phase, Posting, Presence, State};

/// The version of everything in this file.
pub(super) const VERSION: u32 = 1;

/// Everything but the transcript.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) version: u32,
    pub(super) conversation: String,
    pub(super) state: StoredState,
    pub(super) protocol: String,
    pub(super) outbox: Vec<StoredEntry>,
    pub(super) post: Option<StoredPost>,
    pub(super) customs: Vec<(String, String)>,
    pub(super) draft: String,
    pub(super) announced_typing: bool,
    pub(super) sneak_peek: bool,
    pub(super) idle: Option<StoredIdle>,
    pub(super) patience: Millis,
    pub(super) visitor: Visitor,
    pub(super) panel_open: bool,
    pub(super) unread: u32,
    pub(super) upload_requested: bool,
    pub(super) posts: u64,
    pub(super) entries: u64,
    pub(super) first_page: usize,
    pub(super) first_line: u64,
    pub(super) lines: u64,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Head {
    /// Reads a stored head.
    pub(super) fn parse(text: &str) -> Result<Self, SnapshotError> {
        let Versioned { version } = serde_json::from_str(text).map_err(|_| SnapshotError::Unreadable)?;
        if version != VERSION {
            return Err(SnapshotError::Version { found: version });
        }
        serde_json::from_str(text).map_err(|_| SnapshotError::Unreadable)
    }

    /// Whatever was on its way when the page went may have arrived.
    pub(super) fn outbox(&self) -> Outbox {
        let state = |stored: &StoredEntry| match (stored.post, stored.wedged) {
            (Some(post), _) if self.post.as_ref().is_some_and(|busy| busy.post == post) => EntryState::Uncertain(post),
            (Some(_), _) => EntryState::Wedged(WedgeReason::Unconfirmed),
            (None, Some(reason)) => EntryState::Wedged(reason),
            (None, None) => EntryState::Queued,
        };
        let entry = |stored: &StoredEntry| Entry {
            id: stored.id,
            at: stored.at,
            text: Arc::from(&*stored.text),
            note: stored.note.as_deref().map(Arc::from),
            state: state(stored),
        };
        Outbox::restored(self.outbox.iter().map(entry).collect())
    }

    pub(super) fn posting(&self) -> Posting {
        match &self.post {
            Some(stored) => {
                Posting::Busy { post: stored.post, cargo: (&stored.cargo).into(), exchange: Exchange::Waiting }
            }
            None => Posting::Free,
        }
    }

    pub(super) fn composer(&self) -> Composer {
        let announced = if self.announced_typing { Presence::Typing } else { Presence::Silent };
        Composer { draft: Arc::from(&*self.draft), is_typing: Presence::Silent, announced, peeked: Arc::default() }
    }

    pub(super) const fn sneak_peek(&self) -> SneakPeek {
        if self.sneak_peek { SneakPeek::Allowed } else { SneakPeek::Forbidden }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredState {
    Idle,
    Opening,
    Queued { position: Option<u32>, wait: Option<Millis>, resuming: bool },
    Talking { agent: Option<String>, ending: Option<StoredCause>, resuming: bool },
    Closing { cause: StoredCause, reason: EndReason, post: PostId },
    Ended { reason: EndReason },
}

impl From<&State> for StoredState {
    fn from(state: &State) -> Self {
        match state {
            State::Idle => Self::Idle,
            State::Opening { .. } => Self::Opening,
            State::Live(Live { phase, link, ending }) => {
                let resuming = matches!(link, Link::Resuming(_) | Link::Paused(_, Errand::Resume));
                match phase {
                    Phase::Queued { position, wait } => {
                        Self::Queued { position: *position, wait: wait.map(Into::into), resuming }
                    }
                    Phase::Talking { agent } => Self::Talking {
                        agent: agent.as_deref().map(str::to_owned),
                        ending: ending.map(Into::into),
                        resuming,
                    },
                }
            }
            State::Closing { cause, reason, post, .. } => {
                Self::Closing { cause: (*cause).into(), reason: *reason, post: *post }
            }
            State::Ended(reason) => Self::Ended { reason: *reason },
        }
    }
}

impl StoredState {
    pub(super) fn into_state(self) -> State {
        let link = |resuming| if resuming { Link::Resuming(Exchange::Waiting) } else { Link::Resting };
        match self {
            Self::Idle => State::Idle,
            Self::Opening => State::Opening { exchange: Exchange::Waiting, wait: None },
            Self::Queued { position, wait, resuming } => State::Live(Live {
                phase: Phase::Queued { position, wait: wait.map(Into::into) },
                link: link(resuming),
                ending: None,
            }),
            Self::Talking { agent, ending, resuming } => State::Live(Live {
                phase: Phase::Talking { agent: agent.map(Into::into) },
                link: link(resuming),
                ending: ending.map(Into::into),
            }),
            Self::Closing { cause, reason, post } => {
                State::Closing { cause: cause.into(), reason, post, exchange: Exchange::Waiting }
            }
            Self::Ended { reason } => State::Ended(reason),
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredCause {
    Visitor,
    Idle,
    Over,
}

impl From<Cause> for StoredCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Visitor => Self::Visitor,
            Cause::Idle => Self::Idle,
            Cause::Over => Self::Over,
        }
    }
}

impl From<StoredCause> for Cause {
    fn from(stored: StoredCause) -> Self {
        match stored {
            StoredCause::Visitor => Self::Visitor,
            StoredCause::Idle => Self::Idle,
            StoredCause::Over => Self::Over,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredEntry {
    id: EntryId,
    at: Timestamp,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post: Option<PostId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wedged: Option<WedgeReason>,
}

impl From<&Entry> for StoredEntry {
    fn from(entry: &Entry) -> Self {
        let (post, wedged) = match entry.state {
            EntryState::Queued => (None, None),
            EntryState::Sending(post) | EntryState::Uncertain(post) => (Some(post), None),
            EntryState::Wedged(reason) => (None, Some(reason)),
        };
        let note = entry.note.as_deref().map(str::to_owned);
        Self { id: entry.id, at: entry.at, text: entry.text.to_string(), note, post, wedged }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredPost {
    post: PostId,
    cargo: StoredCargo,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredCargo {
    Entries,
    Custom,
    Typing,
    NotTyping,
    Peek(String),
    IdleWarned,
    IdleCleared,
}

impl From<&Posting> for Option<StoredPost> {
    fn from(posting: &Posting) -> Self {
        let Posting::Busy { post, cargo, .. } = posting else { return None };
        let cargo = match cargo {
            Cargo::Entries => StoredCargo::Entries,
            Cargo::Custom => StoredCargo::Custom,
            Cargo::Signal(Signal::Typing) => StoredCargo::Typing,
            Cargo::Signal(Signal::NotTyping) => StoredCargo::NotTyping,
            Cargo::Signal(Signal::Peek(text)) => StoredCargo::Peek(text.to_string()),
            Cargo::Signal(Signal::IdleWarned) => StoredCargo::IdleWarned,
            Cargo::Signal(Signal::IdleCleared) => StoredCargo::IdleCleared,
        };
        Some(StoredPost { post: *post, cargo })
    }
}

impl From<&StoredCargo> for Cargo {
    fn from(stored: &StoredCargo) -> Self {
        match stored {
            StoredCargo::Entries => Self::Entries,
            StoredCargo::Custom => Self::Custom,
            StoredCargo::Typing => Self::Signal(Signal::Typing),
            StoredCargo::NotTyping => Self::Signal(Signal::NotTyping),
            StoredCargo::Peek(text) => Self::Signal(Signal::Peek(Arc::from(&**text))),
            StoredCargo::IdleWarned => Self::Signal(Signal::IdleWarned),
            StoredCargo::IdleCleared => Self::Signal(Signal::IdleCleared),
        }
    }
}

/// One line of the transcript.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredLine {
    at: Timestamp,
    #[serde(flatten)]
    body: StoredBody,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredBody {
    Visitor(String),
    Agent(Option<String>, String),
    Joined(Option<String>),
    Left(Option<String>),
    Transferring(()),
    Transferred(Option<String>),
}

impl From<&Message> for StoredLine {
    fn from(message: &Message) -> Self {
        let owned = |name: &Option<Arc<str>>| name.as_deref().map(str::to_owned);
        let body = match &message.body {
            Body::Visitor { text } => StoredBody::Visitor(text.to_string()),
            Body::Agent { name, text } => StoredBody::Agent(owned(name), text.to_string()),
            Body::Event(Happening::Joined { name }) => StoredBody::Joined(owned(name)),
            Body::Event(Happening::Left { name }) => StoredBody::Left(owned(name)),
            Body::Event(Happening::Transferring) => StoredBody::Transferring(()),
            Body::Event(Happening::Transferred { name }) => StoredBody::Transferred(owned(name)),
        };
        Self { at: message.at, body }
    }
}

impl StoredLine {
    /// The line as it stands in a transcript.
    pub(super) fn into_body(self) -> (Timestamp, Body) {
        let shared = |name: Option<String>| name.map(Arc::from);
        let body = match self.body {
            StoredBody::Visitor(text) => Body::Visitor { text: text.into() },
            StoredBody::Agent(name, text) => Body::Agent { name: shared(name), text: text.into() },
            StoredBody::Joined(name) => Body::Event(Happening::Joined { name: shared(name) }),
            StoredBody::Left(name) => Body::Event(Happening::Left { name: shared(name) }),
            StoredBody::Transferring(()) => Body::Event(Happening::Transferring),
            StoredBody::Transferred(name) => Body::Event(Happening::Transferred { name: shared(name) }),
        };
        (self.at, body)
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct StoredIdle {
    warning: Millis,
    end: Millis,
}

impl From<IdlePolicy> for StoredIdle {
    fn from(policy: IdlePolicy) -> Self {
        Self { warning: policy.warning.into(), end: policy.end.into() }
    }
}

impl From<StoredIdle> for IdlePolicy {
    fn from(stored: StoredIdle) -> Self {
        Self { warning: stored.warning.into(), end: stored.end.into() }
    }
}

/// A span in milliseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Millis(u64);

impl From<Duration> for Millis {
    fn from(span: Duration) -> Self {
        Self(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
    }
}

impl From<Millis> for Duration {
    fn from(millis: Millis) -> Self {
        Self::from_millis(millis.0)
    }
}
