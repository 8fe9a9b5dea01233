//! The visitor's side around a chat: where the hosts are, whether anybody is there, and surveys without a chat.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, Refusal, json_answer};
use crate::hub::{Conversation, Hub};
use crate::live_person::checks::{self, Verb, bad, wrong_method};
use crate::live_person::documents::{self, account_root, link};
use crate::live_person::opening;
use crate::live_person::route::{Operation, Route};
use crate::live_person::spelling::Form;
use crate::live_person::switches::{Availability, Switches};
use crate::live_person::{Session, surveys};
use crate::settings::Settings;

/// Answers what needs no chat.
pub fn answer(hub: &Arc<Hub>, call: &Call, route: &Route, verb: Verb) -> Result<Response, Refusal> {
    let settings = hub.settings();
    let switches = &settings.liveperson;
    let document = match (route.operation, verb) {
        (Operation::Service, Verb::Get) => {
            if !SERVICES.contains(&route.subject.as_str()) {
                return Err(bad(call, "badService", &route.subject));
            }
            return Ok(json_answer(StatusCode::OK, &service(hub, &route.account, &route.subject, switches)));
        }
        (Operation::Services, Verb::Get) => {
            return Ok(json_answer(StatusCode::OK, &services(hub, &route.account, switches)));
        }
        (Operation::Base, Verb::Get) => base(hub, route),
        (Operation::Availability, Verb::Get) => availability(hub, call, &settings)?,
        (Operation::AvailableSlots, Verb::Get) => {
            check_filters(call)?;
            json!({"availableSlots": if is_available(hub, &settings) { 3 } else { 0 }})
        }
        (Operation::EstimatedWaitTime, Verb::Get) => json!({"estimatedWaitTime": wait(hub, call, &settings)?}),
        (Operation::PreSurvey, Verb::Get) => survey(&switches.pre_survey),
        (Operation::OfflineSurvey, Verb::Get) => survey(&switches.offline_survey),
        (Operation::OfflineSurvey, Verb::Put) => {
            leave_message(hub, call, route, switches)?;
            json!({})
        }
        (Operation::Start, Verb::Post) => return opening::open(hub, call, route),
        _ => return Err(wrong_method(call)),
    };
    Ok(documents::answer(200, document, Form::Marked, switches))
}

/// A survey's document; none when there is none.
pub fn survey(survey: &Value) -> Value {
    if survey.is_null() { json!({}) } else { json!({"survey": survey}) }
}

/// Hosts of services, as the directory and a login tell them.
pub fn services(hub: &Hub, account: &str, switches: &Switches) -> Value {
    let all: Vec<Value> = SERVICES.iter().map(|name| service(hub, account, name, switches)).collect();
    json!({"baseURIs": all})
}

fn service(hub: &Hub, account: &str, name: &str, switches: &Switches) -> Value {
    let host = switches.service_host.clone().unwrap_or_else(|| documents::host(hub.base()));
    json!({"service": name, "account": account, "baseURI": host})
}

fn base(hub: &Hub, route: &Route) -> Value {
    let root = format!("{}/chat", account_root(hub.base(), &route.account));
    let links = BASE_LINKS.map(|(rel, tail)| link(rel, &format!("{root}/{tail}")));
    json!({"account": {"link": links}})
}

fn availability(hub: &Hub, call: &Call, settings: &Settings) -> Result<Value, Refusal> {
    check_filters(call)?;
    let is_available = is_available(hub, settings);
    let skills: Vec<&str> = call.query.values("skill").collect();
    if skills.len() < 2 {
        return Ok(json!({"availability": is_available}));
    }
    let each = skills.iter().map(|skill| json!({"skill": skill, "isAvailable": is_available}));
    Ok(json!({"availability": {"AvailabilityForSkills": {"skillAvailability": each.collect::<Vec<_>>()}}}))
}

fn wait(hub: &Hub, call: &Call, settings: &Settings) -> Result<Value, Refusal> {
    check_filters(call)?;
    if call.query.value("agent").is_some() {
        return Err(bad(call, "badQuery", "there is no estimate for one agent"));
    }
    if !is_available(hub, settings) {
        return Ok(json!(-1));
    }
    let wait = hub.estimated_wait(0.0);
    // −1 means something else here.
    if wait < 0.0 { Ok(json!(-2)) } else { Ok(json!(wait.round().abs() as u64)) }
}

fn is_available(hub: &Hub, settings: &Settings) -> bool {
    let is_staffed = settings.liveperson.availability == Availability::Setting || hub.desk.is_staffed();
    settings.available && is_staffed
}

/// `serviceQueue` needs a `maxWaitTime`, and `agent` excludes everything else.
fn check_filters(call: &Call) -> Result<(), Refusal> {
    let has = |name: &str| call.query.value(name).is_some();
    let longest = call.query.value("maxWaitTime").map(str::parse::<u64>);
    if longest.is_some_and(|longest| longest.is_err() || longest.is_ok_and(|longest| longest > LONGEST_WAIT)) {
        return Err(bad(call, "badQuery", "maxWaitTime is 0 to 86400"));
    }
    if has("serviceQueue") && !has("maxWaitTime") {
        return Err(bad(call, "badQuery", "serviceQueue without maxWaitTime"));
    }
    if has("agent") && (has("skill") || has("serviceQueue") || has("maxWaitTime")) {
        return Err(bad(call, "badQuery", "agent excludes everything else"));
    }
    Ok(())
}

/// What was left while nobody was there stands in the list of conversations, as one that is over.
fn leave_message(hub: &Hub, call: &Call, route: &Route, switches: &Switches) -> Result<(), Refusal> {
    let body = checks::body(call)?;
    let came = body.get("survey").unwrap_or(&Value::Null);
    let answers = surveys::read(&switches.offline_survey, came);
    let answers = answers.map_err(|wrong| bad(call, "badSurvey", &wrong.0))?;
    let session = Session::new(&route.account, hub.base(), 0, hub.epoch_ms());
    let mut conversation = Conversation::new(format!("offline-{}", Uuid::new_v4().simple()), session);
    conversation.note(json!({"type": "survey", "kind": "offline", "answers": answers, "skill": came.get("skill")}));
    conversation.finish();
    hub.add(conversation);
    Ok(())
}

/// The longest wait that may be asked for, in seconds.
pub const LONGEST_WAIT: u64 = 86_400;

const SERVICES: [&str; 3] = ["conversationVep", "agentVep", "smt"];
const BASE_LINKS: [(&str, &str); 6] = [
    ("chat-availability", "availability"),
    ("chat-available-slots", "availableSlots"),
    ("chat-estimatedWaitTime", "estimatedWaitTime"),
    ("chat-request", "request"),
    ("prechat-survey", "preSurvey"),
    ("chat-offline-survey", "offlineSurvey"),
];
