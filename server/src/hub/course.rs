//! The course of a conversation as somebody at a desk sees it: what changed beside the words, and how it stands now.
//! Only looks on; nothing here decides anything.

use serde_json::Value;
use tokio::time::Instant;

use crate::hub::Action;

/// What changed beside the words, and how a conversation stands.
#[derive(Debug, Default)]
pub struct Course {
    /// What changed, in order.
    pub turns: Vec<Turn>,
    /// What the visitor has written and not sent, as far as the visitor's side shows it.
    pub unsent: String,
    /// Whether the visitor types.
    pub visitor_types: bool,
    /// Whether the agent types.
    pub agent_types: bool,
    /// Whether the agent who talks is a program.
    pub is_bot: bool,
    /// Whether the agent waits for a file.
    pub awaits_file: bool,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Turn {
    /// What changed.
    pub what: Change,
    /// When.
    pub when: Instant,
    /// How many lines of the transcript come before it.
    pub after: usize,
}

/// What changes in a conversation beside its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An agent accepted.
    Accepted(String),
    /// The chat went back to a queue.
    Requeued,
    /// The agent's connection broke.
    Disconnected,
    /// A second agent joined.
    Joined(String),
    /// A second agent left.
    Left(String),
    /// The agent asked for a file.
    FileWanted,
    /// The agent no longer wants the file.
    FileDropped,
    /// A file arrived.
    FileCame(String),
    /// The visitor's page showed an address.
    UrlCame(String),
    /// Nothing was heard of the visitor for too long.
    Lost,
    /// It is over, for this reason if one was given.
    Over(Option<String>),
}

impl Course {
    /// Takes note of what the agent's side did, after so many lines.
    pub(crate) fn on_action(&mut self, action: &Action, lines: usize) {
        match action {
            Action::Accept(person) => {
                self.is_bot = person.bot;
                self.turn(Change::Accepted(person.display_name().to_owned()), lines);
            }
            Action::Transfer(person) => {
                (self.is_bot, self.agent_types) = (person.bot, false);
            }
            Action::TransferToQueue(_) => self.leave(Change::Requeued, lines),
            Action::Disconnect(_) => self.leave(Change::Disconnected, lines),
            Action::Join(person) => self.turn(Change::Joined(person.display_name().to_owned()), lines),
            Action::Leave(person) => self.turn(Change::Left(person.display_name().to_owned()), lines),
            Action::RequestFile(_) => {
                self.awaits_file = true;
                self.turn(Change::FileWanted, lines);
            }
            Action::CancelFile(_) => {
                self.awaits_file = false;
                self.turn(Change::FileDropped, lines);
            }
            Action::Typing(on) => self.agent_types = *on,
            Action::End(because) | Action::Fail(because) => self.end(Change::Over(because.reason.clone()), lines),
            Action::Succeed(_)
            | Action::Queue(_)
            | Action::Say(_)
            | Action::SayHtml(_)
            | Action::Notice(_)
            | Action::PushUrl(_)
            | Action::SendFile(_)
            | Action::IdleAlert { .. }
            | Action::CustomEvent(_)
            | Action::SensitiveRules(_)
            | Action::Raw(_) => {}
        }
    }

    /// Takes note of what the visitor did, after so many lines.
    pub(crate) fn on_event(&mut self, event: &Value, lines: usize) {
        let text = |field: &str| event.get(field).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "typing" => self.visitor_types = true,
            "notTyping" => self.visitor_types = false,
            "sneakPeek" => text("text").clone_into(&mut self.unsent),
            "upload" => {
                self.awaits_file = false;
                self.turn(Change::FileCame(text("name").to_owned()), lines);
            }
            "pushUrl" => self.turn(Change::UrlCame(text("url").to_owned()), lines),
            _ => {}
        }
    }

    /// Takes note of words that the visitor sent.
    pub(crate) fn on_words(&mut self) {
        self.visitor_types = false;
        self.unsent.clear();
    }

    /// Takes note of the end. What comes after a first end changes nothing.
    pub(crate) fn end(&mut self, how: Change, lines: usize) {
        let is_over = self.turns.iter().any(|turn| matches!(turn.what, Change::Lost | Change::Over(_)));
        if !is_over {
            (self.visitor_types, self.agent_types, self.awaits_file) = (false, false, false);
            self.turn(how, lines);
        }
    }

    fn leave(&mut self, how: Change, lines: usize) {
        (self.is_bot, self.agent_types) = (false, false);
        self.turn(how, lines);
    }

    fn turn(&mut self, what: Change, lines: usize) {
        self.turns.push(Turn { what, when: Instant::now(), after: lines });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::hub::{Because, Person};

    #[test]
    fn unsent_words_are_gone_once_words_are_sent() {
        let mut course = Course::default();
        course.on_event(&json!({"type": "typing"}), 0);
        course.on_event(&json!({"type": "sneakPeek", "text": "hel"}), 0);
        assert_eq!((course.visitor_types, course.unsent.as_str()), (true, "hel"));
        course.on_words();
        assert_eq!((course.visitor_types, course.unsent.as_str()), (false, ""));
    }

    #[test]
    fn a_conversation_ends_once() {
        let mut course = Course::default();
        course.on_action(&Action::Accept(Person { bot: true, ..Person::named("B") }), 0);
        course.on_action(&Action::End(Because::of("agent")), 3);
        course.end(Change::Over(None), 4);
        let changes: Vec<_> = course.turns.iter().map(|turn| (turn.what.clone(), turn.after)).collect();
        assert_eq!(changes, [(Change::Accepted("B".into()), 0), (Change::Over(Some("agent".into())), 3)]);
        assert!(course.is_bot);
    }
}
