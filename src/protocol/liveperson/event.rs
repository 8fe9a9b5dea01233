//! What happened in a chat (§3.6): the one reading that a visitor's side and an agent's share.

use std::sync::Arc;

use super::document::{field, list, number, words};
use super::guesses;
use crate::model::json::Value;
use crate::model::{Piece, Prose, is_link};
use crate::protocol::html;
use crate::protocol::reading::label;

/// How a chat stands (§3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatState {
    /// Nobody is there yet, or any more.
    Waiting,
    /// An agent is there.
    Chatting,
    /// It is over.
    Ended,
}

/// Who said a line (§3.6): the role, never the display name, decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The visitor.
    Visitor,
    /// An agent.
    Agent,
    /// The backend itself.
    System {
        /// Which of its messages.
        message: Option<i64>,
    },
}

/// One line of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub speaker: Speaker,
    /// Display name; `None` where only a role is named.
    pub name: Option<Arc<str>>,
    /// Plain text.
    pub text: Arc<str>,
    /// The same with its formatting, where it has any.
    pub prose: Option<Prose>,
    /// When, as the backend writes it: ISO 8601 with an offset.
    pub time: Option<Arc<str>>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event<'a> {
    State(ChatState),
    Line(Line),
    /// The chat goes on in another account (§3.8).
    Transfer(&'a Value),
    /// Nothing is said by it.
    Silent,
    /// Of a type that is not known here.
    Unknown(String),
}

impl ChatState {
    /// By its name on the wire.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "waiting" => Some(Self::Waiting),
            "chatting" => Some(Self::Chatting),
            "ended" => Some(Self::Ended),
            _ => None,
        }
    }
}

impl<'a> Event<'a> {
    /// Reads an event.
    pub(super) fn read(event: &'a Value) -> Self {
        let kind = words(event, "type").unwrap_or_default();
        match &*kind {
            "state" => words(event, "state")
                .and_then(|state| ChatState::parse(&state))
                .map_or_else(|| Self::Unknown(label(&kind)), Self::State),
            "line" => Line::read(event).map_or(Self::Silent, Self::Line),
            "url" => Line::read_address(event).map_or_else(|| Self::Unknown(label(&kind)), Self::Line),
            "a2a-transfer" => Self::Transfer(event),
            unknown => Self::Unknown(label(unknown)),
        }
    }
}

impl Line {
    /// A line; `None` where it says nothing.
    fn read(event: &Value) -> Option<Self> {
        let written = words(event, "text")?;
        // Absent in the oldest format, which was plain (§3.6).
        let is_markup = words(event, "textType").is_some_and(|kind| kind.eq_ignore_ascii_case("html"));
        let prose = is_markup.then(|| html::prose(&written));
        let text = prose.as_ref().map_or(written, Prose::text);
        if text.trim().is_empty() {
            return None;
        }
        Some(Self::said(event, text, prose.filter(html::is_formatted)))
    }

    /// An address that was pushed to the other side.
    fn read_address(event: &Value) -> Option<Self> {
        let found = guesses::ADDRESSES.iter().filter_map(|name| words(event, name)).map(|text| text.trim().to_owned());
        let address = found.into_iter().find(|text| is_link(text) && !text.contains(char::is_whitespace))?;
        let link =
            Piece::Link { href: Arc::from(&*address), words: Prose::from_iter([Piece::Text(Arc::from(&*address))]) };
        Some(Self::said(event, address, Some(Prose::from_iter([link]))))
    }

    fn said(event: &Value, text: String, prose: Option<Prose>) -> Self {
        let by = words(event, "by");
        let message = number(event, "systemMessageId");
        let source = words(event, "source");
        let source = source.as_deref().unwrap_or_else(|| guesses::source(by.as_deref(), message.is_some()));
        let speaker = match source {
            "visitor" => Speaker::Visitor,
            "system" => Speaker::System { message },
            // Whoever else speaks is no visitor, and is to be heard.
            _ => Speaker::Agent,
        };
        let name = by.filter(|by| !guesses::is_role(by)).map(Arc::from);
        Self { speaker, name, text: text.into(), prose, time: words(event, "time").map(Arc::from) }
    }
}

/// The events of a chat behind `seen`, each once and in order, with their ids. What came before is dropped, whatever
/// the server takes a position for (§4, §7). Without an id nothing can be told apart.
pub(super) fn events_after(chat: &Value, seen: i64) -> Vec<(i64, &Value)> {
    let events = field(chat, "events").map(|events| list(events, "event")).unwrap_or_default();
    let mut found: Vec<(i64, &Value)> =
        events.iter().filter_map(|event| Some((number(event, "id")?, event))).filter(|(id, _)| *id > seen).collect();
    found.sort_by_key(|(id, _)| *id);
    found.dedup_by_key(|(id, _)| *id);
    found
}

/// Whether some event of a chat cannot be told apart from others.
pub(super) fn has_nameless(chat: &Value) -> bool {
    let events = field(chat, "events").map(|events| list(events, "event")).unwrap_or_default();
    events.iter().any(|event| number(event, "id").is_none())
}

/// The last state that events tell: only this one counts (§3.6).
pub(super) fn last_state(events: &[(i64, &Value)]) -> Option<(i64, ChatState)> {
    events.iter().rev().find_map(|(id, event)| match Event::read(event) {
        Event::State(state) => Some((*id, state)),
        Event::Line(_) | Event::Transfer(_) | Event::Silent | Event::Unknown(_) => None,
    })
}

/// Whether a document carries an error of the application although it was answered as a success (§8).
pub(super) fn has_error(body: &Value) -> bool {
    let is_error = |value: &Value| field(value, "error").is_some_and(|error| *error != Value::Null);
    is_error(body) || field(body, "chat").is_some_and(is_error)
}

/// The position before any event: ids begin at 0 (§3.6).
pub(super) const BEFORE_FIRST: i64 = -1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_decides_who_speaks_and_not_the_name() {
        for (fields, speaker, name) in [
            (r#""source":"agent","by":"Mara""#, Speaker::Agent, Some("Mara")),
            (r#""source":"agent","by":"visitor""#, Speaker::Agent, None),
            (r#""source":"visitor","by":"Mara""#, Speaker::Visitor, Some("Mara")),
            (r#""source":"system","by":"info""#, Speaker::System { message: None }, None),
            (r#""source":"system","systemMessageId":"22""#, Speaker::System { message: Some(22) }, None),
            (r#""source":"bot","by":"Robo""#, Speaker::Agent, Some("Robo")),
            (r#""by":"you""#, Speaker::Visitor, Some("you")),
            (r#""by":"info""#, Speaker::System { message: None }, None),
            (r#""by":"Mara","systemMessageId":3"#, Speaker::System { message: Some(3) }, Some("Mara")),
            (r#""by":"Mara""#, Speaker::Agent, Some("Mara")),
        ] {
            let line = line(&json(&format!(r#"{{"@type":"line","text":"a",{fields}}}"#)));
            assert_eq!((line.speaker, line.name.as_deref()), (speaker, name), "{fields}");
        }
    }

    #[test]
    fn the_kind_of_text_decides_whether_it_is_markup() {
        for (fields, text, is_formatted) in [
            (r#""text":"<b>a</b>","textType":"html""#, "a", true),
            (r#""text":"<p>a</p>","@textType":"HTML""#, "a", false),
            (r#""text":"<b>a</b>","textType":"plain""#, "<b>a</b>", false),
            (r#""text":"<b>a</b>""#, "<b>a</b>", false),
            (r#""text":4711,"textType":"plain""#, "4711", false),
        ] {
            let line = line(&json(&format!(r#"{{"type":"line","source":"agent",{fields}}}"#)));
            assert_eq!((&*line.text, line.prose.is_some()), (text, is_formatted), "{fields}");
        }
        for fields in [r#""text":"""#, r#""text":"<p> </p>","textType":"html""#, r#""text":null"#, r#""text":[]"#] {
            assert_eq!(Event::read(&json(&format!(r#"{{"type":"line",{fields}}}"#))), Event::Silent, "{fields}");
        }
    }

    #[test]
    fn events_come_once_and_in_order_and_only_those_behind_the_position() {
        let chat =
            json(r#"{"events":{"event":[{"id":5},{"@id":"3"},{"id":4,"a":1},{"id":4},{"id":2},{},{"id":"x"},7]}}"#);
        let ids = |seen| events_after(&chat, seen).iter().map(|(id, _)| *id).collect::<Vec<_>>();

        assert!(has_nameless(&chat));
        assert_eq!(ids(2), [3, 4, 5]);
        assert_eq!(ids(5), [0; 0]);
        assert_eq!(ids(BEFORE_FIRST), [2, 3, 4, 5]);
        assert_eq!(events_after(&json(r#"{"events":{"event":{"id":0}}}"#), BEFORE_FIRST).len(), 1);
    }

    fn line(event: &Value) -> Line {
        let line = if let Event::Line(line) = Event::read(event) { Some(line) } else { None };
        line.expect("it is a line")
    }

    fn json(text: &str) -> Value {
        Value::parse(text).expect("it is JSON")
    }
}
