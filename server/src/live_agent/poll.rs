//! The long poll: one at a time, held until there is news.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::{Instant, timeout_at};

use crate::call::{Call, Refusal, empty, json_answer};
use crate::hub::{Conversation, Fact, Hub, Kind, Phase};
use crate::live_agent::outbound::Batch;
use crate::live_agent::{AFFINITY, Life, checks, no_session, session};
use crate::settings::{Settings, Stance};

/// Answers `Messages`.
pub async fn messages(hub: &Arc<Hub>, call: &mut Call) -> Result<Response, Refusal> {
    let ticket = call.ticket.as_ref().ok_or_else(no_session)?;
    let (id, number) = (ticket.conversation.clone(), ticket.number);
    let entered = hub.with(&id, |conversation, settings| {
        let ack = enter(call, conversation, settings, number)?;
        Ok((ack, conversation.signal(), Duration::from_millis(settings.poll_hold_ms)))
    });
    let (ack, mut signal, hold) = entered.ok_or_else(no_session)??;
    let deadline = Instant::now() + hold;
    let token = call.header(AFFINITY).map(str::to_owned);
    loop {
        let glance =
            hub.with(&id, |conversation, settings| look(conversation, settings, number, token.as_deref(), ack));
        match glance.unwrap_or(Glance::Gone) {
            Glance::News(batch) => return Ok(hand_out(call, &batch)),
            Glance::Superseded => return Ok(empty(StatusCode::NO_CONTENT)),
            Glance::Moved => return Err(checks::moved()),
            Glance::Gone => return Err(no_session()),
            Glance::Nothing => {}
        }
        if timeout_at(deadline, signal.changed()).await.is_err() {
            return Ok(empty(StatusCode::NO_CONTENT));
        }
    }
}

enum Glance {
    News(Batch),
    Nothing,
    Superseded,
    Moved,
    Gone,
}

fn enter(
    call: &Call,
    conversation: &mut Conversation,
    settings: &Settings,
    number: u64,
) -> Result<Option<i64>, Refusal> {
    checks::key(call, conversation, Duration::ZERO)?;
    checks::no_sequence(call)?;
    checks::affinity(call, session(conversation)?, Kind::Poll)?;
    let ack = acknowledgement(call)?;
    refuse_second(conversation, settings, number)?;
    let over = conversation.phase == Phase::Ended;
    let session = session(conversation)?;
    session.current_poll = Some(number);
    let highest = session.outbound.highest();
    if ack.is_some_and(|ack| ack > highest) && settings.ack_ahead == Stance::Refuse {
        let ack = ack.unwrap_or_default();
        let body = format!("Out of sync Ack. Expected {ack}. Actual {highest}");
        let detail = format!("ack {ack} but nothing after {highest} was delivered");
        return Err(Refusal::new(StatusCode::CONFLICT, body).blaming("ackAhead", detail));
    }
    if over && !session.outbound.has_news(ack) {
        return Err(checks::ended(call, session, Duration::ZERO));
    }
    Ok(ack)
}

fn acknowledgement(call: &Call) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.query.value("ack") else {
        return Ok(None);
    };
    match text.parse::<i64>() {
        Ok(ack) if ack >= -1 => Ok(Some(ack)),
        _ => Err(Refusal::new(StatusCode::BAD_REQUEST, "ack not understood").blaming("badAck", text)),
    }
}

fn refuse_second(conversation: &mut Conversation, settings: &Settings, number: u64) -> Result<(), Refusal> {
    let older = conversation.open.iter().find(|(other, kind)| **kind == Kind::Poll && **other < number);
    let Some((older, _)) = older else {
        return Ok(());
    };
    let detail = format!("request {number} while request {older} was open");
    if settings.second_poll == Stance::Accept {
        conversation.wake();
        return Ok(());
    }
    session(conversation)?.life = Life::Terminated;
    conversation.finish();
    Err(Refusal::new(StatusCode::CONFLICT, "Duplicate Long Poll").blaming("secondPoll", detail))
}

fn look(
    conversation: &mut Conversation,
    settings: &Settings,
    number: u64,
    token: Option<&str>,
    ack: Option<i64>,
) -> Glance {
    let Ok(session) = session(conversation) else {
        return Glance::Gone;
    };
    let superseded = session.current_poll != Some(number);
    match session.life {
        Life::Terminated => return Glance::Superseded,
        Life::Expired | Life::Deleted => return Glance::Gone,
        Life::Alive => {}
    }
    if superseded {
        return Glance::Superseded;
    }
    if checks::has_moved(session, token) {
        return Glance::Moved;
    }
    session.outbound.take(ack, settings).map_or(Glance::Nothing, Glance::News)
}

fn hand_out(call: &mut Call, batch: &Batch) -> Response {
    for kind in &batch.kinds {
        match kind.as_str() {
            "ChatEstablished" => tell(call, Fact::Accepted),
            "ChatEnded" | "ChatRequestFail" => tell(call, Fact::Over),
            "ChasitorSessionData" => tell(call, Fact::State),
            _ => {}
        }
    }
    json_answer(StatusCode::OK, &batch.body)
}

fn tell(call: &mut Call, fact: Fact) {
    if let Some(ticket) = &mut call.ticket {
        ticket.tell(fact);
    }
}
