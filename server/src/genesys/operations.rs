//! What a visitor does in a session, the asking for news excepted.

use axum::http::{StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::call;
use crate::genesys::fields::Fields;
use crate::genesys::party::{Party, Role, put};
use crate::genesys::reply::{Envelope, GENERAL, Stop};
use crate::genesys::resource::{Operation, Resource, Variant};
use crate::genesys::session::{Life, Session};
use crate::genesys::switches::Switches;
use crate::genesys::words;
use crate::hub::{Conversation, Delivered, Heard, Phase, Violation};
use crate::settings::Settings;

/// What an operation brings back.
#[derive(Debug)]
pub enum Done {
    /// An envelope.
    Told(Envelope),
    /// A file: its type and content.
    File(String, Bytes),
}

/// Carries out one operation.
pub fn perform(
    conversation: &mut Conversation,
    settings: &Settings,
    resource: &Resource,
    fields: &Fields,
    at: u64,
) -> Result<Done, Stop> {
    let switches = &settings.genesys;
    match session(conversation)?.life {
        Life::Alive => {}
        Life::Removed(reference) => return Err(Stop::Told(Envelope::gone(reference))),
        Life::Ended | Life::Left => return Err(Stop::Told(Envelope::gone(OVER))),
    }
    let mut extra = None;
    match resource.operation {
        Some(Operation::Send) => send(conversation, fields, switches, at)?,
        Some(Operation::StartTyping) => type_on(conversation, fields, switches, at)?,
        Some(Operation::StopTyping) => type_off(conversation, fields, switches, at)?,
        Some(Operation::Leave) => return Ok(Done::Told(leave(conversation, at)?)),
        Some(Operation::PushUrl) => {
            let url = required(conversation, fields, "pushUrl")?;
            conversation.note(json!({"type": "pushUrl", "url": url}));
            push_own(conversation, "PushUrl", at, |event| put(event, "text", json!(url)))?;
        }
        Some(Operation::Rename) => {
            let name = required(conversation, fields, "nickname")?;
            conversation.rename(name.clone());
            session(conversation)?.parties.rename_client(&name);
            push_own(conversation, "NicknameUpdated", at, |_| {})?;
        }
        Some(Operation::Notice) => notice(conversation, fields, at)?,
        Some(Operation::UpdateData) if fields.user_data.is_empty() => {
            return Err(lacks(conversation, "userData"));
        }
        Some(Operation::UpdateData) => conversation.note(json!({"type": "updateData", "userData": fields.user_data})),
        Some(Operation::Read) => {
            let position = required(conversation, fields, "transcriptPosition")?;
            conversation.note(json!({"type": "readReceipt", "position": position}));
            return Ok(Done::Told(envelope(conversation, resource, None)?));
        }
        Some(Operation::FileLimits) => {
            let limits = session(conversation)?.files.limits(&switches.files);
            let mut notice = session(conversation)?.parties.system().words("file-client-cfg-get", at);
            put(&mut notice, "type", json!("Notice"));
            put(&mut notice, "userData", limits);
            return Ok(Done::Told(Envelope { messages: vec![notice], ..envelope(conversation, resource, None)? }));
        }
        Some(Operation::Upload) => extra = Some(upload(conversation, fields, switches, at)?),
        Some(Operation::Download) => {
            let file = resource.file.as_deref().unwrap_or_default();
            let fetched = session(conversation)?.files.fetch(file, &switches.files).ok_or(Stop::NotFound)?;
            let (kind, bytes) = fetched.map_err(Stop::Invalid)?;
            conversation.note(json!({"type": "download", "id": file}));
            return Ok(Done::File(kind, bytes));
        }
        Some(Operation::DeleteFile) => {
            let file = resource.file.as_deref().unwrap_or_default();
            let name = session(conversation)?.files.delete(file, &switches.files).ok_or(Stop::NotFound)?;
            conversation.note(json!({"type": "deleteFile", "name": name}));
            push_own(conversation, "FileDeleted", at, |event| put(event, "userData", json!({"file-id": file})))?;
        }
        Some(Operation::Start | Operation::Poll | Operation::Show) | None => return Err(Stop::NotFound),
    }
    let told = envelope(conversation, resource, fields.position())?;
    Ok(Done::Told(Envelope { user_data: extra, ..told }))
}

/// The Genesys state of a conversation.
pub fn session(conversation: &mut Conversation) -> Result<&mut Session, Stop> {
    conversation.session_mut().ok_or(Stop::NotFound)
}

/// Takes a visitor's words over, and tells everybody.
pub fn say(conversation: &mut Conversation, text: &str, fields: &Fields, at: u64) {
    conversation.deliver(Delivered { text: text.to_owned(), sequence: None, noun_index: None }, at);
    let kind = fields.given("messageType").unwrap_or("text");
    if let Ok(session) = session(conversation) {
        session.draft.clear();
    }
    let _gone = push_own(conversation, "Message", at, |event| {
        put(event, "text", json!(text));
        put(event, "messageType", json!(kind));
        if let Some(attributes) = fields.attributes() {
            put(event, "eventAttributes", attributes);
        }
    });
}

/// Shows the agent what is not sent yet, when it changed.
pub fn preview(conversation: &mut Conversation, text: &str) -> Result<(), Stop> {
    let session = session(conversation)?;
    if session.draft != text {
        text.clone_into(&mut session.draft);
        conversation.peek(text.to_owned());
    }
    Ok(())
}

/// Checks that words are not too many for a packet.
pub fn check_length(text: &str, switches: &Switches) -> Result<(), Stop> {
    if text.chars().count() <= switches.message_limit {
        return Ok(());
    }
    Err(Stop::Invalid((204, Some(switches.message_limit.to_string()))))
}

/// The state of a chat, as v1 shows it.
pub fn show(conversation: &Conversation, session: &Session) -> Value {
    let state = match conversation.phase {
        Phase::Opening | Phase::Queued => "WaitingForAgent",
        Phase::Talking => "Chatting",
        Phase::Ended => "Idle",
    };
    let capabilities = ["SendMessage", "SendStartTypingNotification", "SendStopTypingNotification", "Complete"];
    json!({"statusCode": 0, "chat": {
        "id": conversation.id, "state": state, "capabilities": capabilities, "participants": session.parties.report(),
    }})
}

/// A file as an answer.
pub fn hand_out(kind: &str, bytes: Bytes) -> Response {
    let mut response = call::empty(StatusCode::OK);
    if let Ok(kind) = header::HeaderValue::from_str(kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    *response.body_mut() = bytes.into();
    response
}

fn envelope(conversation: &mut Conversation, resource: &Resource, position: Option<i64>) -> Result<Envelope, Stop> {
    let session = session(conversation)?;
    let messages = if position.is_some() { session.story.since(position, 0) } else { Vec::new() };
    let next = (resource.variant == Variant::Mobile).then(|| session.story.next());
    Ok(Envelope { messages, next, ..Envelope::good(false) })
}

fn send(conversation: &mut Conversation, fields: &Fields, switches: &Switches, at: u64) -> Result<(), Stop> {
    let name = match session(conversation)?.variant {
        Variant::WebApi => "text",
        Variant::Mobile => "message",
    };
    let Some(text) = fields.value(name) else {
        return Err(lacks(conversation, name));
    };
    if text.trim().is_empty() {
        conversation.blame(Violation::new("blankMessage", format!("{text:?}")));
        return Err(Stop::Invalid((GENERAL, Some(format!("{name} is empty")))));
    }
    check_length(text, switches)?;
    say(conversation, text, fields, at);
    Ok(())
}

fn type_on(conversation: &mut Conversation, fields: &Fields, switches: &Switches, at: u64) -> Result<(), Stop> {
    conversation.note(json!({"type": "typing"}));
    typed(conversation, "TypingStarted", fields, switches, at)
}

fn type_off(conversation: &mut Conversation, fields: &Fields, switches: &Switches, at: u64) -> Result<(), Stop> {
    conversation.note(json!({"type": "notTyping"}));
    typed(conversation, "TypingStopped", fields, switches, at)
}

fn typed(
    conversation: &mut Conversation,
    kind: &str,
    fields: &Fields,
    switches: &Switches,
    at: u64,
) -> Result<(), Stop> {
    let text = fields.given("message");
    if let Some(text) = text {
        check_length(text, switches)?;
        preview(conversation, text)?;
    }
    if !switches.typing_echo {
        return Ok(());
    }
    push_own(conversation, kind, at, |event| {
        if let Some(text) = text {
            put(event, "text", json!(text));
        }
    })
}

fn leave(conversation: &mut Conversation, at: u64) -> Result<Envelope, Stop> {
    conversation.note(json!({"type": "end", "reason": "client"}));
    let session = session(conversation)?;
    session.life = Life::Left;
    for (kind, content) in words::farewell(&mut session.parties, at) {
        conversation.push(&kind, content);
    }
    conversation.finish();
    Ok(Envelope::good(true))
}

fn notice(conversation: &mut Conversation, fields: &Fields, at: u64) -> Result<(), Stop> {
    let (text, attributes) = (fields.value("message").unwrap_or_default(), fields.attributes());
    conversation.note(json!({"type": "customNotice", "text": text, "eventAttributes": attributes}));
    let cancels = attributes.as_ref().is_some_and(|it| it.get("purpose") == Some(&json!("cancel-idle-timer")));
    if cancels {
        session(conversation)?.silence.end();
    }
    push_own(conversation, "CustomNotice", at, |event| {
        put(event, "text", json!(text));
        if let Some(attributes) = attributes {
            put(event, "eventAttributes", attributes);
        }
    })
}

fn upload(conversation: &mut Conversation, fields: &Fields, switches: &Switches, at: u64) -> Result<Value, Stop> {
    let Some(file) = &fields.file else {
        return Err(lacks(conversation, "file"));
    };
    let session = session(conversation)?;
    session.files.check(file, &switches.files, &session.parties).map_err(Stop::Invalid)?;
    let mut data = session.files.keep(&file.name, &file.kind, file.bytes.clone(), Role::Client);
    let description = fields.user_data.get("file-description");
    if let Some(description) = description {
        put(&mut data, "file-description", description.clone());
    }
    let told = json!({"file-id": data.get("file-id")});
    push_own(conversation, "FileUploaded", at, |event| put(event, "userData", data))?;
    let size = file.bytes.len();
    conversation.note(json!({"type": "upload", "name": file.name, "contentType": file.kind, "size": size}));
    conversation.hear(Heard::File(file.name.clone()));
    Ok(told)
}

/// An event of the visitor's own.
fn push_own(conversation: &mut Conversation, kind: &str, at: u64, shape: impl FnOnce(&mut Value)) -> Result<(), Stop> {
    let client = session(conversation)?.parties.client();
    let client = client.unwrap_or_else(|| Party { id: 1, nickname: String::new(), role: Role::Client });
    let mut event = client.event(at);
    shape(&mut event);
    conversation.push(kind, Some(event));
    Ok(())
}

fn required(conversation: &mut Conversation, fields: &Fields, name: &str) -> Result<String, Stop> {
    fields.given(name).map(str::to_owned).ok_or_else(|| lacks(conversation, name))
}

fn lacks(conversation: &mut Conversation, name: &str) -> Stop {
    conversation.blame(Violation::new("missingField", format!("without {name}")));
    Stop::Invalid((GENERAL, Some(format!("{name} is missing"))))
}

/// Chat Server's number for a session that is over.
pub const OVER: u32 = 8201;
