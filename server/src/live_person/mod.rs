//! The LivePerson façade: the legacy chat at `/liveperson/api/account/{accountId}/…`, polled in short intervals along the
//! links that each answer holds. The visitor's side speaks for chats of this dialect only; the agents' side, the desk,
//! for every conversation of the hub.

mod around;
mod chat;
mod checks;
mod desk;
mod documents;
mod events;
mod opening;
mod route;
mod session;
mod spelling;
mod surveys;
mod switches;
mod words;

use std::sync::Arc;

use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::json;

use crate::call::{Call, Refusal, json_answer, text};
use crate::cors::{Credentials, Sharing};
use crate::hub::{Hub, Kind};
use crate::settings::Cors;

use route::{Operation, Route, Side};

pub use session::Session;
pub use switches::Switches;

/// Reads a request to this façade; `None` when it is for somebody else.
pub fn read(request: &Request<Bytes>) -> Option<Call> {
    let path = request.uri().path().strip_prefix(BASE)?;
    let noun = Route::parse(path).map_or("unknown", |route| route.operation.noun());
    Some(Call::new(request, path, noun))
}

/// What another origin may do here. Whether it may read where its chat lies is a switch, and stands in the answer.
pub fn sharing(_call: &Call) -> &'static Sharing {
    &SHARING
}

/// Finds the request's conversation and opens the request there. What agents ask for is no request of a visitor's.
pub async fn admit(hub: &Arc<Hub>, call: &mut Call) {
    let Some(route) = Route::parse(&call.path).filter(|route| route.operation.side() == Side::InChat) else {
        return;
    };
    let known = hub.with(&route.subject, |conversation, settings| {
        conversation.expire_if_due(settings);
        let session = conversation.session_mut::<Session>()?;
        let is_known = session.account == route.account && !session.is_gone(settings);
        is_known.then_some(())
    });
    if known.flatten().is_none() || route.subject == "latest" {
        return;
    }
    let kind = match (route.operation, &call.method) {
        (Operation::Chat | Operation::Events, &Method::GET) => Kind::Poll,
        (_, &Method::GET) => Kind::Other,
        _ => Kind::Post,
    };
    call.ticket = hub.open(&route.subject, call.line(), kind).await;
}

/// Answers a request.
pub async fn answer(hub: &Arc<Hub>, call: &mut Call) -> Response {
    let result = match Route::parse(&call.path) {
        Some(route) => dispatch(hub, call, &route),
        None => {
            Err(Refusal::new(StatusCode::NOT_FOUND, "Not Found").blaming("unknownResource", format!("/{}", call.path)))
        }
    };
    let settings = hub.settings();
    let mut response = result.unwrap_or_else(|refusal| refuse(hub, call, refusal));
    if settings.liveperson.expose_location && settings.cors != Cors::Off {
        let exposed = HeaderValue::from_static("Location");
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

fn dispatch(hub: &Arc<Hub>, call: &mut Call, route: &Route) -> Result<Response, Refusal> {
    let settings = hub.settings();
    let verb = checks::verb(call, &settings.liveperson)?;
    checks::format(hub, call, route, &settings)?;
    let side = route.operation.side();
    if matches!(side, Side::Around | Side::InChat) {
        checks::app_key(call, &settings.liveperson)?;
    }
    checks::version(hub, call, route, &settings)?;
    match side {
        Side::Directory | Side::Around => around::answer(hub, call, route, verb),
        Side::InChat => chat::answer(hub, call, route, verb),
        Side::Door | Side::Desk => desk::answer(hub, call, route, verb),
    }
}

fn refuse(hub: &Hub, call: &Call, refusal: Refusal) -> Response {
    if let Some(violation) = refusal.violation {
        call.blame(hub, violation);
    }
    let switches = hub.settings().liveperson;
    if !switches.error_body {
        return text(refusal.status, refusal.body);
    }
    let body = json!({"error": {
        "time": hub.epoch_ms(), "message": refusal.body, "internalCode": "3",
        "responseStatus": refusal.status.canonical_reason().unwrap_or_default(),
    }});
    json_answer(refusal.status, &body)
}

/// Where the façade lives.
const BASE: &str = "/liveperson/";
const SHARING: Sharing = Sharing {
    // Real PUTs get past the preflight, so that they are seen and recorded.
    methods: "GET, POST, PUT, DELETE",
    headers: "Accept, Authorization, Content-Type, X-HTTP-Method-Override, X-Requested-With",
    exposed: None,
    credentials: Credentials::Refused,
};
