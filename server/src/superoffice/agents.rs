//! Who is there, and the requests that somebody leaves when nobody is.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::response::Response;
use serde_json::{Value, json};

use crate::call::{Call, Refusal};
use crate::hub::{Hub, Phase, Presence};
use crate::superoffice::route::Operation;
use crate::superoffice::session::Associate;
use crate::superoffice::{bad, found};

/// Everybody who answers chats (§5): people at the desk, and somebody else while the settings say that anybody is there.
pub fn presence(hub: &Hub) -> Value {
    let settings = hub.settings();
    let topics: Vec<u64> = settings.superoffice.topics.keys().filter_map(|id| id.parse().ok()).collect();
    let ongoing = hub.each(|conversation, _| conversation.phase == Phase::Talking).into_iter().filter(|on| *on).count();
    let one = |name: &str, is_present: bool| {
        json!({
            "UserId": Associate::named(name).id, "DisplayName": name, "OngoingChats": ongoing,
            "Present": if is_present { "Present" } else { "NotPresent" }, "ChatTopics": topics,
        })
    };
    let seats = hub.desk.seats();
    let mut users: Vec<Value> = seats.iter().map(|seat| one(&seat.name, seat.presence == Presence::Online)).collect();
    users.push(one("Noor B.", settings.available));
    json!(users)
}

/// Keeps a request, or its words, where a test finds them.
pub fn ticket(hub: &Hub, call: &Call, operation: Operation) -> Result<Response, Refusal> {
    let body = call.json().filter(Value::is_object).ok_or_else(|| bad("badBody", "an entity is wanted"))?;
    let kind = if operation == Operation::Ticket { "ticket" } else { "ticketMessage" };
    let session = hub.find(|conversation| conversation.session::<crate::superoffice::Session>().is_some());
    if let Some(id) = session {
        hub.with(&id, |conversation, _| conversation.note(json!({"type": kind, "entity": body.clone()})));
    }
    let mut stored = body;
    if let Some(fields) = stored.as_object_mut() {
        let name = if operation == Operation::Ticket { "TicketId" } else { "TicketMessageId" };
        fields.insert(name.to_owned(), json!(TICKETS.fetch_add(1, Ordering::Relaxed)));
    }
    Ok(found(&stored))
}

static TICKETS: AtomicU64 = AtomicU64::new(50_017);
