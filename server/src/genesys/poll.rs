//! Asking for news. The real one answers at once; a switch holds it, so that a client can show that it copes.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::call::Call;
use crate::genesys::fields::Fields;
use crate::genesys::operations;
use crate::genesys::reply::{Envelope, Stop};
use crate::genesys::session::{Life, Session};
use crate::genesys::switches::AfterEnd;
use crate::hub::{Conversation, Hub, Kind, Violation};
use crate::settings::Settings;

/// Answers a poll.
pub async fn fetch(hub: &Arc<Hub>, call: &Call, id: &str, fields: &Fields) -> Result<Envelope, Stop> {
    let number = call.ticket.as_ref().map(|ticket| ticket.number).unwrap_or_default();
    let at = hub.epoch_ms();
    let position = position(hub, call, fields);
    let entered = hub.with(id, |conversation, settings| {
        enter(conversation, settings, number, position, fields, at)?;
        Ok::<_, Stop>((conversation.signal(), Duration::from_millis(settings.genesys.poll_hold_ms)))
    });
    let (mut signal, hold) = entered.ok_or(Stop::NotFound)??;
    let deadline = Instant::now() + hold;
    loop {
        let glance = hub.with(id, |conversation, settings| look(conversation, settings, position, deadline));
        if let Some(envelope) = glance.ok_or(Stop::NotFound)?? {
            return Ok(envelope);
        }
        let _news_or_deadline = timeout_at(deadline, signal.changed()).await;
    }
}

/// The position a request names; one that is no number counts as none.
pub fn position(hub: &Hub, call: &Call, fields: &Fields) -> Option<i64> {
    let position = fields.position();
    if let (Some(text), None) = (fields.given("transcriptPosition"), position) {
        call.blame(hub, Violation::new("badPosition", text));
    }
    position
}

fn enter(
    conversation: &mut Conversation,
    settings: &Settings,
    number: u64,
    position: Option<i64>,
    fields: &Fields,
    at: u64,
) -> Result<(), Stop> {
    let older = conversation.open.iter().find(|(other, kind)| **kind == Kind::Poll && **other < number);
    let second = older.map(|(older, _)| format!("request {number} while request {older} was open"));
    if let Some(detail) = second {
        conversation.blame(Violation::new("secondPoll", detail));
    }
    let session = operations::session(conversation)?;
    let breach = session.manners.on_position(position);
    let is_alive = session.life == Life::Alive;
    if is_alive && settings.genesys.poll_hold_ms > 0 {
        session.hold();
    }
    if let Some(breach) = breach {
        conversation.blame(breach);
    }
    let Some(preview) = fields.value("message").filter(|_| is_alive) else {
        return Ok(());
    };
    operations::check_length(preview, &settings.genesys)?;
    if settings.genesys.refresh_posts && !preview.trim().is_empty() {
        operations::say(conversation, preview, fields, at);
        return Ok(());
    }
    operations::preview(conversation, preview)
}

/// The answer, when there is one to give now.
fn look(
    conversation: &mut Conversation,
    settings: &Settings,
    position: Option<i64>,
    deadline: Instant,
) -> Result<Option<Envelope>, Stop> {
    let session = operations::session(conversation)?;
    match session.life {
        Life::Removed(reference) => return Err(Stop::Told(Envelope::gone(reference))),
        Life::Left => return after_end(settings.genesys.after_end, session),
        Life::Ended if session.told.rest => return after_end(settings.genesys.after_end, session),
        Life::Alive if Instant::now() < deadline && !session.story.has_news(position) => return Ok(None),
        Life::Alive | Life::Ended => {}
    }
    let mut messages = session.story.since(position, settings.genesys.repeat_events);
    messages.extend(session.story.take_loose());
    let next = Some(session.story.next());
    Ok(Some(Envelope { messages, next, ..Envelope::good(session.life == Life::Ended) }))
}

fn after_end(stance: AfterEnd, session: &Session) -> Result<Option<Envelope>, Stop> {
    match stance {
        AfterEnd::Refused => Err(Stop::Told(Envelope::gone(operations::OVER))),
        AfterEnd::Repeated => Ok(Some(Envelope { next: Some(session.story.next()), ..Envelope::good(true) })),
        AfterEnd::NotFound => Err(Stop::NotFound),
    }
}
