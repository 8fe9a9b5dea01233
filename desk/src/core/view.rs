//! What a screen needs to know of a desk.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chat::model::Timestamp;
use holdfast_chat::protocol::liveperson::desk::ChatKey;

use super::chat::{Chat, ChatId};
use super::deed::Trouble;
use crate::api::{Colleague, Presence};

/// A desk, seen from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The time at which it was looked at.
    pub now: Timestamp,
    /// Whether somebody sits there.
    pub door: Door,
    /// The agent's name.
    pub name: Arc<str>,
    /// Whether the agent takes chats.
    pub presence: Presence,
    /// Whether the server answers.
    pub connection: Connection,
    /// Who waits, those who wait longest first.
    pub callers: Arc<[Caller]>,
    /// Whether a caller is being taken.
    pub is_taking: bool,
    /// Why the last caller was not taken, or nobody sits there.
    pub trouble: Option<Trouble>,
    /// The agent's chats, in the order in which they came.
    pub chats: Vec<Arc<Chat>>,
    /// The ones that are shown side by side, in order.
    pub panes: Vec<ChatId>,
    /// The one of them that has the agent's attention.
    pub chosen: Option<ChatId>,
    /// How many have room side by side.
    pub room: usize,
    /// Who else is there, as far as was asked.
    pub colleagues: Arc<[Colleague]>,
}

/// Whether somebody sits at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Nobody.
    Outside,
    /// Somebody is about to.
    Entering,
    /// Somebody.
    Inside,
}

/// Whether the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// It does.
    Steady,
    /// It did not, the last time.
    Lost,
}

/// A visitor whom nobody at a desk attends to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The chat; `None` where the server tells no more than how many ring.
    pub key: Option<ChatKey>,
    /// What the visitor is called, where they said so.
    pub visitor: Option<Arc<str>>,
    /// Which backend the visitor believes to speak to.
    pub backend: Option<Arc<str>>,
    /// Since when the visitor waits.
    pub since: Option<Timestamp>,
    /// Who answers meanwhile, if a program or a script does.
    pub agent: Option<Arc<str>>,
    /// What the visitor said last.
    pub words: Option<Arc<str>>,
}

impl View {
    /// A chat by its number.
    #[must_use]
    pub fn chat(&self, id: ChatId) -> Option<&Arc<Chat>> {
        self.chats.iter().find(|chat| chat.id == id)
    }

    /// Whether there is a pane beside which this chat can be opened.
    #[must_use]
    pub fn can_open_beside(&self, id: ChatId) -> bool {
        self.room > 1 && !self.panes.is_empty() && !self.panes.contains(&id)
    }

    /// The chat that has the agent's attention.
    #[must_use]
    pub fn chosen(&self) -> Option<&Arc<Chat>> {
        self.chat(self.chosen?)
    }

    /// How many of the visitors' lines nobody looked at, in all chats.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.chats.iter().map(|chat| chat.unread).sum()
    }

    /// Those who wait for somebody, not those whom a program or a script answers.
    pub fn waiting(&self) -> impl Iterator<Item = &Caller> {
        self.callers.iter().filter(|caller| caller.agent.is_none())
    }
}

impl Caller {
    /// How long the visitor has waited.
    #[must_use]
    pub fn waited(&self, now: Timestamp) -> Option<Duration> {
        Some(now.since(self.since?))
    }
}
