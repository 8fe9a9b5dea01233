//! What of a chat survives a reload (§10). The position and what it covers are stored in one step, by the session.

use std::collections::VecDeque;

use super::closing::Closing;
use super::files::{Files, Picked};
use super::opening::{Account, Entry, Who};
use super::parties::Parties;
use super::poll::{Errand, Gap, Standing};
use super::post::Posted;
use crate::model::json::Value;
use crate::model::keep::{Keep, from_text, keep_fields, keep_words, to_text};
use crate::protocol::reading::is_token;

/// Everything that is known of one conversation.
#[derive(Debug, Default)]
pub(super) struct Chat {
    /// Names this conversation in whatever has to be named once (§4, §6).
    pub(super) name: String,
    pub(super) account: Option<Account>,
    pub(super) who: Option<Who>,
    pub(super) entry: Entry,
    pub(super) room: Option<String>,
    pub(super) maker: Maker,
    /// Where the visitor was asked to come (§3.3).
    pub(super) invited: Option<String>,
    /// The position in the room (§5); nothing was read before there is one.
    pub(super) since: Option<String>,
    /// What came already, the latest last.
    pub(super) seen: Seen,
    /// What was taken back: an edit of it says nothing.
    pub(super) withdrawn: Seen,
    /// The latest event of the visitor's own.
    pub(super) own: Option<String>,
    pub(super) gap: Option<Gap>,
    pub(super) errand: Errand,
    pub(super) standing: Standing,
    /// How many answers in a row did not mention the room.
    pub(super) silence: u64,
    pub(super) parties: Parties,
    pub(super) posted: Posted,
    pub(super) closing: Closing,
    pub(super) files: Files,
    /// How many files were picked.
    pub(super) uploads: u64,
    pub(super) picked: Option<Picked>,
}

keep_fields!(Chat {
    name,
    account,
    who,
    entry,
    room,
    maker,
    invited,
    since,
    seen,
    withdrawn,
    own,
    gap,
    errand,
    standing,
    silence,
    parties,
    posted,
    closing,
    files,
    uploads,
    picked,
});

/// Who made the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Maker {
    /// The site, or an agent.
    #[default]
    Others,
    /// This page, for this conversation.
    Visitor,
}

keep_words!(Maker { Others => "others", Visitor => "visitor" });

/// The ids of the latest events.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(VecDeque<String>);

impl Seen {
    /// Takes note of an event. Whether it is new.
    pub(super) fn note(&mut self, id: &str) -> bool {
        if self.has(id) {
            return false;
        }
        if self.0.len() >= super::guess::MOST_SEEN {
            self.0.pop_front();
        }
        self.0.push_back(id.to_owned());
        true
    }

    /// Whether it came.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|seen| seen == id)
    }

    /// Whether both came, and the first behind the other.
    pub(super) fn is_behind(&self, id: &str, earlier: &str) -> bool {
        let place = |id: &str| self.0.iter().position(|seen| seen == id);
        place(id).zip(place(earlier)).is_some_and(|(id, earlier)| id > earlier)
    }

    /// The one that came last.
    pub(super) fn latest(&self) -> Option<&str> {
        self.0.back().map(String::as_str)
    }
}

impl Keep for Seen {
    fn keep(&self) -> Value {
        Value::Array(self.0.iter().map(Value::from).collect())
    }

    fn kept(value: &Value) -> Option<Self> {
        let ids: Vec<String> = Keep::kept(value)?;
        Some(Self(ids.into()))
    }
}

impl Chat {
    /// Its text.
    pub(super) fn text(&self) -> String {
        to_text(self)
    }

    /// A chat from its text; `None` where it is not understood, or cannot be asked with.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let chat: Self = from_text(text)?;
        let is_signed = chat.who.as_ref().is_none_or(|who| is_token(&who.token) && !who.user.trim().is_empty());
        (is_signed && chat.room.as_ref().is_none_or(|room| is_room(room))).then_some(chat)
    }
}

/// Whether this names something below a path; a browser takes dots for steps in it.
pub(super) fn is_room(id: &str) -> bool {
    id.len() > 1 && id.starts_with('!')
}
