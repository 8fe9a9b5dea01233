//! Which headers belong on which resource, and what happens to a request that gets them wrong.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use tokio::time::Instant;

use crate::call::{Call, Refusal};
use crate::hub::{Conversation, Kind, Notices, Phase, Violation};
use crate::live_agent::handover::Handover;
use crate::live_agent::{AFFINITY, KEY, Life, Resource, SEQUENCE, Session, VERSION, no_session, session};
use crate::settings::{Settings, Stance};

/// Checks that the resource exists, takes this method, and that the request names its version.
pub fn resource(call: &Call, resource: &Resource<'_>) -> Result<(), Refusal> {
    let methods: &[Method] = match (resource.prefix, resource.noun) {
        ("upload", _) => return method(call, &[Method::POST]),
        ("System", "SessionId") => &[Method::GET, Method::DELETE],
        ("System", "Messages" | "ReconnectSession" | "ResyncSession")
        | ("Visitor", "Settings" | "Availability" | "VisitorId") => &[Method::GET],
        ("System", "MultiNoun") | ("Visitor", "Breadcrumb") => &[Method::POST],
        ("Chasitor", noun) if CHASITOR.contains(&noun) => &[Method::POST],
        ("System", "MultiNoun.jsonp") | ("Visitor", "Settings.jsonp") => return method(call, &[Method::GET]),
        _ => return Err(Refusal::new(StatusCode::NOT_FOUND, "Not Found").blaming("unknownResource", &call.path)),
    };
    method(call, methods)?;
    let version = call.header(VERSION).and_then(|text| text.parse::<u32>().ok());
    match version {
        Some(_) => Ok(()),
        None => {
            Err(Refusal::new(StatusCode::BAD_REQUEST, "No version header found").blaming("missingVersion", &call.noun))
        }
    }
}

fn method(call: &Call, allowed: &[Method]) -> Result<(), Refusal> {
    if allowed.contains(&call.method) {
        return Ok(());
    }
    let detail = format!("{} {}", call.method, call.noun);
    Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").blaming("wrongMethod", detail))
}

/// Checks the session key, and that the session is good.
pub fn key(call: &Call, conversation: &mut Conversation, grace: Duration) -> Result<(), Refusal> {
    let session = session(conversation)?;
    match call.header(KEY) {
        None => return Err(no_session().blaming("missingKey", &call.noun)),
        Some(key) if key != session.key => return Err(no_session().blaming("wrongKey", &call.noun)),
        Some(_) => {}
    }
    if session.life == Life::Alive { Ok(()) } else { Err(ended(call, session, grace)) }
}

/// The refusal of a request after the end. It is a breach when the client knew of the end for longer than `grace`.
pub fn ended(call: &Call, session: &Session, grace: Duration) -> Refusal {
    let arrival = call.ticket.as_ref().map_or_else(Instant::now, |ticket| ticket.arrival);
    let knew = session.told.over.is_some_and(|told| told + grace <= arrival);
    let refusal = no_session();
    if knew { refusal.blaming("afterEnd", &call.noun) } else { refusal }
}

/// What the affinity token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Go on.
    Open,
    /// Go on, but answer as if the request had come too late.
    OpenThenMoved,
}

/// Checks the affinity token.
pub fn affinity(call: &Call, session: &mut Session, kind: Kind) -> Result<Passage, Refusal> {
    let token = call.header(AFFINITY);
    let arrival = call.ticket.as_ref().map_or_else(Instant::now, |ticket| ticket.arrival);
    if token == Some(session.affinity.as_str()) {
        return match &mut session.handover {
            Handover::None => Ok(Passage::Open),
            Handover::Answered(_) => {
                session.handover = Handover::None;
                Ok(Passage::Open)
            }
            Handover::Pending(rotation) => match (rotation.on, kind) {
                (Notices::Poll, Kind::Post) | (Notices::Post, Kind::Poll) => Ok(Passage::Open),
                (_, Kind::Post) if rotation.process_in_flight => {
                    rotation.process_in_flight = false;
                    Ok(Passage::OpenThenMoved)
                }
                _ => Err(moved()),
            },
        };
    }
    let Some(token) = token else {
        return Err(moved().blaming("missingAffinity", &call.noun));
    };
    if !session.former.iter().any(|former| former == token) {
        return Err(moved().blaming("wrongAffinity", format!("{} with {token}", call.noun)));
    }
    // A poll that was given up may still be on its way when the answer to `ReconnectSession` leaves.
    let grace = if kind == Kind::Poll { OVERTAKEN } else { Duration::ZERO };
    let knew = session.told.token.is_some_and(|told| told + grace <= arrival);
    Err(if knew { moved().blaming("staleAffinity", format!("{} with {token}", call.noun)) } else { moved() })
}

/// Whether a poll that is held has to notice a handover.
pub fn has_moved(session: &Session, token: Option<&str>) -> bool {
    match &session.handover {
        Handover::Pending(rotation) => rotation.on != Notices::Post,
        Handover::None | Handover::Answered(_) => token != Some(session.affinity.as_str()),
    }
}

/// Checks that the literal `null` stands where a token would be.
pub fn null_affinity(call: &Call) -> Result<(), Refusal> {
    match call.header(AFFINITY) {
        Some("null") => Ok(()),
        other => {
            let detail = format!("{} with {}", call.noun, other.unwrap_or("none"));
            Err(Refusal::new(StatusCode::BAD_REQUEST, "Affinity must be null").blaming("affinityNotNull", detail))
        }
    }
}

/// Checks that there is no sequence number.
pub fn no_sequence(call: &Call) -> Result<(), Refusal> {
    match call.header(SEQUENCE) {
        None => Ok(()),
        Some(number) => {
            let detail = format!("{} {} with {number}", call.method, call.noun);
            Err(Refusal::new(StatusCode::BAD_REQUEST, "Sequence not allowed").blaming("sequenceNotAllowed", detail))
        }
    }
}

/// What the sequence number asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next one, or none at all.
    Fresh(Option<u64>),
    /// One that was processed before.
    Repeated,
}

/// Checks the sequence number.
pub fn sequence(call: &Call, conversation: &mut Conversation, settings: &Settings) -> Result<Step, Refusal> {
    let last = session(conversation)?.last_sequence;
    let Some(text) = call.header(SEQUENCE) else {
        let violation = Violation::new("missingSequence", &call.noun);
        if settings.missing_sequence == Stance::Accept {
            conversation.blame(violation);
            return Ok(Step::Fresh(None));
        }
        let refusal = Refusal::new(StatusCode::BAD_REQUEST, "No sequence header found");
        return Err(Refusal { violation: Some(violation), ..refusal });
    };
    let Some(number) = text.parse::<u64>().ok().filter(|number| *number > 0) else {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "Sequence not understood").blaming("badSequence", text));
    };
    let out_of_sync = Refusal::new(StatusCode::CONFLICT, format!("Out of sync Ack. Expected {number}. Actual {last}"));
    if number <= last {
        return if settings.duplicate_sequence == Stance::Accept { Ok(Step::Repeated) } else { Err(out_of_sync) };
    }
    if number > last + 1 && settings.sequence_gap == Stance::Refuse {
        return Err(out_of_sync.blaming("sequenceGap", format!("{} with {number} after {last}", call.noun)));
    }
    Ok(Step::Fresh(Some(number)))
}

/// Checks that a body says it is JSON.
pub fn content_type(call: &Call, settings: &Settings) -> Result<(), Refusal> {
    if call.says_json() || settings.content_type == Stance::Accept {
        return Ok(());
    }
    let noun = &call.noun;
    let body = match noun.as_str() {
        "ChatEnd" => missing(noun, "reason").body,
        _ => "Content-Type must be application/json".to_owned(),
    };
    Err(Refusal::new(StatusCode::BAD_REQUEST, body).blaming("missingContentType", noun))
}

/// Whether an agent must have accepted before this, and whether one has.
pub fn early(noun: &str, conversation: &mut Conversation, settings: &Settings) -> Result<(), Refusal> {
    let phase = conversation.phase;
    let session = session(conversation)?;
    let (told, initialised) = (session.told.accepted, session.initialised);
    let broken = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "java.lang.NullPointerException");
    match noun {
        "ChasitorInit" if initialised => return Err(broken.blaming("secondInit", "ChasitorInit came before")),
        "ChasitorInit" | "ChasitorResyncState" | "Breadcrumb" => return Ok(()),
        _ if !initialised => return Err(broken.blaming("beforeInit", noun)),
        "ChatEnd" if phase == Phase::Talking || settings.chat_end_while_queued == Stance::Accept => return Ok(()),
        "ChatEnd" => return Err(broken),
        _ => {}
    }
    if phase != Phase::Talking && !told && settings.early_post == Stance::Refuse {
        return Err(broken.blaming("earlyPost", format!("{noun} before ChatEstablished")));
    }
    if !told && settings.early_post == Stance::Refuse {
        conversation.blame(Violation::new("earlyPost", format!("{noun} before ChatEstablished was delivered")));
    }
    Ok(())
}

/// The refusal of a body that lacks a property.
pub fn missing(noun: &str, field: &str) -> Refusal {
    let body = format!("Request is not a valid {noun} - {noun} requires a non-null value on the {field} property");
    Refusal::new(StatusCode::BAD_REQUEST, body)
}

/// The refusal that starts a handover.
pub fn moved() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "Invalid Affinity Token")
}

/// How long a request that was given up may take to arrive.
const OVERTAKEN: Duration = Duration::from_millis(500);
/// The nouns of the visitor in a chat.
const CHASITOR: [&str; 11] = [
    "ChasitorInit",
    "ChasitorResyncState",
    "ChatMessage",
    "ChasitorTyping",
    "ChasitorNotTyping",
    "ChasitorSneakPeek",
    "CustomEvent",
    "ChatEnd",
    "ChasitorIdleTimeoutWarningEvent",
    "SensitiveDataRuleTriggered",
    "RichMessage",
];
