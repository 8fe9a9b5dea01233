//! What a browser is told when it does not get what it wants: a status and one word, and nothing of what lies behind.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be understood.
    Bad,
    /// Fields of a form are missing.
    Required(Vec<&'static str>),
    /// Fields of a form are not acceptable.
    Invalid(Vec<&'static str>),
    /// Consent is wanted.
    Consent,
    /// Wrong key, or none.
    Forbidden,
    /// There is no such thing.
    Missing,
    /// Not with this method.
    Method,
    /// The session is over.
    Ended,
    /// The session is not where this fits.
    NotNow,
    /// Too long.
    TooLarge,
    /// Not JSON by its own account.
    Unsupported,
    /// It came too slowly.
    Slow,
    /// Too often; again in so many seconds.
    TooMany(u64),
    /// The upstream failed, and may have acted.
    Upstream,
    /// The upstream cannot be asked, and has done nothing.
    Unavailable,
}

impl Refusal {
    /// Its status and its word.
    pub fn named(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Bad => (StatusCode::BAD_REQUEST, "bad-request"),
            Self::Required(_) => (StatusCode::BAD_REQUEST, "required"),
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid"),
            Self::Consent => (StatusCode::BAD_REQUEST, "consent"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Missing => (StatusCode::NOT_FOUND, "not-found"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::Ended => (StatusCode::CONFLICT, "ended"),
            Self::NotNow => (StatusCode::CONFLICT, "not-now"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::Unsupported => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-type"),
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "slow"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too-many"),
            Self::Upstream => (StatusCode::BAD_GATEWAY, "upstream"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, word) = self.named();
        let body = match &self {
            Self::Required(fields) | Self::Invalid(fields) => json!({"Error": word, "Fields": fields}),
            _ => json!({"Error": word}),
        };
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        let again = match self {
            Self::TooMany(seconds) => Some(seconds),
            Self::Unavailable => Some(SOON),
            _ => None,
        };
        if let Some(seconds) = again {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Seconds until an upstream may be back.
const SOON: u64 = 2;
