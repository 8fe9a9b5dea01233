//! How requests look: address, headers, deadlines (§2).

use std::ops::RangeInclusive;
use std::time::Duration;

use super::LiveAgent;
use crate::model::json::Value;
use crate::model::keep::keep_fields;
use crate::protocol::http::{Content, Method, Request, is_absolute, is_address, percent_encoded};
use crate::protocol::reading::is_token;

/// What the server gave out for this session (§3.1). The key is the only secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) affinity: String,
    /// Seconds that a poll may stay open.
    pub(super) poll_timeout: u64,
}

keep_fields!(Credentials { id, key, affinity, poll_timeout });

impl Credentials {
    /// Whether a request can be made with them.
    pub(super) fn is_sound(&self) -> bool {
        is_token(&self.key) && is_token(&self.affinity) && POLL_TIMEOUTS.contains(&self.poll_timeout)
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Credentials").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Which headers a resource wants beside the version (§2.4).
pub(super) enum Headers {
    /// None: the resources around a chat.
    Version,
    /// The literal `null` as affinity: the first request of a session.
    NoAffinity,
    /// The literal `null` as affinity, and the key: the first request after a handover.
    KeyOnly,
    /// The current affinity; the key stands in the path.
    Affinity,
    /// Affinity and key.
    Session,
    /// Affinity, key and this sequence number.
    Numbered(u64),
}

impl LiveAgent {
    /// `GET {noun}`.
    pub(super) fn get(&self, path: &str, headers: &Headers, deadline: Duration) -> Request {
        self.request(Method::Get, path, headers, Content::Empty, deadline)
    }

    /// `POST {noun}` with a JSON body.
    pub(super) fn post(&self, path: &str, headers: &Headers, body: &Value) -> Request {
        self.request(Method::Post, path, headers, Content::Json(body.text()), POST_DEADLINE)
    }

    /// `GET System/Messages` (§3.3).
    pub(super) fn poll_request(&self) -> Option<Request> {
        let timeout = self.credentials.as_ref()?.poll_timeout;
        let path = format!("System/Messages?ack={}", self.ack);
        Some(self.get(&path, &Headers::Session, Duration::from_secs(timeout)))
    }

    /// `GET System/ReconnectSession` (§3.4).
    pub(super) fn reconnect_request(&self) -> Request {
        let path = format!("System/ReconnectSession?ReconnectSession.offset={}", self.offset);
        self.get(&path, &Headers::KeyOnly, GET_DEADLINE)
    }

    /// `DELETE System/SessionId/{key}` (§3.2).
    pub(super) fn delete_request(&self) -> Option<Request> {
        let path = format!("System/SessionId/{}", percent_encoded(&self.credentials.as_ref()?.key));
        Some(self.request(Method::Delete, &path, &Headers::Affinity, Content::Empty, GET_DEADLINE))
    }

    fn request(&self, method: Method, path: &str, headers: &Headers, content: Content, deadline: Duration) -> Request {
        let url = format!("{}/chat/rest/{path}", self.base);
        Request { method, url, headers: self.headers(headers), content, deadline }
    }

    fn headers(&self, headers: &Headers) -> Vec<(&'static str, String)> {
        let (affinity, key) =
            self.credentials.as_ref().map_or(("null", ""), |session| (&*session.affinity, &*session.key));
        let affinity = (AFFINITY, affinity.to_owned());
        let none = (AFFINITY, "null".to_owned());
        let key = (KEY, key.to_owned());
        let mut all = vec![(VERSION, self.config.api_version.to_string())];
        match headers {
            Headers::Version => {}
            Headers::NoAffinity => all.push(none),
            Headers::KeyOnly => all.extend([none, key]),
            Headers::Affinity => all.push(affinity),
            Headers::Session => all.extend([affinity, key]),
            Headers::Numbered(number) => all.extend([affinity, key, (SEQUENCE, number.to_string())]),
        }
        all
    }
}

/// Whether an address that somebody else names is a whole one, and no less safe than where the chat is now.
pub(super) fn is_as_safe(base: &str, url: &str) -> bool {
    is_address(url) && (url.starts_with("https://") || (is_absolute(url) && !base.starts_with("https://")))
}

const VERSION: &str = "X-LIVEAGENT-API-VERSION";
const AFFINITY: &str = "X-LIVEAGENT-AFFINITY";
const KEY: &str = "X-LIVEAGENT-SESSION-KEY";
const SEQUENCE: &str = "X-LIVEAGENT-SEQUENCE";

/// Seconds that a poll may stay open: longer than at once, and shorter than anybody waits.
pub(super) const POLL_TIMEOUTS: RangeInclusive<u64> = 1..=600;
/// Answers to these come at once, or not at all.
pub(super) const GET_DEADLINE: Duration = Duration::from_secs(15);
/// A post that is repeated too early is only dropped as a repeat; one that is given up too late keeps words waiting.
pub(super) const POST_DEADLINE: Duration = Duration::from_secs(20);
