//! What an agent's page needs beside the vendor's own fields: `holdfast`, an object of our own.

use serde_json::{Value, json};

use crate::hub::{Change, Conversation, Speaker};
use crate::live_person::desk::Visit;
use crate::live_person::documents::state;
use crate::live_person::events;

/// The object of our own about one conversation.
pub fn of(visit: &Visit<'_>, conversation: &Conversation) -> Value {
    let summary = conversation.summary();
    let course = &conversation.course;
    json!({
        "dialect": summary.get("dialect"),
        "phase": conversation.phase,
        "mine": visit.holds(&conversation.id),
        "bot": course.is_bot,
        "waited": waited(conversation),
        "position": conversation.position,
        "unsent": course.unsent,
        "visitorTyping": course.visitor_types,
        "awaitsFile": course.awaits_file,
        "note": visit.hub.desk.note(&conversation.id),
        "details": details(conversation),
        "violations": conversation.record.violations.len(),
    })
}

/// One conversation in a list, before anybody opens it.
pub fn card(visit: &Visit<'_>, conversation: &Conversation) -> Value {
    let mut card = of(visit, conversation);
    if let Some(fields) = card.as_object_mut() {
        let said = conversation.transcript.iter().rev().find(|line| line.speaker == Speaker::Visitor);
        fields.insert("chatSessionKey".to_owned(), json!(conversation.id));
        fields.insert("state".to_owned(), json!(state(conversation, visit.switches())));
        fields.insert("visitorName".to_owned(), json!(events::visitor(&conversation.visitor_name)));
        fields.insert("agentName".to_owned(), json!(conversation.agent));
        fields.insert("startTime".to_owned(), json!(visit.hub.epoch_ms_at(conversation.since)));
        fields.insert("lastWords".to_owned(), json!(said.map(|line| &line.text)));
    }
    card
}

/// Whole seconds until an agent accepted for the first time, or until now.
fn waited(conversation: &Conversation) -> u64 {
    let accepted = conversation.course.turns.iter().find(|turn| matches!(turn.what, Change::Accepted(_)));
    let end = accepted.map_or_else(tokio::time::Instant::now, |turn| turn.when);
    end.saturating_duration_since(conversation.since).as_secs()
}

/// What the visitor told before the chat, whatever the dialect calls it: a list of label and value.
fn details(conversation: &Conversation) -> Vec<Value> {
    let init = conversation.record.events.iter().find(|event| event.get("type") == Some(&json!("init")));
    let Some(init) = init.and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut details = Vec::new();
    for (name, value) in init {
        match (name.as_str(), value) {
            ("prechatDetails", Value::Array(fields)) => {
                // Some dialects note plain words here.
                details.extend(fields.iter().filter_map(|field| match field {
                    Value::String(_) => Some(detail(None, Some(field))),
                    field => field.get("label").map(|label| detail(Some(label), field.get("value"))),
                }));
            }
            ("preChatLines", lines) => {
                let lines = lines.get("line").or_else(|| lines.get("lines")).unwrap_or(&Value::Null);
                match lines {
                    Value::Array(lines) => details.extend(lines.iter().map(|line| detail(None, Some(line)))),
                    line => details.push(detail(None, Some(line))),
                }
            }
            ("survey", survey) => {
                let answers = survey.get("question").unwrap_or(&Value::Null);
                let one = |answer: &Value| detail(answer.get("id"), answer.get("answer"));
                match answers {
                    Value::Array(answers) => details.extend(answers.iter().map(one)),
                    answer => details.push(one(answer)),
                }
            }
            ("userData" | "attributes", Value::Object(fields)) => {
                details.extend(fields.iter().map(|(name, value)| detail(Some(&json!(name)), Some(value))));
            }
            _ => {}
        }
    }
    details
}

fn detail(label: Option<&Value>, value: Option<&Value>) -> Value {
    json!({"label": label.map(words), "value": value.map(words)})
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
