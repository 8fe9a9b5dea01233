//! The life of a session (§6): where it begins, what follows on what, and how a bot lets go of it.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::agent;
use crate::hub::{Action, Because, Conversation, Hub, Nothing, Phase, Place};
use crate::reaper;
use crate::settings::{ChatRequest, Settings};
use crate::superoffice::session::{SILENT, Said, Status, VISITOR};
use crate::superoffice::webhooks::{self, Event};
use crate::superoffice::{Session, bot, topics};

/// What has to follow once nobody looks at the conversation any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Rest,
    /// An agent is wanted.
    Call,
}

impl Then {
    /// Does what has to follow.
    pub fn follow(self, hub: &Arc<Hub>, id: &str) {
        if self == Self::Call {
            agent::attend(hub, id);
        }
    }
}

/// Begins a session on a topic and gives its number.
pub fn begin(hub: &Arc<Hub>, topic_id: u64, topic: &Value) -> String {
    let (speak, listen) = mpsc::unbounded_channel();
    let session = Session::new(topic_id, topics::text(topic, "/WelcomeMessage"), hub.epoch_ms(), speak);
    let number = session.id;
    let id = number.to_string();
    session.tell(Event::Created);
    let place = queued(hub, topic_id, number).len() + 1;
    let mut conversation = Conversation::new(id.clone(), session);
    conversation.note(json!({"type": "init", "topic": topic_id, "userData": {}}));
    hub.add(conversation);
    webhooks::watch(hub, number, listen);
    let at = hub.epoch_ms();
    let then = hub.with(&id, |conversation, settings| {
        if let Some(session) = conversation.session_mut::<Session>() {
            session.place = u64::try_from(place).unwrap_or_default() + u64::from(settings.queue_position);
        }
        if topics::is_on(topic, "/BotEnabled") && settings.superoffice.bot_runs {
            bot::greet(conversation, settings, topic, at);
            return Then::Rest;
        }
        let first = first(conversation, settings, topic, topic_id);
        enter(conversation, settings, first, at)
    });
    reaper::watch(hub, &id);
    then.unwrap_or(Then::Rest).follow(hub, &id);
    id
}

/// The sessions of a topic that wait, but for the one that asks and those after it.
pub fn queued(hub: &Hub, topic: u64, before: u64) -> Vec<u64> {
    let all = hub.each(|conversation, _| {
        let session = conversation.session::<Session>()?;
        let waits = session.status == Status::InQueue && session.topic == topic && session.id < before;
        waits.then_some(session.id)
    });
    all.into_iter().flatten().collect()
}

/// What follows once a form is filled in or a question is asked, or at once.
pub fn next(status: Option<Status>, topic: &Value) -> Status {
    match status {
        None if topics::is_on(topic, "/Widget/PreFormEnabled") => Status::PreChatForm,
        None | Some(Status::PreChatForm) if topics::is_on(topic, "/Widget/AutoFaqEnabled") => Status::Faq,
        _ => Status::InQueue,
    }
}

/// Brings a session into a status, with everything that belongs to it.
pub fn enter(conversation: &mut Conversation, settings: &Settings, status: Status, at: u64) -> Then {
    let triggers = settings.superoffice.patch_triggers;
    let Some(session) = conversation.session_mut::<Session>() else {
        return Then::Rest;
    };
    let before = session.status;
    if before == status {
        return Then::Rest;
    }
    match status {
        Status::Finished if !before.is_over() && before != Status::InQueue => {
            conversation.note(json!({"type": "end", "reason": VISITOR}));
            let because = Because::of(if triggers { VISITOR } else { SILENT });
            let _over = conversation.act(&Action::End(because), settings, at);
            Then::Rest
        }
        status if status.is_over() => {
            session.turn(status, at);
            conversation.note(json!({"type": "end", "reason": VISITOR}));
            conversation.finish();
            Then::Rest
        }
        Status::InQueue => {
            session.bot_is_active = false;
            session.turn(status, at);
            conversation.phase = Phase::Queued;
            conversation.since = Instant::now();
            if settings.chat_request == ChatRequest::Auto {
                let place = Place { position: settings.queue_position, wait: None };
                let _over = conversation.act(&Action::Succeed(place), settings, at);
            }
            Then::Call
        }
        status => {
            session.turn(status, at);
            if matches!(status, Status::PreChatForm | Status::Faq | Status::OfflineForm) {
                conversation.phase = Phase::Opening;
            }
            Then::Rest
        }
    }
}

/// The bot lets go (§7.3). What was said stays; the beginning comes again.
pub fn reset(hub: &Arc<Hub>, id: &str) {
    let at = hub.epoch_ms();
    let session = hub.with(id, |conversation, settings| {
        let session = conversation.session::<Session>()?;
        let topic = settings.superoffice.topic(session.topic)?.clone();
        let is_done = session.status.is_over() || (!session.bot_is_active && session.user.is_none());
        (!is_done).then_some((session.topic, session.id, topic))
    });
    let Some((topic_id, number, topic)) = session.flatten() else {
        return;
    };
    let place = u64::try_from(queued(hub, topic_id, number).len()).unwrap_or_default() + 1;
    let then = hub.with(id, |conversation, settings| {
        let first = first(conversation, settings, &topic, topic_id);
        if let Some(session) = conversation.session_mut::<Session>() {
            // So that no client sees the queue before the form.
            session.status = Status::InQueue;
            if settings.superoffice.reset_moves_place {
                session.place = place + u64::from(settings.queue_position);
            }
        }
        let _over = conversation.act(&Action::TransferToQueue(Nothing {}), settings, at);
        if let Some(session) = conversation.session_mut::<Session>() {
            session.status = Status::Invalid;
        }
        enter(conversation, settings, first, at)
    });
    then.unwrap_or(Then::Rest).follow(hub, id);
}

/// A visitor came back to a session that was finished (§5.7).
pub fn reopen(conversation: &mut Conversation, settings: &Settings, at: u64) -> Then {
    let switches = &settings.superoffice;
    let Some(session) = conversation.session_mut::<Session>() else {
        return Then::Rest;
    };
    let said = Said { kind: "Special", words: "", author: "", special: "ReopenedByCustomer", param: "" };
    session.add(&said, at, switches);
    session.turn(Status::CustomerLast, at);
    let (is_bot, has_agent) = (session.bot_is_active, session.user.is_some());
    conversation.note(json!({"type": "reopened"}));
    if is_bot || has_agent {
        conversation.phase = Phase::Talking;
        return Then::Rest;
    }
    conversation.phase = Phase::Queued;
    Then::Call
}

/// The first status: with nobody there the offline form, else what the topic wants.
fn first(conversation: &Conversation, settings: &Settings, topic: &Value, topic_id: u64) -> Status {
    let switches = &settings.superoffice;
    let is_open = settings.available && !switches.closed.contains(&topic_id);
    if switches.start_looks && !is_open {
        return Status::OfflineForm;
    }
    match next(None, topic) {
        Status::PreChatForm if !switches.reset_asks_again && is_filled(conversation, topic) => {
            next(Some(Status::PreChatForm), topic)
        }
        first => first,
    }
}

/// What comes after the form, when a server that looks for itself finds it filled in.
pub fn ends_form(conversation: &Conversation, settings: &Settings) -> Option<Status> {
    let session = conversation.session::<Session>()?;
    let topic = settings.superoffice.topic(session.topic)?;
    let is_due = session.status == Status::PreChatForm && settings.superoffice.form_advances;
    (is_due && is_filled(conversation, topic)).then(|| next(Some(Status::PreChatForm), topic))
}

/// Whether everything is there that the form before the chat requires.
fn is_filled(conversation: &Conversation, topic: &Value) -> bool {
    let Some(session) = conversation.session::<Session>() else {
        return false;
    };
    let is_there =
        |field: &str| session.customer.get(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let consents = session.consented || !topics::is_on(topic, "/CollectConsent");
    consents
        && topics::required(topic, "/Widget/RequiredFields").all(|flag| match flag {
            "Email" => is_there("CustomerEmail"),
            "Name" => is_there("CustomerName"),
            "Company" => is_there("CustomerCompanyName"),
            "Phone" => is_there("CustomerPhone"),
            _ => true,
        })
}
