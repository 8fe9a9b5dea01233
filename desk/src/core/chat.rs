//! One conversation as its agent has it: what was said, what is on its way, what is unread.

use std::sync::Arc;

use holdfast_chat::model::{EntryId, Prose, Timestamp};
use holdfast_chat::protocol::Activity;
use holdfast_chat::protocol::liveperson::desk::{self, ChatKey, ChatState, Fact};

use super::deed::{Deed, Trouble};
use super::outbox::{Entry, EntryState, Outbox};
use crate::api::{Detail, Standing, parse_instant};

/// A conversation's number at this desk; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChatId(pub u64);

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Its number here.
    pub id: ChatId,
    /// Its name towards the server.
    pub key: ChatKey,
    /// What the visitor is called, where they said so.
    pub visitor: Option<Arc<str>>,
    /// Which backend the visitor believes to speak to.
    pub backend: Option<Arc<str>>,
    /// What was said, in order.
    pub lines: Vec<Arc<Line>>,
    /// What the agent said and the record does not show yet.
    pub outbox: Outbox,
    /// Why it is over for this agent, once it is.
    pub ending: Option<Ending>,
    /// Whether the visitor types.
    pub is_typing: bool,
    /// What the visitor has written and not sent, where that may be seen.
    pub peek: Option<Arc<str>>,
    /// Whether a file is waited for.
    pub awaits_file: bool,
    /// What the agent before left for this one.
    pub note: Option<Arc<str>>,
    /// What the visitor told before the chat.
    pub details: Arc<[Detail]>,
    /// What stands in the composer.
    pub draft: Arc<str>,
    /// How many of the visitor's lines were not looked at.
    pub unread: usize,
    /// What is being done about it.
    pub doing: Option<Deed>,
    /// Why the last thing was not done.
    pub trouble: Option<Trouble>,
    /// The last event that was looked at.
    pub(super) read: Option<i64>,
    /// The last event that is known.
    pub(super) position: Option<i64>,
    /// What the server was told last about the agent's typing, and when the agent will have stopped.
    pub(super) told_typing: Option<Timestamp>,
    /// When it came to this agent, or went: what was asked before does not know it.
    pub(super) turned: Timestamp,
}

/// Why a conversation is over for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is over for everybody.
    Ended,
    /// The agent handed it on.
    HandedOn {
        /// To whom; `None` is the queue.
        to: Option<Arc<str>>,
    },
    /// It is somebody else's.
    TakenAway,
    /// The server does not know it any more.
    Gone,
}

/// One line of what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The event that it is.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub speaker: Speaker,
    /// The words.
    pub text: Arc<str>,
    /// The words with their form, where they have one.
    pub prose: Option<Prose>,
}

/// Who said something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The visitor.
    Visitor,
    /// The agent who sits here.
    Own,
    /// Another agent, or a program.
    Colleague {
        /// The name that the visitor sees.
        name: Option<Arc<str>>,
    },
    /// The system.
    System,
}

impl Chat {
    pub(super) fn new(id: ChatId, key: ChatKey, turned: Timestamp) -> Self {
        Self {
            id,
            key,
            visitor: None,
            backend: None,
            lines: Vec::new(),
            outbox: Outbox::default(),
            ending: None,
            is_typing: false,
            peek: None,
            awaits_file: false,
            note: None,
            details: Arc::default(),
            draft: "".into(),
            unread: 0,
            doing: None,
            trouble: None,
            read: None,
            position: None,
            told_typing: None,
            turned,
        }
    }

    /// Whether the agent may say something.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ending.is_none()
    }

    /// Takes over how it stands.
    pub(super) fn stand(&mut self, standing: Standing) {
        self.visitor = standing.visitor.or_else(|| self.visitor.take());
        self.backend = standing.backend.or_else(|| self.backend.take());
        self.note = standing.note;
        self.details = standing.details;
        self.peek = standing.peek.filter(|_| self.ending.is_none());
        self.awaits_file = standing.awaits_file && self.ending.is_none();
    }

    /// Whether this says something new; news come every moment, and mostly say nothing.
    pub(super) fn stands_otherwise(&self, standing: &Standing) -> bool {
        let is_new = |told: &Option<Arc<str>>, known: &Option<Arc<str>>| told.is_some() && told != known;
        is_new(&standing.visitor, &self.visitor)
            || is_new(&standing.backend, &self.backend)
            || standing.note != self.note
            || standing.details != self.details
            || (self.is_open() && (standing.peek != self.peek || standing.awaits_file != self.awaits_file))
    }

    /// Takes over what was told of it. `name` is who sits here.
    pub(super) fn learn(&mut self, fact: Fact, name: &str, now: Timestamp) {
        match fact {
            Fact::Said { id, line } => self.hear(id, line, name, now),
            Fact::VisitorTyping(activity) => self.is_typing = activity == Activity::Typing,
            Fact::Ended => self.end(Ending::Ended),
            Fact::Gone => self.end(Ending::Gone),
            Fact::State(ChatState::Chatting | ChatState::Waiting | ChatState::Ended)
            | Fact::AgentTyping(_)
            | Fact::Ignored { .. } => {}
        }
    }

    fn hear(&mut self, id: i64, line: desk::Line, name: &str, now: Timestamp) {
        if self.position.is_some_and(|position| id <= position) {
            return;
        }
        self.position = Some(id);
        let speaker = match line.speaker {
            desk::Speaker::Visitor => Speaker::Visitor,
            desk::Speaker::System { .. } => Speaker::System,
            desk::Speaker::Agent if line.name.as_deref() == Some(name) => Speaker::Own,
            desk::Speaker::Agent => Speaker::Colleague { name: line.name },
        };
        if speaker == Speaker::Own {
            self.outbox.recognise(id, &line.text);
        }
        if speaker == Speaker::Visitor {
            self.is_typing = false;
            self.peek = None;
            if self.read.is_none_or(|read| id > read) {
                self.unread += 1;
            }
        }
        let at = line.time.and_then(|time| parse_instant(&time)).unwrap_or(now);
        self.lines.push(Arc::new(Line { id, at, speaker, text: line.text, prose: line.prose }));
    }

    /// The agent has looked at everything.
    pub(super) fn look(&mut self) {
        self.unread = 0;
        self.read = self.position;
    }

    /// It is over for this agent. The first reason is the right one, unless a better one is known.
    pub(super) fn end(&mut self, ending: Ending) {
        let is_better = match &self.ending {
            None => true,
            Some(Ending::TakenAway) => ending == Ending::Ended,
            Some(Ending::Ended | Ending::HandedOn { .. } | Ending::Gone) => false,
        };
        if is_better {
            self.ending = Some(ending);
        }
        (self.is_typing, self.peek, self.awaits_file, self.doing) = (false, None, false, None);
        self.outbox.refuse_rest();
    }

    /// Words of the agent's are to go out.
    pub(super) fn say(&mut self, id: EntryId, text: Arc<str>, now: Timestamp) {
        self.draft = "".into();
        self.outbox.push(Entry { id, at: now, text, state: EntryState::Queued, behind: None });
    }
}
