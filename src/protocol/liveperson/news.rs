//! What the news of a chat mean for its visitor (§3.4 to §3.6).

use std::sync::Arc;
use std::time::Duration;

use super::LivePerson;
use super::document::{field, words};
use super::event::{BEFORE_FIRST, ChatState, Event, Line, Speaker, events_after, has_nameless, last_state};
use super::guesses::{CANNOT_FOLLOW, SystemLine, UNEXPLAINED};
use super::opening::chat_of;
use super::transfer::Transfer;
use crate::model::json::Value;
use crate::model::keep::{Keep, keep_fields, read_variant, variant};
use crate::model::{EndReason, Speech};
use crate::protocol::reading::seconds;
use crate::protocol::{Activity, ProtocolError, Update};

/// How far the visitor knows of the chat.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Story {
    /// The id of the last event that was read.
    pub(super) seen: i64,
    company: Company,
    /// Why the chat is about to end, as a system line said.
    parting: Option<EndReason>,
    /// The agent was typing when the chat was last looked at.
    is_typing: bool,
    /// How long the backend keeps a chat that does not poll.
    patience: Option<Duration>,
    /// How many times in a row the chat was not found.
    pub(super) strays: u32,
}

keep_fields!(Story { seen, company, parting, is_typing, patience, strays });

impl Default for Story {
    fn default() -> Self {
        Self {
            seen: BEFORE_FIRST,
            company: Company::default(),
            parting: None,
            is_typing: false,
            patience: None,
            strays: 0,
        }
    }
}

impl Story {
    /// Whether no agent was ever there.
    pub(super) fn is_lonely(&self) -> bool {
        self.company == Company::Nobody
    }

    /// The chat goes on in another account: ids begin anew, and whoever comes takes over from whoever was there.
    pub(super) fn begin_elsewhere(&mut self) {
        let company = match std::mem::take(&mut self.company) {
            Company::Nobody => Company::Nobody,
            Company::Present(_) | Company::Moving(_) => Company::Moving(None),
        };
        *self = Self { company, patience: self.patience, ..Self::default() };
    }
}

/// Who is with the visitor.
#[derive(Clone, Debug, Default, PartialEq)]
enum Company {
    /// Nobody was there so far.
    #[default]
    Nobody,
    /// An agent of this name.
    Present(Option<Arc<str>>),
    /// The agent of this name left for somebody else to come.
    Moving(Option<Arc<str>>),
}

impl Keep for Company {
    fn keep(&self) -> Value {
        match self {
            Self::Nobody => "Nobody".into(),
            Self::Present(name) => variant("Present", name.keep()),
            Self::Moving(name) => variant("Moving", name.keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("Nobody", _) => Some(Self::Nobody),
            ("Present", data) => Keep::kept(data).map(Self::Present),
            ("Moving", data) => Keep::kept(data).map(Self::Moving),
            _ => None,
        }
    }
}

/// What tells that an agent is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// They accepted just now.
    Accepted,
    /// They are named, and may be the one who is leaving.
    Named,
}

impl LivePerson {
    /// Takes over a document: its events in order, then how things stand.
    pub(super) fn read_news(&mut self, body: &str) -> Result<Vec<Update>, ProtocolError> {
        let body = chat_of(body)?;
        let chat = field(&body, "chat").unwrap_or(&body);
        let Some(place) = &mut self.chat else { return Ok(Vec::new()) };
        place.read_links(chat);
        let nothing = Value::Null;
        let info = field(chat, "info").unwrap_or(&nothing);
        let mut reading = Reading {
            story: &mut self.story,
            updates: Vec::new(),
            agent: words(info, "agentName").map(|name| Arc::from(name.trim())),
        };
        reading.read_patience(info);
        if has_nameless(chat) {
            reading.updates.push(Update::Ignored { kind: "eventwithoutid".to_owned() });
        }
        let events = events_after(chat, reading.story.seen);
        let last = last_state(&events);
        for (id, event) in events {
            reading.story.seen = id;
            if let Some(transfer) = reading.read(id, Event::read(event), last) {
                match Transfer::read(transfer, &place.uri, &self.config) {
                    Some(transfer) => {
                        reading.leave();
                        self.transfer = transfer;
                    }
                    None => reading.cannot_follow(),
                }
                // What is behind it is of a chat that is not asked any more.
                return Ok(reading.updates);
            }
        }
        let state = last.map(|(_, state)| state);
        reading.read_info(info, state);
        Ok(reading.updates)
    }
}

struct Reading<'a> {
    story: &'a mut Story,
    updates: Vec<Update>,
    /// Who is there by now.
    agent: Option<Arc<str>>,
}

impl Reading<'_> {
    /// Takes over an event. Only the last state of a batch counts (§3.6). Returns the event of a transfer.
    fn read<'a>(&mut self, id: i64, event: Event<'a>, last: Option<(i64, ChatState)>) -> Option<&'a Value> {
        match event {
            Event::State(state) if last == Some((id, state)) => match state {
                ChatState::Waiting => self.leave(),
                ChatState::Chatting => self.meet(self.agent.clone(), Sign::Accepted),
                // The end comes behind everything else that is told.
                ChatState::Ended => {}
            },
            Event::State(_) | Event::Silent => {}
            Event::Line(line) => self.read_line(line),
            Event::Transfer(event) => return Some(event),
            Event::Unknown(kind) => self.updates.push(Update::Ignored { kind }),
        }
        None
    }

    fn read_line(&mut self, line: Line) {
        match line.speaker {
            // Comes back to whoever said it (§3.7).
            Speaker::Visitor => self.updates.push(Update::Echoed { text: line.text }),
            Speaker::Agent => {
                let name = line.name.or_else(|| self.agent.clone());
                // Whoever speaks is there, whatever the state says by now.
                if self.story.company == Company::Nobody {
                    self.meet(self.agent.clone().or_else(|| name.clone()), Sign::Named);
                } else if name == self.agent {
                    self.meet(name.clone(), Sign::Named);
                }
                self.updates.push(Update::Said(Speech { prose: line.prose, ..Speech::plain(name, line.text) }));
            }
            Speaker::System { message } => self.read_system_line(message, line.text),
        }
    }

    fn read_system_line(&mut self, message: Option<i64>, text: Arc<str>) {
        match SystemLine::of(message) {
            SystemLine::Accepted => self.meet(self.agent.clone(), Sign::Accepted),
            SystemLine::Transferred => {
                // Where the next name is not there yet, it is on its way; a state may have told of it before.
                let company = self.story.company.clone();
                self.meet(self.agent.clone(), Sign::Named);
                let was_met = |update: &Update| matches!(update, Update::Joined { .. } | Update::Transferred { .. });
                if self.story.company == company && !self.updates.iter().any(was_met) {
                    self.leave();
                }
            }
            SystemLine::Requeued => self.leave(),
            SystemLine::Parting(reason) => self.story.parting = Some(reason),
            SystemLine::Known => {}
            SystemLine::Itself => self.updates.push(Update::Notice { text }),
        }
    }

    /// An agent is there: the first, or the one after somebody.
    fn meet(&mut self, name: Option<Arc<str>>, sign: Sign) {
        let update = match &self.story.company {
            Company::Nobody => Some(Update::Joined { name: name.clone() }),
            Company::Present(None) => None,
            Company::Present(there) if name.is_none() || *there == name => return,
            Company::Moving(from) if sign == Sign::Named && (name.is_none() || *from == name) => return,
            Company::Present(_) | Company::Moving(_) => Some(Update::Transferred { name: name.clone() }),
        };
        self.story.company = Company::Present(name);
        self.updates.extend(update);
    }

    /// The agent goes, for another to come.
    fn leave(&mut self) {
        if let Company::Present(name) = &self.story.company {
            self.story.company = Company::Moving(name.clone());
            self.updates.push(Update::Transferring);
        }
    }

    fn cannot_follow(&mut self) {
        self.updates.push(Update::Notice { text: CANNOT_FOLLOW.into() });
        self.updates.push(Update::Ended(EndReason::Failed));
    }

    /// `chatTimeout` (§3.5).
    fn read_patience(&mut self, info: &Value) {
        let patience = seconds(info, "chatTimeout").filter(|patience| !patience.is_zero());
        if let Some(patience) = patience.filter(|patience| self.story.patience != Some(*patience)) {
            self.story.patience = Some(patience);
            self.updates.push(Update::Patience(patience));
        }
    }

    /// How things stand (§3.5): what events told goes before what the block around them says.
    fn read_info(&mut self, info: &Value, told: Option<ChatState>) {
        let state = told.or_else(|| ChatState::parse(&words(info, "state")?));
        match state {
            Some(ChatState::Ended) => {
                let reason = self.story.parting.unwrap_or(UNEXPLAINED);
                return self.updates.push(Update::Ended(reason));
            }
            Some(ChatState::Chatting) => self.meet(self.agent.clone(), Sign::Named),
            Some(ChatState::Waiting) => self.leave(),
            None => {}
        }
        // Every answer that says so is a further sign; that it stopped is told once.
        match words(info, "agentTyping").as_deref() {
            Some("typing") => {
                self.story.is_typing = true;
                self.updates.push(Update::AgentTyping(Activity::Typing));
            }
            Some(_) if std::mem::take(&mut self.story.is_typing) => {
                self.updates.push(Update::AgentTyping(Activity::Silent));
            }
            Some(_) | None => {}
        }
    }
}
