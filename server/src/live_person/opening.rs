//! `request`: where a chat begins. The answer is empty; its `Location` is the only pointer to the chat.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::agent;
use crate::call::{Call, Refusal, empty};
use crate::hub::{Action, Conversation, Hub, Kind, Outcome, Phase, Place};
use crate::live_person::around::LONGEST_WAIT;
use crate::live_person::checks::{self, bad};
use crate::live_person::documents::account_root;
use crate::live_person::route::Route;
use crate::live_person::{Session, spelling, surveys};
use crate::reaper;
use crate::settings::{ChatRequest, Settings};

/// Begins a chat.
pub fn open(hub: &Arc<Hub>, call: &Call, route: &Route) -> Result<Response, Refusal> {
    let settings = hub.settings();
    let body = checks::body(call)?;
    let Some(request) = body.get("request").filter(|request| request.is_object()) else {
        return Err(bad(call, "badBody", "request is missing"));
    };
    check(call, request, &settings)?;
    let former = leave_other_account(hub, call, route, request)?;
    let number = u64::try_from(hub.each(|_, _| ()).len()).unwrap_or_default() + 1;
    let random: String = Uuid::new_v4().simple().to_string().chars().take(8).collect();
    let id = format!("H{number}-{random}K{}", 7_000 + number);
    let mut conversation = begin(hub, call, route, request, &id, number);
    conversation.visitor_name = former.unwrap_or_default();
    if settings.chat_request == ChatRequest::Auto {
        let place = Place { position: settings.queue_position, wait: None };
        let _over = conversation.act(&Action::Succeed(place), &settings, hub.epoch_ms());
    }
    let status = settings.liveperson.start_status;
    let line = conversation.open_request(call.line(), Kind::Other);
    conversation.close_request(line, Kind::Other, Some(status), Outcome::Answered);
    hub.add(conversation);
    reaper::watch(hub, &id);
    if settings.available {
        agent::attend(hub, &id);
    }
    let href = format!("{}/chat/{id}", account_root(hub.base(), &route.account));
    Ok(created(status, &spelling::location(&href, &settings.liveperson)))
}

/// An empty answer that says where something lies.
pub fn created(status: u16, location: &str) -> Response {
    let mut response = empty(checks::status(status));
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

fn begin(hub: &Hub, call: &Call, route: &Route, request: &Value, id: &str, number: u64) -> Conversation {
    let mut session = Session::new(&route.account, hub.base(), number, hub.epoch_ms());
    let given = |name: &str| request.get(name).filter(|value| !value.is_null());
    let as_text = |name: &str| given(name).and_then(Value::as_str).map(str::to_owned);
    session.skill = as_text("skill");
    session.language = as_text("language");
    session.wanted_timeout = given("interactionTimeout").and_then(as_number).map(Duration::from_secs_f64);
    session.visitor_id = given("visitorId").and_then(Value::as_u64).unwrap_or(session.visitor_id);
    session.campaign = ECHOED.iter().filter_map(|(from, to)| Some((*to, given(from)?.clone()))).collect();
    let mut conversation = Conversation::new(id.to_owned(), session);
    let mut event = request.clone();
    if let Some(fields) = event.as_object_mut() {
        fields.insert("type".to_owned(), json!("init"));
        let by_query = call.headers.get(header::AUTHORIZATION).is_none();
        fields.insert("keyIn".to_owned(), json!(if by_query { "query" } else { "header" }));
    }
    conversation.note(event);
    conversation.phase = Phase::Queued;
    conversation
}

fn check(call: &Call, request: &Value, settings: &Settings) -> Result<(), Refusal> {
    let given = |name: &str| request.get(name).filter(|value| !value.is_null());
    let longest = given("maxWaitTime").map(as_number);
    let limit = u32::try_from(LONGEST_WAIT).map_or(0.0, f64::from);
    if longest.is_some_and(|longest| longest.is_none_or(|longest| !(0.0..=limit).contains(&longest))) {
        return Err(bad(call, "badBody", "maxWaitTime is 0 to 86400"));
    }
    if given("serviceQueue").is_some() != given("maxWaitTime").is_some() && given("serviceQueue").is_some() {
        return Err(bad(call, "badBody", "serviceQueue without maxWaitTime"));
    }
    if given("agent").is_some() && ["skill", "serviceQueue", "maxWaitTime"].into_iter().any(|it| given(it).is_some()) {
        return Err(bad(call, "badBody", "agent excludes skill, serviceQueue and maxWaitTime"));
    }
    let timeout = given("interactionTimeout").map(as_number);
    if timeout.is_some_and(|timeout| timeout.is_none_or(|timeout| !(1.0..1e9).contains(&timeout))) {
        return Err(bad(call, "badBody", "interactionTimeout is a number of seconds"));
    }
    if given("preChatLines").is_some_and(|lines| !is_lines(lines)) {
        return Err(bad(call, "badBody", "preChatLines holds line, one or several"));
    }
    if let Some(survey) = given("survey") {
        let answers = surveys::read(&settings.liveperson.pre_survey, survey);
        answers.map_err(|wrong| bad(call, "badSurvey", &wrong.0))?;
    }
    Ok(())
}

/// Both spellings are in use.
fn is_lines(lines: &Value) -> bool {
    match lines.get("line").or_else(|| lines.get("lines")) {
        Some(Value::Array(lines)) => lines.iter().all(Value::is_string),
        Some(line) => line.is_string(),
        None => false,
    }
}

/// Ends the chat in the account from which the visitor was sent here; gives the visitor's name.
fn leave_other_account(hub: &Hub, call: &Call, route: &Route, request: &Value) -> Result<Option<String>, Refusal> {
    let Some(event) = request.get("a2aEventId") else {
        return Ok(None);
    };
    let from = hub.find(|conversation| {
        let transfer = conversation.session::<Session>().and_then(|session| session.transfer.as_ref());
        transfer.is_some_and(|transfer| {
            transfer.account == route.account && transfer.parameters.get("a2aEventId") == Some(event)
        })
    });
    let name = from.and_then(|from| {
        hub.with(&from, |conversation, _| {
            let session = conversation.session_mut::<Session>()?;
            let fields = session.transfer.as_ref()?.parameters.as_object()?;
            if fields.iter().any(|(name, value)| !value.is_null() && request.get(name) != Some(value)) {
                return None;
            }
            session.transfer = None;
            session.add("state", json!({"state": "ended"}));
            conversation.finish();
            Some(conversation.visitor_name.clone())
        })
    });
    match name.flatten() {
        Some(name) => Ok(Some(name)),
        None => Err(bad(call, "transferChanged", "the parameters of the transfer are not those that were offered")),
    }
}

fn as_number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// What `info` echoes of a chat request, and under which name.
const ECHOED: [(&str, &str); 5] = [
    ("LETagVisitorId", "sharkVisitorId"),
    ("LETagSessionId", "sharkSessionId"),
    ("LETagContextId", "sharkContextId"),
    ("engagementId", "engagementId"),
    ("campaignId", "campaignId"),
];
