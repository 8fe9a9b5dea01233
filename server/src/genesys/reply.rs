//! The envelope that every operation answers with, bent as the switches want it, and what a client learns from it.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::call::{self, Call, Refusal};
use crate::genesys::party::{BOT, put};
use crate::genesys::resource::{Operation, Resource, Variant};
use crate::genesys::session::{Life, Session};
use crate::genesys::switches::{
    Attributes, EmptyMessages, EventOrder, IdleTimerExpire, NextPosition, ParticipantId, ReplyIdentity, StartReply,
    Switches, Told, TypeNames, Untrusted,
};
use crate::hub::Fact;

/// What an answer says.
#[derive(Debug, Default)]
pub struct Envelope {
    /// The `statusCode`.
    pub code: u8,
    /// The `chatEnded`; none is left out.
    pub ended: Option<bool>,
    /// The events.
    pub messages: Vec<Value>,
    /// The index behind the last event.
    pub next: Option<u64>,
    /// What went wrong.
    pub errors: Vec<Complaint>,
    /// What the operation itself brings back.
    pub user_data: Option<Value>,
}

/// An error: its code and advice.
pub type Complaint = (u32, Option<String>);

/// Why a request is not carried out.
#[derive(Debug)]
pub enum Stop {
    /// The front end refuses it.
    Refused(Refusal),
    /// The front end finds its fields wanting.
    Invalid(Complaint),
    /// Chat Server says no.
    Told(Envelope),
    /// Nobody knows what it is about.
    NotFound,
}

impl Envelope {
    /// All is well.
    pub fn good(ended: bool) -> Self {
        Self { ended: Some(ended), ..Self::default() }
    }

    /// It cannot be done, and never will be.
    pub fn refused(ended: bool, code: u32, advice: &str) -> Self {
        let errors = vec![(code, Some(advice.to_owned()))];
        Self { code: 2, ended: Some(ended), errors, ..Self::default() }
    }

    /// The session is gone; `reference` is Chat Server's own number for it.
    pub fn gone(reference: u32) -> Self {
        Self::refused(true, GENERAL, &format!("request could not be executed, ref {reference}"))
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Answers with an envelope, and notes what the client will know when it arrives.
pub fn respond(
    call: &mut Call,
    session: Option<&mut Session>,
    switches: &Switches,
    resource: &Resource,
    envelope: &Envelope,
) -> Response {
    let body = render(session.as_deref(), switches, resource, envelope);
    if let Some(session) = session {
        let is_poll = resource.operation == Some(Operation::Poll);
        if envelope.code == 0 {
            session.last_flag = envelope.ended.unwrap_or(session.last_flag);
            let events = body.get("messages").and_then(Value::as_array);
            let seen = events.and_then(|events| events.iter().filter_map(|event| event.get("index")?.as_u64()).max());
            let next = envelope.next.filter(|_| is_poll);
            session.manners.tell(next.unwrap_or_default().max(seen.map_or(0, |seen| seen + 1)));
        }
        for fact in facts(session, resource, &body, envelope) {
            if let Some(ticket) = &mut call.ticket {
                ticket.tell(fact);
            }
        }
    }
    call::json_answer(StatusCode::OK, &body)
}

/// Answers that fields are wanting.
pub fn invalid(complaint: &Complaint) -> Response {
    call::json_answer(StatusCode::BAD_REQUEST, &json!({"errors": [spelt(complaint)]}))
}

fn facts(session: &Session, resource: &Resource, body: &Value, envelope: &Envelope) -> Vec<Fact> {
    let is_poll = resource.operation == Some(Operation::Poll);
    let mut facts = Vec::new();
    let says_over = envelope.code != 1 && body.get("chatEnded") == Some(&Value::Bool(true));
    if says_over || (is_poll && envelope.code == 2) {
        facts.push(Fact::Over);
    }
    // Here the state is all that was left to tell; a poll that comes again finds nothing.
    if is_poll && envelope.code == 0 && session.life == Life::Ended {
        facts.push(Fact::State);
    }
    if envelope.code == 0 && body.get("alias").is_some() {
        facts.push(Fact::NewToken);
    }
    facts
}

fn render(session: Option<&Session>, switches: &Switches, resource: &Resource, envelope: &Envelope) -> Value {
    let is_start = resource.operation == Some(Operation::Start);
    let as_documented = is_start && switches.start_reply == StartReply::Documented;
    let mut body = json!({"statusCode": envelope.code});
    if let (Told::Told, false, Some(ended)) = (switches.chat_ended, as_documented, envelope.ended) {
        put(&mut body, "chatEnded", json!(ended));
    }
    if envelope.code == 0 {
        if let Some(session) = session {
            identify(&mut body, session, switches, resource);
            let span = session.silence.left();
            match (switches.idle_timer_expire, span) {
                (IdleTimerExpire::Number, Some(left)) => put(&mut body, "idleTimerExpire", json!(left)),
                (IdleTimerExpire::Text, Some(left)) => put(&mut body, "idleTimerExpire", json!(left.to_string())),
                _ => {}
            }
        }
        let next = envelope.next.filter(|_| !as_documented);
        match (switches.next_position, next) {
            (NextPosition::Told, Some(next)) => put(&mut body, "nextPosition", json!(next)),
            (NextPosition::Zero, Some(_)) => put(&mut body, "nextPosition", json!(0)),
            _ => {}
        }
    } else if let (Untrusted::Rubbish, Some(_)) = (switches.untrusted, session) {
        // Whoever copies these notices: they fit no session.
        put(&mut body, "alias", json!("0"));
        put(&mut body, "nextPosition", json!(1));
    }
    let messages = if is_start && switches.start_reply == StartReply::NoMessages {
        Vec::new()
    } else {
        arranged(&envelope.messages, switches)
    };
    match (messages.is_empty(), switches.empty_messages) {
        (true, EmptyMessages::Missing) => {}
        (true, EmptyMessages::Null) => put(&mut body, "messages", Value::Null),
        _ => put(&mut body, "messages", Value::Array(messages)),
    }
    if !envelope.errors.is_empty() {
        put(&mut body, "errors", envelope.errors.iter().map(spelt).collect());
    }
    if let Some(data) = &envelope.user_data {
        put(&mut body, "userData", data.clone());
    }
    body
}

fn identify(body: &mut Value, session: &Session, switches: &Switches, resource: &Resource) {
    let is_start = resource.operation == Some(Operation::Start);
    let has_moved = session.told.alias.is_none() && !session.former.is_empty();
    let is_bare = switches.reply_identity == ReplyIdentity::Bare && !is_start;
    if !is_bare || has_moved {
        put(body, "alias", json!(session.alias));
    }
    // On v1 only the first answer is known to hold more than the alias.
    if is_bare || (resource.variant == Variant::WebApi && !is_start) {
        return;
    }
    put(body, "userId", json!(session.user_id));
    put(body, "secureKey", json!(session.secure_key));
    put(body, "chatId", json!(session.chat));
}

fn arranged(events: &[Value], switches: &Switches) -> Vec<Value> {
    let copies = if switches.each_twice { 2 } else { 1 };
    let each = events.iter().map(|event| spelt_event(event, switches));
    let mut events: Vec<Value> = each.flat_map(|event| std::iter::repeat_n(event, copies)).collect();
    if switches.event_order == EventOrder::Descending {
        events.reverse();
    }
    events
}

fn spelt_event(event: &Value, switches: &Switches) -> Value {
    let mut event = event.clone();
    let Some(fields) = event.as_object_mut() else {
        return event;
    };
    if !switches.utc_time {
        fields.remove("utcTime");
    }
    rewrite(fields, "type", |kind| named(kind, switches));
    if let Some(from) = fields.get_mut("from").and_then(Value::as_object_mut) {
        rewrite(from, "type", |kind| match kind.as_str() {
            Some(BOT) => named(&json!(switches.bot_type), switches),
            Some("Agent") => named(&json!(switches.agent_type.as_deref().unwrap_or("Agent")), switches),
            _ => named(kind, switches),
        });
        if switches.participant_id == ParticipantId::Text {
            rewrite(from, "participantId", |id| if id.is_number() { json!(id.to_string()) } else { id.clone() });
        }
    }
    rewrite(fields, "eventAttributes", |attributes| match (switches.attributes, attributes.as_object()) {
        (Attributes::InnerText, Some(inner)) => {
            inner.iter().map(|(name, value)| (name.clone(), json!(value.to_string()))).collect()
        }
        (Attributes::Text, Some(_)) => json!(attributes.to_string()),
        _ => attributes.clone(),
    });
    event
}

fn named(kind: &Value, switches: &Switches) -> Value {
    match (switches.type_names, kind.as_str()) {
        (TypeNames::Lower, Some(name)) => json!(name.to_lowercase()),
        _ => kind.clone(),
    }
}

fn rewrite(fields: &mut Map<String, Value>, name: &str, change: impl FnOnce(&Value) -> Value) {
    if let Some(field) = fields.get_mut(name) {
        *field = change(field);
    }
}

fn spelt((code, advice): &Complaint) -> Value {
    let mut error = json!({"code": code});
    if let Some(advice) = advice {
        put(&mut error, "advice", json!(advice));
    }
    error
}

/// The code of an error that says nothing in particular.
pub const GENERAL: u32 = 249;
