//! The move of a chat to another server, and what brings the visitor's state back.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::call::{Call, Refusal, json_answer};
use crate::hub::{Conversation, Fact, Hub, Kind, Line, Replay, Reset, Rotation, Speaker};
use crate::live_agent::session::token;
use crate::live_agent::{checks, no_session, outbound, session, words};
use crate::settings::{OptionalFields, Settings, Stance};

/// Where a handover stands.
#[derive(Debug)]
pub enum Handover {
    /// Nothing moved.
    None,
    /// The chat moved and the client has not reconnected.
    Pending(Rotation),
    /// The client was given its new token and has not used it; asking again is no mistake.
    Answered(Rotation),
}

/// Answers `ReconnectSession`.
pub fn reconnect(hub: &Arc<Hub>, call: &mut Call) -> Result<Response, Refusal> {
    let id = call.ticket.as_ref().map(|ticket| ticket.conversation.clone()).ok_or_else(no_session)?;
    let answered = hub.with(&id, |conversation, settings| {
        checks::key(call, conversation, std::time::Duration::ZERO)?;
        checks::no_sequence(call)?;
        refuse_token(call)?;
        let offset = offset(call)?;
        let rotation = pending(conversation, settings)?;
        renew(conversation, settings, rotation, offset)
    });
    let message = answered.ok_or_else(no_session)??;
    if let Some(ticket) = &mut call.ticket {
        ticket.tell(Fact::NewToken);
    }
    Ok(json_answer(StatusCode::OK, &json!({"messages": [{"type": "ReconnectSession", "message": message}]})))
}

/// Answers the older `ResyncSession`.
pub fn resync(hub: &Arc<Hub>, call: &mut Call) -> Result<Response, Refusal> {
    let id = call.ticket.as_ref().map(|ticket| ticket.conversation.clone()).ok_or_else(no_session)?;
    let body = call.json().unwrap_or_default();
    let asked = call.query.value("SessionId").or_else(|| body.get("SessionId").and_then(Value::as_str));
    let answered = hub.with(&id, |conversation, settings| {
        checks::key(call, conversation, std::time::Duration::ZERO)?;
        checks::no_sequence(call)?;
        checks::affinity(call, session(conversation)?, Kind::Other)?;
        if asked != Some(conversation.id.as_str()) {
            return Ok(json!({"isValid": false}));
        }
        let offset = session(conversation)?.outbound.handed_offset();
        bring_back(conversation, settings, Replay::AfterOffset, offset)?;
        let session = session(conversation)?;
        Ok(json!({"isValid": true, "key": session.key, "affinityToken": session.affinity}))
    });
    Ok(json_answer(StatusCode::OK, &answered.ok_or_else(no_session)??))
}

fn refuse_token(call: &Call) -> Result<(), Refusal> {
    // A real server knows no other answer to a token of a server that is gone.
    checks::null_affinity(call).map_err(|refusal| Refusal { violation: refusal.violation, ..checks::moved() })
}

fn offset(call: &Call) -> Result<u64, Refusal> {
    let text = call.query.value("ReconnectSession.offset");
    let number = text.and_then(|text| text.parse().ok());
    let refusal = || checks::missing("ReconnectSession", "offset").blaming("badOffset", text.unwrap_or("none"));
    number.ok_or_else(refusal)
}

fn pending(conversation: &mut Conversation, settings: &Settings) -> Result<Rotation, Refusal> {
    let session = session(conversation)?;
    match &session.handover {
        Handover::Pending(rotation) | Handover::Answered(rotation) => Ok(rotation.clone()),
        Handover::None if settings.reconnect_outside_handover == Stance::Accept => Ok(Rotation::default()),
        Handover::None if session.told.outage => {
            Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"))
        }
        Handover::None => Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
            .blaming("reconnectOutsideHandover", "nothing had moved")),
    }
}

fn renew(
    conversation: &mut Conversation,
    settings: &Settings,
    rotation: Rotation,
    offset: u64,
) -> Result<Value, Refusal> {
    bring_back(conversation, settings, rotation.replay, offset)?;
    let session = session(conversation)?;
    if !matches!(session.handover, Handover::Answered(_)) {
        let old = std::mem::replace(&mut session.affinity, token());
        session.former.push(old);
    }
    if rotation.reset_sequence != Reset::False {
        session.last_sequence = 0;
    }
    let message = match rotation.reset_sequence {
        Reset::True => json!({"resetSequence": true, "affinityToken": session.affinity}),
        Reset::False => json!({"resetSequence": false, "affinityToken": session.affinity}),
        Reset::Missing => json!({"affinityToken": session.affinity}),
    };
    session.handover = Handover::Answered(rotation);
    conversation.wake();
    Ok(message)
}

fn bring_back(
    conversation: &mut Conversation,
    settings: &Settings,
    replay: Replay,
    offset: u64,
) -> Result<(), Refusal> {
    let state = if replay == Replay::None { None } else { Some(state(conversation, settings, replay, offset)?) };
    let session = session(conversation)?;
    session.awaiting_state = state.is_some();
    session.told.state = false;
    let first = state.clone().map(|state| outbound::content("ChasitorSessionData", Some(state)));
    let repeats = |kind: &str| replay != Replay::Transcript || kind != "ChatMessage";
    let moved = session.outbound.restart(first, offset, repeats);
    let told_at = session.outbound.last_offset();
    for line in &mut conversation.transcript {
        let now = moved.iter().find(|(before, _)| Some(*before) == line.offset).map(|(_, now)| *now);
        line.offset = now.or(line.offset);
    }
    if let Some(message) = state {
        let kind = "ChasitorSessionData".to_owned();
        conversation.record.sent.push(crate::hub::Sent { kind, message, offset: told_at });
    }
    Ok(())
}

fn state(conversation: &mut Conversation, settings: &Settings, replay: Replay, offset: u64) -> Result<Value, Refusal> {
    let belongs = |line: &&Line| replay != Replay::AfterOffset || line.offset.is_none_or(|told| told <= offset);
    let lines = conversation.transcript.iter().filter(belongs).filter_map(|line| Some((kind(line.speaker)?, line)));
    let messages: Vec<Value> = lines.enumerate().map(|(index, (kind, line))| entry(index, kind, line)).collect();
    let position = conversation.position;
    let session = session(conversation)?;
    let mut state = json!({
        "queuePosition": position,
        "sneakPeekEnabled": session.sneak_peek,
        "chatMessages": messages,
    });
    if let (true, Some(fields)) = (settings.optional_fields != OptionalFields::Minimum, state.as_object_mut()) {
        fields.insert("geoLocation".to_owned(), words::geo_location());
        fields.insert("url".to_owned(), json!(""));
        fields.insert("oref".to_owned(), json!(""));
        fields.insert("postChatUrl".to_owned(), json!(""));
    }
    Ok(state)
}

/// What a speaker is called; a visitor of Live Agent is told nothing of the system's lines.
fn kind(speaker: Speaker) -> Option<&'static str> {
    match speaker {
        Speaker::Agent => Some("Agent"),
        Speaker::Visitor => Some("Chasitor"),
        Speaker::Transfer => Some("OperatorTransferred"),
        Speaker::System => None,
    }
}

fn entry(index: usize, kind: &str, line: &Line) -> Value {
    json!({"type": kind, "name": line.name, "content": line.text, "timestamp": line.at, "sequence": index})
}
