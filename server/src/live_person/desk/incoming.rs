//! Who rings, and who answers. Everybody online hears the same; a conversation goes to the first who takes it.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::call::Refusal;
use crate::hub::{Action, Conversation, Hub, Person, Phase, Presence};
use crate::live_person::desk::{Visit, beside};
use crate::live_person::documents::{self, link};
use crate::live_person::{Session, spelling::Form};

/// What rings, and what else goes on that nobody at the desk holds.
pub fn list(visit: &Visit<'_>) -> Value {
    let hub = visit.hub;
    let takes = visit.seat.presence == Presence::Online;
    let cards = hub.each(|conversation, _| {
        let is_free = hub.desk.holder(&conversation.id).is_none();
        let is_live = matches!(conversation.phase, Phase::Queued | Phase::Talking);
        (is_free && is_live).then(|| (rings(conversation), beside::card(visit, conversation)))
    });
    let (ringing, others): (Vec<_>, Vec<_>) = cards.into_iter().flatten().partition(|(rings, _)| *rings);
    let [ringing, others] = [ringing, others].map(|cards| cards.into_iter().map(|(_, card)| card).collect::<Vec<_>>());
    let count = if takes { ringing.len() } else { 0 };
    let own = format!("{}/incomingRequests", seat_root(visit));
    let links = if count > 0 { vec![link("self", &own)] } else { Vec::new() };
    json!({"incomingRequests": {
        "link": links,
        "ringingCount": count.to_string(),
        "holdfast": {"ringing": ringing, "others": others},
    }})
}

/// Takes whoever has waited longest.
pub fn accept_next(visit: &Visit<'_>) -> Result<Response, Refusal> {
    for id in ringing(visit.hub) {
        if accept(visit, &id, Person::default()).is_ok() {
            let document = json!({"chatLocation": {"link": [link("location", &visit.chat_root(&id))]}});
            return Ok(documents::answer(201, document, Form::Marked, visit.switches()));
        }
    }
    Err(Refusal::new(StatusCode::NOT_FOUND, "nothing rings"))
}

/// Takes one conversation, for the first time or from a colleague at no seat: a program, or a script.
pub fn accept(visit: &Visit<'_>, id: &str, person: Person) -> Result<(), Refusal> {
    let hub = visit.hub;
    let phase = hub.with(id, |conversation, _| conversation.phase);
    let phase = phase.filter(|phase| *phase != Phase::Opening).ok_or_else(|| visit.unknown())?;
    let already_mine = visit.holds(id);
    if already_mine || phase == Phase::Ended || !hub.desk.claim(id, visit.seat.id) {
        return Err(Refusal::new(StatusCode::CONFLICT, "somebody has accepted already"));
    }
    let person = Person {
        name: person.name.or_else(|| Some(visit.seat.name.clone())),
        sneak_peek: person.sneak_peek || visit.switches().desk_sees_unsent,
        ..person
    };
    let action = if phase == Phase::Queued { Action::Accept(person) } else { Action::Transfer(person) };
    let done = visit.act(id, &action);
    if done.is_err() {
        hub.desk.release(id);
    }
    done
}

/// The conversations that wait for an agent, those that wait longest first.
pub fn ringing(hub: &Hub) -> Vec<String> {
    let waiting = hub.each(|conversation, _| {
        let is_free = hub.desk.holder(&conversation.id).is_none();
        (is_free && rings(conversation)).then(|| conversation.id.clone())
    });
    waiting.into_iter().flatten().collect()
}

fn rings(conversation: &Conversation) -> bool {
    let leaves = conversation.session::<Session>().is_some_and(|session| session.transfer.is_some());
    match conversation.phase {
        Phase::Queued => true,
        Phase::Talking => conversation.agent.is_none() && !leaves,
        Phase::Opening | Phase::Ended => false,
    }
}

fn seat_root(visit: &Visit<'_>) -> String {
    let account = documents::account_root(visit.hub.base(), &visit.route.account);
    format!("{account}/agentSession/{}", visit.seat.id)
}
