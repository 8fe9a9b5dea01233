//! One request to a façade, read to its end, in terms that suit every dialect.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

use crate::hub::{Hub, Outcome, RequestLine, Ticket, Violation};
use crate::url::Query;

/// A request to a façade.
#[derive(Debug)]
pub struct Call {
    /// HTTP method.
    pub method: Method,
    /// The path below the façade's own.
    pub path: String,
    /// The dialect's name of the resource; faults and records go by it.
    pub noun: String,
    /// The query.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The request's stay in its conversation, when it belongs to one.
    pub ticket: Option<Ticket>,
}

impl Call {
    /// A request that is read, under the names that its dialect gives it.
    pub fn new(request: &Request<Bytes>, path: &str, noun: &str) -> Self {
        Self {
            method: request.method().clone(),
            path: path.to_owned(),
            noun: noun.to_owned(),
            query: Query::parse(request.uri().query().unwrap_or_default()),
            headers: request.headers().clone(),
            body: request.body().clone(),
            ticket: None,
        }
    }

    /// The request's line in the record, with what every dialect has.
    pub fn line(&self) -> RequestLine {
        RequestLine {
            number: 0,
            method: self.method.to_string(),
            noun: self.noun.clone(),
            status: None,
            sequence: None,
            ack: None,
            affinity: None,
            outcome: Outcome::Open,
        }
    }

    /// Notes a breach of the protocol where it belongs: at the request's conversation, if it has one.
    pub fn blame(&self, hub: &Hub, violation: Violation) {
        let blamed = violation.clone();
        let found = self.ticket.as_ref().and_then(|ticket| hub.with(&ticket.conversation, |it, _| it.blame(blamed)));
        if found.is_none() {
            hub.blame_stray(violation);
        }
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the request says that its body is JSON.
    pub fn says_json(&self) -> bool {
        let kind = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        kind.trim_start().to_ascii_lowercase().starts_with("application/json")
    }
}

/// An answer that refuses, and the breach that it is, if it is one.
#[derive(Debug)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// The body, plain text.
    pub body: String,
    /// The breach.
    pub violation: Option<Violation>,
}

impl Refusal {
    /// Refuses without blame.
    pub fn new(status: StatusCode, body: impl Into<String>) -> Self {
        Self { status, body: body.into(), violation: None }
    }

    /// Adds blame.
    #[must_use]
    pub fn blaming(mut self, rule: &'static str, detail: impl Into<String>) -> Self {
        self.violation = Some(Violation::new(rule, detail));
        self
    }
}

/// A plain text answer.
pub fn text(status: StatusCode, body: impl Into<String>) -> Response {
    answer(status, "text/plain;charset=UTF-8", body.into())
}

/// A JSON answer.
pub fn json_answer(status: StatusCode, body: &Value) -> Response {
    answer(status, "application/json;charset=UTF-8", body.to_string())
}

/// An answer without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
