//! The visitor's POSTs: numbered, checked, and processed exactly once.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::agent;
use crate::call::{Call, Refusal, empty, text};
use crate::hub::{Action, Because, Conversation, Delivered, Fact, Hub, Kind, Phase, Place, Violation};
use crate::live_agent::checks::{self, Passage, Step};
use crate::live_agent::deed::{Deed, Init};
use crate::live_agent::{SEQUENCE, no_session, session};
use crate::settings::{ChatRequest, PostAnswer, Settings, Stance};

/// Answers a POST.
pub fn receive(hub: &Arc<Hub>, call: &mut Call, noun: &str) -> Result<Response, Refusal> {
    let id = call.ticket.as_ref().map(|ticket| ticket.conversation.clone()).ok_or_else(no_session)?;
    let now = Moment { at: hub.epoch_ms(), wait: hub.estimated_wait(0.0) };
    let processed = hub.with(&id, |conversation, settings| {
        let began = conversation.phase;
        let done = process(call, noun, conversation, settings, &now)?;
        Ok((done, began == Phase::Opening && conversation.phase == Phase::Queued, settings.post_answer))
    });
    let (done, begins, answer) = processed.ok_or_else(no_session)??;
    if begins {
        agent::attend(hub, &id);
    }
    if let (true, Some(ticket)) = (done.over, &mut call.ticket) {
        ticket.tell(Fact::Over);
    }
    if done.passage == Passage::OpenThenMoved {
        return Err(checks::moved());
    }
    Ok(match answer {
        PostAnswer::Ok => text(StatusCode::OK, "OK"),
        PostAnswer::Accepted => text(StatusCode::ACCEPTED, "OK"),
        PostAnswer::Empty => empty(StatusCode::OK),
    })
}

struct Moment {
    at: u64,
    wait: f64,
}

struct Done {
    passage: Passage,
    over: bool,
}

fn process(
    call: &Call,
    noun: &str,
    conversation: &mut Conversation,
    settings: &Settings,
    now: &Moment,
) -> Result<Done, Refusal> {
    let grace = Duration::from_millis(settings.grace_ms);
    checks::key(call, conversation, grace)?;
    let passage = checks::affinity(call, session(conversation)?, Kind::Post)?;
    let step = if noun == "ChasitorResyncState" {
        checks::no_sequence(call)?;
        Step::Fresh(None)
    } else {
        checks::sequence(call, conversation, settings)?
    };
    let Step::Fresh(number) = step else {
        return Ok(Done { passage, over: false });
    };
    if conversation.phase == Phase::Ended {
        return Err(checks::ended(call, session(conversation)?, grace));
    }
    checks::content_type(call, settings)?;
    state_first(noun, conversation, settings)?;
    let nouns = read(call, noun, conversation)?;
    for (_, noun, _) in &nouns {
        checks::early(noun, conversation, settings)?;
    }
    if let Some(number) = number {
        session(conversation)?.last_sequence = number;
    }
    for (index, _, deed) in nouns {
        apply(call, index, deed, conversation, settings, now);
    }
    Ok(Done { passage, over: conversation.phase == Phase::Ended })
}

/// After a reconnect nothing may come before the visitor's state was delivered.
fn state_first(noun: &str, conversation: &mut Conversation, settings: &Settings) -> Result<(), Refusal> {
    let session = session(conversation)?;
    let waits = session.awaiting_state && !session.told.state && noun != "ChasitorResyncState";
    if waits && settings.post_before_session_data == Stance::Refuse {
        let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "java.lang.NullPointerException");
        return Err(refusal.blaming("postBeforeSessionData", noun));
    }
    Ok(())
}

type Numbered = (Option<usize>, String, Deed);

fn read(call: &Call, noun: &str, conversation: &Conversation) -> Result<Vec<Numbered>, Refusal> {
    let bodiless = ["ChasitorTyping", "ChasitorNotTyping"].contains(&noun) && call.body.is_empty();
    let body = if bodiless { json!({}) } else { call.json().unwrap_or(Value::Null) };
    if !body.is_object() {
        let refusal = Refusal::new(StatusCode::BAD_REQUEST, format!("Request is not a valid {noun}"));
        return Err(refusal.blaming("badJson", noun));
    }
    if noun != "MultiNoun" {
        return Ok(vec![(None, noun.to_owned(), Deed::parse(noun, &body, &conversation.id)?)]);
    }
    let Some(nouns) = body.get("nouns").and_then(Value::as_array) else {
        return Err(checks::missing(noun, "nouns").blaming("missingField", "MultiNoun without nouns"));
    };
    let each = nouns.iter().enumerate().map(|(index, one)| {
        let name = one.get("noun").and_then(Value::as_str).unwrap_or_default();
        let prefix = one.get("prefix").and_then(Value::as_str).unwrap_or_default();
        if !matches!((prefix, name), ("Visitor", "Breadcrumb") | ("Chasitor", _)) || name == "ChasitorInit" {
            return Err(checks::missing(noun, "noun").blaming("badNoun", format!("{prefix}/{name}")));
        }
        let object = one.get("object").cloned().or_else(|| one.get("data").map(unpacked)).unwrap_or_else(|| json!({}));
        Ok((Some(index), name.to_owned(), Deed::parse(name, &object, &conversation.id)?))
    });
    let nouns: Vec<Numbered> = each.collect::<Result<_, _>>()?;
    let end = nouns.iter().position(|(_, name, _)| name == "ChatEnd");
    if end.is_some_and(|place| place + 1 < nouns.len()) {
        return Err(no_session().blaming("afterEnd", "a noun behind ChatEnd"));
    }
    Ok(nouns)
}

/// The guide's type table wants `data`, a string, where its example has `object`.
fn unpacked(data: &Value) -> Value {
    data.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| data.clone())
}

fn apply(
    call: &Call,
    noun_index: Option<usize>,
    deed: Deed,
    conversation: &mut Conversation,
    settings: &Settings,
    now: &Moment,
) {
    match deed {
        Deed::Init(init) => begin(*init, conversation, settings, now),
        Deed::Message(text) => {
            let sequence = call.header(SEQUENCE).and_then(|number| number.parse().ok());
            conversation.deliver(Delivered { text, sequence, noun_index }, now.at);
        }
        Deed::Peek(text) => {
            if session(conversation).is_ok_and(|session| !session.sneak_peek) {
                conversation.blame(Violation::new("sneakPeekNotEnabled", "the agent may not see unsent words"));
            }
            conversation.peek(text);
        }
        Deed::End(reason) => {
            conversation.note(json!({"type": "end", "reason": reason}));
            let _over = conversation.act(&Action::End(Because::of(&reason)), settings, now.at);
        }
        Deed::Breadcrumb(location) => {
            conversation.note(json!({"type": "breadcrumb", "location": location}));
            conversation.push("NewVisitorBreadcrumb", Some(json!({"location": location})));
        }
        Deed::Note(event) => conversation.note(event),
    }
}

fn begin(init: Init, conversation: &mut Conversation, settings: &Settings, now: &Moment) {
    let mut event = init.whole;
    if let Some(fields) = event.as_object_mut() {
        fields.insert("type".to_owned(), json!("init"));
    }
    conversation.note(event);
    conversation.visitor_name = init.name;
    conversation.since = tokio::time::Instant::now();
    conversation.phase = Phase::Queued;
    if let Ok(session) = session(conversation) {
        session.initialised = true;
        session.queue_updates = init.queue_updates;
    }
    if settings.chat_request == ChatRequest::Silent {
        return;
    }
    let action = if settings.available {
        Action::Succeed(Place { position: settings.queue_position, wait: Some(now.wait) })
    } else {
        Action::Fail(Because::of("Unavailable"))
    };
    let _over = conversation.act(&action, settings, now.at);
}
