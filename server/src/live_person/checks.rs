//! What every request must have: the right method, a version, credentials, and words that this server can read.

use axum::http::{Method, StatusCode, header};
use serde_json::Value;

use crate::call::{Call, Refusal};
use crate::hub::{Hub, Violation};
use crate::live_person::route::{Operation, Route, Side};
use crate::live_person::switches::{Put, Switches};
use crate::settings::{Settings, Stance};

/// What a request does, however it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Adds.
    Post,
    /// Replaces.
    Put,
    /// Takes away.
    Delete,
}

/// What a request does. A real PUT or DELETE does not get through every proxy, so the protocol wants an override.
pub fn verb(call: &Call, switches: &Switches) -> Result<Verb, Refusal> {
    let wanted = call.header("x-http-method-override").map(str::to_ascii_uppercase);
    match (&call.method, wanted.as_deref()) {
        (&Method::GET, _) => Ok(Verb::Get),
        (&Method::POST, None | Some("POST")) => Ok(Verb::Post),
        (&Method::POST, Some("PUT")) => Ok(Verb::Put),
        (&Method::POST, Some("DELETE")) => Ok(Verb::Delete),
        (&Method::PUT, _) if switches.put == Put::Both => Ok(Verb::Put),
        (&Method::DELETE, _) if switches.put == Put::Both => Ok(Verb::Delete),
        (&Method::PUT | &Method::DELETE, _) => {
            Err(not_allowed().blaming("realPut", format!("a real {} of {}", call.method, call.noun)))
        }
        _ => Err(wrong_method(call)),
    }
}

/// Whether the request can be read, and its answer be understood.
pub fn format(hub: &Hub, call: &Call, route: &Route, settings: &Settings) -> Result<(), Refusal> {
    let accept = call.header(header::ACCEPT.as_str()).unwrap_or_default().to_ascii_lowercase();
    if !route.wants_json && !accept.contains("application/json") {
        call.blame(hub, Violation::new("missingAccept", format!("{} may be answered in XML", call.noun)));
        if accept.contains("xml") && !accept.contains('*') {
            return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "XML is not spoken here"));
        }
    }
    if !call.body.is_empty() && !call.says_json() && settings.content_type == Stance::Refuse {
        let refusal = Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is not JSON");
        return Err(refusal.blaming("missingContentType", &call.noun));
    }
    Ok(())
}

/// Whether the version and, beside a header with credentials, `NC` are there. Links come without both.
pub fn version(hub: &Hub, call: &Call, route: &Route, settings: &Settings) -> Result<(), Refusal> {
    if route.operation.side() == Side::Directory {
        return wanted_version(call, "version", "1.0");
    }
    if route.operation == Operation::Login || route.operation == Operation::Refresh {
        return wanted_version(call, "v", "1.3");
    }
    let has_header = call.headers.contains_key(header::AUTHORIZATION);
    if has_header && call.query.value("NC") != Some("true") {
        let violation = Violation::new("missingNc", format!("{} with credentials and without NC=true", call.noun));
        call.blame(hub, violation);
        if settings.liveperson.missing_nc == Stance::Refuse {
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, "a cookie is wanted"));
        }
    }
    wanted_version(call, "v", "1")
}

/// Whether the application's key is there, in the header or in the query.
pub fn app_key(call: &Call, switches: &Switches) -> Result<(), Refusal> {
    let from_header = call.header(header::AUTHORIZATION.as_str());
    let key = match from_header {
        Some(text) => text.strip_prefix("LivePerson ").and_then(|rest| rest.trim().strip_prefix("appKey=")),
        None => call.query.value("appKey"),
    };
    let unauthorized = || Refusal::new(StatusCode::UNAUTHORIZED, "no such application");
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Err(unauthorized().blaming("missingKey", &call.noun));
    };
    if switches.app_key.as_deref().is_some_and(|good| good != key) {
        return Err(unauthorized().blaming("wrongKey", &call.noun));
    }
    Ok(())
}

/// The body, an object.
pub fn body(call: &Call) -> Result<Value, Refusal> {
    match call.json() {
        Some(body @ Value::Object(_)) => Ok(body),
        _ => Err(bad(call, "badJson", "the body is no JSON object")),
    }
}

/// A text in a body.
pub fn text<'a>(call: &Call, body: &'a Value, field: &str) -> Result<&'a str, Refusal> {
    let text = body.get(field).and_then(Value::as_str);
    text.ok_or_else(|| bad(call, "badBody", &format!("{field} is missing")))
}

/// Refuses what cannot be understood.
pub fn bad(call: &Call, rule: &'static str, detail: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, detail).blaming(rule, format!("{}: {detail}", call.noun))
}

/// Refuses what cannot be done to this resource.
pub fn wrong_method(call: &Call) -> Refusal {
    not_allowed().blaming("wrongMethod", format!("{} {}", call.method, call.noun))
}

/// A status of the switches.
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST)
}

/// The number of the first event that is wanted.
pub fn from(call: &Call) -> Result<u64, Refusal> {
    let Some(text) = call.query.value("from") else {
        return Ok(0);
    };
    text.parse().map_err(|_| bad(call, "badFrom", &format!("from={text}")))
}

fn wanted_version(call: &Call, name: &str, wanted: &str) -> Result<(), Refusal> {
    match call.query.value(name) {
        Some(version) if version == wanted => Ok(()),
        Some(other) => Err(bad(call, "badVersion", &format!("{name}={other}"))),
        None => Err(bad(call, "missingVersion", &format!("{name}={wanted} is missing"))),
    }
}

fn not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}
