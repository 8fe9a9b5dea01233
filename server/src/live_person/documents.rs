//! The documents about a chat, in their plain form: links, events and info, for its visitor and for an agent.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::call::json_answer;
use crate::hub::{Conversation, Hub, Phase};
use crate::live_person::Session;
use crate::live_person::events::{self, Event};
use crate::live_person::spelling::{self, Form};
use crate::live_person::switches::{Switches, ToldTimeout};
use crate::settings::Settings;

/// The links of a chat: what they are called, and where they lead below it.
pub type Links = [(&'static str, &'static str)];

/// The links that a visitor gets.
pub const VISITORS: &Links = &[
    ("transcript-request", "/transcriptRequest"),
    ("transcript-with-subject-request", "/transcriptWithSubjectRequest"),
    ("exit-survey", "/exitSurvey"),
    ("custom-variables", "/customVariables"),
];

/// The links that an agent gets.
pub const AGENTS: &Links = &[
    ("visit-id", "/visitId"),
    ("transfer", "/transfer"),
    ("transfer-account", "/transferAccount"),
    ("agent-survey", "/survey"),
];

/// An answer with a document.
pub fn answer(status: u16, document: Value, form: Form, switches: &Switches) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    json_answer(status, &spelling::spell(document, form, switches))
}

/// Where an account lies.
pub fn account_root(base: &str, account: &str) -> String {
    format!("{base}/liveperson/api/account/{account}")
}

/// The host that the directory names: everything between the scheme and `/api`.
pub fn host(base: &str) -> String {
    format!("{}/liveperson", base.split_once("://").map_or(base, |(_scheme, host)| host))
}

/// A link.
pub fn link(rel: &str, href: &str) -> Value {
    json!({"@rel": rel, "@href": href})
}

/// A whole chat: links, events from a number on, and info.
pub fn chat(root: &str, links: &Links, events: &[Event], from: u64, info: Value, switches: &Switches) -> Value {
    let mut all = vec![
        link("self", root),
        link("events", &format!("{root}/events")),
        link("info", &format!("{root}/info")),
        link("next", &format!("{root}?from={}", events.len())),
    ];
    all.extend(links.iter().map(|(rel, tail)| link(rel, &format!("{root}{tail}"))));
    json!({"link": all, "events": some_events(root, events, from, switches), "info": info})
}

/// The events from a number on.
pub fn some_events(root: &str, events: &[Event], from: u64, switches: &Switches) -> Value {
    let wanted = events.iter().filter(|event| event.id >= from);
    json!({
        "link": [
            link("self", &format!("{root}/events")),
            link("next", &format!("{root}/events?from={}", events.len())),
        ],
        "event": wanted.map(|event| event.document(switches)).collect::<Vec<_>>(),
    })
}

/// What is known about a chat.
pub fn info(root: &str, conversation: &Conversation, hub: &Hub, settings: &Settings) -> Value {
    let switches = &settings.liveperson;
    let session = conversation.session::<Session>();
    let typing = |on: bool| if on { "typing" } else { "not-typing" };
    let last_update = session.map_or_else(|| hub.epoch_ms(), Session::last_call_ms);
    let skill = switches.skill(session.and_then(|session| session.skill.as_deref()));
    let tail = |tail: &str| format!("{root}/info{tail}");
    let mut info = json!({
        "link": [
            link("self", &tail("")),
            link("visitor-name", &tail("/visitorName")),
            link("visitor-typing", &tail("/visitorTyping")),
            link("agent-typing", &tail("/agentTyping")),
        ],
        "state": state(conversation, switches),
        "chatSessionKey": conversation.id,
        "startTime": spelling::time(hub.epoch_ms_at(conversation.since), switches),
        "duration": conversation.since.elapsed().as_secs(),
        "lastUpdate": spelling::time(last_update, switches),
        "chatTimeout": seconds(told_timeout(session, settings)),
        "agentTyping": typing(conversation.course.agent_types),
        "visitorTyping": typing(conversation.course.visitor_types),
        "visitorName": events::visitor(&conversation.visitor_name),
    });
    if let Some(fields) = info.as_object_mut() {
        let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        if let Some(skill) = skill {
            add("skillName", json!(session.and_then(|session| session.skill.as_ref()).unwrap_or(&skill.name)));
            add("skillId", json!(skill.id));
        }
        if let Some(agent) = &conversation.agent {
            add("agentName", json!(agent));
            add("agentId", json!(person(agent)));
        }
        if let Some(session) = session {
            add("visitorId", json!(session.visitor_id));
            add("rtSessionId", json!(session.rt_session_id));
            for (name, value) in &session.campaign {
                add(name, value.clone());
            }
            if let Some(language) = &session.language {
                add("language", json!(language));
            }
        }
    }
    info
}

/// The state of a chat.
pub fn state(conversation: &Conversation, switches: &Switches) -> &'static str {
    match conversation.phase {
        Phase::Ended => "ended",
        Phase::Opening | Phase::Queued => "waiting",
        Phase::Talking if conversation.agent.is_none() && switches.waiting_recurs => "waiting",
        Phase::Talking => "chatting",
    }
}

/// An agent's number; the same name has always the same.
pub fn person(name: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let digest = name.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    100_000 + digest % 900_000
}

fn told_timeout(session: Option<&Session>, settings: &Settings) -> u64 {
    let usual = settings.liveperson.chat_timeout_ms;
    match (session, settings.liveperson.told_timeout) {
        (Some(session), ToldTimeout::Effective) => {
            u64::try_from(session.timeout(settings).as_millis()).unwrap_or(usual)
        }
        _ => usual,
    }
}

fn seconds(ms: u64) -> Value {
    if ms.is_multiple_of(1_000) { json!(ms / 1_000) } else { json!(std::time::Duration::from_millis(ms).as_secs_f64()) }
}
