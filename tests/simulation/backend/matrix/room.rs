//! A room: a list of events, and who is in it.

use serde_json::{Value, json};

use super::super::super::truth::said;
use super::super::Chat;
use super::parameter;

/// One room, and what is needed to hold it.
pub struct Room {
    pub chat: Chat,
    pub alias: String,
    pub visitor: String,
    pub is_visitor_in: bool,
    /// Event n stands at n; a position is how many were read.
    pub events: Vec<Value>,
    /// What was taken under which transaction id, when, and as which event (§6).
    pub taken: Vec<(String, u64, Value, usize)>,
    pub is_typing: bool,
    /// The event of each thing that the agent said.
    pub said: Vec<usize>,
    /// The event that was read last.
    pub read: Option<usize>,
    /// Counts changes of who types and of what was read.
    pub typed: usize,
}
impl Room {
    pub fn tell(&mut self, sender: &str, kind: &str, content: Value) -> usize {
        let place = self.events.len();
        self.events.push(json!({
            "type": kind,
            "event_id": format!("${}-{place}", self.alias),
            "sender": sender,
            "content": content,
        }));
        place
    }

    pub fn member(&mut self, user: &str, sender: &str, membership: &str) {
        let place = self.tell(sender, "m.room.member", json!({ "membership": membership, "displayname": user }));
        self.events[place]["state_key"] = user.into();
    }

    /// The agent says something.
    pub fn say(&mut self, agent: &str, text: String) {
        let place = self.tell(agent, "m.room.message", json!({ "msgtype": "m.text", "body": text }));
        self.said.push(place);
        self.chat.said.push(text);
    }

    /// The agent changes the one that many before the last (§7).
    pub fn amend(&mut self, agent: &str, back: usize) {
        let Some((place, said)) = self.said_before(back) else { return };
        let Some(text) = said::changed(&self.chat.said[said]) else { return };
        let relation = json!({ "rel_type": "m.replace", "event_id": self.events[place]["event_id"] });
        let new = json!({ "msgtype": "m.text", "body": text });
        let content = json!({ "body": format!("* {text}"), "m.new_content": new, "m.relates_to": relation });
        self.tell(agent, "m.room.message", content);
        self.chat.said[said] = text;
    }

    /// The agent takes it back: the event is empty from now on, and another tells of it (§7).
    pub fn withdraw(&mut self, agent: &str, back: usize) {
        let Some((place, said)) = self.said_before(back) else { return };
        let target = self.events[place]["event_id"].clone();
        self.events[place]["content"] = json!({});
        self.events[place]["unsigned"] = json!({ "redacted_because": { "type": "m.room.redaction" } });
        self.tell(agent, "m.room.redaction", json!({ "redacts": target }));
        self.chat.said[said] = said::withdrawn(&self.chat.said[said]);
    }

    fn said_before(&self, back: usize) -> Option<(usize, usize)> {
        let said = self.said.len().checked_sub(back + 1)?;
        Some((*self.said.get(said)?, said))
    }

    pub fn types(&mut self, is_typing: bool) {
        self.is_typing = is_typing;
        self.typed += 1;
    }

    /// The agent reads everything.
    pub fn reads(&mut self) {
        self.chat.read = self.chat.heard.len();
        self.read = self.events.len().checked_sub(1);
        self.typed += 1;
    }

    /// §5.3: forwards from a position up to another, or backwards from the end.
    pub fn messages(&self, query: &str, user: &str) -> Value {
        let limit: usize = parameter(query, "limit").parse().unwrap_or(10);
        if parameter(query, "dir") == "b" {
            let own =
                self.events.iter().rev().filter(|event| event["sender"] == user && event["type"] == "m.room.message");
            return json!({ "chunk": own.take(limit).collect::<Vec<_>>() });
        }
        let place = |name: &str| {
            let written = parameter(query, name);
            let digits: String = written.chars().skip(1).take_while(char::is_ascii_digit).collect();
            digits.parse::<usize>().unwrap_or(0)
        };
        let (from, to) = (place("from"), place("to").min(self.events.len()));
        let end = (from + limit.min(SMALL_PAGE)).min(to);
        let chunk = self.events.get(from..end).unwrap_or_default();
        let mut page = json!({ "chunk": chunk, "start": format!("t{from}") });
        if !chunk.is_empty() {
            page["end"] = format!("t{end}").into();
        }
        page
    }
}

/// So that a gap takes several pages.
const SMALL_PAGE: usize = 7;
