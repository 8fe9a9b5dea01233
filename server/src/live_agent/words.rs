//! What the agent's side does, spelt as Live Agent messages.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::hub::{Action, Because, Message, Person, Place};
use crate::live_agent::Session;
use crate::settings::{OptionalFields, Settings};

/// Spells an action, and keeps what the session must know of it.
pub fn express(session: &mut Session, action: &Action, agent: &str, settings: &Settings) -> Vec<Message> {
    let fields = settings.optional_fields;
    match action {
        Action::Succeed(place) => one("ChatRequestSuccess", success(session, place, settings)),
        Action::Queue(_) if !session.queue_updates => Vec::new(),
        Action::Queue(place) => {
            let wait = wait(place, settings);
            one("QueueUpdate", json!({"position": place.position, "estimatedWaitTime": wait}))
        }
        Action::Fail(because) => {
            let mut message = json!({"reason": reason(because, "Unavailable"), "attachedRecords": []});
            add(&mut message, fields, "postChatUrl", json!(""));
            one("ChatRequestFail", message)
        }
        Action::Accept(person) => {
            let mut message = agent_fields(session, person, fields);
            if fields != OptionalFields::Minimum {
                insert(&mut message, "items", json!([]));
            }
            one("ChatEstablished", message)
        }
        Action::Transfer(person) => one("ChatTransferred", agent_fields(session, person, fields)),
        Action::Say(text) | Action::SayHtml(text) => one("ChatMessage", said(text, agent, fields)),
        Action::Typing(on) => {
            let kind = if *on { "AgentTyping" } else { "AgentNotTyping" };
            let message = json!({"name": agent, "agentId": typing_id(agent)});
            vec![(kind.to_owned(), (fields != OptionalFields::Minimum).then_some(message))]
        }
        Action::TransferToQueue(_) => one("TransferToButtonInitiated", json!({})),
        Action::Join(person) => one("AgentJoinedConference", json!({"name": person.display_name()})),
        Action::Leave(person) => one("AgentLeftConference", json!({"name": person.display_name()})),
        Action::Disconnect(_) => one("AgentDisconnect", json!({})),
        Action::End(because) => one("ChatEnded", json!({"reason": reason(because, "agent"), "attachedRecords": []})),
        Action::CustomEvent(custom) => one("CustomEvent", json!({"type": custom.kind, "data": custom.data})),
        Action::RequestFile(_) => {
            let token = Uuid::new_v4().to_string();
            session.file = Some(token.clone());
            one("FileTransfer", file_request(session, &token))
        }
        Action::CancelFile(_) => {
            session.file = None;
            one("FileTransfer", json!({"type": "Canceled"}))
        }
        Action::SensitiveRules(rules) => one("SensitiveDataRules", json!({"sensitiveDataRules": rules})),
        Action::Notice(_) | Action::PushUrl(_) | Action::SendFile(_) | Action::IdleAlert { .. } => Vec::new(),
        Action::Raw(raw) => raw_message(raw),
    }
}

/// Where every visitor of this server is.
pub fn geo_location() -> Value {
    json!({
        "countryCode": "NL", "countryName": "Netherlands", "organization": "Example ISP",
        "latitude": 52.1, "longitude": 5.3,
    })
}

fn success(session: &Session, place: &Place, settings: &Settings) -> Value {
    let fields = settings.optional_fields;
    let mut message = json!({"queuePosition": place.position, "estimatedWaitTime": wait(place, settings)});
    if fields == OptionalFields::Minimum {
        return json!({"queuePosition": place.position});
    }
    insert(&mut message, "connectionTimeout", json!(settings.connection_timeout));
    insert(&mut message, "sensitiveDataRules", json!([]));
    insert(&mut message, "transcriptSaveEnabled", json!(false));
    insert(&mut message, "url", json!(""));
    insert(&mut message, "customDetails", json!([]));
    insert(&mut message, "visitorId", json!(session.visitor_id));
    insert(&mut message, "geoLocation", geo_location());
    add(&mut message, fields, "oref", json!(""));
    add(&mut message, fields, "postChatUrl", json!(""));
    message
}

fn agent_fields(session: &mut Session, person: &Person, fields: OptionalFields) -> Value {
    session.sneak_peek = person.sneak_peek;
    let name = person.display_name();
    if fields == OptionalFields::Minimum && person.idle.is_none() && !person.sneak_peek {
        return json!({"name": name, "userId": user_id(name)});
    }
    let idle = person.idle.map_or_else(
        || json!({"isEnabled": false}),
        |idle| json!({"isEnabled": true, "warningTime": idle.warning, "timeout": idle.timeout}),
    );
    json!({
        "name": name, "userId": user_id(name), "sneakPeekEnabled": person.sneak_peek, "chasitorIdleTimeout": idle,
    })
}

fn said(text: &str, agent: &str, fields: OptionalFields) -> Value {
    if fields == OptionalFields::Minimum {
        return json!({"text": text, "name": agent});
    }
    json!({
        "text": text, "name": agent, "schedule": {"responseDelayMilliseconds": 0}, "agentId": user_id(agent),
    })
}

fn file_request(session: &Session, token: &str) -> Value {
    json!({
        "type": "Requested", "uploadServletUrl": session.upload_url, "fileToken": token,
        "cdmServletUrl": session.upload_url,
    })
}

fn wait(place: &Place, settings: &Settings) -> f64 {
    let usual = || if place.position == 0 { 0.0 } else { settings.estimated_wait.unwrap_or(-1.0) };
    place.wait.unwrap_or_else(usual)
}

fn reason<'a>(because: &'a Because, usual: &'a str) -> &'a str {
    because.reason.as_deref().unwrap_or(usual)
}

fn raw_message(raw: &Value) -> Vec<Message> {
    let kind = raw.get("type").and_then(Value::as_str).unwrap_or_default();
    vec![(kind.to_owned(), raw.get("message").cloned())]
}

fn one(kind: &str, message: Value) -> Vec<Message> {
    vec![(kind.to_owned(), Some(message))]
}

fn add(message: &mut Value, fields: OptionalFields, name: &str, value: Value) {
    if fields == OptionalFields::Documented {
        insert(message, name, value);
    }
}

fn insert(message: &mut Value, name: &str, value: Value) {
    if let Some(fields) = message.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// An agent's record id; the same name has always the same.
fn user_id(name: &str) -> String {
    format!("0055x{:010X}", digest(name) & 0xff_ffff_ffff)
}

/// The id in typing messages, which is of another kind than the agent's record id.
fn typing_id(name: &str) -> String {
    let digest = digest(name);
    format!("3f6d1f0a-1111-4222-8333-{:012x}", digest & 0xffff_ffff_ffff)
}

fn digest(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
