//! Asks an upstream one question over HTTP, encrypted or not, within a deadline. Knows nothing of what it means.

use std::error::Error;
use std::time::Duration;

use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use tokio::time::{Instant, timeout_at};

/// Keeps connections, so that a question costs one round trip.
#[derive(Debug, Clone)]
pub struct Client {
    inner: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody was reached, so nothing was done.
    Unreachable,
    /// The time is up; the question may have arrived.
    TimedOut,
    /// The connection broke; the question may have arrived.
    Broken,
    /// The answer is too long.
    TooLong,
}

impl Client {
    /// A client that trusts the usual authorities.
    ///
    /// # Errors
    /// When the cryptography that is built in does not suit itself.
    pub fn new() -> Result<Self, String> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECTING));
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(ring::default_provider())
            .map_err(|error| error.to_string())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT)
            .build(connector);
        Ok(Self { inner })
    }

    /// Asks, and reads the answer to its end.
    pub async fn ask(&self, request: Request<Full<Bytes>>, until: Instant, longest: usize) -> Result<Answer, Trouble> {
        let exchange = async {
            let response = self
                .inner
                .request(request)
                .await
                .map_err(|error| if error.is_connect() { Trouble::Unreachable } else { Trouble::Broken })?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, longest).collect().await.map_err(|error| too_long(error.as_ref()))?;
            Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
        };
        timeout_at(until, exchange).await.map_err(|_elapsed| Trouble::TimedOut)?
    }
}

fn too_long(error: &(dyn Error + 'static)) -> Trouble {
    if error.is::<LengthLimitError>() { Trouble::TooLong } else { Trouble::Broken }
}

const CONNECTING: Duration = Duration::from_secs(5);
const KEPT: Duration = Duration::from_secs(20);
