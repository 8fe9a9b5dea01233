//! What the WebAPI lets agents do (§5, §5.9). Whoever has the credential is everybody's colleague.

use std::sync::Arc;

use axum::response::Response;

use crate::call::Refusal;
use crate::hub::{Action, Hub, Person, Phase};
use crate::superoffice::route::{Operation, Route};
use crate::superoffice::session::{Associate, Said};
use crate::superoffice::{Session, Status, missing, visitor};

/// Answers what an agent asks for in a session that exists. What does not apply has no effect (§11.10).
pub fn answer(hub: &Arc<Hub>, route: &Route) -> Result<Response, Refusal> {
    let id = route.id.to_string();
    match route.operation {
        Operation::TransferTo => {
            hub.with(&id, |conversation, _| {
                let session = conversation.session_mut::<Session>()?;
                session.user.as_ref()?;
                session.transfer_to = Some(Associate::named(&route.user));
                Some(())
            });
        }
        Operation::AcceptTransfer => {
            let target = hub.with(&id, |conversation, _| conversation.session_mut::<Session>()?.transfer_to.take());
            if let Some(target) = target.flatten() {
                let _over = hub.act(&id, &Action::Transfer(Person::named(&target.name)));
            }
        }
        Operation::RejectTransfer => {
            let at = hub.epoch_ms();
            hub.with(&id, |conversation, settings| {
                let session = conversation.session_mut::<Session>()?;
                let target = session.transfer_to.take()?;
                let said =
                    Said { kind: "Special", words: &target.name, author: "", special: "TransferRejected", param: "" };
                session.add(&said, at, &settings.superoffice);
                Some(())
            });
        }
        _ => pick_up(hub, &id),
    }
    visitor::shown(hub, &id)
}

/// Answers whoever waits first.
pub fn pick_up_first(hub: &Arc<Hub>) -> Result<Response, Refusal> {
    let waiting = hub.each(|conversation, _| {
        let session = conversation.session::<Session>()?;
        (session.status == Status::InQueue).then_some(session.id)
    });
    let id = waiting.into_iter().flatten().min().ok_or_else(missing)?.to_string();
    pick_up(hub, &id);
    visitor::shown(hub, &id)
}

fn pick_up(hub: &Arc<Hub>, id: &str) {
    let phase = hub.with(id, |conversation, _| {
        let waits = conversation.session::<Session>().is_some_and(|session| session.status == Status::InQueue);
        waits.then_some(conversation.phase)
    });
    let person = Person::named(API_USER);
    let _over = match phase.flatten() {
        Some(Phase::Queued) => hub.act(id, &Action::Accept(person)),
        Some(_) => hub.act(id, &Action::Transfer(person)),
        None => None,
    };
}

/// Whoever has the credential.
const API_USER: &str = "Web Api";
