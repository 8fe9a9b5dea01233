//! Tells whoever subscribed of what happens in a session (§8.3), signed as the product signs.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use uuid::Uuid;

use crate::hub::Hub;
use crate::stamp;
use crate::superoffice::switches::Webhook;

/// What happens in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It began.
    Created,
    /// It is not as before.
    Changed,
    /// Somebody said something, whoever it was.
    Message,
}

/// Tells of a session's events until it is forgotten.
pub fn watch(hub: &Arc<Hub>, id: u64, mut events: UnboundedReceiver<Event>) {
    let hub = Arc::downgrade(hub);
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let Some(hub) = hub.upgrade() else {
                return;
            };
            if let Some(webhook) = hub.settings().superoffice.webhook {
                let at = stamp::written(hub.epoch_ms());
                // Seven tries are made by the product; here a lost event is what a test wants to see.
                let _lost = timeout(PATIENCE, tell(&webhook, id, event, &at)).await;
            }
        }
    });
}

/// The signature of a body.
pub fn signature(secret: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

async fn tell(webhook: &Webhook, id: u64, event: Event, at: &str) -> Option<()> {
    let name = match event {
        Event::Created => "chatsession.created",
        Event::Changed => "chatsession.changed",
        Event::Message => "chatsession.message",
    };
    let number = Uuid::new_v4().to_string();
    let body = json!({
        "EventId": number, "Timestamp": at, "Changes": [], "Event": name, "PrimaryKey": id, "Entity": "chatsession",
        "ContextIdentifier": "Default", "ChangedByAssociateId": 316, "WebhookName": "chat",
    });
    let body = body.to_string();
    let (host, path) = webhook.url.strip_prefix("http://")?.split_once('/')?;
    let signature = signature(&webhook.secret, body.as_bytes())?;
    let head = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\nX-Superoffice-Event: {name}\r\nX-Superoffice-Eventid: {number}\r\n\
         X-Superoffice-Signature: {signature}\r\n\r\n",
        body.len()
    );
    let mut socket = TcpStream::connect(host).await.ok()?;
    socket.write_all(head.as_bytes()).await.ok()?;
    socket.write_all(body.as_bytes()).await.ok()?;
    // The answer is waited for, so that events arrive in their order.
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.ok()?;
    Some(())
}

const PATIENCE: Duration = Duration::from_secs(5);
