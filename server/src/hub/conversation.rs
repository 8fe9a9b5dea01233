//! One conversation: who talks, how far it got, what was said, and the dialect it is held in.
//! Everything an agent does goes through [`Conversation::act`], whatever the dialect.

use std::any::Any;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::hub::action::USUAL_AGENT;
use crate::hub::{
    Action, Change, Course, Delivered, Dialect, Fact, Heard, Kind, Line, Markup, Outcome, Record, RequestLine,
    Rotation, Sent, Speaker, Violation,
};
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
    /// What changed beside the words.
    pub course: Course,
    /// Requests that are open, by number.
    pub open: BTreeMap<u64, Kind>,
    /// Where the scripted agent listens.
    pub script: Option<mpsc::UnboundedSender<Heard>>,
    dialect: Box<dyn Dialect>,
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

/// Why an action was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyOver;

impl Conversation {
    /// A conversation that has just begun, in the dialect of this session.
    pub fn new(id: String, session: impl Dialect) -> Self {
        Self {
            id,
            phase: Phase::Opening,
            visitor_name: String::new(),
            agent: None,
            position: 0,
            since: Instant::now(),
            transcript: Vec::new(),
            record: Record::default(),
            course: Course::default(),
            open: BTreeMap::new(),
            script: None,
            dialect: Box::new(session),
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
        let name = self.agent.as_deref().unwrap_or(USUAL_AGENT);
        let messages = self.dialect.express(action, name, settings, at);
        let mut offset = None;
        for (kind, content) in messages {
            offset = Some(self.push(&kind, content));
        }
        self.take_note(action, at, offset);
        self.wake();
        Ok(())
    }

    /// Moves the conversation to another server.
    pub fn rotate(&mut self, rotation: Rotation) {
        self.record.handovers += 1;
        self.dialect.rotate(rotation);
        self.wake();
    }

    /// Queues one message of the dialect for the visitor.
    pub fn push(&mut self, kind: &str, content: Option<Value>) -> u64 {
        let message = content.clone().unwrap_or(Value::Null);
        let offset = self.dialect.queue(kind, content);
        self.record.sent.push(Sent { kind: kind.to_owned(), message, offset });
        self.wake();
        offset
    }

    /// Takes a visitor's message over.
    pub fn deliver(&mut self, delivered: Delivered, at: u64) {
        let (name, text) = (self.visitor_name.clone(), delivered.text.clone());
        let (speaker, markup) = (Speaker::Visitor, Markup::Plain);
        self.transcript.push(Line { speaker, name, text: text.clone(), markup, at, offset: None });
        self.record.delivered.push(delivered);
        self.course.on_words();
        self.hear(Heard::Message(text));
    }

    /// Takes words over that the visitor has not sent yet.
    pub fn peek(&mut self, text: String) {
        self.note(json!({"type": "sneakPeek", "text": text}));
        self.hear(Heard::Peek(text));
    }

    /// Calls the visitor by another name.
    pub fn rename(&mut self, name: String) {
        self.note(json!({"type": "rename", "name": name}));
        self.visitor_name.clone_from(&name);
        self.hear(Heard::Rename(name));
    }

    /// Lets the scripted agent hear something.
    pub fn hear(&self, heard: Heard) {
        if let Some(script) = &self.script {
            let _gone = script.send(heard);
        }
    }

    /// Notes something the visitor did.
    pub fn note(&mut self, event: Value) {
        self.course.on_event(&event, self.transcript.len());
        self.record.events.push(event);
    }

    /// Notes a breach of the protocol.
    pub fn blame(&mut self, violation: Violation) {
        self.record.violations.push(violation);
    }

    /// Ends the conversation without a word to the visitor.
    pub fn finish(&mut self) {
        self.course.end(Change::Over(None), self.transcript.len());
        self.phase = Phase::Ended;
        self.script = None;
        self.wake();
    }

    /// Expires the conversation when nothing was heard of the visitor for too long.
    pub fn expire_if_due(&mut self, settings: &Settings) {
        if self.open_count(Kind::Poll) == 0 && self.dialect.is_overdue(settings) {
            self.expire();
        }
    }

    /// Expires the conversation now.
    pub fn expire(&mut self) {
        if self.dialect.expire() {
            self.note(json!({"type": "expired"}));
            self.course.end(Change::Lost, self.transcript.len());
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
        self.dialect.on_request_closed(kind, status, outcome);
        self.wake();
    }

    /// Learns what the client knows from now on.
    pub fn learn(&mut self, fact: Fact) {
        self.dialect.learn(fact);
    }

    /// The dialect's own state, when the conversation is held in that dialect.
    pub fn session<S: Dialect>(&self) -> Option<&S> {
        let session: &dyn Any = self.dialect.as_ref();
        session.downcast_ref()
    }

    /// The same, to be changed.
    pub fn session_mut<S: Dialect>(&mut self) -> Option<&mut S> {
        let session: &mut dyn Any = self.dialect.as_mut();
        session.downcast_mut()
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
            "dialect": self.dialect.name(),
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
            "dialect": self.dialect.name(),
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
            "session": self.dialect.report(),
        })
    }

    fn take_note(&mut self, action: &Action, at: u64, offset: Option<u64>) {
        self.course.on_action(action, self.transcript.len());
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
                let (speaker, markup) = (Speaker::Transfer, Markup::Plain);
                self.transcript.push(Line { speaker, name: name.clone(), text: String::new(), markup, at, offset });
                self.agent = Some(name);
            }
            Action::Say(text) => self.said(text, Markup::Plain, at, offset),
            Action::SayHtml(html) => self.said(html, Markup::Html, at, offset),
            Action::Notice(text) => {
                let (speaker, text, markup) = (Speaker::System, text.clone(), Markup::Plain);
                self.transcript.push(Line { speaker, name: String::new(), text, markup, at, offset });
            }
            Action::TransferToQueue(_) | Action::Disconnect(_) => self.agent = None,
            Action::Fail(_) | Action::End(_) => self.finish(),
            Action::Typing(_)
            | Action::Join(_)
            | Action::Leave(_)
            | Action::PushUrl(_)
            | Action::SendFile(_)
            | Action::IdleAlert { .. }
            | Action::CustomEvent(_)
            | Action::RequestFile(_)
            | Action::CancelFile(_)
            | Action::SensitiveRules(_)
            | Action::Raw(_) => {}
        }
    }

    fn said(&mut self, text: &str, markup: Markup, at: u64, offset: Option<u64>) {
        let name = self.agent.clone().unwrap_or_else(|| USUAL_AGENT.to_owned());
        self.transcript.push(Line { speaker: Speaker::Agent, name, text: text.to_owned(), markup, at, offset });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::hub::Message;

    /// A dialect that has a word for one action only.
    #[derive(Debug, Default)]
    struct Terse {
        queued: u64,
        dead: bool,
    }

    impl Dialect for Terse {
        fn name(&self) -> &'static str {
            "terse"
        }

        fn express(&mut self, action: &Action, agent: &str, _settings: &Settings, at: u64) -> Vec<Message> {
            match action {
                Action::Say(text) => vec![("say".to_owned(), Some(json!([agent, text, at])))],
                _ => Vec::new(),
            }
        }

        fn queue(&mut self, _kind: &str, _content: Option<Value>) -> u64 {
            self.queued += 1;
            self.queued
        }

        fn is_overdue(&self, _settings: &Settings) -> bool {
            self.queued > 1
        }

        fn expire(&mut self) -> bool {
            !std::mem::replace(&mut self.dead, true)
        }
    }

    /// A second dialect, to be told from the first.
    #[derive(Debug)]
    struct Other;

    impl Dialect for Other {
        fn name(&self) -> &'static str {
            "other"
        }

        fn express(&mut self, _action: &Action, _agent: &str, _settings: &Settings, _at: u64) -> Vec<Message> {
            Vec::new()
        }

        fn queue(&mut self, _kind: &str, _content: Option<Value>) -> u64 {
            0
        }

        fn is_overdue(&self, _settings: &Settings) -> bool {
            false
        }

        fn expire(&mut self) -> bool {
            true
        }
    }

    fn begun() -> Conversation {
        Conversation::new("one".to_owned(), Terse::default())
    }

    #[test]
    fn a_session_is_found_in_its_own_dialect_only() {
        let mut conversation = begun();
        assert!(conversation.session::<Terse>().is_some());
        assert!(conversation.session_mut::<Other>().is_none());
        assert_eq!(conversation.summary().get("dialect"), Some(&json!("terse")));
    }

    #[test]
    fn what_a_dialect_has_no_word_for_is_noted_and_not_sent() {
        let (mut conversation, settings) = (begun(), Settings::quick());
        for action in [
            Action::Notice("The shop closes soon.".to_owned()),
            Action::SayHtml("<b>hi</b>".to_owned()),
            Action::PushUrl("https://example.com/".to_owned()),
            Action::IdleAlert { secs: 60 },
            Action::Say("hi".to_owned()),
        ] {
            conversation.act(&action, &settings, 5).expect("a conversation that goes on");
        }
        let said: Vec<_> = conversation.transcript.iter().map(|line| (line.speaker, line.markup)).collect();
        let agent = Speaker::Agent;
        assert_eq!(said, [(Speaker::System, Markup::Plain), (agent, Markup::Html), (agent, Markup::Plain)]);
        let sent: Vec<_> = conversation.record.sent.iter().map(|sent| (&sent.message, sent.offset)).collect();
        assert_eq!(sent, [(&json!(["Noor B.", "hi", 5]), 1)]);
    }

    #[test]
    fn a_conversation_expires_once_and_only_when_its_dialect_says_so() {
        let (mut conversation, settings) = (begun(), Settings::quick());
        conversation.push("a", None);
        conversation.expire_if_due(&settings);
        assert_eq!(conversation.phase, Phase::Opening);
        conversation.push("b", None);
        conversation.expire_if_due(&settings);
        conversation.expire_if_due(&settings);
        assert_eq!((conversation.phase, conversation.record.events.len()), (Phase::Ended, 1));
    }

    #[test]
    fn a_visitor_who_takes_another_name_is_called_by_it() {
        let mut conversation = begun();
        conversation.rename("Rana K.".to_owned());
        assert_eq!(conversation.visitor_name, "Rana K.");
        assert_eq!(conversation.record.events, [json!({"type": "rename", "name": "Rana K."})]);
    }
}
