//! What an agent does in a chat. All of it goes through the hub, so every dialect's visitor is told in its own words.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::agent::{self, Entrance};
use crate::call::Refusal;
use crate::hub::{Action, Because, Nothing, Person};
use crate::live_person::checks::{self, Verb, bad, wrong_method};
use crate::live_person::desk::{Visit, incoming};
use crate::live_person::documents::{self, link};
use crate::live_person::opening::created;
use crate::live_person::route::Operation;
use crate::live_person::spelling::{self, Form};
use crate::live_person::{Session, events, surveys};
use crate::settings::Stance;

/// Answers a request that changes something.
pub fn answer(visit: &Visit<'_>, verb: Verb) -> Result<Response, Refusal> {
    let id = visit.route.subject.as_str();
    let is_seen = visit.hub.with(id, |conversation, _| visit.sees(conversation));
    if is_seen != Some(true) || id == "latest" {
        let is_held = visit.hub.desk.holder(id).is_some();
        return Err(if is_held { taken() } else { visit.unknown() });
    }
    if (visit.route.operation, verb) == (Operation::Action, Verb::Post) {
        act(visit, id)?;
        return Ok(done(visit));
    }
    if !visit.holds(id) {
        return Err(Refusal::new(StatusCode::CONFLICT, "accept the chat first"));
    }
    match (visit.route.operation, verb) {
        (Operation::DeskEvents, Verb::Post) => add(visit, id),
        (Operation::DeskAgentTyping, Verb::Put) => {
            let body = checks::body(visit.call)?;
            let on = match checks::text(visit.call, &body, "agentTyping")? {
                "typing" => true,
                "not-typing" => false,
                _ => return Err(bad(visit.call, "badBody", "agentTyping is typing or not-typing")),
            };
            visit.act(id, &Action::Typing(on))?;
            Ok(done(visit))
        }
        (Operation::Transfer | Operation::TransferAccount, Verb::Post) => {
            transfer(visit, id)?;
            Ok(done(visit))
        }
        (Operation::DeskSurvey, Verb::Put) => {
            let body = checks::body(visit.call)?;
            let came = body.get("survey").unwrap_or(&Value::Null);
            let answers = surveys::read(&visit.switches().agent_survey, came);
            let answers = answers.map_err(|wrong| bad(visit.call, "badSurvey", &wrong.0))?;
            visit.hub.with(id, |conversation, _| {
                conversation.note(json!({"type": "survey", "kind": "agent", "answers": answers}));
            });
            Ok(done(visit))
        }
        _ => Err(wrong_method(visit.call)),
    }
}

fn add(visit: &Visit<'_>, id: &str) -> Result<Response, Refusal> {
    let body = checks::body(visit.call)?;
    let Some(event) = body.get("event").filter(|event| event.is_object()) else {
        return Err(bad(visit.call, "badBody", "one event is wanted"));
    };
    let kind = event.get("@type").or_else(|| event.get("type")).and_then(Value::as_str);
    let action = match kind {
        Some("state") if event.get("state") == Some(&json!("ended")) => Action::End(Because::of("agent")),
        Some("line") => line(visit, event)?,
        _ => return Err(bad(visit.call, "badBody", "an event is a line, or the state ended")),
    };
    visit.act(id, &action)?;
    let latest = visit.hub.with(id, |conversation, _| events::of(conversation, visit.hub).last().map(|last| last.id));
    let href = format!("{}/events/{}", visit.chat_root(id), latest.flatten().unwrap_or_default());
    let document = json!({"chatEventLocation": {"link": [link("location", &href)]}});
    let mut response = documents::answer(visit.switches().event_status, document, Form::Marked, visit.switches());
    let place = created(visit.switches().event_status, &spelling::location(&href, visit.switches()));
    response.headers_mut().extend(place.headers().clone());
    Ok(response)
}

fn line(visit: &Visit<'_>, event: &Value) -> Result<Action, Refusal> {
    let text = checks::text(visit.call, event, "text")?;
    if text.trim().is_empty() {
        return Err(bad(visit.call, "blankLine", "the text is blank"));
    }
    match event.get("textType").and_then(Value::as_str).unwrap_or("plain") {
        "plain" => Ok(Action::Say(text.to_owned())),
        "html" if visit.switches().unsafe_html == Stance::Refuse && is_unsafe(text) => {
            Err(bad(visit.call, "unsafeHtml", "no frames, scripts, handlers or new windows in HTML"))
        }
        "html" => Ok(Action::SayHtml(text.to_owned())),
        other => Err(bad(visit.call, "badBody", &format!("textType {other}"))),
    }
}

fn is_unsafe(html: &str) -> bool {
    let html = html.to_lowercase();
    let has_handler = html.split(['<', '>']).any(|tag| {
        tag.split_whitespace().skip(1).any(|attribute| attribute.starts_with("on") && attribute.contains('='))
    });
    has_handler
        || ["<iframe", "<script", "javascript:", "target=\"_blank", "target='_blank", "target=_blank"]
            .into_iter()
            .any(|word| html.contains(word))
}

/// Whatever the hub can do, by its own name.
fn act(visit: &Visit<'_>, id: &str) -> Result<(), Refusal> {
    let action: Action = serde_json::from_slice(&visit.call.body)
        .map_err(|error| bad(visit.call, "badBody", &format!("no action: {error}")))?;
    match action {
        Action::Accept(person) => incoming::accept(visit, id, person),
        // Taking over from a program, or from a script, is accepting.
        Action::Transfer(person) if !visit.holds(id) => incoming::accept(visit, id, person),
        _ if !visit.holds(id) => Err(Refusal::new(StatusCode::CONFLICT, "accept the chat first")),
        Action::Transfer(person) => pass_on(visit, id, person),
        Action::TransferToQueue(_) => requeue(visit, id),
        Action::Disconnect(_) => {
            visit.act(id, &action)?;
            let_go(visit, id, Entrance::Requeued);
            Ok(())
        }
        _ => visit.act(id, &action),
    }
}

/// To a colleague at the desk, or to somebody who sits at none: then the script plays them.
fn pass_on(visit: &Visit<'_>, id: &str, person: Person) -> Result<(), Refusal> {
    let colleague = visit.hub.desk.seats().into_iter().find(|seat| Some(&seat.name) == person.name.as_ref());
    let Some(colleague) = colleague else {
        visit.act(id, &Action::Transfer(person))?;
        let_go(visit, id, Entrance::HandedOver);
        return Ok(());
    };
    let sneak_peek = person.sneak_peek || visit.switches().desk_sees_unsent;
    visit.act(id, &Action::Transfer(Person { sneak_peek, ..person }))?;
    visit.hub.desk.hand_over(id, colleague.id);
    Ok(())
}

fn requeue(visit: &Visit<'_>, id: &str) -> Result<(), Refusal> {
    visit.act(id, &Action::TransferToQueue(Nothing {}))?;
    let_go(visit, id, Entrance::Requeued);
    Ok(())
}

fn let_go(visit: &Visit<'_>, id: &str, entrance: Entrance) {
    visit.hub.desk.release(id);
    let leaves = visit.hub.with(id, |conversation, _| {
        conversation.session::<Session>().is_some_and(|session| session.transfer.is_some())
    });
    if leaves != Some(true) {
        agent::take_over(visit.hub, id, entrance);
    }
}

/// The vendor's transfer: to an agent, who wins, to a skill, or to another account.
fn transfer(visit: &Visit<'_>, id: &str) -> Result<(), Refusal> {
    let body = checks::body(visit.call)?;
    let Some(wanted) = body.get("transfer").filter(|wanted| wanted.is_object()) else {
        return Err(bad(visit.call, "badBody", "transfer is missing"));
    };
    let number = |path: &str| {
        let value = wanted.pointer(path)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    if let Some(text) = wanted.get("text").and_then(Value::as_str) {
        visit.hub.desk.leave_note(id, text);
    }
    if visit.route.operation == Operation::TransferAccount {
        let account = wanted.pointer("/account/id").and_then(Value::as_str);
        let account = account.ok_or_else(|| bad(visit.call, "badBody", "account.id is missing"))?;
        set(visit, id, |session| session.next_account = Some(account.to_owned()));
        return requeue(visit, id);
    }
    if let Some(person) = number("/agent/id") {
        let colleague = visit.hub.desk.seats().into_iter().find(|seat| seat.person == person);
        let colleague = colleague.filter(|colleague| colleague.id != visit.seat.id);
        let colleague = colleague.ok_or_else(|| bad(visit.call, "badBody", "that agent is not at the desk"))?;
        return pass_on(visit, id, Person::named(&colleague.name));
    }
    let skill = number("/skill/id").and_then(|id| visit.switches().skills.iter().find(|skill| skill.id == id));
    let skill = skill.ok_or_else(|| bad(visit.call, "badBody", "there is no such skill"))?;
    set(visit, id, |session| session.next_skill = Some(skill.name.clone()));
    requeue(visit, id)
}

fn set(visit: &Visit<'_>, id: &str, set: impl FnOnce(&mut Session)) {
    visit.hub.with(id, |conversation, _| conversation.session_mut::<Session>().map(set));
}

fn taken() -> Refusal {
    Refusal::new(StatusCode::CONFLICT, "somebody else holds the chat")
}

fn done(visit: &Visit<'_>) -> Response {
    documents::answer(200, json!({}), Form::Marked, visit.switches())
}
