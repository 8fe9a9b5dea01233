//! The events of a chat: numbered from 0 without gaps, and never taken back.
//! A chat of this dialect keeps its own; for any other they are made of what the hub remembers, so that a desk can read
//! every chat alike.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::hub::{Change, Conversation, Hub, Line, Markup, Speaker};
use crate::live_person::Session;
use crate::live_person::spelling;
use crate::live_person::switches::Switches;

/// One event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its number.
    pub id: u64,
    /// When, in milliseconds since the epoch.
    pub at: u64,
    /// Its type.
    pub kind: String,
    /// Everything else; may stand in for number and time.
    pub fields: Value,
}

impl Event {
    /// The event as it stands in a document.
    pub fn document(&self, switches: &Switches) -> Value {
        let mut document = json!({"@id": self.id, "@type": self.kind, "time": spelling::time(self.at, switches)});
        if let (Some(document), Some(fields)) = (document.as_object_mut(), self.fields.as_object()) {
            for (name, value) in fields {
                document.insert(name.clone(), value.clone());
            }
        }
        document
    }

    /// The state that it brings, if it does.
    pub fn state(&self) -> Option<&str> {
        if self.kind != "state" {
            return None;
        }
        self.fields.get("state").and_then(Value::as_str)
    }
}

/// The fields of a state.
pub fn state(state: &str) -> Value {
    json!({"state": state})
}

/// The fields of a line of the system's, with its number if it has one.
pub fn system(text: &str, number: Option<u64>) -> Value {
    let mut fields = words(text, "plain", "info", "system");
    if let (Some(number), Some(fields)) = (number, fields.as_object_mut()) {
        fields.insert("systemMessageId".to_owned(), json!(number));
    }
    fields
}

/// The fields of a line.
pub fn words(text: &str, text_type: &str, by: &str, source: &str) -> Value {
    json!({"text": text, "textType": text_type, "by": by, "source": source, "subType": "REGULAR"})
}

/// All events of a conversation, whatever its dialect.
pub fn of(conversation: &Conversation, hub: &Hub) -> Vec<Event> {
    if let Some(session) = conversation.session::<Session>() {
        return session.events.clone();
    }
    let mut story = Story { hub, events: Vec::new() };
    story.add(conversation.since, "state", state("waiting"));
    story.add(conversation.since, "line", system(ROUTED, Some(4)));
    let mut lines = conversation.transcript.iter();
    let mut told = 0;
    for turn in &conversation.course.turns {
        for line in lines.by_ref().take(turn.after.saturating_sub(told)) {
            story.line(line);
        }
        told = told.max(turn.after);
        story.turn(turn.when, &turn.what);
    }
    for line in lines {
        story.line(line);
    }
    story.events
}

struct Story<'a> {
    hub: &'a Hub,
    events: Vec<Event>,
}

impl Story<'_> {
    fn add(&mut self, when: Instant, kind: &str, fields: Value) {
        self.add_at(self.hub.epoch_ms_at(when), kind, fields);
    }

    fn add_at(&mut self, at: u64, kind: &str, fields: Value) {
        let id = u64::try_from(self.events.len()).unwrap_or_default();
        self.events.push(Event { id, at, kind: kind.to_owned(), fields });
    }

    fn line(&mut self, line: &Line) {
        let text_type = if line.markup == Markup::Html { "html" } else { "plain" };
        let fields = match line.speaker {
            Speaker::Agent => words(&line.text, text_type, &line.name, "agent"),
            Speaker::Visitor => words(&line.text, text_type, visitor(&line.name), "visitor"),
            Speaker::System => words(&line.text, text_type, "info", "system"),
            Speaker::Transfer => system(&transferred(&line.name), Some(13)),
        };
        self.add_at(line.at, "line", fields);
        let latest = self.events.iter().rev().find_map(Event::state);
        if line.speaker == Speaker::Transfer && latest == Some("waiting") {
            self.add_at(line.at, "state", state("chatting"));
        }
    }

    fn turn(&mut self, when: Instant, what: &Change) {
        let text = match what {
            Change::Accepted(name) => {
                self.add(when, "state", state("chatting"));
                system(&accepted(name), Some(3))
            }
            Change::Requeued => {
                self.add(when, "line", system(REQUEUED, Some(23)));
                return self.add(when, "state", state("waiting"));
            }
            Change::Disconnected => {
                self.add(when, "line", system(DISCONNECTED, Some(23)));
                return self.add(when, "state", state("waiting"));
            }
            Change::Joined(name) => system(&format!("{name} has joined."), None),
            Change::Left(name) => system(&format!("{name} has left."), None),
            Change::FileWanted => system("A file was asked for.", None),
            Change::FileDropped => system("The file is no longer wanted.", None),
            Change::FileCame(name) => system(&format!("The visitor sent the file “{name}”."), None),
            Change::UrlCame(url) => system(&format!("The visitor shows you a page: {url}"), None),
            Change::Lost => {
                self.add(when, "line", system(LOST, Some(6)));
                return self.add(when, "state", state("ended"));
            }
            Change::Over(reason) => {
                if reason.as_deref() == Some("agent") {
                    self.add(when, "line", system(ENDED, Some(5)));
                }
                return self.add(when, "state", state("ended"));
            }
        };
        self.add(when, "line", text);
    }
}

/// What the visitor is called who has no name.
pub fn visitor(name: &str) -> &str {
    if name.is_empty() { "you" } else { name }
}

/// Says that an agent accepted.
pub fn accepted(name: &str) -> String {
    format!("You are now chatting with {name}.")
}

/// Says that another agent took over.
pub fn transferred(name: &str) -> String {
    format!("You have been transferred to {name}.")
}

/// Says that the visitor waits.
pub const ROUTED: &str = "Thank you for your patience. An agent will be with you shortly.";
/// Says that nobody is there.
pub const BUSY: &str = "All agents are busy at the moment.";
/// Says that the chat went back to a queue.
pub const REQUEUED: &str = "You are being connected with another agent.";
/// Says that the agent is gone.
pub const DISCONNECTED: &str = "The agent was disconnected. You are being connected with another one.";
/// Says that nothing was heard of the visitor.
pub const LOST: &str = "The chat was disconnected unexpectedly.";
/// Says that the agent ended the chat.
pub const ENDED: &str = "The agent has ended the chat.";
