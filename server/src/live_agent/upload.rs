//! The servlet that takes the file an agent asked for.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use crate::call::{Call, text};
use crate::hub::{Conversation, Heard, Hub, Phase, Violation};
use crate::live_agent::session;

/// Takes a file over.
pub async fn receive(hub: &Arc<Hub>, call: &Call) -> Response {
    let file = file(call).await;
    let Some(ticket) = &call.ticket else {
        return text(StatusCode::OK, "Failure");
    };
    let taken = hub.with(&ticket.conversation, |conversation, _| take(call, conversation, file));
    text(StatusCode::OK, if taken == Some(true) { "Success" } else { "Failure" })
}

struct File {
    name: String,
    kind: String,
    size: usize,
}

fn take(call: &Call, conversation: &mut Conversation, file: Option<File>) -> bool {
    if call.headers.keys().any(|name| name.as_str().starts_with("x-liveagent-")) {
        conversation.blame(Violation::new("sessionHeaderOnUpload", "no session header belongs on an upload"));
    }
    let over = conversation.phase == Phase::Ended;
    let Ok(session) = session(conversation) else {
        return false;
    };
    let token = call.query.value("fileToken");
    if over || session.file.is_none() || session.file.as_deref() != token {
        return false;
    }
    session.file = None;
    let Some(file) = file.filter(|file| (1..=LARGEST_FILE).contains(&file.size)) else {
        conversation.push("FileTransfer", Some(json!({"type": "Failure"})));
        return false;
    };
    conversation.note(json!({"type": "upload", "name": file.name, "contentType": file.kind, "size": file.size}));
    conversation.push("FileTransfer", Some(json!({"type": "Success"})));
    conversation.hear(Heard::File(file.name));
    true
}

async fn file(call: &Call) -> Option<File> {
    let mut request = Request::new(Body::from(call.body.clone()));
    if let Some(kind) = call.headers.get(header::CONTENT_TYPE) {
        request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    request.extensions_mut().insert(axum::extract::DefaultBodyLimit::disable());
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    while let Some(part) = form.next_field().await.ok()? {
        if part.name() == Some("file") {
            let name = part.file_name()?.to_owned();
            let kind = part.content_type().unwrap_or_default().to_owned();
            let size = part.bytes().await.ok()?.len();
            return Some(File { name, kind, size });
        }
    }
    None
}

/// About what the vendor's own client allows.
const LARGEST_FILE: usize = 2_411_724;
