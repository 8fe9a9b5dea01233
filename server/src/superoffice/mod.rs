//! The SuperOffice façade: the part of the CRM's WebAPI that concerns chats, at `/superoffice/{tenant}/api/v1/…`. Only a
//! server with the CRM's credential speaks to it, so a visitor's browser is never seen here. Sections are those of the
//! protocol page.

mod agents;
mod bot;
mod desk;
mod entity;
mod life;
mod list;
mod patch;
mod route;
mod session;
mod switches;
mod topics;
mod visitor;
mod webhooks;

use std::sync::Arc;

use axum::http::{Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::call::{Call, Refusal, json_answer};
use crate::cors::{Credentials, Sharing};
use crate::hub::{Hub, Kind};

use route::{Lost, Operation, Route};

pub use session::{Session, Status};
pub use switches::{Switches, Webhook};
pub use webhooks::signature;

/// Reads a request to this façade; `None` when it is for somebody else.
pub fn read(request: &Request<Bytes>) -> Option<Call> {
    let path = request.uri().path().strip_prefix(BASE)?;
    let noun = Route::parse(request.method(), path).map_or("unknown", |route| route.operation.noun());
    Some(Call::new(request, path, noun))
}

/// What another origin may do here.
pub fn sharing(_call: &Call) -> &'static Sharing {
    &SHARING
}

/// Finds the request's session and opens the request there.
pub async fn admit(hub: &Arc<Hub>, call: &mut Call) {
    let Ok(route) = Route::parse(&call.method, &call.path) else {
        return;
    };
    let id = route.id.to_string();
    if !route.operation.is_in_session() || !exists(hub, &id) {
        return;
    }
    let kind = match route.operation {
        Operation::Read => Kind::Poll,
        Operation::Post => Kind::Post,
        _ => Kind::Other,
    };
    call.ticket = hub.open(&id, call.line(), kind).await;
}

/// Answers a request.
pub async fn answer(hub: &Arc<Hub>, call: &mut Call) -> Response {
    match dispatch(hub, call).await {
        Ok(response) => response,
        Err(refusal) => refuse(hub, call, refusal),
    }
}

async fn dispatch(hub: &Arc<Hub>, call: &mut Call) -> Result<Response, Refusal> {
    let switches = hub.settings().superoffice;
    let bearer = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if bearer != Some(switches.credential.as_str()) {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "no credential, or not a good one"));
    }
    let route = match Route::parse(&call.method, &call.path) {
        Ok(route) => route,
        Err(Lost::Nowhere) => {
            let refusal = Refusal::new(StatusCode::NOT_FOUND, "no such resource");
            return Err(refusal.blaming("unknownResource", format!("/{}", call.path)));
        }
        Err(Lost::Method) => {
            let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method");
            return Err(refusal.blaming("wrongMethod", format!("{} /{}", call.method, call.path)));
        }
    };
    let id = route.id.to_string();
    if route.operation.is_in_session() && !exists(hub, &id) {
        return Err(missing());
    }
    match route.operation {
        Operation::Topic | Operation::IsOpen | Operation::Start => {
            let topic = switches.topic(route.id).ok_or_else(missing)?;
            Ok(match route.operation {
                Operation::Topic => found(topic),
                // Opening hours only (§5).
                Operation::IsOpen => found(&json!(!switches.closed.contains(&route.id))),
                _ => {
                    let id = life::begin(hub, route.id, topic);
                    call.ticket = hub.open(&id, call.line(), Kind::Other).await;
                    visitor::shown(hub, &id)?
                }
            })
        }
        Operation::TopicSessions => {
            switches.topic(route.id).ok_or_else(missing)?;
            list::answer(hub, call, Some(route.id))
        }
        Operation::Sessions | Operation::OwnSessions => list::answer(hub, call, None),
        Operation::Default => Ok(found(&entity::default())),
        Operation::Save => visitor::save(hub, call),
        Operation::Presence => Ok(found(&agents::presence(hub))),
        Operation::Ticket | Operation::TicketMessage => agents::ticket(hub, call, route.operation),
        Operation::PickupFirst => desk::pick_up_first(hub),
        Operation::Pickup | Operation::TransferTo | Operation::AcceptTransfer | Operation::RejectTransfer => {
            desk::answer(hub, &route)
        }
        Operation::Show
        | Operation::Replace
        | Operation::Patch
        | Operation::Delete
        | Operation::Read
        | Operation::Post
        | Operation::Reset
        | Operation::Transcript => visitor::answer(hub, call, route.operation, &id),
    }
}

fn refuse(hub: &Hub, call: &Call, refusal: Refusal) -> Response {
    if let Some(violation) = refusal.violation {
        call.blame(hub, violation);
    }
    // The shape of an error is not documented (§5), so that nobody may rely on it.
    let body = if hub.settings().superoffice.error_body {
        json!({"Error": true, "ErrorType": "LocalServer", "Message": refusal.body})
    } else {
        Value::Null
    };
    json_answer(refusal.status, &body)
}

fn exists(hub: &Hub, id: &str) -> bool {
    let found = hub.with(id, |conversation, settings| {
        conversation.expire_if_due(settings);
        conversation.session::<Session>().is_some()
    });
    found == Some(true)
}

fn found(body: &Value) -> Response {
    json_answer(StatusCode::OK, body)
}

fn missing() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no such entity")
}

fn bad(rule: &'static str, detail: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, detail).blaming(rule, detail)
}

/// Where the façade lives.
const BASE: &str = "/superoffice/";
const SHARING: Sharing = Sharing {
    methods: "GET, POST, PUT, PATCH, DELETE",
    headers: "Accept, Authorization, Content-Type, SO-TimeZone",
    exposed: None,
    credentials: Credentials::Refused,
};
