//! The agents' side: somebody logs in, takes a seat, and answers conversations of every dialect. What they do goes
//! through the hub, in the hub's words.

mod acts;
mod beside;
mod chats;
mod door;
mod incoming;
mod watch;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::agent::{self, Entrance};
use crate::call::{Call, Refusal};
use crate::hub::{Action, Conversation, Hub, Nothing, Phase, Seat};
use crate::live_person::checks::{self, Verb, bad, wrong_method};
use crate::live_person::documents::{self, account_root, link};
use crate::live_person::route::{Operation, Route, Side};
use crate::live_person::spelling::Form;
use crate::live_person::{Session, switches::Switches};
use crate::settings::Settings;

/// Answers an agent.
pub fn answer(hub: &Arc<Hub>, call: &Call, route: &Route, verb: Verb) -> Result<Response, Refusal> {
    let settings = hub.settings();
    if route.operation.side() == Side::Door {
        return door::answer(hub, call, route, verb, &settings);
    }
    let person = door::person(call, route)?;
    if route.operation == Operation::Seats {
        return sit(hub, call, route, verb, &person, &settings);
    }
    let seat = route.seat.parse().ok().and_then(|id| hub.desk.seat(id));
    let Some(seat) = seat.filter(|seat| seat.person == person.id) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "no such agent session"));
    };
    hub.desk.change(seat.id, |seat| seat.heard = Instant::now());
    let visit = Visit { hub, call, route, seat: &seat, settings: &settings };
    let document = match (route.operation, verb) {
        (Operation::Seat, Verb::Delete) => {
            leave(hub, seat.id);
            json!({})
        }
        (Operation::Presence, Verb::Get) => json!({"availability": {"chat": seat.presence}}),
        (Operation::Presence, Verb::Put) => visit.change_presence()?,
        (Operation::Incoming, Verb::Get) => incoming::list(&visit),
        (Operation::Incoming, Verb::Post) => return incoming::accept_next(&visit),
        (Operation::Sessions, Verb::Get) => chats::sessions(&visit),
        (Operation::DeskSlots, Verb::Get) => json!({"availableSlots": SLOTS}),
        (Operation::DeskAgents, Verb::Get) => agents(hub),
        (Operation::DeskSkills, Verb::Get) => json!({"skills": {"skill": settings.liveperson.skills}}),
        (Operation::DeskChats, Verb::Get) => {
            return Ok(documents::answer(200, chats::many(&visit)?, Form::Bare, &settings.liveperson));
        }
        (_, Verb::Get) => chats::one(&visit)?,
        _ => return acts::answer(&visit, verb),
    };
    Ok(documents::answer(200, document, Form::Marked, &settings.liveperson))
}

/// A request of somebody who has a seat.
pub(crate) struct Visit<'a> {
    hub: &'a Arc<Hub>,
    call: &'a Call,
    route: &'a Route,
    seat: &'a Seat,
    settings: &'a Settings,
}

impl Visit<'_> {
    fn switches(&self) -> &Switches {
        &self.settings.liveperson
    }

    fn chat_root(&self, id: &str) -> String {
        let account = account_root(self.hub.base(), &self.route.account);
        format!("{account}/agentSession/{}/chat/{id}", self.seat.id)
    }

    fn unknown(&self) -> Refusal {
        Refusal::new(checks::status(self.switches().unknown_status), "no such chat")
    }

    /// What nobody else holds can be read, also before it is taken.
    fn sees(&self, conversation: &Conversation) -> bool {
        let is_gone = conversation.session::<Session>().is_some_and(|session| session.is_gone(self.settings));
        let is_free = self.hub.desk.holder(&conversation.id).is_none_or(|holder| holder == self.seat.id);
        conversation.phase != Phase::Opening && is_free && !is_gone
    }

    fn holds(&self, id: &str) -> bool {
        self.hub.desk.holder(id) == Some(self.seat.id)
    }

    fn act(&self, id: &str, action: &Action) -> Result<(), Refusal> {
        match self.hub.act(id, action) {
            Some(Ok(())) => Ok(()),
            Some(Err(_over)) => Err(Refusal::new(checks::status(self.switches().ended_status), "the chat is over")),
            None => Err(self.unknown()),
        }
    }

    fn change_presence(&self) -> Result<Value, Refusal> {
        let body = checks::body(self.call)?;
        let wanted = body.pointer("/availability/chat").cloned().unwrap_or_default();
        let Ok(presence) = serde_json::from_value(wanted) else {
            return Err(bad(self.call, "badBody", "availability.chat is Online, Occupied or Away"));
        };
        self.hub.desk.change(self.seat.id, |seat| seat.presence = presence);
        Ok(json!({"availability": {"chat": presence}}))
    }
}

fn sit(
    hub: &Arc<Hub>,
    call: &Call,
    route: &Route,
    verb: Verb,
    person: &door::Person,
    settings: &Settings,
) -> Result<Response, Refusal> {
    if verb != Verb::Post {
        return Err(wrong_method(call));
    }
    checks::body(call)?;
    let seat = hub.desk.sit(person.id, &person.name);
    watch::begin(hub, seat);
    let href = format!("{}/agentSession/{seat}", account_root(hub.base(), &route.account));
    let document = json!({"agentSessionLocation": {"link": [link("location", &href)]}});
    Ok(documents::answer(201, document, Form::Marked, &settings.liveperson))
}

/// Gives up a seat. Visitors who talked there wait again.
pub(crate) fn leave(hub: &Arc<Hub>, seat: u64) {
    for id in hub.desk.stand(seat) {
        if let Some(Ok(())) = hub.act(&id, &Action::TransferToQueue(Nothing {})) {
            agent::take_over(hub, &id, Entrance::Requeued);
        }
    }
}

fn agents(hub: &Hub) -> Value {
    let seats = hub.desk.seats();
    let each = seats.iter().map(|seat| json!({"id": seat.person, "name": seat.name, "chat": seat.presence}));
    json!({"agents": {"agent": each.collect::<Vec<_>>()}})
}

const SLOTS: u32 = 5;
