//! The Live Agent façade: paths, headers, status codes and quirks of the visitor's side of that protocol.
//! What an agent does is told to it in the hub's words; it alone knows how they are spelt on the wire.

mod checks;
mod deed;
mod handover;
mod opening;
mod outbound;
mod poll;
mod post;
mod session;
mod upload;
mod visitor;
mod words;

use std::sync::Arc;

use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::call::{self, Call, Refusal};
use crate::hub::{Conversation, Fact, Hub, Kind, Outcome, RequestLine, Wire};
use crate::url::{self, Query};

pub use session::{Life, Session};
pub use words::express;

/// Reads a request to this façade; `None` when it is for somebody else.
pub fn read(request: &Request<Bytes>) -> Option<Call> {
    let path = request.uri().path().strip_prefix(BASE)?;
    Some(Call {
        method: request.method().clone(),
        path: path.to_owned(),
        noun: Resource::of(path).noun.to_owned(),
        query: Query::parse(request.uri().query().unwrap_or_default()),
        headers: request.headers().clone(),
        body: request.body().clone(),
        ticket: None,
    })
}

/// Finds the request's conversation and opens the request there.
pub async fn admit(hub: &Arc<Hub>, call: &mut Call) {
    let resource = Resource::of(&call.path);
    let Some(id) = identify(hub, call, &resource) else {
        return;
    };
    hub.with(&id, |conversation, settings| conversation.expire_if_due(settings));
    let kind = match (resource.prefix, resource.noun, &call.method) {
        (_, "Messages", _) => Kind::Poll,
        ("System" | "Chasitor", _, &Method::POST) => Kind::Post,
        _ => Kind::Other,
    };
    call.ticket = hub.open(&id, line(call), kind).await;
}

/// Answers a request.
pub async fn answer(hub: &Arc<Hub>, call: &mut Call) -> Response {
    let path = call.path.clone();
    let resource = Resource::of(&path);
    if let Err(refusal) = checks::resource(call, &resource) {
        return refuse(hub, call, refusal);
    }
    let result = match (resource.prefix, resource.noun) {
        ("upload", _) => Ok(upload::receive(hub, call).await),
        ("System", "SessionId") if call.method == Method::DELETE => opening::close(hub, call),
        ("System", "SessionId") => opening::open(hub, call),
        ("System", "Messages") => poll::messages(hub, call).await,
        ("System", "ReconnectSession") => handover::reconnect(hub, call),
        ("System", "ResyncSession") => handover::resync(hub, call),
        ("Visitor", _) | ("System", "MultiNoun.jsonp") => visitor::answer(hub, call, resource.noun),
        (_, noun) => post::receive(hub, call, noun),
    };
    result.unwrap_or_else(|refusal| refuse(hub, call, refusal))
}

/// A request's place in the façade.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource<'a> {
    prefix: &'a str,
    noun: &'a str,
    tail: &'a str,
}

impl<'a> Resource<'a> {
    fn of(path: &'a str) -> Self {
        if path.trim_end_matches('/') == "upload" {
            return Self { prefix: "upload", noun: "Upload", tail: "" };
        }
        let mut parts = path.strip_prefix("chat/rest/").unwrap_or_default().splitn(3, '/');
        let prefix = parts.next().unwrap_or_default();
        let noun = parts.next().unwrap_or_default();
        Self { prefix, noun, tail: parts.next().unwrap_or_default().trim_end_matches('/') }
    }
}

/// The Live Agent state of a conversation.
pub(crate) fn session(conversation: &mut Conversation) -> &mut Session {
    let Wire::LiveAgent(session) = &mut conversation.wire;
    session
}

fn identify(hub: &Hub, call: &Call, resource: &Resource<'_>) -> Option<String> {
    let fits = |wanted: &dyn Fn(&Session) -> bool| {
        hub.find(|conversation| {
            let Wire::LiveAgent(session) = &conversation.wire;
            wanted(session)
        })
    };
    if resource.prefix == "upload" {
        let id = call.query.value("chatKey")?;
        return hub.find(|conversation| conversation.id == id);
    }
    let by_path = || {
        let key = url::decode(resource.tail);
        fits(&|session| !key.is_empty() && session.key == key)
    };
    let by_header = || {
        let key = call.header(KEY)?;
        fits(&|session| session.key == key)
    };
    let by_token = || {
        let token = call.header(AFFINITY)?;
        fits(&|session| session.affinity == token || session.former.iter().any(|former| former == token))
    };
    by_path().or_else(by_header).or_else(by_token)
}

fn line(call: &Call) -> RequestLine {
    RequestLine {
        number: 0,
        method: call.method.to_string(),
        noun: call.noun.clone(),
        status: None,
        sequence: call.header(SEQUENCE).map(str::to_owned),
        ack: call.query.value("ack").map(str::to_owned),
        affinity: call.header(AFFINITY).map(str::to_owned),
        outcome: Outcome::Open,
    }
}

fn refuse(hub: &Hub, call: &mut Call, refusal: Refusal) -> Response {
    let is_end = refusal.violation.is_none() && refusal.status == StatusCode::FORBIDDEN;
    let is_second = refusal.violation.as_ref().is_some_and(|violation| violation.rule == "secondPoll");
    if let (true, Some(ticket)) = (is_end || is_second, &mut call.ticket) {
        ticket.tell(Fact::Over);
    }
    if let Some(violation) = refusal.violation {
        let blamed = violation.clone();
        let found = call.ticket.as_ref().and_then(|ticket| hub.with(&ticket.conversation, |it, _| it.blame(blamed)));
        if found.is_none() {
            hub.blame_stray(violation);
        }
    }
    call::text(refusal.status, refusal.body)
}

/// The refusal of a session that is not, or no longer, valid.
fn no_session() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "Session required but was invalid or not found")
}

/// Where the façade lives.
const BASE: &str = "/live-agent/";
const VERSION: &str = "x-liveagent-api-version";
const AFFINITY: &str = "x-liveagent-affinity";
const KEY: &str = "x-liveagent-session-key";
const SEQUENCE: &str = "x-liveagent-sequence";
