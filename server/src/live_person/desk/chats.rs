//! What an agent reads: one chat, or many at once.

use serde_json::{Value, json};

use crate::call::Refusal;
use crate::hub::{Conversation, Phase};
use crate::live_person::checks::{self, bad, wrong_method};
use crate::live_person::desk::{Visit, beside};
use crate::live_person::documents::{self, AGENTS, link};
use crate::live_person::route::Operation;
use crate::live_person::switches::FromEventIds;
use crate::live_person::{around, events};

/// The chats that this agent holds and that go on.
pub fn sessions(visit: &Visit<'_>) -> Value {
    let held = visit.hub.each(|conversation, _| {
        let is_held = visit.holds(&conversation.id) && conversation.phase != Phase::Ended;
        is_held.then(|| {
            json!({
                "link": [link("chat", &visit.chat_root(&conversation.id))],
                "chatSessionKey": conversation.id,
                "startTime": visit.hub.epoch_ms_at(conversation.since),
            })
        })
    });
    json!({"chatSessions": {"chatSession": held.into_iter().flatten().collect::<Vec<_>>()}})
}

/// Many chats at once. What is unknown, and what somebody else holds, is left out.
pub fn many(visit: &Visit<'_>) -> Result<Value, Refusal> {
    let keys = visit.call.query.value("chatSessionKeys").unwrap_or_default();
    if keys.is_empty() {
        return Err(bad(visit.call, "badQuery", "chatSessionKeys is missing"));
    }
    let last = visit.call.query.value("fromEventIds").unwrap_or_default();
    let mut last = last.split(',').map(str::trim);
    let mut chats = Vec::new();
    for key in keys.split(',').map(str::trim) {
        let from = first_wanted(visit, last.next().unwrap_or_default())?;
        let chat =
            visit.hub.with(key, |conversation, _| visit.sees(conversation).then(|| chat(visit, conversation, from)));
        if let (Some(chat), true) = (chat.flatten(), key != "latest") {
            chats.push(chat);
        }
    }
    Ok(json!({"chats": {"chat": chats}}))
}

/// One chat, or a part of it.
pub fn one(visit: &Visit<'_>) -> Result<Value, Refusal> {
    let from = checks::from(visit.call)?;
    let id = &visit.route.subject;
    let root = visit.chat_root(id);
    let found = visit.hub.with(id, |conversation, _| {
        if !visit.sees(conversation) || id == "latest" {
            return Err(visit.unknown());
        }
        let field = |name: &str| json!({name: info(visit, conversation).get(name)});
        let document = match visit.route.operation {
            Operation::DeskChat => {
                let mut chat = chat(visit, conversation, from);
                let more = link("collaboration-channels", &format!("{root}/collaborationChannels"));
                if let Some(links) = chat.get_mut("link").and_then(Value::as_array_mut) {
                    links.push(more);
                }
                json!({"chat": chat})
            }
            Operation::DeskEvents => {
                let events = events::of(conversation, visit.hub);
                json!({"events": documents::some_events(&root, &events, from, visit.switches())})
            }
            Operation::DeskInfo => json!({"info": info(visit, conversation)}),
            Operation::DeskVisitorName => field("visitorName"),
            Operation::DeskVisitorTyping => field("visitorTyping"),
            Operation::DeskAgentTyping => field("agentTyping"),
            Operation::DeskSurvey => around::survey(&visit.switches().agent_survey),
            _ => return Err(wrong_method(visit.call)),
        };
        Ok(document)
    });
    found.ok_or_else(|| visit.unknown())?
}

fn chat(visit: &Visit<'_>, conversation: &Conversation, from: u64) -> Value {
    let events = events::of(conversation, visit.hub);
    let root = visit.chat_root(&conversation.id);
    documents::chat(&root, AGENTS, &events, from, info(visit, conversation), visit.switches())
}

fn info(visit: &Visit<'_>, conversation: &Conversation) -> Value {
    let root = visit.chat_root(&conversation.id);
    let mut info = documents::info(&root, conversation, visit.hub, visit.settings);
    if let Some(fields) = info.as_object_mut() {
        if conversation.visitor_name.is_empty() {
            fields.insert("visitorName".to_owned(), json!("visitor"));
        }
        fields.insert("holdfast".to_owned(), beside::of(visit, conversation));
    }
    info
}

/// The first event that is wanted, by the last one that is held; nothing, or less than nothing, is held at first.
fn first_wanted(visit: &Visit<'_>, last: &str) -> Result<u64, Refusal> {
    if last.is_empty() {
        return Ok(0);
    }
    let last: i64 = last.parse().map_err(|_| bad(visit.call, "badFrom", &format!("fromEventIds with {last}")))?;
    let first = match visit.switches().from_event_ids {
        FromEventIds::Exclusive => last.saturating_add(1),
        FromEventIds::Inclusive => last,
    };
    Ok(u64::try_from(first).unwrap_or_default())
}
