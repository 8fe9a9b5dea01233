//! What somebody with the credential does in a session: reads, writes, changes, and lets a bot go.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::call::{Call, Refusal, empty};
use crate::hub::{Action, Conversation, Delivered, Hub};
use crate::settings::Settings;
use crate::superoffice::life::{self, Then};
use crate::superoffice::patch::{self, Failure};
use crate::superoffice::route::Operation;
use crate::superoffice::session::{Said, Status};
use crate::superoffice::{Session, bad, bot, entity, found, missing};

/// Answers a request to a session that exists.
pub fn answer(hub: &Arc<Hub>, call: &Call, operation: Operation, id: &str) -> Result<Response, Refusal> {
    match operation {
        Operation::Read => read(hub, call, id),
        Operation::Post => post(hub, call, id),
        Operation::Patch => change(hub, call, id, patch::apply),
        Operation::Replace => change(hub, call, id, patch::replace),
        Operation::Reset => {
            life::reset(hub, id);
            shown(hub, id)
        }
        Operation::Transcript => transcript(hub, call, id),
        Operation::Delete => {
            let at = hub.epoch_ms();
            hub.with(id, |conversation, settings| life::enter(conversation, settings, Status::Deleted, at));
            Ok(empty(StatusCode::NO_CONTENT))
        }
        _ => {
            let at = hub.epoch_ms();
            hub.with(id, |conversation, settings| {
                if settings.superoffice.read_moves_fetched {
                    touch(conversation, at);
                }
            });
            shown(hub, id)
        }
    }
}

/// The entity as an answer.
pub fn shown(hub: &Hub, id: &str) -> Result<Response, Refusal> {
    let entity = hub.with(id, |conversation, settings| {
        Some(entity::whole(conversation.session::<Session>()?, &settings.superoffice))
    });
    entity.flatten().map(|entity| found(&entity)).ok_or_else(missing)
}

/// A whole entity begins a session; nothing says that bots or queues hear of it (§5.1).
pub fn save(hub: &Arc<Hub>, call: &Call) -> Result<Response, Refusal> {
    let body = call.json().filter(Value::is_object).ok_or_else(|| bad("badBody", "an entity is wanted"))?;
    let topic_id = body.get("TopicId").and_then(Value::as_u64).unwrap_or_default();
    let topic = hub.settings().superoffice.topic(topic_id).cloned().ok_or_else(missing)?;
    let id = life::begin(hub, topic_id, &topic);
    let at = hub.epoch_ms();
    let taken = hub.with(&id, |conversation, settings| patch::take_over(conversation, settings, &body, at));
    taken.ok_or_else(missing)?.map_err(refused)?.follow(hub, &id);
    shown(hub, &id)
}

fn touch(conversation: &mut Conversation, at: u64) {
    if let Some(session) = conversation.session_mut::<Session>() {
        session.touch(at);
    }
}

/// Messages after a number, which is exclusive (§5.4).
fn read(hub: &Hub, call: &Call, id: &str) -> Result<Response, Refusal> {
    let after = match call.query.value("after") {
        None => 0,
        Some(text) => text.parse::<u64>().map_err(|_| bad("badQuery", "after is a number"))?,
    };
    let at = hub.epoch_ms();
    let messages = hub.with(id, |conversation, settings| {
        if settings.superoffice.read_moves_fetched {
            touch(conversation, at);
        }
        let session = conversation.session::<Session>()?;
        let number = |message: &Value| message.get("ChatMessageId").and_then(Value::as_u64).unwrap_or_default();
        let news: Vec<Value> = session.messages.iter().filter(|message| number(message) > after).cloned().collect();
        Some(json!(news))
    });
    messages.flatten().map(|messages| found(&messages)).ok_or_else(missing)
}

fn post(hub: &Arc<Hub>, call: &Call, id: &str) -> Result<Response, Refusal> {
    let body = call.json().filter(Value::is_object).ok_or_else(|| bad("badBody", "a message is wanted"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let special = if text("SpecialType").is_empty() { "None" } else { text("SpecialType") };
    let said = Said {
        kind: text("Type"),
        words: text("Message"),
        author: text("Author"),
        special,
        param: text("SpecialParam"),
    };
    if !matches!(said.kind, "ToUser" | "ToCustomer" | "Special") {
        return Err(bad("badBody", "Type is ToUser, ToCustomer or Special"));
    }
    let at = hub.epoch_ms();
    let done = hub.with(id, |conversation, settings| match said.kind {
        "ToCustomer" => answered(conversation, settings, &said, at),
        _ => written(conversation, settings, &said, at),
    });
    let (message, then) = done.flatten().ok_or_else(missing)??;
    then.follow(hub, id);
    let was_clicked = said.special == "ClickedOption";
    if said.kind == "ToUser" || was_clicked {
        bot::react(hub, id, said.words);
        asked(hub, id, &said);
    }
    Ok(found(&message))
}

type Written = Option<Result<(Value, Then), Refusal>>;

/// A line of the visitor's, or a click.
fn written(conversation: &mut Conversation, settings: &Settings, said: &Said<'_>, at: u64) -> Written {
    let switches = &settings.superoffice;
    let session = conversation.session_mut::<Session>()?;
    if session.status > Status::Finished {
        let status = StatusCode::from_u16(switches.ended_status).unwrap_or(StatusCode::BAD_REQUEST);
        return Some(Err(Refusal::new(status, "the session is over").blaming("afterEnd", said.words)));
    }
    let was_finished = session.status == Status::Finished;
    let message = session.add(said, at, switches);
    session.when.idle = Some(at);
    session.customer_types = false;
    if switches.post_moves_fetched {
        session.touch(at);
    }
    if matches!(session.status, Status::UserLast | Status::CustomerLast) {
        session.turn(Status::CustomerLast, at);
    }
    let sequence = message.get("ChatMessageId").and_then(Value::as_u64);
    conversation.deliver(Delivered { text: said.words.to_owned(), sequence, noun_index: None }, at);
    if said.special == "ClickedOption" {
        conversation.note(json!({"type": "clicked", "label": said.words, "param": said.param}));
    }
    let then = if was_finished { life::reopen(conversation, settings, at) } else { Then::Rest };
    conversation.wake();
    Some(Ok((message, then)))
}

/// A line of somebody's who has the credential and is no visitor (§5.2).
fn answered(conversation: &mut Conversation, settings: &Settings, said: &Said<'_>, at: u64) -> Written {
    let _over = conversation.act(&Action::Say(said.words.to_owned()), settings, at);
    let session = conversation.session::<Session>()?;
    Some(Ok((session.messages.last().cloned().unwrap_or_default(), Then::Rest)))
}

/// In FAQ a question leads to the knowledge base, and a no to the queue (§6).
fn asked(hub: &Arc<Hub>, id: &str, said: &Said<'_>) {
    let at = hub.epoch_ms();
    let then = hub.with(id, |conversation, settings| {
        let switches = &settings.superoffice;
        let session = conversation.session_mut::<Session>()?;
        if session.status != Status::Faq {
            return None;
        }
        if said.special == "ClickedOption" {
            let is_yes = said.param == r#"["yes"]"#;
            let next = if is_yes { Status::Finished } else { Status::InQueue };
            return switches.faq_click_acts.then(|| life::enter(conversation, settings, next, at));
        }
        if !switches.faq_looks_up {
            return None;
        }
        let question = said.words.to_lowercase();
        let fits = switches.articles.iter().filter(|article| article.words.iter().any(|word| question.contains(word)));
        let hits: Vec<_> = fits.take(HITS).collect();
        if hits.is_empty() {
            return Some(life::enter(conversation, settings, Status::InQueue, at));
        }
        let line = |words, special, param| Said { kind: "ToCustomer", words, author: "", special, param };
        for hit in hits {
            session.add(&line(&hit.title, "Url", &hit.url), at, switches);
        }
        session.add(&line("Did this answer your question?", "FaqSuccessQuestion", ""), at, switches);
        None
    });
    then.flatten().unwrap_or(Then::Rest).follow(hub, id);
}

type Change = fn(&mut Value, &Value, &str) -> Result<(), Failure>;

fn change(hub: &Arc<Hub>, call: &Call, id: &str, change: Change) -> Result<Response, Refusal> {
    let body = call.json().ok_or_else(|| bad("badBody", "the body is not JSON"))?;
    let kind = call.header(header::CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
    let at = hub.epoch_ms();
    let done = hub.with(id, |conversation, settings| {
        let session = conversation.session::<Session>().ok_or(Failure::Missing)?;
        let mut entity = entity::whole(session, &settings.superoffice);
        change(&mut entity, &body, &kind)?;
        patch::take_over(conversation, settings, &entity, at)
    });
    done.ok_or_else(missing)?.map_err(refused)?.follow(hub, id);
    shown(hub, id)
}

fn refused(failure: Failure) -> Refusal {
    match failure {
        Failure::Missing => missing(),
        Failure::Test => Refusal::new(StatusCode::CONFLICT, "a test failed"),
        Failure::Bad(detail) => bad("badPatch", detail),
    }
}

fn transcript(hub: &Hub, call: &Call, id: &str) -> Result<Response, Refusal> {
    let is_html = call.query.value("html").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let text = hub.with(id, |conversation, _| {
        let session = conversation.session::<Session>()?;
        let lines = session.messages.iter().filter(|message| message.get("Type") != Some(&json!("Special")));
        let lines = lines.map(|message| {
            let field = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
            let time: String = field("WhenPosted").chars().skip(11).take(5).collect();
            let (author, words) = (field("Author"), field("Message"));
            if is_html {
                format!("<p>{time} <b>{}</b>: {}</p>", escaped(author), escaped(words))
            } else {
                format!("{time} {author}: {words}\n")
            }
        });
        Some(lines.collect::<String>())
    });
    text.flatten().map(|text| found(&json!(text))).ok_or_else(missing)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As many as the product's widget shows (§6).
const HITS: usize = 3;
