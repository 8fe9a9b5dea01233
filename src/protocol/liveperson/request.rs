//! How requests look: address, headers, deadlines (§2).

use std::time::Duration;

use super::LivePerson;
use super::document::versioned;
use crate::model::json::Value;
use crate::protocol::ProtocolError;
use crate::protocol::http::{Content, Method, Request, Response};

/// A request with what each has: its version, who asks, and that JSON is wanted.
pub(super) fn signed(method: Method, url: &str, authorization: String, content: Content) -> Request {
    Request {
        method,
        url: versioned(url),
        headers: vec![("Accept", "application/json".to_owned()), ("Authorization", authorization)],
        content,
        deadline: DEADLINE,
    }
}

impl LivePerson {
    /// Asks for a document.
    pub(super) fn get(&self, url: &str) -> Request {
        signed(Method::Get, url, self.authorization(), Content::Empty)
    }

    /// Adds something.
    pub(super) fn post(&self, url: &str, body: &Value) -> Request {
        signed(Method::Post, url, self.authorization(), Content::Json(body.text()))
    }

    /// Sets something: a `PUT` goes as a `POST` that says so (§2).
    pub(super) fn put(&self, url: &str, body: &Value) -> Request {
        let mut request = self.post(url, body);
        request.headers.push(("X-HTTP-Method-Override", "PUT".to_owned()));
        request
    }

    fn authorization(&self) -> String {
        format!("LivePerson appKey={}", self.config.app_key.0)
    }
}

/// An answer that says nothing but "not now". Whoever is throttled waits a second at least (§4).
pub(super) fn unavailable(response: &Response) -> ProtocolError {
    let after = match response.status {
        429 => Some(response.retry_after.unwrap_or_default().max(THROTTLED)),
        _ => response.retry_after,
    };
    ProtocolError::Unavailable { status: response.status, after }
}

/// Whether an answer is a refusal that the same request would get again (§8).
pub(super) const fn is_refusal(status: u16) -> bool {
    matches!(status, 400..=499) && !matches!(status, 408 | 425 | 429)
}

/// As the vendor's own kit (§4).
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// The least time that whoever is throttled waits (§4).
const THROTTLED: Duration = Duration::from_secs(1);
