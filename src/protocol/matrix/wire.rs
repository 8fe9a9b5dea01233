//! How requests look: addresses, what signs them, filters (§2, §5).

use std::time::Duration;

use super::Matrix;
use super::guess::CUSTOM;
use crate::model::json::{Value, object};
use crate::protocol::Request;
use crate::protocol::http::{Content, Method, percent_encoded};

impl Matrix {
    /// A question, signed.
    pub(super) fn get(&self, path: &str) -> Request {
        self.signed(Method::Get, self.address(path), Content::Empty)
    }

    /// Something to be done, signed.
    pub(super) fn post(&self, path: &str, body: &Value) -> Request {
        self.signed(Method::Post, self.address(path), Content::Json(body.text()))
    }

    /// Something that may be said as often as one likes, signed.
    pub(super) fn put(&self, path: &str, body: &Value) -> Request {
        self.signed(Method::Put, self.address(path), Content::Json(body.text()))
    }

    /// Something to be done by whoever has no name yet.
    pub(super) fn post_unsigned(&self, path: &str, body: &Value) -> Request {
        let (url, content) = (self.address(path), Content::Json(body.text()));
        Request { method: Method::Post, url, headers: Vec::new(), content, deadline: DEADLINE }
    }

    /// A path below the room; `None` where there is none.
    pub(super) fn room_path(&self, below: &str) -> Option<String> {
        Some(format!("/v3/rooms/{}{below}", percent_encoded(self.chat.room.as_ref()?)))
    }

    /// The next poll (§5), held for as long as this.
    pub(super) fn sync(&self, held: Duration) -> Request {
        let since = self.chat.since.as_ref().map(|since| format!("&since={}", percent_encoded(since)));
        let path = format!(
            "/v3/sync?filter={}&timeout={}&set_presence=offline{}",
            percent_encoded(&self.filter().text()),
            held.as_millis(),
            since.unwrap_or_default()
        );
        Request { deadline: held + DEADLINE, ..self.get(&path) }
    }

    /// What of the room is worth an answer. A visitor who waits to be invited hears of nothing else.
    fn filter(&self) -> Value {
        let nothing = || object! { "not_types": vec![Value::from("*")] };
        let room = match &self.chat.room {
            Some(room) => object! {
                "rooms": vec![Value::from(room)],
                "account_data": nothing(),
                "ephemeral": object! { "types": words(&["m.typing", "m.receipt"]) },
                "state": object! { "types": words(&["m.room.member", "m.room.encryption"]) },
                "timeline": object! { "limit": PAGE, "types": words(&TIMELINE) },
            },
            None => object! {
                "account_data": nothing(),
                "ephemeral": nothing(),
                "state": nothing(),
                "timeline": object! { "limit": 1, "not_types": words(&["*"]) },
            },
        };
        object! { "presence": nothing(), "account_data": nothing(), "room": room }
    }

    /// A request by the visitor.
    pub(super) fn signed(&self, method: Method, url: String, content: Content) -> Request {
        let token = self.chat.who.as_ref().map(|who| ("Authorization", format!("Bearer {}", who.token)));
        Request { method, url, headers: token.into_iter().collect(), content, deadline: DEADLINE }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.config.base)
    }
}

/// Events of a room from here on, as far as they are read here.
pub(super) fn messages_filter() -> Value {
    object! { "types": words(&TIMELINE) }
}

/// Where a message goes under this transaction id (§6).
pub(super) fn messages_path(id: &str) -> String {
    format!("/send/m.room.message/{id}")
}

fn words(words: &[&str]) -> Value {
    Value::Array(words.iter().map(|word| Value::from(*word)).collect())
}

/// The kinds of events that are read (§5).
const TIMELINE: [&str; 6] =
    ["m.room.message", "m.room.member", "m.room.redaction", "m.room.encrypted", "m.room.encryption", CUSTOM];
/// Few enough for one answer; what is left out is asked for (§5.3).
const PAGE: u64 = 20;
/// How long a poll is held (§5).
pub(super) const HELD: Duration = Duration::from_secs(30);
/// As long as an answer may take that nobody holds back.
const DEADLINE: Duration = Duration::from_secs(15);
