//! Asks an upstream one question over HTTP, encrypted or not, within a deadline. Knows nothing of what it means.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
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
    /// A client that trusts the usual authorities, and those in a file.
    ///
    /// # Errors
    /// When the file cannot be read or holds none.
    pub fn new(authorities: Option<&Path>) -> Result<Self, String> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECTING));
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(trusted(authorities)?)
            .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http);
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

fn trusted(authorities: Option<&Path>) -> Result<RootCertStore, String> {
    let mut trusted = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(path) = authorities else {
        return Ok(trusted);
    };
    let told = |problem: String| format!("{}: {problem}", path.display());
    let mut count = 0;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| told(error.to_string()))? {
        let certificate = certificate.map_err(|error| told(error.to_string()))?;
        trusted.add(certificate).map_err(|error| told(error.to_string()))?;
        count += 1;
    }
    if count == 0 { Err(told("there is no certificate in it".to_owned())) } else { Ok(trusted) }
}

fn too_long(error: &(dyn Error + 'static)) -> Trouble {
    if error.is::<LengthLimitError>() { Trouble::TooLong } else { Trouble::Broken }
}

const CONNECTING: Duration = Duration::from_secs(5);
const KEPT: Duration = Duration::from_secs(20);
