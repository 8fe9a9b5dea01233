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
use crate::cors::{Credentials, Sharing};
use crate::hub::{Conversation, Fact, Hub, Kind, RequestLine};
use crate::url;

pub use session::{Life, Session};

/// Reads a request to this façade; `None` when it is for somebody else.
pub fn read(request: &Request<Bytes>) -> Option<Call> {
    let path = request.uri().path().strip_prefix(BASE)?;
    Some(Call::new(request, path, Resource::of(path).noun))
}

/// What another origin may do here.
pub fn sharing(_call: &Call) -> &'static Sharing {
    &SHARING
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

/// The Live Agent state of a conversation. One of another dialect is no session here.
pub(crate) fn session(conversation: &mut Conversation) -> Result<&mut Session, Refusal> {
    conversation.session_mut().ok_or_else(no_session)
}

fn identify(hub: &Hub, call: &Call, resource: &Resource<'_>) -> Option<String> {
    let fits = |wanted: &dyn Fn(&Session) -> bool| hub.find(|conversation| conversation.session().is_some_and(wanted));
    if resource.prefix == "upload" {
        let id = call.query.value("chatKey")?;
        return hub.find(|conversation| conversation.id == id && conversation.session::<Session>().is_some());
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
        sequence: call.header(SEQUENCE).map(str::to_owned),
        ack: call.query.value("ack").map(str::to_owned),
        affinity: call.header(AFFINITY).map(str::to_owned),
        ..call.line()
    }
}

fn refuse(hub: &Hub, call: &mut Call, refusal: Refusal) -> Response {
    let is_end = refusal.violation.is_none() && refusal.status == StatusCode::FORBIDDEN;
    let is_second = refusal.violation.as_ref().is_some_and(|violation| violation.rule == "secondPoll");
    if let (true, Some(ticket)) = (is_end || is_second, &mut call.ticket) {
        ticket.tell(Fact::Over);
    }
    if let Some(violation) = refusal.violation {
        call.blame(hub, violation);
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
const SHARING: Sharing = Sharing {
    methods: "GET, POST, DELETE",
    headers: "X-LIVEAGENT-API-VERSION, X-LIVEAGENT-AFFINITY, X-LIVEAGENT-SESSION-KEY, X-LIVEAGENT-SEQUENCE, Content-Type, Accept",
    exposed: None,
    credentials: Credentials::Refused,
};
