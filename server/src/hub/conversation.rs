//! One conversation: who talks, how far it got, what was said, and the dialect it is held in.
//! Everything an agent does goes through [`Conversation::act`], whatever the dialect.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::hub::{Action, Delivered, Fact, Kind, Outcome, Record, RequestLine, Rotation, Sent, Violation};
use crate::live_agent;
use crate::settings::Settings;

/// A conversation.
#[derive(Debug)]
pub struct Conversation {
    /// Its name towards the control surface.
    pub id: String,
    /// How far it got.
    pub phase: Phase,
    /// What the visitor called themselves.
    pub visitor_name: String,
    /// The agent who talks, if any.
    pub agent: Option<String>,
    /// Where the visitor stands in the queue.
    pub position: u32,
    /// When the visitor began to wait.
    pub since: Instant,
    /// What was said.
    pub transcript: Vec<Line>,
    /// What was noted.
    pub record: Record,
    /// The dialect's own state.
    pub wire: Wire,
    /// Requests that are open, by number.
    pub open: BTreeMap<u64, Kind>,
    /// Where the scripted agent listens.
    pub script: Option<mpsc::UnboundedSender<Heard>>,
    signal: watch::Sender<u64>,
}

/// How far a conversation got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// A session without a chat request.
    Opening,
    /// Waiting for an agent.
    Queued,
    /// An agent accepted.
    Talking,
    /// Over.
    Ended,
}

/// The dialect's own state.
#[derive(Debug)]
pub enum Wire {
    /// Live Agent.
    LiveAgent(Box<live_agent::Session>),
}

/// One line of what was said.
#[derive(Debug, Clone)]
pub struct Line {
    /// Who said it.
    pub speaker: Speaker,
    /// The speaker's name.
    pub name: String,
    /// The words.
    pub text: String,
    /// When, in milliseconds since the epoch.
    pub at: u64,
    /// The event offset under which the visitor was told, if they were.
    pub offset: Option<u64>,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The agent.
    Agent,
    /// The visitor.
    Visitor,
    /// The system, about a transfer.
    Transfer,
}

/// What the scripted agent hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// A message.
    Message(String),
    /// Words not sent yet.
    Peek(String),
    /// A file arrived.
    File(String),
}

/// Why an action was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyOver;

impl Conversation {
    /// A conversation that has just begun.
    pub fn new(id: String, wire: Wire) -> Self {
        Self {
            id,
            phase: Phase::Opening,
            visitor_name: String::new(),
            agent: None,
            position: 0,
            since: Instant::now(),
            transcript: Vec::new(),
            record: Record::default(),
            wire,
            open: BTreeMap::new(),
            script: None,
            signal: watch::Sender::new(0),
        }
    }

    /// Does what the agent's side wants done.
    ///
    /// # Errors
    /// When the conversation is over; raw messages go out all the same.
    pub fn act(&mut self, action: &Action, settings: &Settings, at: u64) -> Result<(), AlreadyOver> {
        if self.phase == Phase::Ended && !matches!(action, Action::Raw(_)) {
            return Err(AlreadyOver);
        }
        let messages = match &mut self.wire {
            Wire::LiveAgent(session) => {
                let name = self.agent.as_deref().unwrap_or("Noor B.");
                live_agent::express(session, action, name, settings)
            }
        };
        let mut offset = None;
        for (kind, message) in messages {
            offset = Some(self.push(&kind, message));
        }
        self.take_note(action, at, offset);
        self.wake();
        Ok(())
    }

    /// Moves the conversation to another server.
    pub fn rotate(&mut self, rotation: Rotation) {
        self.record.handovers += 1;
        let Wire::LiveAgent(session) = &mut self.wire;
        session.move_away(rotation);
        self.wake();
    }

    /// Queues one message of the dialect for the visitor.
    pub fn push(&mut self, kind: &str, message: Option<Value>) -> u64 {
        let content = message.clone().unwrap_or(Value::Null);
        let Wire::LiveAgent(session) = &mut self.wire;
        let offset = session.outbound.push(kind, message);
        self.record.sent.push(Sent { kind: kind.to_owned(), message: content, offset });
        self.wake();
        offset
    }

    /// Takes a visitor's message over.
    pub fn deliver(&mut self, delivered: Delivered, at: u64) {
        let (speaker, name, text) = (Speaker::Visitor, self.visitor_name.clone(), delivered.text.clone());
        self.transcript.push(Line { speaker, name, text: text.clone(), at, offset: None });
        self.record.delivered.push(delivered);
        self.hear(Heard::Message(text));
    }

    /// Lets the scripted agent hear something.
    pub fn hear(&self, heard: Heard) {
        if let Some(script) = &self.script {
            let _gone = script.send(heard);
        }
    }

    /// Notes something the visitor did.
    pub fn note(&mut self, event: Value) {
        self.record.events.push(event);
    }

    /// Notes a breach of the protocol.
    pub fn blame(&mut self, violation: Violation) {
        self.record.violations.push(violation);
    }

    /// Ends the conversation without a word to the visitor.
    pub fn finish(&mut self) {
        self.phase = Phase::Ended;
        self.script = None;
        self.wake();
    }

    /// Expires the conversation when nobody has polled for too long.
    pub fn expire_if_due(&mut self, settings: &Settings) {
        if self.open_count(Kind::Poll) > 0 {
            return;
        }
        let Wire::LiveAgent(session) = &self.wire;
        if session.last_poll.elapsed() > Duration::from_millis(settings.expiry_ms) {
            self.expire();
        }
    }

    /// Expires the conversation now.
    pub fn expire(&mut self) {
        let Wire::LiveAgent(session) = &mut self.wire;
        if session.life == live_agent::Life::Alive {
            session.life = live_agent::Life::Expired;
            self.note(json!({"type": "expired"}));
            self.finish();
        }
    }

    /// Opens a request and gives its number.
    pub fn open_request(&mut self, mut line: RequestLine, kind: Kind) -> u64 {
        let number = u64::try_from(self.record.requests.len()).unwrap_or_default() + 1;
        line.number = number;
        self.record.requests.push(line);
        self.open.insert(number, kind);
        number
    }

    /// Closes a request.
    pub fn close_request(&mut self, number: u64, kind: Kind, status: Option<u16>, outcome: Outcome) {
        self.open.remove(&number);
        if let Some(line) = self.record.requests.iter_mut().find(|line| line.number == number) {
            line.status = status;
            line.outcome = outcome;
        }
        let Wire::LiveAgent(session) = &mut self.wire;
        session.on_request_closed(kind, status, outcome);
        self.wake();
    }

    /// Learns what the client knows from now on.
    pub fn learn(&mut self, fact: Fact) {
        let Wire::LiveAgent(session) = &mut self.wire;
        session.told.learn(fact);
    }

    /// How many requests of a kind are open.
    pub fn open_count(&self, kind: Kind) -> usize {
        self.open.values().filter(|open| **open == kind).count()
    }

    /// Notes how many requests are open at once.
    pub fn note_open(&mut self) {
        self.record.max_open_polls = self.record.max_open_polls.max(self.open_count(Kind::Poll));
        self.record.max_open_posts = self.record.max_open_posts.max(self.open_count(Kind::Post));
    }

    /// Wakes everybody who waits for news.
    pub fn wake(&self) {
        self.signal.send_modify(|version| *version += 1);
    }

    /// Changes whenever there may be news.
    pub fn signal(&self) -> watch::Receiver<u64> {
        self.signal.subscribe()
    }

    /// One line of the list of conversations.
    pub fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "dialect": self.dialect(),
            "phase": self.phase,
            "visitorName": self.visitor_name,
            "delivered": self.record.delivered.len(),
            "violations": self.record.violations.len(),
        })
    }

    /// The whole record.
    pub fn report(&self) -> Value {
        json!({
            "id": self.id,
            "dialect": self.dialect(),
            "phase": self.phase,
            "visitorName": self.visitor_name,
            "agentName": self.agent,
            "delivered": self.record.delivered,
            "events": self.record.events,
            "sent": self.record.sent,
            "requests": self.record.requests,
            "violations": self.record.violations,
            "handovers": self.record.handovers,
            "openPolls": self.open_count(Kind::Poll),
            "openPosts": self.open_count(Kind::Post),
            "maxOpenPolls": self.record.max_open_polls,
            "maxOpenPosts": self.record.max_open_posts,
        })
    }

    fn dialect(&self) -> &'static str {
        match self.wire {
            Wire::LiveAgent(_) => "live-agent",
        }
    }

    fn take_note(&mut self, action: &Action, at: u64, offset: Option<u64>) {
        match action {
            Action::Succeed(place) | Action::Queue(place) => {
                self.position = place.position;
                if self.phase == Phase::Opening {
                    self.phase = Phase::Queued;
                }
            }
            Action::Accept(person) => {
                self.phase = Phase::Talking;
                self.agent = Some(person.display_name().to_owned());
            }
            Action::Transfer(person) => {
                let name = person.display_name().to_owned();
                self.line(Speaker::Transfer, name.clone(), String::new(), at, offset);
                self.agent = Some(name);
            }
            Action::Say(text) => {
                let name = self.agent.clone().unwrap_or_else(|| "Noor B.".to_owned());
                self.line(Speaker::Agent, name, text.clone(), at, offset);
            }
            Action::TransferToQueue(_) | Action::Disconnect(_) => self.agent = None,
            Action::Fail(_) | Action::End(_) => self.finish(),
            Action::Typing(_)
            | Action::Join(_)
            | Action::Leave(_)
            | Action::CustomEvent(_)
            | Action::RequestFile(_)
            | Action::CancelFile(_)
            | Action::SensitiveRules(_)
            | Action::Raw(_) => {}
        }
    }

    fn line(&mut self, speaker: Speaker, name: String, text: String, at: u64, offset: Option<u64>) {
        self.transcript.push(Line { speaker, name, text, at, offset });
    }
}
