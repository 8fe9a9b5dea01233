//! Takes SuperOffice's webhooks (§8.3): whatever happened, the session is read again when somebody asks. Whoever sends one
//! can do no more than that, and must know the secret.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hmac::{Hmac, Mac};
use http_body_util::Full;
use serde_json::Value;
use sha2::Sha256;
use tokio::time::Instant;

use crate::gateway::Front;
use crate::gateway::intake;
use crate::gateway::refusal::Refusal;
use crate::gateway::secret::Secret;

/// Where webhooks go, below the prefix.
pub fn routes() -> Router<Arc<Front>> {
    Router::new().route("/webhooks", post(take))
}

async fn take(State(front): State<Arc<Front>>, request: Request) -> Result<StatusCode, Refusal> {
    let headers = request.headers().clone();
    let body = intake::whole(request, &front.limits_of_bodies()).await?;
    let desk = front.desk()?;
    let is_genuine = front.webhook_secret.as_ref().is_some_and(|secret| is_signed(secret, &headers, &body));
    if !is_genuine {
        front.metrics.webhooks_refused.fetch_add(1, Ordering::Relaxed);
        return Err(Refusal::Forbidden);
    }
    front.metrics.webhooks.fetch_add(1, Ordering::Relaxed);
    if let Some(id) = session(&body) {
        desk.doubt(id);
    }
    if headers.get(PASSED_ON).is_none() {
        for peer in &desk.config.peers {
            let url = format!("{}{}/webhooks", peer.trim_end_matches('/'), desk.config.prefix);
            tokio::spawn(pass_on(Arc::clone(&front), url, headers.get(SIGNATURE).cloned(), body.clone()));
        }
    }
    Ok(StatusCode::OK)
}

/// The session that something happened in. Pages differ in how they spell an event (§8.3).
fn session(body: &Bytes) -> Option<u64> {
    let event: Value = serde_json::from_slice(body).ok()?;
    let name = event.get("Event")?.as_str()?.to_ascii_lowercase();
    let id = event.get("PrimaryKey")?;
    name.starts_with("chatsession.").then(|| id.as_u64().or_else(|| id.as_str()?.parse().ok())).flatten()
}

fn is_signed(secret: &Secret, headers: &HeaderMap, body: &Bytes) -> bool {
    let told = headers.get(SIGNATURE).and_then(|value| BASE64_STANDARD.decode(value.as_bytes()).ok());
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return false;
    };
    mac.update(body);
    told.is_some_and(|told| mac.verify_slice(&told).is_ok())
}

/// Tells another process of the gateway. One that misses it reads again a little later by itself.
async fn pass_on(front: Arc<Front>, url: String, signature: Option<axum::http::HeaderValue>, body: Bytes) {
    let mut request = axum::http::Request::builder().method(Method::POST).uri(url).header(PASSED_ON, "1");
    if let Some(signature) = signature {
        request = request.header(SIGNATURE, signature);
    }
    if let Ok(request) = request.body(Full::new(body)) {
        let _missed = front.client.ask(request, Instant::now() + PATIENCE, 1_024).await;
    }
}

const SIGNATURE: &str = "x-superoffice-signature";
const PASSED_ON: &str = "x-holdfast-passed-on";
const PATIENCE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn events_of_sessions_are_told_from_others_whatever_their_capitals() {
        assert_eq!(session(&body(r#"{"Event": "chatSession.Message", "PrimaryKey": 7}"#)), Some(7));
        assert_eq!(session(&body(r#"{"Event": "chatsession.changed", "PrimaryKey": "7"}"#)), Some(7));
        for other in
            [r#"{"Event": "ticket.created", "PrimaryKey": 7}"#, r#"{"Event": "chatsession.changed"}"#, "[]", "no"]
        {
            assert_eq!(session(&body(other)), None, "{other}");
        }
    }

    #[test]
    fn a_signature_is_of_the_very_body() {
        let (secret, good) = (Secret::new("Super"), body("{}"));
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Super").unwrap();
        mac.update(&good);
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        let headers = HeaderMap::from_iter([(SIGNATURE.parse().unwrap(), signature.parse().unwrap())]);
        assert!(is_signed(&secret, &headers, &good));
        assert!(!is_signed(&secret, &headers, &body("{ }")));
        assert!(!is_signed(&Secret::new("other"), &headers, &good));
        assert!(!is_signed(&secret, &HeaderMap::new(), &good));
    }
}
