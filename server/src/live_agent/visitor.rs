//! Resources before and around a chat; none of them needs a session.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, Refusal, json_answer, text};
use crate::hub::Hub;
use crate::live_agent::{VERSION, checks};

/// Answers a visitor resource.
pub fn answer(hub: &Hub, call: &Call, noun: &str) -> Result<Response, Refusal> {
    if let Some(host) = hub.settings().switch_server {
        return Ok(json_answer(StatusCode::OK, &wrapped(&[("SwitchServer", json!({"newUrl": host}))])));
    }
    match noun {
        "Breadcrumb" => breadcrumb(hub, call),
        "Settings.jsonp" => script(call, &wrapped(&[("Settings", settings(hub, call)?)])),
        "MultiNoun.jsonp" => script(call, &several(hub, call)?),
        noun => Ok(json_answer(StatusCode::OK, &wrapped(&[(noun, one(hub, call, noun)?)]))),
    }
}

fn one(hub: &Hub, call: &Call, noun: &str) -> Result<Value, Refusal> {
    match noun {
        "Settings" => settings(hub, call),
        "Availability" => availability(hub, call),
        "VisitorId" => {
            organization(call, noun)?;
            Ok(json!({"sessionId": Uuid::new_v4().to_string()}))
        }
        _ => Err(Refusal::new(StatusCode::NOT_FOUND, "Not Found").blaming("unknownResource", noun)),
    }
}

fn settings(hub: &Hub, call: &Call) -> Result<Value, Refusal> {
    organization(call, "Settings")?;
    let needs_wait = is_set(call, "Settings.needEstimatedWaitTime");
    let buttons: Vec<Value> = ids(call, "Settings.buttonIds")
        .into_iter()
        .map(|id| {
            let mut button = result(hub, &id, needs_wait);
            if let Some(fields) = button.as_object_mut() {
                fields.insert("type".to_owned(), json!("Standard"));
                fields.insert("language".to_owned(), json!("en_US"));
            }
            button
        })
        .collect();
    Ok(
        json!({"pingRate": 50_000, "contentServerUrl": format!("{}/live-agent/content", hub.base()), "buttons": buttons}),
    )
}

fn availability(hub: &Hub, call: &Call) -> Result<Value, Refusal> {
    organization(call, "Availability")?;
    let ids = ids(call, "Availability.ids");
    if ids.is_empty() {
        return Err(checks::missing("Availability", "ids").blaming("missingField", "Availability without ids"));
    }
    let needs_wait = is_set(call, "Availability.needEstimatedWaitTime");
    let results: Vec<Value> = ids.iter().map(|id| result(hub, id, needs_wait)).collect();
    Ok(json!({"results": results}))
}

/// One target; `isAvailable` is left out when false.
fn result(hub: &Hub, id: &str, needs_wait: bool) -> Value {
    // The combined agent and button id is accepted elsewhere, but not here.
    let is_available = hub.settings().available && !id.contains('_');
    let mut result = json!({"id": id});
    if let (true, Some(fields)) = (is_available, result.as_object_mut()) {
        fields.insert("isAvailable".to_owned(), json!(true));
        if needs_wait {
            fields.insert("estimatedWaitTime".to_owned(), json!(hub.estimated_wait(0.0)));
        }
    }
    result
}

fn breadcrumb(hub: &Hub, call: &Call) -> Result<Response, Refusal> {
    let body = call.json().unwrap_or_default();
    let Some(location) = body.get("location").and_then(Value::as_str) else {
        return Err(checks::missing("Breadcrumb", "location").blaming("missingField", "Breadcrumb without location"));
    };
    if let Some(ticket) = &call.ticket {
        hub.with(&ticket.conversation, |conversation, _| {
            conversation.note(json!({"type": "breadcrumb", "location": location}));
            conversation.push("NewVisitorBreadcrumb", Some(json!({"location": location})));
        });
    }
    Ok(text(StatusCode::OK, "OK"))
}

fn several(hub: &Hub, call: &Call) -> Result<Value, Refusal> {
    let nouns = ids(call, "nouns");
    let answers: Vec<(&str, Value)> =
        nouns.iter().map(|noun| Ok((noun.as_str(), one(hub, call, noun)?))).collect::<Result<_, Refusal>>()?;
    Ok(wrapped(&answers))
}

/// A script that hands the answer to a function of the page; `version` stands for the header.
fn script(call: &Call, answer: &Value) -> Result<Response, Refusal> {
    if call.query.value("version").or_else(|| call.header(VERSION)).is_none() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "No version header found"));
    }
    let name = call.query.value("callback").unwrap_or_default();
    let is_name =
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_$.".contains(letter));
    if !is_name {
        return Err(checks::missing(&call.noun, "callback"));
    }
    let mut response = text(StatusCode::OK, format!("{name}({answer});"));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript;charset=UTF-8"));
    Ok(response)
}

fn organization(call: &Call, noun: &str) -> Result<(), Refusal> {
    for field in ["org_id", "deployment_id"] {
        if call.query.value(field).is_none_or(str::is_empty) {
            return Err(checks::missing(noun, field).blaming("missingField", format!("{noun} without {field}")));
        }
    }
    Ok(())
}

/// A plain id, a list with commas, and a list in brackets are all in use.
fn ids(call: &Call, field: &str) -> Vec<String> {
    let text = call.query.value(field).unwrap_or_default();
    let text = text.trim_start_matches('[').trim_end_matches(']');
    text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

fn is_set(call: &Call, field: &str) -> bool {
    matches!(call.query.value(field), Some("1" | "true"))
}

fn wrapped(messages: &[(&str, Value)]) -> Value {
    let list: Vec<Value> = messages.iter().map(|(kind, message)| json!({"type": kind, "message": message})).collect();
    json!({"messages": list})
}
