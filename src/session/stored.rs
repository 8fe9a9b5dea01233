//! The shapes that are stored: what of the live state is kept, and under which words. The words are written out here, so
//! that live state can be renamed without breaking what an older page left behind. Each change of a shape changes
//! [`VERSION`] and adds a golden file.

use std::sync::Arc;
use std::time::Duration;

use crate::model::json::Value;
use crate::model::keep::{Keep, field, from_text, insert, keep_fields, keep_words, read_variant, variant};
use crate::model::{
    Author, Body, Happening, Message, Origin, Prose, Reach, Speech, TabId, Timestamp, Visitor, WedgeReason,
};
use crate::protocol::{Cause, IdlePolicy, Signal};

use super::asking::Inquiry;
use super::offers::Offers;
use super::outbox::{Entry, EntryState, Outbox};
use super::serial::Serial;
use super::snapshot::SnapshotError;
use super::state::{Cargo, Errand, Exchange, Link, Live, Phase, Posting, State};

/// The version of everything in this file.
pub(super) const VERSION: u32 = 3;
/// More of anything than one conversation can have.
const MOST: u64 = 1 << 31;

/// Everything but the transcript.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) version: u32,
    pub(super) conversation: String,
    pub(super) state: State,
    pub(super) protocol: String,
    pub(super) outbox: Vec<Entry>,
    pub(super) post: Posting,
    pub(super) customs: Vec<(String, String)>,
    pub(super) draft: Arc<str>,
    pub(super) announced_typing: bool,
    pub(super) sneak_peek: bool,
    pub(super) idle: Option<IdlePolicy>,
    pub(super) patience: Duration,
    pub(super) visitor: Visitor,
    pub(super) panel_open: bool,
    pub(super) unread: u32,
    pub(super) upload_requested: bool,
    pub(super) posts: u64,
    pub(super) entries: u64,
    pub(super) first_page: usize,
    pub(super) first_line: u64,
    pub(super) lines: u64,
    // Since version 2.
    pub(super) serial: Option<Serial>,
    pub(super) heard: Option<Vec<(TabId, u64)>>,
    pub(super) idle_warning: Option<Timestamp>,
    pub(super) idle_end: Option<Timestamp>,
    // Since version 3.
    pub(super) awaited: Option<Vec<Arc<str>>>,
    pub(super) repeated: Option<Vec<Arc<str>>>,
    pub(super) form: Option<Inquiry>,
    pub(super) upload_failed: Option<bool>,
    pub(super) offers: Option<Offers>,
}

keep_fields!(Head {
    version,
    conversation,
    state,
    protocol,
    outbox,
    post,
    customs,
    draft,
    announced_typing,
    sneak_peek,
    idle,
    patience,
    visitor,
    panel_open,
    unread,
    upload_requested,
    posts,
    entries,
    first_page,
    first_line,
    lines,
    serial,
    heard,
    idle_warning,
    idle_end,
    awaited,
    repeated,
    form,
    upload_failed,
    offers,
});
keep_fields!(IdlePolicy { warning, end });
keep_words!(Cause { Visitor => "visitor", Idle => "idle", Over => "over" });

impl Head {
    /// Reads a stored head.
    pub(super) fn parse(text: &str) -> Result<Self, SnapshotError> {
        let value: Value = from_text(text).ok_or(SnapshotError::Unreadable)?;
        match field(&value, "version").ok_or(SnapshotError::Unreadable)? {
            1..=VERSION => {
                let head = Self::kept(&value).filter(|head| head.is_countable() && head.has_its_form());
                head.ok_or(SnapshotError::Unreadable)
            }
            found => Err(SnapshotError::Version { found }),
        }
    }

    /// Whether it was counted to its numbers, and can be counted on from them.
    fn is_countable(&self) -> bool {
        let serial = self.serial.unwrap_or_default().count();
        let counts = [self.posts, self.entries, self.first_line, self.lines, self.first_page as u64, serial];
        counts.into_iter().all(|count| count < MOST)
    }

    /// Whether the form is there without which nothing would go on.
    fn has_its_form(&self) -> bool {
        self.state != State::Asking || self.form.as_ref().is_some_and(|inquiry| inquiry.fits(&self.state))
    }

    /// The outbox. An entry whose post nobody knows of may have arrived, and nothing can tell.
    pub(super) fn take_outbox(&mut self) -> Outbox {
        let known = match &self.post {
            Posting::Busy { post, .. } => Some(*post),
            Posting::Free => None,
        };
        let mut entries = std::mem::take(&mut self.outbox);
        for entry in entries.iter_mut().filter(|entry| entry.state.post().is_some() && entry.state.post() != known) {
            entry.state = EntryState::Wedged(WedgeReason::Unconfirmed);
        }
        Outbox::restored(entries)
    }
}

impl Keep for State {
    fn keep(&self) -> Value {
        let mut data = Vec::new();
        let name = match self {
            Self::Idle => return "idle".into(),
            Self::Asking => return "asking".into(),
            Self::Opening { .. } => return "opening".into(),
            Self::Live(Live { phase, link, ending }) => {
                insert(&mut data, "resuming", &matches!(link, Link::Resuming(_) | Link::Paused(_, Errand::Resume)));
                insert(&mut data, "ending", ending);
                match phase {
                    Phase::Queued { position, wait } => {
                        insert(&mut data, "position", position);
                        insert(&mut data, "wait", wait);
                        "queued"
                    }
                    Phase::Talking { agent } => {
                        insert(&mut data, "agent", agent);
                        "talking"
                    }
                }
            }
            Self::Closing { cause, reason, post, .. } => {
                insert(&mut data, "cause", cause);
                insert(&mut data, "reason", reason);
                insert(&mut data, "post", post);
                "closing"
            }
            Self::Ended(reason) => {
                insert(&mut data, "reason", reason);
                "ended"
            }
        };
        variant(name, Value::Object(data))
    }

    /// Nothing is in flight when a page begins.
    fn kept(value: &Value) -> Option<Self> {
        let (name, data) = read_variant(value)?;
        let exchange = Exchange::Waiting;
        let live = |phase| {
            let link = if field(data, "resuming")? { Link::Resuming(Exchange::Waiting) } else { Link::Resting };
            Some(Self::Live(Live { phase, link, ending: field(data, "ending")? }))
        };
        match name {
            "idle" => Some(Self::Idle),
            "asking" => Some(Self::Asking),
            "opening" => Some(Self::Opening { exchange, wait: None }),
            "queued" => live(Phase::Queued { position: field(data, "position")?, wait: field(data, "wait")? }),
            "talking" => live(Phase::Talking { agent: field(data, "agent")? }),
            "closing" => {
                let (cause, reason) = (field(data, "cause")?, field(data, "reason")?);
                Some(Self::Closing { cause, reason, post: field(data, "post")?, exchange })
            }
            "ended" => Some(Self::Ended(field(data, "reason")?)),
            _ => None,
        }
    }
}

impl Keep for Entry {
    fn keep(&self) -> Value {
        let (post, wedged) = match self.state {
            EntryState::Queued => (None, None),
            EntryState::Sending(post) | EntryState::Uncertain(post) => (Some(post), None),
            EntryState::Wedged(reason) => (None, Some(reason)),
        };
        let mut object = Vec::new();
        insert(&mut object, "id", &self.id);
        insert(&mut object, "at", &self.at);
        insert(&mut object, "text", &self.text);
        insert(&mut object, "note", &self.note);
        insert(&mut object, "post", &post);
        insert(&mut object, "wedged", &wedged);
        Value::Object(object)
    }

    /// Whatever was on its way when the page went may have arrived.
    fn kept(value: &Value) -> Option<Self> {
        let state = match (field::<Option<_>>(value, "post")?, field::<Option<_>>(value, "wedged")?) {
            (Some(post), _) => EntryState::Uncertain(post),
            (None, Some(reason)) => EntryState::Wedged(reason),
            (None, None) => EntryState::Queued,
        };
        Some(Self {
            id: field(value, "id")?,
            at: field(value, "at")?,
            text: field(value, "text")?,
            note: field(value, "note")?,
            state,
        })
    }
}

impl Keep for Posting {
    fn keep(&self) -> Value {
        let Self::Busy { post, cargo, .. } = self else { return Value::Null };
        let mut object = Vec::new();
        insert(&mut object, "post", post);
        insert(&mut object, "cargo", cargo);
        Value::Object(object)
    }

    fn kept(value: &Value) -> Option<Self> {
        if *value == Value::Null {
            return Some(Self::Free);
        }
        Some(Self::Busy { post: field(value, "post")?, cargo: field(value, "cargo")?, exchange: Exchange::Waiting })
    }
}

impl Keep for Cargo {
    fn keep(&self) -> Value {
        match self {
            Self::Entries => "entries".into(),
            Self::Answers => "answers".into(),
            Self::Custom => "custom".into(),
            Self::Person => "person".into(),
            Self::Signal(Signal::Typing) => "typing".into(),
            Self::Signal(Signal::NotTyping) => "not-typing".into(),
            Self::Signal(Signal::Peek(text)) => variant("peek", text.keep()),
            Self::Signal(Signal::IdleWarned) => "idle-warned".into(),
            Self::Signal(Signal::IdleCleared) => "idle-cleared".into(),
            Self::Signal(Signal::Read) => "read".into(),
            Self::Signal(Signal::Unshare(file)) => variant("unshare", file.keep()),
            Self::Signal(Signal::Renamed(name)) => variant("renamed", name.keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("entries", _) => Some(Self::Entries),
            ("answers", _) => Some(Self::Answers),
            ("custom", _) => Some(Self::Custom),
            ("person", _) => Some(Self::Person),
            ("typing", _) => Some(Self::Signal(Signal::Typing)),
            ("not-typing", _) => Some(Self::Signal(Signal::NotTyping)),
            ("peek", text) => Some(Self::Signal(Signal::Peek(Keep::kept(text)?))),
            ("idle-warned", _) => Some(Self::Signal(Signal::IdleWarned)),
            ("idle-cleared", _) => Some(Self::Signal(Signal::IdleCleared)),
            ("read", _) => Some(Self::Signal(Signal::Read)),
            ("unshare", file) => Some(Self::Signal(Signal::Unshare(Keep::kept(file)?))),
            ("renamed", name) => Some(Self::Signal(Signal::Renamed(Keep::kept(name)?))),
            _ => None,
        }
    }
}

/// One line of the transcript, without its id: that is its place.
pub(super) struct StoredLine {
    pub(super) at: Timestamp,
    pub(super) edition: u32,
    pub(super) body: Body,
}

impl From<&Message> for StoredLine {
    fn from(message: &Message) -> Self {
        Self { at: message.at, edition: message.edition, body: message.body.clone() }
    }
}

impl StoredLine {
    /// What is to be stored under this instant.
    pub(super) const fn new(at: Timestamp, body: Body) -> Self {
        Self { at, edition: 0, body }
    }
}

impl Keep for StoredLine {
    fn keep(&self) -> Value {
        let (name, data) = match &self.body {
            Body::Visitor { text, reach: Reach::Arrived } => ("visitor", text.keep()),
            Body::Visitor { text, reach: Reach::Read } => ("read", text.keep()),
            Body::Agent(Speech { name, text, prose: None, origin: None }) => {
                ("agent", (name.clone(), text.clone()).keep())
            }
            Body::Agent(Speech { name, prose: Some(prose), origin: None, .. }) => {
                ("formatted", (name.clone(), prose.clone()).keep())
            }
            Body::Agent(speech) => ("said", speech.keep()),
            Body::Withdrawn { name } => ("withdrawn", name.keep()),
            Body::File { author: Author::Visitor, file } => ("own-file", file.keep()),
            Body::File { author: Author::Agent { name }, file } => ("file", (name.clone(), file.clone()).keep()),
            Body::Event(Happening::FileRemoved { file }) => ("file-removed", file.keep()),
            Body::Event(Happening::Joined { name }) => ("joined", name.keep()),
            Body::Event(Happening::BotJoined { name }) => ("bot", name.keep()),
            Body::Event(Happening::Notice { text }) => ("notice", text.keep()),
            Body::Event(Happening::Left { name }) => ("left", name.keep()),
            Body::Event(Happening::Transferring) => ("transferring", Value::Null),
            Body::Event(Happening::Transferred { name }) => ("transferred", name.keep()),
        };
        let mut parts = vec![self.at.keep(), variant(name, data)];
        if self.edition > 0 {
            parts.push(self.edition.keep());
        }
        Value::Array(parts)
    }

    fn kept(value: &Value) -> Option<Self> {
        let Value::Array(parts) = value else { return None };
        let (at, body, edition) = match parts.as_slice() {
            [at, body] => (at, body, 0),
            [at, body, edition] => (at, body, Keep::kept(edition)?),
            _ => return None,
        };
        let at = Keep::kept(at)?;
        let (name, data) = read_variant(body)?;
        let body = match name {
            "visitor" => Body::arrived(Keep::kept(data)?),
            "read" => Body::Visitor { text: Keep::kept(data)?, reach: Reach::Read },
            "agent" => {
                let (name, text) = Keep::kept(data)?;
                Body::Agent(Speech::plain(name, text))
            }
            "formatted" => {
                let (name, prose): (_, Prose) = Keep::kept(data)?;
                let text = prose.text().into();
                Body::Agent(Speech { prose: Some(prose), ..Speech::plain(name, text) })
            }
            "said" => Body::Agent(Keep::kept(data)?),
            "withdrawn" => Body::Withdrawn { name: Keep::kept(data)? },
            "own-file" => Body::File { author: Author::Visitor, file: Keep::kept(data)? },
            "file" => {
                let (name, file) = Keep::kept(data)?;
                Body::File { author: Author::Agent { name }, file }
            }
            "file-removed" => Body::Event(Happening::FileRemoved { file: Keep::kept(data)? }),
            "bot" => Body::Event(Happening::BotJoined { name: Keep::kept(data)? }),
            "notice" => Body::Event(Happening::Notice { text: Keep::kept(data)? }),
            "joined" => Body::Event(Happening::Joined { name: Keep::kept(data)? }),
            "left" => Body::Event(Happening::Left { name: Keep::kept(data)? }),
            "transferring" => Body::Event(Happening::Transferring),
            "transferred" => Body::Event(Happening::Transferred { name: Keep::kept(data)? }),
            _ => return None,
        };
        Some(Self { at, edition, body })
    }
}

keep_fields!(Speech { name, text, prose, origin });
keep_fields!(Origin { id, by });
