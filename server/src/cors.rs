//! What another origin may read. The same for every façade.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::call;
use crate::settings::Cors;

/// Answers a preflight.
pub fn preflight(cors: &Cors) -> Response {
    if *cors == Cors::Off {
        return call::text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    }
    let mut response = call::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// Adds to an answer who may read it.
pub fn dress(cors: &Cors, request: &HeaderMap, response: &mut Response) {
    let origin = request.get(header::ORIGIN);
    let allowed = match cors {
        Cors::Any => Some(HeaderValue::from_static("*")),
        Cors::Off => None,
        Cors::Only(origins) => {
            origin.filter(|origin| origins.iter().any(|one| one.as_bytes() == origin.as_bytes())).cloned()
        }
    };
    if let Some(allowed) = allowed {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    }
    if matches!(cors, Cors::Only(_)) {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

/// The headers that clients add.
const ALLOWED_HEADERS: &str = "X-LIVEAGENT-API-VERSION, X-LIVEAGENT-AFFINITY, X-LIVEAGENT-SESSION-KEY, X-LIVEAGENT-SEQUENCE, Content-Type, Accept";
