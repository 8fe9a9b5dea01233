//! How a request is taken in: whose it is, how long it may be, how slowly it may come, and how its end is counted.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};

use crate::gateway::Front;
use crate::gateway::address::{self, Peer};
use crate::gateway::log::millis;
use crate::gateway::refusal::Refusal;

/// Whose a request is.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub IpAddr);

/// How long a body may be, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Bytes.
    pub longest: usize,
    /// Time.
    pub patience: Duration,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().copied();
        Ok(known.unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// Everything that happens to every request: limits before, headers, counting and one line of the log after.
pub async fn attend(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0);
    let client = address::client(peer, request.headers(), &front.trusted);
    request.extensions_mut().insert(Client(client));
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = match front.limits.on_request(client) {
        Ok(()) => match timeout(LONGEST_STAY, next.run(request)).await {
            Ok(response) => response,
            Err(_elapsed) => Refusal::Upstream.into_response(),
        },
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let route = name(matched.as_deref().unwrap_or_default());
    front.metrics.answered(route, status, took);
    tracing::info!(%method, route, status, ms = millis(took), "request");
    response
}

/// Nothing lies here.
pub async fn nowhere() -> Refusal {
    Refusal::Missing
}

/// Something lies here, but not for this method.
pub async fn no_method() -> Refusal {
    Refusal::Method
}

/// Something broke that must not break.
pub fn broken(_panic: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request brought its task down");
    let mut response = Refusal::Upstream.into_response();
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A body that is a JSON object.
pub async fn object(request: Request, limits: &BodyLimits) -> Result<Map<String, Value>, Refusal> {
    let is_json = says_json(request.headers());
    let bytes = whole(request, limits).await?;
    if is_json { parsed(&bytes) } else { Err(Refusal::Unsupported) }
}

/// The same, or no body at all.
pub async fn object_or_nothing(request: Request, limits: &BodyLimits) -> Result<Map<String, Value>, Refusal> {
    let is_json = says_json(request.headers());
    let bytes = whole(request, limits).await?;
    match (bytes.is_empty(), is_json) {
        (true, _) => Ok(Map::new()),
        (false, true) => parsed(&bytes),
        (false, false) => Err(Refusal::Unsupported),
    }
}

/// A whole body, within its limits.
pub async fn whole(request: Request, limits: &BodyLimits) -> Result<Bytes, Refusal> {
    let told =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > limits.longest) {
        return Err(Refusal::TooLarge);
    }
    match timeout(limits.patience, Limited::new(request.into_body(), limits.longest).collect()).await {
        Err(_elapsed) => Err(Refusal::Slow),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Refusal::TooLarge),
        Ok(Err(_broken)) => Err(Refusal::Bad),
    }
}

fn parsed(bytes: &Bytes) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::Bad),
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.eq_ignore_ascii_case("application/merge-patch+json")
}

/// What metrics and the log call a route: never a path, which has numbers in it.
fn name(matched: &str) -> &'static str {
    let found = NAMES.iter().find(|(end, _)| matched.ends_with(end));
    found.map_or(if matched.is_empty() { "nowhere" } else { "proxy" }, |(_, name)| name)
}

const NAMES: [(&str, &str); 11] = [
    ("/ChatTopic/{id}", "topic"),
    ("/IsOpen", "is-open"),
    ("/Sessions", "start"),
    ("/ChatSession/{id}", "session"),
    ("/Messages", "messages"),
    ("/OfflineForm", "offline-form"),
    ("/Transcript", "transcript"),
    ("/Reset", "reset"),
    ("/webhooks", "webhooks"),
    ("/health", "health"),
    ("/metrics", "metrics"),
];
/// Longer than any deadline upstream; a last resort.
const LONGEST_STAY: Duration = Duration::from_secs(90);
