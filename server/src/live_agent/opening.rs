//! `SessionId`: where a session begins and where it is deleted.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, Refusal, json_answer, text};
use crate::hub::{Conversation, Hub, Kind, Outcome, Phase};
use crate::live_agent::{Life, Resource, Session, checks, line, no_session, session};
use crate::url;

/// Opens a session.
pub fn open(hub: &Arc<Hub>, call: &mut Call) -> Result<Response, Refusal> {
    checks::null_affinity(call)?;
    checks::no_sequence(call)?;
    let id = Uuid::new_v4().to_string();
    let fresh = Session::new(&id, hub.epoch_ms(), hub.base());
    let mut body = json!({"id": id, "key": fresh.key, "affinityToken": fresh.affinity});
    let timeout = hub.settings().client_poll_timeout;
    if let (false, Some(fields)) = (timeout == Value::Null, body.as_object_mut()) {
        fields.insert("clientPollTimeout".to_owned(), timeout);
    }
    let mut conversation = Conversation::new(id.clone(), fresh);
    let number = conversation.open_request(line(call), Kind::Other);
    conversation.close_request(number, Kind::Other, Some(200), Outcome::Answered);
    hub.add(conversation);
    Ok(json_answer(StatusCode::OK, &body))
}

/// Deletes a session; the key stands in the path.
pub fn close(hub: &Arc<Hub>, call: &mut Call) -> Result<Response, Refusal> {
    checks::no_sequence(call)?;
    let key = url::decode(Resource::of(&call.path).tail);
    let id = call.ticket.as_ref().map(|ticket| ticket.conversation.clone()).ok_or_else(no_session)?;
    let deleted = hub.with(&id, |conversation, _| {
        let phase = conversation.phase;
        let session = session(conversation)?;
        if session.key != key || !matches!(session.life, Life::Alive | Life::Terminated) {
            return Err(no_session());
        }
        if session.life == Life::Alive && phase != Phase::Ended {
            checks::affinity(call, session, Kind::Other)?;
        }
        session.life = Life::Deleted;
        conversation.note(json!({"type": "delete"}));
        conversation.finish();
        Ok(())
    });
    deleted.ok_or_else(no_session)??;
    if let Some(ticket) = &mut call.ticket {
        ticket.tell(crate::hub::Fact::Over);
    }
    Ok(text(StatusCode::OK, "OK"))
}
