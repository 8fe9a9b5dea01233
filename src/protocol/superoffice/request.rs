//! How requests look (§9): the documented paths, asked of a gateway that knows a visitor by the session's key alone.

use std::fmt::{Debug, Formatter};
use std::time::Duration;

use super::SuperOffice;
use crate::model::json::Value;
use crate::model::keep::keep_fields;
use crate::protocol::ProtocolError;
use crate::protocol::http::{Content, Method, Request, Response};
use crate::protocol::reading::{integer, is_token, token};

/// The session, and what proves that it is the visitor's.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    id: u64,
    key: String,
}

keep_fields!(Place { id, key });

/// Whoever has the key can speak in the session, so it is not shown.
impl Debug for Place {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Place").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Place {
    /// Of a session that was just made; the only answer with a key (§9).
    pub(super) fn read(session: &Value) -> Option<Self> {
        let id = integer(session, "ChatSessionId").and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0)?;
        Some(Self { id, key: token(session, "SessionKey")?.to_owned() })
    }

    /// Whether what was stored can be asked with.
    pub(super) fn is_sound(&self) -> bool {
        self.id > 0 && is_token(&self.key)
    }
}

impl SuperOffice {
    /// Asks something of the channel.
    pub(super) fn ask_topic(&self, method: Method, below: &str, content: Content) -> Request {
        let url = format!("{}/ChatTopic/{}{below}", self.config.base, self.config.topic);
        Request { method, url, headers: vec![accept()], content, deadline: DEADLINE }
    }

    /// Asks something of the session; `None` without one.
    pub(super) fn ask_session(&self, method: Method, below: &str, content: Content) -> Option<Request> {
        let place = self.place.as_ref()?;
        let url = format!("{}/ChatSession/{}{below}", self.config.base, place.id);
        let headers = vec![accept(), ("X-Chat-Session-Key", place.key.clone())];
        Some(Request { method, url, headers, content, deadline: DEADLINE })
    }

    /// Changes the session: one purpose for each call.
    pub(super) fn patch(&self, fields: &Value) -> Option<Request> {
        self.ask_session(Method::Patch, "", Content::Json(fields.text()))
    }
}

fn accept() -> (&'static str, String) {
    ("Accept", "application/json".to_owned())
}

/// An answer that says nothing but "not now".
pub(super) const fn unavailable(response: &Response) -> ProtocolError {
    ProtocolError::Unavailable { status: response.status, after: response.retry_after }
}

/// Whether an answer is a refusal that the same request would get again.
pub(super) const fn is_refusal(status: u16) -> bool {
    matches!(status, 400..=499) && !matches!(status, 408 | 425 | 429)
}

/// The JSON of a success.
pub(super) fn json(response: &Response, noun: &'static str) -> Result<Value, ProtocolError> {
    match response.status {
        200..=299 => Value::parse(&response.body).ok_or(ProtocolError::Unreadable { noun, detail: "not JSON" }),
        _ => Err(unavailable(response)),
    }
}

/// A gateway has deadlines of its own, and answers sooner.
const DEADLINE: Duration = Duration::from_secs(15);
